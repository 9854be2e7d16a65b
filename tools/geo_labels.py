"""Decides what the records of the source databases are reduced to: a city per cell, a system."""

from __future__ import annotations

from collections.abc import Iterable
from math import cos, floor, hypot, inf, radians
from typing import NamedTuple, TypeAlias

CELLS_PER_DEGREE = 2
CITY_RADIUS_KM = 50
"""Half the diagonal of a cell at the equator is 39 km, and the sources are not exact either."""

WIDE_RADIUS_KM = 500
"""For a network of which less than half is in the place that stands for it."""


MERGED_KM = 50
"""Neighbouring networks of one system in places closer than this become one network."""

STEPS_PER_DEGREE = 128
"""Coordinates are exact to 0.4 km, and such fractions leave most of a double's bytes zero."""

LONGEST_NAME = 48
"""Some organisations' names are paragraphs."""

Cell: TypeAlias = tuple[str, int | None, int | None]


class City(NamedTuple):
    """A place of the source database; without a point where it knows the country only."""

    country: str
    state: str
    name: str
    latitude: float | None
    longitude: float | None
    country_name: str = ""
    wide: bool = False

    @property
    def cell(self) -> Cell:
        """The country and the square of half a degree that the city is in."""
        if self.latitude is None or self.longitude is None:
            return self.country, None, None
        latitude = floor(self.latitude * CELLS_PER_DEGREE)
        return self.country, latitude, floor(self.longitude * CELLS_PER_DEGREE)


class System(NamedTuple):
    """An autonomous system."""

    number: int
    organisation: str


class Cities:
    """Labels of cities: first every city its own, then the biggest of its cell for all of them."""

    def __init__(self) -> None:
        self._cities = [City("", "", "", None, None)]
        self._labels: dict[City, int] = {self._cities[0]: 0}
        self._biggest: dict[Cell, City] = {}
        self._shares: dict[City | Cell, float] = {}

    def label(self, record: object) -> int:
        """The label of a record of DB-IP City Lite."""
        assert isinstance(record, dict)
        point = record.get("location", {})
        latitude, longitude = point.get("latitude"), point.get("longitude")
        if not latitude and not longitude:
            latitude = longitude = None
        states = record.get("subdivisions") or [{}]
        country = record.get("country", {})
        return self._label(
            City(
                country.get("iso_code", ""),
                english(states[0]),
                english(record.get("city", {})),
                latitude,
                longitude,
                english(country),
            )
        )

    def choose(self, weights: dict[int, float]) -> int:
        """The city with most addresses in the cell with most; wide where that is no majority."""
        cells: dict[Cell, list[int]] = {}
        for label in sorted(weights):
            cells.setdefault(self._cities[label].cell, []).append(label)
        share, labels = max(
            ((sum(weights[label] for label in group), group) for group in cells.values()),
            key=lambda found: found[0],
        )
        city = self._cities[max(labels, key=lambda label: weights[label])]
        divided = share < 0.5 and city.latitude is not None
        return self._label(city._replace(wide=city.wide or divided))

    def settle(self, labels: Iterable[tuple[int, float]]) -> None:
        """Let the city with the biggest share of addresses stand for its cell from now on."""
        for label, share in labels:
            city = self._cities[label]
            self._shares[city] = self._shares.get(city, 0) + share
            self._shares[city.cell] = self._shares.get(city.cell, 0) + share
        for city in sorted(self._labels, key=lambda city: -self._shares.get(city, 0)):
            self._biggest.setdefault(city.cell, city._replace(wide=False))

    def settled(self, label: int) -> int:
        """The label of the city that stands for the cell of `label`."""
        city = self._cities[label]
        biggest = self._biggest[city.cell]
        return self._label(biggest._replace(state="", name="", wide=True) if city.wide else biggest)

    def city(self, label: int) -> City:
        """The city of a label."""
        return self._cities[label]

    def nearby(self, one: int, other: int) -> int | None:
        """The settled label of the bigger of two places that are hardly apart, or None."""
        a, b = self._cities[one], self._cities[other]
        if a.country != b.country or a.wide or b.wide or distance_km(a, b) > MERGED_KM:
            return None
        return max(one, other, key=lambda label: self._shares.get(self._cities[label].cell, 0))

    def _label(self, city: City) -> int:
        if city not in self._labels:
            self._labels[city] = len(self._cities)
            self._cities.append(city)
        return self._labels[city]


