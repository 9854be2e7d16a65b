from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from pathlib import Path

import pytest

from risktui.store import outbox
from risktui.store.database import prepare, writer

KINDS = ("detection", "user")


@pytest.fixture
def box(tmp_path: Path) -> Iterator[sqlite3.Connection]:
    prepare(tmp_path / "x.db")
    connection = writer(tmp_path / "x.db")
    for number, (kind, subject) in enumerate(
        [
            ("detection", "a"),
            ("user", "u"),
            ("detection", "b"),
            ("history", "h"),
            ("detection", "a"),
        ],
        1,
    ):
        connection.execute(
            "INSERT INTO outbox (kind, subject, body, written) VALUES (?, ?, ?, ?)",
            (kind, subject, f"{number}".encode(), number * 1000),
        )
    yield connection
    connection.close()


def _numbers(box: sqlite3.Connection) -> list[int]:
    return [row[0] for row in box.execute("SELECT number FROM outbox ORDER BY number")]


def test_every_change_comes_in_order(box: sqlite3.Connection) -> None:
    assert [row.number for row in outbox.rows(box, 0, KINDS, 10)] == [1, 2, 3, 5]
    assert [row.number for row in outbox.rows(box, 2, KINDS, 1)] == [3]


def test_each_thing_once_comes_as_it_was_last(box: sqlite3.Connection) -> None:
    rows = list(outbox.latest_rows(box, 0, KINDS))
    assert [(row.number, row.body) for row in rows] == [(2, b"2"), (3, b"3"), (5, b"5")]


def test_a_cursor_never_goes_back(box: sqlite3.Connection) -> None:
    assert outbox.cursor(box, "siem") is None
    outbox.move(box, "siem", 4, now=1)
    outbox.move(box, "siem", 2, now=2)
    assert outbox.cursor(box, "siem") == 4
    assert outbox.cursors(box) == [outbox.Cursor("siem", 4, 2, 1)]


def test_what_every_reader_has_passed_is_cleared_away(box: sqlite3.Connection) -> None:
    box.execute(outbox.PRUNE, (0,))
    assert _numbers(box) == [1, 2, 3, 4, 5]  # nobody has read, nothing is old
    outbox.move(box, "siem", 4, now=1)
    outbox.move(box, "mail", 2, now=1)
    box.execute(outbox.PRUNE, (0,))
    assert _numbers(box) == [3, 4, 5]


def test_what_is_old_goes_even_when_a_reader_never_comes_back(box: sqlite3.Connection) -> None:
    outbox.move(box, "gone", 0, now=1)
    box.execute(outbox.PRUNE, (4000,))
    assert _numbers(box) == [4, 5]
    assert outbox.first(box) == 4


def test_numbers_go_on_when_everything_is_gone(box: sqlite3.Connection) -> None:
    box.execute(outbox.PRUNE, (9000,))
    assert (outbox.first(box), outbox.end(box)) == (6, 5)
