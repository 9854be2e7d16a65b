"""When each moment of a replayed day is shown: scenes at their speed, what lies between quicker."""

from __future__ import annotations

from collections.abc import Sequence

import msgspec

BEFORE, AFTER = 3 * 60_000, 9 * 60_000
"""A scene begins so long before what happens and ends so long after (ms of event time)."""
SCENES = 0.8
"""Share of a limited time that scenes take at the most."""


class Pace(msgspec.Struct, frozen=True):
    """Stretches of event time, and how long each is shown."""

    stretches: tuple[tuple[int, int, float], ...]
    """(begin, end, seconds), event times in ms, without gaps."""

    def offset(self, time: int) -> float:
        """Seconds from the beginning until `time` (ms) is shown."""
        passed = 0.0
        for begin, end, seconds in self.stretches:
            if time < end:
                share = max(0, time - begin) / max(1, end - begin)
                return passed + share * seconds
            passed += seconds
        return passed

    @property
    def seconds(self) -> float:
        """How long everything takes."""
        return sum(seconds for _, _, seconds in self.stretches)


def even(begin: int, end: int, speed: float) -> Pace:
    """Everything `speed` times faster than life."""
    return Pace(((begin, end, (end - begin) / 1000 / speed),))


def within(begin: int, end: int, speed: float, seconds: float, moments: Sequence[int]) -> Pace:
    """All of it in `seconds`: scenes around `moments` at `speed`, or as slow as there is time for.

    Where the whole takes less anyway, it is played evenly.
    """
    if (end - begin) / 1000 / speed <= seconds:
        return even(begin, end, speed)
    scenes = _scenes(begin, end, moments)
    shown = sum(last - first for first, last in scenes) / 1000
    scene_seconds = min(shown / speed, SCENES * seconds)
    rest = max(1, (end - begin) / 1000 - shown)
    per_scene = scene_seconds / shown if shown else 0.0
    per_rest = (seconds - scene_seconds) / rest
    found: list[tuple[int, int, float]] = []
    at = begin
    for first, last in scenes:
        if at < first:
            found.append((at, first, (first - at) / 1000 * per_rest))
        found.append((first, last, (last - first) / 1000 * per_scene))
        at = last
    if at < end:
        found.append((at, end, (end - at) / 1000 * per_rest))
    return Pace(tuple(found))


def _scenes(begin: int, end: int, moments: Sequence[int]) -> list[tuple[int, int]]:
    """What lies around the moments; what overlaps is one."""
    found: list[tuple[int, int]] = []
    for moment in sorted(moments):
        first, last = max(begin, moment - BEFORE), min(end, moment + AFTER)
        if first >= last:
            continue
        if found and first <= found[-1][1]:
            found[-1] = found[-1][0], max(found[-1][1], last)
        else:
            found.append((first, last))
    return found
