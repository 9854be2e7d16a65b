"""The algebra of levels: a base, what raised or lowered it, and every rule that was looked at.

A detector weighs an event with a `Weighing` and turns it into a `Finding`; nothing that was
considered gets lost on the way, so the explanation can show what spoke against as well.
"""

from __future__ import annotations

from typing import Any

import msgspec

from risktui.detect.detector import Finding, Suppressed
from risktui.model.risk import CounterEvidence, Evidence, LevelAlgebra, RiskLevel, Threshold


class Check(msgspec.Struct, frozen=True):
    """One gate or modifier, looked at for one event."""

    rule: str
    """Its id in the common vocabulary: G1, M4, A2."""
    label: str
    applies: bool
    reason: str
    """Why it applies or why not, in words: "used by 12 other people in 30 days"."""

    def __bool__(self) -> bool:
        return self.applies


class Weighing:
    """Collects what speaks for and against one finding."""

    def __init__(self, base: RiskLevel, because: str) -> None:
        self._base = base
        self._because = because
        self._steps = 0
        self._ceiling = RiskLevel.HIGH
        self._floor = RiskLevel.NONE
        self._modifiers: list[str] = []
        self._considered: list[tuple[Check, str]] = []
        """Each rule that was looked at, with its effect; told only where a finding comes of it."""
        self._held_back: Suppressed | None = None

    @property
    def level(self) -> RiskLevel:
        """The level as it stands."""
        return self._bounded(self._base.step(self._steps))

    @property
    def held_back(self) -> Suppressed | None:
        """What holds the finding back so far; a detector may stop weighing then."""
        return self._held_back

    def up(self, check: Check) -> bool:
        """Raise by one where `check` applies."""
        return self._move(check, +1)

    def down(self, check: Check) -> bool:
        """Lower by one where `check` applies; below low means suppressed by it."""
        moved = self._move(check, -1)
        if moved and self.level is RiskLevel.NONE and self._held_back is None:
            self._held_back = Suppressed(rule=check.rule, reason=check.reason)
        return moved

    def gate(self, check: Check) -> bool:
        """Hold the finding back where `check` applies; returns whether it did."""
        self._note(check, "suppressed" if check else "")
        if check and self._held_back is None:
            self._held_back = Suppressed(rule=check.rule, reason=check.reason)
        return bool(check)

    def cap(self, ceiling: RiskLevel, check: Check) -> None:
        """Never above `ceiling` where `check` applies."""
        self._note(check, f"at most {ceiling}" if check else "")
        if check and ceiling.rank < self._ceiling.rank:
            self._ceiling = ceiling
            self._modifiers.append(f"max {ceiling} {check.rule} {check.label}")

    def at_least(self, floor: RiskLevel, check: Check) -> None:
        """Never below `floor` where `check` applies."""
        self._note(check, f"at least {floor}" if check else "")
        if check and floor.rank > self._floor.rank:
            self._floor = floor
            self._modifiers.append(f"min {floor} {check.rule} {check.label}")

    def looked_at(self, check: Check, effect: str = "") -> None:
        """Record a rule that moves no level here but belongs into the explanation.

        `effect` says what it did instead, where it applies.
        """
        self._note(check, effect if check else "")

    def result(self, **parts: Any) -> Finding | Suppressed:
        """The finding with `parts` (the fields of `Finding`), or what held it back.

        Weights of the evidence are scaled to add up to 1.
        """
        if self._held_back is not None:
            return self._held_back
        if self.level is RiskLevel.NONE:
            return Suppressed(rule="level", reason="nothing was left of the level")
        parts["evidence"] = _scaled(tuple(parts.get("evidence", ())))
        return Finding(
            risk_level=self.level,
            algebra=LevelAlgebra(
                base=self._base,
                base_reason=self._because,
                modifiers=tuple(self._modifiers),
                final=self.level,
            ),
            counter_evidence=tuple([_considered(*each) for each in self._considered]),
            **parts,
        )

    def _bounded(self, level: RiskLevel) -> RiskLevel:
        if level.rank > self._ceiling.rank:
            return self._ceiling
        return self._floor if level.rank < self._floor.rank else level

    def _move(self, check: Check, by: int) -> bool:
        self._note(check, f"{by:+d} level" if check else "")
        if check:
            self._steps += by
            self._modifiers.append(f"{by:+d} {check.rule} {check.label}")
        return bool(check)

    def _note(self, check: Check, effect: str) -> None:
        self._considered.append((check, effect))


def _considered(check: Check, effect: str) -> CounterEvidence:
    return CounterEvidence(
        rule=check.rule,
        label=check.label,
        applied=check.applies,
        effect=effect,
        reason=check.reason,
    )


def _scaled(evidence: tuple[Evidence, ...]) -> tuple[Evidence, ...]:
    total = sum(line.weight for line in evidence)
    if not total:
        return evidence
    return tuple(
        msgspec.structs.replace(line, weight=round(line.weight / total, 3)) for line in evidence
    )


def threshold(name: str, value: float | str, actual: float | str, source: str) -> Threshold:
    """One number the decision hung on, rounded for reading."""
    shown = round(actual, 2) if isinstance(actual, float) else actual
    return Threshold(name=name, value=value, actual=shown, source=source)
