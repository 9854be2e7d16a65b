"""Says once a second that an engine lives, whatever its batches take: a thread of its own."""

from __future__ import annotations

import sqlite3
import threading
from contextlib import closing, suppress
from pathlib import Path
from typing import Self

from risktui.engine.clock import now_ms
from risktui.engine.local import identity
from risktui.store.database import writer

BEAT_SECONDS = 1.0


class Pulse:
    """Writes the `engine.*` values that consoles show; a context manager."""

    def __init__(self, database: Path) -> None:
        self._database = database
        self._status = {**identity(), "engine.state": "reading"}
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._run, name="pulse", daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._stopping.set()
        self._thread.join()

    def say(self, **values: str) -> None:
        """From the next beat on: `say(state="live", error="")`."""
        self._status = {**self._status, **{f"engine.{key}": text for key, text in values.items()}}

    def _run(self) -> None:
        with closing(writer(self._database, any_thread=True)) as connection:
            while not self._stopping.is_set():
                self._beat(connection, self._status)
                self._stopping.wait(BEAT_SECONDS)
            self._beat(connection, {**self._status, "engine.state": "stopped"})

    def _beat(self, connection: sqlite3.Connection, status: dict[str, str]) -> None:
        rows = [*status.items(), ("engine.heartbeat", str(now_ms()))]
        with suppress(sqlite3.OperationalError):  # a commit takes its time; the next beat says it
            connection.execute("BEGIN IMMEDIATE")
            connection.executemany("INSERT OR REPLACE INTO meta (name, value) VALUES (?, ?)", rows)
            connection.execute("COMMIT")
