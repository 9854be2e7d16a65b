"""Compares the built-in geo database with the full ones it was made from.

    .venv/bin/python benchmarks/enrich_geo_accuracy.py dbip-city-lite.mmdb iptoasn-asn.mmdb

Asks both for random addresses that the full database knows: 20,000 of IPv4, 20,000 of IPv6.
"""

from __future__ import annotations

import random
import sys
from collections.abc import Callable, Iterator
from ipaddress import IPv4Address, IPv6Address
from itertools import islice
from math import asin, cos, radians, sin, sqrt
from pathlib import Path

from risktui.enrich.embedded import embedded_database
from risktui.enrich.places import Places
from risktui.model.events import Location

SAMPLE = 20_000
EARTH_KM = 6371.0088


def main() -> None:
    """Print a table row for IPv4 and one for IPv6."""
    full = Places(city=Path(sys.argv[1]), asn=Path(sys.argv[2]))
    builtin = Places(builtin=embedded_database())
    chance = random.Random(7)
    print("| | country equal | no place | p50 | p95 | p99 | max | within its radius | ASN equal |")
    print("|---|---|---|---|---|---|---|---|---|")
    v4 = islice(known(full, lambda: IPv4Address(chance.getrandbits(32))), SAMPLE)
    print("| IPv4", row(full, builtin, v4))
    v6 = islice(known(full, lambda: routed_v6(chance)), SAMPLE)
    print("| IPv6", row(full, builtin, v6))


def routed_v6(chance: random.Random) -> IPv6Address:
    """An address from the part of IPv6 that registries give out (2001::/16 to 2c00::/12)."""
    first = chance.choice((0x2001, 0x2400, 0x2600, 0x2800, 0x2A00, 0x2C00))
    return IPv6Address((first << 112) + chance.getrandbits(117 if first > 0x2001 else 112))


def known(places: Places, make: Callable[[], IPv4Address | IPv6Address]) -> Iterator[str]:
    """Random addresses that have a point and an announced system."""
    while True:
        address = str(make())
        location, asn, _ = places.locate(address)
        if location.known and asn:
            yield address


def row(full: Places, builtin: Places, addresses: Iterator[str]) -> str:
    """How far the built-in database is from the full one."""
    distances: list[float] = []
    total = country = nowhere = within = system = 0
    for address in addresses:
        total += 1
        truth, asn, _ = full.locate(address)
        found, found_asn, _ = builtin.locate(address)
        country += truth.country_or_region == found.country_or_region
        system += asn == found_asn
        if not found.known:
            nowhere += 1
            continue
        distances.append(kilometres(truth, found))
        within += distances[-1] <= found.radius_km
    distances.sort()
    p50, p95, p99 = (distances[int(len(distances) * share)] for share in (0.5, 0.95, 0.99))
    shares = (100 * part / total for part in (country, nowhere, within, system))
    same, lost, inside, systems = (f"{share:.2f} %" for share in shares)
    return (
        f"| {same} | {lost} | {p50:.1f} km | {p95:.0f} km | {p99:.0f} km | {distances[-1]:.0f} km "
        f"| {inside} | {systems} |"
    )


def kilometres(one: Location, other: Location) -> float:
    """The great-circle distance between two known places."""
    assert one.latitude is not None
    assert one.longitude is not None
    assert other.latitude is not None
    assert other.longitude is not None
    a, b = radians(one.latitude), radians(other.latitude)
    across = radians(other.longitude - one.longitude)
    part = sin((b - a) / 2) ** 2 + cos(a) * cos(b) * sin(across / 2) ** 2
    return 2 * EARTH_KM * asin(sqrt(part))


if __name__ == "__main__":
    main()
