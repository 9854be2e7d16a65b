from __future__ import annotations

import random

import msgspec

from risktui.detect import DAY, MINUTE, Profile
from risktui.detect.examples import LAGOS, PHONE, STRANGER, TOKYO, VPN, at, laptop, signs_in
from risktui.detect.lessons import Lessons
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
            profile.note(event)
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
