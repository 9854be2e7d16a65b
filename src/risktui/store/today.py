"""What spans of time count back from: now, or the end of logs that ended long ago."""

from __future__ import annotations

import sqlite3

ENDED = 86_400_000
"""Logs whose newest event is older than this (ms) are a past, whose end stands for the present."""


def newest(connection: sqlite3.Connection) -> int:
    """When the newest event of all logs happened (ms); 0 where there was none."""
    row = connection.execute("SELECT coalesce(max(newest), 0) FROM source_formats").fetchone()
    return int(row[0])


def today(connection: sqlite3.Connection, now: int) -> int:
    """What `24h` counts back from (ms) at wall clock `now`."""
    last = newest(connection)
    return last if 0 < last < now - ENDED else now
