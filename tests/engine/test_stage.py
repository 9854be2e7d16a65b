"""Events that go through a stage together come to what each at its turn comes to."""

from __future__ import annotations

import copy
import random
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any, TypeAlias

import pytest

from risktui.detect import (
    Answer,
    Detector,
    Event,
    Facts,
    FileAccess,
    Finding,
    KeyedState,
    Lead,
    Met,
    RiskLevel,
    SignIn,
    Suppressed,
    Tracker,
)
from risktui.detect.examples import HQ, LAGOS, TOR, reads, signs_in
from risktui.detect.loader import Catalogue
from risktui.detect.state import DAY, HOUR
from risktui.engine.failing import Failures
from risktui.engine.memory import MemoryRows
from risktui.engine.message import Message
from risktui.engine.stages import Pipeline
from risktui.model.events import activity_of
from risktui.model.risk import LevelAlgebra

BEGIN = 20_500 * DAY
Passed: TypeAlias = list[list[Message]]


class OneByOne(Tracker):
    """Numbers what comes by at an address, and tells of every third."""

    name = "numbering"
    keys = ("ip", "client", "tenant")
    watches = (SignIn, FileAccess, Lead)
    ttl = DAY

    class State(KeyedState):
        """How much there was."""

        seen: int = 0

    def track(self, event: Event, key: str, state: State, facts: Facts) -> Iterator[Lead]:
        """Write the number on the event."""
        state.seen += 1
        facts.notes[key] = state.seen
        if state.seen % 3 == 0:
            for topic in ("third", "again"):
                lead = Lead(time=event.time, id=event.id, topic=topic)
                lead.network, lead.client = event.network, event.client
                yield lead


class AtOnce(OneByOne):
    """The same in one call."""

    def track_all(
        self, met: Sequence[Met[Event]], key: str, state: OneByOne.State
    ) -> Iterable[tuple[Met[Event], Lead]]:
        """Say how many come in a call, on the side; they are told apart by nothing else."""
        self.most = max(getattr(self, "most", 0), len(met))
        return [(m, lead) for m in met for lead in self.track(m.event, key, state, m.facts)]


class Reading(Tracker):
    """Remembers what the tracker before it has written on sign-ins, and tells of every fifth."""

    name = "reading"
    keys = ("ip", "tenant")
    watches = (SignIn,)
    ttl = 3 * DAY

    class State(KeyedState):
        """The numbers, and how late it was."""

        numbers: list[tuple[int, int]] = []

    def track(self, event: SignIn, key: str, state: State, facts: Facts) -> Iterable[Lead]:
        """Note."""
        state.numbers.append((facts.notes[key], state.last))
        tells = len(state.numbers) % 5 == 0
        return [Lead(time=event.time, id=event.id, topic="fifth")] if tells else []


class Judging(Detector):
    """Finds every seventh sign-in of an address odd."""

    risk_event_type = "x_seventh"
    title = "The seventh"
    key = "ip"
    watches = (SignIn,)

    def observe(self, event: SignIn, state: KeyedState, facts: Facts) -> Answer:
        """Judge."""
        if facts.notes["ip"] % 7:
            return Suppressed(rule="x", reason="not the seventh")
        return Finding(
            risk_level=RiskLevel.LOW,
            headline="The seventh",
            about=activity_of(event),
            algebra=LevelAlgebra(base=RiskLevel.LOW, final=RiskLevel.LOW),
            evidence=(),
        )


