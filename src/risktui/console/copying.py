"""Copies a text out of the terminal, and tells which way it went."""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Mapping
from typing import Any

from textual.app import App

TIMEOUT = 2.0  # seconds; tmux answers in milliseconds or never


def in_tmux(environ: Mapping[str, str] = os.environ) -> bool:
    """Whether tmux stands between us and the terminal: it swallows OSC 52 by default."""
    return bool(environ.get("TMUX")) and shutil.which("tmux") is not None


class CopyError(Exception):
    """tmux did not take it; the text says why."""


def copy(app: App[Any], text: str) -> bool:
    """Copies `text`, to tmux's buffer too where there is tmux: then it gives True.

    May take a moment: use a thread. Raises `OSError`, `CopyError`.
    """
    if not in_tmux():
        app.call_from_thread(app.copy_to_clipboard, text)
        return False
    try:
        subprocess.run(  # a fixed command; the text is its input
            ["tmux", "load-buffer", "-w", "-"],  # noqa: S607  # found on the user's own PATH
            input=text.encode(),
            check=True,
            capture_output=True,
            timeout=TIMEOUT,
        )
    except subprocess.SubprocessError as error:
        raise CopyError(str(error)) from error
    return True
