"""What has still to be printed, mailed or posted: rows in order, and how far each reader is.

A reader with a name keeps a cursor: the last row it has dealt with. It moves the cursor after the
fact, so that a row is dealt with at least once. What every cursor has passed is cleared away; so is
what is older than a bound, or a reader that never comes back would keep everything for ever.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator, Sequence

import msgspec

PRUNE = (
    "DELETE FROM outbox WHERE number <= max("
    " coalesce((SELECT min(number) FROM cursors), 0),"
    " coalesce((SELECT max(number) FROM outbox WHERE written < ?), 0))"
)
"""Takes the wall clock (ms) that older rows do not survive."""


class Cursor(msgspec.Struct, frozen=True):
    """A reader and how far it is."""

    name: str
    number: int
    moved: int
    """Wall clock (ms) of its last step."""
    waiting: int
    """Rows it has not dealt with."""


class Row(msgspec.Struct, frozen=True):
    """One row of the outbox."""

    number: int
    kind: str
    """detection, user, history."""
    body: bytes
    """JSON of the model."""


def rows(connection: sqlite3.Connection, after: int, kinds: Sequence[str], limit: int) -> list[Row]:
    """What came after row `after`, in order: every change, each as it was then."""
    marks = ", ".join("?" * len(kinds))
    found = connection.execute(
        "SELECT number, kind, body FROM outbox"  # noqa: S608  # marks only
        f" WHERE number > ? AND kind IN ({marks}) ORDER BY number LIMIT ?",
        (after, *kinds, limit),
    )
    return [Row(number, kind, bytes(body)) for number, kind, body in found]


def latest_rows(connection: sqlite3.Connection, after: int, kinds: Sequence[str]) -> Iterator[Row]:
    """What came after row `after`, each thing once, as it is now, in the order of last changes.

    Everything up to a row is either in it or later in another form, so that a cursor may stop at
    any of them.
    """
    marks = ", ".join("?" * len(kinds))
    numbers = connection.execute(
        "SELECT max(number) FROM outbox"  # noqa: S608  # marks only
        f" WHERE number > ? AND kind IN ({marks}) GROUP BY kind, subject ORDER BY 1",
        (after, *kinds),
    ).fetchall()
    for (number,) in numbers:
        row = connection.execute(
            "SELECT number, kind, body FROM outbox WHERE number = ?", (number,)
        ).fetchone()
        if row is not None:
            yield Row(row[0], row[1], bytes(row[2]))


def end(connection: sqlite3.Connection) -> int:
    """Number of the latest row there ever was; 0 where there was none."""
    row = connection.execute("SELECT seq FROM sqlite_sequence WHERE name = 'outbox'").fetchone()
    return int(row[0]) if row else 0


def first(connection: sqlite3.Connection) -> int:
    """Number of the first row that is still there, or of the one that comes next."""
    row = connection.execute("SELECT min(number) FROM outbox").fetchone()
    return int(row[0]) if row[0] is not None else end(connection) + 1


def cursor(connection: sqlite3.Connection, name: str) -> int | None:
    """The last row that the reader called `name` has dealt with; None for a new one."""
    row = connection.execute("SELECT number FROM cursors WHERE name = ?", (name,)).fetchone()
    return int(row[0]) if row else None


def move(connection: sqlite3.Connection, name: str, number: int, now: int) -> None:
    """The reader called `name` has dealt with everything up to row `number`. It never goes back."""
    connection.execute(
        "INSERT INTO cursors (name, number, moved) VALUES (?, ?, ?)"
        " ON CONFLICT (name) DO UPDATE SET"
        " number = max(number, excluded.number), moved = excluded.moved",
        (name, number, now),
    )


def forget(connection: sqlite3.Connection, name: str) -> None:
    """The reader called `name` does not come back."""
    connection.execute("DELETE FROM cursors WHERE name = ?", (name,))


def cursors(connection: sqlite3.Connection) -> list[Cursor]:
    """Every reader with a name, and how much waits for it."""
    found = connection.execute(
        "SELECT name, number, moved,"
        " (SELECT count(*) FROM outbox WHERE outbox.number > cursors.number)"
        " FROM cursors ORDER BY name"
    )
    return [Cursor(*row) for row in found]
