"""What a reason says where there is little room."""

from __future__ import annotations

from risktui.console.widgets.reason import evidence_lines
from risktui.model.risk import Evidence

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
