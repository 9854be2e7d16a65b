"""What was read of the logs: formats and their lag, files and how far, what could not be read."""

from __future__ import annotations

import os
import sqlite3
from functools import partial

import msgspec
from textual.content import Content

from risktui.console import phrases
from risktui.console.asking import Asked, Facts
from risktui.console.boards import Board, Lines, cells, facts, heading
from risktui.console.machinery import Machinery
from risktui.console.marks import age
from risktui.console.reading import engine_of
from risktui.console.widgets.ink import LONG, Veil, ink, line, wrapped
from risktui.console.widgets.rows import Cell, Column, Row
from risktui.console.words import date_and_clock, plural
from risktui.language.choice import tr
from risktui.logs.batch import Position
from risktui.logs.clean import clean
from risktui.store import queries, sources

COLUMNS = (
    Column("kind", 10),
    Column("what", minimum=16, share=4),
    Column("count", 9, align="right"),
    Column("state", minimum=14, share=2),
    Column("read", 5, drop=1, align="right"),
)
SILENT_AFTER = 24 * 3_600_000
"""A format that ends so long before the others (ms) has stopped coming, as `doctor` has it."""
SKEW = 60_000
"""A clock may be ahead this far (ms) before it is worth a word."""
EXAMPLES = 5
FILES = 5_000
"""Files that are listed, the latest written first."""


def board(connection: sqlite3.Connection, machinery: Machinery, now: int, asked: Asked) -> Board:
    """Formats, what could not be read, files."""
    del machinery, asked
    engine = engine_of(queries.status(connection))
    files = _as_far_as_known(connection, queries.sources(connection), ended=not engine.sources)
    formats = sources.source_formats(connection)
    reasons = sources.quarantine_reasons(connection, EXAMPLES)
    unread = queries.not_read(connection)
    newest = max((each.newest for each in formats), default=0)
    rows: list[Row] = []
    details: dict[str, Lines] = {}
    told: dict[str, tuple[Facts, ...]] = {}
    for each in formats:
        rows.append(_format_row(each, newest, now))
        details[f"format {each.format}"] = partial(_format_lines, each, newest, now)
        lag = newest - each.newest
        state = "silent" if lag > SILENT_AFTER else "behind" if lag else "newest"
        told[f"format {each.format}"] = _facts("format", state, each.newest)
    for reason in reasons:
        key = f"quarantine {reason.reason}"
        rows.append(_reason_row(key, "quarantine", reason.reason, reason.records))
        details[key] = partial(_reason_lines, reason)
        told[key] = _facts("quarantine")
    for text, count in unread.items():
        key = f"unread {text}"
        rows.append(_reason_row(key, "unread", text, count))
        details[key] = partial(_plain_lines, text, count)
        told[key] = _facts("unread")
    positions = _positions(connection)
    folder = _folder([file.path for file in files])
    for file in sorted(files, key=lambda f: (-f.updated, f.path))[:FILES]:
        position = positions.get(file.path, Position(file.path))
        rows.append(_file_row(file, position, now, folder))
        details[f"file {file.path}"] = partial(_file_lines, file, position, now)
        state = "partly" if position.offset < position.size else "wholly"
        told[f"file {file.path}"] = _facts("file", state, file.updated)
    bad = sum(reason.records for reason in reasons) + sum(unread.values())
    title = tr(phrases.SOURCES_TITLE).format(
        files=_how_many(len(files), engine.sources),
        records=plural(sum(file.records for file in files), "record"),
        unread=f"{bad:,}",
    )
    brief = title
    if folder:
        title = tr(phrases.SOURCES_IN).format(title=title, folder=folder)
    all_ = len(rows) + max(0, len(files) - FILES)
    return Board(
        COLUMNS,
        title,
        tuple(rows),
        details,
        facts=told,
        all_rows=all_,
        warns=bool(reasons),
        brief=brief,
    )


def _facts(kind: str, state: str = "", time: int = 0) -> tuple[Facts, ...]:
    return (Facts({"kind": (kind,), "state": (state,) if state else ()}, time),)


def _as_far_as_known(
    connection: sqlite3.Connection, files: list[queries.Source], *, ended: bool
) -> list[queries.Source]:
    """Files with the records that were met in them, also where their positions do not say so yet.

    A packed file is left behind as a whole, at its end; until then its events are counted.
    """
    if ended:
        return files
    met = dict(connection.execute("SELECT path, sum(events) FROM source_formats GROUP BY path"))
    replace = msgspec.structs.replace
    return [replace(each, records=max(each.records, met.get(each.path, 0))) for each in files]


def _how_many(files: int, all_: int) -> str:
    """`40 files`, `3 of 40 files` while they are read for the first time."""
    if files >= all_:
        return plural(files, "file")
    return tr(phrases.FILES_OF).format(count=f"{files:,}", all=plural(all_, "file"))


