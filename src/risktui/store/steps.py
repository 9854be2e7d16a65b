"""Steps of sessions as they are kept: packed, those of one person and day that one commit brings.

As rows of their own they were half of what a scan wrote, each with two long keys in an index. They
are read one person at a time, of whom few days are kept.
"""

from __future__ import annotations

import sqlite3
from bisect import bisect_left
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from operator import attrgetter
from typing import Any

import msgspec

from risktui.risk.steps import Taken

DAY = 86_400_000
FOR = 2 * DAY
"""How long steps are kept of people to whom nothing happens (ms of event time)."""
AROUND = DAY
"""And around a detection, as long as that is kept."""
AT_RISK = 30 * DAY
"""How long the steps of somebody at risk are kept."""
MOST = 2_000_000
"""Steps of all people together; the oldest go first."""
MOST_OF_ONE = 5_000
"""Steps of one kind of one person, the latest."""
TOGETHER = 200
"""Steps of one row at the most, 50 KB: what is read and written anew when one of them goes."""

INSERT = "INSERT INTO steps (user_id, first, last, count, steps) VALUES (?, ?, ?, ?, ?)"

_pack = msgspec.msgpack.Encoder().encode
_unpack = msgspec.msgpack.Decoder(list[Taken]).decode
_time = attrgetter("time")

_GONE = (
    "DELETE FROM steps WHERE first < ? AND last < ?"
    " AND NOT EXISTS (SELECT 1 FROM detections AS d WHERE d.user_id = steps.user_id"
    " AND d.activity_date_time BETWEEN steps.first - ? AND steps.last + ?)"
    " AND (last < ? OR user_id NOT IN (SELECT id FROM users"
    " WHERE risk_state IN ('atRisk', 'confirmedCompromised')))"
)
"""Rows that are old as a whole, and nothing was detected around them."""
_OLD = (
    "SELECT number, user_id, user_id IN (SELECT id FROM users"
    " WHERE risk_state IN ('atRisk', 'confirmedCompromised')) AS at_risk FROM steps"
    " WHERE first < ? AND (first < ? OR NOT at_risk)"
)
"""Rows in which something may be old."""
_STEPS = "SELECT steps FROM steps WHERE number = ?"
_DETECTED = "SELECT activity_date_time FROM detections WHERE user_id = ? ORDER BY 1"
_BOUND = (
    "DELETE FROM steps WHERE number IN (SELECT number FROM (SELECT number,"
    " sum(count) OVER (ORDER BY first DESC, number DESC) - count AS later FROM steps)"
    " WHERE later > ?)"
)
_FLOODS = "SELECT user_id FROM steps GROUP BY user_id HAVING sum(count) > ?"


