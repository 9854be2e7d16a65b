"""One stage before the last: all observers of one key, shown one event or many."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import chain
from typing import TypeAlias

from risktui.detect import Detector, Facts, Finding, Tracker
from risktui.detect.state import KeyedState
from risktui.engine.keys import KEY_OF
from risktui.engine.message import Message
from risktui.engine.passing import Kinds, Passing, Raising
from risktui.engine.people import is_refused
from risktui.engine.row import Row, Rows, RowsOfMany
from risktui.engine.seats import Seat, Watch, plan, watches
from risktui.model.events import Event
from risktui.risk.raising import Raised

Part: TypeAlias = tuple[Seat, KeyedState, list[Message], int]
"""A tracker, its state in one row, those of the row's events that it watches, and when the latest
of them was (ms)."""


class Stage:
    """All observers of one key."""

    __slots__ = ("_apart", "_key_of", "_kinds", "_only", "_sequence", "_trackers", "key", "watches")

    def __init__(
        self, number: int, key: str, trackers: Sequence[Tracker], detectors: Sequence[Detector]
    ) -> None:
        self.key = key
        self._key_of = KEY_OF[key]
        self._sequence = (number + 1) * 1000
        """What the sequence of its leads begins with."""
        self.watches = watches(trackers, detectors)
        self._kinds: Kinds = frozenset(self.watches)
        self._only = next(iter(self.watches)) if len(self.watches) == 1 else None
        self._apart = frozenset(plan(detectors))
        """Classes of events that are shown one by one, also where there are many."""
        seats = {seat for watch in self.watches.values() for seat in watch.trackers}
        self._trackers = sorted(seats, key=lambda seat: trackers.index(seat.observer))

    def visit(self, messages: list[Message], rows: Rows) -> None:
        """Show the messages of one event to the observers of their keys.

        Behind each comes what it gave rise to.
        """
        if len(messages) > 1:  # seldom
            alone = [[message] for message in messages]
            for each in alone:
                self.visit(each, rows)
            messages[:] = chain.from_iterable(alone)
            return
        message = messages[0]
        watch = self.watches.get(type(message.event))
        if watch is not None and message.raised is None:
            key = self._key_of(message.event)
            if key:
                self._show(messages, watch, rows.row(self.key, key))

    def _show(self, messages: list[Message], watch: Watch, row: Row) -> None:
        """Show one message to those who know its row."""
        event, facts = messages[0].event, messages[0].facts
        time = event.time
        if row.stranger or not row.last:  # addresses and programs can be made up without end
            row.stranger = is_refused(event)
        if time > row.last:  # noqa: PLR1730  # in a third of the time
            row.last = time
        seated = row.seated.get(watch)  # as `Watch.seated` does, without a call
        if seated is None or time - seated.met > watch.shortest:
            seated = watch.seated(row, time)
        elif time > seated.met:
            seated.met = time
        for seat, state in seated.trackers:
            if time > state.last:  # noqa: PLR1730
                state.last = time
            for lead in seat.call(event, self.key, state, facts):
                lead.sequence = self._sequence + len(messages) - 1
                messages.append(Message(lead, Facts()))
        for seat, state in seated.detectors:
            if time > state.last:  # noqa: PLR1730
                state.last = time
            answer = seat.call(event, state, facts)
            if answer is not None and isinstance(answer, Finding):
                raised = Raised(answer.in_full(), seat.observer, seat.rule, event)
                messages.append(Message(event, facts, raised))

    def visit_all(self, passing: Passing, rows: RowsOfMany) -> None:
        """Show many events: rows do not see each other, so those of one key come together."""
        due, in_order = passing.due(self._kinds)
        key_of, runs = self._key_of, dict[str, list[Message]]()
        for message in due:
            key = key_of(message.event)
            run = runs.get(key)
            if run is None:
                runs[key] = [message]
            else:
                run.append(message)
        runs.pop("", None)
        rows.fetch((self.key,), runs)
        raising = Raising()
        for key, run in runs.items():
            row = rows.row(self.key, key)
            if len(run) == 1:
                self._show_one(run[0], row, raising)
            else:
                self._show_all(run, row, raising, in_order)
        passing.follow(raising)

    def _show_one(self, message: Message, row: Row, raising: Raising) -> None:
        """As `_show` does, without a table of the observers: most rows are met once in a while."""
        event, facts = message.event, message.facts
        time, kind = event.time, type(event)
        if kind in self._apart:
            messages = [message]
            self._show(messages, self.watches[kind], row)
            for raised in messages[1:]:
                raising.add(message, raised)
            return
        if row.stranger or not row.last:
            row.stranger = is_refused(event)
        if time > row.last:  # noqa: PLR1730  # as in `_show`
            row.last = time
        live = row.live
        for seat in self.watches[kind].trackers:
            state = live.get(seat.part)
            if state is None or time - state.last > seat.ttl:
                state = seat.state(row, time)
            elif time > state.last:
                state.last = time
            for lead in seat.call(event, self.key, state, facts):
                self._raise(message, lead, raising)

    def _show_all(self, run: list[Message], row: Row, raising: Raising, in_order: bool) -> None:
        """Show all that come to one row, in order, to one tracker after the other."""
        kinds = {type(message.event) for message in run} if self._only is None else self._kinds
        if self._apart and kinds & self._apart:
            for message in run:
                self._show_one(message, row, raising)
            return
        first, latest = _ends(run, in_order)
        watches = self.watches
        if latest - first > min([watches[kind].shortest for kind in kinds]):
            middle = len(run) // 2  # somebody's state may be too old meanwhile
            for half in (run[:middle], run[middle:]):
                self._show_all(half, row, raising, in_order)
            return
        if row.stranger or not row.last:
            row.stranger = all(is_refused(message.event) for message in run)
        if latest > row.last:  # noqa: PLR1730  # as in `_show`
            row.last = latest
        for seat, state, some, until in self._parts(run, frozenset(kinds), row, latest):
            self._track(seat, state, some, until, raising)

    def _parts(self, run: list[Message], kinds: Kinds, row: Row, latest: int) -> Iterator[Part]:
        """The trackers of some classes of events, each with its state and what concerns it."""
        trackers: Sequence[Seat] = self._trackers
        if len(kinds) == 1:
            trackers = self.watches[next(iter(kinds))].trackers
        of_kinds, live = {kinds: (run, latest)}, row.live
        for seat in trackers:
            watched = seat.watches & kinds
            if watched not in of_kinds:
                some = [message for message in run if type(message.event) in watched]
                of_kinds[watched] = some, max([m.event.time for m in some], default=0)
            some, until = of_kinds[watched]
            if some:
                time, state = some[0].event.time, live.get(seat.part)
                if state is None or time - state.last > seat.ttl:
                    state = seat.state(row, time)
                yield seat, state, some, until

    def _track(
        self, seat: Seat, state: KeyedState, some: list[Message], latest: int, raising: Raising
    ) -> None:
        """Show some events to one tracker."""
        if seat.call_all is not None:
            if latest > state.last:  # noqa: PLR1730  # as in `_show`
                state.last = latest
            for message, lead in seat.call_all(some, self.key, state):
                self._raise(message, lead, raising)
            return
        for message in some:
            event = message.event
            if event.time > state.last:  # noqa: PLR1730
                state.last = event.time
            for lead in seat.call(event, self.key, state, message.facts):
                self._raise(message, lead, raising)

    def _raise(self, message: Message, lead: Event, raising: Raising) -> None:
        lead.sequence = self._sequence + raising.add(message, Message(lead, Facts()))


def _ends(run: list[Message], in_order: bool) -> tuple[int, int]:
    """The earliest time and the latest."""
    if in_order:
        return run[0].event.time, run[-1].event.time
    times = [message.event.time for message in run]
    return min(times), max(times)
