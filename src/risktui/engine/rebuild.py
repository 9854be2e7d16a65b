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
"""Tables that logs know nothing of: they are taken over as they are."""


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
    whatever ends this early has changed nothing. `now` is the wall clock (ms) of the audit's line.
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
        upkeep.copy(fresh, database)
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
    """Fill the people's tables of `fresh` from `database`, and write who did this."""
    with closing(writer(fresh)) as connection:
        connection.execute("ATTACH ? AS old", (str(database),))
        connection.execute("BEGIN IMMEDIATE")
        for table in PEOPLES:
            connection.execute(f"DELETE FROM main.{table}")  # noqa: S608  # our own names
            connection.execute(f"INSERT INTO main.{table} SELECT * FROM old.{table}")  # noqa: S608
        connection.execute("DELETE FROM main.sqlite_sequence WHERE name IN ('outbox', 'audit')")
        connection.execute(
            "INSERT INTO main.sqlite_sequence (name, seq)"
            " SELECT name, seq FROM old.sqlite_sequence WHERE name IN ('outbox', 'audit')"
        )
        connection.execute("INSERT OR IGNORE INTO main.people SELECT * FROM old.people")
        audit.append_open(connection, [line])
        connection.execute("COMMIT")
        connection.execute("DETACH old")
