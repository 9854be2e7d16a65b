"""How a scan ends before all logs are read: with everything it has judged, where that is kept."""

from __future__ import annotations

import asyncio
import signal
from collections.abc import Iterator
from typing import Self

NAMES = {signal.SIGINT: "ctrl+c", signal.SIGTERM: "SIGTERM", signal.SIGHUP: "SIGHUP"}
"""What tells a scan to end, and how people call it."""


class Ending:
    """Hears signals while a scan runs, which ends after the batch in hand; told again, at once.

    Where nothing is kept there is nothing to be written first: it ends at once.
    """

    def __init__(self, *, keeps: bool) -> None:
        self._told_by: signal.Signals | None = None
        self._at_once = False
        self._keeps = keeps
        self._loop = asyncio.get_running_loop()
        self._scan = asyncio.current_task()
        # What somebody has switched off, as `nohup` does, stays so.
        self._heard = [each for each in NAMES if signal.getsignal(each) is not signal.SIG_IGN]

    def __enter__(self) -> Self:
        for number in self._heard:
            self._loop.add_signal_handler(number, self._tell, number)
        return self

    def __exit__(self, _: object, error: object, __: object) -> bool:
        for number in self._heard:
            self._loop.remove_signal_handler(number)
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
        if not self._keeps or self._told_by is None:
            return
        if self._at_once:
            yield "ended at once: what was not written yet is read again by the same command"
        else:
            by = NAMES[self._told_by]
            yield f"ended by {by} before all was read: the same command goes on from there"

    def _tell(self, number: signal.Signals) -> None:
        self._at_once = self.is_told() or not self._keeps
        self._told_by = self._told_by or number
        if self._at_once and self._scan is not None:
            self._scan.cancel()
