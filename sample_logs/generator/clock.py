"""The month the sample logs tell of, and time as Entra writes it."""

from __future__ import annotations

import datetime as dt

FIRST_DAY = dt.date(2026, 2, 2)  # a Monday
TODAY = dt.date(2026, 3, 3)  # a Tuesday: the day a demo replays
TICKS = 10_000_000  # per second; Entra writes seven digits of it
MINUTE = 60 * TICKS
HOUR = 60 * MINUTE
DAY = 24 * HOUR

_EPOCH = dt.date(1970, 1, 1)


def midnight(day: dt.date) -> int:
    """The first tick (100 ns since 1970) of `day`, UTC."""
    return (day - _EPOCH).days * DAY


def at(day: dt.date, clock: str, zone: int = 0) -> int:
    """The tick when a clock `zone` hours east of Greenwich shows `HH:MM` or `HH:MM:SS`."""
    hours, minutes, seconds = (*(int(part) for part in clock.split(":")), 0)[:3]
    return midnight(day) + (hours - zone) * HOUR + minutes * MINUTE + seconds * TICKS


def day_of(ticks: int) -> dt.date:
    """The UTC day of `ticks`."""
    return _EPOCH + dt.timedelta(days=ticks // DAY)


def iso(ticks: int, zone: str = "Z") -> str:
    """`ticks` as Entra writes them: `2026-03-03T00:12:31.4449614Z`."""
    moment = dt.datetime.fromtimestamp(ticks // TICKS, dt.UTC)
    return f"{moment:%Y-%m-%dT%H:%M:%S}.{ticks % TICKS:07d}{zone}"


def every_day() -> list[dt.date]:
    """All days, and the one after: its early morning in Tokyo is still today in UTC."""
    return [FIRST_DAY + dt.timedelta(days=n) for n in range((TODAY - FIRST_DAY).days + 2)]
