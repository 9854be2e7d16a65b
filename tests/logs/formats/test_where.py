from __future__ import annotations

import msgspec
import pytest

from risktui.logs.formats.where import Place, location
from risktui.model.events import NOWHERE, Location


def place(text: str) -> Place:
    return msgspec.json.decode(text, type=Place, strict=False)


@pytest.mark.parametrize(
    "text",
    [
        "{}",
        '{"geoCoordinates": {}}',
        '{"city": "", "state": "", "countryOrRegion": "", "geoCoordinates": '
        '{"latitude": 0.0, "longitude": 0.0}}',
        '{"city": "Unknown", "countryOrRegion": "unknown"}',
        '{"geoCoordinates": {"latitude": 200, "longitude": 300}}',
    ],
)
def test_what_says_nothing_is_nowhere(text: str) -> None:
    assert location(place(text)) == NOWHERE


@pytest.mark.parametrize("country", ["US", "us", "USA", "United States"])
def test_countries_get_one_name(country: str) -> None:
    assert location(Place(country_or_region=country)) == Location("US", radius_km=500.0)


def test_a_country_without_a_city_is_only_about_there() -> None:
    text = '{"countryOrRegion": "DE", "geoCoordinates": {"latitude": 51, "longitude": 9}}'
    assert location(place(text)) == Location("DE", "", "", 51.0, 9.0, 500.0)


def test_swapped_coordinates_are_put_right_where_they_cannot_be_meant() -> None:
    text = '{"city": "Perth", "geoCoordinates": {"latitude": 115.86, "longitude": -31.95}}'
    assert location(place(text)) == Location("", "", "Perth", -31.95, 115.86, 50.0)


def test_a_word_is_a_country_and_json_in_a_string_is_a_place() -> None:
    assert location("IL").country_or_region == "IL"
    assert location('{"city": "Azor", "countryOrRegion": "IL"}').city == "Azor"
    assert location(None) is NOWHERE
