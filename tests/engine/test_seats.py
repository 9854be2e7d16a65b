"""An observer's state: found again at once, and fresh when nothing has happened for its `ttl`."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, TypeAlias

from risktui.detect import Event, Facts, FileAccess, Lead, SignIn, Tracker
from risktui.detect.state import DAY, KeyedState
from risktui.engine.row import Row
from risktui.engine.seats import Seat, watches


class Counting(Tracker):
    """Counts what it sees."""

    name = "counting"
    keys = ("ip",)
    watches = (SignIn, FileAccess)
    ttl = 2 * DAY

    class State(KeyedState):
        """How much."""

        seen: int = 0

    def track(self, event: object, key: str, state: State, facts: Facts) -> Iterable[Lead]:
        """Count."""
        state.seen += 1
        return ()


class Remembering(Counting):
    """Counts, and remembers longer."""

    name = "remembering"
    ttl = 9 * DAY


Days: TypeAlias = list[tuple[type[Event], int]]


def counts(pairs: Iterable[tuple[Seat, Any]]) -> list[int]:
    """What each has counted."""
    return [state.seen for _, state in pairs]


def seen_on(days: Days, *, packed: bool) -> list[int]:
    """What both have counted after events of these classes on these days."""
    row, found = Row(), watches([Counting(), Remembering()], [])
    counted: list[int] = []
    for kind, day in days:
        watch = found[kind]
        row.last = max(row.last, day * DAY)
        seated = watch.seated(row, day * DAY)
        assert not seated.detectors
        for seat, state in seated.trackers:
            state.last = max(state.last, day * DAY)
            seat.call(None, "ip", state, Facts())
        counted = counts(seated.trackers)
        if packed:
            row = Row(row.dump(), row.last)
    return counted


def test_a_state_is_the_same_by_whichever_class_of_event_it_is_asked_for() -> None:
    days: Days = [(SignIn, 1), (FileAccess, 2), (SignIn, 1), (SignIn, 3)]
    assert seen_on(days, packed=False) == seen_on(days, packed=True) == [4, 4]


def test_a_state_begins_anew_after_its_own_time_and_no_others() -> None:
    days: Days = [(SignIn, 1), (FileAccess, 2), (SignIn, 5), (FileAccess, 5)]
    assert seen_on(days, packed=False) == seen_on(days, packed=True) == [2, 4]


def test_a_late_event_neither_forgets_nor_turns_the_clock_back() -> None:
    days: Days = [(SignIn, 10), (FileAccess, 1), (SignIn, 12)]
    assert seen_on(days, packed=False) == seen_on(days, packed=True) == [3, 3]


def test_rows_that_take_over_others_parts_show_these() -> None:
    mine, theirs, watch = Row(), Row(), watches([Counting()], [])[SignIn]
    state: Any = watch.seated(theirs, DAY).trackers[0][1]
    state.seen = 7
    watch.seated(mine, DAY)
    mine.clear()
    mine.adopt(theirs)
    assert counts(watch.seated(mine, DAY).trackers) == [7]
    mine.clear()
    assert counts(watch.seated(mine, DAY).trackers) == [0]
