"""Keeps Python's collector of cycles out of the way of keys."""

from __future__ import annotations

import gc
import time

THRESHOLDS = 5_000, 20, 1_000_000
"""New containers before the youngest are looked at, and how often that happens before the older
ones and all are: never by itself. By default a look at all of them, 40 ms of processor, came in the
middle of whatever was being painted."""
IDLE = 2.0
"""Seconds without a key after which nobody minds a short look."""
EVERY = 30.0
"""Seconds between two looks at what is new since the console began."""
LONG_IDLE = 60.0
"""Seconds without a key after which nobody minds a long one."""
EVERYTHING_EVERY = 3_600.0
"""Seconds between two looks at everything."""


def put_off() -> None:
    """No look at all until the first screen stands, which is there the sooner."""
    gc.disable()


class Tidying:
    """Looks for cycles while nobody types."""

    def __init__(self) -> None:
        self._last = self._all = time.monotonic()
        self._before = gc.get_threshold()

    def begin(self) -> None:
        """What is there once the first screen stands stays for good: it is not looked at again."""
        gc.set_threshold(*THRESHOLDS)
        gc.freeze()
        gc.enable()
        self._last = self._all = time.monotonic()

    def end(self) -> None:
        """As it was before: the process may go on without a console."""
        gc.unfreeze()
        gc.set_threshold(*self._before)
        gc.enable()

    def tidy(self, idle: float) -> None:
        """A look, if it is time for one and nobody has typed for `idle` seconds."""
        now = time.monotonic()
        if idle >= LONG_IDLE and now - self._all >= EVERYTHING_EVERY:
            gc.unfreeze()
            gc.collect()
            self.begin()
        elif idle >= IDLE and now - self._last >= EVERY:
            self._last = now
            gc.collect()
