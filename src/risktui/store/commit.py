"""The single transaction: positions, states, detections, users and outbox, all or nothing."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Sequence
from typing import Any, TypeAlias

import msgspec

from risktui.detect.state import DAY
from risktui.model.risk import Outcome, VerdictResult
from risktui.risk.reputation import Reputation
from risktui.risk.steps import Taken
from risktui.settings import Retention
from risktui.store import joining, many, outbox, principals, recent, steps, strangers
from risktui.store.audit import Line, append_open
from risktui.store.database import Writer
from risktui.store.outcome import statements_of
from risktui.store.recent import Kept
from risktui.store.seen import pack_old

_pack = msgspec.msgpack.Encoder().encode

STATES_FOR = 90 * 86_400_000
"""How long a key that nobody touched is kept (ms of event time); longer than any observer's ttl of
these stages, so that what goes is as if never seen already. People and organisations stay."""
_FORGET_STATES = (
    "DELETE FROM states WHERE last < ?"
    " AND stage IN ('ip', 'prefix', 'agent', 'client', 'client_app', 'network_app')"
)
KEEP_SUPPRESSIONS = 100_000
"""Traces of what was held back; older ones go first."""
KEEP_SUPPRESSIONS_OF_ONE = 1_000
"""Of them one person's, so that who floods the logs does not push out everybody else's."""
_FORGET_TRACES = (
    "DELETE FROM suppressions WHERE time < (SELECT time FROM suppressions"
    " ORDER BY time DESC LIMIT 1 OFFSET ?)"
)
_FORGET_TRACES_OF_ONE = (
    "DELETE FROM suppressions WHERE (user_id, event_id, risk_event_type) IN ("
    " SELECT user_id, event_id, risk_event_type FROM ("
    "  SELECT user_id, event_id, risk_event_type,"
    "   row_number() OVER (PARTITION BY user_id"
    "    ORDER BY time DESC, event_id, risk_event_type) AS place FROM suppressions"
    "   WHERE user_id IN"
    "    (SELECT user_id FROM suppressions GROUP BY user_id HAVING count(*) > ?)"
    " ) WHERE place > ?)"
)
KEEP_QUARANTINED, KEEP_QUARANTINED_OF_ONE = 100_000, 1_000
"""Broken records that are kept, in all the latest and of one file the first; all are counted."""
_FORGET_QUARANTINE = (
    "DELETE FROM quarantine WHERE found < (SELECT found FROM quarantine"
    " ORDER BY found DESC LIMIT 1 OFFSET ?)"
)
_FORGET_QUARANTINE_OF_ONE = (
    "DELETE FROM quarantine WHERE path = ? AND offset > (SELECT offset FROM quarantine"
    " WHERE path = ? ORDER BY offset LIMIT 1 OFFSET ?)"
)


class Held(msgspec.Struct):
    """What a log file held of one format."""

    events: int = 0
    newest: int = 0
    """Latest event time (ms)."""
    ahead: int = 0
    """How far an event's time was ahead of the wall clock (ms)."""


State: TypeAlias = tuple[int | None, str, str, int, bytes]
"""A row of `states`: its number (None where that is not known), stage, key, last, blob."""

KEEP = Retention()
_FORGET_DETECTIONS = (
    "DELETE FROM detections WHERE risk_state NOT IN ('atRisk', 'confirmedCompromised')"
    " AND last_updated_date_time < ?"
)
_FORGET_SIGN_INS = (
    "DELETE FROM sign_ins WHERE risk_state NOT IN ('atRisk', 'confirmedCompromised')"
    " AND risk_last_updated_date_time < ?"
)


class Work(msgspec.Struct, kw_only=True):
    """Everything that one commit makes durable."""

    outcome: Outcome = msgspec.field(default_factory=Outcome)
    states: list[State] = []
    """Every row that changed."""
    seen: list[tuple[int, int]] = []
    """(hash, time) of the events processed."""
    positions: dict[str, Any] = {}
    """path -> Position."""
    records: dict[str, int] = {}
    """By path, how many more its position has left behind."""
    set_aside: dict[str, int] = {}
    """By path, how many of those could not be read."""
    held: dict[tuple[str, str], Held] = {}
    """By path and format."""
    quarantined: list[Any] = []
    not_read: dict[str, int] = {}
    verdicts_done: list[VerdictResult] = []
    audit: list[Line] = []
    people: list[tuple[str, str, str]] = []
    """(id, principal name, display name) of everybody new, or with a new name."""
    steps: list[Taken] = []
    """What people did, for the stories of sessions."""
    looked_at: list[Kept] = []
    """Sign-ins that a list which changes will be held against."""
    relisted: list[Kept] = []
    """Those that were, with what is known of their networks now."""
    joined: list[tuple[str, str]] = []
    """(key, key) of people who turned out to be one: what was the first's is the second's."""
    reputations: list[Reputation] = []
    reputations_gone: list[str] = []
    status: dict[str, str] = {}
    """Written to `meta`: what the console's status line shows."""
    newest: int = 0
    """Latest event time (ms), for forgetting ids."""


