"""Opens the database: makes it, migrates it, and says clearly when it cannot be used."""

from __future__ import annotations

import asyncio
import os
import sqlite3
import time
from collections.abc import Callable, Iterable
from contextlib import closing
from importlib.resources import files
from pathlib import Path
from typing import TypeVar

import aiosqlite

from risktui.store.layout import lacking
from risktui.store.lock import EngineLock
from risktui.store.privacy import keep_private

T = TypeVar("T")

SCHEMA_VERSION = 2
"""Number of the layout in schema.sql; a database of a later version is refused, one of an earlier
version is brought up to it by `migrations/N.sql`, one step after the other."""

APPLICATION_ID = 0x52534B54
""""RSKT" in the file's header: another program's database is never taken for ours."""

MAKING_SECONDS = 5.0
"""How long somebody else's making of the database is waited for."""

_PRAGMAS = (
    "PRAGMA journal_mode = WAL",
    "PRAGMA synchronous = NORMAL",
    "PRAGMA busy_timeout = 5000",
    "PRAGMA temp_store = MEMORY",
)


LOG_BYTES = 32 * 2**20
"""From here on the engine folds the log of the database in when nobody waits for a commit."""
_ENGINE = (
    # While somebody always waits it may grow to 256 MB: folding it in holds a commit up for long.
    "PRAGMA wal_autocheckpoint = 64000",
    f"PRAGMA journal_size_limit = {LOG_BYTES}",
)
_FOLD_IN = "PRAGMA wal_checkpoint(PASSIVE)"


_PATIENCE = "PRAGMA busy_timeout = 60000"
"""A scan outwaits a backup or a slow disk rather than end (ms); `watch` says what it waits for."""


class DatabaseError(Exception):
    """The database file cannot be used; says which and what to do."""


def prepare(path: Path, group: str = "") -> None:
    """Make the database at `path` if there is none, and bring one that exists up to this version.

    It is nobody's business but its maker's, or that of `group` where there is one.

    Raises `DatabaseError` where the folder is not writable, the file is something else, it was
    written by a later risktui, or an engine of an earlier one still runs on it.
    """
    _refuse_no_file(path)
    try:
        keep_private(path, group)
        with closing(sqlite3.connect(path, isolation_level=None, timeout=5)) as connection:
            _refuse_foreign(connection, path)
            _settle(connection)
            if _version(connection) == 0:
                _create(connection)
            elif _version(connection) < SCHEMA_VERSION:
                _migrate(connection, path)
            version, lack = _version(connection), lacking(connection)
    except (OSError, sqlite3.Error) as error:
        why = error.strerror if isinstance(error, OSError) and error.strerror else error
        raise DatabaseError(
            f"{path}: cannot be used as a database: {why}; choose another with --db"
        ) from error
    if version != SCHEMA_VERSION:
        raise DatabaseError(_too_new(path, version))
    if lack:
        raise DatabaseError(_incomplete(path, lack))


def check(path: Path) -> None:
    """Whether the database at `path` can be read as ours, without changing it.

    Raises `DatabaseError` for a file that is damaged, something else, or of another version, and
    for what is no file.
    """
    _refuse_no_file(path)
    try:
        with closing(reader(path)) as connection:
            _refuse_foreign(connection, path)
            version, lack = _version(connection), lacking(connection)
    except sqlite3.Error as error:
        raise DatabaseError(
            f"{path}: cannot be read as a database: {_why_unread(error)}; choose another with --db"
        ) from error
    if version > SCHEMA_VERSION:
        raise DatabaseError(_too_new(path, version))
    if version == 0:  # made by `touch` or `mktemp`, or by somebody who was killed while making it
        raise DatabaseError(
            f"{path}: is empty, no database yet; `risktui watch LOGS` or `scan LOGS` with this --db"
            " makes one of it"
        )
    if version != SCHEMA_VERSION:
        raise DatabaseError(
            f"{path}: has layout {version}, this risktui reads {SCHEMA_VERSION}; "
            "`risktui watch` or `scan` with this --db brings an earlier one up to it"
        )
    if lack:
        raise DatabaseError(_incomplete(path, lack))


def _why_unread(error: sqlite3.Error) -> str:
    if getattr(error, "sqlite_errorcode", 0) & 0xFF == sqlite3.SQLITE_READONLY:
        return "readers are noted beside it, and nothing may be written into that folder"
    return str(error)


def _too_new(path: Path, version: int) -> str:
    return (
        f"{path}: has layout {version}, this risktui knows {SCHEMA_VERSION}; "
        "use the risktui that wrote it, or another --db"
    )


def _incomplete(path: Path, lack: str) -> str:
    return (
        f"{path}: lacks the {lack}: another build of risktui made it, or it is damaged; restore a"
        " backup, or make another of the logs: `risktui scan LOGS --db OTHER`"
    )


def reader(path: Path) -> sqlite3.Connection:
    """A connection that only reads, for command lines and the engine's state look-ups."""
    connection = sqlite3.connect(_read_only(path), uri=True, isolation_level=None, timeout=5)
    connection.execute("PRAGMA query_only = ON")
    return connection


