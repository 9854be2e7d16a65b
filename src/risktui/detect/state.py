"""What observers may remember: plain, bounded, and forgetting by event time."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

import msgspec

from risktui.model.written_often import written_often

SECOND = 1_000
MINUTE = 60 * SECOND
HOUR = 60 * MINUTE
DAY = 24 * HOUR
"""Lengths of time in milliseconds."""

HALF_LIFE = 30 * DAY
"""Counts lose half their weight in this time (docs/detectors.md)."""

NEVER = -(2**40)
"""The number of a day before all others."""

FORGET_DAYS = 60
"""Days after which a full set of people forgets those it has not met."""


class KeyedState(msgspec.Struct, array_like=True, kw_only=True):
    """Base of every observer's state: one small object for each key."""

    last: int = 0
    """Event time of the last touch (ms); kept by the engine, older than `ttl` means forgotten."""


class Window(msgspec.Struct, frozen=True):
    """A stretch of time in the settings: planned work, a test of the red team."""

    begin: datetime
    """With its offset, as TOML writes it: `2026-03-01T20:00:00Z`."""
    end: datetime

    def covers(self, time: int) -> bool:
        """Whether `time` (ms) lies in it."""
        return self.begin.timestamp() * 1000 <= time <= self.end.timestamp() * 1000


@written_often
class Seen(msgspec.Struct, array_like=True, gc=False):
    """How often and when one value was met."""

    count: float
    """Exponentially decayed, as of `last`."""
    first: int
    last: int
    days: int
    """Distinct UTC days."""

    def weight(self, time: int) -> float:
        """The count as it stands at `time` (ms)."""
        age = time - self.last
        return self.count if age <= 0 else self.count * 2.0 ** (-age / HALF_LIFE)

    def meet(self, time: int, count: float = 1.0, days: int = 1) -> None:
        """Met once more, at `time`."""
        last, day = self.last, time // DAY
        if day != last // DAY and day != self.first // DAY:
            self.days += 1
        elif days > 1:
            self.days = max(self.days, days)
        if time > last:  # as `weight` has it
            self.count = self.count * 2.0 ** ((last - time) / HALF_LIFE) + count
            self.last = time
            return
        self.count += count
        self.first = min(self.first, time)


class Recent(msgspec.Struct, array_like=True, gc=False):
    """Values and when they were met, bounded: the one met longest ago is forgotten first."""

    limit: int
    values: dict[str, Seen] = {}

    def __contains__(self, value: object) -> bool:
        return value in self.values

    def __iter__(self) -> Iterator[str]:
        """Values in a stable order: most recently met first, ties by name."""
        return iter(sorted(self.values, key=lambda value: (-self.values[value].last, value)))

    def get(self, value: str) -> Seen | None:
        """What is known of `value`."""
        return self.values.get(value)

    def familiarity(self, value: str, time: int) -> float:
        """0 for unknown to 1 for met on two days or more; 0 again once its count has decayed."""
        seen = self.values.get(value)
        if seen is None:
            return 0.0
        fresh = seen.count >= 1.0 and time - seen.last <= HALF_LIFE
        if not fresh and seen.weight(time) < 0.5:
            return 0.0
        return 1.0 if seen.days >= 2 else seen.days / 2

    def familiar(self, value: str, time: int) -> bool:
        """Whether familiarity reaches one half (docs/detectors.md)."""
        return self.familiarity(value, time) >= 0.5

    def add(self, value: str, time: int, count: float = 1.0, days: int = 1) -> None:
        """Meet `value` at `time`; late events count too but do not turn the clock back."""
        seen = self.values.get(value)
        if seen is not None:
            seen.meet(time, count, days)
            return
        self.put(value, Seen(count, time, time, days))

    def put(self, value: str, seen: Seen) -> bool:
        """Keep what was `seen` of a new `value`; whether one is forgotten for it."""
        self.values[value] = seen
        if len(self.values) <= self.limit:
            return False
        self._forget_one()
        return True

    def _forget_one(self) -> None:
        """The one met longest ago; of several the first by name."""
        longest = min([seen.last for seen in self.values.values()])
        del self.values[min([v for v, seen in self.values.items() if seen.last == longest])]

    def forget(self, value: str) -> None:
        """Unlearn `value`."""
        self.values.pop(value, None)


