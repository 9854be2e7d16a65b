"""The audit log: one line for every act, each with the hash of all before it.

Whoever changes, removes or inserts a line breaks the chain from there on; `verify` says where. The
end of the log can be cut off without breaking anything, so verdicts that were applied and have no
line are looked for as well, and `verify` takes a hash that was noted elsewhere.
"""

from __future__ import annotations

import hashlib
import sqlite3
from collections.abc import Iterable, Iterator

import msgspec

from risktui.store import many

BEGIN = "0" * 64
"""The hash before the first line."""


class Line(msgspec.Struct, frozen=True, kw_only=True, rename="camel", omit_defaults=True):
    """Who did what to whom, and what became of it."""

    time: int
    """When it was done (ms UTC, the author's clock)."""
    actor: str
    action: str
    """confirmCompromised, confirmSafe, dismiss, undo, mail, webhook, eml, action, retry."""
    subject: str = ""
    """Principal name, detection or message it was done to."""
    result: str = ""
    place: str = ""
    note: str = ""
    cause: str = ""
    """Id of the verdict, delivery or policy result."""
    flags: tuple[str, ...] = ()


class Written(msgspec.Struct, frozen=True):
    """A line in its place."""

    number: int
    line: Line
    hash: str


class Broken(msgspec.Struct, frozen=True):
    """The first thing that is wrong with the chain."""

    number: int
    reason: str


_encode = msgspec.json.Encoder(order="deterministic").encode
_decode = msgspec.json.Decoder(Line).decode
_INSERT = "INSERT INTO audit (line, hash) VALUES (?, ?)"
_LAST = "SELECT hash FROM audit ORDER BY number DESC LIMIT 1"


def append_open(connection: sqlite3.Connection, lines: Iterable[Line]) -> None:
    """Add `lines`, within the transaction that is open."""
    row = connection.execute(_LAST).fetchone()
    many.execute(connection, _INSERT, list(chained(row[0] if row else BEGIN, lines)))


def chained(before: str, lines: Iterable[Line]) -> Iterator[tuple[bytes, str]]:
    """(line, hash) of each line, the hash covering `before` and everything since."""
    for line in lines:
        body = _encode(line)
        before = _hash(before, body)
        yield body, before


def read(connection: sqlite3.Connection, limit: int = -1) -> list[Written]:
    """The latest `limit` lines, oldest first."""
    rows = connection.execute(
        "SELECT number, line, hash FROM (SELECT * FROM audit ORDER BY number DESC LIMIT ?)"
        " ORDER BY number",
        (limit,),
    )
    return [Written(number, _decode(line), digest) for number, line, digest in rows]


def head(connection: sqlite3.Connection) -> tuple[int, str]:
    """Number and hash of the last line: what one notes elsewhere."""
    row = connection.execute(
        "SELECT number, hash FROM audit ORDER BY number DESC LIMIT 1"
    ).fetchone()
    return (int(row[0]), str(row[1])) if row else (0, BEGIN)


def verify(connection: sqlite3.Connection, expected: str = "") -> Broken | None:
    """The first break of the chain, None where it is whole; `expected` must be a hash in it."""
    before, previous = 0, BEGIN
    met = not expected or expected == BEGIN
    for number, body, digest in connection.execute(
        "SELECT number, line, hash FROM audit ORDER BY number"
    ):
        if number != before + 1:
            return Broken(before + 1, "the line is missing")
        if not isinstance(body, bytes) or digest != _hash(previous, body):
            return Broken(number, "the line or one before it was changed")
        before, previous = number, digest
        met = met or digest == expected
    if not met:
        return Broken(before + 1, "the line with the expected hash is missing: the end was cut off")
    return _unwritten(connection, before)


def _unwritten(connection: sqlite3.Connection, last: int) -> Broken | None:
    """A verdict that was applied and of which the log knows nothing."""
    row = connection.execute(
        "SELECT id FROM verdicts WHERE applied IS NOT NULL AND id NOT IN"
        " (SELECT json_extract(CAST(line AS TEXT), '$.cause') FROM audit"
        "  WHERE json_extract(CAST(line AS TEXT), '$.cause') IS NOT NULL)"
        " ORDER BY number LIMIT 1"
    ).fetchone()
    return Broken(last + 1, f"nothing is written of {row[0]}: lines were cut off") if row else None


def _hash(before: str, body: bytes) -> str:
    return hashlib.blake2b(before.encode() + body, digest_size=32).hexdigest()
