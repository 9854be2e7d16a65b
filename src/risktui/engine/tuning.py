"""Which other settings to try, judged by what people said of the detections there are.

Candidates come from the thresholds that false alarms hung on: just beyond the number that made
each of them, and half and double of every other number of the same detector.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from math import ceil, floor
from typing import TypeGuard

import msgspec

from risktui.detect import Detector
from risktui.detect.loader import Catalogue
from risktui.engine.compare import Label, Precision, precision
from risktui.model.risk import Detection

MOST_CANDIDATES = 24
"""Each one is an engine that lives through everything; more take their time and seldom help."""


class Candidate(msgspec.Struct, frozen=True, order=True):
    """A setting with another value."""

    risk_event_type: str
    setting: str
    now: int | float
    value: int | float

    @property
    def toml(self) -> str:
        """As the configuration has it."""
        return f"[detectors.{self.risk_event_type}]\n{self.setting} = {self.value}"


class Proposal(msgspec.Struct, frozen=True):
    """A candidate that helps, and what it does."""

    candidate: Candidate
    before: Precision
    after: Precision
    silenced: tuple[Detection, ...]
    """False alarms that would not have been."""
    lost: tuple[Detection, ...]
    """Detections nobody has judged that would not have been, either."""
    added: tuple[Detection, ...]
    """Detections that would come, and that nobody has judged."""


def candidates(
    catalogue: Catalogue, detections: Mapping[str, Detection], said: Mapping[str, Label]
) -> list[Candidate]:
    """What to try, the numbers that false alarms hung on first."""
    alarms = [detections[key] for key, label in sorted(said.items()) if label == "false"]
    found: dict[Candidate, None] = {}
    for kind in sorted({alarm.risk_event_type for alarm in alarms}):
        detector = catalogue.detector(kind)
        if detector is None:
            continue
        mine = [alarm for alarm in alarms if alarm.risk_event_type == kind]
        found.update(dict.fromkeys(_beyond(detector, mine)))
    for kind in sorted({alarm.risk_event_type for alarm in alarms}):
        detector = catalogue.detector(kind)
        if detector is not None:
            found.update(dict.fromkeys(_doubled(detector)))
    return list(found)[:MOST_CANDIDATES]


def judge(
    candidate: Candidate,
    before: Mapping[str, Detection],
    after: Mapping[str, Detection],
    said: Mapping[str, Label],
) -> Proposal | None:
    """The candidate as a proposal; None where it loses a compromise or silences no false alarm."""
    gone = [before[key] for key in sorted(before.keys() - after.keys())]
    new = [after[key] for key in sorted(after.keys() - before.keys())]
    if any(said.get(detection.id) == "true" for detection in gone):
        return None
    silenced = tuple(d for d in gone if said.get(d.id) == "false")
    if not silenced:
        return None
    return Proposal(
        candidate,
        precision(before, said),
        precision(after, said),
        silenced,
        lost=tuple(d for d in gone if d.id not in said),
        added=tuple(new),
    )


def best_first(proposals: Iterable[Proposal]) -> list[Proposal]:
    """Most false alarms silenced first; then what loses and adds least; one for each setting."""
    ranked = sorted(
        proposals,
        key=lambda p: (
            -len(p.silenced),
            len(p.lost) + len(p.added),
            abs(p.candidate.value - p.candidate.now),
            p.candidate,
        ),
    )
    best: dict[tuple[str, str], Proposal] = {}
    for each in ranked:
        best.setdefault((each.candidate.risk_event_type, each.candidate.setting), each)
    return list(best.values())


def _beyond(detector: Detector, alarms: Iterable[Detection]) -> Iterator[Candidate]:
    """Just beyond the numbers that false alarms were made by."""
    for alarm in alarms:
        for threshold in alarm.explanation.thresholds:
            now = getattr(detector.settings, threshold.name, None)
            actual = threshold.actual
            if not _is_number(now) or not _is_number(actual):
                continue
            for value in _next_to(actual, whole=isinstance(now, int)):
                if value != now and value >= 0:
                    yield Candidate(detector.risk_event_type, threshold.name, now, value)


def _next_to(actual: float, *, whole: bool) -> tuple[int | float, ...]:
    if whole:
        return floor(actual) + 1, max(0, ceil(actual) - 1)
    return round(actual * 1.01 + 1e-9, 3), round(actual * 0.99, 3)


def _doubled(detector: Detector) -> Iterator[Candidate]:
    for field in msgspec.structs.fields(detector.settings):
        now = getattr(detector.settings, field.name)
        if not _is_number(now) or not now:
            continue
        for value in (now * 2, now // 2 if isinstance(now, int) else round(now / 2, 3)):
            yield Candidate(detector.risk_event_type, field.name, now, value)


def _is_number(value: object) -> TypeGuard[int | float]:
    return isinstance(value, int | float) and not isinstance(value, bool)
