"""All detectors of sign-ins together, on weeks in which nothing bad happens, and on one attack."""

from __future__ import annotations

import random
from functools import lru_cache

from risktui.detect import DAY, HOUR, MINUTE, Client, Event, SignIn
from risktui.detect.examples import (
    HOSTING,
    HQ,
    LONDON,
    MOBILE,
    NEW_YORK,
    PARIS,
    PHONE,
    STRANGER,
    TOKYO,
    TOR,
    VPN,
    Place,
    at,
    laptop,
    place,
    reads,
    signs_in,
)
from story import DETECTORS, Person, Story, neighbour

FOLDERS = ("extra", "sign_in")
ALL = " ".join(
    path.stem for folder in FOLDERS for path in sorted((DETECTORS / folder).glob("*.py"))
)
FIVE = "anonymized_ip_address impossible_travel new_country password_spray unfamiliar_features"
BEGIN = at("2026-01-05 00:00")
DAYS = 42
HUB = place("198.51.100.200", (64532, "Rhine Mobile", "mobile"), ("DE", "Bonn", 50.7, 7.1))
TOKYO_OFFICE = [f"tokyo{n}" for n in range(14)]
LONDON_OFFICE = [f"london{n}" for n in range(8)]


def _home(who: str, day: int) -> Place:
    """Own provider of one's city, another lease every week."""
    number = sum(map(ord, who)) % 40
    city, asn = (TOKYO, 64600) if who in TOKYO_OFFICE else (LONDON, 64620)
    prefix = f"100.{64 + number}.{day // 7}.0/24"
    spot = neighbour(city, number, asn=asn + number % 5, prefix=prefix)
    return Place(f"100.{64 + number}.{day // 7}.9", spot.location, spot.network)


def _day(who: str, day: int, chance: random.Random) -> list[Event]:
    """A working day: home, the office or the VPN, the phone, some files, some mistypes."""
    morning = BEGIN + day * DAY + (0 if who in TOKYO_OFFICE else 9) * HOUR
    start = morning + chance.randrange(90) * MINUTE
    office = HQ if who in TOKYO_OFFICE else LONDON
    carrier = HUB if who.endswith("3") else MOBILE if who in TOKYO_OFFICE else LONDON
    events: list[Event] = [signs_in(who, _home(who, day), start)]
    work = VPN if chance.random() < 0.4 else office
    events += [
        signs_in(who, work, start + (20 + attempt) * MINUTE, error_code=50126)
        for attempt in range(chance.choice((0, 0, 0, 1, 2)))
    ]
    events += [
        signs_in(who, work, start + 30 * MINUTE, mfa="claim"),
        signs_in(who, carrier, start + 45 * MINUTE, PHONE, is_interactive=False),
        reads(who, work, start + 50 * MINUTE),
        signs_in(who, _home(who, day), start + 9 * HOUR),
    ]
    return events


def _trip(who: str, day: int) -> list[Event]:
    """Fourteen hours in the air, three days in an office abroad, and back."""
    there = LONDON if who in TOKYO_OFFICE else HQ
    begin = BEGIN + day * DAY
    stay = [
        signs_in(who, there, begin + 16 * HOUR + n * DAY + 8 * HOUR, laptop(who)) for n in range(3)
    ]
    return [signs_in(who, _home(who, day), begin), *stay]


@lru_cache
def ordinary_weeks() -> tuple[Event, ...]:
    chance = random.Random(20260105)
    events: list[Event] = []
    for who in (*TOKYO_OFFICE, *LONDON_OFFICE):
        away = range(20, 25) if who in {"tokyo1", "london1"} else range(0)
        leave = range(10, 38) if who == "tokyo2" else range(0)
        first = 30 if who == "tokyo13" else 0
        for day in range(first, DAYS):
            if day % 7 < 5 and day not in away and day not in leave:
                events += _day(who, day, chance)
        if away:
            events += _trip(who, 20)
    return tuple(sorted({e.id: e for e in events}.values(), key=lambda e: e.order))


def test_six_weeks_of_an_organisation_are_quiet() -> None:
    story = Story(ALL).tells(ordinary_weeks())
    assert not story.detections(), story.as_told()[:4000]


def test_the_same_weeks_with_four_attacks_show_exactly_the_victims() -> None:
    last = BEGIN + (DAYS - 3) * DAY
    sprayed = [
        signs_in(who, HOSTING, last + 3 * HOUR + n * 2 * MINUTE, STRANGER, error_code=50126)
        for n, who in enumerate((*TOKYO_OFFICE[:6], *LONDON_OFFICE[:4]))
    ]
    attacks: list[SignIn] = [
        *sprayed,
        signs_in("tokyo7", HOSTING, last + 4 * HOUR, STRANGER, error_code=50074),
        signs_in("london5", TOR, last + 11 * HOUR, STRANGER),
        signs_in("tokyo9", NEW_YORK, last + 5 * HOUR, STRANGER),
        signs_in("london6", PARIS, last + 20 * HOUR, STRANGER, is_interactive=False),
    ]
    events = sorted((*ordinary_weeks(), *attacks), key=lambda e: e.order)
    story = Story(FIVE).tells(events)
    found: dict[str, set[str]] = {}
    for detection in story.detections():
        name = detection.user_principal_name.partition("@")[0]
        found.setdefault(name, set()).add(detection.risk_event_type)
    assert found == {
        "tokyo7": {"passwordSpray", "unfamiliarFeatures"},
        "london5": {"anonymizedIPAddress", "unfamiliarFeatures", "newCountry"},
        "tokyo9": {"mcasImpossibleTravel", "unfamiliarFeatures", "newCountry"},
        "london6": {"unfamiliarFeatures", "newCountry"},
    }, story.as_told()[:4000]


def test_split_restarted_or_delivered_twice_the_weeks_tell_the_same() -> None:
    attacked = Person("tokyo7", ())
    events = [*ordinary_weeks()[-400:]]
    thief = Client(user_agent="x", browser="x", operating_system="x")
    events += [signs_in(attacked.name, TOR, events[-1].time + MINUTE, thief)]
    plain, torn, twice = Story(ALL), Story(ALL), Story(ALL)
    torn.restarts = True
    plain.tells(events)
    torn.tells(events)
    twice.tells(event for event in events for _ in range(2))
    assert plain.detections()
    assert plain.as_told() == torn.as_told() == twice.as_told()
    assert plain.detections() == torn.detections() == twice.detections()
