"""Whose memory no longer fits its file learns again, and an operator is told."""

from __future__ import annotations

import gc
from collections.abc import Mapping
from contextlib import closing
from pathlib import Path

import msgspec

from cli.test_scan import run
from engine.tenant import configuration
from risktui.config import Config
from risktui.detect import (
    Answer,
    Detector,
    Facts,
    KeyedState,
    RiskLevel,
    SignIn,
    Weighing,
    activity_of,
)
from risktui.detect.explain import Outline
from risktui.detect.loader import Catalogue
from risktui.engine.failing import ANEW, RELEARNT, Failures, relearning
from risktui.engine.local import LocalEngine
from risktui.engine.parallel import ParallelEngine
from risktui.engine.row import Anew
from risktui.engine.setup import Recipe, assemble
from risktui.engine.stages import Pipeline
from risktui.logs.batch import Batch
from risktui.store.database import reader, writer

BEGUN = 1_772_420_400_000
HOUR = 3_600_000


class Counting(Detector):
    """Counts how often somebody came."""

    risk_event_type = "x_counting"
    title = "Counting"
    watches = (SignIn,)

    class State(KeyedState):
        """How often."""

        times: int = 0

    def observe(self, event: SignIn, state: State, facts: Facts) -> Answer:
        """Count."""
        del event, facts
        state.times += 1
        return None


class Listing(Counting):
    """The same after somebody has thought again, and left the version as it was."""

    class State(KeyedState):
        """When."""

        times: list[int] = []

    def observe(self, event: SignIn, state: State, facts: Facts) -> Answer:  # type: ignore[override]
        """Note."""
        del facts
        state.times.append(event.time)
        return None


FILE = '''"""`Listing`, for workers that are no copies of the test."""
from risktui.detect import Detector, KeyedState, SignIn


class Listing(Detector):
    """Notes."""

    risk_event_type = "x_counting"
    title = "Counting"
    watches = (SignIn,)

    class State(KeyedState):
        """When."""

        times: list[int] = []

    def observe(self, event, state, facts):
        """Note."""
        state.times.append(event.time)
'''


async def test_since_when_is_kept_whichever_process_judges_and_however_often_it_starts(
    tmp_path: Path,
) -> None:
    database, file = tmp_path / "x.db", tmp_path / "own.py"
    file.write_text(FILE)
    parts = msgspec.structs.replace(assemble(Config()), recipe=Recipe(Config(), (file,)))

    async def comes(who: str, hour: int, judge: Counting, runner: type[LocalEngine]) -> list[Anew]:
        catalogue = Catalogue([judge], [])
        judging = msgspec.structs.replace(parts, catalogue=catalogue, pipeline=Pipeline(catalogue))
        event = SignIn(time=BEGUN + hour * HOUR, id=f"e{hour}", user_id=who)
        async with await runner.open(database, judging) as engine:
            await engine.take(Batch(events=[event]), commit=True)
        with closing(reader(database)) as look:
            assert relearning(look, newest=BEGUN + 2 * HOUR + RELEARNT) == []
            return relearning(look)

    assert await comes("alice", 0, Counting(), LocalEngine) == []
    assert await comes("bob", 1, Counting(), LocalEngine) == []
    (first,) = await comes("alice", 2, Listing(), ParallelEngine)
    assert (first.part, first.since) == ("x_counting@1", BEGUN + 2 * HOUR)
    assert await comes("bob", 3, Listing(), LocalEngine) == [first]
    assert await comes("alice", 4, Listing(), LocalEngine) == [first]
    said = run("doctor", "--config", configuration(tmp_path), "--db", database).stdout
    when = "learns again since 2026-03-02T05:00:00.000Z"
    assert f"ANEW           x_counting, version 1: {when}" in said
    assert "  detections so far stay; nothing has to be done; or put the former version" in said
    with closing(writer(database)) as spoiling:
        spoiling.execute("UPDATE meta SET value = '[{}]' WHERE name = ?", (ANEW,))
    assert await comes("carol", 5, Listing(), LocalEngine) == []


class Outlining(Counting):
    """Finds everything."""

    def observe(self, event: SignIn, state: KeyedState, facts: Facts) -> Answer:
        """Find."""
        del state, facts
        tell: Mapping[str, object] = {"headline": "x", "evidence": ()}
        return Weighing(RiskLevel.LOW, "x").outline(lambda: tell, about=activity_of(event))


def test_what_a_stranger_finds_is_gone_as_soon_as_nobody_wants_it(tmp_path: Path) -> None:
    detector, event = Outlining(), SignIn(time=BEGUN, id="e", user_id="alice")
    Failures().watch_over(Catalogue([detector], []), tmp_path)
    found = detector.observe(event, detector.State(), Facts())
    assert isinstance(found, Outline)
    held = gc.get_referents(*gc.get_referents(found.tell))
    assert Outline in map(type, held)
    assert not [each for each in held if each is found]
    assert found.in_full().headline == "x"
