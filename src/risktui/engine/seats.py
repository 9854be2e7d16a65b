"""Observers in their stage, with what finding their states takes worked out once."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from itertools import compress
from operator import not_
from typing import Any, TypeAlias

import msgspec

from risktui.detect import Answer, Detector, Facts, Suppressed, Tracker
from risktui.detect.loader import config_hash, name_of
from risktui.detect.state import KeyedState
from risktui.engine.row import Row
from risktui.model.events import Event
from risktui.model.written_often import written_often

_encode = msgspec.msgpack.Encoder().encode


class Seat:
    """One observer."""

    __slots__ = ("call", "call_all", "kind", "observer", "part", "rule", "ttl", "watches")

    def __init__(self, observer: Any) -> None:
        self.observer = observer
        self.call: Any = observer.observe if isinstance(observer, Detector) else observer.track
        self.call_all: Any = None
        """For several events of one key; None where each of them is shown to `call`."""
        if isinstance(observer, Tracker) and takes_several(observer):
            self.call_all = observer.track_all
        self.watches = frozenset(observer.watches)
        self.rule = _rule(observer) if isinstance(observer, Detector) else {}
        self.part = f"{name_of(observer)}@{observer.version}"
        self.kind: type[KeyedState] = written_often(observer.State)
        self.ttl: int = observer.ttl

    def state(self, row: Row, time: int) -> KeyedState:
        """The observer's state in `row`; fresh when it has not been touched for its `ttl`."""
        state = row.part(self.part, self.kind)
        if time > state.last:
            if state.last and time - state.last > self.ttl:
                state = row.reset(self.part, self.kind)
            state.last = time
        return state

    def copied_state(self, row: Row) -> KeyedState:
        """The state as it is now, to be thrown away."""
        row.catch_up()
        state = row.part(self.part, self.kind)
        return msgspec.msgpack.decode(_encode(state), type=self.kind)


Taken: TypeAlias = tuple[tuple[Seat, KeyedState], ...]
Pairs: TypeAlias = tuple[tuple[Any, KeyedState], ...]
"""Seats, or what they are asked by, each with its state."""


class Seated:
    """The observers of a `Watch` with their states in one row: trackers, and detectors, in order.

    Whoever shows an event to one of them puts its time into the state's `last` first, if that is
    earlier.
    """

    __slots__ = ("detectors", "met", "trackers")

    def __init__(self, trackers: Taken, detectors: Taken, time: int) -> None:
        self.trackers = trackers
        self.detectors = detectors
        self.met = time
        """Each of them has met an event at this time (ms), or a later one."""


class Watch:
    """The observers of one stage that watch one class of event."""

    __slots__ = ("detectors", "shortest", "trackers")

    def __init__(self, trackers: Sequence[Seat], detectors: Sequence[Seat]) -> None:
        self.trackers = trackers
        self.detectors = detectors
        self.shortest = min(seat.ttl for seat in (*trackers, *detectors))

    def seated(self, row: Row, time: int) -> Seated:
        """The observers, each with what `Seat.state` gives for it."""
        found: Seated | None = row.seated.get(self)
        if found is None or time - found.met > self.shortest:  # some may be too old
            tracking = tuple([(seat, seat.state(row, time)) for seat in self.trackers])
            judging = tuple([(seat, seat.state(row, time)) for seat in self.detectors])
            row.seated[self] = found = Seated(tracking, judging, time)
        elif time > found.met:
            found.met = time
        return found


Answers: TypeAlias = tuple[tuple[Seat, Answer], ...]
"""What was said, and who said it."""
NOTHING: Answers = ()
Blank: TypeAlias = tuple[Seat, str, Any, KeyedState | None, KeyedState]
"""An observer, its part, what it is asked by, and twice what it remembers of everybody to whom
nothing has happened: the first is shown to it, None where that has to be a person's own."""
_NEVER = -(2**62)
"""Before all times (ms)."""


