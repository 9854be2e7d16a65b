"""Who is the engine: one process holds the lock beside the database, all others are clients."""

from __future__ import annotations

import fcntl
import os
import time
from pathlib import Path

TRIES = 50
"""How often, a hundredth of a second apart, a lock that is only looked at is tried for."""


class EngineLock:
    """The lock of one database. Gone with the process that holds it, however that ends."""

    def __init__(self, database: Path) -> None:
        self._path = database.with_name(database.name + ".lock")
        self._descriptor: int | None = None

    def take(self) -> bool:
        """Become the engine; False where another process is it already."""
        descriptor = os.open(self._path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        for _ in range(TRIES):
            if _locked(descriptor, fcntl.LOCK_EX):
                os.ftruncate(descriptor, 0)
                os.write(descriptor, str(os.getpid()).encode())
                self._descriptor = descriptor
                return True
            if not _locked(descriptor, fcntl.LOCK_SH):
                break  # an engine has it; otherwise somebody is only looking, for a moment
            fcntl.flock(descriptor, fcntl.LOCK_UN)
            time.sleep(0.01)
        os.close(descriptor)
        return False

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
            text = os.read(descriptor, 32)
            return int(text) if text.isdigit() else -1
        finally:
            os.close(descriptor)


def _locked(descriptor: int, how: int) -> bool:
    try:
        fcntl.flock(descriptor, how | fcntl.LOCK_NB)
    except OSError:
        return False
    return True
