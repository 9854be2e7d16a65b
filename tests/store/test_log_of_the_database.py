"""The log beside the database: it may grow while much is written, and does not stay so."""

from __future__ import annotations

import sqlite3
from collections.abc import AsyncIterator
from contextlib import closing
from pathlib import Path

import pytest

from risktui.store.database import LOG_BYTES, Writer, async_writer, fold_in, prepare, reader

ROWS, EACH = 50, 1_000_000


@pytest.fixture
async def engine(tmp_path: Path) -> AsyncIterator[Writer]:
    prepare(tmp_path / "x.db")
    connection = await async_writer(tmp_path / "x.db")
    yield connection
    await connection.close()


async def put(engine: Writer, name: str, value: str = "") -> None:
    await engine.execute("INSERT INTO meta (name, value) VALUES (?, ?)", (name, value))


async def test_what_a_large_log_holds_goes_into_the_database(
    engine: Writer, tmp_path: Path
) -> None:
    path, log = tmp_path / "x.db", tmp_path / "x.db-wal"
    for number in range(ROWS):
        await put(engine, f"thing {number}", "x" * EACH)
    assert log.stat().st_size > LOG_BYTES
    assert path.stat().st_size < EACH
    await fold_in(engine, path)
    assert path.stat().st_size > ROWS * EACH
    await put(engine, "last")
    assert log.stat().st_size <= LOG_BYTES
    with closing(reader(path)) as other:
        assert other.execute("SELECT count(*) FROM meta").fetchone()[0] >= ROWS + 1


async def test_what_is_written_next_is_committed(engine: Writer, tmp_path: Path) -> None:
    for number in range(ROWS):
        await put(engine, f"thing {number}", "x" * EACH)
    await fold_in(engine, tmp_path / "x.db")
    await engine.work(a_transaction)
    with closing(reader(tmp_path / "x.db")) as other:
        assert other.execute("SELECT value FROM meta WHERE name = 'next'").fetchone() == ("y",)


def a_transaction(opened: sqlite3.Connection) -> None:
    opened.execute("BEGIN IMMEDIATE")
    opened.execute("INSERT INTO meta (name, value) VALUES ('next', 'y')")
    opened.execute("COMMIT")


async def test_a_small_log_is_left_alone(engine: Writer, tmp_path: Path) -> None:
    path = tmp_path / "x.db"
    await put(engine, "thing")
    before = path.stat().st_mtime_ns, path.stat().st_size
    await fold_in(engine, path)
    assert (path.stat().st_mtime_ns, path.stat().st_size) == before
