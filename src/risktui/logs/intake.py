"""Makes events of records, and keeps the account of those that give none."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import Protocol

from risktui.logs.batch import Batch
from risktui.logs.formats.registry import NotRead, Reading, decode
from risktui.logs.quarantine import count_named, from_broken, from_record
from risktui.logs.records import Broken, Record
from risktui.model.events import Event


class Elsewhere(Protocol):
    """Makes events of records in other processes, and adds what is known of their addresses."""

    def begin(self, records: list[bytes]) -> int:
        """Have `records` read; the number to ask for what they hold."""

    def end(self, number: int) -> Sequence[Reading]:
        """What they hold, in order."""


def events_of(
    pieces: Iterable[Record | Broken], batch: Batch, readings: Iterable[Reading] | None = None
) -> Iterator[tuple[Record, Event]]:
    """The events of `pieces` with their records; everything else is noted in `batch`.

    `readings` are what the records hold, where somebody has looked already.
    """
    known = iter(readings) if readings is not None else None
    records = batch.records
    for piece in pieces:
        if isinstance(piece, Broken):
            batch.quarantined.append(from_broken(piece))
            continue
        records[piece.path] = records.get(piece.path, 0) + 1
        reading = next(known) if known is not None else decode(piece.raw)
        if isinstance(reading, NotRead):
            if reading.broken:
                batch.quarantined.append(from_record(piece, reading.reason))
            else:
                count_named(batch.not_read, reading.reason)
            continue
        for event in reading:
            yield piece, event
