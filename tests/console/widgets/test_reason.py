"""What a reason says where there is little room."""

from __future__ import annotations

from risktui.console.widgets.reason import evidence_lines, reason_lines
from risktui.model.risk import Detection, Evidence, Explanation, LevelAlgebra, RiskLevel

NEW = Evidence(
    label="New method",
    observed="User registered security info, from 198.51.100.17 (network unknown) is new",
    baseline="people register from a machine or a network of theirs, at their hours of work",
    weight=1.0,
)


def rows(width: int, limit: int) -> list[str]:
    return [row.plain for row in evidence_lines((NEW,), width, limit)[0]]


def test_evidence_that_has_room_is_whole() -> None:
    text = " ".join(" ".join(rows(78, 5)).split())
    assert NEW.observed in text
    assert NEW.baseline in text


def test_evidence_that_is_cut_says_so() -> None:
    seen, usual = rows(78, 2)
    assert seen.startswith("+ New method")
    assert seen.endswith("…")
    assert usual.strip().startswith("usual:")
    assert usual.endswith("…") or NEW.baseline in usual


def reason(height: int) -> list[str]:
    headline = (
        "A new MFA method for noah.bennett@contosoworks.example was registered from an unknown"
        " place (198.18.235.66) at 2026-03-03 18:56 UTC, while they are at risk"
    )
    why = Explanation(
        headline=headline,
        level=LevelAlgebra(base=RiskLevel.HIGH, final=RiskLevel.HIGH),
        evidence=(NEW,),
        tips=(
            "Ask the person, by telephone, whether they have registered this method",
            "Remove the method before anything else: it passes the prompts of a password reset",
        ),
    )
    found = Detection(
        id="d-1",
        user_id="noah",
        activity_date_time=0,
        detected_date_time=0,
        last_updated_date_time=0,
        risk_event_type="x_newMfaMethodAfterRisk",
        risk_level=RiskLevel.HIGH,
        explanation=why,
    )
    return [row.plain for row in reason_lines(found, 76, height)]


def test_where_there_is_room_headline_and_what_is_to_do_are_whole() -> None:
    assert len(reason(12)) <= 12
    text = " ".join(" ".join(reason(12)).split())
    assert "while they are at risk" in text
    assert text.endswith("prompts of a password reset")


def test_where_there_is_little_the_evidence_has_it() -> None:
    rows = reason(7)
    assert len(rows) == 7
    assert rows[1].endswith("while they are at…")
    assert rows[2].startswith("+ New method")
    assert rows[-1].startswith("Do")
    assert rows[-1].endswith("…")
