"""Results as rows of a table in a lake, and back: what a console shows without a driver's database.

A row is one thing that something led to: its kind, whose it is, its JSON as the database has it.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any, NamedTuple

import msgspec

from risktui.engine.spark import packed
from risktui.engine.spark.packed import Item
from risktui.logs.clean import clean
from risktui.logs.quarantine import Quarantined
from risktui.model.risk import (
    Detection,
    PolicyResult,
    RiskyServicePrincipal,
    RiskySignIn,
    RiskyUser,
    RiskyUserHistoryItem,
    Suppression,
    VerdictResult,
)
from risktui.store.commit import Work

COLUMNS = {
    "kind": "string",
    "id": "string",
    "userId": "string",
    "riskLevel": "string",
    "riskState": "string",
    "number": "long",
    "place": "long",
    "body": "string",
}
"""Of the table, with Spark's types. The order is that of `number` and `place`; the latest row of an
id is how it stands. `body` is JSON."""
SCHEMA = ", ".join(f"{name} {kind}" for name, kind in COLUMNS.items())
KINDS: dict[str, tuple[str, type[msgspec.Struct]]] = {
    "detection": ("detections", Detection),
    "user": ("users", RiskyUser),
    "history": ("history", RiskyUserHistoryItem),
    "suppression": ("suppressions", Suppression),
    "signIn": ("sign_ins", RiskySignIn),
    "policy": ("policies", PolicyResult),
    "verdict": ("verdicts", VerdictResult),
    "servicePrincipal": ("principals", RiskyServicePrincipal),
    "servicePrincipalDetection": ("principal_detections", Detection),
    "servicePrincipalHistory": ("principal_history", RiskyUserHistoryItem),
}
"""What an outcome holds, by the word in the column `kind`."""
PERSON, NOT_READ = "person", "notRead"
"""Further kinds: somebody's names; records that could not be read."""
MOST_PARTS = 1_000
"""Places between two results of an event."""

_json = msgspec.json.Encoder(order="deterministic").encode
_decoders = {kind: msgspec.json.Decoder(model).decode for kind, (_, model) in KINDS.items()}


class NotRead(msgspec.Struct, rename="camel"):
    """What could not be read."""

    path: str
    reasons: dict[str, int] = {}
    quarantined: list[Quarantined] = []


class Line(NamedTuple):
    """A row, with the columns' names and order."""

    kind: str
    id: str
    userId: str  # noqa: N815  # as the column is called
    riskLevel: str  # noqa: N815
    riskState: str  # noqa: N815
    number: int
    place: int
    body: str


def lines_of(item: Item) -> Iterator[Line]:
    """What an item that reaches the sink adds to the table."""
    match item:
        case packed.Result():
            yield from _of_result(item)
        case packed.Person():
            names = [item.id, item.user_principal_name, item.user_display_name]
            yield _line(PERSON, item.id, item.id, item.number, 0, names)
        case packed.Note() if item.quarantined or item.not_read:
            lost = NotRead(item.path, item.not_read, item.quarantined)
            yield _line(NOT_READ, item.path, "", 0, 0, lost)


def _of_result(result: packed.Result) -> Iterator[Line]:
    part = 0
    for kind, (field, _) in KINDS.items():
        for thing in getattr(result.outcome, field):
            place = result.place * MOST_PARTS + min(part, MOST_PARTS - 1)
            found = _line(kind, _id(thing), _user(thing), result.number, place, thing)
            level, state = getattr(thing, "risk_level", ""), getattr(thing, "risk_state", "")
            yield found._replace(riskLevel=str(level), riskState=str(state))
            part += 1


def _id(thing: Any) -> str:
    return str(getattr(thing, "id", "") or getattr(thing, "verdict_id", "") or thing.event_id)


def _user(thing: Any) -> str:
    return str(thing.id if isinstance(thing, RiskyUser) else getattr(thing, "user_id", ""))


def _line(kind: str, name: str, user: str, number: int, place: int, body: Any) -> Line:
    return Line(kind, name, user, "", "", number, place, _json(body).decode())


def harmless(body: str) -> str:
    """JSON from a folder that others may write to, with texts that no terminal acts on.

    Raises `msgspec.DecodeError`.
    """
    if body.isprintable() and "\\u" not in body:
        return body
    return msgspec.json.encode(_cleaned(msgspec.json.decode(body))).decode()


def _cleaned(value: Any) -> Any:
    match value:
        case str():
            return clean(value, len(value))
        case list():
            return [_cleaned(each) for each in value]
        case dict():
            return {clean(name, len(name)): _cleaned(each) for name, each in value.items()}
    return value


def work_of(lines: Iterable[Line]) -> Work:
    """What a database has to be told, of lines in order. Raises `msgspec.DecodeError`."""
    work = Work()
    for line in lines:
        if line.kind in KINDS:
            thing: Any = _decoders[line.kind](line.body)
            getattr(work.outcome, KINDS[line.kind][0]).append(thing)
        elif line.kind == PERSON:
            work.people.append(msgspec.json.decode(line.body, type=tuple[str, str, str]))
        elif line.kind == NOT_READ:
            lost = msgspec.json.decode(line.body, type=NotRead)
            work.quarantined += lost.quarantined
            for reason, count in lost.reasons.items():
                work.not_read[reason] = work.not_read.get(reason, 0) + count
    return work
