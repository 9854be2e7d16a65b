"""How much of the logs that lay there at the start has been read, for whoever waits."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

import msgspec

from risktui.logs.batch import Batch, Position
from risktui.logs.discover import Found, discover

AT_ONCE = 250
"""Events between two chances for others: heartbeats and decisions do not wait for a backlog."""


def parts(batch: Batch) -> Iterator[Batch]:
    """`batch` in pieces; only the last one says how far the files are taken.

    What is committed before that is known by its ids, should it be read again.
    """
    start = 0
    while len(batch.events) - start > AT_ONCE:
        piece = slice(start, start + AT_ONCE)
        yield Batch(
            events=batch.events[piece], origins=batch.origins[piece], enriched=batch.enriched
        )
        start += AT_ONCE
    rest = msgspec.structs.replace(
        batch, events=batch.events[start:], origins=batch.origins[start:]
    )
    yield rest if start else batch


class Backlog:
    """Bytes of files on disk; what is written meanwhile is counted when it is read."""

    def __init__(self, paths: Sequence[Path], positions: Mapping[str, Position]) -> None:
        self._taken = {name: position.offset for name, position in positions.items()}
        found = [each for each in discover(paths) if isinstance(each, Found)]
        self._sizes = {each.name: max(each.size, self._taken.get(each.name, 0)) for each in found}
        self._size = sum(self._sizes.values())
        self.files = len(found)
        """How many there are."""

    def take(self, batch: Batch) -> None:
        """A batch, or a part of one, was read."""
        taken = self._taken
        for path, offset in batch.origins:  # of the unpacked text: at most the whole file
            taken[path] = max(taken.get(path, 0), min(offset, self._sizes.get(path, 0)))
        for position in batch.positions:
            taken[position.path] = position.offset

    @property
    def share(self) -> float:
        """From 0 to 1."""
        return min(1.0, sum(self._taken.values()) / self._size) if self._size else 1.0
