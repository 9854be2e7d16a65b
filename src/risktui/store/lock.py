"""Who is the engine: one process holds the lock beside the database, all others are clients."""

from __future__ import annotations

import fcntl
import os
import time
from contextlib import suppress
from pathlib import Path

from risktui.logs.clean import clean

TRIES = 50
"""How often, a hundredth of a second apart, a lock that is only looked at is tried for."""


ROOM = 512
"""Bytes of the file, all written when the lock is taken: a note needs no room on a full disk."""


class EngineLock:
    """The lock of one database. Gone with the process that holds it, however that ends."""

    def __init__(self, database: Path) -> None:
        real = Path(os.path.realpath(database))  # by whatever link it is called
        self._path = real.with_name(real.name + ".lock")
        self._descriptor: int | None = None

    def take(self) -> bool:
        """Become the engine; False where another process is it already."""
        descriptor = os.open(self._path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        for _ in range(TRIES):
            if _locked(descriptor, fcntl.LOCK_EX):
                os.ftruncate(descriptor, 0)
                self._descriptor = descriptor
                self.note("")
                return True
            if not _locked(descriptor, fcntl.LOCK_SH):
                break  # an engine has it; otherwise somebody is only looking, for a moment
            fcntl.flock(descriptor, fcntl.LOCK_UN)
            time.sleep(0.01)
        os.close(descriptor)
        return False

    def note(self, words: str) -> int:
        """Say beside the database what cannot be said in it; "" when it can be again.

        Gives the number of the system's error, 0 where there was none.
        """
        if self._descriptor is not None:
            text = f"{os.getpid()}\n{words}".encode("utf-8", "replace")[: ROOM - 1] + b"\n"
            try:
                os.pwrite(self._descriptor, text.ljust(ROOM), 0)
            except OSError as error:  # it is said on stderr, too
                return error.errno or 0
        return 0

    def noted(self) -> str:
        """What the engine that runs has noted; "" where it has not, or none runs."""
        if self.holder() is None:
            return ""
        with suppress(OSError):
            lines = self._path.read_bytes()[:ROOM].decode("utf-8", "replace").splitlines()
            return clean(lines[1].strip()) if len(lines) > 1 else ""
        return ""

    def written(self) -> int:
        """When it was taken or something was noted last (ms); 0 where that cannot be told."""
        try:
            return self._path.stat().st_mtime_ns // 1_000_000
        except OSError:
            return 0

    def release(self) -> None:
        """Stop being the engine."""
        if self._descriptor is not None:
            os.close(self._descriptor)
            self._descriptor = None

    def holder(self) -> int | None:
        """Process id of the running engine, None where there is none. Looking disturbs nobody."""
        if self._descriptor is not None:
            return os.getpid()
        try:
            descriptor = os.open(self._path, os.O_RDONLY | os.O_CLOEXEC)
        except FileNotFoundError:
            return None
        try:
            if _locked(descriptor, fcntl.LOCK_SH):
                return None
            text = os.read(descriptor, 32).split(b"\n")[0].strip()
            return int(text) if text.isdigit() else -1
        finally:
            os.close(descriptor)


def _locked(descriptor: int, how: int) -> bool:
    try:
        fcntl.flock(descriptor, how | fcntl.LOCK_NB)
    except OSError:
        return False
    return True
