"""`risktui doctor`: what is wrong, and what was never looked at."""

from __future__ import annotations

import json
import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Any

import click
from rich.cells import cell_len

from risktui import config as configuration
from risktui.cli.options import config_option, database_option, lang_option, load_config, tell
from risktui.cli.table import counted
from risktui.detect.loader import DetectorError
from risktui.engine.clock import now_ms
from risktui.engine.failing import STATUS as FAILING
from risktui.engine.failing import relearning
from risktui.engine.lateness import late
from risktui.engine.setup import assemble
from risktui.enrich.sources import SourceError
from risktui.intel.shelf import Shelf
from risktui.intel.subscriptions import subscriptions
from risktui.language.choice import tr
from risktui.logs.discover import MISSING
from risktui.logs.leaks import Leaks
from risktui.output.graph import iso
from risktui.store import outbox, queries, sources
from risktui.store.database import DatabaseError, check, reader
from risktui.store.lock import EngineLock
from risktui.store.privacy import exposed

SHOWN = 20
EXAMPLES = 3
"""Quarantined records shown of each reason."""

SILENT_AFTER = 24 * 3_600_000
"""A format that ends so long before the others (ms) has stopped coming; audit logs of a small
tenant pause for a night."""

SKEW = 60_000
"""A clock may be ahead this far (ms) before it is worth a line."""

SILENT_ENGINE = 60_000
"""An engine writes every second; one that has not for so long (ms) waits for something."""


@click.command()
@config_option
@database_option
@lang_option
def doctor(**options: Any) -> int:
    """Check configuration, feeds, database, engine, logs and quarantine.

    Exit code 1 where something does not work: a detector or a list that cannot be read, a database
    that cannot be used. What is merely missing or late (BLIND, SILENT, CLOCK) is said, and is no
    failure. The words in capitals are the same in every language.
    """
    settings = load_config(options["config_path"])
    row("configuration", str(settings.path or "defaults (no risktui.toml found)"))
    trouble = _parts(settings)
    database = options["database"] or configuration.default_database()
    if not database.exists():
        row("database", f"{database}: none yet")
    else:
        trouble += _database(database)
    return 1 if trouble else 0


def _parts(settings: configuration.Config) -> int:
    """Detectors and what they know from lists; how much of it does not work."""
    try:
        parts = assemble(settings)
    except (DetectorError, SourceError) as error:
        row("FAIL", str(error))
        return 1
    row("detectors", str(len(parts.catalogue.detectors)))
    for feed in (*parts.enricher.feeds, *parts.indicator_feeds):
        tags = ", ".join(feed.tags)
        entries = counted(feed.entries, "entry", "entries")
        row("feed", f"{feed.name} ({tags}): {entries}")
        for bad in feed.bad_lines:
            row("", str(bad))
        if feed.skipped > len(feed.bad_lines):
            row("", f"{len(feed.bad_lines)} of {feed.skipped:,} lines that are left out shown")
    trouble = 0
    for each in subscriptions(settings):
        if each.is_fetched:
            card = Shelf(each.path).card()
            age = f"fetched {iso(card.fetched)}" if card.fetched else "never fetched"
            row("FAIL" if card.error else "fetched", f"{each.name}: {card.error or age}")
            trouble += bool(card.error or not card.fetched)
    for report in Leaks(parts.leak_feeds, parts.domains).report():
        left = f", {counted(report.refused, 'line')} left out" if report.refused else ""
        entries = counted(report.entries, "entry", "entries")
        row("leaks", f"{report.path}: {entries}{left}")
    for kind, lack in parts.blind:
        row("BLIND", f"{kind}: {lack}; add an [[intel]] list, see `risktui intel status`")
    return trouble


def _database(database: Path) -> int:
    """The database, its engine and the logs in it; how much of it does not work."""
    try:
        check(database)
    except DatabaseError as error:
        row("FAIL", str(error))
        return 1
    trouble = 0
    holder, noted = EngineLock(database).holder(), EngineLock(database).noted()
    row("database", str(database))
    if readable := exposed(database):
        row("FAIL", readable)
        trouble += 1
    row("engine", f"process {holder}" if holder else "not running")
    if holder:
        trouble += _unreadable(database)
    if noted:
        row("FAIL", f"{noted}; logs wait until it can")
        trouble += 1
    try:
        with closing(reader(database)) as connection:
            if holder and not noted:  # on a disk that is read-only nothing can be noted
                trouble += _silent(connection, EngineLock(database).written())
            _sources(connection)
            for cursor in outbox.cursors(connection):
                moved = iso(cursor.moved) if cursor.moved else "never"
                row("reader", f"{cursor.name}: {cursor.waiting:,} waiting, moved {moved}")
    except sqlite3.Error as error:
        row("FAIL", f"{database}: {error}; restore a backup, or `risktui db rebuild`")
        return trouble + 1
    return trouble


def row(label: str, text: str, indent: int = 2) -> None:
    """One line in the reader's language; one without a label belongs to that before."""
    said = label if label.isupper() else tr(label)
    head = f"{said}{' ' * (14 - cell_len(said))} " if label else " " * indent
    tell(f"{head}{tr(text)}")


