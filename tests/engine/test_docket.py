"""Who waits for the last stage, and is judged with all else of that person, misses nothing."""

from __future__ import annotations

import copy
import random
import sys
from collections.abc import Iterable
from pathlib import Path

import msgspec
import pytest

from engine.tenant import contents
from risktui.config import Config, load
from risktui.detect import DAY, MINUTE, Answer, Detector, Facts, KeyedState, Lead, SignIn, Tracker
from risktui.detect.examples import HQ, LAGOS, STRANGER, TOR, changes, signs_in
from risktui.detect.loader import Catalogue
from risktui.engine.docket import Docket
from risktui.engine.failing import Failures
from risktui.engine.identities import Identities
from risktui.engine.local import LocalEngine
from risktui.engine.memory import MemoryRows
from risktui.engine.outcomes import as_it_is, says_anything
from risktui.engine.setup import Parts, assemble
from risktui.engine.stages import Pipeline
from risktui.logs.batch import Batch
from risktui.logs.order import scan
from risktui.model.events import Event
from risktui.model.risk import Outcome
from story import when

ROOT = str(Path(__file__).resolve().parents[2])
if ROOT not in sys.path:
    sys.path.append(ROOT)  # the simulator borrows the record writers of the sample logs


@pytest.fixture(scope="module")
def tenant(tmp_path_factory: pytest.TempPathFactory) -> tuple[Parts, list[Event]]:
    """A small company's days with many attacks, ready to be judged."""
    from simulator.feeds import write_feeds  # found by the line above
    from simulator.logs import write_logs
    from simulator.tenant import simulate

    folder = tmp_path_factory.mktemp("tenant")
    simulated = simulate(7, people=14, days=8, density=4)
    parts = assemble(load(write_feeds(folder / "feeds", simulated.company)))
    write_logs(folder / "logs", simulated.events, simulated.company)
    events = [event for batch in scan([folder / "logs"]) for event in batch.events]
    identities = Identities(MemoryRows())
    for event in events:
        identities.recognise(event)
        parts.enricher.enrich(event)
    return parts, events


def one_by_one(parts: Parts, events: list[Event]) -> tuple[list[bytes], MemoryRows]:
    """What came of each event that led to anything."""
    rows, found = MemoryRows(), []
    for event in events:
        outcome = parts.pipeline.process(event, rows)
        if says_anything(outcome):
            found.append(packed(outcome))
    return found, rows


def packed(outcome: Outcome) -> bytes:
    return msgspec.msgpack.encode(as_it_is(outcome))


def together(
    parts: Parts, events: list[Event], *, ends: float = 0
) -> tuple[list[bytes], MemoryRows, int]:
    """The same where they wait, until the end or now and then; and how many did at the most."""
    rows, found, waited = MemoryRows(), list[bytes](), 0
    docket, chance = Docket(parts.pipeline, rows), random.Random(3)
    for number, event in enumerate(events):
        docket.take(number, event)
        waited = max(waited, docket.size)
        if chance.random() < ends:
            found += [packed(outcome) for _, outcome in docket.end()]
    found += [packed(outcome) for _, outcome in docket.end()]
    return found, rows, waited


@pytest.mark.parametrize("ends", [0, 1 / 400])
def test_it_comes_to_what_each_event_at_its_turn_comes_to(
    tenant: tuple[Parts, list[Event]], ends: float
) -> None:
    parts, events = tenant
    expected, kept = one_by_one(parts, events)
    found, rows, waited = together(parts, events, ends=ends)
    assert waited > 500
    assert found == expected
    assert rows.packed() == kept.packed()


def test_who_is_found_out_by_what_another_does_is_judged_up_to_that_moment() -> None:
    """Carol's sign-in through Tor waits while Erin gives her a role that she should not give."""
    parts = assemble(Config())
    night, events = when("19:00"), list[Event]()
    for day in range(30, 0, -1):
        events.append(changes("erin", HQ, when("03:00") - day * DAY, "Update user", targets=("x",)))
    role = (("Role.DisplayName", "", "Global Administrator"),)
    for number, operation in enumerate(("Add member to role", "Set domain authentication")):
        act = changes(
            "erin", LAGOS, night + number, operation, STRANGER, targets=("carol",), changes=role
        )
        act.id += operation
        events += [act, signs_in("carol", TOR, night + number * MINUTE)]
    expected, kept = one_by_one(parts, events)
    found, rows, _ = together(parts, events)
    assert len(expected) > 3
    assert found == expected
    assert rows.packed() == kept.packed()


