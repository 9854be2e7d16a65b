"""Applications' identities at risk: written with an outcome, read for a list of their own."""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence
from typing import Any

import msgspec

from risktui.model.risk import (
    Detection,
    Outcome,
    RiskLevel,
    RiskyServicePrincipal,
    RiskyUserHistoryItem,
)

FORGET = (
    "DELETE FROM principal_detections WHERE risk_state NOT IN ('atRisk', 'confirmedCompromised')"
    " AND last_updated_date_time < ?"
)
"""Lets go of closed detections that were changed before some event time (ms)."""

_json = msgspec.json.Encoder(order="deterministic").encode
_principal = msgspec.json.Decoder(RiskyServicePrincipal).decode
_detection = msgspec.json.Decoder(Detection).decode
_item = msgspec.json.Decoder(RiskyUserHistoryItem).decode


def statements(outcome: Outcome) -> list[tuple[str, Sequence[tuple[Any, ...]]]]:
    """What an outcome writes about applications: SQL, and the rows it is run with."""
    principals = {each.id: each for each in outcome.principals}
    detections = {each.id: each for each in outcome.principal_detections}
    return [
        (
            "INSERT OR REPLACE INTO principals (id, app_id, display_name, risk_level, risk_state,"
            " risk_last_updated_date_time, principal) VALUES (?, ?, ?, ?, ?, ?, ?)",
            [
                (
                    p.id,
                    p.app_id,
                    p.display_name,
                    str(p.risk_level),
                    str(p.risk_state),
                    p.risk_last_updated_date_time,
                    _json(p),
                )
                for p in principals.values()
            ],
        ),
        (
            "INSERT OR REPLACE INTO principal_detections (id, principal_id, risk_level, risk_state,"
            " activity_date_time, last_updated_date_time, detection) VALUES (?, ?, ?, ?, ?, ?, ?)",
            [
                (
                    d.id,
                    d.user_id,
                    str(d.risk_level),
                    str(d.risk_state),
                    d.activity_date_time,
                    d.last_updated_date_time,
                    _json(d),
                )
                for d in detections.values()
            ],
        ),
        (
            "INSERT OR IGNORE INTO principal_history (id, principal_id, item) VALUES (?, ?, ?)",
            [(item.id, item.user_id, _json(item)) for item in outcome.principal_history],
        ),
    ]


def listed(
    connection: sqlite3.Connection, *, min_level: RiskLevel = RiskLevel.NONE
) -> list[RiskyServicePrincipal]:
    """All that were ever at risk: the highest level first, then the latest change."""
    rows = connection.execute("SELECT principal FROM principals ORDER BY id")
    found = [_principal(body) for (body,) in rows]
    found = [each for each in found if each.risk_level.rank >= min_level.rank]
    found.sort(
        key=lambda p: (-p.risk_level.rank, -p.risk_last_updated_date_time, p.display_name, p.id)
    )
    return found


def find(connection: sqlite3.Connection, text: str) -> list[RiskyServicePrincipal]:
    """Those that `text` names: by object id, application id or name, whole or its beginning."""
    wanted = text.casefold()
    everything = listed(connection)
    exact = [p for p in everything if wanted in {n.casefold() for n in _names(p)}]
    return exact or [p for p in everything if any(_begins(n, wanted) for n in _names(p))]


def detections(connection: sqlite3.Connection, principal_id: str = "") -> list[Detection]:
    """The detections of one application or of all, the last updated first."""
    where, values = ("WHERE principal_id = ?", (principal_id,)) if principal_id else ("", ())
    rows = connection.execute(
        f"SELECT detection FROM principal_detections {where}"  # noqa: S608  # our own words
        " ORDER BY last_updated_date_time DESC, principal_id, id",
        values,
    )
    return [_detection(body) for (body,) in rows]


def history(connection: sqlite3.Connection, principal_id: str) -> list[RiskyUserHistoryItem]:
    """Every step of one application's risk, the first one first."""
    rows = connection.execute(
        "SELECT item FROM principal_history WHERE principal_id = ? ORDER BY number",
        (principal_id,),
    )
    return [_item(body) for (body,) in rows]


def _names(principal: RiskyServicePrincipal) -> tuple[str, ...]:
    return tuple(filter(None, (principal.id, principal.app_id, principal.display_name)))


def _begins(name: str, wanted: str) -> bool:
    return len(wanted) >= 3 and name.casefold().startswith(wanted)