class Committer:
    """Writes `Work` through one connection."""

    def __init__(self, connection: Writer) -> None:
        self._connection = connection
        self._traces = 0
        """Suppressions written since they were bounded."""
        self._strangers = 0
        """Rows of people who never got in, written since these were bounded."""
        self.forgotten: list[str] = []
        """Strangers of whom nothing is kept any more, for whoever still has them in memory."""

    async def commit(self, work: Work, now: int) -> None:
        """One transaction at wall clock `now` (ms). Raises `sqlite3.Error` with nothing written."""
        statements = _statements(work, now)
        await self._connection.work(lambda opened: _run(opened, statements, work.audit))

    async def bound(self, work: Work) -> None:
        """After `work` was written: what somebody can have written without end does not stay."""
        self._traces += len(work.outcome.suppressions)
        if self._traces >= KEEP_SUPPRESSIONS // 4:
            await self._bound_traces()
        self._strangers += strangers.count(work.states)
        if self._strangers >= strangers.KEEP_STRANGERS // 4:
            await self._forget_strangers(work.newest)
        for path in sorted({record.path for record in work.quarantined}):
            await self._connection.execute(
                _FORGET_QUARANTINE_OF_ONE, (_safe(path), _safe(path), KEEP_QUARANTINED_OF_ONE - 1)
            )

    async def _bound_traces(self) -> None:
        for statement, bounds in (
            (_FORGET_TRACES_OF_ONE, (KEEP_SUPPRESSIONS_OF_ONE,) * 2),
            (strangers.FORGET_TRACES, (strangers.KEEP_TRACES - 1,)),
            (_FORGET_TRACES, (KEEP_SUPPRESSIONS,)),
        ):
            await self._connection.execute(statement, bounds)
        self._traces = 0

    async def _forget_strangers(self, newest: int) -> None:
        self.forgotten += await self._connection.work(
            lambda opened: strangers.forget(opened, newest)
        )
        self._strangers = 0

    async def tidy(self, newest: int, retention: Retention = KEEP) -> None:
        """Forget ids beyond their window and the oldest traces; cheap, for once in a while.

        `newest` is the latest event time (ms), by which `retention` counts.
        """
        await pack_old(self._connection, newest)
        await self._connection.execute(_FORGET_QUARANTINE, (KEEP_QUARANTINED,))
        await self._connection.execute(_FORGET_STATES, (newest - STATES_FOR,))
        await self._forget_strangers(newest)
        await self._bound_traces()
        await self._connection.work(lambda opened: steps.forget(opened, newest))
        for statement, bounds in recent.forgetting(newest):
            await self._connection.execute(statement, bounds)
        for days, statement in (
            (retention.suppressions_days, "DELETE FROM suppressions WHERE time < ?"),
            (retention.closed_days, _FORGET_DETECTIONS),
            (retention.closed_days, _FORGET_SIGN_INS),
            (retention.closed_days, principals.FORGET),
        ):
            if days:
                await self._connection.execute(statement, (newest - days * DAY,))

    async def clear_outbox(self, before: int) -> None:
        """Let go of what every named reader has passed, and of what was written `before` (ms)."""
        await self._connection.execute(outbox.PRUNE, (before,))


def _run(
    connection: sqlite3.Connection,
    statements: Iterable[tuple[str, Sequence[tuple[Any, ...]]]],
    audit: Sequence[Line],
) -> None:
    connection.execute("BEGIN IMMEDIATE")
    try:
        for statement, rows in statements:
            many.execute(connection, statement, rows)
        if audit:
            append_open(connection, audit)
        connection.execute("COMMIT")
    except BaseException:
        if connection.in_transaction:  # SQLite ends some itself, on a full disk
            connection.execute("ROLLBACK")
        raise