async def test_who_was_told_of_by_name_is_joined_though_it_waits(tmp_path: Path) -> None:
    """Erin's log names Carol, whom nobody has met; the next event tells Carol's id."""
    parts, found = assemble(Config()), []
    role = (("Role.DisplayName", "", "Global Administrator"),)
    act = changes("erin", HQ, when("09:00"), "Add member to role", targets=("carol",), changes=role)
    act.target_ids = act.target_names
    events = [act, signs_in("carol", HQ, when("09:01"))]
    for size in (1, 2):
        async with await LocalEngine.open(tmp_path / f"{size}.db", parts) as engine:
            for start in range(0, len(events), size):
                some = [copy.copy(event) for event in events[start : start + size]]
                await engine.take(Batch(events=some), commit=True)
        found.append(contents(tmp_path / f"{size}.db"))
    assert found[0] == found[1]


class Flawed(Detector):
    """Cannot judge Bob, as long as it is not mended."""

    risk_event_type = "x_flawed"
    title = "Flawed"
    watches = (SignIn,)
    mended = False

    def observe(self, event: SignIn, state: KeyedState, facts: Facts) -> Answer:
        """Raise."""
        if not self.mended and event.user_id == "id-of-bob":
            raise ArithmeticError
        return None


async def test_nothing_is_written_of_events_that_a_fault_took_along(tmp_path: Path) -> None:
    """A watch writes what there is when it ends: those that nobody judged would count as seen."""
    flawed = Flawed()
    pipeline = Pipeline(Catalogue([flawed], []))
    parts = msgspec.structs.replace(assemble(Config()), pipeline=pipeline)
    events = [signs_in(who, HQ, when(f"09:0{n}")) for n, who in enumerate(("carol", "bob", "bob"))]
    for name in ("struck.db", "whole.db"):
        async with await LocalEngine.open(tmp_path / name, parts) as engine:
            flawed.mended = name == "whole.db"
            await engine.take(Batch(events=[copy.copy(event) for event in events]))
            if flawed.mended:
                await engine.flush()
                continue
            for _ in range(2):
                with pytest.raises(ArithmeticError):
                    await engine.flush()
    flawed.mended = True
    async with await LocalEngine.open(tmp_path / "struck.db", parts) as engine:
        await engine.take(Batch(events=[copy.copy(event) for event in events]), commit=True)
        assert engine.totals.duplicates == 0
    assert contents(tmp_path / "struck.db") == contents(tmp_path / "whole.db")


class Curious(Tracker):
    """Writes down how often each person was there before who comes by at an address."""

    name = "curious"
    keys = ("ip",)
    watches = (SignIn,)
    asks_who = (SignIn,)

    class State(KeyedState):
        """What it was told."""

        moments: list[int] = []

    def track(self, event: SignIn, key: str, state: State, facts: Facts) -> Iterable[Lead]:
        """Ask."""
        state.moments.append(len(facts.profile.moments) if facts.profile else -1)
        return ()


def test_an_earlier_stage_that_asks_who_it_is_learns_what_waits_of_that_person() -> None:
    parts = assemble(Config())
    pipeline = Pipeline(Catalogue([], [Curious()]))
    parts = msgspec.structs.replace(parts, pipeline=pipeline)
    events: list[Event] = [signs_in("carol", HQ, when("09:00") + n * MINUTE) for n in range(4)]
    _, kept = one_by_one(parts, events)
    _, rows, _ = together(parts, events)
    assert rows.packed() == kept.packed()
    told = rows.rows["ip", HQ.ip_address].part("curious@1", Curious.State).moments
    assert told[0] == -1
    assert len(set(told)) > 1


class Unsure(Curious):
    """Fails to say whether it asks."""

    name = "unsure"

    def asks(self, event: SignIn) -> bool:
        """Raise."""
        raise LookupError(event.id)


def test_a_stranger_that_cannot_say_whether_it_asks_ends_nothing(tmp_path: Path) -> None:
    failures, catalogue = Failures(), Catalogue([], [Unsure()])
    failures.watch_over(catalogue, tmp_path)
    events: list[Event] = [signs_in("carol", HQ, when("09:00"))]
    parts = msgspec.structs.replace(assemble(Config()), pipeline=Pipeline(catalogue))
    _, rows, _ = together(parts, events)
    assert rows.rows["ip", HQ.ip_address].part("unsure@1", Unsure.State).moments == [-1]
    assert "LookupError" in failures.lines()[0]
