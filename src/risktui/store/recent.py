"""What is kept for a while, in case it matters later: steps of sessions, sign-ins of seven days.

Both are bounded by event time and by number, for each person and in all, so that nobody's flood
washes away what others did.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence
from typing import Any

import msgspec

from risktui.risk.steps import Taken
from risktui.store import steps

DAY = 86_400_000
MOST_OF_ONE = 5_000
"""Sign-ins of one person for a second look, the latest."""
LOOK_BACK_DAYS = 7
"""How far back a list that changes is held against sign-ins (cards S08 and S18)."""


class Kept(msgspec.Struct, frozen=True, gc=False):
    """A sign-in that is looked at again when a list changes."""

    ip_address: str
    day: int
    """Event time / 86,400,000."""
    user_id: str
    result: str
    event: bytes
    """msgpack of `model.events.SignIn`, with what was known of its network when it was judged."""

    @property
    def place(self) -> Place:
        """Where it stands among the others."""
        return self.ip_address, self.day, self.user_id, self.result


Place = tuple[str, int, str, str]
"""Address, day, person and result: where a sign-in stands among those that are kept."""
Statement = tuple[str, Sequence[tuple[Any, ...]]]
_BOUND_LOOK_BACK = (
    "DELETE FROM look_back WHERE rowid IN (SELECT number FROM (SELECT rowid AS number,"
    " row_number() OVER (PARTITION BY user_id ORDER BY day DESC, rowid DESC) AS behind"
    " FROM look_back WHERE user_id IN"
    " (SELECT user_id FROM look_back GROUP BY user_id HAVING count(*) > ?))"
    " WHERE behind > ?)"
)


def statements(
    taken: Sequence[Taken], kept: Sequence[Kept], relisted: Sequence[Kept]
) -> list[Statement]:
    """What a commit writes of them; `relisted` are those that were looked at again."""
    return [
        (steps.INSERT, steps.rows(taken)),
        (
            "INSERT OR IGNORE INTO look_back (ip_address, day, user_id, result, event)"
            " VALUES (?, ?, ?, ?, ?)",
            [msgspec.structs.astuple(each) for each in kept],
        ),
        (
            "INSERT OR REPLACE INTO look_back (ip_address, day, user_id, result, event)"
            " VALUES (?, ?, ?, ?, ?)",
            [msgspec.structs.astuple(each) for each in relisted],
        ),
    ]


def kept_after(
    connection: sqlite3.Connection, last: Place, since: int, most: int
) -> dict[int, Kept]:
    """Sign-ins since a day, by address: those behind the place `last`, at the most so many.

    With the numbers by which `kept_at` finds them again.
    """
    rows = connection.execute(
        "SELECT rowid, ip_address, day, user_id, result, event FROM look_back"
        " WHERE (ip_address, day, user_id, result) > (?, ?, ?, ?) AND day >= ?"
        " ORDER BY ip_address, day, user_id, result LIMIT ?",
        (*last, since, most),
    )
    return {number: Kept(*row) for number, *row in rows}


def kept_at(connection: sqlite3.Connection, numbers: Sequence[int]) -> list[Kept]:
    """The sign-ins with these numbers, in this order, as far as they are still there."""
    rows = connection.execute(
        "SELECT rowid, ip_address, day, user_id, result, event FROM look_back"
        " WHERE rowid IN (SELECT value FROM json_each(?))",
        (msgspec.json.encode(numbers).decode(),),
    )
    found = {number: Kept(*row) for number, *row in rows}
    return [found[number] for number in numbers if number in found]


def forgetting(newest: int) -> list[tuple[str, tuple[int, ...]]]:
    """What clears away the rest; `newest` is the latest event time (ms)."""
    return [
        ("DELETE FROM look_back WHERE day < ?", (newest // DAY - LOOK_BACK_DAYS,)),
        (_BOUND_LOOK_BACK, (MOST_OF_ONE, MOST_OF_ONE)),
    ]
