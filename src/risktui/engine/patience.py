"""Outwaits a database that cannot be written: a full disk, somebody else's lock, an error of it."""

from __future__ import annotations

import asyncio
import errno
import os
import sqlite3
from collections.abc import Awaitable, Callable
from contextlib import suppress
from pathlib import Path

from risktui.store.database import DatabaseError
from risktui.store.lock import EngineLock

FIRST_PAUSE, LONGEST_PAUSE = 0.5, 5.0
"""Seconds between two tries: somebody who has made room shall not wait long to see it."""

SILENT_MS = 3_000
"""How long somebody else's lock is waited for before anything is said of it."""

PASSING = {
    sqlite3.SQLITE_FULL: "the disk is full, or a limit is reached",
    sqlite3.SQLITE_IOERR: "the disk refuses it: full, a limit, or broken",
    sqlite3.SQLITE_BUSY: "another process holds it",
    sqlite3.SQLITE_LOCKED: "another process holds it",
    sqlite3.SQLITE_READONLY: "it is read-only now, or its disk is",
    sqlite3.SQLITE_CANTOPEN: "its files cannot be opened: too many are, or they are gone",
    sqlite3.SQLITE_NOMEM: "there is no memory",
    sqlite3.SQLITE_PERM: "it is not permitted any more",
}
"""What may be over in a while, by SQLite's primary code, in words."""
_MOVED = 1032
"""SQLITE_READONLY_DBMOVED: another file lies in the database's place, which does not pass."""
EXCHANGED = "another file has taken its place; start again to go on with that one"


def passes(error: sqlite3.Error) -> bool:
    """Whether what went wrong may go right later, with nothing changed but the world."""
    code = getattr(error, "sqlite_errorcode", 0)
    return code != _MOVED and (code & 0xFF) in PASSING


def in_words(error: sqlite3.Error, *, read_only: bool) -> str:
    """What is wrong, for somebody who can do something about it."""
    code = getattr(error, "sqlite_errorcode", 0) & 0xFF
    if read_only:  # SQLite calls it an error of the disk
        code = sqlite3.SQLITE_READONLY
    return f"{PASSING.get(code, 'it failed')} ({error})"


class Patience:
    """One engine's. Says what it waits for on stderr, and beside the database for everybody."""

    def __init__(self, lock: EngineLock, database: Path, notice: Callable[[str], None]) -> None:
        self._lock = lock
        self._database = database
        self._file = _identity(database)
        self._notice = notice
        self._given_up = asyncio.Event()

    def give_up(self) -> None:
        """From now on what goes wrong is raised; what waits is tried once more."""
        self._given_up.set()

    async def outwait(self, write: Callable[[], Awaitable[None]]) -> None:
        """`write` until it succeeds; it must leave nothing behind when it fails.

        Raises `sqlite3.Error` where waiting does not help, or nobody waits any more, and
        `DatabaseError` where another file lies in the place of the one that is open: nobody would
        read what is written.
        """
        pause, said = FIRST_PAUSE, ""
        while True:
            if _identity(self._database) not in {self._file, None}:
                raise DatabaseError(f"{self._database}: {EXCHANGED}")
            try:
                await write()
            except sqlite3.Error as error:
                if not passes(error) or self._given_up.is_set():
                    raise
                if not said:
                    read_only = self._lock.note("") == errno.EROFS
                    said = f"the database cannot be written: {in_words(error, read_only=read_only)}"
                    self._notice(f"{said}; logs wait where they are, nothing is lost")
                self._lock.note(said)
                with suppress(TimeoutError):
                    async with asyncio.timeout(pause):
                        await self._given_up.wait()
                pause = min(2 * pause, LONGEST_PAUSE)
            else:
                if said:
                    self._lock.note("")
                    self._notice("the database can be written again")
                return


def _identity(database: Path) -> tuple[int, int] | None:
    """Which file it is; None where there is none, which may come back."""
    try:
        status = os.stat(database)  # noqa: PTH116  # no wait to speak of
    except OSError:
        return None
    return status.st_dev, status.st_ino
