"""Events that come up to 48 hours late, when later ones were judged, before every detector.

The engine sorts what comes within `lateness_seconds`. What comes later meets states that have
learnt from later events already. Most detectors look at both sides of one and come to the same
people and levels whatever the order was; those that do not are named here, with what may differ.
"""

from __future__ import annotations

import random
from collections.abc import Iterator, Sequence
from functools import cache
from pathlib import Path

import msgspec
import pytest
from hypothesis import Phase, given, settings
from hypothesis import strategies as st

from risktui.content import content
from risktui.detect import Example
from risktui.detect.loader import load
from risktui.engine.given import built_in
from risktui.engine.memory import latest, run
from risktui.engine.stages import Pipeline
from risktui.model.events import Event

LATEST = 48 * 3_600_000
"""How late a record may come (ms; gate G9)."""

ORDERED = {
    "anomalousToken": "a session's first place is taken from what came first",
    "attackerinTheMiddle": "needs its signs in the order of time",
    "investigationsThreatIntelligence": "numbers the steps of an attack as they come",
    "leakedCredentials": "a password changed before the leak is not heard of yet",
    "riskyIPAddress": "that it is everybody's address is not known yet",
    "x_bruteForce": "counts what came before the success",
    "x_mfaFatigue": "counts what came before the pass",
    "x_newMfaMethodAfterRisk": "the risk is not known yet",
    "x_selfDismissal": "the risk is not known yet",
}
"""Types of which late events may make more or fewer, and why."""
ORDERED_FILES = {"unissued_token": "that the service issued the token is not known yet"}
"""Rules in a file of their own, of types that else do not depend on the order."""

FILES = sorted(content("detectors").rglob("*.py"))


@cache
def subject(path: Path) -> tuple[Pipeline, tuple[str, ...], list[Example]]:
    """A file's pipeline, its types, and its stories."""
    catalogue = load([path], {}, built_in())
    examples = [example for each in catalogue.detectors for example in each.examples]
    kinds = tuple(each.risk_event_type for each in catalogue.detectors)
    return Pipeline(catalogue), kinds, examples


def found(path: Path, events: Sequence[Event]) -> set[tuple[str, str, str]]:
    """Type, person and level of all that is found when `events` come in this order."""
    pipeline, kinds, _ = subject(path)
    copies = [msgspec.msgpack.decode(msgspec.msgpack.encode(e), type=type(e)) for e in events]
    detections = latest(run(pipeline, copies)).values()
    return {
        (each.risk_event_type, each.user_id, str(each.risk_level))
        for each in detections
        if each.risk_event_type in kinds
    }


def with_late_ones(events: Sequence[Event], chance: random.Random) -> list[Event]:
    """`events` as they are delivered: some of them when all others have been judged."""
    last = events[-1].time
    may_be_late = [event.id for event in events if last - event.time <= LATEST]
    count = chance.randint(1, max(1, len(may_be_late) // 2))
    late = set(chance.sample(may_be_late, count))
    in_time = [event for event in events if event.id not in late]
    return in_time + [event for event in events if event.id in late]


def stories(path: Path) -> Iterator[list[Event]]:
    """The events of each story, in order."""
    for example in subject(path)[2]:
        yield sorted(example.events, key=lambda event: event.order)


def differs(path: Path, seed: int) -> bool:
    """Whether late events change what is found in any story."""
    chance = random.Random(seed)
    return any(
        found(path, with_late_ones(events, chance)) != found(path, events)
        for events in stories(path)
    )


def _is_ordered(path: Path) -> bool:
    return path.stem in ORDERED_FILES or bool(set(subject(path)[1]) & ORDERED.keys())


@pytest.mark.parametrize(
    "path", [path for path in FILES if not _is_ordered(path)], ids=lambda path: path.stem
)
@settings(max_examples=8, deadline=None, phases=[Phase.generate])
@given(seed=st.integers(0, 2**32))
def test_late_events_change_nothing(path: Path, seed: int) -> None:
    assert not differs(path, seed)


@pytest.mark.parametrize("kind", ORDERED)
def test_what_is_said_to_depend_on_the_order_does(kind: str) -> None:
    (path, *more) = (path for path in FILES if kind in subject(path)[1])
    assert any(differs(each, seed) for seed in range(60) for each in (path, *more))


@pytest.mark.parametrize("stem", ORDERED_FILES)
def test_a_rule_that_is_said_to_depend_on_the_order_does(stem: str) -> None:
    (path,) = (path for path in FILES if path.stem == stem)
    assert any(differs(path, seed) for seed in range(60))


def test_the_table_of_the_documentation_names_the_same_types() -> None:
    text = (Path(__file__).parents[2] / "docs" / "logs.md").read_text("utf-8")
    section = text.partition("### Late records")[2].partition("\n## ")[0]
    for kind in ORDERED:
        assert f"`{kind}`" in section
