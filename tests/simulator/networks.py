"""The internet around a simulated company: who runs which addresses, where, and what lists say.

Addresses are of the ranges for benchmarks and documentation (RFC 2544, 5737, 3849), numbers of
autonomous systems of the private range (RFC 6996). Every seed has another internet.
"""

from __future__ import annotations

import ipaddress
import random
from dataclasses import dataclass, field
from functools import cache

from risktui.model.events import Location, Network
from simulator.geography import City

CITY_KM = 50.0
"""What the reader of sign-ins takes for a city's accuracy (km)."""

QUARTER = 64
"""Addresses of a small network: a quarter of a /24, so that neighbours belong to others."""


@dataclass(frozen=True)
class Provider:
    """A network operator in one city: an ISP, a carrier's hub, a host, an office."""

    name: str
    asn: int
    kind: str
    """isp, mobile, hosting or corp."""
    city: City
    ranges: tuple[str, ...]
    range6: str = ""
    tag: str = ""
    """What an intelligence list calls it: tor, vpn, proxy, residential, actor, bad, aitm."""
    named_location: str = ""
    trusted: bool = False

    def address(self, number: int) -> Origin:
        """One of its addresses; the same number always gives the same one."""
        first, size = _range(self.ranges[number % len(self.ranges)])
        host = 1 + (number // len(self.ranges)) % (size - 2)
        return Origin(str(first + host), self)

    def any_address(self, rng: random.Random) -> Origin:
        """Some address of it."""
        return self.address(rng.randrange(1 << 20))

    def address6(self, home: int, words: int) -> Origin:
        """An address in the network of `home` with a temporary identifier (RFC 8981).

        Some providers give each home a /48, others 256 of them a /56 each of the same one.
        """
        first = int(ipaddress.ip_network(self.range6).network_address)
        shift = 80 if self.asn % 2 else 72
        return Origin(str(ipaddress.ip_address(first + (home % 256 << shift) + words)), self)


@cache
def _range(cidr: str) -> tuple[ipaddress.IPv4Address, int]:
    net = ipaddress.IPv4Network(cidr)
    return net.network_address, net.num_addresses


@dataclass(frozen=True)
class Origin:
    """An address that somebody comes from."""

    address: str
    provider: Provider

    @property
    def location(self) -> Location:
        """Where a record says it is."""
        city = self.provider.city
        return Location(
            city.country, "", city.name, city.latitude, city.longitude, radius_km=CITY_KM
        )

    @property
    def network(self) -> Network:
        """What a record itself says of it; the lists add the rest."""
        provider = self.provider
        return Network(
            asn=provider.asn, named_location=provider.named_location, trusted=provider.trusted
        )


@dataclass
class Internet:
    """Gives out ranges and remembers who has them."""

    rng: random.Random
    providers: list[Provider] = field(default_factory=list)
    _blocks: list[str] = field(default_factory=list)
    _quarters: list[str] = field(default_factory=list)
    _asn: int = 4_200_000_000
    _sixes: int = 0

    def __post_init__(self) -> None:
        blocks = [str(net) for net in ipaddress.ip_network("198.18.0.0/15").subnets(new_prefix=24)]
        self.rng.shuffle(blocks)
        self._blocks = blocks
        self._asn += self.rng.randrange(1_000_000)

    def new_asn(self) -> int:
        """A number that nobody has."""
        self._asn += self.rng.randrange(1, 50)
        return self._asn

    def build(
        self, name: str, kind: str, city: City, blocks: int, *, asn: int = 0, **extra: str | bool
    ) -> Provider:
        """A provider with `blocks` ranges of 256 addresses of its own and an IPv6 /40."""
        ranges = tuple(self._blocks.pop() for _ in range(blocks))
        return self._keep(name, kind, city, ranges, asn=asn, **extra)

    def rent(self, name: str, kind: str, city: City, *, asn: int = 0, **extra: str) -> Provider:
        """A small network, whose neighbours in the /24 belong to others."""
        if not self._quarters:
            net = ipaddress.ip_network(self._blocks.pop())
            self._quarters = [str(quarter) for quarter in net.subnets(new_prefix=26)]
        return self._keep(name, kind, city, (self._quarters.pop(),), asn=asn, **extra)

    def _keep(
        self,
        name: str,
        kind: str,
        city: City,
        ranges: tuple[str, ...],
        *,
        asn: int,
        **extra: str | bool,
    ) -> Provider:
        range6 = ""
        if kind == "isp" and len(ranges) > 1:
            self._sixes += 1
            range6 = f"2001:db8:{self._sixes:x}00::/40"
        made = Provider(
            name,
            asn or self.new_asn(),
            kind,
            city,
            ranges,
            range6,
            tag=str(extra.get("tag", "")),
            named_location=str(extra.get("named_location", "")),
            trusted=bool(extra.get("trusted", False)),
        )
        self.providers.append(made)
        return made