def _silent(connection: sqlite3.Connection, begun: int) -> int:
    """1 where the engine, which has `begun` its work then (ms), has not written for long."""
    heartbeat = int(queries.status(connection).get("engine.heartbeat") or 0)
    silent = now_ms() - max(heartbeat, begun)
    if heartbeat and silent > SILENT_ENGINE:
        row("FAIL", f"the engine has written nothing for {lasting(silent)}: see what it says")
        return 1
    return 0


def _unreadable(database: Path) -> int:
    """Logs that the running engine cannot read now; how many there are that need somebody."""
    with closing(reader(database)) as connection:
        status = queries.status(connection)
    lines: list[str] = json.loads(status.get("engine.unread") or "[]")
    for line in lines:
        row("MISSING" if line.endswith(MISSING) else "FAIL", line)
    return sum(not line.endswith(MISSING) for line in lines)


def _sources(connection: sqlite3.Connection) -> None:
    """What was read and how far, what is silent, what fails, and what could not be read."""
    files = queries.sources(connection)
    records = sum(file.records for file in files)
    row("logs", f"{counted(len(files), 'file')}, {counted(records, 'record')}")
    found = sources.source_formats(connection)
    newest = max((each.newest for each in found), default=0)
    if newest:
        ago = f"{lasting(max(0, now_ms() - newest))} ago"
        row("newest event", f"{iso(newest)}, {ago}")
    for each in found:
        lag = newest - each.newest
        behind = f"{lasting(lag)} behind the newest" if lag else "the newest"
        row(
            "source",
            f"{each.format}: {counted(each.files, 'file')},"
            f" {counted(each.events, 'event')},"
            f" last {iso(each.newest)} ({behind}), read {iso(each.read)},"
            f" {each.offset:,} of {each.size:,} bytes",
        )
    for each in found:
        if newest - each.newest > SILENT_AFTER:
            row("SILENT", f"{each.format}: nothing since {iso(each.newest)}")
        if each.ahead > SKEW:
            ahead = f"{lasting(each.ahead)} ahead of this host's clock"
            row("CLOCK", f"{each.ahead_in}: an event of {each.format} was {ahead}")
    _not_taken(connection)
    for failing in filter(None, queries.status(connection).get(FAILING, "").split("\n")):
        row("FAILED", failing)
    _relearning(connection, newest)
    when, _, flood = queries.status(connection).get("engine.flood", "").partition(" ")
    if flood:
        row("FLOOD", f"{flood}, {iso(int(when))}")
    _quarantine(connection, sum(file.quarantined for file in files))


def _not_taken(connection: sqlite3.Connection) -> None:
    """What came late, what waits to be read, and what nobody reads."""
    delayed = late(connection)
    if delayed.events:
        events = counted(delayed.events, "event")
        told = f"{events}, up to {lasting(delayed.most)}: judged as they came"
        row("late", told)
    rest = sources.unread(connection)
    for each_rest in rest[:SHOWN]:
        taken = f"{each_rest.offset:,} of {each_rest.size:,} bytes read"
        row("unread", f"{each_rest.path}: {taken}")
    if len(rest) > SHOWN:
        row("", f"{SHOWN} of {len(rest):,} shown")
    for reason, count in queries.not_read(connection).items():
        row("not read", f"{count:,}: {reason}")


def _quarantine(connection: sqlite3.Connection, records: int) -> None:
    """What could not be read of so many `records` and why, with examples."""
    reasons = sources.quarantine_reasons(connection, EXAMPLES)
    kept = sum(each.records for each in reasons)
    more = records - kept
    told = f"; {more:,} more were counted and not kept" if more > 0 else ""
    row("quarantine", f"{counted(kept, 'record')}{told}")
    for each_reason in reasons:
        row("", f"{each_reason.records:,}: {each_reason.reason}")
        for entry in each_reason.examples:
            where = f"{entry.path} @{entry.offset}"
            sample = f": {entry.sample}" if entry.sample else ""
            row("", f"{where}, found {iso(entry.found)}{sample}", indent=4)
        if each_reason.records > len(each_reason.examples):
            row("", f"{len(each_reason.examples)} of {each_reason.records:,} shown", indent=4)


def _relearning(connection: sqlite3.Connection, newest: int) -> None:
    """Who has begun anew lately, because what the database holds of it does not fit its file."""
    for anew in relearning(connection, newest):
        name, at, version = anew.part.rpartition("@")
        who = f"{name}, version {version}" if at else f"risktui's own {version!r}"
        row(
            "ANEW",
            f"{who}: learns again since {iso(anew.since)}: what it remembered was"
            f" written by another version of its file ({anew.why})",
        )
        remedy = "or put the former version of its file back soon, and restart the engine: it"
        remedy += " knows again whom it has not met since"
        if not at:
            remedy = "or work it out again from the logs: `risktui db rebuild LOGS`"
        row("", f"detections so far stay; nothing has to be done; {remedy}")


def lasting(milliseconds: int) -> str:
    """A length of time in its two largest units: `2 d 3 h`, `40 s`."""
    seconds = milliseconds // 1000
    units = (("d", 86_400), ("h", 3_600), ("min", 60), ("s", 1))
    parts: list[str] = []
    for name, length in units:
        count, seconds = divmod(seconds, length)
        if count or (name == "s" and not parts):
            parts.append(f"{count} {name}")
    return " ".join(parts[:2])
