"""Results in their order, however many a folder holds: on disk, not in memory."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Iterator
from itertools import islice
from typing import Self

from risktui.engine.spark.table import Line


class Ordered:
    """Lines of a folder, in a file that nobody else sees and that ends with it.

    A context manager.
    """

    def __init__(self, lines: Iterable[Line]) -> None:
        self._kept = sqlite3.connect("")  # SQLite's own temporary file, beyond 2 MB
        try:
            self._kept.execute("CREATE TABLE lines (kind, id, number, place, body)")
            self._kept.executemany(
                "INSERT INTO lines VALUES (?, ?, ?, ?, ?)",
                ((line.kind, line.id, line.number, line.place, line.body) for line in lines),
            )
        except BaseException:
            self._kept.close()
            raise

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._kept.close()

    def __len__(self) -> int:
        (count,) = self._kept.execute("SELECT count(*) FROM lines").fetchone()
        return int(count)

    def batches(self, size: int) -> Iterator[list[Line]]:
        """All of them, `size` at a time."""
        rows = self._kept.execute(
            "SELECT kind, id, number, place, body FROM lines ORDER BY number, place, rowid"
        )
        lines = (Line(kind, name, "", "", "", *rest) for kind, name, *rest in rows)
        while some := list(islice(lines, size)):
            yield some

    def latest(self, kind: str, name: str) -> str | None:
        """The body of the last line of `name`, which is how it stands."""
        self._kept.execute("CREATE INDEX IF NOT EXISTS by_id ON lines (kind, id, number, place)")
        row = self._kept.execute(
            "SELECT body FROM lines WHERE kind = ? AND id = ?"
            " ORDER BY number DESC, place DESC, rowid DESC LIMIT 1",
            (kind, name),
        ).fetchone()
        return str(row[0]) if row is not None else None

    def drop(self, kind: str, names: Iterable[str]) -> None:
        """Forget all lines of `names`."""
        self._kept.executemany(
            "DELETE FROM lines WHERE kind = ? AND id = ?", ((kind, name) for name in names)
        )
