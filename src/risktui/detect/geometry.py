"""Distances on the sphere, and which countries share a border."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from functools import lru_cache
from math import asin, cos, radians, sin, sqrt
from typing import NamedTuple

from risktui.model.events import Location

EARTH_KM = 6371.0088
"""Mean radius of the Earth (km)."""

DEGREE_KM = 111.2
"""Of a great circle, rounded up (km)."""

AIRLINER_KMH = 900.0
"""Cruising speed of an airliner; Panther's rule uses the same number."""


@lru_cache(maxsize=16_384)  # places are remembered with their hash: quicker than four numbers
def distance_km(one: Location, other: Location) -> float:
    """Great-circle distance between two known places (km); 0 where either is unknown."""
    latitude, longitude = one.latitude, one.longitude
    to_latitude, to_longitude = other.latitude, other.longitude
    if latitude is None or longitude is None or to_latitude is None or to_longitude is None:
        return 0.0
    south, north = radians(latitude), radians(to_latitude)
    half_east = radians(to_longitude - longitude) / 2
    half_north = (north - south) / 2
    chord = sin(half_north) ** 2 + cos(south) * cos(north) * sin(half_east) ** 2
    return 2 * EARTH_KM * asin(min(1.0, sqrt(chord)))


def surely_within(one: Location, other: Location, km: float) -> bool:
    """Whether two known places are no further apart than `km`, without a sine: for the hot path.

    False says nothing; nobody goes further than along the meridian and then along the equator.
    """
    if one.latitude is None or one.longitude is None:
        return False
    if other.latitude is None or other.longitude is None:
        return False
    degrees = abs(one.latitude - other.latitude) + abs(one.longitude - other.longitude)
    return degrees * DEGREE_KM <= km


class Area(NamedTuple):
    """Where some places are: between two parallels and two meridians (degrees)."""

    south: float
    north: float
    west: float
    east: float
    country: str
    """The one they are all in; "" for several."""

    @property
    def km(self) -> float:
        """Its places are surely no further apart (km)."""
        return (self.north - self.south + self.east - self.west) * DEGREE_KM

    def holds(self, place: Location) -> bool:
        """Whether `place` lies in it, or is not known."""
        latitude, longitude = place.latitude, place.longitude
        if latitude is None or longitude is None:
            return True
        south, north, west, east, country = self
        inside = south <= latitude <= north and west <= longitude <= east
        return inside and country in ("", place.country_or_region)

    def surely_within(self, place: Location, km: float) -> bool:
        """Whether nothing of it is further than `km` from `place`; False says nothing."""
        latitude, longitude = place.latitude, place.longitude
        if latitude is None or longitude is None:
            return False
        south, north, west, east, _ = self
        up, down = north - latitude, latitude - south
        right, left = east - longitude, longitude - west
        tall = up if up > down else down  # noqa: FURB136  # twice as fast, for the hot path
        wide = right if right > left else left  # noqa: FURB136
        return (tall + wide) * DEGREE_KM <= km


def area_of(places: Iterable[Location]) -> Area | None:
    """The least area that holds all known ones among `places`; None where there is none."""
    latitudes: list[float] = []
    longitudes: list[float] = []
    countries: set[str] = set()
    for place in places:
        if place.latitude is not None and place.longitude is not None:
            latitudes.append(place.latitude)
            longitudes.append(place.longitude)
            countries.add(place.country_or_region)
    if not latitudes:
        return None
    country = countries.pop() if len(countries) == 1 else ""
    return Area(min(latitudes), max(latitudes), min(longitudes), max(longitudes), country)


def gap_km(one: Location, other: Location) -> float:
    """The least distance that the accuracy of both places leaves (km), never below 0."""
    return max(0.0, distance_km(one, other) - one.radius_km - other.radius_km)