class Systems:
    """Labels of autonomous systems."""

    def __init__(self) -> None:
        self._systems = [System(0, "")]
        self._labels: dict[int, int] = {}

    def label(self, record: object) -> int:
        """The label of a record of iptoasn."""
        assert isinstance(record, dict)
        number = record["autonomous_system_number"]
        if number not in self._labels:
            self._labels[number] = len(self._systems)
            self._systems.append(System(number, record["autonomous_system_organization"]))
        return self._labels[number]

    def choose(self, weights: dict[int, float]) -> int:
        """The system with most of the addresses; one that is announced before none."""
        return max(sorted(weights), key=lambda label: (label > 0, weights[label]))

    def system(self, label: int) -> System:
        """The system of a label."""
        return self._systems[label]


class Answers:
    """Labels of a place and a system together: what the database answers."""

    def __init__(self, cities: Cities, systems: Systems) -> None:
        self._cities = cities
        self._systems = systems
        self._pairs = [(0, 0)]
        self._labels = {(0, 0): 0}

    def pair(self, one: int, other: int) -> int:
        """The label of a place, settled for its cell, and a system."""
        return self._label(self._cities.settled(one), other)

    def merged(self, left: int, right: int) -> int | None:
        """One answer for two neighbours of the same system in nearby places."""
        (one, owner), (other, other_owner) = self._pairs[left], self._pairs[right]
        if owner != other_owner:
            return None
        place = self._cities.nearby(one, other)
        return None if place is None else self._label(place, owner)

    def record(self, label: int) -> dict[str, object]:
        """What the database holds for a label."""
        place, owner = self._pairs[label]
        return record_of(self._cities.city(place), self._systems.system(owner))

    def _label(self, place: int, owner: int) -> int:
        key = place, owner
        if key not in self._labels:
            self._labels[key] = len(self._pairs)
            self._pairs.append(key)
        return self._labels[key]


def record_of(city: City, system: System) -> dict[str, object]:
    """The record in the shape of GeoIP2 City, with the system's number and organisation in it."""
    record: dict[str, object] = {}
    if system.number:
        record["autonomous_system_number"] = system.number
        record["autonomous_system_organization"] = system.organisation[:LONGEST_NAME].strip()
    if city.name:
        record["city"] = {"names": {"en": city.name}}
    if city.country:
        record["country"] = {"iso_code": city.country, "names": {"en": city.country_name}}
    if city.latitude is not None and city.longitude is not None:
        record["location"] = {
            "accuracy_radius": WIDE_RADIUS_KM if city.wide else CITY_RADIUS_KM,
            "latitude": round(city.latitude * STEPS_PER_DEGREE) / STEPS_PER_DEGREE,
            "longitude": round(city.longitude * STEPS_PER_DEGREE) / STEPS_PER_DEGREE,
        }
    if city.state:
        record["subdivisions"] = [{"names": {"en": city.state}}]
    return record


def english(record: object) -> str:
    """The English name in a GeoIP2 `{"names": {"en": …}}`."""
    return str(record.get("names", {}).get("en", "")) if isinstance(record, dict) else ""


def distance_km(one: City, other: City) -> float:
    """How far two cities are from each other, on a flat map: good enough nearby."""
    if one.latitude is None or other.latitude is None:
        return inf
    assert one.longitude is not None
    assert other.longitude is not None
    middle = radians((one.latitude + other.latitude) / 2)
    east = (other.longitude - one.longitude) * cos(middle)
    return 111.2 * hypot(east, other.latitude - one.latitude)
