"""Ids of events that were processed, beyond the window in which they are rows of a table.

A file of last month that is delivered again must not count twice. As rows its ids would take more
room than everything else; packed by the hour in which they happened they take five bytes each.
Two ids of one hour share these bytes once in twenty million events of an hour with 50,000.
"""

from __future__ import annotations

import sqlite3
from bisect import bisect_left
from collections.abc import Iterable

import aiosqlite

from risktui.detect.state import DAY, HOUR

SEEN_FOR = 48 * HOUR
"""How long an event's id is a row (ms of event time; gate G8)."""
SEEN_BEFORE_FOR = 90 * DAY
"""How long packed ids are kept (ms of event time): as long as what the stages remember."""
WIDTH = 5
"""Bytes kept of a hash."""


def packed(hashes: Iterable[int], before: bytes = b"") -> bytes:
    """`hashes` of one hour, and those packed `before`, as they are stored."""
    keys = {_key(each) for each in hashes}
    keys.update(before[at : at + WIDTH] for at in range(0, len(before), WIDTH))
    return b"".join(sorted(keys))


def holds(pack: bytes, hash_: int) -> bool:
    """Whether an hour's ids have `hash_` among them."""
    key = _key(hash_)
    count = len(pack) // WIDTH
    at = bisect_left(range(count), key, key=lambda i: pack[WIDTH * i : WIDTH * (i + 1)])
    return pack[WIDTH * at : WIDTH * (at + 1)] == key


def load(connection: sqlite3.Connection, hour: int) -> bytes:
    """The packed ids of an hour of event time; empty where there are none."""
    row = connection.execute("SELECT hashes FROM seen_before WHERE hour = ?", (hour,)).fetchone()
    return bytes(row[0]) if row is not None else b""


async def pack_old(connection: aiosqlite.Connection, newest: int) -> None:
    """Pack the ids of events before the window that ends with `newest` (ms); forget the oldest.

    One transaction for each hour, so that a crash in between loses and doubles nothing.
    """
    end = newest - SEEN_FOR
    while (hour := await _oldest_hour(connection)) is not None and (hour + 1) * HOUR <= end:
        await connection.execute("BEGIN IMMEDIATE")
        try:
            await _pack_hour(connection, hour)
            await connection.execute("COMMIT")
        except BaseException:
            if connection.in_transaction:
                await connection.execute("ROLLBACK")
            raise
    last = (newest - SEEN_BEFORE_FOR) // HOUR
    await connection.execute("DELETE FROM seen_before WHERE hour < ?", (last,))


async def _oldest_hour(connection: aiosqlite.Connection) -> int | None:
    async with connection.execute("SELECT min(time) FROM seen") as cursor:
        row = await cursor.fetchone()
    return None if row is None or row[0] is None else int(row[0]) // HOUR


async def _pack_hour(connection: aiosqlite.Connection, hour: int) -> None:
    span = hour * HOUR, (hour + 1) * HOUR
    query = "SELECT hash FROM seen WHERE time >= ? AND time < ?"
    async with connection.execute(query, span) as cursor:
        hashes = [row[0] async for row in cursor]
    query = "SELECT hashes FROM seen_before WHERE hour = ?"
    async with connection.execute(query, (hour,)) as cursor:
        row = await cursor.fetchone()
    pack = packed(hashes, bytes(row[0]) if row is not None else b"")
    await connection.execute("INSERT OR REPLACE INTO seen_before VALUES (?, ?)", (hour, pack))
    await connection.execute("DELETE FROM seen WHERE time >= ? AND time < ?", span)


def _key(hash_: int) -> bytes:
    return hash_.to_bytes(8, "big", signed=True)[:WIDTH]
