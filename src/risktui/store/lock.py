"""Who is the engine: one process holds the lock beside the database, all others are clients."""

from __future__ import annotations

import fcntl
import os
from pathlib import Path


class EngineLock:
    """The lock of one database. Gone with the process that holds it, however that ends."""

    def __init__(self, database: Path) -> None:
        self._path = database.with_name(database.name + ".lock")
        self._descriptor: int | None = None

    def take(self) -> bool:
        """Become the engine; False where another process is it already."""
        descriptor = os.open(self._path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            os.close(descriptor)
            return False
        os.ftruncate(descriptor, 0)
        os.write(descriptor, str(os.getpid()).encode())
        self._descriptor = descriptor
        return True

    def release(self) -> None:
        """Stop being the engine."""
        if self._descriptor is not None:
            os.close(self._descriptor)
            self._descriptor = None

    def holder(self) -> int | None:
        """Process id of the running engine, None where there is none."""
        probe = EngineLock(self._path.with_name(self._path.name.removesuffix(".lock")))
        if self._descriptor is not None:
            return os.getpid()
        if not self._path.exists():
            return None
        text = self._path.read_text()
        if probe.take():
            probe.release()
            return None
        return int(text) if text.isdigit() else -1
