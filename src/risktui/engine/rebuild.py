"""Makes a database anew from the logs, and keeps what people did: verdicts, audit log, readers.

What was learnt and found is worked out again; nothing is announced twice, since the rows that wait
for readers, and what was mailed, stay as they were.
"""

from __future__ import annotations

import sqlite3
import tempfile
from collections.abc import Callable, Sequence
from contextlib import closing
from pathlib import Path

import msgspec

from risktui.engine.rehearsal import Rehearsal
from risktui.engine.setup import Parts
from risktui.logs.batch import Batch
from risktui.store import audit, upkeep, verdicts
from risktui.store.database import reader, writer

PEOPLES = ("verdicts", "audit", "outbox", "cursors", "deliveries", "notified")
"""Tables that logs know nothing of: they are left as they are."""


class Rebuilt(msgspec.Struct, frozen=True):
    """What came of it."""

    events: int
    before: int
    """Detections there were."""
    after: int
    gone: int
    """Detections there were and are no more: their logs are gone, or detectors judge otherwise."""
    made: int
    lost: tuple[str, ...]
    """Decisions that found nothing to apply to, in words."""


async def rebuild(
    database: Path,
    parts: Parts,
    paths: Sequence[Path],
    *,
    lateness_ms: int,
    author: str,
    now: int,
    progress: Callable[[Batch], None],
) -> Rebuilt:
    """Live through `paths` again with the decisions in `database`; the result takes its place.

    The caller holds the engine's lock. The database changes in one transaction at the very end, so
    whatever ends this early has changed nothing. What people decide meanwhile stays, and waits for
    the next engine. `now` is the wall clock (ms) of the audit's line.
    """
    with tempfile.TemporaryDirectory(prefix=".risktui-rebuild-", dir=database.parent) as folder:
        with closing(reader(database)) as connection:
            decisions = verdicts.accepted(connection)
            old = _detections(connection)
        rehearsal = Rehearsal(Path(folder), [parts])
        await rehearsal.run(paths, lateness_ms=lateness_ms, decisions=decisions, progress=progress)
        [fresh] = rehearsal.databases
        with closing(reader(fresh)) as connection:
            new, lost = _detections(connection), _refused(connection)
        line = audit.Line(
            time=now,
            actor=author,
            action="rebuild",
            subject=database.name,
            result=f"done: {len(old):,} -> {len(new):,} detections",
        )
        _take_over(fresh, database, line)
    return Rebuilt(
        events=rehearsal.events,
        before=len(old),
        after=len(new),
        gone=len(old - new),
        made=len(new - old),
        lost=lost,
    )


def _detections(connection: sqlite3.Connection) -> set[str]:
    return {str(row[0]) for row in connection.execute("SELECT id FROM detections")}


def _refused(connection: sqlite3.Connection) -> tuple[str, ...]:
    rows = connection.execute("SELECT message FROM verdicts WHERE accepted = 0 ORDER BY number")
    return tuple(str(row[0]) for row in rows)


def _take_over(fresh: Path, database: Path, line: audit.Line) -> None:
    """Make `database` what `fresh` is, but for the people's tables, and write who did this."""
    try:
        _replace_tables(fresh, database, line)
    except sqlite3.DatabaseError as error:
        if error.sqlite_errorcode & 0xFF != sqlite3.SQLITE_CORRUPT:
            raise
        _replace_file(fresh, database, line)


def _replace_tables(fresh: Path, database: Path, line: audit.Line) -> None:
    """Leave the people's tables where they are: a decision of this very moment is not lost."""
    with closing(writer(database)) as connection:
        connection.execute("ATTACH ? AS fresh", (str(fresh),))
        connection.execute("BEGIN IMMEDIATE")
        try:
            for table in _tables(connection):
                _replace(connection, table)
            audit.append_open(connection, [line])
            connection.execute("COMMIT")
        except BaseException:
            if connection.in_transaction:
                connection.execute("ROLLBACK")
            raise


def _replace_file(fresh: Path, database: Path, line: audit.Line) -> None:
    """Write every page anew, for a file that is damaged; the people's tables are read from it."""
    with closing(writer(fresh)) as connection:
        connection.execute("ATTACH ? AS old", (str(database),))
        connection.execute("BEGIN IMMEDIATE")
        for table in PEOPLES:
            connection.execute(f"DELETE FROM main.{table}")  # noqa: S608  # our own names
            connection.execute(f"INSERT INTO main.{table} SELECT * FROM old.{table}")  # noqa: S608
            _number(connection, table, "old")
        connection.execute("INSERT OR IGNORE INTO main.people SELECT * FROM old.people")
        audit.append_open(connection, [line])
        connection.execute("COMMIT")
        connection.execute("DETACH old")
    upkeep.copy(fresh, database)


def _tables(connection: sqlite3.Connection) -> list[str]:
    """What is made anew from logs."""
    rows = connection.execute(
        "SELECT name FROM fresh.sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite_%'"
    )
    return sorted({str(row[0]) for row in rows} - {*PEOPLES})


def _replace(connection: sqlite3.Connection, table: str) -> None:
    told = connection.execute("SELECT name FROM pragma_table_info(?)", (table,))
    columns = ", ".join(str(row[0]) for row in told)  # without those that SQLite works out
    if table != "people":  # who was judged may stand in no log
        connection.execute(f"DELETE FROM main.{table}")  # noqa: S608  # our own names
    connection.execute(
        f"INSERT OR REPLACE INTO main.{table} ({columns})"  # noqa: S608
        f" SELECT {columns} FROM fresh.{table}"
    )
    _number(connection, table, "fresh")


def _number(connection: sqlite3.Connection, table: str, source: str) -> None:
    """Let a table go on counting where it did in the database attached as `source`."""
    connection.execute("DELETE FROM main.sqlite_sequence WHERE name = ?", (table,))
    connection.execute(
        "INSERT INTO main.sqlite_sequence (name, seq)"  # noqa: S608
        f" SELECT name, seq FROM {source}.sqlite_sequence WHERE name = ?",
        (table,),
    )
