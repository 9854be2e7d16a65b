"""How many different things were met within the last hour or day, bounded and cheap to ask."""

from __future__ import annotations

import zlib

import msgspec

from risktui.detect.state import MINUTE, NEVER
from risktui.model.written_often import written_often

STEP = 10 * MINUTE
"""Times are kept to this accuracy (ms): what makes a count a sum of a few numbers."""
FEW = 16
"""Of so few marks none is dropped before its time: what is forgotten only counts no more."""


def mark_of(value: str) -> int:
    """What stands for `value`."""
    try:
        return zlib.crc32(value.encode())
    except UnicodeEncodeError:
        return zlib.crc32(value.encode("utf-8", "replace"))  # half of a pair of surrogates


@written_often
class Distinct(msgspec.Struct, array_like=True):
    """Values and when each was last met, by a 32-bit mark of the value."""

    limit: int
    """Above this the one met longest ago is forgotten; a count never goes beyond it."""
    met: dict[int, int] = {}
    """Mark -> step of time it was last met in, oldest first."""
    at: dict[int, int] = {}
    """Step -> how many were met last in it."""
    asked: int = NEVER
    """The step after which `lately` has counted last."""
    known: int = 0
    """How many were met last after it: what makes counting again cheaper still."""

    def add(self, value: str, time: int) -> bool:
        """Meet `value`; whether it is new among those remembered."""
        return self.add_mark(mark_of(value), time)

    def add_mark(self, mark: int, time: int) -> bool:
        """Meet the value of `mark`, for those who meet it in several places."""
        met, at, step = self.met, self.at, time // STEP
        before = met.pop(mark, None)
        if before is not None:
            if step <= before:
                met[mark] = before
                return False
            self._leave(before)
        met[mark] = step
        at[step] = at.get(step, 0) + 1
        if step > self.asked:
            self.known += 1
        if len(met) > self.limit:
            self._leave(met.pop(next(iter(met))))
        return before is None

    def count(self, time: int, window: int) -> int:
        """How many different values were met in the `window` ms before `time`."""
        oldest = (time - window) // STEP
        return sum([count for step, count in self.at.items() if step > oldest])

    def lately(self, time: int, window: int) -> int:
        """The same, for who asks for the same window time and again."""
        oldest = (time - window) // STEP
        if oldest != self.asked:
            self.asked, self.known = oldest, self.count(time, window)
        return self.known

    def forget(self, time: int, window: int) -> None:
        """Drop what was met longer ago than `window` ms."""
        oldest = (time - window) // STEP
        if self.at and min(self.at) <= oldest:
            self.met = {mark: step for mark, step in self.met.items() if step > oldest}
            self.at = {step: count for step, count in self.at.items() if step > oldest}
            self.asked = NEVER

    def _leave(self, step: int) -> None:
        if step > self.asked:
            self.known -= 1
        left = self.at[step] - 1
        if left:
            self.at[step] = left
        else:
            del self.at[step]


@written_often
class Marks(msgspec.Struct, array_like=True):
    """`Distinct` for what is met all day and hardly ever counted."""

    limit: int
    met: dict[int, int] = {}
    at: dict[int, int] = {}
    """Not kept; it has its place in what was packed before."""
    since: int = NEVER
    """What was met last in this step or before it is forgotten."""

    def add_mark(self, mark: int, time: int) -> bool:
        """Meet the value of `mark`; whether it is new among those remembered."""
        met, step = self.met, time // STEP
        if step <= self.since:
            self._drop()  # too late to be taken for what is forgotten
            met = self.met
        before = met.pop(mark, None)
        if before is None:
            met[mark] = step
            if len(met) > self.limit:
                self._drop()
            return True
        met[mark] = step if step > before else before  # noqa: FURB136  # twice as fast
        return before <= self.since

    def count(self, time: int, window: int) -> int:
        """How many different values were met in the `window` ms before `time`."""
        oldest = max((time - window) // STEP, self.since)
        return sum([step > oldest for step in self.met.values()])

    def forget(self, time: int, window: int) -> None:
        """Forget what was met longer ago than `window` ms."""
        oldest = (time - window) // STEP
        if oldest > self.since:
            self.since = oldest
            if len(self.met) >= FEW and next(iter(self.met.values())) <= oldest:
                self._drop()

    def _drop(self) -> None:
        oldest, self.since, self.at = self.since, NEVER, {}
        if oldest != NEVER:
            self.met = {mark: step for mark, step in self.met.items() if step > oldest}
        if len(self.met) > self.limit:
            del self.met[next(iter(self.met))]
