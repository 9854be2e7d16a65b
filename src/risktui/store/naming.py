"""Names instead of object ids, where a detection tells of other people."""

from __future__ import annotations

import re
import sqlite3
from collections.abc import Iterable

import msgspec

from risktui.model.risk import Detection, Evidence

_ID = re.compile(r"\b[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}\b", re.IGNORECASE)


def with_names(connection: sqlite3.Connection, found: Detection) -> Detection:
    """`found` with the principal names of the people its evidence names by their object ids.

    A detector knows others by their ids alone; whoever the directory does not know stays an id.
    """
    evidence = found.explanation.evidence
    ids = {one.lower() for each in evidence for one in _ID.findall(each.observed)}
    names = _names(connection, ids) if ids else {}
    if not names:
        return found
    named = type(evidence)(_named(each, names) for each in evidence)
    explanation = msgspec.structs.replace(found.explanation, evidence=named)
    return msgspec.structs.replace(found, explanation=explanation)


def _named(one: Evidence, names: dict[str, str]) -> Evidence:
    said = _ID.sub(lambda match: names.get(match[0].lower(), match[0]), one.observed)
    return one if said == one.observed else msgspec.structs.replace(one, observed=said)


def _names(connection: sqlite3.Connection, ids: Iterable[str]) -> dict[str, str]:
    wanted = sorted(ids)
    marks = ", ".join("?" * len(wanted))
    rows = connection.execute(
        f"SELECT id, user_principal_name FROM people WHERE id IN ({marks})",  # noqa: S608
        wanted,
    )
    return {user_id: name for user_id, name in rows if name}
