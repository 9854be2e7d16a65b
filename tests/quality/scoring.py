"""Compares what was found with what is true, type by type."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable

import msgspec

from quality.running import Findings
from risktui.model.risk import Detection, RiskLevel, Suppression
from simulator.tenant import Tenant
from simulator.truth import ANYTHING, LEVELS, Truth


class Mistake(msgspec.Struct, frozen=True):
    """Something that was missed, or found where nothing was."""

    kind: str
    """missed, false or level."""
    risk_event_type: str
    seed: int
    who: str
    level: str
    story: str
    what: str
    """The headline and the level's reasons of what was found, or the size of what was missed."""


class Score(msgspec.Struct):
    """How one type did."""

    attacks: int = 0
    """Attacks on which it must fire."""
    found: int = 0
    false: int = 0
    false_from_medium: int = 0
    right_level: int = 0
    """Of the found ones, how many have a level that the card allows."""
    high: int = 0
    high_true: int = 0

    @property
    def precision(self) -> float | None:
        """Share of what was found that is true; None where nothing was found."""
        total = self.found + self.false
        return self.found / total if total else None

    @property
    def recall(self) -> float | None:
        """Share of the attacks that was found; None where there were none."""
        return self.found / self.attacks if self.attacks else None

    @property
    def f1(self) -> float | None:
        """Harmonic mean of both; None where there were no attacks."""
        if not self.attacks:
            return None
        return 2 * self.found / (2 * self.found + self.false + self.attacks - self.found)

    def add(self, other: Score) -> None:
        """Count another tenant's as well."""
        for name in self.__struct_fields__:
            setattr(self, name, getattr(self, name) + getattr(other, name))


class Result(msgspec.Struct):
    """How the product did on some tenants."""

    scores: dict[str, Score] = {}
    mistakes: list[Mistake] = []
    user_days: int = 0
    events: int = 0
    seeds: list[int] = []
    detectors: list[str] = []

    def add(self, other: Result) -> None:
        """Count another tenant's as well."""
        for name, score in other.scores.items():
            self.scores.setdefault(name, Score()).add(score)
        self.mistakes += other.mistakes
        self.user_days += other.user_days
        self.events += other.events
        self.seeds += other.seeds
        self.detectors = sorted({*self.detectors, *other.detectors})

    def false_alerts(self, *, from_medium: bool) -> float:
        """False alerts per 1,000 users and day."""
        scores = self.scores.values()
        false = sum(s.false_from_medium if from_medium else s.false for s in scores)
        return false * 1000 / self.user_days

    def high_true(self) -> float | None:
        """Share of the detections of high level that are true."""
        high = sum(score.high for score in self.scores.values())
        return sum(s.high_true for s in self.scores.values()) / high if high else None


def score(tenant: Tenant, findings: Findings) -> Result:
    """Judge every detection by the truth, and every truth by the detections."""
    result = Result(
        user_days=tenant.user_days,
        events=len(tenant.events),
        seeds=[tenant.company.seed],
        detectors=findings.detectors,
    )
    scores: dict[str, Score] = defaultdict(Score)
    by_person: dict[str, list[Truth]] = defaultdict(list)
    for truth in tenant.truths:
        by_person[truth.person.id].append(truth)
    met: dict[tuple[int, str], Detection] = {}
    for each in findings.detections:
        truths = [t for t in by_person[each.user_id] if _explains(t, each)]
        mine = scores[each.risk_event_type]
        high = each.risk_level is RiskLevel.HIGH
        mine.high += high
        if not truths:
            mine.false += 1
            mine.false_from_medium += each.risk_level.rank >= RiskLevel.MEDIUM.rank
            result.mistakes.append(_false(each, tenant))
            continue
        mine.high_true += high
        for truth in truths:
            if each.risk_event_type in truth.must:
                met.setdefault((id(truth), each.risk_event_type), each)
    for truth in tenant.truths:
        for name in truth.must:
            detection = met.get((id(truth), name))
            _count(scores[name], name, truth, detection, result)
            if detection is None:
                result.mistakes.append(_missed(name, truth, tenant, findings.suppressions))
    result.scores = dict(scores)
    return result


def _explains(truth: Truth, found: Detection) -> bool:
    inside = truth.start <= found.activity_date_time <= truth.end
    low_enough = found.risk_level.rank <= RiskLevel(truth.highest).rank
    return inside and low_enough and truth.covers(found.risk_event_type)


def _missed(name: str, truth: Truth, tenant: Tenant, held: Iterable[Suppression]) -> Mistake:
    """With what held the type back, where anything did."""
    reasons = [
        f"{each.rule}: {each.reason}"
        for each in held
        if each.risk_event_type == name
        and each.user_id == truth.person.id
        and truth.start <= each.time <= truth.end
    ]
    what = f"{truth.variant}; held back by {' | '.join(dict.fromkeys(reasons)) or 'nothing'}"
    upn, seed = truth.person.upn, tenant.company.seed
    return Mistake("missed", name, seed, upn, "", truth.story, what)


def _count(score_: Score, name: str, truth: Truth, found: Detection | None, result: Result) -> None:
    score_.attacks += 1
    if found is None:
        return
    score_.found += 1
    lowest, highest = (RiskLevel(word).rank for word in LEVELS.get(name, ANYTHING))
    if lowest <= found.risk_level.rank <= highest:
        score_.right_level += 1
        return
    what = _words(found)
    seed, who = result.seeds[0], truth.person.upn
    mistake = Mistake("level", name, seed, who, found.risk_level.value, truth.story, what)
    result.mistakes.append(mistake)


def _false(found: Detection, tenant: Tenant) -> Mistake:
    stories = [t.story for t in tenant.truths if t.person.id == found.user_id]
    return Mistake(
        "false",
        found.risk_event_type,
        tenant.company.seed,
        found.user_principal_name,
        found.risk_level.value,
        ", ".join(stories),
        _words(found),
    )


def _words(found: Detection) -> str:
    level = found.explanation.level
    steps = "; ".join((f"{level.base} {level.base_reason}", *level.modifiers))
    return f"{found.explanation.headline} [{steps}]"
