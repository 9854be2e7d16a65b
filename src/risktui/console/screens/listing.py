"""The overview's lists as rows, made in the reader's thread, where it holds nobody up."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterator, Sequence
from functools import partial
from typing import TypeVar

import msgspec

from risktui.console import sorting
from risktui.console.marks import age
from risktui.console.memory import Order
from risktui.console.reader import Question
from risktui.console.reading import Lists, found_of, lists, strongest
from risktui.console.screens import rows
from risktui.console.session import Session
from risktui.console.widgets.rows import Column, Row
from risktui.language.choice import chosen
from risktui.model.risk import Detection, RiskyUser
from risktui.store.search import Search

T = TypeVar("T", RiskyUser, Detection)


class Wanted(msgspec.Struct, frozen=True):
    """What a screen wants drawn."""

    looked_at: frozenset[str] = frozenset()
    """People who are under somebody's eyes: nothing about them is new."""
    trend: bool = False
    """Whether there is room for how risks went."""
    before: Search = Search()
    """What was looked for last: its matches are marked, and `n` goes to them."""
    few: bool = False
    """No more than a first screen shows."""
    people_near: range = range(0)
    """Rows of people that are seen, or nearly."""
    feed_near: range = range(0)
    """The same of the feed."""


class Drawn(msgspec.Struct, frozen=True):
    """Lists with their rows and columns."""

    lists: Lists
    people: list[Row]
    feed: list[Row]
    people_columns: tuple[Column, ...]
    feed_columns: tuple[Column, ...]
    snoozed: int = 0
    """People and detections that the filter meets and that are out of sight."""
    reason: Detection | None = None
    """Why the first of them is there: asked for with a first screen, which shows it at once."""


def drawn(session: Session, wanted: Wanted) -> Question[Drawn]:
    """The lists as of now, or of the past moment the console stands at."""
    now, reference, at = session.now(), session.reference(), session.at
    look = session.ascii_only
    memory = session.memory
    live = not (session.search or wanted.few) and at is None
    ask = lists(session.search, reference, at, few=wanted.few)

    def draw(connection: sqlite3.Connection) -> Drawn:
        told = session.latest.read(connection, now) if live else ask(connection)
        found, snoozed = _in_sight(session, told, now)
        session.mask.learn(found.users)
        session.mask.learn(found.detections)
        if wanted.trend:
            session.trends.read(connection)
        people = sorting.people(found.users, memory.people)
        feed = sorting.feed(found.detections, memory.feed)
        first, last = rows.day_around(reference)
        days = any(not first <= one.detected_date_time <= last for one in feed)
        filtered = bool(session.search)
        # Behind a filter every row is a match, and none has to be shown as one.
        before = Search() if filtered else wanted.before

        def marks(one: RiskyUser | Detection, *, new: bool = False) -> rows.Marks:
            match = filtered or _meets(connection, before, reference, one)
            return rows.Marks(new=new, match=match, filtered=filtered, ascii_only=look)

        def person(user: RiskyUser) -> Row:
            new = user.id not in wanted.looked_at and session.is_new(user)
            trend = rows.trend(session.trends.of(user.id)) if wanted.trend else None
            marked, old = marks(user, new=new), age(reference - user.risk_last_updated_date_time)
            return kept.row(
                user,
                (marked, trend, old),
                lambda: rows.person_row(user, reference, marked, trend),
            )

        def found_one(one: Detection) -> Row:
            marked = marks(one)
            return kept.row(one, (marked, first), lambda: rows.feed_row(one, reference, marked))

        kept = session.kept_rows
        look_now = session.mask.on, chosen(), filtered, before, wanted.trend, first
        with kept.turn(look_now, now):
            people_rows = list(_rows(people, wanted.people_near, person, session))
            feed_rows = list(_rows(feed, wanted.feed_near, found_one, session))
        names, found_names = rows.longest_name(people), rows.longest_name_found(feed)
        return Drawn(
            found,
            people_rows,
            feed_rows,
            _titled(rows.people_columns(names, trend=wanted.trend), memory.people, look=look),
            _titled(rows.feed_columns(found_names, days=days), memory.feed, look=look),
            snoozed,
            _reason(connection, people, memory.selected) if wanted.few else None,
        )

    return draw


def _reason(
    connection: sqlite3.Connection, people: Sequence[RiskyUser], selected: str
) -> Detection | None:
    """Why `selected`, or whoever is the first of all, is at risk."""
    ids = [user.id for user in people]
    key = selected if selected in ids else next(iter(ids), "")
    return strongest(key)(connection) if key else None


def _rows(
    things: Sequence[T], near: range, draw: Callable[[T], Row], session: Session
) -> Iterator[Row]:
    """The rows of `things`; those that nobody sees as they were not long ago."""
    kept = session.kept_rows
    for index, one in enumerate(things):
        row = None if kept.all or index in near else kept.same(one)
        if row is None:
            session.keys_first.give_way()
            row = draw(one)
        yield row


def _in_sight(session: Session, found: Lists, now: int) -> tuple[Lists, int]:
    """Without those who were put aside, and how many they are."""
    snoozes = session.snoozes
    if not snoozes or session.at is not None:
        return found, 0
    away = {user.id for user in found.users if snoozes.hides(user, now)}
    people = tuple(user for user in found.users if user.id not in away)
    feed = tuple(
        one for one in found.detections if one.user not in away and not snoozes.hides(one, now)
    )
    alone = sum(1 for one in found.detections if snoozes.hides(one, now))
    return msgspec.structs.replace(found, users=people, detections=feed), len(away) + alone


def _meets(
    connection: sqlite3.Connection, search: Search, now: int, one: RiskyUser | Detection
) -> bool:
    if not search:
        return False
    if isinstance(one, Detection):
        return search.detection(one, now)
    rest = search.left_open(one, now)
    return search.person(one, partial(found_of, connection, one.id, rest), now)


def _titled(columns: tuple[Column, ...], order: Order, *, look: bool) -> tuple[Column, ...]:
    """The column that the order is about says which way, as the terminal can draw it."""
    arrow = ("^" if look else "↑") if order.turned else ("v" if look else "↓")
    title = sorting.COLUMNS.get(order.by, "")
    return tuple(
        msgspec.structs.replace(column, sign=arrow) if column.title == title else column
        for column in columns
    )
