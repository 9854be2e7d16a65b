"""The table of what is on its way: nothing is in it twice, nothing leaves it unnoticed.

A delivery is made in the transaction that moves the cursor over what caused it, so that a crash can
neither lose it nor make it twice. Sending happens outside: what a crash interrupts is sent again
under the same id, which the receiver can tell from a second message (at least once).
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable
from typing import Any, Literal, TypeAlias

import msgspec

from risktui.logs.clean import clean
from risktui.notify.news import Message
from risktui.store import audit

State: TypeAlias = Literal["waiting", "sending", "sent", "dead", "held"]
"""held: not done on purpose, by dry run, rate limit or age."""

FIRST_WAIT = 15_000
"""Wait after the first failure (ms); each further one doubles it."""
LONGEST_WAIT = 3_600_000
MOST_WORDS = 2_000
"""Characters kept of what came of a delivery; servers and programs write part of them."""
COLUMNS = "id, channel, kind, start, made, due, attempts, state, ended, error, message"
_encode = msgspec.json.Encoder().encode
_decode = msgspec.json.Decoder(Message).decode


class Delivery(msgspec.Struct, frozen=True):
    """One message on one way out."""

    id: str
    channel: str
    kind: str
    start: int
    made: int
    due: int
    attempts: int
    state: State
    ended: int | None
    error: str
    message: Message


class Tally(msgspec.Struct, frozen=True):
    """One channel in numbers."""

    channel: str
    waiting: int
    sent: int
    dead: int
    held: int
    last_sent: int | None
    last_error: str


def make(
    connection: sqlite3.Connection, message: Message, channel: str, start: int, now: int, due: int
) -> None:
    """Put a message on its way, unless it is already. `start` is the activity's time (ms)."""
    connection.execute(
        "INSERT OR IGNORE INTO deliveries (id, channel, kind, start, made, due, state, message)"
        " VALUES (?, ?, ?, ?, ?, ?, 'waiting', ?)",
        (message.id, channel, message.kind, start, now, due, _encode(message)),
    )


def extend(connection: sqlite3.Connection, delivery_id: str, message: Message, due: int) -> None:
    """Add news to a message that has not been tried yet."""
    connection.execute(
        "UPDATE deliveries SET message = ?, due = min(due, ?) WHERE id = ?",
        (_encode(message), due, delivery_id),
    )


def unsent(connection: sqlite3.Connection, channel: str) -> list[Delivery]:
    """Messages about risk that further news may still join."""
    return _read(
        connection,
        "WHERE channel = ? AND kind = 'risk' AND state = 'waiting' AND attempts = 0"
        " ORDER BY start, id",
        (channel,),
    )


def due(connection: sqlite3.Connection, now: int, limit: int = 50) -> list[Delivery]:
    """What is to be sent at `now`, in order."""
    return _read(
        connection,
        "WHERE state = 'waiting' AND due <= ? ORDER BY due, start, id LIMIT ?",
        (now, limit),
    )


def listed(
    connection: sqlite3.Connection, states: Iterable[str], limit: int = 100
) -> list[Delivery]:
    """Deliveries in these states, the latest first."""
    wanted = sorted(states)
    marks = ", ".join("?" * len(wanted))
    return _read(
        connection,
        f"WHERE state IN ({marks}) ORDER BY made DESC, id LIMIT ?",
        (*wanted, limit),
    )


def tallies(connection: sqlite3.Connection) -> list[Tally]:
    """Every channel that has ever had something to send."""
    rows = connection.execute(
        "SELECT channel, sum(state IN ('waiting', 'sending')), sum(state = 'sent'),"
        " sum(state = 'dead'), sum(state = 'held'), max(CASE WHEN state = 'sent' THEN ended END),"
        " coalesce((SELECT error FROM deliveries AS d WHERE d.channel = deliveries.channel"
        " AND error != '' ORDER BY coalesce(ended, due) DESC, id LIMIT 1), '')"
        " FROM deliveries GROUP BY channel ORDER BY channel"
    )
    return [Tally(*row) for row in rows]


