"""How detections add up to a person's level, and to the number that sorts the list."""

from __future__ import annotations

from collections.abc import Sequence

import msgspec

from risktui.detect.state import DAY
from risktui.model.risk import Detection, RiskLevel

BY_LEVEL = {
    RiskLevel.HIGH: 60,
    RiskLevel.MEDIUM: 30,
    RiskLevel.LOW: 10,
    RiskLevel.NONE: 0,
    RiskLevel.HIDDEN: 30,
}
"""Base of the priority (docs/life_of_a_risk.md)."""
_NONE, _LOW, _MEDIUM, _HIGH = (
    RiskLevel.NONE,
    RiskLevel.LOW,
    RiskLevel.MEDIUM,
    RiskLevel.HIGH,
)
"""By names of their own: to find them in their class takes four times as long."""


class Compound(msgspec.Struct, frozen=True):
    """Several lesser detections that together say more than each."""

    level: RiskLevel
    detection_ids: tuple[str, ...]


def aggregate_level(active: Sequence[Detection]) -> RiskLevel:
    """The highest level among open detections."""
    highest = _NONE
    for detection in active:
        level = detection.risk_level
        if level is not highest and level.rank > highest.rank:
            if level is _HIGH:
                return level
            highest = level
    return highest


def compounds(active: Sequence[tuple[Detection, str]]) -> Compound | None:
    """What open detections, each with its evidence family, compound to within 24 hours.

    Two different medium types of two families make high; three different low types make medium.
    """
    if len(active) < 2:
        return None
    medium = _within_a_day(active, _MEDIUM, types=2, families=2)
    if medium:
        return Compound(_HIGH, medium)
    low = _within_a_day(active, _LOW, types=3, families=1)
    return Compound(_MEDIUM, low) if low else None


def _within_a_day(
    active: Sequence[tuple[Detection, str]], level: RiskLevel, *, types: int, families: int
) -> tuple[str, ...]:
    wanted = [pair for pair in active if pair[0].risk_level is level]
    if len(wanted) < types or len({d.risk_event_type for d, _ in wanted}) < types:
        return ()
    wanted.sort(key=lambda pair: (pair[0].activity_date_time, pair[0].id))
    for first, _ in wanted:
        near = [
            pair
            for pair in wanted
            if 0 <= pair[0].activity_date_time - first.activity_date_time <= DAY
        ]
        if (
            len({d.risk_event_type for d, _ in near}) >= types
            and len({family for _, family in near}) >= families
        ):
            return tuple(d.id for d, _ in near)
    return ()


def priority_of(level: RiskLevel, active: Sequence[Detection]) -> int:
    """0 to 100, for sorting only: the level, and 5 for each further type up to 20.

    Recency is left to whoever sorts: it changes while nothing happens.
    """
    types = len({d.risk_event_type for d in active}) if len(active) > 1 else 1
    return min(100, BY_LEVEL[level] + min(20, 5 * (types - 1)))
