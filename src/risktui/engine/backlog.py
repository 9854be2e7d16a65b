"""How much of the logs that lay there at the start has been read, for whoever waits."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

from risktui.logs.batch import Batch, Position
from risktui.logs.discover import Found, discover


class Backlog:
    """Bytes of files on disk; what is written meanwhile is counted when it is read."""

    def __init__(self, paths: Sequence[Path], positions: Mapping[str, Position]) -> None:
        self._taken = {name: position.offset for name, position in positions.items()}
        found = [each for each in discover(paths) if isinstance(each, Found)]
        self._size = sum(max(each.size, self._taken.get(each.name, 0)) for each in found)

    def take(self, batch: Batch) -> None:
        """A batch was read."""
        for position in batch.positions:
            self._taken[position.path] = position.offset

    @property
    def share(self) -> float:
        """From 0 to 1."""
        return min(1.0, sum(self._taken.values()) / self._size) if self._size else 1.0
