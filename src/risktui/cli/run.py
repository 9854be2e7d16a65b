"""`risktui scan` and `risktui watch`: the engine without a screen."""

from __future__ import annotations

import asyncio
import signal
import tempfile
from collections.abc import Coroutine
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import click

from risktui import config as configuration
from risktui.cli.lines import Lines, Wanted
from risktui.cli.options import (
    Emit,
    Level,
    config_option,
    database_option,
    json_option,
    licence_option,
    load_config,
    log_paths,
    min_level_option,
    paths_argument,
    say,
    since_option,
    until_option,
)
from risktui.cli.summary import Progress, summary
from risktui.detect.loader import DetectorError
from risktui.engine.local import EngineRunningError, LocalEngine
from risktui.engine.run import scan_logs, watch_logs
from risktui.engine.setup import Parts, assemble
from risktui.enrich.sources import SourceError
from risktui.model.risk import RiskLevel
from risktui.store.database import DatabaseError

LIVE_LATENESS_MS = 0
"""A live engine judges what arrives; its detectors bear with disorder."""

_emit_option = click.option(
    "--emit",
    type=Emit(),
    default="detections",
    help="What to print with --json: detections, users, history (a comma list).",
)
_engine_option = click.option(
    "--engine",
    type=click.Choice(["local"]),
    default="local",
    help="Which runner; this version has the local one.",
)
_fail_on_option = click.option(
    "--fail-on", type=Level(), help="Exit with 3 when a detection at this level or above was made."
)
_detectors_option = click.option(
    "--detectors",
    "folders",
    multiple=True,
    type=click.Path(path_type=Path, exists=True, file_okay=False),
    help="A further folder of detectors; may be repeated.",
)


@click.command(
    epilog="Example: risktui scan insights-logs-signinlogs --json | jq -r .userPrincipalName"
)
@paths_argument
@config_option
@database_option
@json_option
@_emit_option
@min_level_option
@since_option
@until_option
@licence_option
@_engine_option
@_fail_on_option
@_detectors_option
def scan(paths: tuple[Path, ...], **options: Any) -> int:
    """Read the logs that are there, print what was found, and end.

    Without --db nothing is kept: the same logs give the same lines every time. With --db only what
    was not read before is read.
    """
    settings = load_config(options["config_path"])
    logs = log_paths(paths, settings)
    for path in logs:
        if not path.exists():
            raise click.ClickException(f"{path}: no such file or folder")
    parts = _assemble(settings, options["folders"])
    with ExitStack() as stack:
        database = options["database"]
        if database is None:
            folder = stack.enter_context(tempfile.TemporaryDirectory(prefix="risktui-"))
            database = Path(folder) / "scan.db"
        return _run(_scan(database, parts, logs, settings, options))


async def _scan(
    database: Path,
    parts: Parts,
    logs: list[Path],
    settings: configuration.Config,
    options: dict[str, Any],
) -> int:
    async with await LocalEngine.open(database, parts) as engine:
        lines = Lines(database, _wanted(options, settings))
        progress = Progress(engine)
        lateness = round(settings.sources.lateness_seconds * 1000)
        await scan_logs(engine, logs, lateness_ms=lateness, progress=progress.show)
        progress.done()
        lines.finish(print_it=options["as_json"])
        for text in summary(engine.totals, lines.detections, parts.blind):
            say(text)
        if options["database"] is None:
            say("nothing was kept; name a database with --db to keep it")
    return _exit_code(options["fail_on"], lines.highest)


@click.command(epilog="Example: risktui watch logs --json | while read -r line; do …; done")
@paths_argument
@config_option
@database_option
@json_option
@_emit_option
@min_level_option
@since_option
@until_option
@licence_option
@_engine_option
@_detectors_option
def watch(paths: tuple[Path, ...], **options: Any) -> int:
    """Follow logs and go on: the engine as a service.

    SIGTERM and ctrl+c end it with everything committed.
    """
    settings = load_config(options["config_path"])
    logs = log_paths(paths, settings)
    parts = _assemble(settings, options["folders"])
    database = options["database"] or configuration.default_database()
    return _run(_watch(database, parts, logs, settings, options))


async def _watch(
    database: Path,
    parts: Parts,
    logs: list[Path],
    settings: configuration.Config,
    options: dict[str, Any],
) -> int:
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stop.set)
    async with await LocalEngine.open(database, parts) as engine:
        lines = Lines(database, _wanted(options, settings))
        say(f"watching {', '.join(map(str, logs))}; database {database}")
        for kind, lack in parts.blind:
            say(f"{kind} is blind: {lack}")
        await watch_logs(
            engine,
            parts,
            logs,
            stop=stop,
            after_commit=lines.print_new if options["as_json"] else _nothing,
            lateness_ms=LIVE_LATENESS_MS,
            notice=say,
        )
        for text in summary(engine.totals, engine.totals.detections, []):
            say(text)
    return 0


def _wanted(options: dict[str, Any], settings: configuration.Config) -> Wanted:
    return Wanted(
        kinds=options["emit"],
        min_level=options["min_level"] or RiskLevel.NONE,
        since=options["since"],
        until=options["until"],
        licence=options["licence"] or settings.tenant.licence,
    )


def _assemble(settings: configuration.Config, folders: tuple[Path, ...]) -> Parts:
    try:
        return assemble(settings, folders)
    except (DetectorError, SourceError) as error:
        raise click.ClickException(str(error)) from error


def _run(work: Coroutine[Any, Any, int]) -> int:
    try:
        return asyncio.run(work)
    except (EngineRunningError, DatabaseError) as error:
        raise click.ClickException(str(error)) from error
    except KeyboardInterrupt:
        return 130


def _exit_code(fail_on: RiskLevel | None, highest: RiskLevel) -> int:
    return 3 if fail_on is not None and highest.rank >= fail_on.rank else 0


def _nothing() -> None:
    """Without --json a watching engine only fills the database."""
