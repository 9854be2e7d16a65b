"""The wall clock, as far as it can be believed: people, networks and dead batteries set it anew."""

from __future__ import annotations

import time
from collections.abc import Callable


class Clock:
    """Two readings of one clock that leaps: none of them leaps with it.

    What a record is held against (`latest`) must not go back, or today's events would be the
    future's. What decides that something is too old (`earliest`) must not run ahead, or what
    waits would be cleared away.
    """

    def __init__(
        self,
        last: int,
        wall: Callable[[], int],
        steady: Callable[[], float] = time.monotonic,
    ) -> None:
        """`last` is what `latest` said when it was last written down (ms), 0 where it never was."""
        self._wall = wall
        self._steady = steady
        now = wall()
        self._begun = steady()
        self._low = min(now, last) if last else now
        self._high = max(now, last)
        self._high_at = self._begun

    def latest(self) -> int:
        """The wall clock (ms), or where it would be by now had it not been set back."""
        now, at = self._wall(), self._steady()
        self._high = max(now, self._high + round((at - self._high_at) * 1000))
        self._high_at = at
        return self._high

    def earliest(self) -> int:
        """The wall clock (ms), or what has certainly passed where it was set ahead."""
        return min(self._wall(), self._low + round((self._steady() - self._begun) * 1000))


def now_ms() -> int:
    """The wall clock, for bookkeeping only; nothing that is judged depends on it."""
    return time.time_ns() // 1_000_000
