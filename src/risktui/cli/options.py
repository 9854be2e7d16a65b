"""Options that many commands share, and the words they accept."""

from __future__ import annotations

import re
import sqlite3
import sys
from collections.abc import Callable, Sequence
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, TypeVar

import click
import msgspec

from risktui import config as configuration
from risktui.cli.fitting import room
from risktui.cli.folding import folded
from risktui.detect.words import clock
from risktui.engine.clock import now_ms
from risktui.language import choice
from risktui.logs.clean import clean
from risktui.model.risk import RiskLevel
from risktui.output.fields import FieldError
from risktui.output.formats import FORMATS, Form, Format, FormError
from risktui.store.database import DatabaseError, check
from risktui.store.search import Search, SearchError, parse
from risktui.store.today import today

F = TypeVar("F", bound=Callable[..., Any])

_BARE_COMMAND = re.compile(r"(?<!`)\brisktui [a-z-]+ ")
LONGEST_LINE = 4_000
"""Characters of one line on stderr."""
UNITS = {"s": 1_000, "m": 60_000, "h": 3_600_000, "d": 86_400_000, "w": 7 * 86_400_000}
ALL_FIELDS = "help"
"""What --fields takes for a name to list all names."""
SQLITE = b"SQLite format 3\0"
"""How a database begins."""
KINDS = {"detections": "detection", "users": "user", "history": "history"}
"""Words of --emit and the kinds of the outbox."""


class Ago(msgspec.Struct, frozen=True):
    """A span of time before whatever stands for now."""

    milliseconds: int


class Moment(click.ParamType[int | Ago]):
    """A time: ISO 8601, or a span such as 24h, 7d, 2w."""

    name = "time"

    def convert(self, value: Any, param: Any, ctx: Any) -> int | Ago:
        """Milliseconds UTC, or `Ago`: what it counts back from is known when logs are read."""
        if isinstance(value, int | Ago):
            return value
        span = re.fullmatch(r"(\d{1,6})([smhdw])", value)
        if span:
            return Ago(int(span[1]) * UNITS[span[2]])
        try:
            moment = datetime.fromisoformat(value)
        except ValueError:
            self.fail(f"{value!r} is no time; write 24h, 7d or 2026-11-25T09:00:00Z", param, ctx)
        return round((moment if moment.tzinfo else moment.replace(tzinfo=UTC)).timestamp() * 1000)


def moment(when: int | Ago | None, now: int) -> int | None:
    """Milliseconds UTC of what `Moment` gave, where `now` stands for now."""
    return now - when.milliseconds if isinstance(when, Ago) else when


def counting_from(connection: sqlite3.Connection, *wanted: int | Ago | Search | None) -> int:
    """What spans in `wanted` count back from (ms); said where that is not now.

    In logs that ended over a day ago it is their newest event, as in the console.
    """
    now = now_ms()
    found = today(connection, now)
    if found != now and any(
        each.counts_back if isinstance(each, Search) else isinstance(each, Ago) for each in wanted
    ):
        say(f"the newest event is of {clock(found)}: time is counted back from there, not from now")
    return found


class Emit(click.ParamType[tuple[str, ...]]):
    """A comma list of detections, users, history."""

    name = "kinds"

    def convert(self, value: Any, param: Any, ctx: Any) -> tuple[str, ...]:
        """Kinds of the outbox."""
        if isinstance(value, tuple):
            return value
        words = [word.strip() for word in value.split(",") if word.strip()]
        for word in words:
            if word not in KINDS:
                self.fail(f"{word!r} is none of {', '.join(KINDS)}", param, ctx)
        return tuple(KINDS[word] for word in words)


class Where(click.ParamType[Search]):
    """A search: words and `level:high user:al* since:24h`."""

    name = "search"

    def convert(self, value: Any, param: Any, ctx: Any) -> Search:
        """A parsed `Search`."""
        if isinstance(value, Search):
            return value
        try:
            return parse(value)
        except SearchError as error:
            self.fail(str(error), param, ctx)


class Level(click.Choice[str]):
    """low, medium or high."""

    def __init__(self) -> None:
        super().__init__(["low", "medium", "high"])

    def convert(self, value: Any, param: Any, ctx: Any) -> Any:
        """A `RiskLevel`."""
        return (
            value if isinstance(value, RiskLevel) else RiskLevel(super().convert(value, param, ctx))
        )


config_option = click.option(
    "--config",
    "config_path",
    type=click.Path(path_type=Path, dir_okay=False),
    help="Configuration; default ./risktui.toml, then the one in your configuration folder.",
)
DATABASE = "risktui.database"
"""Where the context keeps which database a command is about."""


def _noted(ctx: click.Context, _: click.Parameter, path: Path | None) -> Path | None:
    """Keep the name for what may go wrong with it."""
    ctx.meta[DATABASE] = path
    return path


