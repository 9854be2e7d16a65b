"""Rows in memory: what examples, contracts and tests run the pipeline on."""

from __future__ import annotations

from collections.abc import Iterable

from risktui.engine.row import Row
from risktui.engine.stages import Pipeline
from risktui.model.events import Event
from risktui.model.risk import Detection, Outcome


class MemoryRows:
    """Keeps every row; `restart` packs and unpacks them as a restart of the engine would."""

    def __init__(self) -> None:
        self.rows: dict[tuple[str, str], Row] = {}

    def row(self, stage: str, key: str) -> Row:
        """The row of `key`, made when it is not there yet."""
        found = self.rows.get((stage, key))
        if found is None:
            found = self.rows[stage, key] = Row()
        return found

    def peek(self, stage: str, key: str) -> Row | None:
        """The row of `key`, only to be read; None where there is none."""
        return self.rows.get((stage, key))

    def expect(self, stage: str, key: str) -> None:
        """Nothing: there is room for all."""

    def fetch(self, stages: Iterable[str], keys: Iterable[str]) -> None:
        """Nothing: all are here."""

    def restart(self) -> None:
        """Forget everything that is not packed."""
        self.rows = {k: Row(row.dump(), row.last) for k, row in self.rows.items()}

    def packed(self) -> dict[tuple[str, str], bytes]:
        """All rows as bytes, for comparing."""
        return {k: row.dump() for k, row in sorted(self.rows.items())}


def run(pipeline: Pipeline, events: Iterable[Event], rows: MemoryRows | None = None) -> Outcome:
    """Feed `events`, in the order given, and collect what they led to."""
    rows = rows if rows is not None else MemoryRows()
    total = Outcome()
    for event in events:
        outcome = pipeline.process(event, rows)
        total.detections += outcome.detections
        total.users += outcome.users
        total.history += outcome.history
        total.suppressions += outcome.suppressions
        total.verdicts += outcome.verdicts
        total.principals += outcome.principals
        total.principal_detections += outcome.principal_detections
        total.principal_history += outcome.principal_history
    return total


def latest(outcome: Outcome) -> dict[str, Detection]:
    """The detections of `outcome` by id, each as it was last; those of applications included."""
    found = (*outcome.detections, *outcome.principal_detections)
    return {detection.id: detection for detection in found}
