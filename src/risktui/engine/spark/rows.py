"""Rows between the pipeline and Spark's state store: read when asked for, written once a batch."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Protocol

import msgspec

from risktui.detect.learning import Profile
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

    def each(self) -> Iterator[tuple[str, int, bytes]]:
        """Every key, its time and its bytes."""


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

    def each(self) -> Iterator[tuple[str, int, bytes]]:
        """Every key, its time and its bytes."""
        yield from [(key, last, blob) for key, (last, blob) in self.kept.items()]


class AskedRows:
    """The gate's rows, and what was said of one person, whose rows are elsewhere."""

    def __init__(self, rows: BlobRows, user: str, profile: bytes) -> None:
        self._rows = rows
        self._user, self._profile = user, profile

    def row(self, stage: str, key: str) -> Row:
        """The row of `key`, to be changed in place."""
        return self._rows.row(stage, key)

    def peek(self, stage: str, key: str) -> Row | None:
        """The row of `key`, only to be read."""
        if (stage, key) != ("user", self._user):
            return self._rows.peek(stage, key)
        return row_of(self._profile) if self._profile else None


def row_of(profile: bytes) -> Row:
    """A person's row with nothing but their habits, packed, to be read."""
    row = Row()
    row.live["profile"] = msgspec.msgpack.decode(profile, type=Profile)
    return row


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

    def forget(self, stage: str, key: str) -> None:
        """Let go of a row, unless it has changed meanwhile."""
        name = f"{stage}{SEPARATOR}{key}"
        row = self._rows.get(name)
        if row is None or not row.changed:
            self._rows[name] = None
            self._blobs.remove(name)

    def strangers(self) -> int:
        """How many of those that changed are rows of what nobody ever got in with."""
        changed = (row for row in self._rows.values() if row is not None and row.changed)
        return sum(row.stranger for row in changed)

    def write(self) -> None:
        """Hand what changed to the state store."""
        for name, row in self._rows.items():
            if row is not None and row.changed:
                self._blobs.put(name, row.last, row.dump())
                row.changed = False
