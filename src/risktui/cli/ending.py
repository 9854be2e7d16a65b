"""How a scan ends before all logs are read: with everything it has judged."""

from __future__ import annotations

import asyncio
import signal
import sys
from collections.abc import Iterator
from typing import Self

from risktui.cli.pipe import Pipe

NAMES = {signal.SIGINT: "ctrl+c", signal.SIGTERM: "SIGTERM", signal.SIGHUP: "SIGHUP"}
"""What tells a scan to end, and how people call it."""


class Ending:
    """Hears signals while a scan runs, which ends after the batch in hand; told again, at once.

    Told once more it leaves whatever it is at. What it prints waits no longer for a reader that
    does not read. Who `keeps` what was found in a database can go on from there.
    """

    def __init__(self, pipe: Pipe, *, keeps: bool) -> None:
        self._told_by: signal.Signals | None = None
        self._at_once = False
        self._pipe = pipe
        self._keeps = keeps
        self._loop = asyncio.get_running_loop()
        self._scan = asyncio.current_task()
        before = {number: signal.getsignal(number) for number in NAMES}
        # What somebody has switched off, as `nohup` does, stays so.
        self._before = {n: each for n, each in before.items() if each not in (signal.SIG_IGN, None)}

    def __enter__(self) -> Self:
        for number in self._before:  # not the loop's: while something is printed it hears nothing
            signal.signal(number, self._tell)
        return self

    def __exit__(self, _: object, error: object, __: object) -> bool:
        for number, before in self._before.items():
            signal.signal(number, before)
        return self._at_once and isinstance(error, asyncio.CancelledError)

    def is_told(self) -> bool:
        """Whether it is to end."""
        return self._told_by is not None

    @property
    def code(self) -> int:
        """The exit code, as a shell gives it to who ends by a signal; 0 where nobody told it to."""
        return 128 + self._told_by if self._told_by else 0

    def words(self) -> Iterator[str]:
        """What becomes of what was not read."""
        if self._told_by is None:
            return
        if self._at_once:
            rest = "what was not written yet is read again by the same command"
            yield f"ended at once: {rest if self._keeps else 'what was found is not told'}"
            return
        rest = "the same command goes on from there" if self._keeps else "this is not everything"
        yield f"ended by {NAMES[self._told_by]} before all was read: {rest}"

    def _tell(self, number: int, _: object) -> None:
        if self._at_once:
            sys.exit(self.code)
        self._at_once = self.is_told()
        self._told_by = self._told_by or signal.Signals(number)
        self._pipe.leave()
        if self._at_once and self._scan is not None:
            self._loop.call_soon_threadsafe(self._scan.cancel)  # which wakes it, too
