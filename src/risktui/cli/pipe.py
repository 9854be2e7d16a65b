"""Writes lines to stdout as a pipe wants it: whole, flushed, and never waiting for ever."""

from __future__ import annotations

import io
import os
import select
import sys
import time

PATIENCE_SECONDS = 3.0
"""How long a reader that does not read may hold up an engine that has been told to stop."""
LOOK_MS = 200
"""How often a blocked writer looks whether it has been told to stop."""


class StuckReaderError(Exception):
    """The reader of stdout does not read, and we have to go."""


class Pipe:
    """Stdout, or what stands in for it.

    A reader may be as slow as it likes: the writer waits, and nothing piles up in memory. After
    `leave` it waits only a little longer.
    """

    def __init__(self) -> None:
        self._deadline = float("inf")
        self._poll: select.poll | None = None
        try:
            self._descriptor = sys.stdout.fileno()
        except (io.UnsupportedOperation, ValueError):
            return  # a stand-in without a file behind it
        self._poll = select.poll()
        self._poll.register(self._descriptor, select.POLLOUT)

    def write(self, line: str) -> None:
        """Write a line and its break; when this returns the line is out of our hands.

        Raises `BrokenPipeError` where nobody reads any more, `StuckReaderError` after `leave`.
        """
        if self._poll is None:
            sys.stdout.write(line + "\n")
            return
        waiting = memoryview(line.encode("utf-8", "backslashreplace") + b"\n")
        while waiting:
            self._wait(self._poll)
            # No more than a pipe takes at once, so that this never blocks where poll did not.
            written = os.write(self._descriptor, waiting[: select.PIPE_BUF])
            waiting = waiting[written:]

    def leave(self) -> None:
        """From now on do not wait long for the reader. A thread or a signal may call it."""
        self._deadline = time.monotonic() + PATIENCE_SECONDS

    def _wait(self, poll: select.poll) -> None:
        while not poll.poll(LOOK_MS):
            if time.monotonic() > self._deadline:
                raise StuckReaderError("the reader of stdout does not read")
