"""What a detector has answered is heard as it was said then, whenever it is read."""

from __future__ import annotations

from pathlib import Path

import msgspec
import pytest

from risktui.config import Config
from risktui.detect import Answer, Detector, Facts, Finding, KeyedState, RiskLevel, SignIn, Weighing
from risktui.detect.examples import TOKYO, signs_in
from risktui.detect.loader import Catalogue
from risktui.detect.state import DAY, HOUR
from risktui.engine.failing import Failures
from risktui.engine.memory import MemoryRows
from risktui.engine.probe import Probe
from risktui.engine.setup import assemble
from risktui.model.events import activity_of

BEGIN = 20_500 * DAY


class Telling(Detector):
    """Finds everything, and tells how often the person had come before."""

    risk_event_type = "x_telling"
    title = "Telling"
    watches = (SignIn,)

    def observe(self, event: SignIn, state: KeyedState, facts: Facts) -> Answer:
        """Judge."""
        return Weighing(RiskLevel.LOW, "x").outline(
            lambda: {"headline": f"after {facts.person.successes}", "evidence": ()},
            about=activity_of(event),
        )


@pytest.mark.parametrize("is_watched", [False, True])
def test_words_are_those_of_the_moment_also_where_a_finding_only_repeats_one(
    tmp_path: Path, *, is_watched: bool
) -> None:
    catalogue = Catalogue([Telling()], [])
    if is_watched:
        Failures().watch_over(catalogue, tmp_path)
    parts = msgspec.structs.replace(assemble(Config()), catalogue=catalogue)
    probe, rows = Probe(parts, "x_telling", "alice", BEGIN, BEGIN + DAY), MemoryRows()
    for hour in range(3):
        probe.parts.pipeline.process(signs_in("alice", TOKYO, BEGIN + hour * HOUR), rows)
    said = [each.answer.headline for each in probe.asked if isinstance(each.answer, Finding)]
    assert said == ["after 0", "after 1", "after 2"]


class Indifferent(Telling):
    """Has nothing to say of the networks of its examples, and need not be shown any."""

    risk_event_type = "x_indifferent"
    only_tagged = True

    def observe(self, event: SignIn, state: KeyedState, facts: Facts) -> Answer:
        """Find nothing without a tag."""
        return super().observe(event, state, facts) if event.network.tags else None


def test_what_a_detector_need_not_be_shown_is_heard_of_all_the_same() -> None:
    parts = msgspec.structs.replace(assemble(Config()), catalogue=Catalogue([Indifferent()], []))
    probe, rows = Probe(parts, "x_indifferent", "alice", BEGIN, BEGIN + DAY), MemoryRows()
    for hour in range(3):
        probe.parts.pipeline.process(signs_in("alice", TOKYO, BEGIN + hour * HOUR), rows)
    assert [each.answer for each in probe.asked] == [None, None, None]
