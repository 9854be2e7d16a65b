"""Rows in memory take no more room than they are given, and come back as they were."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path

from risktui.detect.state import KeyedState
from risktui.engine.rows import BASE_MB, StoredRows
from risktui.store.database import prepare, reader


class Note(KeyedState):
    """Something large."""

    text: str = ""


def _kept(database: Path, memory_mb: int) -> int:
    """How many of 100 rows of 40 KB are in memory after each was changed and committed."""
    with closing(reader(database)) as look, closing(sqlite3.connect(database)) as connection:
        rows = StoredRows(look, memory_mb)
        for number in range(100):
            rows.row("user", f"u{number}").part("note", Note).text = "x" * 40_000
            changes = rows.changes()
            connection.executemany("INSERT OR REPLACE INTO states VALUES (?, ?, ?, ?)", changes)
            connection.commit()
            rows.settle()
        assert rows.row("user", "u0").part("note", Note).text == "x" * 40_000
        return sum(map(len, rows._stages.values()))


def test_with_little_memory_few_rows_stay_and_none_is_lost(tmp_path: Path) -> None:
    database = tmp_path / "risktui.db"
    prepare(database)
    assert _kept(database, BASE_MB + 1) < 20
    assert _kept(database, BASE_MB + 100) == 100


def test_a_commit_is_due_before_rows_take_more_than_their_room(tmp_path: Path) -> None:
    database = tmp_path / "risktui.db"
    prepare(database)
    with closing(reader(database)) as look:
        rows = StoredRows(look, BASE_MB + 1)
        for number in range(100):
            rows.row("user", f"u{number}").part("note", Note).text = "x"
        assert rows.is_full  # as long as nobody knows how small they are
        rows.changes()
        rows.settle()
        assert not rows.is_full
        for number in range(100):
            rows.row("user", f"u{number}").part("note", Note).text = "x" * 10_000
        rows.changes()
        assert rows.is_full
