"""Runs the small apps of these tests on a real pty."""

from __future__ import annotations

import sys
from collections.abc import Mapping
from pathlib import Path

from e2e.pty_harness import RESTORED, Terminal

__all__ = ["RESTORED", "Terminal", "command", "run"]

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
