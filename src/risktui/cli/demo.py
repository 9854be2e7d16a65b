"""`risktui demo`: the sample tenant, its last day replayed while you watch."""

from __future__ import annotations

import signal
import sys
import tempfile
from pathlib import Path
from typing import Any

import click

from risktui import config as configuration
from risktui.cli.console import open_console
from risktui.cli.stage import Stage, set_the_stage
from risktui.content import content

SPEED = 480.0
"""A day in three minutes."""


@click.command()
@click.option("--headless", is_flag=True, help="No screen: print the detections as JSON lines.")
@click.option("--speed", default=SPEED, show_default=True, help="How much faster than life.")
@click.option("--theme", default=None, help="Name of a theme.")
@click.pass_context
def demo(ctx: click.Context, headless: bool, speed: float, theme: str | None) -> int:
    """Show risktui on sample logs: a month of a small company, and the day it is attacked.

    The last day is replayed live. Without a terminal, or with --headless, everything is read at
    once and printed as JSON lines. Nothing of yours is touched; what it writes is gone at the end.
    """
    samples = content("sample_logs")
    # The folder must go even when a terminal closes on us.
    signal.signal(signal.SIGHUP, lambda *_: sys.exit(129))
    with tempfile.TemporaryDirectory(prefix="risktui-demo-") as folder:
        place = Path(folder)
        if headless or not sys.stdout.isatty():
            return _headless(ctx, samples)
        stage = set_the_stage(samples, place / "logs")
        return _live(
            stage, samples, place, speed, {"theme": theme, "title": "Contoso demo", "demo": True}
        )


def _headless(ctx: click.Context, samples: Path) -> int:
    from risktui.cli.run import scan  # the engine is not needed for the console's side

    click.echo("reading the sample logs; detections follow as JSON lines", err=True)
    code: Any = ctx.invoke(
        scan, paths=(samples / "logs",), config_path=samples / "risktui.toml", as_json=True, **_SCAN
    )
    return int(code)


_SCAN: dict[str, Any] = {
    "database": None,
    "emit": ("detection",),
    "min_level": None,
    "since": None,
    "until": None,
    "licence": None,
    "engine": "local",
    "fail_on": None,
    "folders": (),
}


def _live(stage: Stage, samples: Path, place: Path, speed: float, options: dict[str, Any]) -> int:
    settings = configuration.load(samples / "risktui.toml")
    with stage.playing(speed):
        return open_console(place / "demo.db", [stage.folder], settings, options)