def _folder(paths: list[str]) -> str:
    """Where all these files lie; "" where they have no folder in common that is worth a word."""
    try:
        common = os.path.commonpath([os.path.dirname(path) for path in paths])  # noqa: PTH120
    except ValueError:  # none, or some relative and some not
        return ""
    return "" if common == os.sep else common


def _positions(connection: sqlite3.Connection) -> dict[str, Position]:
    found = {}
    for path, body in connection.execute("SELECT path, position FROM sources"):
        try:
            found[path] = msgspec.msgpack.decode(body, type=Position)
        except msgspec.DecodeError:
            continue
    return found


def _format_row(one: sources.SourceFormat, newest: int, now: int) -> Row:
    lag = newest - one.newest
    silent = lag > SILENT_AFTER
    behind = tr(phrases.SILENT) if silent else tr(phrases.BEHIND)
    state = behind.format(lag=age(lag)) if lag else tr(phrases.NEWEST)
    return Row(
        f"format {one.format}",
        cells(
            (tr(phrases.KINDS["format"]), "accent"),
            (one.format, "strong"),
            (f"{one.events:,}", ""),
            (state, "warn" if silent else "muted"),
            (age(max(0, now - one.read)) if one.read else "", "muted"),
        ),
        notable=silent,
    )


def _format_lines(one: sources.SourceFormat, newest: int, now: int, width: int) -> list[Content]:
    ahead = f"{age(one.ahead)}, {one.ahead_in}" if one.ahead > SKEW else ""
    lag = newest - one.newest
    values = {
        "format": one.format,
        "files": f"{one.files:,}",
        "events": f"{one.events:,}",
        "last": date_and_clock(one.newest, now),
        "lag": age(lag) if lag else tr(phrases.NEWEST),
        "read": date_and_clock(one.read, now) if one.read else "",
        "ahead": ahead,
    }
    return facts(phrases.SOURCE_FACTS, values, width)


def _reason_row(key: str, kind: str, reason: str, count: int) -> Row:
    return Row(
        key,
        cells(
            (tr(phrases.KINDS[kind]), "bad" if kind == "quarantine" else "warn"),
            (tr(reason), ""),
            (f"{count:,}", "strong"),
            ("", ""),
            ("", ""),
        ),
        notable=kind == "quarantine",
    )


def _reason_lines(reason: sources.Reason, width: int) -> list[Content]:
    rows = facts(
        phrases.SOURCE_FACTS, {"reason": tr(reason.reason), "records": f"{reason.records:,}"}, width
    )
    rows += heading(tr(phrases.EXAMPLES))
    for entry in reason.examples:
        place = tr(phrases.EXAMPLE_AT).format(path=entry.path, offset=f"{entry.offset:,}")
        rows += wrapped(ink(place, "accent"), width, indent="  ")
        rows += wrapped(line("  ", ink(entry.sample, "muted")), width, indent="  ")
    if reason.records > len(reason.examples):
        shown = tr(phrases.EXAMPLES_SHOWN).format(
            shown=len(reason.examples), count=f"{reason.records:,}"
        )
        rows.append(ink(shown, "muted"))
    return rows


def _plain_lines(reason: str, count: int, width: int) -> list[Content]:
    return facts(phrases.SOURCE_FACTS, {"reason": tr(reason), "records": f"{count:,}"}, width)


def _file_row(file: queries.Source, position: Position, now: int, folder: str) -> Row:
    behind = position.offset < position.size
    path = Veil.hide(clean(file.path, LONG))
    state = tr(phrases.READ_WHOLLY)
    if behind and position.whole:  # it can only be taken as a whole: 0 % would be no news
        state = tr(phrases.BEGUN)
    elif behind:
        state = tr(phrases.READ_TO).format(share=f"{position.offset / position.size:.0%}")
    return Row(
        f"file {file.path}",
        (
            Cell(tr(phrases.KINDS["file"]), "muted"),
            Cell(
                path,
                short=path.removeprefix(Veil.hide(f"{folder}/")) if folder else "",
                middle=True,
            ),
            Cell(f"{file.records:,}"),
            Cell(state, "warn" if behind else "muted"),
            Cell(age(max(0, now - file.updated)), "muted"),
        ),
    )


def _file_lines(file: queries.Source, position: Position, now: int, width: int) -> list[Content]:
    values = {
        "path": file.path,
        "position": f"{position.offset:,}",
        "size": f"{position.size:,}",
        "records": f"{file.records:,}",
        "quarantined": f"{file.quarantined:,}" if file.quarantined else "",
        "read": date_and_clock(file.updated, now),
    }
    return facts(phrases.SOURCE_FACTS, values, width)