def rows(steps: Iterable[Taken]) -> list[tuple[Any, ...]]:
    """What `INSERT` takes."""
    days: defaultdict[tuple[str, int], list[Taken]] = defaultdict(list)
    for step in steps:
        days[step.user_id, step.time // DAY].append(step)
    return [
        (user_id, *_row(taken[start : start + TOGETHER]))
        for (user_id, _), taken in sorted(days.items())
        for start in range(0, len(taken), TOGETHER)
    ]


def _row(steps: Sequence[Taken]) -> tuple[int, int, int, bytes]:
    times = list(map(_time, steps))
    return min(times), max(times), len(steps), _pack(steps)


def latest_of(connection: sqlite3.Connection, user_id: str, most: int) -> list[Taken]:
    """The steps of a person, of each kind at the most so many, the latest.

    What was told of an event once more stands where it was told last.
    """
    latest: dict[tuple[int, str], Taken] = {}
    for _, steps in _of(connection, user_id):
        latest.update({(step.time, step.event_id): _theirs(step, user_id) for step in steps})
    return list(_latest(latest.values(), most))


def mentioning(connection: sqlite3.Connection, text: str) -> Iterator[tuple[str, list[Taken]]]:
    """Whose steps hold `text` anywhere, and those around it that are kept together."""
    query = "SELECT user_id, steps FROM steps WHERE instr(steps, CAST(? AS BLOB)) ORDER BY number"
    for user_id, packed in connection.execute(query, (text,)):
        yield user_id, _unpack(packed)


def forget(connection: sqlite3.Connection, newest: int) -> None:
    """Let go of what is too old or too much, in one transaction; `newest` is an event time (ms)."""
    since, at_risk_since = newest - FOR, newest - AT_RISK
    connection.execute("BEGIN IMMEDIATE")
    try:
        connection.execute(_GONE, (since, since, AROUND, AROUND, at_risk_since))
        _forget_old(connection, since, at_risk_since)
        for (user_id,) in connection.execute(_FLOODS, (MOST_OF_ONE,)).fetchall():
            _forget_flood(connection, user_id)
        (count,) = connection.execute("SELECT total(count) FROM steps").fetchone()
        if count > MOST:
            connection.execute(_BOUND, (MOST,))
        connection.execute("COMMIT")
    except BaseException:
        if connection.in_transaction:
            connection.execute("ROLLBACK")
        raise


def _forget_old(connection: sqlite3.Connection, since: int, at_risk_since: int) -> None:
    """Steps that are old in rows of which others are kept."""
    detected: dict[str, list[int]] = {}
    old = connection.execute(_OLD, (since, at_risk_since)).fetchall()
    for number, user_id, at_risk in old:
        if user_id not in detected:
            detected[user_id] = [time for (time,) in connection.execute(_DETECTED, (user_id,))]
        begin = at_risk_since if at_risk else since
        (packed,) = connection.execute(_STEPS, (number,)).fetchone()
        steps = _unpack(packed)
        kept = [
            step for step in steps if step.time >= begin or _is_near(step.time, detected[user_id])
        ]
        _keep(connection, number, steps, kept)


def _is_near(time: int, detected: Sequence[int]) -> bool:
    """Whether something was detected around `time`; one may have thousands of detections."""
    first = bisect_left(detected, time - AROUND)
    return first < len(detected) and detected[first] <= time + AROUND


def _forget_flood(connection: sqlite3.Connection, user_id: str) -> None:
    """All but the latest of each kind."""
    before = dict(_of(connection, user_id))
    every = [step for steps in before.values() for step in steps]
    chosen = {id(step) for step in _latest(every, MOST_OF_ONE)}
    for number, steps in before.items():
        _keep(connection, number, steps, [step for step in steps if id(step) in chosen])


def _of(connection: sqlite3.Connection, user_id: str) -> Iterator[tuple[int, list[Taken]]]:
    query = "SELECT number, steps FROM steps WHERE user_id = ? ORDER BY number"
    for number, packed in connection.execute(query, (user_id,)):
        yield number, _unpack(packed)


def _theirs(step: Taken, user_id: str) -> Taken:
    """The step under the key that its person has got since it was written."""
    return step if step.user_id == user_id else msgspec.structs.replace(step, user_id=user_id)


def _latest(steps: Iterable[Taken], most: int) -> Iterator[Taken]:
    kinds: defaultdict[str, list[Taken]] = defaultdict(list)
    for step in steps:
        kinds[step.kind].append(step)
    for of_kind in kinds.values():
        of_kind.sort(key=lambda step: (-step.time, step.event_id))
        yield from of_kind[:most]


def _keep(
    connection: sqlite3.Connection, number: int, steps: Sequence[Taken], kept: Sequence[Taken]
) -> None:
    if len(kept) == len(steps):
        return
    if not kept:
        connection.execute("DELETE FROM steps WHERE number = ?", (number,))
        return
    connection.execute(
        "UPDATE steps SET first = ?, last = ?, count = ?, steps = ? WHERE number = ?",
        (*_row(kept), number),
    )