def writer(path: Path, *, any_thread: bool = False) -> sqlite3.Connection:
    """A connection that may append verdicts; the engine and its postman write everything else."""
    connection = sqlite3.connect(
        path, isolation_level=None, timeout=5, check_same_thread=not any_thread
    )
    _run(connection, _PRAGMAS)
    return connection


class Writer(aiosqlite.Connection):
    """A connection whose thread takes whole transactions, not one statement after the other.

    On a busy machine each way to the thread and back waits for its turn, and a commit has thirty.
    """

    async def work(self, job: Callable[[sqlite3.Connection], T]) -> T:
        """What `job` gives, run in the connection's thread; who stops waiting does not stop it."""
        found: T = await self._execute(job, self._conn)  # type: ignore[no-untyped-call]
        return found


async def async_writer(path: Path) -> Writer:
    """`writer`, without blocking an event loop; transactions are begun and ended by hand."""

    def connect() -> sqlite3.Connection:
        return sqlite3.connect(path, isolation_level=None, timeout=5)

    connection = Writer(connect, iter_chunk_size=64)
    opening = asyncio.create_task(_prepared(connection))
    try:
        await asyncio.shield(opening)
    except BaseException:
        await asyncio.wait([opening])  # its thread answers to this loop, which may end next
        await connection.close()
        raise
    return connection


async def _prepared(connection: Writer) -> None:
    await connection
    pragmas = (*_PRAGMAS, *_ENGINE, _PATIENCE)
    await connection.work(lambda opened: _run(opened, pragmas))


async def fold_in(connection: Writer, path: Path) -> None:
    """Bring what the log holds into the database at `path`, where that is worth the trouble."""
    try:
        size = os.stat(f"{path}-wal").st_size  # noqa: PTH116  # no wait to speak of
    except FileNotFoundError:
        return
    if size > LOG_BYTES:
        # Read to its end: the thread keeps its last result, and no commit goes through an open one.
        await connection.work(lambda opened: opened.execute(_FOLD_IN).fetchall())


def _settle(connection: sqlite3.Connection) -> None:
    """Set the pragmas; whoever makes the database at the same moment is waited for.

    SQLite does not wait by itself where the journal changes its kind.
    """
    deadline = time.monotonic() + MAKING_SECONDS
    while True:
        try:
            _run(connection, _PRAGMAS)
        except sqlite3.OperationalError as error:
            if "locked" not in str(error) or time.monotonic() > deadline:
                raise
            time.sleep(0.02)
        else:
            return


def _read_only(path: Path) -> str:
    return f"{path.absolute().as_uri()}?mode=ro"


def _create(connection: sqlite3.Connection) -> None:
    """Two processes may try at once: whoever comes second finds it done."""
    script = files("risktui.store").joinpath("schema.sql").read_text("utf-8")
    connection.execute("BEGIN EXCLUSIVE")
    try:
        if _version(connection) == 0:
            for statement in _statements(script):
                connection.execute(statement)
            connection.execute(f"PRAGMA application_id = {APPLICATION_ID}")
            connection.execute(f"PRAGMA user_version = {SCHEMA_VERSION}")
        connection.execute("COMMIT")
    except BaseException:
        connection.execute("ROLLBACK")
        raise


def _migrate(connection: sqlite3.Connection, path: Path) -> None:
    """All steps are one transaction: a database is of the old version or of the new one."""
    holder = EngineLock(path).holder()
    if holder not in {None, os.getpid()}:
        raise DatabaseError(
            f"{path}: has an earlier layout, and process {holder} still runs on it; "
            "stop that engine, then start again"
        )
    connection.execute("BEGIN EXCLUSIVE")
    try:
        for number in range(_version(connection) + 1, SCHEMA_VERSION + 1):
            script = files("risktui.store").joinpath("migrations", f"{number}.sql")
            for statement in _statements(script.read_text("utf-8")):
                connection.execute(statement)
            connection.execute(f"PRAGMA user_version = {number}")
        connection.execute("COMMIT")
    except BaseException:
        connection.execute("ROLLBACK")
        raise


def _refuse_no_file(path: Path) -> None:
    """Raise `DatabaseError` where something lies that SQLite says no more of than that it fails."""
    if path.exists() and not path.is_file():
        what = "a folder" if path.is_dir() else "no file"
        raise DatabaseError(
            f"{path}: is {what}, and no database; move it away, or choose another with --db"
        )


def _refuse_foreign(connection: sqlite3.Connection, path: Path) -> None:
    """Raise `DatabaseError` for a database that another program has filled."""
    owner = int(connection.execute("PRAGMA application_id").fetchone()[0])
    tables = {row[0] for row in connection.execute("SELECT name FROM sqlite_master")}
    if owner != APPLICATION_ID and tables and not {"detections", "outbox", "states"} <= tables:
        raise DatabaseError(f"{path}: is another program's database; choose another with --db")


def _statements(script: str) -> Iterable[str]:
    statement = ""
    for line in script.splitlines(keepends=True):
        statement += line
        if sqlite3.complete_statement(statement):
            yield statement
            statement = ""


def _version(connection: sqlite3.Connection) -> int:
    return int(connection.execute("PRAGMA user_version").fetchone()[0])


def _run(connection: sqlite3.Connection, statements: Iterable[str]) -> None:
    for statement in statements:
        connection.execute(statement)
