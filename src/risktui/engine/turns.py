"""Lets the thread that judges and the one that writes work side by side, and tasks one by one."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Awaitable, Callable

SECONDS = 0.0005
"""How long a thread computes on while another waits for the interpreter. By default (5 ms) a commit
waited so long for its turn after each of its dozen statements that it stood still until the engine
had nothing to judge: 10,000 decisions took as long on two cores as on one."""


def take_turns_often() -> None:
    """From now on, in all of this process."""
    sys.setswitchinterval(SECONDS)


class Turn:
    """A lock: nobody else has a turn, and nothing that the last one left is to be done still."""

    def __init__(self) -> None:
        self._lock = asyncio.Lock()
        self._left: Callable[[], Awaitable[None]] | None = None

    def leave(self, left: Callable[[], Awaitable[None]]) -> None:
        """Do this when the next turn begins, before anything else."""
        self._left = left

    async def __aenter__(self) -> None:
        await self._lock.acquire()
        left, self._left = self._left, None
        if left is not None:
            try:
                await left()
            except BaseException:
                self._lock.release()
                raise

    async def __aexit__(self, *_: object) -> None:
        self._lock.release()
