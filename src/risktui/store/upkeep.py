"""Care for a database: copy it while it is used, examine it, give back room."""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import msgspec

from risktui.logs.batch import Position
from risktui.model.events import SignIn
from risktui.model.risk import (
    Detection,
    PolicyResult,
    RiskLevel,
    RiskState,
    RiskyServicePrincipal,
    RiskySignIn,
    RiskyUser,
    RiskyUserHistoryItem,
    Suppression,
)
from risktui.risk.steps import Taken
from risktui.store import audit
from risktui.store.database import reader, writer
from risktui.store.privacy import keep_private
from risktui.store.verdicts import Request

PAGES = 4_096
"""Pages copied between two looks at the clock: 16 MB with SQLite's usual page."""
MOST_TROUBLES = 20
"""Troubles of one kind that are named; the rest is counted."""

Progress = Callable[[int, int], None]
"""(pages that remain, pages in all)."""


def copy(source: Path, target: Path, progress: Progress | None = None) -> None:
    """Make `target` what `source` is at this moment; an engine may go on meanwhile.

    A new `target` is there wholly or not at all; one that exists is overwritten in one transaction,
    so that whoever reads it sees the old or the new. Raises `sqlite3.Error` or `OSError`.
    """
    fresh = not target.exists()
    into = target.with_name(f"{target.name}.{os.getpid()}.part") if fresh else target
    if fresh:
        keep_private(into)
    try:
        with closing(reader(source)) as old, closing(sqlite3.connect(into, timeout=60)) as new:

            def told(_: int, remaining: int, total: int) -> None:
                if progress:
                    progress(remaining, total)

            old.backup(new, pages=PAGES, progress=told, sleep=0.01)
            if fresh:  # one file, however often it is read; an engine gives it a log again
                new.execute("PRAGMA journal_mode = DELETE")
        if fresh:
            _settle_on_disk(into)
            into.replace(target)
    finally:
        if fresh:
            for ending in ("", "-wal", "-shm", "-journal"):
                into.with_name(into.name + ending).unlink(missing_ok=True)


def _settle_on_disk(path: Path) -> None:
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def compact(path: Path) -> tuple[int, int]:
    """Give back the room of what was deleted; bytes before and after.

    Nothing else may write meanwhile; raises `sqlite3.Error` with nothing changed otherwise.
    """
    before = _size(path)
    with closing(writer(path)) as connection:
        connection.execute("VACUUM")
        connection.execute("PRAGMA optimize")
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    return before, _size(path)


def _size(path: Path) -> int:
    return sum(
        file.stat().st_size for file in (path, path.with_name(path.name + "-wal")) if file.exists()
    )


def examine(path: Path) -> Iterator[str]:
    """Everything that is wrong with the database: its file, its rows, and what rows say together.

    Raises `sqlite3.Error` where it cannot even be opened.
    """
    with closing(reader(path)) as connection:
        try:
            for (line,) in connection.execute(f"PRAGMA integrity_check({MOST_TROUBLES})"):
                if line != "ok":
                    yield f"file: {line}"
            for what, query, kind in _ROWS:
                yield from _limited(what, _unreadable(connection, query, kind))
            for what, query in _AGREEMENTS:
                yield from _limited(what, (str(row[0]) for row in connection.execute(query)))
            broken = audit.verify(connection)
            if broken is not None:
                yield f"audit log, line {broken.number}: {broken.reason}"
        except sqlite3.DatabaseError as error:
            yield f"file: {error}"


def _unreadable(connection: sqlite3.Connection, query: str, kind: Any) -> Iterator[str]:
    packed = kind in (Position, SignIn, _STATES, _STEPS)
    decode = (msgspec.msgpack if packed else msgspec.json).Decoder(kind).decode
    for name, body in connection.execute(query):
        try:
            decode(body)
        except (msgspec.MsgspecError, TypeError) as error:
            yield f"{name}: {error}"


def _limited(what: str, troubles: Iterator[str]) -> Iterator[str]:
    number = 0
    for number, trouble in enumerate(troubles, 1):
        if number <= MOST_TROUBLES:
            yield f"{what}: {trouble}"
    if number > MOST_TROUBLES:
        yield f"{what}: {number - MOST_TROUBLES:,} more"


_STATES = dict[str, msgspec.Raw]
_STEPS = list[Taken]
_ROWS: tuple[tuple[str, str, Any], ...] = (
    ("detection", "SELECT id, detection FROM detections", Detection),
    ("user", "SELECT id, user FROM users", RiskyUser),
    ("history", "SELECT id, item FROM history", RiskyUserHistoryItem),
    ("application", "SELECT id, principal FROM principals", RiskyServicePrincipal),
    (
        "detection of an application",
        "SELECT id, detection FROM principal_detections",
        Detection,
    ),
    ("history of an application", "SELECT id, item FROM principal_history", RiskyUserHistoryItem),
    ("risky sign-in", "SELECT id, sign_in FROM sign_ins", RiskySignIn),
    ("policy result", "SELECT id, result FROM policy_results", PolicyResult),
    (
        "sign-in kept for a second look",
        "SELECT ip_address || ' ' || user_id, event FROM look_back",
        SignIn,
    ),
    ("steps of sessions", "SELECT number || ' of ' || user_id, steps FROM steps", _STEPS),
    ("suppression", "SELECT event_id, suppression FROM suppressions", Suppression),
    ("verdict", "SELECT id, verdict FROM verdicts", Request),
    ("position", "SELECT path, position FROM sources", Position),
    ("state", "SELECT stage || ' ' || key, blob FROM states", _STATES),
)
"""What is kept whole in a column, and what it must be readable as."""
_ACTIVE = ", ".join(f"'{state}'" for state in RiskState if state.active)
_AGREEMENTS: tuple[tuple[str, str], ...] = (
    (
        "user with a level and no open risk, or the other way round",
        f"SELECT id FROM users WHERE (risk_level = '{RiskLevel.NONE}')"  # noqa: S608  # constants
        f" = (risk_state IN ({_ACTIVE}))",
    ),
    (
        "detection of nobody who is known",
        "SELECT id FROM detections WHERE user_id NOT IN (SELECT id FROM users)"
        # One that was put away as it was found makes nobody risky.
        " AND (risk_state = 'atRisk' OR user_id NOT IN (SELECT id FROM people))",
    ),
    (
        "step of history of nobody who is known",
        "SELECT id FROM history WHERE user_id NOT IN (SELECT id FROM users)",
    ),
    (
        "detection whose columns say something else than itself",
        "SELECT id FROM detections WHERE risk_state IS NOT"
        " json_extract(CAST(detection AS TEXT), '$.riskState') OR risk_level IS NOT"
        " json_extract(CAST(detection AS TEXT), '$.riskLevel')",
    ),
    (
        "reader that is ahead of everything written",
        "SELECT name FROM cursors WHERE number > (SELECT coalesce(max(seq), 0)"
        " FROM sqlite_sequence WHERE name = 'outbox')",
    ),
)
