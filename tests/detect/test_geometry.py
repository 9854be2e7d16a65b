from __future__ import annotations

import random

import pytest

from risktui.detect import Location, cell_of, distance_km, gap_km, neighbours, surely_within
from risktui.detect.examples import LAGOS, LONDON, PARIS, TOKYO
from risktui.detect.geometry import area_of

FIJI, APIA = Location("FJ", "", "", -18.1416, 178.4419), Location("WS", "", "", -13.8333, -171.7667)


@pytest.mark.parametrize(
    ("one", "other", "km"),
    [
        (TOKYO.location, LONDON.location, 9559),
        (TOKYO.location, LAGOS.location, 13469),
        (LONDON.location, PARIS.location, 344),
        (FIJI, APIA, 1151),
        (Location("", "", "", 90.0, 0.0), Location("", "", "", 90.0, 120.0), 0),
        (Location("", "", "", -90.0, 0.0), Location("", "", "", 90.0, 0.0), 20015),
    ],
)
def test_distances_are_those_of_the_great_circle(one: Location, other: Location, km: int) -> None:
    assert round(distance_km(one, other)) == km
    assert distance_km(one, other) == distance_km(other, one)


def test_what_accuracy_leaves_open_is_taken_off_and_never_less_than_nothing() -> None:
    assert round(gap_km(TOKYO.location, LONDON.location)) == 9559 - 40
    assert gap_km(TOKYO.location, TOKYO.location) == 0


def test_what_is_surely_near_is_near_and_what_is_near_mostly_is_surely() -> None:
    chance = random.Random(7)
    for _ in range(2_000):
        one = Location("", "", "", chance.uniform(-90, 90), chance.uniform(-180, 180))
        north, east = chance.uniform(-9, 9), chance.uniform(-9, 9)
        other = Location("", "", "", (one.latitude or 0) + north, (one.longitude or 0) + east)
        if surely_within(one, other, 500.0):
            assert distance_km(one, other) <= 500.0
    assert surely_within(LONDON.location, PARIS.location, 600.0)
    assert not surely_within(FIJI, APIA, 2_000.0)  # it may be near; this way does not know
    assert not surely_within(Location(), PARIS.location, 600.0)


def test_of_what_is_surely_near_an_area_everything_is_near() -> None:
    chance = random.Random(11)
    for _ in range(400):
        north, east = chance.uniform(-80, 80), chance.uniform(-170, 170)
        *places, here = (
            Location("", "", "", north + chance.uniform(-3, 3), east + chance.uniform(-3, 3))
            for _ in range(5)
        )
        area = area_of([*places, Location()])
        assert area is not None
        assert all(area.holds(place) for place in places)
        if area.surely_within(here, 500.0):
            assert all(distance_km(place, here) <= 500.0 for place in places)
    home = area_of([LONDON.location, PARIS.location])
    assert home is not None
    assert home.surely_within(LONDON.location, 600.0)
    assert not home.surely_within(Location(), 600.0)
    assert not home.holds(TOKYO.location)
    assert area_of([Location()]) is None


def test_an_unknown_place_is_at_no_distance_and_in_no_cell() -> None:
    assert distance_km(Location(), TOKYO.location) == 0
    assert cell_of(Location()) == ""


def test_a_cell_is_a_geohash() -> None:
    assert cell_of(TOKYO.location) == "xn76"
    assert cell_of(Location("GB", "", "", 51.5074, -0.1278)) == "gcpv"


def test_borders_are_known_from_both_sides() -> None:
    for one, other in (("FR", "BE"), ("US", "CA"), ("GB", "FR"), ("MY", "SG")):
        assert neighbours(one, other)
        assert neighbours(other, one)
    assert not neighbours("JP", "GB")
