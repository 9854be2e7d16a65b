"""`risktui scan` and `risktui watch`: the engine without a screen."""

from __future__ import annotations

import asyncio
import tempfile
from collections.abc import Callable, Coroutine, Iterator
from contextlib import ExitStack, closing
from pathlib import Path
from typing import Any, TypeVar

import click
import msgspec

from risktui import config as configuration
from risktui.cli import spark
from risktui.cli.ending import Ending
from risktui.cli.lines import Lines, Place, Wanted
from risktui.cli.options import (
    Emit,
    Level,
    config_option,
    database_option,
    detectors_option,
    existing_database,
    form_of,
    lang_option,
    licence_option,
    load_config,
    log_paths,
    min_level_option,
    paths_argument,
    say,
    since_option,
    until_option,
    with_form,
)
from risktui.cli.parts import load_parts
from risktui.cli.pipe import Pipe, StuckReaderError
from risktui.cli.printer import Printer
from risktui.cli.service import Reloader, Signals, keep_the_watchdog_quiet, notify
from risktui.cli.summary import Progress, blind_lines, summary, tell_all
from risktui.engine.clock import now_ms
from risktui.engine.local import LocalEngine
from risktui.engine.offspring import WorkerDiedError
from risktui.engine.opening import EngineRunningError
from risktui.engine.run import scan_logs, watch_logs
from risktui.engine.setup import Parts
from risktui.model.risk import RiskLevel
from risktui.store.database import DatabaseError, prepare
from risktui.store.lock import EngineLock

T = TypeVar("T")

USUAL_WORKERS = 1
"""One has about half of all work; of several the busiest process has more to do than of two."""
LIVE_LATENESS_MS = 0
"""A live engine judges what arrives; its detectors bear with disorder."""

_emit_option = click.option(
    "--emit",
    type=Emit(),
    default="detections",
    help="What to print: detections, users, history (a comma list).",
)
_engine_option = click.option(
    "--engine",
    type=click.Choice(["local", "parallel", "spark"]),
    default="local",
    help="One process, several on this machine, or Apache Spark; they find the same.",
)
_workers_option = click.option(
    "--workers",
    type=click.IntRange(1, 64),
    help="Processes of --engine parallel beside the first; default [engine] workers, else 1.",
)
_fail_on_option = click.option(
    "--fail-on", type=Level(), help="Exit with 3 when a detection at this level or above was made."
)
_resume_option = click.option(
    "--resume",
    default="",
    metavar="NAME",
    help="Go on where the reader of this NAME stopped, every line at least once; a new NAME begins"
    " with what still waits.",
)


@click.command()
@paths_argument
@config_option
@database_option
@with_form
@_emit_option
@min_level_option
@since_option
@until_option
@licence_option
@lang_option
@_resume_option
@_engine_option
@_workers_option
@spark.spark_options
@_fail_on_option
@detectors_option
def scan(paths: tuple[Path, ...], **options: Any) -> int:
    """Read the logs that are there, print what was found, and end.

    Without --db nothing is kept: the same logs give the same detections every time. With --db only
    what was not read before is read, and printed; --resume NAME prints what NAME has not got yet.
    """
    settings = load_config(options["config_path"])
    wanted = wanted_lines(options, settings)
    logs = log_paths(paths, settings)
    for path in logs:
        if not path.exists():
            raise click.UsageError(f"{path}: no such file or folder")
    if options["resume"] and options["database"] is None:
        raise click.UsageError("--resume needs a --db, where the reader's place is kept")
    parts = load_parts(settings, options["folders"])
    parts = msgspec.structs.replace(parts, workers=_workers(options, settings))
    with ExitStack() as stack:
        database = options["database"]
        if database is None:
            folder = stack.enter_context(tempfile.TemporaryDirectory(prefix="risktui-"))
            database = Path(folder) / "scan.db"
        if options["engine"] == "spark":
            prints, args = _prints(options), (database, parts, logs, wanted, settings, options)
            highest = _refusing(lambda: spark.scan(*args, prints=prints))
            return _exit_code(options["fail_on"], highest)
        return _run(_scan(database, parts, logs, wanted, settings, options))


