"""Copies a text out of the terminal, and says which way it went."""

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


def copy(app: App[Any], text: str) -> str:
    """Copies `text`; says in words how, or why it could not be. May take a moment: use a thread."""
    if not in_tmux():
        app.call_from_thread(app.copy_to_clipboard, text)
        return "to the terminal's clipboard (OSC 52)"
    try:
        subprocess.run(  # a fixed command; the text is its input
            ["tmux", "load-buffer", "-w", "-"],  # noqa: S607  # found on the user's own PATH
            input=text.encode(),
            check=True,
            capture_output=True,
            timeout=TIMEOUT,
        )
    except (OSError, subprocess.SubprocessError) as error:
        return f"failed: {error}"
    return "to tmux's buffer and the terminal's clipboard"
