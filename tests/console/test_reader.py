"""The thread that reads the database for the console."""

from __future__ import annotations

import asyncio
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from risktui.console.reader import Reader
from risktui.console.reading import glance
from risktui.store.database import prepare, writer


def people(connection: sqlite3.Connection) -> int:
    return int(connection.execute("SELECT count(*) FROM people").fetchone()[0])


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


async def test_one_question_is_about_one_moment_whatever_is_written_meanwhile(
    tmp_path: Path,
) -> None:
    """Else a header says how far a backlog is, and counts the people of a moment before."""
    prepare(tmp_path / "x.db")
    reader = Reader(tmp_path / "x.db")

    def twice(connection: sqlite3.Connection) -> tuple[int, int]:
        before = people(connection)
        with closing(writer(tmp_path / "x.db")) as engine:
            engine.execute("INSERT INTO people VALUES ('carol', 'carol@contoso.com', 'Carol')")
        return before, people(connection)

    version, _ = await reader.ask(glance)
    assert await reader.ask(twice) == (0, 0)
    assert await reader.ask(people) == 1
    assert (await reader.ask(glance))[0] != version
    reader.close()
