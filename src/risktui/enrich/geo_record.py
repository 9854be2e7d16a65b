"""Reads what one address has in a geo database, whoever made the database.

Understands the records of GeoIP2 and GeoLite2 (City, Country, Enterprise, ASN, Anonymous-IP,
Connection-Type), of DB-IP, and the flat ones of ip-location-db.
"""

from __future__ import annotations

from collections.abc import Mapping

import msgspec

from risktui.model.countries import normalise_country
from risktui.model.events import NOWHERE, Location

CITY_RADIUS_KM = 50.0
"""Assumed where a database gives no accuracy radius and names a city."""

COUNTRY_RADIUS_KM = 500.0
"""Assumed where a database gives no accuracy radius and knows the country only."""

FLAGS = {
    "is_tor_exit_node": "tor",
    "is_anonymous_vpn": "vpn",
    "is_public_proxy": "proxy",
    "is_residential_proxy": "residential",
}
"""GeoIP2 Anonymous-IP, -Plus and the `traits` of Enterprise, in the words of our intel lists."""


class Place(msgspec.Struct, frozen=True, gc=False):
    """What geo databases say about an address."""

    location: Location = NOWHERE
    asn: int = 0
    organisation: str = ""
    kind: str = ""
    """hosting or mobile where the database says so; else ""."""
    tags: tuple[str, ...] = ()
    """tor, vpn, proxy, residential: sorted."""
    feed: str = ""
    """The database that gave the tags: `name@build date`."""
    confidence: int | None = None
    """How sure it is of them, 1 to 99; None where it does not say."""


NO_PLACE = Place()


def place_of(record: object, feed: str = "") -> Place:
    """What `record` says; NO_PLACE for a record that says nothing we know."""
    fields = _fields(record)
    if not fields:
        return NO_PLACE
    traits = {**_fields(fields.get("traits")), **fields}
    tags = tuple(sorted(tag for flag, tag in FLAGS.items() if traits.get(flag) is True))
    return Place(
        location=_location(fields),
        asn=_whole(traits.get("autonomous_system_number")),
        organisation=_text(traits.get("autonomous_system_organization")),
        kind=_kind(traits),
        tags=tags,
        feed=feed if tags else "",
        confidence=_whole(traits.get("anonymizer_confidence")) or None if tags else None,
    )


def _location(fields: Mapping[str, object]) -> Location:
    country = normalise_country(_fields(fields.get("country")).get("iso_code"))
    country = country or normalise_country(fields.get("country_code"))
    city = _name(fields.get("city"))
    subdivisions = fields.get("subdivisions")
    first = subdivisions[0] if isinstance(subdivisions, list) and subdivisions else None
    point = _fields(fields.get("location")) or fields
    latitude = _degrees(point.get("latitude"), 90)
    longitude = _degrees(point.get("longitude"), 180)
    if latitude is None or longitude is None or (latitude == longitude == 0 and not city):
        latitude = longitude = None
    if not country and latitude is None:
        return NOWHERE
    radius = _degrees(point.get("accuracy_radius"), 20_000)
    return Location(
        country_or_region=country,
        state=_name(first) or _text(fields.get("state1")),
        city=city,
        latitude=latitude,
        longitude=longitude,
        radius_km=radius or (CITY_RADIUS_KM if city else COUNTRY_RADIUS_KM),
    )


def _kind(traits: Mapping[str, object]) -> str:
    if traits.get("is_hosting_provider") is True:
        return "hosting"
    return "mobile" if traits.get("connection_type") == "Cellular" else ""


def _fields(value: object) -> dict[str, object]:
    return value if isinstance(value, dict) else {}


def _name(value: object) -> str:
    """The English name in a GeoIP2 `{"names": {"en": …}}`, or a flat text as it is."""
    names = _fields(_fields(value).get("names"))
    return _text(value) or _text(names.get("en")) or _text(next(iter(names.values()), ""))


def _text(value: object) -> str:
    return value if isinstance(value, str) else ""


def _whole(value: object) -> int:
    return value if isinstance(value, int) and not isinstance(value, bool) else 0


def _degrees(value: object, limit: float) -> float | None:
    """`value` as a number within ±`limit`, or None; some databases write numbers as text."""
    try:
        number = float(value) if isinstance(value, (int, float, str)) else None
    except ValueError:
        return None
    return number if number is not None and -limit <= number <= limit else None
