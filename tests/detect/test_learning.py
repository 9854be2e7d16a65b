from __future__ import annotations

import random

import msgspec
import pytest

from risktui.detect import DAY, MINUTE, Facts, Profile, Recent, SignIn, activity_of
from risktui.detect.examples import (
    HOSTING,
    LAGOS,
    PHONE,
    STRANGER,
    TOKYO,
    VPN,
    Place,
    at,
    habits,
    laptop,
    sets_rule,
    signs_in,
)
from risktui.detect.features import LIMITS, features_of
from risktui.detect.moments import Moment
from risktui.detect.notes import note
from risktui.detect.whereabouts import MAX_ANCHORS
from risktui.engine.strangers import strangers

TIME = at("2026-03-02 09:00")


def settled() -> Profile:
    person = Profile()
    for event in habits("alice", TOKYO):
        note(person, event)
        person.learn(event)
    return person


@pytest.mark.parametrize("ask", ["familiar", "knew", "known_before", "familiarity"])
def test_a_habit_asked_for_by_a_wrong_name_is_no_stranger_but_an_error(ask: str) -> None:
    person = settled()
    assert not getattr(person, ask)("hop", "1 2", TIME)
    with pytest.raises(LookupError, match="no habit is called 'application'; there are ip, prefix"):
        getattr(person, ask)("application", "Exchange", TIME)


def test_only_successes_teach() -> None:
    person = Profile()
    person.learn(signs_in("alice", TOKYO, TIME, error_code=50126))
    person.learn(signs_in("alice", TOKYO, TIME, error_code=50074))
    assert not person.familiar("asn", "64500", TIME)
    person.learn(signs_in("alice", TOKYO, TIME))
    assert person.familiar("asn", "64500", TIME)


def test_a_suspect_address_and_session_are_neither_known_nor_learnt() -> None:
    person, event = settled(), signs_in("alice", HOSTING, TIME, STRANGER, session_id="s")
    person.learn(event)
    person.suspect(activity_of(event))
    assert not person.familiar("asn", "64504", TIME)
    assert person.is_suspect(signs_in("alice", HOSTING, TIME + DAY, STRANGER))
    assert person.is_suspect(signs_in("alice", LAGOS, TIME + DAY, session_id="s"))
    person.clear(activity_of(event))
    assert not person.is_suspect(event)


def test_an_address_known_before_does_not_become_suspect() -> None:
    person, event = settled(), signs_in("alice", TOKYO, TIME, STRANGER, session_id="s")
    person.suspect(activity_of(event))
    assert not person.is_suspect(signs_in("alice", TOKYO, TIME + DAY))
    assert person.familiar("ip", TOKYO.ip_address, TIME)


def test_what_is_called_safe_is_familiar_at_once() -> None:
    person, event = settled(), signs_in("alice", LAGOS, TIME, STRANGER)
    person.learn_safe(activity_of(event))
    assert person.familiarity("country", "NG", TIME) == 1.0


def test_a_device_without_id_is_known_by_its_system() -> None:
    person = settled()
    assert person.device_familiarity(signs_in("alice", TOKYO, TIME)) == 1.0
    assert person.device_familiarity(signs_in("alice", TOKYO, TIME, PHONE)) == 0.0
    assert person.device_familiarity(signs_in("alice", TOKYO, TIME, laptop("new"))) == 0.0
    nothing = msgspec.structs.replace(PHONE, operating_system="")
    assert person.device_familiarity(signs_in("alice", TOKYO, TIME, nothing)) is None


def test_an_interrupted_sign_in_is_one_anchor_with_its_success() -> None:
    person, exit_of_many = Profile(), Facts(egress_users=5, egress_days=5)
    note(person, signs_in("alice", TOKYO, TIME, error_code=50074))
    note(person, signs_in("alice", TOKYO, TIME + MINUTE), exit_of_many)
    note(person, signs_in("alice", TOKYO, TIME + 2 * MINUTE))
    assert [(a.activity.result, a.shared) for a in person.anchors] == [("success", True)]


def test_where_somebody_else_set_a_rule_says_nothing_of_where_the_person_is() -> None:
    person = Profile()
    note(person, sets_rule("alice", LAGOS, TIME, initiated_by="admin@contoso.com"))
    assert not person.anchors
    note(person, sets_rule("alice", TOKYO, TIME, initiated_by="alice@contoso.com"))
    assert [anchor.activity.location for anchor in person.anchors] == [TOKYO.location]


def test_anchors_are_in_order_of_time_whatever_the_order_of_arrival() -> None:
    events = [signs_in("alice", VPN, TIME + n * 20 * MINUTE) for n in range(10)]
    random.Random(3).shuffle(events)
    person = Profile()
    for event in events:
        note(person, event)
    times = [anchor.activity.time for anchor in person.anchors]
    assert times == sorted(times)
    assert len(times) == 10


