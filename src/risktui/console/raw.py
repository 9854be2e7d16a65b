"""Finds the record that a detection came from, in the logs as they lie there."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import msgspec

from risktui.logs.containers import read
from risktui.logs.records import Record
from risktui.logs.stream import Stream, UnreadableStreamError
from risktui.store import queries

MOST_FILES = 4_000
MOST_BYTES = 2_000_000_000
"""How much of the logs is looked through before it is said that the record was not found."""


class RawRecord(msgspec.Struct, frozen=True):
    """A record as it stands in its file."""

    path: str
    offset: int
    value: Any
    """Its JSON as it was written: not cleaned, so never to be shown as it is."""


class RawSearch(msgspec.Struct, frozen=True):
    """What was found, and where was looked."""

    records: tuple[RawRecord, ...] = ()
    files: int = 0
    """How many files were looked through."""
    complete: bool = True
    """Whether these were all."""


def log_files(connection: sqlite3.Connection) -> list[Path]:
    """Every log that was read, the latest written first."""
    sources = sorted(queries.sources(connection), key=lambda s: (-s.updated, s.path))
    return [Path(source.path) for source in sources]


def search(paths: Sequence[Path], wanted: Sequence[str]) -> RawSearch:
    """Looks for records with the ids `wanted` in `paths`; stops when each was found."""
    left = {name: name.encode() for name in wanted if len(name) > 1}
    found: list[tuple[int, RawRecord]] = []
    looked = taken = 0
    for path in paths:
        if not left:
            break
        if looked >= MOST_FILES or taken >= MOST_BYTES:
            return RawSearch(_ordered(found), looked, complete=False)
        looked += 1
        try:
            taken += path.stat().st_size
            if not _mentions(path, list(left.values())):
                continue
            for record in _records(path):
                met = [name for name, needle in left.items() if needle in record.raw]
                if met:
                    found.append((wanted.index(met[0]), shown(record)))
                for name in met:
                    del left[name]
        except (OSError, UnreadableStreamError):
            continue  # a log that was rotated away or is no archive any more
    return RawSearch(_ordered(found), looked)


def _ordered(found: list[tuple[int, RawRecord]]) -> tuple[RawRecord, ...]:
    return tuple(record for _, record in sorted(found, key=lambda pair: pair[0]))


def _records(path: Path) -> Iterator[Record]:
    return (record for record in read(path) if isinstance(record, Record))


def _mentions(path: Path, needles: Sequence[bytes]) -> bool:
    """Whether the file holds one of the texts: most do not, and need not be taken apart."""
    longest = max(map(len, needles))
    stream = Stream(path)
    before = b""
    while (piece := stream.read()) or stream.looking:
        text = before + piece
        if any(needle in text for needle in needles):
            return True
        before = text[-longest:]
    return False


def shown(record: Record) -> RawRecord:
    """A record for reading."""
    try:
        value = msgspec.json.decode(record.raw)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        value = record.raw.decode("utf-8", "replace")
    return RawRecord(record.path, record.offset, value)