@written_often
class Users(msgspec.Struct, array_like=True):
    """Who was met and on which day last, bounded; counts people without double counting."""

    limit: int
    """Once so many are known, newcomers are left out until old ones are forgotten."""
    last_day: dict[str, int] = {}
    on_day: dict[int, int] = {}
    """How many people were met last on each day: what makes counting cheap."""
    since: int = 0
    """The oldest day that was asked for last."""
    known: int = 0
    """How many were met on it or later: what makes counting again cheaper still."""
    swept: int = NEVER
    """The oldest day of those who were kept when room was made last: once a day is enough."""

    def add(self, user: str, time: int) -> None:
        """Meet `user`."""
        day = time // DAY
        before = self.last_day.get(user)
        if before is None:
            if len(self.last_day) >= self.limit:
                if day - FORGET_DAYS <= self.swept:
                    return
                self.swept = day - FORGET_DAYS
                self._forget(self.swept)
                if len(self.last_day) >= self.limit:
                    return
        elif before >= day:
            return
        else:
            self._leave(before)
        self.last_day[user] = day
        self.on_day[day] = self.on_day.get(day, 0) + 1
        if day >= self.since:
            self.known += 1

    def has_room(self, day: int) -> bool:
        """Whether a newcomer might be added on `day`."""
        return len(self.last_day) < self.limit or self.swept < day - FORGET_DAYS

    def count(self, time: int, *, days: int, without: str = "") -> int:
        """How many were met in the `days` before `time`, not counting `without`."""
        oldest = time // DAY - days
        return self.since_day(oldest) - (self.last_day.get(without, NEVER) >= oldest)

    def since_day(self, oldest: int) -> int:
        """How many were met on the day numbered `oldest` or later."""
        if oldest != self.since:
            self._ask_since(oldest)
        return self.known

    def _ask_since(self, oldest: int) -> None:
        self.since = oldest
        self.known = sum([n for day, n in self.on_day.items() if day >= oldest])

    def _leave(self, day: int) -> None:
        if day >= self.since:
            self.known -= 1
        left = self.on_day[day] - 1
        if left:
            self.on_day[day] = left
        else:
            del self.on_day[day]

    def _forget(self, oldest: int) -> None:
        """Make room; looks at everybody only if there is somebody to forget."""
        if min(self.on_day) < oldest:
            self.last_day = {user: day for user, day in self.last_day.items() if day >= oldest}
            self.on_day = {day: n for day, n in self.on_day.items() if day >= oldest}
            self._ask_since(self.since)


@written_often
class Regulars(msgspec.Struct, array_like=True):
    """`Users` for whom meeting is everyday's and counting is rare: only their days are kept."""

    limit: int
    last_day: dict[str, int] = {}
    swept: int = NEVER
    """The day on which those who have not been met for long were forgotten last."""

    def add(self, user: str, day: int) -> None:
        """Meet `user` on a day."""
        known = self.last_day
        before = known.get(user)
        if before is None:
            if len(known) >= self.limit and not self._make_room(day):
                return
        elif before >= day:
            return
        known[user] = day

    def count(self, time: int, *, days: int) -> int:
        """How many were met in the `days` before `time` (ms)."""
        oldest = time // DAY - days
        return sum([day >= oldest for day in self.last_day.values()])

    def _make_room(self, day: int) -> bool:
        """Forget whom it can, once a day, and say whether there is room for one more."""
        if day <= self.swept:
            return False
        self.swept, oldest = day, day - FORGET_DAYS
        self.last_day = {user: last for user, last in self.last_day.items() if last >= oldest}
        return len(self.last_day) < self.limit
