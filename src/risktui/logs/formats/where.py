"""Turns the location of an Entra record into a `Location`, and knows when it says nothing."""

from __future__ import annotations

from functools import lru_cache

import msgspec

from risktui.logs.formats.fields import bounded, lenient, text
from risktui.model.countries import normalise_country
from risktui.model.events import NOWHERE, Location

CITY_KM = 50.0
COUNTRY_KM = 500.0
"""How far a place may be from the truth when only its country is known (km)."""

_NO_PLACE = frozenset({"", "unknown", "n/a", "none", "null", "-"})


class _Coordinates(msgspec.Struct, rename="camel", gc=False):
    latitude: float | None = None
    longitude: float | None = None


class Place(msgspec.Struct, rename="camel", gc=False):
    """A record's `location`."""

    city: str | None = None
    state: str | None = None
    country_or_region: str | None = None
    geo_coordinates: _Coordinates | str | None = None


def location(place: Place | str | None) -> Location:
    """Where `place` is; a bare text is taken for a country."""
    if place is None:
        return NOWHERE
    if isinstance(place, str):
        place = (
            lenient(Place, place)
            if place.lstrip().startswith("{")
            else Place(country_or_region=place)
        )
    point = place.geo_coordinates
    if not isinstance(point, _Coordinates):
        point = lenient(_Coordinates, point)
    return _location(
        bounded(place.city),
        bounded(place.state),
        bounded(place.country_or_region),
        point.latitude,
        point.longitude,
    )


@lru_cache(16_384)
def _location(
    city: str, state: str, country: str, latitude: float | None, longitude: float | None
) -> Location:
    code = normalise_country(text(country))
    city, state = _name(city), _name(state)
    point = _point(latitude, longitude)
    if point == (0.0, 0.0) and not (city and code):
        point = None  # what is written where nothing is known; nobody lives there
    if not (code or city or state or point):
        return NOWHERE
    return Location(
        country_or_region=code,
        state=state,
        city=city,
        latitude=point[0] if point else None,
        longitude=point[1] if point else None,
        radius_km=CITY_KM if city else COUNTRY_KM,
    )


def _name(value: str) -> str:
    cleaned = text(value)
    return "" if cleaned.casefold() in _NO_PLACE else cleaned


def _point(latitude: float | None, longitude: float | None) -> tuple[float, float] | None:
    if latitude is None or longitude is None:
        return None
    if abs(latitude) > 90 >= abs(longitude):  # some exports swap the two
        latitude, longitude = longitude, latitude
    if not (abs(latitude) <= 90 and abs(longitude) <= 180):  # also refuses NaN
        return None
    return float(latitude), float(longitude)
