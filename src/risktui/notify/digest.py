"""The week in one mail: what is open, what is new, what is left lying."""

from __future__ import annotations

import sqlite3
from datetime import datetime, time, timedelta
from zoneinfo import ZoneInfo

from risktui.model.ids import stable_id
from risktui.model.risk import RiskLevel, RiskyUser
from risktui.notify import deliveries
from risktui.notify.channels import Office
from risktui.notify.news import Item, Message, Week, item_of
from risktui.risk.retention import AGED_OUT
from risktui.settings import Digest
from risktui.store import queries

WEEK = 7 * 86_400_000
NAMED = 20
"""People named in one list; the rest is counted."""
TOP_TYPES = 5
DAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
MEMORY = "notify.digest"
"""Name in `meta` of the week that was last dealt with."""


def plan_digest(connection: sqlite3.Connection, office: Office, settings: Digest, now: int) -> bool:
    """Put the digest on its way where a week has ended; the first one after a whole week."""
    ended = last_appointment(settings, now)
    row = connection.execute("SELECT value FROM meta WHERE name = ?", (MEMORY,)).fetchone()
    if row and int(row[0]) >= ended:
        return False
    connection.execute("BEGIN IMMEDIATE")
    try:
        connection.execute(
            "INSERT OR REPLACE INTO meta (name, value) VALUES (?, ?)", (MEMORY, str(ended))
        )
        if row:
            send_digest(connection, office, ended, now)
        connection.execute("COMMIT")
    except BaseException:
        connection.execute("ROLLBACK")
        raise
    return bool(row)


def send_digest(connection: sqlite3.Connection, office: Office, until: int, now: int) -> None:
    """Make the digest of the seven days before `until` (ms), once for each way a mail goes."""
    week = week_of(connection, office, until)
    for channel in office.open:
        if channel.needs_p2:
            digest_id = stable_id("digest", channel.name, until)
            message = Message(id=digest_id, kind="digest", week=week, language=office.language)
            deliveries.make(connection, message, channel.name, until, now, now)


def last_appointment(settings: Digest, now: int) -> int:
    """The latest weekday and hour of the settings that is not after `now` (ms)."""
    zone = ZoneInfo(settings.timezone)
    here = datetime.fromtimestamp(now / 1000, zone)
    day = here.date() - timedelta(days=(here.weekday() - DAYS.index(settings.weekday)) % 7)
    moment = datetime.combine(day, time(settings.hour), zone)
    if moment > here:
        moment = datetime.combine(day - timedelta(days=7), time(settings.hour), zone)
    return round(moment.timestamp() * 1000)


def week_of(connection: sqlite3.Connection, office: Office, until: int) -> Week:
    """The numbers of the seven days before `until` (ms)."""
    since = until - WEEK
    new = _people(connection, since, until)
    at_risk = queries.users(connection, active_only=True)
    long_open = [user for user in at_risk if _open_since(connection, user.id) <= since]
    counts = queries.counts(connection)
    return Week(
        since=since,
        until=until,
        open_by_level={"high": counts.high, "medium": counts.medium, "low": counts.low},
        new_people=_items(connection, office, new),
        new_sign_ins=_number(
            connection,
            "SELECT count(*) FROM sign_ins WHERE risk_level_during_sign_in != 'none'"
            " AND created_date_time >= ? AND created_date_time < ?",
            (since, until),
        ),
        top_types=tuple(
            (row[0], row[1])
            for row in connection.execute(
                "SELECT risk_event_type, count(*) FROM detections WHERE detected_date_time >= ?"
                " AND detected_date_time < ? GROUP BY 1 ORDER BY 2 DESC, 1 LIMIT ?",
                (since, until, TOP_TYPES),
            )
        ),
        aged_out=_number(
            connection,
            "SELECT count(*) FROM detections"
            " WHERE json_extract(CAST(detection AS TEXT), '$.riskDetail') = ?"
            " AND last_updated_date_time >= ? AND last_updated_date_time < ?",
            (AGED_OUT, since, until),
        ),
        long_open=_items(connection, office, long_open),
        more=max(0, len(new) - NAMED),
    )


def _people(connection: sqlite3.Connection, since: int, until: int) -> list[RiskyUser]:
    """People at risk whose first step of history lies in the week."""
    rows = connection.execute(
        "SELECT user_id FROM history GROUP BY user_id HAVING min(time) >= ? AND min(time) < ?",
        (since, until),
    ).fetchall()
    found = [queries.user(connection, row[0]) for row in rows]
    return [user for user in found if user is not None and user.risk_state.active]


def _open_since(connection: sqlite3.Connection, user_id: str) -> int:
    """When the oldest open detection of somebody was made."""
    return _number(
        connection,
        "SELECT coalesce(min(detected_date_time), 9e15) FROM detections WHERE user_id = ?"
        " AND risk_state IN ('atRisk', 'confirmedCompromised')",
        (user_id,),
    )


def _items(
    connection: sqlite3.Connection, office: Office, users: list[RiskyUser]
) -> tuple[Item, ...]:
    worst_first = sorted(users, key=lambda u: (-RiskLevel(u.risk_level).rank, -u.priority, u.id))
    return tuple(
        item_of(
            user,
            queries.detections(connection, user_id=user.id),
            user.last_activity_date_time,
            licence=office.licence,
            database=office.database,
        )
        for user in worst_first[:NAMED]
    )


def _number(connection: sqlite3.Connection, query: str, values: tuple[object, ...]) -> int:
    return int(connection.execute(query, values).fetchone()[0])
