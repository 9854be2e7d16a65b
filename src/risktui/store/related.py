"""Detections that belong together: the same address, browser, session, campaign or person."""

from __future__ import annotations

import sqlite3
from typing import Literal, TypeAlias

import msgspec

from risktui.model.risk import Detection

Shares: TypeAlias = Literal["address", "session", "network", "campaign", "browser", "person"]
"""What two detections have in common, the strongest first.

`campaign`: the same type of attack on somebody else from the same provider; `browser`: exactly the
same user agent; `person`: another detection of the same person."""

NEARBY = 86_400_000
"""How far detections may be apart in time to be related (ms)."""
MOST = 200
"""Related detections that are looked at, those nearest in time first."""

_ORDER: tuple[Shares, ...] = ("address", "session", "network", "campaign", "browser", "person")
_decode = msgspec.json.Decoder(Detection).decode


class Related(msgspec.Struct, frozen=True):
    """Another detection, and what it has in common with the one in question."""

    detection: Detection
    shares: Shares


def related(connection: sqlite3.Connection, one: Detection) -> list[Related]:
    """Detections of others and of the same person around the time, the strongest tie first."""
    time = one.activity_date_time
    rows = connection.execute(
        "SELECT detection FROM detections WHERE id <> ? AND (user_id = ? OR ip_address = ?"
        " OR activity_date_time BETWEEN ? AND ?) ORDER BY abs(activity_date_time - ?), id LIMIT ?",
        (one.id, one.user, one.ip_address or None, time - NEARBY, time + NEARBY, time, MOST),
    )
    found = []
    for (body,) in rows:
        other = _decode(body)
        if (shares := shared(one, other)) is not None:
            found.append(Related(other, shares))
    found.sort(
        key=lambda r: (
            _ORDER.index(r.shares),
            -r.detection.activity_date_time,
            r.detection.decided,
            r.detection.by_name,
        )
    )
    return found


def shared(one: Detection, other: Detection) -> Shares | None:
    """What two detections have in common; None where it is nothing to speak of."""
    if one.user == other.user:
        return "person"
    if one.ip_address and one.ip_address == other.ip_address:
        return "address"
    if one.session_id and one.session_id == other.session_id:
        return "session"
    mine, theirs = _network(one), _network(other)
    if mine[0] and mine[0] == theirs[0]:
        return "network"
    if one.risk_event_type == other.risk_event_type and mine[1] and mine[1] == theirs[1]:
        return "campaign"
    agent = one.client.user_agent
    return "browser" if agent and agent == other.client.user_agent else None


def _network(detection: Detection) -> tuple[str, int]:
    """Subnet and provider of what was judged."""
    if not detection.activities:
        return "", 0
    network = detection.activities[0].network
    return network.subnet, network.asn
