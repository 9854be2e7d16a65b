"""`--engine spark`: the options of `scan` and `watch` that are Spark's, and both commands on it."""

from __future__ import annotations

import hashlib
import os
import shutil
import signal
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import click

from risktui import config as configuration
from risktui.cli.lines import Lines, Place, Wanted
from risktui.cli.options import say
from risktui.cli.pipe import Pipe
from risktui.cli.printer import Printer
from risktui.cli.summary import summary, tell_all
from risktui.engine.setup import Parts
from risktui.model.risk import RiskLevel

if TYPE_CHECKING:
    from risktui.engine.spark.engine import SparkEngine

F = TypeVar("F", bound=Callable[..., Any])
LIVE_LATENESS_MS = 0


def spark_options(command: F) -> F:
    """Adds the options; they mean something with `--engine spark` only."""
    for option in (
        click.option(
            "--kafka",
            multiple=True,
            metavar="NAME=VALUE",
            help="An option of Spark's Kafka source, for watch: kafka.bootstrap.servers=HOST:PORT,"
            " subscribe=TOPIC; may be repeated.",
        ),
        click.option(
            "--spark-conf",
            multiple=True,
            metavar="NAME=VALUE",
            help="A setting of Spark's; may be repeated.",
        ),
        click.option(
            "--buckets",
            type=click.IntRange(1, 4096),
            default=16,
            help="Into how many parts Spark divides people; fixed with the first run.",
        ),
        click.option(
            "--checkpoint",
            type=click.Path(path_type=Path, file_okay=False),
            help="Folder of Spark's state; default beside the database.",
        ),
        click.option(
            "--master",
            default="local[2]",
            help="Spark's master for --engine spark: local[4], spark://HOST:PORT, yarn, k8s://URL.",
        ),
    ):
        command = option(command)
    return command


def check_spark() -> None:
    """A usage error that says what is missing."""
    for module in ("pyspark", "pyarrow", "pandas", "google.protobuf"):
        if not _is_there(module):
            raise click.UsageError(f"--engine spark needs {module}; pip install 'risktui[spark]'")
    if shutil.which("java") is None:
        raise click.UsageError("--engine spark needs Java 17 or newer; none is in the PATH")


def engine_of(database: Path, parts: Parts, options: dict[str, Any]) -> SparkEngine:
    """The engine, on the session that the options ask for."""
    from risktui.engine.spark.engine import SparkEngine  # only where it is wanted
    from risktui.engine.spark.session import SparkOptions

    return SparkEngine(
        database,
        parts,
        SparkOptions(
            master=options["master"],
            checkpoint=options["checkpoint"],
            buckets=options["buckets"],
            kafka=_pairs(options["kafka"]),
            conf=_pairs(options["spark_conf"]),
        ),
    )


@contextmanager
def _lake_errors() -> Iterator[None]:
    from risktui.engine.spark.lake import LakeError  # it needs pyarrow

    try:
        yield
    except LakeError as error:
        raise click.ClickException(str(error)) from error


@contextmanager
def _spark_errors() -> Iterator[None]:
    from risktui.engine.spark.session import SourceMissingError  # it needs pyspark

    try:
        with _lake_errors():
            yield
    except SourceMissingError as error:
        raise click.UsageError(str(error)) from error


def _is_there(module: str) -> bool:
    try:
        return find_spec(module) is not None
    except ModuleNotFoundError:
        return False


def _pairs(texts: tuple[str, ...]) -> dict[str, str]:
    found = {}
    for text in texts:
        name, equals, value = text.partition("=")
        if not equals:
            raise click.UsageError(f"{text!r} is no NAME=VALUE")
        found[name.strip()] = value.strip()
    return found


def scan(
    database: Path,
    parts: Parts,
    logs: list[Path],
    wanted: Wanted,
    settings: configuration.Config,
    options: dict[str, Any],
    *,
    prints: bool,
) -> RiskLevel:
    """Read what is there, print what was found; the highest level among it."""
    check_spark()
    if options["kafka"]:
        raise click.UsageError("--kafka never ends: `risktui watch` reads it, scan does not")
    with _spark_errors(), engine_of(database, parts, options) as engine:
        place = Place(database, options["resume"])
        place.hold()
        with closing(Lines(database, wanted, place, Pipe())) as lines:
            engine.scan(logs, round(settings.sources.lateness_seconds * 1000))
            tell_all(lines, engine.totals, parts.blind, prints=prints, options=options)
    return lines.highest


def watch(
    database: Path,
    parts: Parts,
    logs: list[Path],
    wanted: Wanted,
    settings: configuration.Config,
    options: dict[str, Any],
    *,
    prints: bool,
) -> None:
    """Go on until told to end; what is not durable then is read again by the next run."""
    check_spark()
    from risktui.cli.errands import Errands, Renewal  # 150 ms, which a scan need not wait for

    stop = threading.Event()
    renewal = Renewal(settings, options["folders"])
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: stop.set())
    signal.signal(signal.SIGHUP, lambda *_: renewal.ask(hung_up=stop.set))
    printer = None
    with (
        _spark_errors(),
        engine_of(database, parts, options) as engine,
        Errands(database, renewal) as errands,
    ):
        if prints:
            printer = Printer(database, wanted, options["resume"], stop.set)
            printer.start()
        say(f"watching {', '.join(map(str, logs)) or 'Kafka'}; database {database}")
        engine.watch(
            logs,
            stop=stop.is_set,
            after_commit=printer.poke if printer else _nothing,
            lateness_ms=LIVE_LATENESS_MS,
            renewed=lambda: renewal.parts(engine.parts, errands.heed),
        )
        totals = engine.totals
        for text in summary(totals, totals.detections, [], changes=True, kept=database):
            say(text)
    if printer:
        printer.stop()
    sys.stdout.flush()


def follow(
    database: Path,
    folder: Path,
    settings: configuration.Config,
    wanted: Wanted,
    options: dict[str, Any],
    *,
    prints: bool,
) -> None:
    """Keep `database` as the results in `folder` are, and pass decisions on, until told to end."""
    check_results(folder)
    from risktui.cli.errands import Errands, Renewal  # 150 ms
    from risktui.engine.spark.source import Results  # it needs pyarrow

    stop = threading.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: stop.set())
    printer = None
    errands = Errands(database, Renewal(settings, options["folders"]))
    with _lake_errors(), Results(database, folder, settings.people) as results, errands:
        if prints:
            printer = Printer(database, wanted, options["resume"], stop.set)
            printer.start()
        say(f"following {folder}; database {database}")
        results.follow(
            stop=stop.is_set, after_commit=printer.poke if printer else _nothing, notice=say
        )
    if printer:
        printer.stop()
    sys.stdout.flush()


def check_results(folder: Path) -> None:
    """Refuse a folder that cannot be opened, and say what is missing."""
    needed = ["pyarrow", *(["deltalake"] if (folder / "_delta_log").is_dir() else [])]
    for module in needed:
        if not _is_there(module):
            raise click.UsageError(f"{folder}: to read it, pip install {' '.join(needed)}")
    with _lake_errors():
        from risktui.engine.spark.source import check  # it needs pyarrow

        check(folder)


def database_of(folder: Path) -> Path:
    """Where what a folder of results holds is kept for consoles; made anew when it is lost."""
    name = hashlib.blake2b(os.fsencode(folder), digest_size=8).hexdigest()
    path = configuration.default_database().parent / "sources" / f"{name}.db"
    path.parent.mkdir(parents=True, exist_ok=True)
    return path


def _nothing() -> None:
    """Without lines the engine only fills the database."""