def tried_since(connection: sqlite3.Connection, channel: str, since: int, but: str) -> int:
    """How many were tried on `channel` since `since` (ms), whatever came of it; `but` not counted.

    One that failed counts: it may have done something before. What waits after a failure was
    tried within the longest wait.
    """
    row = connection.execute(
        "SELECT count(*) FROM deliveries WHERE channel = ? AND id != ?"
        " AND ((state IN ('sent', 'dead') AND ended > ?)"
        " OR (state IN ('sending', 'waiting') AND attempts > 0))",
        (channel, but, since),
    ).fetchone()
    return int(row[0])


def recover(connection: sqlite3.Connection, now: int) -> None:
    """After a crash: try again what was being sent; what may have run must not run twice."""
    with connection:
        connection.execute("BEGIN IMMEDIATE")
        connection.execute(
            "UPDATE deliveries SET state = 'dead', ended = ?, error = 'interrupted: it may have"
            " run; see to it, then: risktui notify retry' WHERE state = 'sending'"
            " AND kind = 'action'",
            (now,),
        )
        connection.execute("UPDATE deliveries SET state = 'waiting' WHERE state = 'sending'")


def begin(connection: sqlite3.Connection, delivery_id: str) -> None:
    """It is being sent from now on."""
    connection.execute(
        "UPDATE deliveries SET state = 'sending', attempts = attempts + 1 WHERE id = ?",
        (delivery_id,),
    )


def end(
    connection: sqlite3.Connection, delivery: Delivery, state: State, now: int, words: str
) -> None:
    """It was sent, given up or held back; one line of the audit log says so."""
    words = clean(words, MOST_WORDS)
    connection.execute("BEGIN IMMEDIATE")
    try:
        connection.execute(
            "UPDATE deliveries SET state = ?, ended = ?, error = ? WHERE id = ?",
            (state, now, "" if state == "sent" else words, delivery.id),
        )
        audit.append_open(connection, [_line(delivery, state, now, words)])
        connection.execute("COMMIT")
    except BaseException:
        connection.execute("ROLLBACK")
        raise


def put_off(connection: sqlite3.Connection, delivery_id: str, due: int, error: str) -> None:
    """It failed and is tried again at `due`."""
    connection.execute(
        "UPDATE deliveries SET state = 'waiting', due = ?, error = ? WHERE id = ?",
        (due, clean(error, MOST_WORDS), delivery_id),
    )


def wait_after(attempts: int) -> int:
    """How long (ms) to wait after so many failures."""
    return int(min(LONGEST_WAIT, FIRST_WAIT * 2 ** max(0, attempts - 1)))


def revive(connection: sqlite3.Connection, ids: Iterable[str], now: int) -> int:
    """Take dead letters out again; how many there were."""
    wanted = sorted(ids)
    where = f"id IN ({', '.join('?' * len(wanted))})" if wanted else "1"
    done = connection.execute(
        "UPDATE deliveries SET state = 'waiting', attempts = 0, due = ?, ended = NULL"  # noqa: S608
        f" WHERE state = 'dead' AND {where}",
        (now, *wanted),
    )
    return done.rowcount


def _line(delivery: Delivery, state: State, now: int, words: str) -> audit.Line:
    people = [item.name for item in delivery.message.items]
    if delivery.message.result:
        people = [delivery.message.result.user_principal_name or delivery.message.result.user_id]
    return audit.Line(
        time=now,
        actor="risktui",
        action=delivery.channel,
        subject=", ".join(people[:10]) + (f" and {len(people) - 10} more" if people[10:] else ""),
        result=f"{state}: {words}",
        cause=delivery.id,
        note=delivery.kind,
    )


def _read(connection: sqlite3.Connection, where: str, values: tuple[object, ...]) -> list[Delivery]:
    rows = connection.execute(f"SELECT {COLUMNS} FROM deliveries {where}", values)  # noqa: S608
    return [_delivery(*row) for row in rows]


def _delivery(*row: Any) -> Delivery:
    fields = dict(zip(Delivery.__struct_fields__, row, strict=True))
    return Delivery(**{**fields, "message": _decode(fields["message"])})
