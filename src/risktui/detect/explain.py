"""The algebra of levels: a base, what raised or lowered it, and every rule that was looked at.

A detector weighs an event with a `Weighing` and turns it into a `Finding`; nothing that was
considered gets lost on the way, so the explanation can show what spoke against as well.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import msgspec

from risktui.detect.detector import Finding, Suppressed
from risktui.model.risk import (
    CounterEvidence,
    Evidence,
    LevelAlgebra,
    RiskLevel,
    Threshold,
    is_code,
)


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


TOLD = (
    "headline",
    "algebra",
    "evidence",
    "counter_evidence",
    "thresholds",
    "risk_reasons",
    "what_would_change",
    "feeds",
)
"""What of a finding is for people to read."""
_NONE, _HIGH = RiskLevel.NONE, RiskLevel.HIGH
"""By a name of their own: to find them in their class takes four times as long."""
_NOTHING_YET = LevelAlgebra(base=_NONE, final=_NONE)


class Outline(Finding, kw_only=True):
    """A finding that is put into words where somebody reads them: most repeat one that is open.

    The words speak of what is known now. Whoever keeps it for later asks for it `in_full`.
    """

    headline: str = ""
    algebra: LevelAlgebra = _NOTHING_YET
    evidence: tuple[Evidence, ...] = ()
    tell: Callable[[], Finding]
    told: Finding | None = None

    def in_full(self) -> Finding:
        """The finding with all that it says, worked out once."""
        if self.told is None:
            self.told = self.tell()
        return self.told

    def in_short(self, headline: str) -> Finding:
        """The finding without what is to be told of it."""
        level = self.risk_level
        known = {
            name: getattr(self, name) for name in Finding.__struct_fields__ if name not in TOLD
        }
        algebra = LevelAlgebra(base=level, final=level)
        return Finding(headline=headline, algebra=algebra, evidence=(), **known)


def _told(part: str) -> property:
    return property(lambda outline: getattr(outline.in_full(), part))


for _part in TOLD:
    setattr(Outline, _part, _told(_part))


class Weighing:
    """Collects what speaks for and against one finding."""

    def __init__(self, base: RiskLevel, because: str) -> None:
        self._base = base
        self._because = because
        self._steps = 0
        self._ceiling = _HIGH
        self._floor = _NONE
        self._modifiers: list[str] = []
        self._considered: list[tuple[Check, str]] = []
        """Each rule that was looked at, with its effect; told only where a finding comes of it."""
        self._held_back: Suppressed | None = None

    @property
    def level(self) -> RiskLevel:
        """The level as it stands."""
        level, ceiling, floor = self._base, self._ceiling, self._floor
        if self._steps:
            level = level.step(self._steps)
        if ceiling is not _HIGH and level.rank > ceiling.rank:
            return ceiling
        return floor if floor is not _NONE and level.rank < floor.rank else level

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
        if moved and self.level is _NONE and self._held_back is None:
            self._held_back = Suppressed(rule=check.rule, reason=check.reason)
        return moved

    def gate(self, check: Check) -> bool:
        """Hold the finding back where `check` applies; returns whether it did."""
        if not check.applies:
            self._considered.append((check, ""))
            return False
        self._note(check, "suppressed")
        if self._held_back is None:
            self._held_back = Suppressed(rule=check.rule, reason=check.reason)
        return True

    def cap(self, ceiling: RiskLevel, check: Check) -> None:
        """Never above `ceiling` where `check` applies."""
        self._note(check, f"at most {ceiling}" if check else "")
        if check and ceiling.rank < self._ceiling.rank:
            self._ceiling = ceiling
            self._modifiers.append(f"max {ceiling} {_named(check)}")

    def at_least(self, floor: RiskLevel, check: Check) -> None:
        """Never below `floor` where `check` applies."""
        self._note(check, f"at least {floor}" if check else "")
        if check and floor.rank > self._floor.rank:
            self._floor = floor
            self._modifiers.append(f"min {floor} {_named(check)}")

    def looked_at(self, check: Check, effect: str = "") -> None:
        """Record a rule that moves no level here but belongs into the explanation.

        `effect` says what it did instead, where it applies.
        """
        self._note(check, effect if check.applies else "")

    def result(self, **parts: Any) -> Finding | Suppressed:
        """The finding with `parts` (the fields of `Finding`), or what held it back.

        Weights of the evidence are scaled to add up to 1.
        """
        if self._held_back is not None:
            return self._held_back
        if self.level is _NONE:
            return _nothing_left()
        return self._finding(parts)

    def in_full(self, parts: Mapping[str, Any]) -> Finding:
        """The finding with `parts`, even where it would be held back by now: it was found before.

        For what was clear at once, and is weighed only where somebody reads it.
        """
        return self._finding(dict(parts))

    def _finding(self, parts: dict[str, Any]) -> Finding:
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

    def outline(self, tell: Callable[[], Mapping[str, Any]], **parts: Any) -> Outline | Suppressed:
        """The finding with `parts`, and those of `tell` where it is read; or what held it back.

        For detectors of the `user` key whose findings repeat from event to event: of a repeat
        hardly anything is read. Headline, evidence and whatever else explains belong into `tell`.
        """
        level = self.level
        if self._held_back is not None or level is _NONE:
            return self._held_back or _nothing_left()
        return Outline(risk_level=level, tell=lambda: self._finding({**parts, **tell()}), **parts)

    def _move(self, check: Check, by: int) -> bool:
        if not check.applies:
            self._considered.append((check, ""))
            return False
        way = "+1" if by > 0 else "-1"
        self._note(check, f"{way} level")
        self._steps += by
        self._modifiers.append(f"{way} {_named(check)}")
        return True

    def _note(self, check: Check, effect: str) -> None:
        self._considered.append((check, effect))


def _named(check: Check) -> str:
    return f"{check.rule} {check.label}" if is_code(check.rule) else check.label


def _nothing_left() -> Suppressed:
    return Suppressed(rule="level", reason="nothing was left of the level")


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
