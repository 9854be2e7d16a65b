"""Lets a key be painted before anything else goes on."""

from __future__ import annotations

import asyncio
import time

PATIENCE = 0.05
"""Seconds that a key may hold others up: one that changes nothing is never painted."""
STEP = 0.001
"""Seconds between two looks whether it has been painted."""


class KeysFirst:
    """Told of keys and paints; whoever works in the background asks it for leave.

    Python runs one thread at a time, so a list that is drawn in another thread holds up the key
    that has just come as surely as one that is drawn in this.
    """

    def __init__(self) -> None:
        self._since = 0.0
        self._acted = False
        self._last = time.monotonic()

    def pressed(self) -> None:
        """A key has been read. Any thread may say so."""
        self._acted = False
        self._since = self._last = time.monotonic()

    def acted(self) -> None:
        """What the key means has been done; what is painted next shows it."""
        self._acted = True

    def painted(self) -> None:
        """Something was painted; after the key's act, that key is served."""
        if self._acted:
            self._since = 0.0

    @property
    def idle(self) -> float:
        """Seconds without a key."""
        return time.monotonic() - self._last

    @property
    def waiting(self) -> bool:
        """Whether a key waits for its paint."""
        return self._since > 0.0 and time.monotonic() - self._since < PATIENCE

    def give_way(self) -> None:
        """Sleeps while a key waits, but no longer than PATIENCE. Not for the event loop."""
        end = time.monotonic() + PATIENCE
        while self.waiting and time.monotonic() < end:
            time.sleep(STEP)

    async def quiet(self) -> None:
        """The same for the event loop, which goes on meanwhile."""
        end = time.monotonic() + PATIENCE
        while self.waiting and time.monotonic() < end:  # noqa: ASYNC110  (another thread presses)
            await asyncio.sleep(STEP)
