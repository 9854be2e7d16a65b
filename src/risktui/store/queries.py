"""What readers ask the database: who is at risk, what was found, how it came about.

Every function takes a connection and answers with finished structs; nothing is decoded that is not
shown. Consoles call them from a worker thread with a connection of their own.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Sequence

import msgspec

from risktui.model.risk import (
    Detection,
    RiskLevel,
    RiskyUser,
    RiskyUserHistoryItem,
    Suppression,
)

_detection = msgspec.json.Decoder(Detection).decode
_user = msgspec.json.Decoder(RiskyUser).decode
_history = msgspec.json.Decoder(RiskyUserHistoryItem).decode
_suppression = msgspec.json.Decoder(Suppression).decode

_LEVELS_FROM = {
    RiskLevel.NONE: ("none", "low", "medium", "high", "hidden"),
    RiskLevel.LOW: ("low", "medium", "high"),
    RiskLevel.MEDIUM: ("medium", "high"),
    RiskLevel.HIGH: ("high",),
    RiskLevel.HIDDEN: ("hidden",),
}


class Counts(msgspec.Struct, frozen=True):
    """How many people are at risk, by level."""

    high: int = 0
    medium: int = 0
    low: int = 0


class Source(msgspec.Struct, frozen=True):
    """A log file as `risktui doctor` and the console show it."""

    path: str
    records: int
    quarantined: int
    updated: int


class QuarantineEntry(msgspec.Struct, frozen=True):
    """A record that could not be read."""

    path: str
    offset: int
    reason: str
    sample: str
    found: int


class VerdictEntry(msgspec.Struct, frozen=True):
    """A decision and what became of it, for the audit view."""

    id: str
    time: int
    action: str
    user_principal_name: str
    detection_id: str
    author: str
    place: str
    note: str
    applied: int | None
    accepted: bool
    message: str


def users(
    connection: sqlite3.Connection,
    *,
    active_only: bool = False,
    min_level: RiskLevel = RiskLevel.NONE,
    limit: int = -1,
    decode: Callable[[bytes], RiskyUser] = _user,
) -> list[RiskyUser]:
    """People, most urgent first: by priority, then the latest change; those of one moment by name.

    Who asks again and again gives a `decode` that knows what it has decoded before.
    """
    where, values = _level_filter("risk_level", min_level)
    if active_only:
        where.append("risk_state IN ('atRisk', 'confirmedCompromised')")
    rows = connection.execute(
        f"SELECT user FROM users{_where(where)}"  # noqa: S608  # only constants of this module
        " ORDER BY priority DESC, risk_last_updated_date_time DESC, id LIMIT ?",
        (*values, limit),
    )
    return sorted((decode(row[0]) for row in rows), key=most_urgent_first)


def most_urgent_first(one: RiskyUser) -> tuple[int, int, str, str]:
    """Sorts people as `users` does: many on whom was decided at once stand by their names."""
    name = (one.user_principal_name or one.id).casefold()
    return -one.priority, -one.risk_last_updated_date_time, name, one.id


def user(connection: sqlite3.Connection, user_id: str) -> RiskyUser | None:
    """One person by key."""
    row = connection.execute("SELECT user FROM users WHERE id = ?", (user_id,)).fetchone()
    return _user(row[0]) if row else None


def counts(connection: sqlite3.Connection) -> Counts:
    """People at risk, by level."""
    rows = connection.execute(
        "SELECT risk_level, count(*) FROM users"
        " WHERE risk_state IN ('atRisk', 'confirmedCompromised') GROUP BY risk_level"
    )
    found = dict(rows.fetchall())
    return Counts(found.get("high", 0), found.get("medium", 0), found.get("low", 0))


def detections(
    connection: sqlite3.Connection,
    *,
    user_id: str = "",
    min_level: RiskLevel = RiskLevel.NONE,
    since: int | None = None,
    until: int | None = None,
    limit: int = -1,
) -> list[Detection]:
    """Detections, the last updated first; `since` and `until` bound the activity (ms).

    Those of one moment are sorted by name, and not by ids, which are random where people decide.
    """
    where, values = _level_filter("risk_level", min_level)
    for clause, value in (
        ("user_id = ?", user_id or None),
        ("activity_date_time >= ?", since),
        ("activity_date_time < ?", until),
    ):
        if value is not None:
            where.append(clause)
            values.append(value)
    rows = connection.execute(
        f"SELECT detection FROM detections{_where(where)}"  # noqa: S608  # only constants
        " ORDER BY last_updated_date_time DESC, detected_date_time DESC, user_id, id LIMIT ?",
        (*values, limit),
    )
    found = [_detection(row[0]) for row in rows]
    found.sort(key=last_updated_first)
    return found


def last_updated_first(one: Detection) -> tuple[int, int, tuple[str, str]]:
    """The order of `detections`."""
    return -one.last_updated_date_time, -one.detected_date_time, one.by_name


def detection(connection: sqlite3.Connection, detection_id: str) -> Detection | None:
    """One detection by its id, or by the beginning of it where that is unambiguous."""
    rows = connection.execute(
        "SELECT detection FROM detections WHERE id >= ? AND id < ? LIMIT 2",
        (detection_id, detection_id + "\x7f"),
    ).fetchall()
    return _detection(rows[0][0]) if len(rows) == 1 else None


def history(
    connection: sqlite3.Connection, *, user_id: str = "", limit: int = -1
) -> list[RiskyUserHistoryItem]:
    """Steps of risk in the order they were written; of one person or of all."""
    rows = connection.execute(
        "SELECT item FROM (SELECT number, item FROM history"
        " WHERE ? = '' OR user_id = ? ORDER BY number DESC LIMIT ?) ORDER BY number",
        (user_id, user_id, limit),
    )
    return [_history(row[0]) for row in rows]


def suppressions(
    connection: sqlite3.Connection, *, user_id: str, limit: int = -1
) -> list[Suppression]:
    """What was held back for one person, latest first."""
    rows = connection.execute(
        "SELECT suppression FROM suppressions WHERE user_id = ?"
        " ORDER BY time DESC, event_id, risk_event_type LIMIT ?",
        (user_id, limit),
    )
    return [_suppression(row[0]) for row in rows]


def find_people(connection: sqlite3.Connection, text: str) -> list[RiskyUser]:
    """People whose key or principal name is `text`, else whose names contain it."""
    wanted = text.casefold()
    exact = connection.execute(
        "SELECT user FROM users WHERE id = ? OR user_principal_name = ? OR id = ? ORDER BY id",
        (text, wanted, wanted),
    ).fetchall()
    if not exact:
        exact = connection.execute(
            "SELECT user FROM users WHERE instr(user_principal_name, ?) > 0"
            " OR instr(lower(user_display_name), ?) > 0"
            " ORDER BY user_principal_name, id LIMIT 20",
            (wanted, wanted),
        ).fetchall()
    return [_user(row[0]) for row in exact]


def state(connection: sqlite3.Connection, stage: str, key: str) -> bytes | None:
    """A packed row of the stages, for showing what is familiar for a person."""
    row = connection.execute(
        "SELECT blob FROM states WHERE stage = ? AND key = ?", (stage, key)
    ).fetchone()
    return bytes(row[0]) if row else None


def status(connection: sqlite3.Connection) -> dict[str, str]:
    """What the engine says of itself: `engine.*` names and their values."""
    rows = connection.execute("SELECT name, value FROM meta WHERE name LIKE 'engine.%'")
    return dict(rows.fetchall())


def sources(connection: sqlite3.Connection) -> list[Source]:
    """Every log file met, by path."""
    rows = connection.execute(
        "SELECT path, records, quarantined, updated FROM sources ORDER BY path"
    )
    return [Source(*row) for row in rows]


def quarantine(connection: sqlite3.Connection, limit: int = 1000) -> list[QuarantineEntry]:
    """Records that could not be read, by file and place."""
    rows = connection.execute(
        "SELECT path, offset, reason, sample, found FROM quarantine ORDER BY path, offset LIMIT ?",
        (limit,),
    )
    return [QuarantineEntry(*row) for row in rows]


def not_read(connection: sqlite3.Connection) -> dict[str, int]:
    """Records that no format reads, by reason, most frequent first."""
    rows = connection.execute("SELECT reason, records FROM not_read ORDER BY records DESC, reason")
    return dict(rows.fetchall())


def verdicts(connection: sqlite3.Connection, limit: int = 500) -> list[VerdictEntry]:
    """Decisions, latest first."""
    rows = connection.execute(
        "SELECT id, time, verdict, applied, accepted, message FROM verdicts"
        " ORDER BY number DESC LIMIT ?",
        (limit,),
    )
    found = []
    for verdict_id, time, body, applied, accepted, message in rows:
        said = msgspec.json.decode(body)
        found.append(
            VerdictEntry(
                id=verdict_id,
                time=time,
                action=said["action"],
                user_principal_name=said.get("userPrincipalName", ""),
                detection_id=said.get("detectionId", ""),
                author=said.get("author", ""),
                place=said.get("place", ""),
                note=said.get("note", ""),
                applied=applied,
                accepted=bool(accepted),
                message=message,
            )
        )
    return found


def ingested(connection: sqlite3.Connection, detection_id: str) -> int | None:
    """When a detection was first committed (ms wall clock)."""
    row = connection.execute(
        "SELECT ingested FROM detections WHERE id = ?", (detection_id,)
    ).fetchone()
    return int(row[0]) if row else None


def data_version(connection: sqlite3.Connection) -> int:
    """Changes whenever another connection has committed; cheap enough to poll."""
    return int(connection.execute("PRAGMA data_version").fetchone()[0])


def _level_filter(column: str, min_level: RiskLevel) -> tuple[list[str], list[object]]:
    if min_level is RiskLevel.NONE:
        return [], []
    levels = _LEVELS_FROM[min_level]
    return [f"{column} IN ({', '.join('?' * len(levels))})"], list(levels)


def _where(clauses: Sequence[str]) -> str:
    return f" WHERE {' AND '.join(clauses)}" if clauses else ""
