"""Looks into each file to learn when its story starts, and whether it is told backwards."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from itertools import islice, pairwise

import msgspec

from risktui.logs.batch import Batch, Position
from risktui.logs.discover import Found
from risktui.logs.intake import events_of
from risktui.logs.records import Broken, Record
from risktui.logs.source import Source

PEEK = 64 * 1024
"""Bytes read to find a file's first events."""

PEEKS = 256
"""Times that is done, 16 MB in all, for files whose first record is long."""

ENOUGH = 8
"""Events that show in which direction a file runs."""

SORTED_WHOLE = 32 * 1024 * 1024
"""Bytes up to which a file that runs backwards is read as a whole and sorted."""

COMPRESSED = 8
"""Compressed files count this many times their size against that."""

AT_ONCE = 0
"""First time of a file in which no event was found: it is read before all others."""


class Plan(msgspec.Struct):
    """When to open a file."""

    first: int
    """Time of its earliest event, as far as anybody looked (ms)."""
    found: Found
    position: Position | None
    sort_whole: bool = False
    """It runs backwards, and is small enough to be turned round."""


def plan(found: Found, position: Position | None, lateness_ms: int) -> Plan:
    """Where `found` belongs among the other files. Raises OSError where it cannot be read."""
    source = Source(found.name, position)
    times: list[int] = []
    for _ in range(PEEKS):
        times = list(islice(_times(source.read(PEEK)), ENOUGH))
        if times or source.at_end:
            break
    if not times:
        return Plan(AT_ONCE, found, position)
    size = found.size * (COMPRESSED if source.whole else 1)
    if _runs_backwards(times, lateness_ms) and size <= SORTED_WHOLE:
        return Plan(_earliest(found, position), found, position, sort_whole=True)
    return Plan(min(times), found, position)


def _runs_backwards(times: Sequence[int], lateness_ms: int) -> bool:
    down = sum(later < before for before, later in pairwise(times))
    up = sum(later > before for before, later in pairwise(times))
    newest = times[0]
    for time in times:
        if newest - time > lateness_ms:
            return True
        newest = max(newest, time)
    return down > up


def _earliest(found: Found, position: Position | None) -> int:
    source = Source(found.name, position)
    earliest: list[int] = []
    while not source.at_end:
        earliest.extend(_times(source.read()))
        earliest = [min(earliest)] if earliest else []
    earliest.extend(_times(source.finish()))
    return min(earliest, default=AT_ONCE)


def _times(pieces: Iterable[Record | Broken]) -> Iterator[int]:
    return (event.time for _, event in events_of(pieces, Batch()))
