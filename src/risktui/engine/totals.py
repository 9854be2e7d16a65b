"""Counts what one run has done."""

from __future__ import annotations

from collections.abc import Sequence

import msgspec

from risktui.logs.batch import Quarantined
from risktui.logs.quarantine import count_named


class Totals(msgspec.Struct):
    """What this run has done so far."""

    records: int = 0
    events: int = 0
    duplicates: int = 0
    detections: int = 0
    quarantined: int = 0
    quarantine_reasons: dict[str, int] = {}
    quarantine_files: dict[str, int] = {}
    not_read: dict[str, int] = {}
    formats: dict[str, int] = {}
    newest: int = 0
    """Latest event time (ms)."""

    def set_aside(self, records: Sequence[Quarantined]) -> None:
        """Count what could not be read, by reason and by file."""
        self.quarantined += len(records)
        for record in records:
            count_named(self.quarantine_reasons, record.reason)
            count_named(self.quarantine_files, record.path, "")
