"""Who did what to whom, and whether that is still what was written."""

from __future__ import annotations

import sqlite3
from functools import partial

from textual.content import Content

from risktui.console import boards, phrases
from risktui.console.asking import Asked, Facts
from risktui.console.boards import Board, Lines, cells
from risktui.console.machinery import Machinery
from risktui.console.widgets.rows import Column, Row
from risktui.console.words import date_and_clock, plural
from risktui.language.choice import tr
from risktui.store import audit

COLUMNS = (
    Column("line", 6, drop=2, align="right"),
    Column("time", 11),
    Column("who", minimum=7, share=2),
    Column("did", minimum=18, maximum=18),
    Column("to", minimum=18, share=4),
    Column("result", minimum=14, share=6, drop=1),
)
LINES = 2_000
"""Lines that are listed, the latest first; the chain is proved to its beginning."""
LOOKED_THROUGH = 20_000
"""Lines that are looked through for what is asked."""


def board(connection: sqlite3.Connection, machinery: Machinery, now: int, asked: Asked) -> Board:
    """The latest acts first, and the state of the chain."""
    del machinery
    most = LOOKED_THROUGH if asked else LINES
    broken = audit.verify(connection)
    number, _ = audit.head(connection)
    written = audit.read(connection, most)
    people = _people(connection)
    rows: list[Row] = []
    details: dict[str, Lines] = {}
    links: dict[str, tuple[str, str]] = {}
    facts: dict[str, tuple[Facts, ...]] = {}
    for one in reversed(written):
        key = str(one.number)
        rows.append(_row(one, now))
        details[key] = partial(_lines, one, now)
        facts[key] = (_facts(one),)
        if one.line.subject in people:
            links[key] = ("user", people[one.line.subject])
    title = tr(phrases.CHAIN_WHOLE).format(lines=plural(number, "line"))
    if broken is not None:
        title = tr(phrases.CHAIN_BROKEN).format(number=broken.number, reason=broken.reason)
    return Board(
        COLUMNS, title, tuple(rows), details, links, facts, number, warns=broken is not None
    )


def _people(connection: sqlite3.Connection) -> dict[str, str]:
    """Principal name and id of everybody who has been at risk, by either."""
    rows = connection.execute("SELECT id, user_principal_name FROM users").fetchall()
    return {name: user for user, name in rows if name} | {user: user for user, _ in rows}


def _row(one: audit.Written, now: int) -> Row:
    said = one.line
    return Row(
        str(one.number),
        cells(
            (f"{one.number:,}", "muted"),
            (date_and_clock(said.time, now), "accent"),
            (said.actor, "strong"),
            (said.action, ""),
            (said.subject, ""),
            (tr(said.result), "muted"),
        ),
        notable=bool(said.flags),
    )


def _facts(one: audit.Written) -> Facts:
    said = one.line
    return Facts(
        {"by": (said.actor,), "did": (said.action,), "user": (said.subject,)},
        said.time,
        " ".join((said.place, said.note, said.cause, *said.flags, one.hash)),
    )


def _lines(one: audit.Written, now: int, width: int) -> list[Content]:
    said = one.line
    values = {
        "time": date_and_clock(said.time, now),
        "actor": said.actor,
        "action": said.action,
        "subject": said.subject,
        "result": tr(said.result),
        "place": said.place,
        "note": said.note,
        "cause": said.cause,
        "flags": ", ".join(said.flags),
        "hash": one.hash,
    }
    return boards.facts(phrases.AUDIT_FACTS, values, width)
