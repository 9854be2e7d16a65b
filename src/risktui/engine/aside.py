"""Counts records that were set aside: each once, when its file's position leaves it behind."""

from __future__ import annotations

from array import array
from bisect import bisect_left, insort
from collections.abc import Iterable, Mapping

from risktui.logs.batch import Position, Quarantined

MOST = 100_000
"""Records of one file whose places are kept, 0.8 MB, while its position waits for an event before
them; what is beyond is counted with the last of these."""


class Aside:
    """What was set aside and may be read again, should the engine end now."""

    def __init__(self) -> None:
        self._places: dict[str, array[int]] = {}
        self._beyond: dict[str, int] = {}

    def note(self, records: Iterable[Quarantined]) -> None:
        """Wait for the positions of `records`."""
        for record in records:
            places = self._places.setdefault(record.path, array("q"))
            if len(places) < MOST:
                insort(places, record.offset)
            else:
                self._beyond[record.path] = self._beyond.get(record.path, 0) + 1

    def left_behind(self, positions: Mapping[str, Position]) -> dict[str, int]:
        """By path, how many lie before `positions` that were not counted yet."""
        found: dict[str, int] = {}
        for path in sorted(self._places.keys() & positions.keys()):
            position, places = positions[path], self._places[path]
            # What can only be read from its start is done with as a whole, or not at all.
            end = len(places) if position.whole else bisect_left(places, position.offset)
            if not end or not position.offset:
                continue
            del places[:end]
            found[path] = end
            if not places:
                del self._places[path]
                found[path] += self._beyond.pop(path, 0)
        return found
