"""The thread that reads the database for the console."""

from __future__ import annotations

import asyncio
import sqlite3
from pathlib import Path

import pytest

from risktui.console.reader import Reader
from risktui.store.database import prepare


def tables(connection: sqlite3.Connection) -> int:
    return int(connection.execute("SELECT count(*) FROM sqlite_master").fetchone()[0])


async def test_who_asks_a_console_that_has_ended_is_cancelled(tmp_path: Path) -> None:
    prepare(tmp_path / "x.db")
    reader = Reader(tmp_path / "x.db")
    assert await reader.ask(tables) > 0
    reader.close()
    late = asyncio.create_task(reader.ask(tables))
    with pytest.raises(asyncio.CancelledError):
        await late
