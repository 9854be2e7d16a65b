"""What an engine asks of its database before it begins."""

from __future__ import annotations

import sqlite3
from pathlib import Path
from typing import NamedTuple

from risktui.store.database import Writer
from risktui.store.lock import EngineLock

CHECKPOINT = "engine.checkpoint"
"""Under this name the database says which checkpoint of Spark's goes on with it."""


class EngineRunningError(Exception):
    """Another process is the engine of this database, or another kind of engine has it."""


class Opened(NamedTuple):
    """What an engine has of its database, to be closed when it ends."""

    lock: EngineLock
    writer: Writer
    reader: sqlite3.Connection
    path: Path


def refuse_spark(connection: sqlite3.Connection, database: object) -> None:
    """What Spark remembers of people lies in its checkpoint: judged without it all would be new.

    Raises `EngineRunningError`.
    """
    row = connection.execute("SELECT value FROM meta WHERE name = ?", (CHECKPOINT,)).fetchone()
    if row is not None:
        raise EngineRunningError(
            f"{database}: belongs to the Spark checkpoint {row[0]}; go on with --engine spark"
        )


def newest(connection: sqlite3.Connection) -> int:
    """Latest event time (ms) that was ever committed; 0 where none was."""
    return int(connection.execute("SELECT coalesce(max(time), 0) FROM seen").fetchone()[0])


def last_clock(connection: sqlite3.Connection) -> int:
    """What the clock said at the last commit (ms); 0 where there was none."""
    row = connection.execute("SELECT value FROM meta WHERE name = 'engine.clock'").fetchone()
    return int(row[0]) if row and str(row[0]).isdigit() else 0
