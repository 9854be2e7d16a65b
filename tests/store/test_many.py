"""Many rows at once are the same as one after the other."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing

import pytest

from risktui.store import many

Row = tuple[object, ...]

UPSERT = (
    "INSERT INTO things (name, size, body) VALUES (?, ?, ?)"
    " ON CONFLICT (name) DO UPDATE SET size = excluded.size, body = excluded.body"
)
ONLY_NEW = "INSERT OR IGNORE INTO things (name, size, body) VALUES (?, ?, ?)"
CHANGED = (
    "UPDATE things SET size = made.column1 FROM (VALUES (?, ?)) AS made WHERE name = made.column2"
)


@pytest.fixture
def database() -> Iterator[sqlite3.Connection]:
    with closing(sqlite3.connect(":memory:", isolation_level=None)) as connection:
        connection.execute("CREATE TABLE things (name TEXT PRIMARY KEY, size INTEGER, body BLOB)")
        yield connection


def things(connection: sqlite3.Connection) -> list[Row]:
    return connection.execute("SELECT * FROM things ORDER BY name").fetchall()


@pytest.mark.parametrize("count", [0, 1, 3, 4, 5, 31, 36, 255, 256, 257, 600])
def test_every_row_arrives_however_many_there_are(database: sqlite3.Connection, count: int) -> None:
    rows = [(f"thing {number:03}", number, bytes([number % 256, 0])) for number in range(count)]
    many.execute(database, UPSERT, rows)
    assert things(database) == rows


def test_the_last_of_two_rows_of_one_name_counts(database: sqlite3.Connection) -> None:
    rows = [(f"thing {number % 7}", number, None) for number in range(300)]
    many.execute(database, UPSERT, rows)
    assert things(database) == sorted((f"thing {last % 7}", last, None) for last in range(293, 300))


def test_the_first_of_two_rows_of_one_name_counts_where_only_new_ones_are_taken(
    database: sqlite3.Connection,
) -> None:
    many.execute(
        database, ONLY_NEW, [(f"thing {number % 7}", number, None) for number in range(60)]
    )
    assert things(database) == [(f"thing {first}", first, None) for first in range(7)]


def test_hundreds_of_rows_change_each_by_its_own_values(database: sqlite3.Connection) -> None:
    many.execute(database, UPSERT, [(f"thing {number:03}", 0, None) for number in range(300)])
    many.execute(database, CHANGED, [(number, f"thing {number:03}") for number in range(0, 300, 2)])
    assert [size for _, size, _ in things(database)] == [
        0 if number % 2 else number for number in range(300)
    ]


def test_a_statement_without_values_runs_for_every_row(database: sqlite3.Connection) -> None:
    many.execute(database, UPSERT, [(f"thing {number:03}", 0, None) for number in range(100)])
    gone = [(f"thing {number:03}",) for number in range(99)]
    many.execute(database, "DELETE FROM things WHERE name = ?", gone)
    assert [name for name, *_ in things(database)] == ["thing 099"]


def test_a_row_that_cannot_be_written_is_said(database: sqlite3.Connection) -> None:
    rows: list[Row] = [(f"thing {number}", 0, None) for number in range(40)]
    rows[20] = ("thing 20", object(), None)
    with pytest.raises(sqlite3.Error, match="supported"):
        many.execute(database, UPSERT, rows)