def days_at_addresses(gap: int, tenants: int = 1) -> list[Event]:
    """Sign-ins and other things at some addresses, some late, some long after the ones before."""
    chance, events, time = random.Random(5), list[Event](), BEGIN
    for number in range(250):
        time += chance.choice((HOUR // 9, HOUR // 9, HOUR // 9, -HOUR, gap))
        who, make = chance.choice("abc"), chance.choice((signs_in, signs_in, reads))
        event = make(who, chance.choice((HQ, HQ, HQ, LAGOS, TOR)), time)
        event.id, event.tenant_id = f"e{number}", f"t{number % tenants}"
        if number % 13 == 0:
            event.ip_address = ""
        if number < 100 and event.ip_address == TOR.ip_address and isinstance(event, SignIn):
            event.result, event.credentials = "failure", "wrong"
        events.append(event)
    return events


def passed(catalogue: Catalogue, events: list[Event], *, size: int) -> tuple[Passed, MemoryRows]:
    """What the earlier stages make of events of which so many come together."""
    rows, pipeline, found = MemoryRows(), Pipeline(catalogue), Passed()
    events = copy.deepcopy(events)
    if not size:
        return [pipeline.survey(event, rows) for event in events], rows
    for start in range(0, len(events), size):
        passing = pipeline.survey_all(events[start : start + size], rows)
        led_to = passing.led_to()
        found += [[first, *led_to.get(place, ())] for place, first in enumerate(passing.first)]
    return found, rows


def test_a_tracker_that_takes_several_events_comes_to_the_same() -> None:
    at_once = AtOnce()
    for gap, tenants in ((HOUR // 9, 1), (2 * DAY, 1), (HOUR, 2)):  # within its memory, and beyond
        events = days_at_addresses(gap, tenants)
        expected, kept = passed(Catalogue([], [OneByOne(), Reading()]), events, size=0)
        assert len(list(filter(None, (messages[1:] for messages in expected)))) > 100
        for tracker in (OneByOne(), at_once):
            for size in (7, 250):
                found, rows = passed(Catalogue([], [tracker, Reading()]), events, size=size)
                assert found == expected
                assert rows.packed() == kept.packed()
    assert at_once.most > 100


def test_what_a_detector_of_an_earlier_key_finds_stands_behind_the_leads_of_its_event() -> None:
    events, judging = days_at_addresses(HOUR // 9), Judging()
    catalogues = [Catalogue([judging], [tracker]) for tracker in (OneByOne(), AtOnce())]
    expected, kept = passed(catalogues[0], events, size=0)
    assert {len(messages) for messages in expected} >= {1, 2, 3, 4}
    for catalogue in catalogues:
        found, rows = passed(catalogue, events, size=150)
        assert found == expected
        assert rows.packed() == kept.packed()


class Torn(AtOnce):
    """Raises in the middle of several."""

    def track_all(
        self, met: Sequence[Met[Event]], key: str, state: OneByOne.State
    ) -> Iterable[tuple[Met[Event], Lead]]:
        """Raise."""
        for each in met:
            yield each, Lead(time=each.event.time, id=each.event.id)
            raise LookupError(each.event.id)


class Unpaired(AtOnce):
    """Does not say of which event a lead is."""

    def track_all(self, met: Sequence[Met[Event]], key: str, state: Any) -> Any:
        """Answer as `track` would."""
        return [Lead(time=each.event.time, id=each.event.id) for each in met]


@pytest.mark.parametrize(("kind", "error"), [(Torn, "LookupError"), (Unpaired, "TypeError")])
def test_a_stranger_that_raises_at_several_events_ends_nothing_and_gets_each_alone_after(
    kind: type[AtOnce], error: str, tmp_path: Path
) -> None:
    failures, catalogue = Failures(), Catalogue([], [kind()])
    failures.watch_over(catalogue, tmp_path)
    events: list[Event] = [signs_in("a", HQ, BEGIN + n) for n in range(5)]
    found, _ = passed(catalogue, events[:2], size=2)
    assert [len(messages) for messages in found] == [1, 1]
    assert error in failures.lines()[0]
    found, _ = passed(catalogue, events[2:], size=3)
    assert len(found[-1]) > 1
    assert ", 2 times" not in failures.lines()[0]


class Otherwise(AtOnce):
    """Another `track`, for which its `track_all` was not written."""

    def track(self, event: Event, key: str, state: Any, facts: Facts) -> Iterator[Lead]:
        """Tell of everything."""
        yield Lead(time=event.time, id=event.id, topic="otherwise")


def test_a_call_for_several_events_is_not_taken_where_only_that_for_one_is_written_anew() -> None:
    events = days_at_addresses(HOUR // 9)[:40]
    expected, _ = passed(Catalogue([], [Otherwise()]), events, size=0)
    found, _ = passed(Catalogue([], [Otherwise()]), events, size=40)
    assert found == expected