@lru_cache(maxsize=4096)
def cell_of(place: Location) -> str:
    """The geohash-4 cell of `place`, about 39 x 20 km; "" where it has no point."""
    latitude, longitude = place.latitude, place.longitude
    if latitude is None or longitude is None:
        return ""
    alphabet = "0123456789bcdefghjkmnpqrstuvwxyz"
    south, north, west, east = -90.0, 90.0, -180.0, 180.0
    bits = 0
    for step in range(20):
        if step % 2 == 0:
            middle = (west + east) / 2
            right = longitude >= middle
            west, east = (middle, east) if right else (west, middle)
        else:
            middle = (south + north) / 2
            right = latitude >= middle
            south, north = (middle, north) if right else (south, middle)
        bits = bits << 1 | right
    return "".join(alphabet[bits >> shift & 31] for shift in (15, 10, 5, 0))


def neighbours(one: str, other: str) -> bool:
    """Whether two countries (ISO alpha-2) share a land border or a short crossing."""
    return other in _BORDERS.get(one, ())


# Land borders of ISO 3166 countries, each pair written once, plus crossings so short that people
# commute over them (GB-FR, DK-SE, HK-CN, SG-MY …). Hand-written from general geography.
_TEXT = """
AD ES FR|AE OM SA|AF CN IR PK TJ TM UZ|AL GR ME MK XK|AM AZ GE IR TR|AO CD CG NA ZM
AR BO BR CL PY UY|AT CH CZ DE HU IT LI SI SK|AZ GE IR RU TR|BA HR ME RS|BD IN MM|BE DE FR LU NL
BF BJ CI GH ML NE TG|BG GR MK RO RS TR|BH SA QA|BI CD RW TZ|BJ NE NG TG|BN MY|BO BR CL PE PY
BR CO GF GY PE PY SR UY VE|BT CN IN|BW NA ZA ZM ZW|BY LT LV PL RU UA|BZ GT MX|CA US
CD CF CG RW SS TZ UG ZM|CF CG CM SD SS TD|CG CM GA|CH DE FR IT LI|CI GH GN LR ML|CL PE
CM GA GQ NG TD|CN HK IN KG KP KZ LA MM MN MO NP PK RU TJ VN|CO EC PA PE VE|CR NI PA|CY GR
CZ DE PL SK|DE DK FR LU NL PL|DJ ER ET SO|DK SE|DO HT|DZ EH LY MA ML MR NE TN|EC PE|EE FI LV RU
EG IL LY PS SD|EH MA MR|ER ET SD|ES FR GI MA PT|ET KE SD SO SS|FI NO RU SE|FR GB IT LU MC|GA GQ
GB IE IM JE GG|GE RU TR|GF SR|GH TG|GM SN|GN GW LR ML SL SN|GR MK TR|GT HN MX SV|GW SN|GY SR VE
HK MO|HN NI SV|HR HU ME RS SI|HU RO RS SI SK UA|ID MY PG TL SG|IL JO LB PS SY|IN MM NP PK
IQ IR JO KW SA SY TR|IR PK TM TR|IT SI SM VA MT|JO PS SA SY|KE SO SS TZ UG|KG KZ TJ UZ|KH LA TH VN
KP KR RU|KW SA|KZ RU TM UZ|LA MM TH VN|LB SY|LR SL|LS ZA|LT LV PL RU|LV RU|LY NE SD TD TN|MA MR
MD RO UA|ME RS XK|MK RS XK|ML MR NE SN|MM TH|MN RU|MR SN|MW MZ TZ ZM|MX US|MY SG TH
MZ SZ TZ ZA ZM ZW|NA ZA ZM|NE NG TD|NG TD|NO RU SE|OM SA YE|PL RU SK UA|PR US|QA SA|RO RS UA|RS XK
RU UA|RW TZ UG|SA YE|SD SS TD|SI HR|SK UA|SS UG|SY TR|SZ ZA|TJ UZ|TM UZ|TZ UG ZM|VN LA|ZA ZW|ZM ZW
"""


def _read_borders(text: str) -> dict[str, set[str]]:
    borders: dict[str, set[str]] = defaultdict(set)
    for entry in text.replace("\n", "|").split("|"):
        if entry:
            country, *others = entry.split()
            for other in others:
                borders[country].add(other)
                borders[other].add(country)
    return dict(borders)


_BORDERS = _read_borders(_TEXT)
