"""What every way out has in common: it succeeds, fails for now, or fails for good."""

from __future__ import annotations

import os
import ssl
from pathlib import Path

from risktui.config import Config


class TryLaterError(Exception):
    """It did not work this time: the server is away, slow, or asks for patience."""

    def __init__(self, message: str, wait_ms: int = 0) -> None:
        super().__init__(message)
        self.wait_ms = wait_ms
        """What the other side asks to wait, 0 where it does not say."""


class GiveUpError(Exception):
    """It will not work next time either: somebody has to change something."""


class HeldError(Exception):
    """It was not done on purpose, and why."""


def secret(config: Config, file: str, variable: str = "") -> str:
    """A password or key from a file, or from the environment. Raises `GiveUpError`."""
    path = config.file(file)
    if path is None:
        return os.environ.get(variable, "") if variable else ""
    try:
        return path.read_text("utf-8").rstrip("\n")
    except OSError as error:
        raise GiveUpError(f"{path}: {error.strerror}") from error


def trust(config: Config, ca_file: str) -> ssl.SSLContext:
    """Certificates that are believed: the system's, or those of `ca_file`."""
    path: Path | None = config.file(ca_file)
    try:
        return ssl.create_default_context(cafile=str(path) if path else None)
    except OSError as error:
        raise GiveUpError(f"{path}: cannot be used as certificates: {error}") from error
