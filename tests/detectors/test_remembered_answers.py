"""What detectors remember to answer sooner changes no answer."""

from __future__ import annotations

import random
from typing import Any

import pytest

from risktui.detect import DAY, HOUR, MINUTE, Event, Facts, Profile, SignIn, unusual
from risktui.detect.examples import (
    HOSTING,
    HQ,
    LONDON,
    MOBILE,
    NEW_YORK,
    PHONE,
    STRANGER,
    TOKYO,
    laptop,
    place,
    reads,
    signs_in,
)
from risktui.detect.loader import load
from story import DETECTORS, Story, alice, carol, dave, when

MOSCOW = place("192.0.2.210", (64510, "Moskva Net", "isp"), ("RU", "Moscow", 55.7558, 37.6173))
SEOUL = place("192.0.2.220", (64511, "Hangang Net", "isp"), ("KR", "Seoul", 37.5665, 126.978))
PLACES = (TOKYO, TOKYO, TOKYO, HQ, MOBILE, LONDON, NEW_YORK)


def roaming(seed: int, count: int = 250) -> list[Event]:
    """People who stay, go and come back, one of them new, some of whose events arrive late."""
    chance, time, events = random.Random(seed), when("09:00"), list[Event]()
    where = {"alice": TOKYO, "carol": LONDON, "dave": TOKYO}
    for _ in range(count):
        time += chance.randrange(1, 25) * MINUTE
        who = chance.choice(("alice", "carol", "dave"))
        if chance.random() < 0.15:
            where[who] = chance.choice(PLACES)
        then = time - chance.choice((0, 0, 0, 0, 0, 40)) * MINUTE
        if chance.random() < 0.5:
            events.append(reads(who, where[who], then))
        else:
            client = chance.choice((laptop(who), laptop(who), PHONE, STRANGER))
            code = chance.choice((0, 0, 0, 0, 50074, 50126))
            events.append(signs_in(who, where[who], then, client, error_code=code))
    return events


def arriving() -> list[Event]:
    """A newcomer's impossible journey that is forgotten, and one on which another follows."""
    first, then = when("09:00"), when("2026-03-03 09:00")
    way = [(LONDON, first), (SEOUL, first + 30 * MINUTE)]
    way += [(TOKYO, first + (2 * 60 + n * 11) * MINUTE) for n in range(20)]
    way += [(LONDON, then), *((TOKYO, then + n * 15 * MINUTE) for n in (1, 2, 3))]
    way += [(MOSCOW, then + 10 * HOUR + n * 12 * MINUTE) for n in range(3)]
    return [signs_in("dave", there, time) for there, time in way]


@pytest.mark.parametrize("events", [roaming(0), roaming(1), arriving()])
def test_travellers_are_told_of_as_if_each_step_were_judged_anew(events: list[Event]) -> None:
    names = "impossible_travel unlikely_travel new_country"
    story, anew = (Story(names, alice, carol, dave) for _ in range(2))
    for event in events:
        story.tells([event])
        anew.tells([event])
        for row in anew.rows.rows.values():
            for part in row.live.values():
                if isinstance(part, Profile):
                    part.visiting = part.stays_in = ""
                    odd = [a for a in part.anchors if unusual.may_be_odd(a.activity, part)]
                    assert unusual.odd_ones(part) == odd
                for memory in {"calm", "odd", "left"} & set(getattr(part, "__struct_fields__", ())):
                    setattr(part, memory, -1)
    assert story.outcome.suppressions
    assert story.as_told() == anew.as_told()


def guessing(seed: int, count: int = 400) -> list[SignIn]:
    """Passwords that are found at one address, some not all the way in, and then a spray."""
    chance, time, events = random.Random(seed), when("22:00"), list[SignIn]()
    for _ in range(count):
        time += chance.randrange(1, 12) * MINUTE
        who = f"u{chance.randrange(9)}"
        then = time - chance.choice((0, 0, 0, 0, 0, 40)) * MINUTE
        code = chance.choice((0, 0, 0, 50074, 50126) if seed % 2 else (0, 0, 50126))
        events.append(signs_in(who, HOSTING, then, STRANGER, error_code=code))
    tried = (signs_in(f"v{n}", HOSTING, time, STRANGER, error_code=50126) for n in range(40))
    return [*events, *tried]


def test_found_passwords_are_told_of_as_if_all_that_are_kept_were_looked_at() -> None:
    (tracker,) = load([DETECTORS / "sign_in" / "password_spray.py"], {}).trackers
    for seed in range(4):
        state: Any = tracker.State()
        anew: Any = tracker.State()
        found: list[Any] = []
        for event in guessing(seed):
            anew.stopped = event.time + DAY
            leads, again = (list(tracker.track(event, "ip", s, Facts())) for s in (state, anew))
            found += leads
            assert leads == again
            assert state.hits == anew.hits
        assert any(lead.topic == "passwordSpray" for lead in found)