def _statements(work: Work, now: int) -> list[tuple[str, Sequence[tuple[Any, ...]]]]:
    pairs: list[tuple[str, Sequence[tuple[Any, ...]]]] = [
        (
            # By their numbers: half of the work would be finding rows by stage and key. One that
            # was forgotten meanwhile comes back under its own, which nobody else has got.
            "INSERT INTO states (number, stage, key, last, blob) VALUES (?, ?, ?, ?, ?)"
            " ON CONFLICT (number) DO UPDATE SET last = excluded.last, blob = excluded.blob"
            " ON CONFLICT (stage, key) DO UPDATE SET last = excluded.last, blob = excluded.blob",
            work.states,
        ),
        ("INSERT OR IGNORE INTO seen (hash, time) VALUES (?, ?)", work.seen),
        *statements_of(work.outcome, now),
        (
            "UPDATE verdicts SET applied = made.column1, accepted = made.column2,"
            " message = made.column3 FROM (VALUES (?, ?, ?, ?)) AS made WHERE id = made.column4",
            [(now, v.accepted, v.message, v.verdict_id) for v in work.verdicts_done],
        ),
        *_knowledge(work),
        *recent.statements(work.steps, work.looked_at, work.relisted),
        *_bookkeeping(work, now),
        *joining.statements(work.joined),
    ]
    return [(statement, rows) for statement, rows in pairs if rows]


def _knowledge(work: Work) -> list[tuple[str, Sequence[tuple[Any, ...]]]]:
    """Who there is, and which addresses are bad."""
    return [
        (
            "INSERT INTO people (id, user_principal_name, user_display_name) VALUES (?, ?, ?)"
            " ON CONFLICT (id) DO UPDATE SET"
            " user_principal_name = CASE WHEN excluded.user_principal_name = ''"
            " OR (user_principal_name LIKE '%@%'"
            " AND excluded.user_principal_name NOT LIKE '%@%')"
            " THEN user_principal_name ELSE excluded.user_principal_name END,"
            " user_display_name = coalesce(nullif(excluded.user_display_name, ''),"
            " user_display_name)"
            # Names that are known already, after a restart, are no page to be written.
            " WHERE excluded.user_principal_name NOT IN ('', user_principal_name)"
            " OR excluded.user_display_name NOT IN ('', user_display_name)",
            work.people,
        ),
        (
            "DELETE FROM reputations WHERE ip_address = ?",
            [(address,) for address in work.reputations_gone],
        ),
        (
            "INSERT OR REPLACE INTO reputations (ip_address, verdict_id, since, until)"
            " VALUES (?, ?, ?, ?)",
            [(r.ip_address, r.verdict_id, r.since, r.until) for r in work.reputations],
        ),
    ]


def _bookkeeping(work: Work, now: int) -> list[tuple[str, Sequence[tuple[Any, ...]]]]:
    return [
        (
            "INSERT INTO sources (path, position, updated) VALUES (?, ?, ?)"
            " ON CONFLICT (path) DO UPDATE SET"
            " position = excluded.position, updated = excluded.updated",
            [(_safe(path), _pack(place), now) for path, place in work.positions.items()],
        ),
        (
            "UPDATE sources SET records = records + ?, quarantined = quarantined + ?"
            " WHERE path = ?",
            [
                (work.records.get(path, 0), work.set_aside.get(path, 0), _safe(path))
                for path in sorted({*work.records, *work.set_aside})
            ],
        ),
        (
            "INSERT INTO source_formats (path, format, events, newest, ahead)"
            " VALUES (?, ?, ?, ?, ?) ON CONFLICT (path, format) DO UPDATE SET"
            " events = events + excluded.events, newest = max(newest, excluded.newest),"
            " ahead = max(ahead, excluded.ahead)",
            [
                (_safe(path), format_, held.events, held.newest, held.ahead)
                for (path, format_), held in work.held.items()
            ],
        ),
        (
            "INSERT OR REPLACE INTO quarantine (path, offset, reason, sample, found)"
            " VALUES (?, ?, ?, ?, ?)",
            [(_safe(q.path), q.offset, q.reason, q.sample, now) for q in work.quarantined],
        ),
        (
            "INSERT INTO not_read (reason, records) VALUES (?, ?)"
            " ON CONFLICT (reason) DO UPDATE SET records = records + excluded.records",
            list(work.not_read.items()),
        ),
        ("INSERT OR REPLACE INTO meta (name, value) VALUES (?, ?)", list(work.status.items())),
    ]


def _safe(path: str) -> str:
    """A path as SQLite can store it: bytes that are not UTF-8 stay distinguishable."""
    return path.encode("utf-8", "surrogateescape").decode("utf-8", "backslashreplace")
