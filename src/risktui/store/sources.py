"""What was read of the logs: by format, how far, and what was refused."""

from __future__ import annotations

import sqlite3

import msgspec

from risktui.logs.batch import Position
from risktui.store.queries import QuarantineEntry


class SourceFormat(msgspec.Struct, frozen=True):
    """What was read of one format, from however many files."""

    format: str
    files: int
    events: int
    newest: int
    """Latest event time (ms)."""
    ahead: int
    """How far an event's time was ahead of the wall clock when it was read (ms)."""
    ahead_in: str
    """The file with that event."""
    read: int
    """Wall clock (ms) of the last commit."""
    offset: int
    size: int
    """Bytes that are read, and that there were when the files were last looked at."""


class Unread(msgspec.Struct, frozen=True):
    """A file that is not read to its end."""

    path: str
    offset: int
    size: int


class Reason(msgspec.Struct, frozen=True):
    """Why records are in quarantine, and some of them."""

    reason: str
    records: int
    examples: list[QuarantineEntry]


def source_formats(connection: sqlite3.Connection) -> list[SourceFormat]:
    """What was read, by format."""
    worst = {
        name: (ahead, path)
        for name, ahead, path in connection.execute(
            "SELECT format, ahead, path FROM source_formats ORDER BY ahead, path"
        )
    }
    rows = connection.execute(
        "SELECT format, count(*), sum(events), max(newest), coalesce(max(updated), 0)"
        " FROM source_formats LEFT JOIN sources USING (path) GROUP BY format ORDER BY format"
    )
    lengths = _lengths(connection)
    found = []
    for name, files, events, newest, read in rows:
        ahead, path = worst[name]
        found.append(SourceFormat(name, files, events, newest, ahead, path, read, *lengths[name]))
    return found


def _lengths(connection: sqlite3.Connection) -> dict[str, tuple[int, int]]:
    """How many bytes of each format's files are read, and how many there are."""
    rows = connection.execute(
        "SELECT format, position FROM source_formats LEFT JOIN sources USING (path)"
    )
    found: dict[str, tuple[int, int]] = {}
    for name, packed in rows:
        offset, size = found.get(name, (0, 0))
        if packed is not None:
            position = msgspec.msgpack.decode(packed, type=Position)
            offset, size = offset + min(position.offset, position.size), size + position.size
        found[name] = offset, size
    return found


def unread(connection: sqlite3.Connection) -> list[Unread]:
    """Files with a rest that was not taken when they were last looked at."""
    rows = connection.execute("SELECT position FROM sources ORDER BY path")
    found = [msgspec.msgpack.decode(row[0], type=Position) for row in rows]
    return [
        Unread(position.path, position.offset, position.size)
        for position in found
        if position.offset < position.size
    ]


def quarantine_reasons(connection: sqlite3.Connection, examples: int = 3) -> list[Reason]:
    """Why records are in quarantine, most frequent first, with the first few of each."""
    rows = connection.execute(
        "SELECT path, offset, reason, sample, found, total FROM (SELECT *,"
        " row_number() OVER (PARTITION BY reason ORDER BY path, offset) AS number,"
        " count(*) OVER (PARTITION BY reason) AS total FROM quarantine)"
        " WHERE number <= ? ORDER BY total DESC, reason, number",
        (examples,),
    )
    reasons: dict[str, Reason] = {}
    for *entry, total in rows:
        known = reasons.setdefault(entry[2], Reason(entry[2], total, []))
        known.examples.append(QuarantineEntry(*entry))
    return list(reasons.values())
