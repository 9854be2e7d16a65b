"""Which records were seen before, in Spark's state store."""

from __future__ import annotations

from risktui.detect.state import HOUR
from risktui.engine.seen import Seen, marks_of
from risktui.engine.spark.rows import Blobs
from risktui.model.events import Event

WIDTH = 8
"""Bytes of a mark."""


class HourlySeen(Seen):
    """Marks of records, packed by the hour in which they happened."""

    def __init__(self, blobs: Blobs) -> None:
        self._blobs = blobs
        self._hours: dict[int, set[int]] = {}
        self._touched: set[int] = set()

    def note(self, event: Event) -> list[int]:
        """Remember `event`."""
        noted = marks_of(event)
        hour = event.time // HOUR
        self._of(hour).update(noted)
        self._touched.add(hour)
        return noted

    def _knows(self, digest: int, time: int) -> bool:
        return digest in self._of(time // HOUR)

    def _of(self, hour: int) -> set[int]:
        known = self._hours.get(hour)
        if known is None:
            kept = self._blobs.get(str(hour))
            raw = kept[1] if kept is not None else b""
            known = self._hours[hour] = {
                int.from_bytes(raw[at : at + WIDTH], "big", signed=True)
                for at in range(0, len(raw), WIDTH)
            }
        return known

    def write(self) -> None:
        """Hand what changed to the state store."""
        for hour in sorted(self._touched):
            marks = sorted(self._hours[hour])
            raw = b"".join(mark.to_bytes(WIDTH, "big", signed=True) for mark in marks)
            self._blobs.put(str(hour), hour * HOUR, raw)
        self._touched.clear()
