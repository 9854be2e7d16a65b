"""The lists of the overview without a filter: read once, and then only what has changed."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable

from risktui.console import reading
from risktui.console.reading import FEED, PEOPLE, Lists
from risktui.model.risk import Detection, RiskyUser
from risktui.store import queries
from risktui.store.search import Search

ALL_EVERY = 10_000
"""Milliseconds after which everything is read again: not every change is announced."""
MANY = 300
"""Announcements from which reading everything takes no longer."""
ANNOUNCED = frozenset({"outbox", "history"})
"""Tables that grow with what the outbox announces; where another has grown, everything is read."""


class Latest:
    """Who is at risk and what was found last, as a reader's thread knows it."""

    def __init__(self) -> None:
        self._lists = Lists()
        self._news: dict[str, int] = {}
        self._read_at = 0
        self._counted_to = 0
        """The last row of the detections that were counted."""

    def read(self, connection: sqlite3.Connection, now: int) -> Lists:
        """The lists at `now` (ms); the same object where nothing has changed."""
        news = dict(reading.news(connection))
        changed = self._announced(connection, news, now)
        lists = None if changed is None else self._with(connection, changed)
        if lists is None:
            row = connection.execute("SELECT coalesce(max(rowid), 0) FROM detections").fetchone()
            self._counted_to, self._read_at = int(row[0]), now
            lists = reading.lists(Search(), now)(connection)
        if lists != self._lists:
            self._lists = lists
        self._news = news
        return self._lists

    def _announced(
        self, connection: sqlite3.Connection, news: dict[str, int], now: int
    ) -> set[tuple[str, str]] | None:
        """(Kind, id) of what has changed since the last look; None where that is not known."""
        before = self._news
        grown = {name for name in news.keys() | before.keys() if news.get(name) != before.get(name)}
        last, end = before.get("outbox", 0), news.get("outbox", 0)
        if not grown or grown - ANNOUNCED or not 0 < end - last <= MANY:
            return None
        if not 0 <= now - self._read_at < ALL_EVERY:
            return None
        rows = connection.execute(
            "SELECT kind, subject FROM outbox WHERE number > ? AND number <= ?", (last, end)
        ).fetchall()
        if len(rows) != end - last:
            return None  # some are cleared away already
        return {(kind, subject) for kind, subject in rows}

    def _with(self, connection: sqlite3.Connection, changed: set[tuple[str, str]]) -> Lists | None:
        """The lists with what has changed; None where what was behind their ends is needed."""
        before = self._lists
        people = {subject for kind, subject in changed if kind == "user"}
        users, all_users = before.users, before.all_users
        if people:
            all_users = reading.at_risk(connection)
            found = _people(connection, people, before)
            if found is None:
                return None
            users = found
        detections = _detections(connection, (s for k, s in changed if k == "detection"), before)
        new = "SELECT coalesce(max(rowid), ?), count(*) FROM detections WHERE rowid > ?"
        self._counted_to, count = connection.execute(new, (self._counted_to,) * 2).fetchone()
        total = before.all_detections + count
        return Lists(users, all_users, detections, total, total < FEED)


def _people(
    connection: sqlite3.Connection, changed: Iterable[str], before: Lists
) -> tuple[RiskyUser, ...] | None:
    known = {user.id: user for user in before.users}
    more = before.all_users > len(known)
    for user_id in sorted(changed):
        row = connection.execute("SELECT user FROM users WHERE id = ?", (user_id,)).fetchone()
        user = reading.kept_user(row[0]) if row else None
        gone = user is None or not user.risk_state.active
        if more and user_id in known and (gone or user is None or _less(user, known[user_id])):
            return None
        if user is None or gone:
            known.pop(user_id, None)
        else:
            known[user_id] = user
    return tuple(sorted(known.values(), key=queries.most_urgent_first)[:PEOPLE])


def _less(now: RiskyUser, before: RiskyUser) -> bool:
    return queries.most_urgent_first(now) > queries.most_urgent_first(before)


def _detections(
    connection: sqlite3.Connection, changed: Iterable[str], before: Lists
) -> tuple[Detection, ...]:
    known = {one.id: one for one in before.detections}
    for detection_id in sorted(changed):
        row = connection.execute(
            "SELECT detection FROM detections WHERE id = ?", (detection_id,)
        ).fetchone()
        known.pop(detection_id, None)
        if row:
            known[detection_id] = reading.kept(row[0])
    # A repeat is not announced each time; it is the last that was updated.
    newest = max((one.last_updated_date_time for one in known.values()), default=0)
    rows = connection.execute(
        "SELECT detection FROM detections WHERE last_updated_date_time >= ?"
        " ORDER BY last_updated_date_time DESC, detected_date_time DESC, user_id, id"
        " LIMIT ?",
        (newest, FEED),
    )
    for (body,) in rows:
        one = reading.kept(body)
        known[one.id] = one
    latest = sorted(known.values(), key=queries.last_updated_first)[:FEED]
    return tuple(sorted(latest, key=reading.newest_first))
