from __future__ import annotations

import random

import msgspec
import pytest

from risktui.detect import DAY, MINUTE, Profile
from risktui.detect.examples import LAGOS, PHONE, STRANGER, TOKYO, VPN, at, laptop, signs_in
from risktui.detect.lessons import AT_HAND, Lessons
from risktui.detect.notes import note
from risktui.model.events import activity_of

TIME = at("2026-03-02 09:00")


def copied(profile: Profile) -> Profile:
    return msgspec.msgpack.decode(msgspec.msgpack.encode(profile), type=Profile)


def test_a_run_of_lessons_teaches_what_each_event_by_itself_would() -> None:
    dice = random.Random(5)  # a story, not a secret
    one, other, time = Profile(), Profile(), TIME
    lessons = Lessons(one)
    for number in range(300):
        time += dice.choice([0, -MINUTE, MINUTE, 90 * MINUTE, DAY])
        place, client = (
            dice.choice([TOKYO, TOKYO, LAGOS, VPN]),
            dice.choice([laptop("alice"), PHONE, STRANGER]),
        )
        event = signs_in("alice", place, time, client, session_id=f"s-{number // 9}")
        for profile in (one, other):
            note(profile, event)
        lessons.learn(event)
        other.learn(event)
        match dice.randrange(20):
            case 0:
                for profile in (one, other):
                    profile.forget("country", event.location.country_or_region)
            case 1:  # a verdict was undone
                for profile in (one, other):
                    profile.features = copied(profile).features
            case 2:
                for profile in (one, other):
                    profile.suspect(activity_of(event))
    assert msgspec.msgpack.encode(one) == msgspec.msgpack.encode(other)


def test_a_program_that_was_forgotten_for_others_is_met_anew() -> None:
    one, other = Profile(), Profile()
    lessons = Lessons(one)
    machines = [laptop(f"m{number}") for number in range(40)]  # more than a profile keeps
    for number, client in enumerate([*machines, *machines[:3], machines[39]]):
        event = signs_in("alice", TOKYO, TIME + number * MINUTE, client)
        lessons.learn(event)
        other.learn(event)
    assert msgspec.msgpack.encode(one) == msgspec.msgpack.encode(other)
    assert len(one.recent("device").values) == one.recent("device").limit
    assert one.knew("device", machines[0].device_id, TIME + DAY)


def test_a_program_that_went_for_those_an_operator_called_safe_is_met_anew() -> None:
    one, other = Profile(), Profile()
    lessons, own = Lessons(one), laptop("alice")
    machines = [laptop(f"m{number}") for number in range(40)]  # more than a profile keeps
    for learn, profile in ((lessons.learn, one), (other.learn, other)):
        for time in (TIME, TIME + 1):
            learn(signs_in("alice", TOKYO, time, own))
        for client in machines:
            profile.learn_safe(activity_of(signs_in("alice", TOKYO, TIME + MINUTE, client)))
        learn(signs_in("alice", TOKYO, TIME + DAY, own))
    assert msgspec.msgpack.encode(one) == msgspec.msgpack.encode(other)
    assert own.device_id in one.recent("device")


def test_who_works_in_more_ways_than_are_at_hand_learns_all_of_them() -> None:
    one, other = Profile(), Profile()
    lessons = Lessons(one)
    networks = [
        msgspec.structs.replace(TOKYO.network, asn=64500 + number) for number in range(AT_HAND + 4)
    ]
    places = [msgspec.structs.replace(TOKYO, network=network) for network in networks]
    machines = [laptop(f"m{number}") for number in range(AT_HAND + 4)]
    for number in range(AT_HAND * 3):
        place, client = places[number % len(places)], machines[number % len(machines)]
        for learn in (lessons.learn, other.learn):
            learn(signs_in("alice", place, TIME + number * MINUTE, client))
    assert msgspec.msgpack.encode(one) == msgspec.msgpack.encode(other)
    assert len(one.recent("asn").values) == len(places)


@pytest.mark.parametrize("seed", range(8))
def test_ways_that_nobody_travels_are_met_as_if_all_anchors_were_looked_at(seed: int) -> None:
    dice = random.Random(seed)  # a story, not a secret
    one, other, time = Profile(), Profile(), TIME
    lessons, place = Lessons(one), TOKYO
    for _ in range(400):
        time += dice.choice([0, MINUTE, MINUTE, 4 * MINUTE, 12 * MINUTE, 40 * MINUTE, 300 * MINUTE])
        late = dice.choice([0, 0, 0, 0, 3 * MINUTE, 20 * MINUTE, 600 * MINUTE])
        place = dice.choice([place, place, place, TOKYO, LAGOS, VPN])
        event = signs_in("alice", place, time - late)
        for profile in (one, other):
            note(profile, event)
        if dice.random() < 0.7:  # others are somebody else's, perhaps
            lessons.learn(event)
            other.learn(event)
    assert msgspec.msgpack.encode(one) == msgspec.msgpack.encode(other)
    assert len(one.recent("hop").values) > 1


def test_whoever_comes_back_within_minutes_may_be_elsewhere_unseen() -> None:
    one, other = Profile(), Profile()
    lessons = Lessons(one)
    for place, minute, teaches in (
        (TOKYO, 0, True),
        (LAGOS, 1, True),
        (TOKYO, 2, True),  # the first one's anchor stands for it: the latest is in Lagos
        (LAGOS, 12, False),
        (TOKYO, 9, True),
    ):
        event = signs_in("alice", place, TIME + minute * MINUTE)
        for profile in (one, other):
            note(profile, event)
        if teaches:
            lessons.learn(event)
            other.learn(event)
    assert msgspec.msgpack.encode(one) == msgspec.msgpack.encode(other)
