"""Wakes the follower when something below its paths changes; says what, as far as it is told."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Sequence
from contextlib import suppress

from watchfiles import awatch

DEBOUNCE_MS = 100
STEP_MS = 10
"""A change is told of after one quiet step: 16 ms in the middle, measured."""

PAUSE_SECONDS = 0.05
"""Before watching again after a watch broke, so that this cannot become a busy loop."""

# It writes a line for every change of every file.
logging.getLogger("watchfiles").setLevel(logging.WARNING)


class Alarm:
    """Collects the names of what changed in some directories until somebody looks.

    The system's notices are a hint, not the truth: they miss files in directories that are being
    made, die with a directory that is replaced, and may be refused altogether.
    """

    def __init__(self) -> None:
        self.changed: set[str] = set()
        self.untold = False
        """Something changed whose name cannot be told."""
        self.failed = ""
        """Why the system gives no notices, "" where it does."""
        self._rung = asyncio.Event()
        self._stop = asyncio.Event()
        self._tasks: list[asyncio.Task[None]] = []

    async def watch(self, trees: Sequence[str], directories: Sequence[str]) -> None:
        """Watches `trees` with all below them and `directories` alone; nothing else any more."""
        await self.stop()
        self._stop = asyncio.Event()
        self.failed = ""
        for names, recursive in ((trees, True), (directories, False)):
            if names:
                task = asyncio.create_task(self._watch(names, recursive=recursive))
                self._tasks.append(task)

    async def wait(self, seconds: float) -> set[str]:
        """The names that changed, as soon as there are some; empty after `seconds`."""
        with suppress(TimeoutError):
            async with asyncio.timeout(seconds):
                await self._rung.wait()
        self._rung.clear()
        changed, self.changed = self.changed, set()
        return changed

    def ring(self) -> None:
        """Ends a wait."""
        self._rung.set()

    async def stop(self) -> None:
        """Watches nothing any more."""
        self._stop.set()
        tasks, self._tasks = self._tasks, []
        for task in tasks:
            await task

    async def _watch(self, names: Sequence[str], *, recursive: bool) -> None:
        stop = self._stop
        while not stop.is_set():
            try:
                await self._listen(names, stop, recursive=recursive)
            except ExceptionGroup:
                # A file whose name is no UTF-8 changed, which ends the watch: look at everything.
                self.untold = True
                self._rung.set()
                with suppress(TimeoutError):
                    async with asyncio.timeout(PAUSE_SECONDS):
                        await stop.wait()
            except (OSError, RuntimeError) as error:
                # No watches left (ENOSPC), too many instances (EMFILE), a directory that just went.
                if not stop.is_set():
                    self.failed = str(error)
                    self._rung.set()
                return

    async def _listen(self, names: Sequence[str], stop: asyncio.Event, *, recursive: bool) -> None:
        async for changes in awatch(
            *names,
            watch_filter=None,
            debounce=DEBOUNCE_MS,
            step=STEP_MS,
            stop_event=stop,
            recursive=recursive,
            ignore_permission_denied=True,
        ):
            self.changed.update(name for _, name in changes)
            self._rung.set()
