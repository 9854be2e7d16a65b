from __future__ import annotations

import random

import pytest

from risktui.detect import DAY, HOUR, MINUTE, Anchor, Profile, SignIn, activity_of, travel
from risktui.detect.examples import (
    HQ,
    LAGOS,
    LONDON,
    MOBILE,
    NEW_YORK,
    PHONE,
    STRANGER,
    TOKYO,
    VPN,
    Place,
    at,
    habits,
    signs_in,
)
from risktui.detect.notes import note
from story import neighbour


def person(*places: Place) -> Profile:
    """Somebody with thirty days of habits at these places."""
    profile = Profile()
    for event in habits("alice", *places):
        note(profile, event)
        profile.learn(event)
    return profile


def trip_of(
    profile: Profile, one: Place, other: Place, *, shared: Place | None = None
) -> travel.Trip:
    """From one place to the other within two hours, on a strange machine there."""
    first, second = (
        Anchor(activity_of(signs_in("alice", place, when, client)), shared=place is shared)
        for place, when, client in (
            (one, "2026-03-02 09:00", None),
            (other, "2026-03-02 11:00", STRANGER),
        )
    )
    km = travel.least_km(first.activity, second.activity)
    return next(travel.trips(profile, second, [(first, km, 2 * HOUR)]))


def test_the_end_that_is_known_less_is_the_odd_one_whichever_was_first() -> None:
    assert trip_of(person(TOKYO), TOKYO, LAGOS).odd.location.city == "Lagos"
    assert trip_of(person(TOKYO), LAGOS, TOKYO).odd.location.city == "Lagos"


def test_the_accuracy_of_both_ends_shortens_the_way() -> None:
    found = trip_of(person(TOKYO), TOKYO, LAGOS)
    assert found.km == pytest.approx(13_429, abs=1)
    assert found.kmh == pytest.approx(6_714, abs=1)
    assert travel.needed(found, 900.0) / HOUR == pytest.approx(14.9, abs=0.1)


def test_a_carrier_may_be_three_hundred_kilometres_away() -> None:
    home, phone = (activity_of(signs_in("a", place, 0, PHONE)) for place in (TOKYO, MOBILE))
    assert travel.least_km(home, phone) == pytest.approx(392 - 20 - 300, abs=1)


def test_relays_and_addresses_without_a_point_are_nowhere() -> None:
    relay = neighbour(LONDON, 50, tags=("relay",))
    assert travel.is_somewhere(signs_in("a", LONDON, 0))
    assert not travel.is_somewhere(signs_in("a", relay, 0))


def test_an_office_is_shared_and_still_a_place_but_a_vpn_is_none() -> None:
    office = trip_of(person(HQ), HQ, LAGOS, shared=HQ)
    assert not travel.m4_exit(office, person(HQ))
    exit_ = trip_of(person(VPN), VPN, LAGOS, shared=VPN)
    assert travel.m4_exit(exit_, person(VPN))


def test_a_providers_range_with_three_colleagues_is_where_it_seems_to_be() -> None:
    found = trip_of(person(LONDON), TOKYO, LAGOS, shared=TOKYO)
    assert not travel.m4_exit(found, person(LONDON))


def test_an_office_visited_on_a_journey_is_a_place_and_a_gateway_is_none() -> None:
    gateway = neighbour(VPN, 220, asn=64571, kind="corp", tags=())
    behind = person(TOKYO)
    for day in (1, 2, 3):
        for place, minute in ((TOKYO, 0), (gateway, 20)):
            event = signs_in("alice", place, f"2026-02-2{day} 09:{minute:02}")
            note(behind, event)
            behind.learn(event)
    found = trip_of(behind, gateway, LAGOS, shared=gateway)
    assert travel.m4_exit(found, behind)  # back and forth every day
    visitor = person(TOKYO)
    assert not travel.m4_exit(trip_of(visitor, gateway, LAGOS, shared=gateway), visitor)


def test_one_trusted_end_says_nothing_of_the_other() -> None:
    found = trip_of(person(HQ), HQ, LAGOS)
    assert not travel.m1_both_trusted(found.odd, found.known)
    assert travel.m1_both_trusted(found.known, found.known)


def test_a_carrier_is_ones_own_by_habit_and_a_strangers_otherwise() -> None:
    strange = trip_of(person(TOKYO), TOKYO, MOBILE)
    assert strange.odd.network == MOBILE.network
    assert not travel.m5_own_carrier(strange, person(TOKYO))
    assert travel.m5_own_carrier(strange, person(TOKYO, MOBILE))


LIMITS = travel.Limits(500.0, 900.0 / HOUR, 24 * HOUR)


def looked_at_each(event: SignIn, anchors: list[Anchor]) -> list[tuple[Anchor, float, int]]:
    """What `travel.too_fast` finds, with a look at every anchor."""
    fast = []
    for anchor in reversed(anchors):
        there, time = anchor.activity, abs(anchor.activity.time - event.time)
        km = travel.least_km(there, event)
        abroad = there.location.country_or_region != event.location.country_or_region
        if abroad and km >= LIMITS.km and time <= DAY and km > LIMITS.speed * max(time, MINUTE):
            fast.append((anchor, km, time))
    return fast


def test_places_in_reach_are_skipped_where_those_before_are_too() -> None:
    chance, found = random.Random(3), 0
    for _ in range(200):
        time, anchors = at("2026-03-02 00:00"), list[Anchor]()
        for _ in range(16):
            time += chance.randrange(1, 120) * MINUTE
            where = chance.choice((TOKYO, TOKYO, LONDON, NEW_YORK, LAGOS, MOBILE))
            anchors.append(Anchor(activity_of(signs_in("alice", where, time))))
        then = time + chance.choice((0, 30, 300, -600, -1200)) * MINUTE
        event = signs_in("alice", chance.choice((TOKYO, LONDON)), then)
        fast = looked_at_each(event, anchors)
        found += bool(fast)
        assert travel.too_fast(event, anchors, LIMITS, only_one=False) == fast
        assert travel.too_fast(event, anchors, LIMITS, only_one=True) == fast[:1]
    assert 20 < found < 200


@pytest.mark.parametrize("kind", ["isp", "mobile"])
def test_the_rest_of_an_interrupted_sign_in_may_be_later_than_what_stands_behind(kind: str) -> None:
    begin, later = at("2026-03-02 00:00"), neighbour(LONDON, 9, kind=kind)
    ends = ((LONDON, 10), (later, 1))
    anchors = [Anchor(activity_of(signs_in("alice", p, begin + m * MINUTE))) for p, m in ends]
    told = set()
    for minutes in range(9 * 60, 11 * 60):
        event = signs_in("alice", TOKYO, begin + minutes * MINUTE)
        fast = looked_at_each(event, anchors)
        told.add(len(fast))
        assert travel.too_fast(event, anchors, LIMITS, only_one=False) == fast
    assert told == {0, 1, 2}
