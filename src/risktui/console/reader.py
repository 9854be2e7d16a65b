"""The thread in which the database is asked, so that no screen waits for it."""

from __future__ import annotations

import asyncio
import sqlite3
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path
from typing import TypeVar

from risktui.store.database import reader, writer

T = TypeVar("T")
Question = Callable[[sqlite3.Connection], T]

STEPS = 2_000
"""Steps of SQLite's machine between two looks whether a question has to wait: about 100 rows."""


def _at_once() -> None:
    """Waits for nobody."""


class Reader:
    """Asks questions in a thread of its own, with a connection that only reads.

    One question is about one moment, however often it looks. While it is asked, it calls `give_way`
    again and again, which may sleep.
    """

    def __init__(
        self, path: Path, *, write: bool = False, give_way: Callable[[], None] = _at_once
    ) -> None:
        self._path = path
        self._open = writer if write else reader
        self._writes = write
        self._give_way = give_way
        self._connection: sqlite3.Connection | None = None
        self._thread = ThreadPoolExecutor(1, "database")
        self._is_closed = False

    async def ask(self, question: Question[T]) -> T:
        """The answer, without blocking the event loop. Raises `sqlite3.Error`.

        Who still asks when the console ends is cancelled.
        """
        return await asyncio.wrap_future(self.begin(question))

    def begin(self, question: Question[T]) -> Future[T]:
        """Asks without waiting: for what will be needed once there is an event loop."""
        if self._is_closed:
            raise asyncio.CancelledError
        return self._thread.submit(self._ask, question)

    def close(self) -> None:
        """Close the connection, in its thread."""
        self._is_closed = True
        self._thread.submit(self._close)
        self._thread.shutdown(wait=True, cancel_futures=False)

    def _ask(self, question: Question[T]) -> T:
        if self._connection is None:
            self._connection = self._open(self._path)
            self._connection.set_progress_handler(self._give_way, STEPS)
        try:
            if self._writes:  # it begins its own transactions
                return question(self._connection)
            with self._connection as connection:
                connection.execute("BEGIN")
                return question(connection)
        except sqlite3.Error:
            self._close()  # the next question opens the file again, which may be another by then
            raise

    def _close(self) -> None:
        if self._connection is not None:
            self._connection.close()
            self._connection = None
