"""State rows between the pipeline and the database: loaded when asked for, packed when changed."""

from __future__ import annotations

import sqlite3
from collections import defaultdict
from collections.abc import Iterable

from risktui.engine.row import Row
from risktui.store.commit import State

HOLD = 50_000
"""Rows kept in memory; beyond it the cache starts again after a commit."""
BASE_MB = 150
"""Memory of an engine without rows: programs, lists, the latest ids of events; 125 MB measured."""
EXPANSION, ROW_BYTES = 7, 3_000
"""Bytes in memory for each packed one of a row in use, and for each row besides; measured were 5.5
to 6 of rows with 30 KB, 8 in all of those with 1 or 2 KB; the rest is packed for a commit."""
AT_ONCE = 500
"""Rows that one question asks for."""
UNKNOWN_BYTES = 50_000
"""What a new row is taken to need before one of its stage was written."""


class StoredRows:
    """A cache of rows over the `states` table. Changed rows stay until they are committed."""

    def __init__(self, connection: sqlite3.Connection, memory_mb: int = 1024) -> None:
        self._connection = connection
        self._room = (memory_mb - BASE_MB) * 2**20
        """Bytes that rows may take."""
        self._sizes: dict[str, float] = {}
        """What a stage's rows usually need, by those that changed last."""
        self._stages: dict[str, dict[str, Row]] = {}
        self._changed: list[tuple[str, str, Row]] = []
        self._held, self._taken = 0, 0.0
        """Rows in memory, and bytes that they are taken to need."""
        self._expected: dict[tuple[str, str], float] = {}
        """Rows that will be asked for and are not in memory yet, and what they count until then."""
        self._missing: set[tuple[str, str]] = set()
        """Rows that were looked for in vain since `settle`: who is new is looked for several times.
        """

    def row(self, stage: str, key: str) -> Row:
        """The row of `key`, to be changed in place."""
        rows = self._stages.get(stage)
        found = rows.get(key) if rows is not None else None
        if found is None:
            found = self.peek(stage, key) or self._keep(stage, key, Row())
        if not found.changed:
            found.changed = True
            self._changed.append((stage, key, found))
        return found

    def peek(self, stage: str, key: str) -> Row | None:
        """The row of `key`, only to be read; None where there is none."""
        rows = self._stages.get(stage)
        found = rows.get(key) if rows is not None else None
        if found is None:
            if (stage, key) in self._missing:
                return None
            stored = self._connection.execute(
                "SELECT number, blob, last FROM states WHERE stage = ? AND key = ?", (stage, key)
            ).fetchone()
            if stored is None:
                self._missing.add((stage, key))
                return None
            number, blob, last = stored
            found = Row(blob, last, number)
            self._keep(stage, key, found, EXPANSION * len(blob) + ROW_BYTES)
        return found

    def expect(self, stage: str, key: str) -> None:
        """The row of `key` will be asked for: leave room for it."""
        rows = self._stages.get(stage)
        if (rows is None or key not in rows) and (stage, key) not in self._expected:
            self._expected[stage, key] = need = self._sizes.get(stage, UNKNOWN_BYTES)
            self._held += 1
            self._taken += need

    def fetch(self, stages: Iterable[str], keys: Iterable[str]) -> None:
        """Read the rows of all `keys`, which are asked for now, with few questions for a stage."""
        wanted = set(keys)
        for stage in stages:
            rows = self._stages.get(stage, {})
            unread = sorted([key for key in wanted if key not in rows])
            unread = [key for key in unread if (stage, key) not in self._missing]
            for start in range(0, len(unread), AT_ONCE):
                self._fetch(stage, unread[start : start + AT_ONCE])

    def _fetch(self, stage: str, keys: list[str]) -> None:
        places = ", ".join("?" * len(keys))
        query = f"SELECT key, number, blob, last FROM states WHERE stage = ? AND key IN ({places})"  # noqa: S608  # question marks
        found = self._connection.execute(query, (stage, *keys)).fetchall()
        rows = self._stages.setdefault(stage, {})
        for key, number, blob, last in found:
            self._count_kept(stage, key, EXPANSION * len(blob) + ROW_BYTES)
            rows[key] = Row(blob, last, number)
        if len(found) < len(keys):
            there = {stored[0] for stored in found}
            self._missing.update([(stage, key) for key in keys if key not in there])

    def _keep(self, stage: str, key: str, row: Row, need: float = 0) -> Row:
        self._stages.setdefault(stage, {})[key] = row
        self._missing.discard((stage, key))
        self._count_kept(stage, key, need or self._sizes.get(stage, UNKNOWN_BYTES))
        return row

    def _count_kept(self, stage: str, key: str, need: float) -> None:
        """Count a row that is kept from now on, instead of one that was expected."""
        expected = self._expected.pop((stage, key), None) if self._expected else None
        if expected is None:
            self._held += 1
            self._taken += need
        else:
            self._taken += need - expected

    def changes(self) -> list[State]:
        """Every row that changed since `settle`.

        Those that are stored come as they lie there, so that the table is gone through once; new
        ones before them in the order of their keys, for the index.
        """
        found = [
            (row.number, stage, key, row.last, row.dump()) for stage, key, row in self._changed
        ]
        found.sort(key=_place)
        packed: dict[str, tuple[int, int]] = {}
        for _, stage, _, _, blob in found:
            count, size = packed.get(stage, (0, 0))
            packed[stage] = count + 1, size + len(blob)
        for stage, (count, size) in packed.items():
            self._sizes[stage] = EXPANSION * size / count + ROW_BYTES
        self._weigh()
        return found

    def _weigh(self) -> None:
        self._expected.clear()  # it has come by now
        self._held = sum(map(len, self._stages.values()))
        self._taken = sum(
            len(rows) * self._sizes.get(stage, UNKNOWN_BYTES)
            for stage, rows in self._stages.items()
        )

    @property
    def is_full(self) -> bool:
        """Whether a commit should come soon, for rows to be let go of."""
        return self._taken > self._room or self._held > HOLD

    @property
    def is_nearly_full(self) -> bool:
        """Whether letting go of rows would make much room: three quarters are taken.

        Whoever lets go of fewer reads them again for nothing: of 9,000 new people, whose rows seem
        to fill everything until they are packed, half of it is taken by then.
        """
        return 4 * self._taken > 3 * self._room or 4 * self._held > 3 * HOLD

    def settle(self) -> None:
        """The changes are taken over and being written; those before them are durable."""
        full, kept = self.is_full, defaultdict[str, dict[str, Row]](dict)
        for stage, key, row in self._changed:
            row.changed = False
            if full:
                kept[stage][key] = row  # not durable yet: cannot be loaded again
        if full:
            self._stages = dict(kept)
            self._weigh()
        self._changed = []
        self._missing.clear()

    def forget(self) -> None:
        """Begin again with what is stored; nothing may be waiting to be committed."""
        self._stages.clear()
        self._weigh()

    def lend(self, stage: str, key: str) -> Row | None:
        """Give up a row, its changes included; None where there is none."""
        found = self.peek(stage, key)
        if found is not None:
            del self._stages[stage][key]
            if found.changed:
                self._changed = [each for each in self._changed if each[2] is not found]
        return found

    def take_back(self, stage: str, key: str, row: Row, *, changed: bool) -> None:
        """Keep a row that was lent, or made, elsewhere."""
        self._keep(stage, key, row)
        if changed:
            row.changed = True
            self._changed.append((stage, key, row))


def _place(state: State) -> tuple[int, str, str]:
    number, stage, key, _, _ = state
    return number or 0, stage, key
