"""How many different things were met within the last hour or day, bounded and cheap to ask."""

from __future__ import annotations

import zlib

import msgspec

from risktui.detect.state import MINUTE

STEP = 10 * MINUTE
"""Times are kept to this accuracy (ms): what makes a count a sum of a few numbers."""


class Distinct(msgspec.Struct, array_like=True):
    """Values and when each was last met, by a 32-bit mark of the value."""

    limit: int
    """Above this the one met longest ago is forgotten; a count never goes beyond it."""
    met: dict[int, int] = {}
    """Mark -> step of time it was last met in, oldest first."""
    at: dict[int, int] = {}
    """Step -> how many were met last in it."""

    @staticmethod
    def mark(value: str) -> int:
        """What stands for `value`."""
        return zlib.crc32(value.encode("utf-8", "replace"))

    def add(self, value: str, time: int) -> bool:
        """Meet `value`; whether it is new among those remembered."""
        return self.add_mark(self.mark(value), time)

    def add_mark(self, mark: int, time: int) -> bool:
        """Meet the value of `mark`, for those who meet it in several places."""
        met, at, step = self.met, self.at, time // STEP
        before = met.pop(mark, None)
        if before is None:
            at[step] = at.get(step, 0) + 1
        elif step > before:
            self._leave(before)
            at[step] = at.get(step, 0) + 1
        else:
            step = before
        met[mark] = step
        if len(met) > self.limit:
            oldest = next(iter(met))
            self._leave(met.pop(oldest))
        return before is None

    def has_met(self, time: int, window: int) -> bool:
        """Whether anything was met in the `window` ms before `time`."""
        latest = next(reversed(self.met.values()), None)
        if latest is not None and latest > (time - window) // STEP:
            return True  # as nearly always: the one met last
        return self.count(time, window) > 0

    def count(self, time: int, window: int) -> int:
        """How many different values were met in the `window` ms before `time`."""
        oldest = (time - window) // STEP
        return sum([count for step, count in self.at.items() if step > oldest])

    def forget(self, time: int, window: int) -> None:
        """Drop what was met longer ago than `window` ms."""
        oldest = (time - window) // STEP
        if self.at and min(self.at) <= oldest:
            self.met = {mark: step for mark, step in self.met.items() if step > oldest}
            self.at = {step: count for step, count in self.at.items() if step > oldest}

    def _leave(self, step: int) -> None:
        left = self.at[step] - 1
        if left:
            self.at[step] = left
        else:
            del self.at[step]
