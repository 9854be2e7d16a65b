"""The log beside the database: it may grow while much is written, and does not stay so."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path

from risktui.store.database import LOG_BYTES, async_writer, fold_in, prepare, reader

ROWS, EACH = 50, 1_000_000


async def test_what_a_large_log_holds_goes_into_the_database(tmp_path: Path) -> None:
    path = tmp_path / "x.db"
    log = tmp_path / "x.db-wal"
    prepare(path)
    connection = await async_writer(path)
    try:
        for number in range(ROWS):
            await connection.execute(
                "INSERT INTO meta (name, value) VALUES (?, ?)", (f"thing {number}", "x" * EACH)
            )
        assert log.stat().st_size > LOG_BYTES
        assert path.stat().st_size < EACH
        await fold_in(connection, path)
        assert path.stat().st_size > ROWS * EACH
        await connection.execute("INSERT INTO meta (name, value) VALUES ('last', '')")
        assert log.stat().st_size <= LOG_BYTES
        with closing(reader(path)) as other:
            assert other.execute("SELECT count(*) FROM meta").fetchone()[0] >= ROWS + 1
    finally:
        await connection.close()


async def test_what_is_written_next_is_committed(tmp_path: Path) -> None:
    path = tmp_path / "x.db"
    prepare(path)
    connection = await async_writer(path)
    try:
        for number in range(ROWS):
            await connection.execute(
                "INSERT INTO meta (name, value) VALUES (?, ?)", (f"thing {number}", "x" * EACH)
            )
        await fold_in(connection, path)
        await connection.work(_a_transaction)
        with closing(reader(path)) as other:
            assert other.execute("SELECT value FROM meta WHERE name = 'next'").fetchone() == ("y",)
    finally:
        await connection.close()


def _a_transaction(opened: sqlite3.Connection) -> None:
    opened.execute("BEGIN IMMEDIATE")
    opened.execute("INSERT INTO meta (name, value) VALUES ('next', 'y')")
    opened.execute("COMMIT")


async def test_a_small_log_is_left_alone(tmp_path: Path) -> None:
    path = tmp_path / "x.db"
    prepare(path)
    connection = await async_writer(path)
    try:
        await connection.execute("INSERT INTO meta (name, value) VALUES ('a', 'b')")
        before = path.stat().st_mtime_ns, path.stat().st_size
        await fold_in(connection, path)
        assert (path.stat().st_mtime_ns, path.stat().st_size) == before
    finally:
        await connection.close()
