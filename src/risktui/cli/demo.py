"""`risktui demo`: the sample tenant, its last day replayed while you watch."""

from __future__ import annotations

import signal
import sqlite3
import sys
import tempfile
from contextlib import closing
from pathlib import Path
from typing import Any

import click

from risktui import config as configuration
from risktui.cli.console import open_console
from risktui.cli.options import lang_option
from risktui.cli.stage import Stage, set_the_stage
from risktui.content import content
from risktui.language.choice import tr
from risktui.output.formats import FORMATS
from risktui.store import queries
from risktui.store.database import reader

SPEED = 480.0
"""A day in three minutes."""
UNITS = {"s": 1.0, "m": 60.0, "h": 3600.0}


class Length(click.ParamType[float]):
    """A length of time: `90s`, `2m`, or a number of seconds."""

    name = "time"

    def convert(
        self, value: Any, param: click.Parameter | None, ctx: click.Context | None
    ) -> float:
        """Seconds."""
        text = str(value).strip()
        factor = UNITS.get(text[-1:], 0.0)
        try:
            seconds = float(text[:-1]) * factor if factor else float(text)
        except ValueError:
            seconds = 0.0
        if not 1 <= seconds <= LONGEST:
            self.fail(f"{text!r} is no length of time between 1s and 24h: say 90s, 2m", param, ctx)
        return seconds


LONGEST = 86_400.0
LENGTH = Length()


@click.command()
@click.option("--headless", is_flag=True, help="No screen: print the detections as JSON lines.")
@click.option(
    "-f",
    "--format",
    "format_",
    type=click.Choice(FORMATS),
    default="graph",
    help="What --headless prints; table is for people.",
)
@click.option("--speed", default=SPEED, show_default=True, help="How much faster than life.")
@click.option(
    "--for",
    "seconds",
    type=LENGTH,
    default=None,
    metavar="TIME",
    help="End by itself after 90s, 2m or so; the whole day is told in that time.",
)
@click.option("--captions/--no-captions", default=True, help="Say what happens, and where to look.")
@lang_option
@click.option("--theme", default=None, help="Name of a theme; `stage` is seen from the back row.")
@click.pass_context
def demo(
    ctx: click.Context,
    headless: bool,
    format_: str,
    speed: float,
    seconds: float | None,
    captions: bool,
    theme: str | None,
) -> int:
    """Show risktui on sample logs: a month of a small company, and the day it is attacked.

    The last day is replayed live. Without a terminal, or with --headless, everything is read at
    once and printed as JSON lines, or as -f says. Nothing of yours is touched; what it writes is
    gone at the end.
    """
    samples = content("sample_logs")
    # The folder must go even when a terminal closes on us.
    signal.signal(signal.SIGHUP, lambda *_: sys.exit(129))
    with tempfile.TemporaryDirectory(prefix="risktui-demo-") as folder:
        place = Path(folder)
        if headless or not sys.stdout.isatty():
            return _headless(ctx, samples, format_)
        stage = set_the_stage(samples, place / "logs")
        options = {
            "theme": theme,
            "title": "Contoso demo",
            "demo": True,
            "captions": stage.caption if captions else None,
            "seconds": seconds,
        }
        return _live(stage, samples, place, speed, options)


def _headless(ctx: click.Context, samples: Path, format_: str) -> int:
    from risktui.cli.run import scan  # the engine is not needed for the console's side

    what = {"csv": "CSV", "table": "a table"}.get(format_, "JSON lines")
    click.echo(tr(f"reading the sample logs; detections follow as {what}"), err=True)
    given = {"config_path": samples / "risktui.toml", "as_json": False, "format_": format_}
    code: Any = ctx.invoke(scan, paths=(samples / "logs",), **given, **_SCAN)
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
    database = place / "demo.db"
    with stage.playing(speed, options["seconds"], is_read=lambda: _is_followed(database)):
        return open_console(database, [stage.folder], settings, options)


def _is_followed(database: Path) -> bool:
    """Whether an engine has read what lies there, and waits for what comes."""
    try:
        with closing(reader(database)) as connection:
            return queries.status(connection).get("engine.state") == "live"
    except sqlite3.Error:
        return False  # it is not made yet
