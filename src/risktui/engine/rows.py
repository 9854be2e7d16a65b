"""State rows between the pipeline and the database: loaded when asked for, packed when changed."""

from __future__ import annotations

import sqlite3

from risktui.engine.stages import Row

HOLD = 50_000
"""Rows kept in memory; beyond it the cache starts again after a commit."""


class StoredRows:
    """A cache of rows over the `states` table. Changed rows stay until they are committed."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection
        self._rows: dict[tuple[str, str], Row] = {}
        self._changed: dict[tuple[str, str], Row] = {}

    def row(self, stage: str, key: str) -> Row:
        """The row of `key`, to be changed in place."""
        found = self.peek(stage, key)
        if found is None:
            found = self._rows[stage, key] = Row()
        self._changed[stage, key] = found
        return found

    def peek(self, stage: str, key: str) -> Row | None:
        """The row of `key`, only to be read; None where there is none."""
        name = stage, key
        found = self._rows.get(name)
        if found is None:
            stored = self._connection.execute(
                "SELECT blob, last FROM states WHERE stage = ? AND key = ?", name
            ).fetchone()
            if stored is None:
                return None
            found = self._rows[name] = Row(*stored)
        return found

    def changes(self) -> list[tuple[str, str, int, bytes]]:
        """(stage, key, last, blob) of every row that changed since `settle`."""
        return [(stage, key, row.last, row.dump()) for (stage, key), row in self._changed.items()]

    def settle(self) -> None:
        """The changes are taken over and being written; those before them are durable."""
        if len(self._rows) > HOLD:
            self._rows = dict(self._changed)  # what is not durable yet cannot be loaded again
        self._changed.clear()

    def forget(self) -> None:
        """Begin again with what is stored; nothing may be waiting to be committed."""
        self._rows.clear()
