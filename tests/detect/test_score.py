from __future__ import annotations

import msgspec

from risktui.detect import Check, Finding, Line, RiskLevel, Score, activity_of
from risktui.detect.examples import TOKYO, signs_in


class Settings(msgspec.Struct, frozen=True):
    low_at: int = 30
    medium_at: int = 60
    high_at: int = 90


def check(rule: str, *, applies: bool = True) -> Check:
    return Check(rule, f"label of {rule}", applies, "because")


def scored(*points: int) -> Score:
    score = Score()
    for number, each in enumerate(points):
        score.add(check(f"r{number}"), each)
    return score


def test_points_add_up_to_levels() -> None:
    levels = [scored(n).level(Settings()) for n in (0, 29, 30, 59, 60, 89, 90, 200)]
    assert levels == ["none", "none", "low", "low", "medium", "medium", "high", "high"]


def test_what_does_not_apply_counts_nothing_and_is_told() -> None:
    score = scored(30)
    assert not score.add(check("missing", applies=False), 50)
    assert (score.total, score.has("missing"), score.has("r0")) == (30, False, True)
    event = signs_in("alice", TOKYO, "2026-03-02 09:00")
    found = score.weighing(Settings()).result(
        headline="x", about=activity_of(event), evidence=score.evidence()
    )
    assert isinstance(found, Finding)
    told = {c.rule: (c.applied, c.effect) for c in found.counter_evidence}
    assert told == {"r0": (True, "30 points"), "missing": (False, "")}
    assert found.algebra.base_reason == "30 points: label of r0 30"


def test_weights_are_the_shares_of_the_points() -> None:
    score = scored(15, 45)
    event = signs_in("alice", TOKYO, "2026-03-02 09:00")
    found = score.weighing(Settings()).result(
        headline="x", about=activity_of(event), evidence=score.evidence()
    )
    assert isinstance(found, Finding)
    assert [(e.label, e.weight) for e in found.evidence] == [
        ("label of r1", 0.75),
        ("label of r0", 0.25),
    ]
    assert found.risk_level is RiskLevel.MEDIUM


def test_lines_can_be_kept_and_taken_up_again() -> None:
    kept = msgspec.msgpack.encode(scored(30, 10).lines)
    again = Score(msgspec.msgpack.decode(kept, type=tuple[Line, ...]))
    again.add(check("later"), 20)
    assert (again.total, again.level(Settings())) == (60, "medium")
    assert {t.name: t.actual for t in again.thresholds(Settings())} == {
        "low_at": 60,
        "medium_at": 60,
        "high_at": 60,
    }
