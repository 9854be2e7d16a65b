"""Starts worker processes: copies of this one, which have loaded all they need, or new ones."""

from __future__ import annotations

import gc
import os
import signal
import subprocess
import sys
import time
import traceback
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import BinaryIO, NoReturn, Protocol

OWN_NAMES = "", "-wal", "-shm"
"""What SQLite opens of a database, behind its name."""
THE_ENGINES = signal.SIGINT, signal.SIGTERM
"""Signals that are sent to all processes at once, and are for the engine to answer."""
LOOKS_SECONDS = 0.005
"""How often it is looked whether a copy has ended, while that is waited for."""

Obey = Callable[[BinaryIO, BinaryIO], None]
"""What a worker does: orders come from the first, answers go to the second."""


class WorkerDiedError(Exception):
    """A worker process of an engine has ended; nothing of what was not committed is written."""


class Offspring(Protocol):
    """A worker process; orders are written to one of its two pipes, the other is read."""

    pid: int
    orders: int
    words: int

    def wait(self, seconds: float) -> int | None:
        """How it ended, minus the signal if by one; None where it has not after `seconds`."""

    def kill(self) -> None:
        """End it at once."""

    def close(self) -> None:
        """Close both pipes."""


class Spawned:
    """A new process, which loads everything itself."""

    def __init__(self) -> None:
        self._process = subprocess.Popen(  # this very program
            [sys.executable, "-P", "-m", "risktui.engine.worker"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            bufsize=0,
            start_new_session=True,  # ctrl+c is for the engine
        )
        assert self._process.stdin is not None  # it was made with pipes
        assert self._process.stdout is not None
        self._pipes = self._process.stdin, self._process.stdout
        self.orders, self.words = (pipe.fileno() for pipe in self._pipes)
        self.pid = self._process.pid

    def wait(self, seconds: float) -> int | None:
        """How it ended, minus the signal if by one; None where it has not after `seconds`."""
        with suppress(subprocess.TimeoutExpired):
            return self._process.wait(seconds)
        return None

    def kill(self) -> None:
        """End it at once."""
        self._process.kill()

    def close(self) -> None:
        """Close both pipes."""
        for pipe in self._pipes:
            with suppress(OSError):
                pipe.close()


class Copied:
    """A copy of this process, only to be made where `can_copy` says so."""

    def __init__(self, obey: Obey) -> None:
        theirs, self.orders = os.pipe()
        self.words, answers = os.pipe()
        self._is_open = True
        self._code: int | None = None
        held = signal.pthread_sigmask(signal.SIG_BLOCK, signal.valid_signals())
        try:
            self.pid = os.fork()
            if self.pid == 0:
                _live(obey, theirs, answers, held)
        finally:
            signal.pthread_sigmask(signal.SIG_SETMASK, held)
        os.close(theirs)
        os.close(answers)

    def wait(self, seconds: float) -> int | None:
        """How it ended, minus the signal if by one; None where it has not after `seconds`."""
        deadline = time.monotonic() + seconds
        while self._code is None:
            try:
                pid, status = os.waitpid(self.pid, os.WNOHANG)
            except ChildProcessError:  # whoever has waited for it has not told how it ended
                pid, status = self.pid, 0
            if pid:
                self._code = os.waitstatus_to_exitcode(status)
            elif time.monotonic() > deadline:
                return None
            else:
                time.sleep(LOOKS_SECONDS)
        return self._code

    def kill(self) -> None:
        """End it at once."""
        if self._code is None:  # else its number may be another's by now
            os.kill(self.pid, signal.SIGKILL)

    def close(self) -> None:
        """Close both pipes."""
        if self._is_open:
            self._is_open = False
            os.close(self.orders)
            os.close(self.words)


def can_copy(database: Path) -> bool:
    """Whether a copy of this process would have all that it needs, and nothing that it must not.

    A thread would be missing in it, and what that had locked stay locked. SQLite would take what
    this process has locked of an open database for its own.
    """
    real = os.path.realpath(database)
    names = {real + end for end in OWN_NAMES}
    try:
        alone = len(os.listdir("/proc/self/task")) == 1  # noqa: PTH208  # plain names
        return alone and not any(_opened(each) in names for each in os.listdir("/proc/self/fd"))  # noqa: PTH208
    except OSError:
        return False  # not Linux: nobody can say


def _opened(descriptor: str) -> str:
    with suppress(OSError):  # that of the folder itself
        return str(Path(f"/proc/self/fd/{descriptor}").readlink())
    return ""


def _live(obey: Obey, orders: int, answers: int, held: set[int | signal.Signals]) -> NoReturn:
    """What a copy does instead of going on as what it was copied from."""
    code = 1
    try:
        os.setsid()  # ctrl+c is for the engine
        signal.set_wakeup_fd(-1)  # it wakes the engine
        for number in signal.valid_signals():
            if callable(signal.getsignal(number)):
                signal.signal(number, signal.SIG_DFL)
        for number in THE_ENGINES:
            signal.signal(number, signal.SIG_IGN)
        signal.pthread_sigmask(signal.SIG_SETMASK, held)
        _keep_only(orders, answers)
        gc.freeze()  # what is shared with the engine is not looked through, and so not copied
        with os.fdopen(orders, "rb") as reading, os.fdopen(answers, "wb") as writing:
            obey(reading, writing)
        code = 0
    except BaseException:  # noqa: BLE001  # said as where a new process ends by it
        traceback.print_exc()
    finally:
        os._exit(code)  # nothing of what the engine does at its end


def _keep_only(*descriptors: int) -> None:
    """Close everything but these and what errors are written to; others wait for its end."""
    null = os.open(os.devnull, os.O_RDONLY)
    os.dup2(null, 0)
    os.dup2(2, 1)
    sys.stdout = sys.stderr  # and what the engine has not yet written of its lines is not written
    for descriptor in map(int, os.listdir("/proc/self/fd")):  # noqa: PTH208  # plain names
        if descriptor > 2 and descriptor not in descriptors:
            with suppress(OSError):  # that of the folder itself
                os.close(descriptor)
