"""Lets event time pass for people to whom nothing happens: once a day, where something may be old.

The day is that of the events, never the wall clock's, so that a replay ages as life did.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Iterator

import msgspec

from risktui.detect.state import DAY
from risktui.model.events import TimePassed
from risktui.model.risk import Outcome, RiskLevel, RiskState
from risktui.risk.rules import Rules

FAR = 30
"""A leap of more days is believed only when several events agree: a clock may be wrong."""
WITNESSES = 3


class Days(msgspec.Struct, array_like=True):
    """Which day it is, by the events."""

    today: int = 0
    witnesses: int = 0
    """Events so far that say it is much later."""

    def turn(self, time: int) -> bool:
        """Whether a day begins with an event at `time` (ms), which is not the first of all."""
        day = time // DAY
        if day <= self.today:
            return False
        if self.today and day - self.today > FAR and self.witnesses < WITNESSES:
            self.witnesses += 1
            return False
        first, self.today, self.witnesses = self.today == 0, day, 0
        return not first


class DayBegun(msgspec.Struct, array_like=True):
    """A day, and whose risk may be old by then, as far as outcomes were heard."""

    begin: int
    """Of the day (ms)."""
    old: int
    """What happened until then is old (ms)."""
    low: dict[str, str]
    """Low detections that nobody has answered since, each with its person."""
    gone: set[str]
    """Deleted people who are at risk still."""

    def heed(self, outcomes: Iterable[Outcome]) -> None:
        """Hear what came of further events, in order."""
        for outcome in outcomes:
            for found in outcome.detections:
                self.low.pop(found.id, None)
                open_ = found.risk_state is RiskState.AT_RISK
                low = found.risk_level is RiskLevel.LOW
                if open_ and low and found.activity_date_time <= self.old:
                    self.low[found.id] = found.user
            for user in outcome.users:
                self.gone.discard(user.id)
                if user.is_deleted and user.risk_state.active:
                    self.gone.add(user.id)

    def events(self) -> Iterator[TimePassed]:
        """What those people are told."""
        for user in sorted({*self.low.values(), *self.gone}):
            id_ = f"day {self.begin // DAY} of {user}"
            yield TimePassed(time=self.begin, id=id_, source="calendar", user_id=user)


class Calendar:
    """Notices that a day has begun, and whose risk may be old by then."""

    def __init__(self, connection: sqlite3.Connection, newest: int) -> None:
        self._connection = connection
        self.days = Days(newest // DAY)

    def may_turn(self, time: int) -> bool:
        """Whether `turn` may have something to say at `time` (ms)."""
        return time // DAY > self.days.today

    def turn(self, time: int, rules: Rules, pending: Iterable[Outcome]) -> DayBegun | None:
        """The day that begins with an event at `time` (ms); None where none does.

        `pending` is what has not been heard to be committed, in order: whatever the database says
        of the same, which hangs on how fast it is written, is passed over.
        """
        if not self.days.turn(time):
            return None
        begin = self.days.today * DAY
        old = begin - rules.low_days * DAY
        day = DayBegun(begin, old, dict(self._stored_low(old)), self._stored_gone())
        day.heed(pending)
        return day

    def _stored_low(self, old: int) -> list[tuple[str, str]]:
        """Low detections that nobody has answered since `old` (ms), each with its person."""
        return self._connection.execute(
            "SELECT id, user_id FROM detections"
            " WHERE risk_state = 'atRisk' AND risk_level = 'low' AND activity_date_time <= ?",
            (old,),
        ).fetchall()

    def _stored_gone(self) -> set[str]:
        """Deleted people who are at risk still."""
        rows = self._connection.execute(
            "SELECT id FROM users WHERE risk_state IN ('atRisk', 'confirmedCompromised')"
            " AND json_extract(CAST(user AS TEXT), '$.isDeleted')"
        )
        return {str(row[0]) for row in rows}
