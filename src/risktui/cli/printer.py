"""Prints beside a running engine, in a thread of its own, so that a slow reader slows nobody."""

from __future__ import annotations

import sqlite3
import threading
from collections.abc import Callable
from pathlib import Path

from risktui.cli.lines import Lines, Place, Wanted
from risktui.cli.options import say
from risktui.cli.pipe import Pipe, StuckReaderError

WAKE_SECONDS = 1.0
"""Without being poked the outbox is looked at this often."""


class Printer:
    """A thread that prints what comes into the outbox until it is told to stop."""

    def __init__(
        self, database: Path, wanted: Wanted, resume: str, at_end: Callable[[], None]
    ) -> None:
        self.wanted = wanted
        """May be replaced; the next line heeds it."""
        self.failure: Exception | None = None
        """What ended it, unless it was told to stop."""
        self._database = database
        self._passing = not resume
        self._place = Place(database, resume)
        self._place.hold()
        self._pipe = Pipe()
        self._at_end = at_end
        self._wake = threading.Event()
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._run, name="printer", daemon=True)

    def start(self) -> None:
        """Begin to print."""
        self._thread.start()

    def poke(self) -> None:
        """There is something new."""
        self._wake.set()

    def stop(self) -> None:
        """Print what is there and end; a reader that does not read is given a few seconds."""
        self._stopping.set()
        self._pipe.leave()
        self._wake.set()
        self._thread.join()

    def _run(self) -> None:
        try:
            self._print()
        except BrokenPipeError as error:
            self.failure = error  # the reader has seen enough, which is no fault
        except StuckReaderError as error:
            self.failure = error
            say(f"{error}; {self._what_remains()}")
        except Exception as error:  # noqa: BLE001  # a thread's end must not go unnoticed
            self.failure = error
        finally:
            try:
                self._place.leave(passing=self._passing)
            except sqlite3.Error as error:
                say(f"how far the reader of stdout is was not written down: {error}")
            self._at_end()

    def _print(self) -> None:
        lines = Lines(self._database, self.wanted, self._place, self._pipe)
        try:
            last = False
            while not last:
                last = self._stopping.is_set()
                lines.wanted = self.wanted
                lines.print_new()
                if not last:
                    self._wake.wait(WAKE_SECONDS)
                    self._wake.clear()
        finally:
            lines.close()

    def _what_remains(self) -> str:
        if self._passing:
            return "what it has not read is in the database"
        return f"--resume {self._place.name} goes on where it stopped"
