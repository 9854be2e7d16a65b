"""Runs the small apps of these tests on a real pty."""

from __future__ import annotations

import sys
import time
from collections.abc import Mapping
from pathlib import Path

from e2e.pty_harness import RESTORED, Terminal

__all__ = ["RESTORED", "Terminal", "command", "counted", "run", "wait_for_beats"]

APPS = Path(__file__).parent / "apps"


def command(app: str, *arguments: object) -> list[str]:
    """What runs `apps/{app}.py`."""
    return [sys.executable, str(APPS / f"{app}.py"), *map(str, arguments)]


def run(
    app: str,
    *arguments: object,
    cols: int = 80,
    rows: int = 24,
    env: Mapping[str, str | None] | None = None,
    ignore_hangup: bool = False,
) -> Terminal:
    """`apps/{app}.py` on a terminal of that size."""
    return Terminal(
        command(app, *arguments), cols=cols, rows=rows, env=env, ignore_hangup=ignore_hangup
    )


def counted(beats: Path) -> int:
    """How often the app's loop has come round so far."""
    return beats.stat().st_size if beats.exists() else 0


def wait_for_beats(beats: Path, count: int, timeout: float = 60.0) -> None:
    """Waits, without reading the terminal, until the app's loop has come round `count` times."""
    end = time.monotonic() + timeout
    while counted(beats) < count:
        assert time.monotonic() < end, f"{counted(beats)} beats, then none"
        time.sleep(0.02)