async def _scan(
    database: Path,
    parts: Parts,
    logs: list[Path],
    wanted: Wanted,
    settings: configuration.Config,
    options: dict[str, Any],
) -> int:
    lateness = round(settings.sources.lateness_seconds * 1000)
    is_read = is_printed = False
    pipe = Pipe()
    with Ending(pipe, keeps=options["database"] is not None) as ending:
        async with await _runner(options).open(database, parts) as engine:
            place = Place(database, options["resume"])
            place.hold()
            with closing(Lines(database, wanted, place, pipe)) as lines:
                with Progress(logs, engine.positions()) as progress:
                    is_read = await scan_logs(
                        engine,
                        logs,
                        lateness_ms=lateness,
                        progress=progress.show,
                        ends=ending.is_told,
                    )
                prints = _prints(options)
                try:
                    tell_all(lines, engine.totals, parts.blind, prints=prints, options=options)
                    is_printed = is_read
                except StuckReaderError as error:
                    say(str(error))
                except BrokenPipeError:
                    if is_read:
                        raise  # a reader that has seen enough; not one that ctrl+c ended, too
        for text in (*parts.failures.lines(), *_what_now(options, lines.detections)):
            say(text)
    if not is_read:
        for text in ending.words():
            say(text)
    return _exit_code(options["fail_on"], lines.highest) if is_printed else ending.code


def _what_now(options: dict[str, Any], detections: int) -> Iterator[str]:
    """What somebody may want after a scan."""
    kept = options["database"]
    if detections and not _prints(options):
        see = f": risktui users --db {kept}" if kept else " --format table, or --json"
        yield f"see them with{see}"
    if kept is None:
        yield "nothing was kept; `risktui scan LOGS --db NAME.db` keeps it"  # after a demo as well


@click.command()
@paths_argument
@config_option
@database_option
@with_form
@_emit_option
@min_level_option
@since_option
@until_option
@licence_option
@lang_option
@_resume_option
@click.option(
    "--attach",
    is_flag=True,
    help="Read no logs: print what the engine that runs on this database finds.",
)
@click.option(
    "--source",
    type=click.Path(path_type=Path, exists=True, file_okay=False),
    help="Read no logs: follow a folder of results that Spark writes, and pass decisions back.",
)
@_engine_option
@_workers_option
@spark.spark_options
@detectors_option
def watch(paths: tuple[Path, ...], **options: Any) -> int:
    """Follow logs and go on: the engine as a service.

    SIGTERM and ctrl+c end it with everything committed; SIGHUP reads the configuration again. A
    slow reader of its lines slows nothing down and loses nothing; with --resume NAME it may even
    come back later.
    """
    settings = load_config(options["config_path"])
    wanted = wanted_lines(options, settings)
    database = options["database"] or configuration.default_database()
    if options["attach"]:
        if paths:
            raise click.UsageError("--attach reads no logs; leave out the paths")
        return _run(_attach(existing_database(database), wanted, options))
    if options["source"]:
        if paths:
            raise click.UsageError("--source reads no logs; leave out the paths")
        followed = (database, options["source"], settings, wanted, options)
        _refusing(lambda: spark.follow(*followed, prints=_prints(options)))
        return 0
    kafka = options["engine"] == "spark" and options["kafka"]
    logs = log_paths(paths, settings) if paths or not kafka else []
    parts = load_parts(settings, options["folders"])
    parts = msgspec.structs.replace(parts, workers=_workers(options, settings))
    if options["engine"] == "spark":
        args, prints = (database, parts, logs, wanted, settings, options), _prints(options)
        _refusing(lambda: spark.watch(*args, prints=prints))
        return 0
    return _run(_watch(database, parts, logs, wanted, settings, options))


