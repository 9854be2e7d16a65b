"""The terminal as a file that never blocks for ever, whatever happens at its other end."""

from __future__ import annotations

import os
import select
import sys
import termios
import time
from collections.abc import Callable

PATIENCE = 1.0  # seconds that the last words (the restored modes) may take
CHUNK = 4096  # bytes; what a pseudo terminal's buffer takes at once
RESUME = "\x00resume"  # never written: marks where discarding ends


class NoTerminalError(OSError):
    """There is no terminal to draw on."""


def open_terminal() -> int:
    """A descriptor of our own for the controlling terminal; raises NoTerminalError.

    It is our own so that non-blocking writes do not change the shell's, and so that stdin and
    stdout may be pipes.
    """
    flags = os.O_RDWR | os.O_NOCTTY | os.O_NONBLOCK
    for path in _terminals():
        try:
            return os.open(path, flags)
        except OSError:
            continue
    raise NoTerminalError("no terminal to draw on; `risktui watch --json` needs none")


class TerminalFile:
    """What the writing thread writes to; `write`, `flush` and `fileno` are a text file's."""

    def __init__(self, descriptor: int, gone: Callable[[], None]) -> None:
        self.descriptor = descriptor
        self.taken = 0
        """Texts that were given to us, for who counts what is still on its way."""
        self.waiting = False
        """The terminal has not read what it was given."""
        self._gone = gone
        self._dead = False
        self._discarding = False
        self._deadline: float | None = None
        self._pending = bytearray()

    def fileno(self) -> int:
        """The terminal's descriptor."""
        return self.descriptor

    def isatty(self) -> bool:
        """True; it is nothing else."""
        return True

    def write(self, text: str) -> int:
        """Takes `text`; it leaves with the next `flush`."""
        self.taken += 1
        if text == RESUME:
            self._discarding = False
            self._pending.clear()
        elif not self._discarding:
            self._pending += text.encode("utf-8", "replace")
        return len(text)

    def flush(self) -> None:
        """Writes everything, unless the terminal is gone or the patience of `discard` is over."""
        while self._pending and not self._dead and not self._discarding:
            try:
                written = os.write(self.descriptor, self._pending[:CHUNK])
            except BlockingIOError:
                if not self._wait():
                    break
                continue
            except OSError:
                self._dead = True
                self._gone()
                break
            self.waiting = False
            del self._pending[:written]
        self._pending.clear()
        self.waiting = False

    def discard(self) -> None:
        """Drops what the terminal has not read, until RESUME is written.

        What follows may take PATIENCE seconds, then it is dropped too.
        """
        self._discarding = True
        self._deadline = time.monotonic() + PATIENCE
        try:
            termios.tcflush(self.descriptor, termios.TCOFLUSH)
        except termios.error:
            return

    def _wait(self) -> bool:
        """Waits a moment for the terminal; False when there is no more patience."""
        self.waiting = True
        if self._deadline is not None and time.monotonic() > self._deadline:
            return False
        select.select([], [self.descriptor], [], 0.1)
        return True


def _terminals() -> list[str]:
    streams = (sys.__stdin__, sys.__stderr__, sys.__stdout__)
    ttys = [stream for stream in streams if stream and not stream.closed and stream.isatty()]
    return ["/dev/tty", *(os.ttyname(stream.fileno()) for stream in ttys)]
