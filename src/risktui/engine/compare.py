"""Compares two ways to judge the same logs: what appears, what vanishes, what changes level."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Literal, TypeAlias

import msgspec

from risktui.model.risk import Detection, RiskLevel, RiskState

Label: TypeAlias = Literal["true", "false", "harmless"]
"""What people said of a detection: a compromise, a false alarm, true but harmless."""

_LABELS: dict[RiskState, Label] = {
    RiskState.CONFIRMED_COMPROMISED: "true",
    RiskState.CONFIRMED_SAFE: "false",
    RiskState.DISMISSED: "harmless",
}


class Change(msgspec.Struct, frozen=True):
    """A detection that is not the same in both."""

    kind: Literal["appears", "vanishes", "level"]
    detection: Detection
    """As it would be; one that vanishes as it is."""
    before: RiskLevel = RiskLevel.NONE
    after: RiskLevel = RiskLevel.NONE
    label: Label | None = None


class Precision(msgspec.Struct, frozen=True, rename="camel"):
    """How a way to judge stands against what people said."""

    detections: int
    people: int
    true: int
    false: int
    harmless: int

    @property
    def share(self) -> float | None:
        """Compromises among what people judged true or false; None where they judged nothing."""
        judged = self.true + self.false
        return self.true / judged if judged else None


def labels(detections: Iterable[Detection]) -> dict[str, Label]:
    """What people said, by the detection's id. What a machine closed says nothing."""
    return {
        detection.id: _LABELS[detection.risk_state]
        for detection in detections
        if detection.risk_state in _LABELS and detection.risk_detail.startswith("admin")
    }


def changes(
    before: Mapping[str, Detection],
    after: Mapping[str, Detection],
    said: Mapping[str, Label],
) -> list[Change]:
    """What is different, by time of the activity."""
    found = []
    for key in sorted({*before, *after}):
        old, new = before.get(key), after.get(key)
        if old is None and new is not None:
            found.append(Change("appears", new, after=level_of(new), label=said.get(key)))
        elif new is None and old is not None:
            found.append(Change("vanishes", old, before=level_of(old), label=said.get(key)))
        elif old is not None and new is not None and level_of(old) is not level_of(new):
            found.append(Change("level", new, level_of(old), level_of(new), said.get(key)))
    return sorted(found, key=lambda c: (c.detection.activity_date_time, c.detection.id))


def precision(detections: Mapping[str, Detection], said: Mapping[str, Label]) -> Precision:
    """How many detections there are, and how they stand against what people said."""
    given = [said[key] for key in detections if key in said]
    return Precision(
        detections=len(detections),
        people=len({detection.user for detection in detections.values()}),
        true=given.count("true"),
        false=given.count("false"),
        harmless=given.count("harmless"),
    )


def level_of(detection: Detection) -> RiskLevel:
    """The level it was made with, whatever a verdict made of it since."""
    active = detection.risk_state.active
    return detection.risk_level if active else detection.explanation.level.final
