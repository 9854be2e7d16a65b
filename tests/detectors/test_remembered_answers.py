"""What detectors remember to answer sooner changes no answer."""

from __future__ import annotations

import random

from risktui.detect import MINUTE, Event, Profile
from risktui.detect.examples import (
    HQ,
    LONDON,
    MOBILE,
    NEW_YORK,
    PHONE,
    STRANGER,
    TOKYO,
    laptop,
    reads,
    signs_in,
)
from story import Story, alice, carol, when

PLACES = (TOKYO, TOKYO, TOKYO, HQ, MOBILE, LONDON, NEW_YORK)


def roaming(seed: int, count: int = 250) -> list[Event]:
    """Two people who stay, go and come back, some of whose events arrive late."""
    chance, time, events = random.Random(seed), when("09:00"), list[Event]()
    where = {"alice": TOKYO, "carol": LONDON}
    for _ in range(count):
        time += chance.randrange(1, 25) * MINUTE
        who = chance.choice(("alice", "carol"))
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


def test_travellers_are_told_of_as_if_each_step_were_judged_anew() -> None:
    names = "impossible_travel unlikely_travel new_country"
    for seed in range(2):
        story, anew = (Story(names, alice, carol) for _ in range(2))
        for event in roaming(seed):
            story.tells([event])
            anew.tells([event])
            for row in anew.rows.rows.values():
                for part in row.live.values():
                    if isinstance(part, Profile):
                        part.visiting = part.stays_in = ""
                    elif hasattr(part, "calm"):
                        part.calm = -1
        assert story.detections()
        assert story.as_told() == anew.as_told()
