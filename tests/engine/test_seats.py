"""An observer's state: found again at once, and fresh when nothing has happened for its `ttl`."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, TypeAlias

import pytest

from risktui.detect import (
    Detector,
    Event,
    Facts,
    FileAccess,
    Lead,
    MailSent,
    SignIn,
    Suppressed,
    Tracker,
)
from risktui.detect.examples import TOKYO, signs_in
from risktui.detect.loader import Catalogue
from risktui.detect.state import DAY, KeyedState
from risktui.engine.memory import MemoryRows
from risktui.engine.row import Row
from risktui.engine.seats import Panel, Seat, watches
from risktui.engine.stages import Pipeline
from risktui.model.events import Network


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


def asked_on(days: Days, *, packed: bool) -> list[int]:
    """The same as in the last stage."""
    row, found = Row(), watches([Counting(), Remembering()], [])
    panels = {kind: Panel(kind, watch) for kind, watch in found.items()}
    for kind, day in days:
        row.last = max(row.last, day * DAY)
        panels[kind].ask(row, signs_in("x", TOKYO, day * DAY), Facts())
        if packed:
            row = Row(row.dump(), row.last)
    row.memories.clear()
    states: list[Any] = [state for _, state in panels[SignIn].memories(row, 1).pairs]
    return [state.seen for state in states]


def test_a_state_is_the_same_by_whichever_class_of_event_it_is_asked_for() -> None:
    days: Days = [(SignIn, 1), (FileAccess, 2), (SignIn, 1), (SignIn, 3)]
    assert seen_on(days, packed=False) == seen_on(days, packed=True) == [4, 4]
    assert asked_on(days, packed=False) == asked_on(days, packed=True) == [4, 4]


def test_a_state_begins_anew_after_its_own_time_and_no_others() -> None:
    days: Days = [(SignIn, 1), (FileAccess, 2), (SignIn, 5), (FileAccess, 5)]
    assert seen_on(days, packed=False) == seen_on(days, packed=True) == [2, 4]
    assert asked_on(days, packed=False) == asked_on(days, packed=True) == [2, 4]


def test_a_late_event_neither_forgets_nor_turns_the_clock_back() -> None:
    days: Days = [(SignIn, 10), (FileAccess, 1), (SignIn, 12)]
    assert seen_on(days, packed=False) == seen_on(days, packed=True) == [3, 3]
    assert asked_on(days, packed=False) == asked_on(days, packed=True) == [3, 3]


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


class Yielding(Counting):
    """Counts as it yields, and what it yields goes nowhere in the last stage."""

    name = "yielding"
    keys = ("user",)

    def track(self, event: object, key: str, state: Counting.State, facts: Facts) -> Iterable[Lead]:
        """Count."""
        assert key == "user"
        state.seen += 1
        yield Lead(time=1, id="a")


class Saying(Detector):
    """Says something of every sign-in."""

    risk_event_type = "x_saying"
    title = "Saying"
    watches = (SignIn,)

    def observe(self, event: Event, state: KeyedState, facts: Facts) -> Suppressed:
        """Say so."""
        return Suppressed(rule="test", reason="says so")


def test_in_the_last_stage_trackers_are_asked_before_detectors_whose_answers_count() -> None:
    row, said = Row(), list[tuple[str, Any]]()
    panel = Panel(SignIn, watches([Yielding()], [Saying()])[SignIn])
    asked = panel.memories(row, DAY)
    for call, state in asked.pairs:
        seat = asked.panel.seat_of(call)
        said.append((type(seat.observer).__name__, call(None, state, Facts())))
    assert said == [("Yielding", None), ("Saying", Suppressed(rule="test", reason="says so"))]
    assert row.part("yielding@1", Counting.State).seen == 1
    assert [type(seat.observer) for seat in panel.detectors] == [Saying]


class Loose(Counting):
    """Remembers what comparing its states does not show."""

    name = "loose"

    class State(KeyedState, dict=True):
        """How much, where nobody looks."""

    def track(self, event: object, key: str, state: Any, facts: Facts) -> Iterable[Lead]:
        """Count."""
        state.seen = getattr(state, "seen", 0) + 1
        return ()


class Raising(Counting):
    """Counts the sign-in by which it raises, too."""

    name = "raising"

    def track(self, event: object, key: str, state: Counting.State, facts: Facts) -> Iterable[Lead]:
        """Count, and raise on the first day."""
        state.seen += 1
        if state.last == DAY:
            raise ValueError("the first day")
        return ()


def test_what_happens_to_one_person_is_nothing_that_another_has_done() -> None:
    panel = Panel(SignIn, watches([Counting(), Loose()], [Saying()])[SignIn])
    rows = [Row() for _ in range(3)]
    for day, row in enumerate(rows, 1):
        said = panel.ask(row, signs_in("x", TOKYO, day * DAY), Facts())
        assert [type(seat.observer) for seat, _ in said] == [Saying]
    for day, row in enumerate(rows, 1):
        assert row.part("counting@1", Counting.State) == Counting.State(last=day * DAY, seen=1)
        assert row.part("loose@1", Loose.State).seen == 1  # type: ignore[attr-defined]
        assert "x_saying@1" not in row.names(), "nothing has happened to it"


def test_what_raises_in_the_middle_leaves_nothing_for_the_next() -> None:
    panel, row = Panel(SignIn, watches([Raising()], [])[SignIn]), Row()
    with pytest.raises(ValueError, match="the first day"):
        panel.ask(Row(), signs_in("x", TOKYO, DAY), Facts())
    panel.ask(row, signs_in("x", TOKYO, 2 * DAY), Facts())
    assert row.part("raising@1", Counting.State).seen == 1


def test_what_nobody_watches_nobody_is_asked_about() -> None:
    row, panel = Row(), Panel(SignIn, None)
    assert panel.memories(row, DAY).pairs == ()
    assert not panel.detectors
    assert row.dump() == Row().dump()


class Counted(Detector):
    """Counts what comes from networks with tags, and says so."""

    risk_event_type = "x_counted"
    title = "Counted"
    watches = (SignIn, FileAccess)
    ttl = 9 * DAY

    class State(KeyedState):
        """How much."""

        seen: int = 0

    def observe(self, event: Event, state: State, facts: Facts) -> Suppressed | None:
        """Count."""
        if not event.network.tags:
            return None
        state.seen += 1
        return Suppressed(rule="test", reason=f"{state.seen} by {state.last // DAY}")


class OnlyTagged(Counted):
    """The same, and it is not shown anything else."""

    only_tagged = True


@pytest.mark.parametrize("restarts", [False, True])
def test_who_is_not_shown_an_event_remembers_as_long_as_if_it_were(restarts: bool) -> None:
    def told(detector: Detector) -> tuple[list[str], dict[tuple[str, str], bytes]]:
        rows, said = MemoryRows(), list[str]()
        pipeline = Pipeline(Catalogue([detector], []))
        for number, (kind, day, tags) in enumerate(life):
            event = kind(
                time=day * DAY, id=f"e-{number}", user_id="ann", network=Network(tags=tags)
            )
            outcome = pipeline.process(event, rows)
            said += [held.reason for held in outcome.suppressions]
            if restarts and number % 2:
                rows.restart()
        return said, rows.packed()

    tor = ("tor",)
    life: list[tuple[type[Event], int, tuple[str, ...]]] = [
        (SignIn, 1, tor),
        (SignIn, 8, ()),
        (FileAccess, 16, ()),
        (SignIn, 9, tor),  # late
        (SignIn, 20, ()),
        (SignIn, 21, ()),
        (SignIn, 18, tor),  # late
        (SignIn, 24, tor),
        (FileAccess, 30, ()),
        (SignIn, 41, tor),
        (FileAccess, 45, ()),
        (FileAccess, 46, ()),
        (SignIn, 50, tor),
        (SignIn, 51, ()),
        (MailSent, 58, ()),
        (SignIn, 57, ()),  # late, of a class that neither has met since
        (SignIn, 63, tor),
    ]
    assert told(OnlyTagged()) == told(Counted())
    by_day = ["1 by 1", "2 by 16", "3 by 21", "4 by 24", "1 by 41", "2 by 50", "3 by 63"]
    assert told(OnlyTagged())[0] == by_day


def test_who_is_only_shown_tagged_events_is_not_asked_about_others() -> None:
    panel = Panel(SignIn, watches([], [Saying(), OnlyTagged()])[SignIn])
    memories = panel.memories(Row(), DAY)
    assert len(memories.pairs) == 2
    assert [call for call, _ in memories.untagged] == [panel.calls[0]]
