"""Password sprays that were recognised, whether or not they have found a password.

A spray alone is nobody's risk, so there is no detection of it; each of those it tried has a trace
of what was held back, and here these are one thing again.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable

import msgspec

from risktui.model.risk import Suppression

TYPE = "passwordSpray"
ADDRESSES = 5
"""Addresses that are named."""
HOUR = 3_600_000

_suppression = msgspec.json.Decoder(Suppression).decode


class Spray(msgspec.Struct):
    """People who were tried together, and whose passwords held."""

    first: int
    """The first attempt (ms)."""
    last: int
    """When the last person was recognised to be tried (ms)."""
    people: dict[str, int]
    """Who was tried, and when they were last recognised to be (ms)."""
    addresses: list[str]

    @property
    def places(self) -> str:
        """Some of the addresses."""
        more = len(self.addresses) - ADDRESSES
        named = ", ".join(self.addresses[:ADDRESSES])
        return f"{named}, +{more}" if more > 0 else named


def sprays(connection: sqlite3.Connection) -> list[Spray]:
    """All that there are traces of, the latest first."""
    rows = connection.execute(
        "SELECT suppression FROM suppressions WHERE risk_event_type = ? ORDER BY time, user_id",
        (TYPE,),
    )
    return _together(_suppression(row[0]) for row in rows)


def _together(traces: Iterable[Suppression]) -> list[Spray]:
    """What has an address or a person in common at one time is one spray, seen by several keys."""
    found: list[Spray] = []
    for trace in traces:
        since = trace.since
        if since is msgspec.UNSET:
            continue  # held back for another reason
        time, who, address = trace.time, trace.user_id, trace.ip_address
        spray = _known(found, since, who, address)
        if spray is None:
            spray = Spray(since, time, {}, [])
            found.append(spray)
        spray.first, spray.last = min(spray.first, since), max(spray.last, time)
        spray.people[who] = time
        if address and address not in spray.addresses:
            spray.addresses.append(address)
    return sorted(found, key=lambda each: (-each.last, -each.first))


def _known(found: list[Spray], since: int, who: str, address: str) -> Spray | None:
    """The spray that one with a first attempt at `since` (ms) belongs to, the latest first.

    That somebody was tried by both says less: one person is in the way of many, and while a slow
    spray goes on for days another one begins and ends.
    """
    by_person = None
    for each in reversed(found):  # there may be thousands, and the latest is it nearly always
        if since > each.last + HOUR:
            continue
        if each.first == since or address in each.addresses:
            return each
        if by_person is None and who in each.people and since <= each.people[who] + HOUR:
            by_person = each
    return by_person
