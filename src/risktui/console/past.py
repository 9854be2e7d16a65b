"""How things stood at a past moment, put together from the history of every person's risk."""

from __future__ import annotations

import sqlite3

import msgspec

from risktui.model.risk import (
    Detection,
    RiskLevel,
    RiskState,
    RiskyUser,
    RiskyUserHistoryItem,
)
from risktui.store import queries

_step = msgspec.json.Decoder(RiskyUserHistoryItem).decode
_detection = msgspec.json.Decoder(Detection).decode


def users_at(connection: sqlite3.Connection, at: int) -> list[RiskyUser]:
    """Everybody who had a risk at `at` (ms), as they stood then, most urgent first."""
    rows = connection.execute(
        "SELECT item FROM history WHERE number IN"
        " (SELECT max(number) FROM history WHERE time <= ? GROUP BY user_id)",
        (at,),
    ).fetchall()
    found = [_as_it_stood(connection, _step(body), at) for (body,) in rows]
    found.sort(
        key=lambda user: (
            not user.risk_state.active,
            -user.risk_level.rank,
            -user.risk_last_updated_date_time,
            user.id,
        )
    )
    return found


def _as_it_stood(connection: sqlite3.Connection, step: RiskyUserHistoryItem, at: int) -> RiskyUser:
    known = queries.user(connection, step.user_id) or RiskyUser(
        id=step.user_id, user_principal_name=step.user_principal_name
    )
    found = [
        one for one in detections_at(connection, at, user_id=step.user_id) if one.risk_state.active
    ]
    found.sort(key=lambda one: one.urgency)
    return msgspec.structs.replace(
        known,
        risk_level=step.risk_level,
        risk_state=step.risk_state,
        risk_detail=step.risk_detail,
        risk_last_updated_date_time=step.time,
        risk_event_types=tuple(dict.fromkeys(one.risk_event_type for one in found)),
        reason=found[0].explanation.headline if found else "",
        open_detections=len(found),
    )


def user_at(connection: sqlite3.Connection, user: RiskyUser, at: int) -> RiskyUser:
    """`user` as they stood at `at` (ms); without a risk where they had none yet."""
    row = connection.execute(
        "SELECT item FROM history WHERE user_id = ? AND time <= ? ORDER BY number DESC LIMIT 1",
        (user.id, at),
    ).fetchone()
    if row is not None:
        return _as_it_stood(connection, _step(row[0]), at)
    return RiskyUser(
        id=user.id,
        user_principal_name=user.user_principal_name,
        user_display_name=user.user_display_name,
    )


def detections_at(
    connection: sqlite3.Connection, at: int, *, user_id: str = "", limit: int = -1
) -> list[Detection]:
    """What had been found by then, newest first; closed only where it was already closed."""
    rows = connection.execute(
        "SELECT detection FROM detections WHERE detected_date_time <= ?"
        " AND (? = '' OR user_id = ?) ORDER BY detected_date_time DESC, user_id, id LIMIT ?",
        (at, user_id, user_id, limit),
    )
    found = [detection_at(_detection(body), at) for (body,) in rows]
    found.sort(key=lambda one: (-one.detected_date_time, one.by_name))
    return found


def detection_at(found: Detection, at: int) -> Detection:
    """`found`, open again where it was closed later."""
    if found.risk_state.active or found.last_updated_date_time <= at:
        return found
    return msgspec.structs.replace(found, risk_state=RiskState.AT_RISK, risk_detail="none")


def counts_at(connection: sqlite3.Connection, at: int) -> queries.Counts:
    """People at risk then, by level."""
    rows = connection.execute(
        "SELECT json_extract(item, '$.riskLevel'), count(*) FROM history WHERE number IN"
        " (SELECT max(number) FROM history WHERE time <= ? GROUP BY user_id)"
        " AND json_extract(item, '$.riskState') IN ('atRisk', 'confirmedCompromised')"
        " GROUP BY 1",
        (at,),
    )
    found = dict(rows.fetchall())
    return queries.Counts(
        *(found.get(level, 0) for level in (RiskLevel.HIGH, RiskLevel.MEDIUM, RiskLevel.LOW))
    )


def step_before(connection: sqlite3.Connection, at: int) -> int | None:
    """When anybody's risk changed last before `at`; None where it never did."""
    row = connection.execute("SELECT max(time) FROM history WHERE time < ?", (at,)).fetchone()
    return row[0] if row else None


def step_after(connection: sqlite3.Connection, at: int) -> int | None:
    """When anybody's risk changed first after `at`; None where it did not."""
    row = connection.execute("SELECT min(time) FROM history WHERE time > ?", (at,)).fetchone()
    return row[0] if row else None
