"""Opens the database: makes it, migrates it, and says clearly when it cannot be used."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable
from contextlib import closing
from importlib.resources import files
from pathlib import Path

import aiosqlite

SCHEMA_VERSION = 1
"""Number of the layout in schema.sql; a database of a later version is refused."""

_PRAGMAS = (
    "PRAGMA journal_mode = WAL",
    "PRAGMA synchronous = NORMAL",
    "PRAGMA busy_timeout = 5000",
    "PRAGMA temp_store = MEMORY",
)


class DatabaseError(Exception):
    """The database file cannot be used; says which and what to do."""


def prepare(path: Path) -> None:
    """Make the database at `path` if there is none, and check the version of one that exists.

    Raises `DatabaseError` where the folder is not writable, the file is something else, or it was
    written by a later risktui.
    """
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with closing(sqlite3.connect(path, isolation_level=None, timeout=5)) as connection:
            _run(connection, _PRAGMAS)
            if _version(connection) == 0:
                _create(connection)
            version = _version(connection)
    except (OSError, sqlite3.Error) as error:
        raise DatabaseError(
            f"{path}: cannot be used as a database: {error}; choose another with --db"
        ) from error
    if version != SCHEMA_VERSION:
        raise DatabaseError(
            f"{path}: has layout {version}, this risktui knows {SCHEMA_VERSION}; "
            "use the risktui that wrote it, or another --db"
        )


def reader(path: Path) -> sqlite3.Connection:
    """A connection that only reads, for command lines and the engine's state look-ups."""
    connection = sqlite3.connect(_read_only(path), uri=True, isolation_level=None, timeout=5)
    connection.execute("PRAGMA query_only = ON")
    return connection


def writer(path: Path) -> sqlite3.Connection:
    """A connection that may append verdicts; the engine alone writes everything else."""
    connection = sqlite3.connect(path, isolation_level=None, timeout=5)
    _run(connection, _PRAGMAS)
    return connection


async def async_reader(path: Path) -> aiosqlite.Connection:
    """`reader`, without blocking an event loop."""
    connection = await aiosqlite.connect(
        _read_only(path), uri=True, isolation_level=None, timeout=5
    )
    await connection.execute("PRAGMA query_only = ON")
    return connection


async def async_writer(path: Path) -> aiosqlite.Connection:
    """`writer`, without blocking an event loop; transactions are begun and ended by hand."""
    connection = await aiosqlite.connect(path, isolation_level=None, timeout=5)
    for pragma in _PRAGMAS:
        await connection.execute(pragma)
    return connection


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
            connection.execute(f"PRAGMA user_version = {SCHEMA_VERSION}")
        connection.execute("COMMIT")
    except BaseException:
        connection.execute("ROLLBACK")
        raise


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
