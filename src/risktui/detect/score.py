"""Points for what speaks for a finding: for detectors whose evidence adds up instead of stepping.

Each line has its own text and its points; the sum decides the base level, and the lines become the
evidence with their points as weights. What was looked at and not found is told as well.
"""

from __future__ import annotations

import msgspec

from risktui.detect.explain import Check, Weighing
from risktui.model.risk import Evidence, RiskLevel, Threshold


class Line(msgspec.Struct, frozen=True, array_like=True):
    """One thing that speaks for a finding; plain data, so that a state can keep it."""

    rule: str
    label: str
    points: int
    observed: str
    baseline: str = ""
    event_ids: tuple[str, ...] = ()


class Score:
    """Collects points; `low_at`, `medium_at` and `high_at` of the settings make levels of them."""

    def __init__(self, lines: tuple[Line, ...] = ()) -> None:
        self._lines = list(lines)
        self._missing: list[Check] = []

    @property
    def lines(self) -> tuple[Line, ...]:
        """What was found, in the order looked at."""
        return tuple(self._lines)

    @property
    def total(self) -> int:
        """The sum of the points."""
        return sum(line.points for line in self._lines)

    def has(self, *rules: str) -> bool:
        """Whether one of `rules` was found."""
        return any(line.rule in rules for line in self._lines)

    def add(
        self, check: Check, points: int, *, baseline: str = "", event_ids: tuple[str, ...] = ()
    ) -> bool:
        """Count `points` where `check` applies; returns whether it does."""
        if check:
            self._lines.append(
                Line(check.rule, check.label, points, check.reason, baseline, event_ids)
            )
        else:
            self._missing.append(check)
        return check.applies

    def level(self, settings: msgspec.Struct) -> RiskLevel:
        """The level that the points come to."""
        steps = (
            (RiskLevel.HIGH, "high_at"),
            (RiskLevel.MEDIUM, "medium_at"),
            (RiskLevel.LOW, "low_at"),
        )
        return next(
            (level for level, name in steps if self.total >= getattr(settings, name)),
            RiskLevel.NONE,
        )

    def weighing(self, settings: msgspec.Struct) -> Weighing:
        """A weighing that begins with the level of the points and tells of every line."""
        sums = ", ".join(f"{line.label} {line.points}" for line in self._lines)
        weighing = Weighing(self.level(settings), f"{self.total} points: {sums}")
        for line in self._lines:
            check = Check(line.rule, line.label, True, line.observed)
            weighing.looked_at(check, f"{line.points} points")
        for check in self._missing:
            weighing.looked_at(check)
        return weighing

    def evidence(self) -> tuple[Evidence, ...]:
        """The lines as evidence, heaviest first."""
        lines = sorted(self._lines, key=lambda line: -line.points)
        return tuple(
            Evidence(
                label=line.label,
                observed=line.observed,
                baseline=line.baseline,
                weight=line.points,
                event_ids=line.event_ids,
            )
            for line in lines
        )

    def thresholds(self, settings: msgspec.Struct) -> tuple[Threshold, ...]:
        """The points needed for each level."""
        return tuple(
            Threshold(name=name, value=getattr(settings, name), actual=self.total, source="ours")
            for name in ("low_at", "medium_at", "high_at")
        )
