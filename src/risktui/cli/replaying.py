"""What commands that live through logs again share: which logs, which settings, whose word."""

from __future__ import annotations

import tomllib
from collections.abc import Sequence
from contextlib import closing
from pathlib import Path
from typing import Any

import click
import msgspec

from risktui import config as configuration
from risktui.cli.options import existing_database, log_paths, say
from risktui.cli.table import counted
from risktui.config import Config
from risktui.model.risk import Detection
from risktui.risk.confirmed import TYPE as CONFIRMED
from risktui.store import queries, verdicts
from risktui.store.database import reader

set_option = click.option(
    "--set",
    "sets",
    multiple=True,
    metavar="SETTING=VALUE",
    help="A changed setting: detectors.newCountry.learning_days=14; may be repeated.",
)


def changed(settings: Config, sets: Sequence[str]) -> tuple[Config, list[str]]:
    """The configuration with `--set` applied, and what was set, in words of the file."""
    detectors = {name: dict(values) for name, values in settings.detectors.items()}
    words = []
    for text in sets:
        name, sign, value = text.partition("=")
        parts = name.strip().split(".")
        if not sign or len(parts) != 3 or parts[0] != "detectors":
            raise click.UsageError(
                f"--set {text}: write detectors.NAME.SETTING=VALUE; see `risktui detectors show`"
            )
        detectors.setdefault(parts[1], {})[parts[2]] = _value(value.strip())
        words.append(f"[detectors.{parts[1]}] {parts[2]} = {value.strip()}")
    made = msgspec.structs.replace(settings, detectors=detectors)
    return made, words


def _value(text: str) -> Any:
    """A value as TOML has it; a bare word is a text."""
    try:
        return tomllib.loads(f"value = {text}")["value"]
    except tomllib.TOMLDecodeError:
        return text


def known_database(database: Path | None) -> Path | None:
    """The database that knows logs and verdicts; None where there is none, and none was named.

    The usual one is done without where it cannot be used, which is said.
    """
    if database is not None:
        return existing_database(database)
    try:
        return existing_database(None) if configuration.default_database().exists() else None
    except click.ClickException as error:
        say(error.message)
        return None


def logs_of(paths: tuple[Path, ...], database: Path | None, settings: Config) -> list[Path]:
    """The logs named, else those the database has read, else the configuration's."""
    if not paths and database is not None:
        with closing(reader(database)) as connection:
            known = [Path(source.path) for source in queries.sources(connection)]
        there = [path for path in known if path.exists()]
        if len(there) < len(known):
            gone, logs = len(known) - len(there), counted(len(known), "log")
            say(f"{gone:,} of {logs} {'is' if gone == 1 else 'are'} not there any more")
        if there:
            return there
    found = log_paths(paths, settings)
    for path in found:
        if not path.exists():
            raise click.UsageError(f"{path}: no such file or folder")
    return found


def decisions_in(database: Path | None) -> list[verdicts.Request]:
    """What people decided and the engine accepted, in order."""
    if database is None:
        return []
    with closing(reader(database)) as connection:
        return verdicts.accepted(connection)


def detections_in(database: Path, since: int = 0) -> dict[str, Detection]:
    """What detectors found, by id, of activities from `since` (ms) on; not what verdicts made."""
    with closing(reader(database)) as connection:
        found = queries.detections(connection, since=since)
    return {d.id: d for d in found if d.risk_event_type != CONFIRMED}
