"""Is there an engine? Where none is and we may, a new one is started."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

from risktui.console import list_words as says
from risktui.console.widgets.status_line import STALE
from risktui.language.choice import tr
from risktui.store.lock import EngineLock

LOOK_AGAIN = 1_000
"""Milliseconds between two looks at the lock of a silent engine."""
START_AGAIN = 5_000
"""Milliseconds between two attempts to start an engine."""


class EngineLookout:
    """Knows whether a process is the engine of the database, and calls for one."""

    def __init__(
        self,
        lock: EngineLock,
        start: Callable[[], None] | None,
        apply_waiting: Callable[[], None] | None = None,
    ) -> None:
        self.held: bool | None = None
        """Whether a process holds the lock; None where nobody has looked."""
        self.noted = ""
        """What the engine says beside a database that it cannot write."""
        self._lock = lock
        self._start = start
        self._apply_waiting = apply_waiting
        self._looked_at = self._started_at = self._attempts = 0

    def is_starting(self, now: int) -> bool:
        """Whether the first engine that was called for may still come; a second is no good sign."""
        return self._attempts == 1 and now - self._started_at < START_AGAIN

    async def stand_in(self) -> str:
        """Where nobody is the engine and none is called for, has decisions applied all the same.

        What went wrong comes back, in words.
        """
        if self._apply_waiting is None or self.held is not False:
            return ""
        try:
            await asyncio.to_thread(self._apply_waiting)
        except Exception as error:  # noqa: BLE001  (whatever it is, the operator must read it)
            return tr(says.NOT_APPLIED).format(error=error)
        return ""

    async def look(self, heartbeat: int, now: int, *, ended: bool = False) -> str:
        """Looks after an engine whose last word was at `heartbeat`; what went wrong, in words.

        One that has `ended`, as it says, is not waited for.
        """
        if not ended and now - heartbeat <= STALE:
            self.held, self.noted = True, ""
            return ""
        if now - self._looked_at < LOOK_AGAIN:
            return ""
        self._looked_at = now
        self.held = await asyncio.to_thread(self._lock.holder) is not None
        self.noted = await asyncio.to_thread(self._lock.noted)
        if self.held or self._start is None or now - self._started_at < START_AGAIN:
            return ""
        self._started_at = now
        self._attempts += 1
        try:
            await asyncio.to_thread(self._start)
        except Exception as error:  # noqa: BLE001  (whatever it is, the operator must read it)
            return tr(says.ENGINE_NOT_STARTED).format(error=error)
        return ""
