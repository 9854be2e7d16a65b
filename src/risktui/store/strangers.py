"""Forgets names, addresses and programs that somebody made up: they have only failed to sign in.

Real ones are as many as they are. Made up they cost whoever tries them nothing, so what they leave
behind is bounded by number, and that of names by time; whom anything was found about is kept.
"""

from __future__ import annotations

import sqlite3
from collections import Counter
from collections.abc import Iterable

from risktui.detect.state import DAY

STRANGERS_FOR = 14 * DAY
"""How long a name that never got in is kept after its last try (ms of event time): nothing that is
made of failed tries reaches back so far."""
KEEP_STRANGERS = 100_000
"""Names that never got in, the latest; a company has fewer people who only mistype."""
KEEP_UNKNOWN = 100_000
"""Addresses, ranges, programs, each kind for itself, that nobody ever got in with: the latest. Half
a KB each; a botnet's are forgotten before anybody's that people came from."""
UNKNOWN = ("ip", "prefix", "agent", "client", "client_app", "network_app")
"""The stages of these kinds."""
KEEP_TRACES = 10_000
"""Traces of what was held back of them all, so that they do not push out everybody else's."""

MARKS = b"\xa1?"
"""How `engine.row.STRANGER` begins a packed row, behind the one or three bytes of its map."""

_FORGOTTEN = (
    "SELECT key FROM (SELECT key FROM states WHERE stranger AND stage = 'user' AND last < ?"
    " UNION SELECT key FROM (SELECT key FROM states WHERE stranger AND stage = 'user'"
    "  ORDER BY last DESC, key DESC LIMIT -1 OFFSET ?)) AS gone"
    " WHERE NOT EXISTS (SELECT 1 FROM states WHERE stage = 'risk' AND key = gone.key)"
    " ORDER BY key"
)
_FORGET = (
    "DELETE FROM states WHERE stage = 'user' AND key = ?",
    "DELETE FROM people WHERE id = ?",
    "DELETE FROM steps WHERE user_id = ?",
    "DELETE FROM suppressions WHERE user_id = ?",
)
FORGET_TRACES = (
    "DELETE FROM suppressions"
    " WHERE user_id IN (SELECT key FROM states WHERE stranger AND stage = 'user')"
    " AND time < (SELECT time FROM suppressions"
    "  WHERE user_id IN (SELECT key FROM states WHERE stranger AND stage = 'user')"
    "  ORDER BY time DESC LIMIT 1 OFFSET ?)"
)
"""Takes how many are kept."""
_FORGET_UNKNOWN = (
    "DELETE FROM states WHERE stage = ? AND key IN (SELECT key FROM states"
    " WHERE stranger AND stage = ? ORDER BY last DESC, key DESC LIMIT -1 OFFSET ?)"
)


def is_one(blob: bytes) -> bool:
    """Whether a packed row is a stranger's."""
    return blob[1:3] == MARKS or blob[3:5] == MARKS


def count(states: Iterable[tuple[int | None, str, str, int, bytes]]) -> int:
    """How many of the rows that a commit writes are strangers', of the kind with the most."""
    found = Counter(stage for _, stage, _, _, blob in states if is_one(blob))
    return max(found.values(), default=0)


def forget(connection: sqlite3.Connection, newest: int) -> list[str]:
    """Let go of strangers in one transaction; who they were.

    `newest` is the latest event time (ms).
    """
    connection.execute("BEGIN IMMEDIATE")
    try:
        bounds = newest - STRANGERS_FOR, KEEP_STRANGERS
        gone = [(str(key),) for (key,) in connection.execute(_FORGOTTEN, bounds)]
        for statement in _FORGET if gone else ():
            connection.executemany(statement, gone)
        for stage in UNKNOWN:
            connection.execute(_FORGET_UNKNOWN, (stage, stage, KEEP_UNKNOWN))
        connection.execute("COMMIT")
    except BaseException:
        if connection.in_transaction:
            connection.execute("ROLLBACK")
        raise
    return [key for (key,) in gone]