database_option = click.option(
    "--db",
    "database",
    type=click.Path(path_type=Path, dir_okay=False),
    callback=_noted,
    envvar="RISKTUI_DB",
    show_envvar=True,
    help="Database; default the one in your data folder.",
)
detectors_option = click.option(
    "--detectors",
    "folders",
    multiple=True,
    type=click.Path(path_type=Path, exists=True),
    help="A further detector file, or a folder of them; may be repeated.",
)
json_option = click.option("--json", "as_json", is_flag=True, help="One JSON object a line.")
form_options = (
    click.option(
        "--json", "as_json", is_flag=True, help="One JSON object a line; the same as -f graph."
    ),
    click.option(
        "-f",
        "--format",
        "format_",
        type=click.Choice(FORMATS),
        help="graph, ocsf and ecs are JSON lines; csv is for spreadsheets, table for people.",
    ),
    click.option(
        "--fields",
        help="Only these, in this order: userPrincipalName,location.city; `help` lists all.",
    ),
    click.option(
        "--where",
        type=Where(),
        default="",
        help="Only what this search finds, as `/` in the console: 'level:medium+ user:al*'.",
    ),
)
"""How lines look and which there are; `with_form` adds them all."""
min_level_option = click.option(
    "--min-level", type=Level(), help="Only what is at this level or above: low, medium, high."
)
since_option = click.option(
    "--since",
    type=Moment(),
    help="Activity from: 24h, 7d or ISO 8601. In logs"
    " that ended over a day ago spans are counted back from their newest event.",
)
until_option = click.option("--until", type=Moment(), help="Activity before: 24h or ISO 8601.")
licence_option = click.option(
    "--licence",
    type=click.Choice(["p2", "p1", "free"]),
    help="Whose view; without P2 premium detections are `generic`. Default: the configuration's.",
)


SPOKEN = "risktui.language"
"""Where the context keeps what --lang asks for: it goes before a configuration."""


def _speak(ctx: click.Context, _: click.Parameter, language: str | None) -> None:
    ctx.meta[SPOKEN] = language
    choice.choose(language)


lang_option = click.option(
    "--lang",
    type=click.Choice(choice.LANGUAGES),
    expose_value=False,
    is_eager=True,
    callback=_speak,
    help="Language of what people read; default: the locale's. JSON is always the same.",
)


def _logs(_: click.Context, __: click.Parameter, paths: tuple[Path, ...]) -> tuple[Path, ...]:
    """`risktui tenant.db` means the database; read as a log it would only be quarantined."""
    for path in paths:
        with suppress(OSError):  # whoever reads it says so
            if path.is_file() and _begins(path) == SQLITE:
                raise click.UsageError(
                    f"{path}: a database, no log; `risktui console --db {path}` opens it"
                )
    return paths


def _begins(path: Path) -> bytes:
    with path.open("rb") as file:
        return file.read(len(SQLITE))


paths_argument = click.argument("paths", nargs=-1, type=click.Path(path_type=Path), callback=_logs)


def with_form(command: F) -> F:
    """Adds the options that say how lines look."""
    for option in reversed(form_options):
        command = option(command)
    return command


def form_of(options: dict[str, Any], kinds: Sequence[str], default: Format) -> Form:
    """How lines are to look; a usage error where these options together give nothing."""
    named = options["format_"]
    if options["as_json"] and named not in {None, "graph"}:
        raise click.UsageError(f"--json is --format graph; you asked for {named}, too")
    form = Form(
        named or ("graph" if options["as_json"] else default),
        tuple(name.strip() for name in (options["fields"] or "").split(",") if name.strip()),
    )
    if form.fields == (ALL_FIELDS,):
        click.echo("\n".join(Form(form.format).known(kinds)))
        raise click.exceptions.Exit(0)
    try:
        form.check(kinds)
    except FieldError as error:
        raise click.UsageError(f"{error} `--fields {ALL_FIELDS}` lists all") from error
    except FormError as error:
        raise click.UsageError(str(error)) from error
    return form


def load_config(path: Path | None) -> configuration.Config:
    """The configuration, or a usage error that names file and key."""
    try:
        settings = configuration.load(path)
    except configuration.ConfigError as error:
        raise click.UsageError(str(error)) from error
    for section in settings.unused:
        say(f"{settings.path}: [{section}] is not used by this version")
    return settings


def log_paths(paths: tuple[Path, ...], settings: configuration.Config) -> list[Path]:
    """The paths of the command line, else the configuration's; a usage error where neither is."""
    if paths:
        _tell_of_settings(paths, settings)
        return list(paths)
    found = [settings.file(name) for name in settings.sources.paths]
    if not found:
        raise click.UsageError(
            "no logs named: give a folder, or set [sources] paths in risktui.toml"
        )
    return [path for path in found if path is not None]


def _tell_of_settings(paths: Sequence[Path], settings: configuration.Config) -> None:
    """A configuration among the logs is no log, and perhaps meant to be used."""
    for path in paths:
        beside = path / configuration.FILE_NAME
        if beside.is_file() and not (settings.path and beside.samefile(settings.path)):
            say(f"{beside} is a configuration: not read as a log; to use it: --config {beside}")


def existing_database(database: Path | None) -> Path:
    """The database to read; a clear error where there is none yet."""
    path = database or configuration.default_database()
    if not path.exists():
        raise click.ClickException(
            f"{path}: no database yet; `risktui watch LOGS` or `risktui scan LOGS --db {path}`"
            " makes one"
        )
    try:
        check(path)
    except DatabaseError as error:
        raise click.ClickException(str(error)) from error
    return path


def say(text: str) -> None:
    """A line for the person at the terminal; never mixed with data.

    Where it cannot be written, on a full disk, nobody ends for that.
    """
    with suppress(OSError):
        tell(text, to_stderr=True)


def tell(text: str, *, to_stderr: bool = False) -> None:
    """Print text for people, line by line without anything that a terminal would obey.

    On a terminal lines are broken between words, but for those that hold a command to be copied.
    Names of files, samples of logs and answers of servers are written by others.
    """
    for line in text.split("\n"):
        stream = sys.stderr if to_stderr else sys.stdout
        said = clean(line, LONGEST_LINE)
        whole = to_stderr and _BARE_COMMAND.search(said)
        click.echo(said if whole else folded(said, room(stream)), file=stream)
