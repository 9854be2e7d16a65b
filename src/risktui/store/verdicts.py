"""Decisions of people on their way to the engine: appended here, applied there, answered here."""

from __future__ import annotations

import secrets
import sqlite3
from typing import Literal, TypeAlias, TypeVar

import msgspec

from risktui.logs.clean import clean
from risktui.model.events import Verdict

Action: TypeAlias = Literal["confirmCompromised", "confirmSafe", "dismiss", "undo"]
ACTIONS: tuple[Action, ...] = ("confirmCompromised", "confirmSafe", "dismiss", "undo")

LONGEST_NOTE = 2_000
"""Characters of a note; the rest is cut with a visible mark."""


class Request(msgspec.Struct, kw_only=True, omit_defaults=True, rename="camel"):
    """A decision as its author makes it."""

    action: Action
    user_id: str
    """Key of the person; resolved by the caller."""
    user_principal_name: str = ""
    detection_id: str = ""
    """The judged detection; "" judges the person as a whole."""
    author: str
    place: str = ""
    note: str = ""
    author_account: str = ""
    """Principal name of the author's own account, where `[people] accounts` knows it."""
    about: Literal["user", "servicePrincipal"] = "user"
    """Whether `user_id` is a person's, or an application's."""
    time: int
    """The author's wall clock (ms UTC)."""
    id: str = ""
    """The decision's own id, where it is made again; a new one otherwise."""


class Answer(msgspec.Struct, frozen=True):
    """What the engine made of a request."""

    accepted: bool
    message: str


DECISION = "verdict-"
"""What the id of a decision that was made here begins with."""
_APPEND = "INSERT INTO verdicts (id, time, verdict) VALUES (?, ?, ?)"


def append(connection: sqlite3.Connection, requests: list[Request]) -> list[str]:
    """Hand in `requests` in one transaction; their ids come back, in order."""
    ids = [new_id(request) for request in requests]
    connection.execute("BEGIN IMMEDIATE")
    connection.executemany(_APPEND, rows_of(ids, requests))
    connection.execute("COMMIT")
    return ids


R = TypeVar("R", bound=Request)


def is_decision(event_id: str) -> bool:
    """Whether this is the id of a decision that was made here, which stands in no log."""
    return event_id.startswith(DECISION)


def new_id(request: Request) -> str:
    """An id for one decision: time first, so that ids sort as they were made."""
    return request.id or f"{DECISION}{request.time:013d}-{secrets.token_hex(6)}"


def rows_of(ids: list[str], requests: list[Request]) -> list[tuple[str, int, bytes]]:
    """What `append` writes, for callers with a connection of another kind."""
    return [
        (verdict_id, request.time, msgspec.json.encode(cleaned(request)))
        for verdict_id, request in zip(ids, requests, strict=True)
    ]


def cleaned(request: R) -> R:
    """Notes come from tickets and other programs: they are text, for every screen they reach."""
    return msgspec.structs.replace(
        request,
        user_id=clean(request.user_id),
        user_principal_name=clean(request.user_principal_name),
        author_account=clean(request.author_account),
        author=clean(request.author),
        place=clean(request.place),
        note=clean(request.note, LONGEST_NOTE),
    )


def waiting(connection: sqlite3.Connection, limit: int = -1, after: str = "") -> list[Verdict]:
    """Decisions that the engine has not applied yet, in the order they were made.

    `after` is the id of the last one of the batch before, which may not be written yet.
    """
    rows = connection.execute(
        "SELECT id, verdict FROM verdicts WHERE applied IS NULL AND number >"
        " coalesce((SELECT number FROM verdicts WHERE id = ?), 0) ORDER BY number LIMIT ?",
        (after, limit),
    )
    found = [_verdict(verdict_id, body) for verdict_id, body in rows.fetchall()]
    tenants = _tenants(connection, {verdict.user_id for verdict in found})
    for verdict in found:
        verdict.tenant_id = tenants.get(verdict.user_id, "")
    return found


def accepted(connection: sqlite3.Connection) -> list[Request]:
    """Decisions that the engine has applied, in the order they were made, with their ids."""
    rows = connection.execute("SELECT id, verdict FROM verdicts WHERE accepted ORDER BY number")
    return [
        msgspec.structs.replace(msgspec.json.decode(body, type=Request), id=verdict_id)
        for verdict_id, body in rows
    ]


def answer(connection: sqlite3.Connection, verdict_id: str) -> Answer | None:
    """What became of a decision, None while it waits."""
    row = connection.execute(
        "SELECT accepted, message FROM verdicts WHERE id = ? AND applied IS NOT NULL", (verdict_id,)
    ).fetchone()
    return Answer(bool(row[0]), row[1]) if row else None


def answers(connection: sqlite3.Connection, ids: list[str]) -> dict[str, Answer]:
    """What became of many decisions; those that still wait are left out."""
    found: dict[str, Answer] = {}
    for start in range(0, len(ids), 500):
        some = ids[start : start + 500]
        marks = ", ".join("?" * len(some))
        rows = connection.execute(
            "SELECT id, accepted, message FROM verdicts"  # noqa: S608  # marks only
            f" WHERE applied IS NOT NULL AND id IN ({marks})",
            some,
        )
        found.update((row[0], Answer(bool(row[1]), row[2])) for row in rows)
    return found


def _tenants(connection: sqlite3.Connection, users: set[str]) -> dict[str, str]:
    """Each person's tenant, which observers of the organisation learn of a verdict by."""
    rows = connection.execute(
        "SELECT id, user FROM users WHERE id IN (SELECT value FROM json_each(?))",
        (msgspec.json.encode(sorted(users)).decode(),),
    )
    return {user: _tenant(body).tenant_id for user, body in rows}


class _Tenant(msgspec.Struct, rename="camel"):
    """The only part of a stored user that is of interest here."""

    tenant_id: str = ""


_tenant = msgspec.json.Decoder(_Tenant).decode


def _verdict(verdict_id: str, body: bytes) -> Verdict:
    return verdict_of(msgspec.json.decode(body, type=Request), verdict_id)


def verdict_of(request: Request, verdict_id: str) -> Verdict:
    """The event that `request` is for an engine."""
    return Verdict(
        time=request.time,
        id=verdict_id,
        source="operator",
        actor=request.about,
        user_id=request.user_id,
        user_principal_name=request.user_principal_name,
        action=request.action,
        detection_id=request.detection_id,
        author=request.author,
        author_kind="operator",
        place=request.place,
        note=request.note,
        author_account=request.author_account,
    )
