"""Who is where on which day: offices, homes, trips, holidays and leave."""

from __future__ import annotations

import datetime as dt
import zlib
from dataclasses import dataclass

from sample_logs.generator.clock import FIRST_DAY, TODAY
from sample_logs.generator.networks import (
    HOTEL_LONDON,
    HOTEL_NEW_YORK,
    HOTEL_TOKYO,
    Network,
)
from sample_logs.generator.people import OFFICES, Office, Person


def february(day: int) -> dt.date:
    """A day of the month the sample is about."""
    return dt.date(2026, 2, day)


YESTERDAY = TODAY - dt.timedelta(days=1)
TOMORROW = TODAY + dt.timedelta(days=1)
NEWCOMER_STARTS = YESTERDAY
SNOW_IS_GONE = february(4)
"""Two days of snow at the start: whoever has a VPN stays at home and makes the exit familiar."""
TOM_LEAVES = february(20)
RUBY_LEAVES = february(13)


@dataclass(frozen=True)
class Trip:
    """Days of work in another city; `flying` are the days in the air, without a sign-in."""

    who: str
    city: str
    first: dt.date
    last: dt.date
    hotel: Network
    flying: tuple[dt.date, ...]


TRIPS = (
    # Weekend flights, and in the middle of a week a day in the air each way.
    Trip("kenta", "London", february(9), february(13), HOTEL_LONDON, (february(8), february(15))),
    Trip("daniel", "Tokyo", february(16), february(20), HOTEL_TOKYO, (february(15), february(21))),
    Trip(
        "mika", "New York", february(17), february(19), HOTEL_NEW_YORK, (february(16), february(20))
    ),
    Trip(
        "sophie",
        "New York",
        february(23),
        february(25),
        HOTEL_NEW_YORK,
        (february(22), february(26)),
    ),
)

HOLIDAYS = {
    "Tokyo": {february(11), february(23)},
    "New York": {february(16)},
}

TODAYS_PLANS = {
    "daichi": "home",
    "nao": "office",
    "ren": "office",
    "haruto": "office",
    "emi": "office",
    "yuna": "home",
    "mei": "home",
    "erin": "office",
    "grace": "home",
    "james": "home",
    "noah": "home",
    "mia": "home",
    "chloe": "home",
    "sophie": "office",
    "oliver": "away",  # on leave; whoever signs in is somebody else
    # Their day is written by hand.
    "kenta": "away",
    "sakura": "away",
    "amelia": "away",
    "yui": "away",
    "camille": "away",
}


@dataclass(frozen=True)
class Where:
    """Where somebody works on a day."""

    kind: str
    """office, home, hotel or off (a day without work)."""
    office: Office
    """Whose clock and networks apply."""
    hotel: Network | None = None


def whereabouts(person: Person, day: dt.date) -> Where | None:
    """Where `person` is on `day`; None when nothing at all is heard of them."""
    if not _employed(person, day):
        return None
    trip = next((trip for trip in TRIPS if trip.who == person.key and _around(trip, day)), None)
    if trip:
        return _travelling(trip, day)
    if day.weekday() >= 5 or day in HOLIDAYS.get(person.office.city, set()):
        return Where("off", person.office)
    kind = TODAYS_PLANS.get(person.key, "") if day == TODAY else ""
    kind = kind or _habit(person, day)
    return None if kind == "away" else Where(kind, person.office)


def _employed(person: Person, day: dt.date) -> bool:
    starts = NEWCOMER_STARTS if person.key == "yui" else FIRST_DAY
    ends = {"tom": TOM_LEAVES, "ruby": RUBY_LEAVES}.get(person.key, TOMORROW)
    return starts <= day <= ends


def _around(trip: Trip, day: dt.date) -> bool:
    """Whether `day` belongs to the trip, the weekends and flights around it included."""
    return trip.first - dt.timedelta(days=2) <= day <= trip.last + dt.timedelta(days=2) and (
        trip.first <= day <= trip.last or day.weekday() >= 5 or day in trip.flying
    )


def _travelling(trip: Trip, day: dt.date) -> Where | None:
    if trip.first <= day <= trip.last:
        return Where("hotel", OFFICES[trip.city], trip.hotel)
    return None


def _habit(person: Person, day: dt.date) -> str:
    """Two days a week at home, which ones depends on the person; a day of leave now and then."""
    if person.key == "isla" and february(9) <= day <= february(20):
        return "away"  # two weeks of holidays
    dice = zlib.crc32(f"{person.key}/{day}".encode())
    if dice % 40 == 0 and day.isocalendar().week > 6 and day < YESTERDAY:
        return "away"
    if "remote" in person.habits:
        return "home"
    if "office" in person.habits:
        return "office"
    if "vpn" in person.habits and day < SNOW_IS_GONE:
        return "home"
    first = zlib.crc32(person.key.encode()) % 5
    return "home" if day.weekday() in {first, (first + 2) % 5} else "office"
