"""What the risk policies would have done, read from the database."""

from __future__ import annotations

import sqlite3

import msgspec

from risktui.model.risk import PolicyResult

_decode = msgspec.json.Decoder(PolicyResult).decode


class Tally(msgspec.Struct, frozen=True):
    """One policy in numbers."""

    policy: str
    sign_ins: int
    people: int
    """Whose level met the condition, whether or not they signed in."""
    differs: int
    """Sign-ins in which Conditional Access was laxer."""


def tallies(connection: sqlite3.Connection, since: int = 0) -> dict[str, Tally]:
    """Every policy that has matched since `since` (ms)."""
    rows = connection.execute(
        "SELECT policy, count(CASE WHEN request_id != '' THEN 1 END), count(DISTINCT user_id),"
        " sum(differs) FROM policy_results WHERE time >= ? GROUP BY policy",
        (since,),
    )
    return {row[0]: Tally(*row) for row in rows}


def results(
    connection: sqlite3.Connection,
    *,
    policy: str = "",
    differing: bool = False,
    since: int = 0,
    limit: int = -1,
) -> list[PolicyResult]:
    """Single results, the latest first."""
    of_which = "policy = ?" if policy else "? = ''"  # a condition that an index answers
    rows = connection.execute(
        f"SELECT result FROM policy_results WHERE {of_which} AND time >= ?"  # noqa: S608
        " AND (differs OR NOT ?) ORDER BY time DESC, id LIMIT ?",
        (policy, since, differing, limit),
    )
    return [_decode(row[0]) for row in rows]
