"""Where somebody was, one place after the other."""

from __future__ import annotations

import pytest

from console.people import AMSTERDAM, LAGOS, PARIS, SEATTLE, sign_in
from risktui.console.hops import Hop, Stop, hops_of, numbers_of, stops_of
from risktui.detect.learning import Profile
from risktui.detect.travel import Trip, least_km
from risktui.detect.whereabouts import Anchor
from risktui.model.events import Activity, Location

HOUR = 3_600_000


def at(hour: float, place: Location) -> Activity:
    return sign_in(f"e{hour}", "carol", int(hour * HOUR), "203.0.113.9", place)


def known(*activities: Activity) -> Profile:
    return Profile(anchors=[Anchor(activity) for activity in activities])


def test_activity_at_one_place_is_one_stop() -> None:
    stops = stops_of(known(at(1, PARIS), at(2, PARIS), at(9, LAGOS), at(30, PARIS)), [])
    assert [stop.location.city for stop in stops] == ["Paris", "Lagos", "Paris"]
    assert (stops[0].first, stops[0].last) == (HOUR, 2 * HOUR)


def test_who_comes_back_is_at_the_same_place() -> None:
    way = known(at(1, PARIS), at(9, LAGOS), at(30, PARIS), at(50, SEATTLE), at(70, LAGOS))
    assert numbers_of(stops_of(way, [])) == [1, 2, 1, 3, 2]


def test_a_hop_counts_from_when_the_place_was_left() -> None:
    (hop,) = hops_of(stops_of(known(at(1, PARIS), at(2, PARIS), at(3, LAGOS)), []))
    assert hop.milliseconds == HOUR
    assert 4_600 < hop.km < 4_800
    assert hop.impossible


def test_what_an_airliner_can_do_is_possible() -> None:
    (hop,) = hops_of(stops_of(known(at(1, PARIS), at(9, LAGOS)), []))
    assert not hop.impossible
    assert 570 < hop.kmh < 600


def test_two_places_that_may_be_one_prove_nothing() -> None:
    near, far = Location("FR", "", "A", 48.0, 2.0, 500.0), Location("FR", "", "B", 50.0, 2.0, 500.0)
    hop = Hop(Stop(at(0, near), at(0, near)), Stop(at(0, far), at(0, far)))
    assert not hop.impossible
    assert hop.km == hop.kmh == 0


def test_a_hop_is_as_long_and_as_fast_as_detectors_of_travel_say() -> None:
    rough = Location("NG", "", "Lagos", 6.45, 3.4, 100.0)
    for minutes in (0, 40, 600):
        start, end = at(1, PARIS), at(1 + minutes / 60, rough)
        (hop,) = hops_of(stops_of(known(start, end), []))
        trip = Trip(
            end,
            start,
            odd_shared=False,
            known_shared=False,
            km=least_km(start, end),
            time=minutes * 60_000,
        )
        assert hop.km == trip.km
        assert hop.kmh == pytest.approx(trip.kmh)


def test_places_without_coordinates_are_left_out() -> None:
    assert not stops_of(known(at(1, Location("NG", "", "", None, None))), [])
    assert not stops_of(None, [])


def test_only_the_latest_have_a_digit() -> None:
    many = [at(n, SEATTLE if n % 2 else AMSTERDAM) for n in range(14)]
    assert len(stops_of(known(*many), [])) == 9
