"""A `risktui watch` in a process of its own, and what a host can do to it."""

from __future__ import annotations

import os
import resource
import signal
import sqlite3
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import TypeVar

from engine.tenant import TOR, append, configuration, record
from risktui.store.database import reader

PATIENCE = 60.0
"""Seconds until a test gives up; what is waited for takes one or two."""
T = TypeVar("T")
UNLIMITED = resource.RLIM_INFINITY

PROGRAM = (
    "import os, sys, time\n"
    "real = time.time_ns\n"
    "clock = os.open(os.environ['CLOCK'], os.O_RDONLY)\n"
    "time.time_ns = lambda: real() + int(os.pread(clock, 20, 0)) * 10**9\n"
    "from risktui.engine import local, patience\n"
    "patience.FIRST_PAUSE, patience.LONGEST_PAUSE = 0.05, 0.2\n"
    "local.SILENT_MS = 100\n"
    "from risktui.cli.main import main\n"
    "sys.argv = ['risktui', *sys.argv[1:]]\n"
    "main()\n"
)
"""The command line, with waits that are short enough for tests, and a clock that can be set."""


class Engine:
    """A running engine; its lines are not read, its words are."""

    def __init__(
        self, folder: Path, *logs: Path, database: Path | None = None, config: Path | None = None
    ) -> None:
        self.folder = folder
        self.database = database or folder / "risktui.db"
        self.said: list[str] = []
        """Lines on stderr."""
        self.config = config or configuration(folder)
        self._clock = folder / "clock.txt"
        self.set_clock(0)
        self.process = subprocess.Popen(
            [
                *(sys.executable, "-c", PROGRAM, "watch", *map(str, logs)),
                *("--db", str(self.database), "--config", str(self.config), "--json"),
            ],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            env={**os.environ, "CLOCK": str(self._clock)},
            start_new_session=True,
            text=True,
        )
        self._listening = threading.Thread(target=self._listen, daemon=True)
        self._listening.start()

    def _listen(self) -> None:
        assert self.process.stderr is not None
        with self.process.stderr as pipe:
            self.said.extend(pipe)  # as they come

    @property
    def words(self) -> str:
        """Everything it has said."""
        if self.process.poll() is not None:
            self._listening.join(PATIENCE)
        return "".join(self.said)

    def set_clock(self, days: float) -> None:
        """The host's clock is so many days ahead, or behind where negative."""
        with self._clock.open("r+b" if self._clock.exists() else "wb", buffering=0) as file:
            file.write(b"%20d" % round(days * 86_400))

    def limit(self, what: int, amount: int) -> None:
        """Bound what the process may use from now on; the hard limit stays."""
        hard = resource.prlimit(self.process.pid, what)[1]
        soft = hard if amount == UNLIMITED else amount
        resource.prlimit(self.process.pid, what, (soft, hard))

    def until(self, what: Callable[[], T]) -> T:
        """Wait until `what` is true; its value comes back. The engine must live."""
        deadline = time.monotonic() + PATIENCE
        while time.monotonic() < deadline:
            if found := what():
                return found
            assert self.process.poll() is None, self.words
            time.sleep(0.02)
        raise AssertionError(self.words)

    def says(self, words: str) -> None:
        """Wait until `words` stand on stderr."""
        self.until(lambda: words in self.words)

    def found(self) -> set[str]:
        """Whom the engine has detected something of."""
        try:
            with closing(reader(self.database)) as connection:
                query = "SELECT user_principal_name FROM users WHERE risk_state = 'atRisk'"
                return {str(row[0]).split("@")[0] for row in connection.execute(query)}
        except sqlite3.OperationalError:
            return set()  # not made yet

    def command(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        """Another command on the same database."""
        options = ["--db", str(self.database), "--config", str(self.config)]
        return subprocess.run(
            [sys.executable, "-m", "risktui", *arguments, *options],
            capture_output=True,
            text=True,
            check=False,
            timeout=PATIENCE,
        )

    def end(self, number: int = signal.SIGTERM) -> int:
        """Stop it; its exit code."""
        self.process.send_signal(number)
        return self.process.wait(PATIENCE)


@contextmanager
def watching(
    folder: Path, *logs: Path, database: Path | None = None, config: Path | None = None
) -> Iterator[Engine]:
    """An engine that follows `logs` and has read what lies there."""
    engine = Engine(folder, *logs, database=database, config=config)
    try:
        engine.says("watching")
        yield engine
    finally:
        if engine.process.poll() is None:
            os.killpg(engine.process.pid, signal.SIGKILL)
        engine.process.wait()


def visit(log: Path, number: int, who: str) -> None:
    """`who` signs in by Tor, which is a detection."""
    append(log, record(number, who, TOR, "2026-03-02T09:05:00"))