class Panel:
    """Those of the last stage who watch one class of event: they are asked one after the other."""

    __slots__ = (
        "_at_home",
        "_blanks",
        "_hidden",
        "_kind",
        "_met_once",
        "_only_tagged",
        "_shortest",
        "_untagged",
        "calls",
        "detectors",
        "seats",
    )

    def __init__(self, kind: type[Event], watch: Watch | None) -> None:
        trackers, detectors = (watch.trackers, watch.detectors) if watch is not None else ((), ())
        self.seats = (*trackers, *detectors)
        self.detectors = detectors
        self.calls = tuple([_ask(seat) for seat in self.seats])
        """What each of them is asked by: `observe` of detectors, in the order of `seats`."""
        self._only_tagged = [_only_tagged(seat) for seat in self.seats]
        self._untagged = list(map(not_, self._only_tagged))
        self._hidden = [_quiet_at_home(seat) or _only_tagged(seat) for seat in self.seats]
        self._at_home = list(map(not_, self._hidden))
        self._kind = kind
        self._shortest = watch.shortest if watch is not None else 0
        self._blanks: list[Blank] = []
        self._met_once = Memories(self, (), (), (), (), _NEVER)

    def seat_of(self, call: Any) -> Seat:
        """Whose `call` it is."""
        return self.seats[self.calls.index(call)]

    def ask(self, row: Row, event: Event, facts: Facts) -> Answers:
        """What they say of an event, be it the first or a late one, or one after a long time."""
        memories: Memories | None = row.memories.get(self._kind)
        if memories is None:
            return self._ask_first(row, event, facts)
        said, time = NOTHING, event.time
        if time > memories.until:
            memories = self.memories(row, time)
        else:
            memories.met = max(memories.met, time)
            row.catch_up()
        for call, state in memories.pairs if event.network.tags else memories.untagged:
            if time > state.last:  # noqa: PLR1730  # a call, of twenty for each event
                state.last = time
            answer = call(event, state, facts)
            if answer is not None:
                said = (*said, (self.seat_of(call), answer))
        return said

    def _ask_first(self, row: Row, event: Event, facts: Facts) -> Answers:
        """The same of the first event of this class since `row` was read.

        Of most people most of them remember nothing, and one event changes little of that. So
        they are shown a state that is everybody's, until something is in it: then it is the
        person's own. Among very many people most are met once before their rows are let go of:
        making twenty states for each, looking through them and packing them took a third of the
        time. The next event finds what `memories` gives; both come to the same.
        """
        row.catch_up()
        said, time, known, live = NOTHING, event.time, row.names(), row.live
        row.memories[self._kind] = self._met_once
        blanks = self._blanks or list(map(_blank_of, self.seats, self.calls))
        self._blanks = []  # should somebody raise, none of them is used again
        for place, (seat, part, call, state, untouched) in enumerate(blanks):
            if self._only_tagged[place] and not event.network.tags:
                if part in known:
                    seat.state(row, time)
                continue
            if state is None or part in known:
                answer = call(event, seat.state(row, time), facts)
            else:
                state.last = untouched.last = time
                answer = call(event, state, facts)
                if state != untouched or not (answer is None or type(answer) is Suppressed):
                    live[part] = state
                    blanks[place] = _blank_of(seat, call)
            if answer is not None:
                said = (*said, (seat, answer))
        self._blanks = blanks
        return said

    def memories(self, row: Row, time: int) -> Memories:
        """What each of them remembers in `row`, which keeps it at hand."""
        row.catch_up()
        states = [seat.state(row, time) for seat in self.seats]
        pairs = tuple(zip(self.calls, states, strict=True))
        untagged, at_home, hidden = (
            tuple(compress(pairs, self._untagged)),
            tuple(compress(pairs, self._at_home)),
            tuple(compress(states, self._hidden)),
        )
        row.memories[self._kind] = found = Memories(
            self, pairs, untagged, at_home, hidden, time + self._shortest
        )
        return found


class Memories:
    """How those of a `Panel` are asked, each with its state in one row.

    Whoever asks one of them about an event puts its time into the state's `last` first, if that is
    earlier; and into `met` for all who are not asked.
    """

    __slots__ = ("_hidden", "at_home", "met", "pairs", "panel", "untagged", "until")

    def __init__(
        self,
        panel: Panel,
        pairs: Pairs,
        untagged: Pairs,
        at_home: Pairs,
        hidden: Sequence[KeyedState],
        until: int,
    ) -> None:
        self.panel = panel
        self.pairs = pairs
        self.untagged = untagged
        """Those of them who are asked about an event of a network without tags."""
        self.at_home = at_home
        """Those of these who are asked about it also where the person is at home."""
        self._hidden = hidden
        """The states of all others."""
        self.until = until
        """None of the states is too old at an event of this time (ms)."""
        self.met = 0
        """Time of the latest event (ms)."""

    def catch_up(self) -> None:
        """Write the time of the latest event into the states of those who were not asked."""
        for state in self._hidden:
            state.last = max(state.last, self.met)


Watches: TypeAlias = dict[type[Event], Watch]


def watches(trackers: Iterable[Tracker], detectors: Iterable[Detector]) -> Watches:
    """Who watches which class of event. Observers of several classes have one seat."""
    tracking, judging = plan(trackers), plan(detectors)
    kinds = tracking.keys() | judging.keys()
    return {kind: Watch(tracking.get(kind, ()), judging.get(kind, ())) for kind in kinds}


def plan(observers: Iterable[Tracker | Detector]) -> Mapping[type[Event], Sequence[Seat]]:
    """Seats by the classes of event that they watch."""
    found: dict[type[Event], list[Seat]] = {}
    for observer in observers:
        seat = Seat(observer)
        for kind in observer.watches:
            found.setdefault(kind, []).append(seat)
    return found


def takes_several(observer: Tracker) -> bool:
    """Whether it has a `track_all`, and none that was written for another `track` than its own."""
    for kind in type(observer).__mro__:
        if "track_all" in vars(kind):
            return kind is not Tracker
        if "track" in vars(kind):
            break
    return False


def _ask(seat: Seat) -> Any:
    """Its `call`, as a detector's: what a tracker of the last stage finds goes nowhere."""
    if isinstance(seat.observer, Detector):
        return seat.call

    def track(event: Event, state: KeyedState, facts: Facts) -> None:
        tuple(seat.call(event, "user", state, facts))  # some yield, and work only then

    return track


def _only_tagged(seat: Seat) -> bool:
    return isinstance(seat.observer, Detector) and seat.observer.only_tagged


def _quiet_at_home(seat: Seat) -> bool:
    return isinstance(seat.observer, Detector) and seat.observer.quiet_at_home


def _blank_of(seat: Seat, call: Any) -> Blank:
    """A fresh one: what happens to a state shows where two of its class are compared whole."""
    kind = seat.kind
    shows = kind.__eq__ is msgspec.Struct.__eq__ and not kind.__struct_config__.dict
    return seat, seat.part, call, kind() if shows else None, kind()


def _rule(detector: Detector) -> dict[str, str]:
    return {
        "id": detector.risk_event_type,
        "version": str(detector.version),
        "configHash": config_hash(detector.settings),
    }
