"""One stage before the last: all observers of one key, shown one event or many."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import chain
from typing import TypeAlias

from risktui.detect import Detector, Facts, Finding, Tracker
from risktui.engine.keys import KEY_OF, KEYS_OF
from risktui.engine.message import Message
from risktui.engine.passing import Kinds, Passing, Raising, Watched, share_out
from risktui.engine.people import is_refused
from risktui.engine.row import Row, Rows, RowsOfMany
from risktui.engine.seats import Seat, Watch, plan, watches
from risktui.model.events import Event
from risktui.risk.raising import Raised

Run: TypeAlias = tuple[Row, list[Message], int]
"""A row, what comes to it, and when the latest of that was (ms)."""


class Stage:
    """All observers of one key."""

    __slots__ = (
        "_apart",
        "_key_of",
        "_keys_of",
        "_kinds",
        "_sequence",
        "_trackers",
        "key",
        "watches",
    )

    def __init__(
        self, number: int, key: str, trackers: Sequence[Tracker], detectors: Sequence[Detector]
    ) -> None:
        self.key = key
        self._key_of, self._keys_of = KEY_OF[key], KEYS_OF[key]
        self._sequence = (number + 1) * 1000
        """What the sequence of its leads begins with."""
        self.watches = watches(trackers, detectors)
        self._kinds: Kinds = frozenset(self.watches)
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
        """Show many events: rows do not see each other, so one tracker after the other gets all.

        Those that come to one row it gets at once.
        """
        watched, raising = passing.watched(self._kinds), Raising()
        by_key = self._by_key(watched)
        rows.fetch((self.key,), by_key)
        row_of = {key: rows.row(self.key, key) for key in by_key}
        for key in self._those_apart(by_key):
            row = row_of.pop(key)
            for message in by_key[key]:
                self._show_alone(message, row, raising)
        runs = _runs(by_key, row_of, watched)
        for row, run, latest in runs:
            if row.stranger or not row.last:
                # The first by itself, as most have got in: a generator takes longer than that.
                row.stranger = is_refused(run[0].event) and all(
                    is_refused(message.event) for message in run
                )
            if latest > row.last:  # noqa: PLR1730  # as in `_show`
                row.last = latest
        runs_of = {watched: runs}
        only = next((key for key, run in by_key.items() if run is watched.messages), None)
        for seat in self._trackers:
            watched = passing.watched(seat.watches)
            if watched not in runs_of:
                by_key = {only: watched.messages} if only else self._by_key(watched)
                runs_of[watched] = _runs(by_key, row_of, watched)
            self._track(seat, runs_of[watched], watched, raising)
        passing.follow(raising)

    def _by_key(self, watched: Watched) -> dict[str, list[Message]]:
        """What comes to each row."""
        keys, messages = self._keys_of(watched.events), watched.messages
        if keys and keys[0] == keys[-1] and keys.count(keys[0]) == len(keys):  # as the tenant's are
            return {keys[0]: messages} if keys[0] else {}
        found = defaultdict[str, list[Message]](list)
        share_out(found, keys, messages)
        found.pop("", None)
        return found

    def _those_apart(self, by_key: Mapping[str, Iterable[Message]]) -> list[str]:
        """Where something is shown one by one, and so is all else."""
        if not self._apart:
            return []
        kinds_of = {key: {type(message.event) for message in run} for key, run in by_key.items()}
        return [key for key, kinds in kinds_of.items() if kinds & self._apart]

    def _show_alone(self, message: Message, row: Row, raising: Raising) -> None:
        """Show one of many messages, as if there were no others."""
        messages = [message]
        self._show(messages, self.watches[type(message.event)], row)
        for raised in messages[1:]:
            raising.add(message, raised)

    def _track(self, seat: Seat, runs: Iterable[Run], watched: Watched, raising: Raising) -> None:
        """Show to one tracker what comes to each row."""
        call, call_all, part, ttl, key = seat.call, seat.call_all, seat.part, seat.ttl, self.key
        if watched.span > ttl:
            runs = _short_enough(runs, ttl)
        for row, run, latest in runs:
            state = row.live.get(part)
            if state is None or latest - state.last > ttl:  # it asks this of the first
                state = seat.state(row, run[0].event.time)
            if call_all is not None and len(run) > 1:
                if latest > state.last:  # noqa: PLR1730  # as in `_show`
                    state.last = latest
                for message, lead in call_all(run, key, state):
                    self._raise(message, lead, raising)
                continue
            for message in run:
                event = message.event
                if event.time > state.last:  # noqa: PLR1730
                    state.last = event.time
                for lead in call(event, key, state, message.facts):
                    self._raise(message, lead, raising)

    def _raise(self, message: Message, lead: Event, raising: Raising) -> None:
        lead.sequence = self._sequence + raising.add(message, Message(lead, Facts()))


def _runs(
    by_key: Mapping[str, list[Message]], row_of: Mapping[str, Row], watched: Watched
) -> list[Run]:
    """What comes to each of these rows."""
    together = [(row_of[key], run) for key, run in by_key.items() if key in row_of and run]
    if watched.in_order:
        return [(row, run, run[-1].event.time) for row, run in together]
    return [
        (row, run, watched.latest if run is watched.messages else _latest(run))
        for row, run in together
    ]


def _latest(run: Iterable[Message]) -> int:
    return max([message.event.time for message in run])


def _short_enough(runs: Iterable[Run], ttl: int) -> Iterator[Run]:
    """The same in pieces in whose course no state gets older than its `ttl`."""
    for row, run, _ in runs:
        times = [message.event.time for message in run]
        if max(times) - min(times) <= ttl:
            yield row, run, max(times)
        else:
            middle = len(run) // 2
            yield from _short_enough(((row, run[:middle], 0), (row, run[middle:], 0)), ttl)