async def _watch(
    database: Path,
    parts: Parts,
    logs: list[Path],
    wanted: Wanted,
    settings: configuration.Config,
    options: dict[str, Any],
) -> int:
    # Fetching and posting take 150 ms to import, which a scan need not wait for.
    from risktui.intel.refresh import Refresher
    from risktui.notify.outage import tell_the_end
    from risktui.notify.postman import Postman

    stop = asyncio.Event()
    async with await _runner(options).open(database, parts) as engine:
        printer = _printer(database, wanted, options, stop) if _prints(options) else None

        def heed(new: configuration.Config) -> None:
            postman.heed(new)
            refresher.heed(new)
            if printer:
                printer.wanted = wanted_lines(options, new)

        postman = Postman(database, settings, notice=say)
        reloader = Reloader(engine, settings, options["folders"], heed)
        refresher = Refresher(settings, now=now_ms, changed=reloader.relist, notice=say)
        with Signals(stop, reloader):
            say(f"watching {', '.join(map(str, logs))}; database {database}")
            for text in blind_lines(parts.blind):
                say(text)
            notify("READY=1", f"STATUS=watching {len(logs)} folders")
            dog = asyncio.create_task(keep_the_watchdog_quiet())
            post = asyncio.create_task(postman.run())
            lists = asyncio.create_task(refresher.run())
            watcher = asyncio.create_task(tell_the_end(post, engine, say))
            try:
                await watch_logs(
                    engine,
                    logs,
                    stop=stop,
                    after_commit=printer.poke if printer else _nothing,
                    lateness_ms=LIVE_LATENESS_MS,
                    notice=say,
                )
            finally:
                notify("STOPPING=1")
                dog.cancel()
                watcher.cancel()
                post.cancel()
                lists.cancel()
                await asyncio.gather(watcher, post, lists, return_exceptions=True)
                if printer:
                    await asyncio.to_thread(printer.stop)
        totals = engine.totals
        for text in summary(totals, totals.detections, [], changes=True, kept=database):
            say(text)
        for text in engine.parts.failures.lines():
            say(text)
    return _end_of(printer)


async def _attach(database: Path, wanted: Wanted, options: dict[str, Any]) -> int:
    """Print what another process commits, until told to stop."""
    try:
        prepare(database)
    except DatabaseError as error:
        raise click.ClickException(str(error)) from error
    stop = asyncio.Event()
    printer = _printer(database, wanted, options, stop)
    with Signals(stop, None):
        say(f"attached to {database}")
        if EngineLock(database).holder() is None:
            say("no engine runs on it now: lines come as soon as one does (`risktui watch LOGS`)")
        notify("READY=1")
        await stop.wait()
        await asyncio.to_thread(printer.stop)
    return _end_of(printer)


def _printer(
    database: Path, wanted: Wanted, options: dict[str, Any], stop: asyncio.Event
) -> Printer:
    loop = asyncio.get_running_loop()

    def at_end() -> None:
        loop.call_soon_threadsafe(stop.set)

    printer = Printer(database, wanted, options["resume"], at_end)
    printer.start()
    return printer


def _end_of(printer: Printer | None) -> int:
    failure = printer.failure if printer else None
    if isinstance(failure, BrokenPipeError | StuckReaderError | None):
        return 0
    raise failure


def _prints(options: dict[str, Any]) -> bool:
    """Whether lines are wanted at all; without, an engine only fills the database."""
    names = ("as_json", "format_", "fields", "resume", "attach")
    return any(options.get(name) for name in names)


def wanted_lines(options: dict[str, Any], settings: configuration.Config) -> Wanted:
    """Which lines the options ask for; a usage error where they ask for none that exist."""
    return Wanted(
        kinds=options["emit"],
        min_level=options["min_level"] or RiskLevel.NONE,
        since=options["since"],
        until=options["until"],
        where=options["where"],
        licence=options["licence"] or settings.tenant.licence,
        form=form_of(options, options["emit"], "graph"),
    )


def _runner(options: dict[str, Any]) -> type[LocalEngine]:
    if options["engine"] == "local":
        return LocalEngine
    from risktui.engine.parallel import ParallelEngine  # only where it is wanted

    return ParallelEngine


def _workers(options: dict[str, Any], settings: configuration.Config) -> int:
    """How many processes work beside the first."""
    return options["workers"] or settings.engine.workers or USUAL_WORKERS


def _run(work: Coroutine[Any, Any, int]) -> int:
    return _refusing(lambda: asyncio.run(work))


def _refusing(work: Callable[[], T]) -> T:
    """What `work` gives; one sentence where the engine cannot run."""
    try:
        return work()
    except (EngineRunningError, DatabaseError, WorkerDiedError) as error:
        raise click.ClickException(str(error)) from error


def _exit_code(fail_on: RiskLevel | None, highest: RiskLevel) -> int:
    return 3 if fail_on is not None and highest.rank >= fail_on.rank else 0


def _nothing() -> None:
    """Without --json a watching engine only fills the database."""
