"""What runs where Spark has room: makes events of files and of rows, with our own readers."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Iterable, Iterator
from functools import lru_cache
from pathlib import Path
from typing import Any

import msgspec
import pyarrow as pa

from risktui.engine import wire
from risktui.engine.census import past
from risktui.engine.setup import Parts
from risktui.engine.spark.bundle import unpacked
from risktui.engine.spark.handed import decided
from risktui.engine.spark.orders import File, lines_of
from risktui.engine.spark.packed import GATE, Arrived, Decide, Item, Note, Result, pack
from risktui.engine.spark.parquet import partition_of, records
from risktui.logs.batch import Batch
from risktui.logs.clean import clean
from risktui.logs.intake import events_of
from risktui.logs.quarantine import Quarantined
from risktui.logs.records import SAMPLE, Broken, Record
from risktui.logs.source import Source
from risktui.model.risk import Outcome, VerdictResult
from risktui.settings import People
from risktui.store.people import may_judge

SCHEMA = "b int, m binary"
"""Of everything that passes between operators: the bucket it goes to, and the packed item."""
AT_ONCE = 2_000
"""Items that are handed on together."""


@lru_cache(maxsize=2)
def parts_of(bundle: str) -> Parts:
    """What the broadcast file of this name holds, made once in each process of Spark's."""
    from pyspark import SparkFiles  # whoever reads without Spark needs none of it

    return unpacked(Path(SparkFiles.get(bundle)).read_bytes())


def read_orders(bundle: str, tables: Iterator[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
    """What lines of the order log lead to: `mapInArrow` of one column of text."""
    for table in tables:
        for text in table.column(0).to_pylist():
            line = lines_of(text)
            yield from _tables(
                read_file(line, parts_of(bundle)) if isinstance(line, File) else [line]
            )


def read_values(
    bundle: str, name: str, tables: Iterator[pa.RecordBatch]
) -> Iterator[pa.RecordBatch]:
    """Events of one column of JSON, text or bytes, a record a row."""
    parts = parts_of(bundle)
    for table in tables:
        raw = [bytes(v) if isinstance(v, bytes) else str(v).encode() for v in _values(table)]
        found: list[Record | Broken] = [Record(name, 0, each, 0) for each in raw]
        yield from _tables(_events(found, Note(name), parts, now=None))


def read_verdicts(
    bundle: str, live: bool, tables: Iterator[pa.RecordBatch]
) -> Iterator[pa.RecordBatch]:
    """Decisions of people, one column of JSON; those of a stream are heard when they come."""
    people = parts_of(bundle).people
    for table in tables:
        yield from _tables(heard(_values(table), people, live=live))


def heard(texts: Iterable[str], people: People, *, live: bool) -> Iterator[Item]:
    """What decisions lead to; one that may not be made, or is none, is answered at once."""
    for text in texts:
        try:
            verdict = decided(text)
        except msgspec.DecodeError as error:
            broken = Quarantined("verdicts", 0, f"is no decision: {error}", clean(text, SAMPLE))
            yield Note("verdicts", quarantined=[broken])
            continue
        refused = may_judge(verdict.author, people)
        if refused:
            answer = VerdictResult(
                verdict_id=verdict.id,
                accepted=False,
                message=refused,
                user_id=verdict.user_id,
                user_principal_name=verdict.user_principal_name,
            )
            yield Result(0, 0, "", Outcome(verdicts=[answer]))
        else:
            yield Decide(0, verdict) if live else Arrived(verdict)


def _values(table: pa.RecordBatch) -> Iterator[Any]:
    return (value for value in table.column(0).to_pylist() if value is not None)


def _tables(items: Iterable[Item]) -> Iterator[pa.RecordBatch]:
    waiting: list[bytes] = []
    for item in items:
        waiting.append(pack(item))
        if len(waiting) >= AT_ONCE:
            yield _table(waiting)
            waiting = []
    if waiting:
        yield _table(waiting)


def _table(bodies: list[bytes]) -> pa.RecordBatch:
    buckets = pa.array([GATE] * len(bodies), pa.int32())
    return pa.record_batch([buckets, pa.array(bodies, pa.binary())], names=["b", "m"])


def read_file(file: File, parts: Parts) -> Iterator[Item]:
    """The events of a file, and at its end what it held."""
    note = Note(file.path, file.size, file.mtime_ns)
    try:
        with tempfile.TemporaryDirectory(prefix="risktui-") as folder:
            local = fetched(file.path, Path(folder))
            table = file.kind == "parquet"
            found = records(local, partition_of(file.path)) if table else _pieces(local)
            yield from _events(found, note, parts, now=file.now)
    except (OSError, pa.ArrowException) as error:
        note.quarantined.append(Quarantined(file.path, 0, f"cannot be read: {error}"))
        yield note


def fetched(path: str, folder: Path) -> str:
    """A file's name on this machine; one that has an address is brought into `folder` first."""
    if "://" not in path:
        return path
    from pyarrow import fs  # only where logs lie in an object store

    system, name = fs.FileSystem.from_uri(path)
    local = folder / Path(name).name
    with system.open_input_stream(name, compression=None) as source, local.open("wb") as target:
        shutil.copyfileobj(source, target)
    return str(local)


def _pieces(local: str) -> Iterator[Record | Broken]:
    source = Source(local)
    while not source.at_end:
        yield from source.read()
    yield from source.finish()


def _events(
    pieces: Iterable[Record | Broken], note: Note, parts: Parts, *, now: int | None
) -> Iterator[Item]:
    batch = Batch()
    for record, event in events_of(pieces, batch):
        one = Batch(events=[event], origins=[(note.path, record.offset)])
        ahead = past(one, now)[1] if now is not None else ()
        if ahead:
            note.quarantined += ahead
            continue
        parts.enricher.enrich(event)
        arrived = Arrived(wire.known(event), note.path, record.offset)
        try:
            pack(arrived)
        except (ValueError, TypeError, OverflowError):  # a hostile record holds what no wire does
            note.quarantined.append(Quarantined(note.path, record.offset, "cannot be passed on"))
            continue
        events, newest, before = note.formats.get(event.source, (0, 0, -(1 << 62)))
        lead = event.time - now if now is not None else 0
        note.formats[event.source] = events + 1, max(newest, event.time), max(before, lead)
        yield arrived
    note.records += sum(batch.records.values())
    note.quarantined += [msgspec.structs.replace(q, path=note.path) for q in batch.quarantined]
    note.not_read = batch.not_read
    yield note
