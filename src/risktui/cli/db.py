"""`risktui db`: copy, examine, compact and rebuild a database."""

from __future__ import annotations

import asyncio
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

import click

from risktui.cli.groups import Group
from risktui.cli.options import (
    config_option,
    database_option,
    existing_database,
    load_config,
    paths_argument,
    say,
    tell,
)
from risktui.cli.table import counted
from risktui.engine.clock import now_ms
from risktui.store import queries, upkeep
from risktui.store.database import reader
from risktui.store.lock import EngineLock
from risktui.store.people import Role, role_of, whoami
from risktui.store.room import room

NAMED = 3
"""Missing logs that are named; the rest is counted."""


@click.group(cls=Group)
def db() -> None:
    """Back up, check, compact and rebuild the database."""


@db.command()
@database_option
@click.argument("target", metavar="FILE", type=click.Path(path_type=Path, dir_okay=False))
@click.option("--force", is_flag=True, help="Overwrite FILE where it is there.")
def backup(target: Path, **options: Any) -> None:
    """Copy the database to FILE, as it is at this moment; an engine may go on meanwhile."""
    database = existing_database(options["database"])
    if target.exists() and not options["force"]:
        raise click.ClickException(f"{target}: is there already; --force overwrites it")
    if target.exists():
        if target.samefile(database):
            raise click.UsageError(f"{target}: is the database itself")
        existing_database(target)  # nothing else is overwritten
        holder = EngineLock(target).holder()
        if holder is not None:
            raise click.ClickException(f"{target}: process {holder} is its engine; stop it first")
    try:
        upkeep.copy(database, target)
    except sqlite3.Error as error:
        raise click.ClickException(
            f"{target}: not written: {error}; is there room on the disk?"
        ) from error
    found = list(upkeep.examine(target))
    if found:
        raise click.ClickException(f"{target}: written, but not whole: {found[0]}")
    say(f"{target}: {target.stat().st_size:,} bytes, checked; it is used like any other: --db FILE")


@db.command()
@database_option
def check(**options: Any) -> int:
    """Examine the file, every row, and the audit log; exit code 1 where something is wrong.

    Says how much room it takes for each person and each event, to plan a disk by.
    """
    database = existing_database(options["database"])
    found = 0
    for trouble in upkeep.examine(database):
        tell(trouble)
        found += 1
    if found:
        say(f"{database}: {found:,} troubles; restore a backup, or: risktui db rebuild LOGS")
        return 1
    say(f"{database} is whole; {room(database)}")
    return 0


@db.command()
@database_option
def compact(**options: Any) -> None:
    """Give back the room of what was deleted; no engine may run meanwhile."""
    database = existing_database(options["database"])
    with _alone(database):
        before, after = upkeep.compact(database)
    say(f"{database}: {before:,} -> {after:,} bytes")


@db.command()
@paths_argument
@config_option
@database_option
@click.option("--without-missing", is_flag=True, help="Go on where logs it has read are gone.")
@click.option(
    "--keep", type=click.Path(path_type=Path, dir_okay=False), help="Where the old one is kept."
)
def rebuild(paths: tuple[Path, ...], **options: Any) -> int:
    """Make the database anew from its logs, or from PATHS; verdicts and audit log stay.

    What people decided is decided again at its time. The old database is kept beside it. No line is
    printed and no message is sent again.
    """
    from risktui.cli.parts import load_parts  # detectors and feeds, only needed here
    from risktui.cli.summary import Progress
    from risktui.engine.rebuild import rebuild as live_again

    settings = load_config(options["config_path"])
    database = existing_database(options["database"])
    name = whoami()
    if role_of(name, settings.people) < Role.ADMINISTRATOR:
        raise click.ClickException(f"{name} is no administrator; [people] says who is")
    if settings.path is None:
        say("no risktui.toml found: everything is judged anew by the defaults, and without lists")
    logs = _logs(paths, database, without_missing=options["without_missing"])
    kept = options["keep"] or database.with_name(database.name + ".before-rebuild")
    if kept.exists():
        raise click.ClickException(f"{kept}: is there already; move it, or choose another: --keep")
    with _alone(database):
        upkeep.copy(database, kept)
        with Progress(logs) as progress:
            work = live_again(
                database,
                load_parts(settings),
                logs,
                lateness_ms=round(settings.sources.lateness_seconds * 1000),
                author=name,
                now=now_ms(),
                progress=progress.show,
            )
            came = asyncio.run(work)
    say(f"{counted(came.events, 'event')}; the old database is kept as {kept}")
    after = counted(came.after, "detection")
    say(f"{came.before:,} -> {after}: {came.gone:,} gone, {came.made:,} new")
    for words in came.lost:
        say(f"a decision found nothing to apply to: {words}")
    return 0


def _logs(paths: tuple[Path, ...], database: Path, *, without_missing: bool) -> list[Path]:
    for path in paths:
        if not path.exists():
            raise click.UsageError(f"{path}: no such file or folder")
    if paths:
        return list(paths)
    with closing(reader(database)) as connection:
        known = [Path(source.path) for source in queries.sources(connection)]
    missing = [path for path in known if not path.exists()]
    if missing and not without_missing:
        names = ", ".join(map(str, missing[:NAMED]))
        more = f" and {len(missing) - NAMED:,} more" if len(missing) > NAMED else ""
        raise click.ClickException(
            f"logs it has read are gone: {names}{more}; name logs, or --without-missing goes on"
            " without what they led to"
        )
    there = [path for path in known if path.exists()]
    if not there:
        raise click.ClickException("none of the logs it has read is there; name them: LOGS")
    return there


@contextmanager
def _alone(database: Path) -> Iterator[None]:
    """Be the engine meanwhile, so that no other one is."""
    lock = EngineLock(database)
    if not lock.take():
        raise click.ClickException(
            f"{database}: process {lock.holder()} is the engine; stop it first"
        )
    try:
        yield
    except sqlite3.OperationalError as error:
        raise click.ClickException(
            f"{database}: {error}; nothing was changed. Is there room on the disk, and does nobody"
            " else write?"
        ) from error
    finally:
        lock.release()
