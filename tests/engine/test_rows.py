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