def test_what_is_learnt_is_what_each_value_would_learn_alone() -> None:
    chance, person, alone = random.Random(2), Profile(), dict[str, Recent]()
    for step in range(400):
        time = TIME + step * 47 * MINUTE + chance.randrange(-90, 30) * MINUTE
        place, client = chance.choice((TOKYO, VPN)), chance.choice((laptop("alice"), PHONE))
        event = signs_in("alice", place, time, client)
        person.learn(event)
        for feature, value in features_of(event):
            alone.setdefault(feature, Recent(LIMITS[feature])).add(value, time)
    assert alone["ip"].values
    assert {name: person.features[name] for name in alone} == alone


def test_who_goes_far_away_is_near_again_when_the_journey_is_forgotten() -> None:
    person, stay = settled(), TOKYO.location
    assert person.near(stay, 100.0)
    note(person, signs_in("alice", LAGOS, TIME))
    assert not person.near(stay, 500.0)
    assert not person.at_home(LAGOS.location, 500.0)
    for hour in range(MAX_ANCHORS):
        note(person, signs_in("alice", TOKYO, TIME + (hour + 1) * 60 * MINUTE))
    assert person.near(stay, 100.0)


def test_home_is_where_most_sign_ins_are() -> None:
    person = settled()
    person.learn(signs_in("alice", LAGOS, TIME))
    assert person.home_country(TIME) == "JP"
    assert Profile().home_country(TIME) == ""


def lives(person: Profile, *places: Place, day: int = 0) -> None:
    for minute, place in enumerate(places):
        event = signs_in("alice", place, TIME + day * DAY + minute * 20 * MINUTE)
        note(person, event)
        person.learn(event)


def test_back_and_forth_is_remembered_by_days_and_counts_from_the_next_day_on() -> None:
    person = settled()
    tokyo, lagos = signs_in("alice", TOKYO, TIME), signs_in("alice", LAGOS, TIME + MINUTE)
    lives(person, TOKYO, LAGOS, TOKYO)
    assert person.hops(tokyo, lagos) == 0
    lives(person, LAGOS, TOKYO, day=1)
    later = signs_in("alice", LAGOS, TIME + 2 * DAY)
    assert person.hops(tokyo, later) == person.hops(later, tokyo) == 2


def test_a_session_is_the_persons_in_the_same_program_from_the_next_day_on() -> None:
    person = settled()
    first = signs_in("alice", TOKYO, TIME, PHONE, session_id="s")
    person.learn(first)
    assert not person.had_session(first)
    assert person.had_session(signs_in("alice", LAGOS, TIME + DAY, PHONE, session_id="s"))
    assert not person.had_session(signs_in("alice", LAGOS, TIME + DAY, STRANGER, session_id="s"))
    assert not person.had_session(signs_in("alice", LAGOS, TIME + DAY, PHONE, session_id="t"))
    assert not person.had_session(signs_in("alice", LAGOS, TIME + DAY, PHONE))


def test_a_journey_is_no_back_and_forth() -> None:
    person = settled()
    for day in range(0, 8, 2):
        lives(person, TOKYO, day=day)
        lives(person, LAGOS, day=day + 1)
    assert (
        person.hops(signs_in("alice", TOKYO, TIME), signs_in("alice", LAGOS, TIME + 9 * DAY)) == 0
    )


def test_from_a_place_that_was_not_learnt_nobody_goes_back_and_forth() -> None:
    person = settled()
    for day in range(5):
        note(person, signs_in("alice", LAGOS, TIME + day * DAY, STRANGER))
        lives(person, TOKYO, day=day)
    assert (
        person.hops(signs_in("alice", TOKYO, TIME), signs_in("alice", LAGOS, TIME + 6 * DAY)) == 0
    )


def test_a_profile_of_ten_thousand_strange_sign_ins_is_bounded() -> None:
    person = Profile()
    for event in strangers((SignIn,), 10_000):
        note(person, event)
        person.learn(event)
    assert len(msgspec.msgpack.encode(person)) < 40_000


def test_moments_that_say_the_same_share_their_words() -> None:
    person = settled()
    first, second = person.moments[-2:]
    note(person, signs_in("alice", TOKYO, TIME))
    assert person.moments[-1].text == "signed in to Office 365 from Tokyo"
    assert first.text is second.text


def test_a_moment_that_was_packed_with_its_address_is_still_read() -> None:
    packed = msgspec.msgpack.encode([TIME, "signed in from Tokyo", "e1", "198.18.0.1"])
    assert msgspec.msgpack.decode(packed, type=Moment) == Moment(TIME, "signed in from Tokyo", "e1")


def test_what_was_forgotten_on_the_way_counts_anew() -> None:
    person = settled()
    alike = {name: person.features[name].values for name in ("asn", "country")}
    person.recent("asn").forget("64500")
    for day in (1, 2):
        person.learn(signs_in("alice", TOKYO, TIME + day * DAY))
    counts = {name: max(seen.count for seen in met.values()) for name, met in alike.items()}
    assert counts["asn"] < 2.0 < counts["country"]
