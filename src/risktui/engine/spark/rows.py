"""Rows between the pipeline and Spark's state store: read when asked for, written once a batch."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Protocol

from risktui.engine.row import Row

SEPARATOR = "\x1f"


class Blobs(Protocol):
    """A map from text to a time and bytes, which Spark keeps."""

    def get(self, key: str) -> tuple[int, bytes] | None:
        """What is kept under `key`."""

    def put(self, key: str, last: int, blob: bytes) -> None:
        """Keep it."""

    def remove(self, key: str) -> None:
        """Forget `key`."""

    def times(self) -> Iterator[tuple[str, int]]:
        """Every key, and its time."""


class DictBlobs:
    """Blobs in memory, for tests without Spark."""

    def __init__(self) -> None:
        self.kept: dict[str, tuple[int, bytes]] = {}

    def get(self, key: str) -> tuple[int, bytes] | None:
        """What is kept under `key`."""
        return self.kept.get(key)

    def put(self, key: str, last: int, blob: bytes) -> None:
        """Keep it."""
        self.kept[key] = last, blob

    def remove(self, key: str) -> None:
        """Forget `key`."""
        self.kept.pop(key, None)

    def times(self) -> Iterator[tuple[str, int]]:
        """Every key, and its time."""
        yield from [(key, last) for key, (last, _) in self.kept.items()]


class BlobRows:
    """A `PeekableRows` over `Blobs`, for as long as one batch lasts."""

    def __init__(self, blobs: Blobs) -> None:
        self._blobs = blobs
        self._rows: dict[str, Row | None] = {}

    def row(self, stage: str, key: str) -> Row:
        """The row of `key`, to be changed in place."""
        name = f"{stage}{SEPARATOR}{key}"
        found = self._rows.get(name) or self._load(name)
        if found is None:
            found = self._rows[name] = Row()
        found.changed = True
        return found

    def peek(self, stage: str, key: str) -> Row | None:
        """The row of `key`, only to be read; None where there is none."""
        name = f"{stage}{SEPARATOR}{key}"
        return self._rows[name] if name in self._rows else self._load(name)

    def _load(self, name: str) -> Row | None:
        kept = self._blobs.get(name)
        found = self._rows[name] = Row(kept[1], kept[0]) if kept is not None else None
        return found

    def changed(self, stage: str) -> Iterator[tuple[str, Row]]:
        """The rows of a stage that were asked for to be changed, by their keys."""
        start = f"{stage}{SEPARATOR}"
        for name, row in self._rows.items():
            if row is not None and row.changed and name.startswith(start):
                yield name[len(start) :], row

    def write(self) -> None:
        """Hand what changed to the state store."""
        for name, row in self._rows.items():
            if row is not None and row.changed:
                self._blobs.put(name, row.last, row.dump())
                row.changed = False
