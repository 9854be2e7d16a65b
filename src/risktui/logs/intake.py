"""Makes events of records, and keeps the account of those that give none."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from risktui.logs.batch import Batch
from risktui.logs.formats.registry import NotRead, decode
from risktui.logs.quarantine import count_reason, from_broken, from_record
from risktui.logs.records import Broken, Record
from risktui.model.events import Event


def events_of(pieces: Iterable[Record | Broken], batch: Batch) -> Iterator[tuple[Record, Event]]:
    """The events of `pieces` with their records; everything else is noted in `batch`."""
    for piece in pieces:
        if isinstance(piece, Broken):
            batch.quarantined.append(from_broken(piece))
            continue
        batch.records[piece.path] = batch.records.get(piece.path, 0) + 1
        reading = decode(piece.raw)
        if isinstance(reading, NotRead):
            if reading.broken:
                batch.quarantined.append(from_record(piece, reading.reason))
            else:
                count_reason(batch.not_read, reading.reason)
            continue
        for event in reading:
            yield piece, event
