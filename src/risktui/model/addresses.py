"""Turns what logs write into IP addresses, and addresses into the network they are in."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Mapping
from functools import lru_cache
from ipaddress import (
    IPv4Address,
    IPv4Network,
    IPv6Address,
    IPv6Network,
    ip_address,
    ip_network,
)
from typing import TypeAlias

Address: TypeAlias = IPv4Address | IPv6Address

LONGEST = 80
"""No address with brackets, zone and port is longer; what is longer is not worth a cache line."""

PRIVATE = tuple(
    ip_network(text)
    for text in (
        "0.0.0.0/8",  # "this network", RFC 791
        "10.0.0.0/8",  # RFC 1918
        "100.64.0.0/10",  # carrier-grade NAT, RFC 6598
        "127.0.0.0/8",  # loopback
        "169.254.0.0/16",  # link-local
        "172.16.0.0/12",  # RFC 1918
        "192.168.0.0/16",  # RFC 1918
        "224.0.0.0/3",  # multicast and the never assigned rest
        "::/127",  # unspecified and loopback
        "fc00::/7",  # unique local
        "fe80::/10",  # link-local
        "ff00::/8",  # multicast
    )
)
"""Addresses that say nothing about where their user is, because anybody can use them."""

DOCUMENTATION = tuple(
    ip_network(text)
    for text in ("192.0.2.0/24", "198.51.100.0/24", "203.0.113.0/24", "2001:db8::/32", "3fff::/20")
)
"""Ranges for examples (RFC 5737, 3849, 9637): nobody has them, demonstrations and tests do."""

Ranges: TypeAlias = Mapping[int, tuple[list[int], list[int]]]
"""By version the first numbers of networks, in order, and the last of each."""


def _ranges(networks: Iterable[IPv4Network | IPv6Network]) -> Ranges:
    ends = sorted(
        (each.version, int(each.network_address), int(each.broadcast_address)) for each in networks
    )
    return {
        version: (
            [low for v, low, _ in ends if v == version],
            [high for v, _, high in ends if v == version],
        )
        for version in (4, 6)
    }


_PRIVATE, _DOCUMENTATION = _ranges(PRIVATE), _ranges(DOCUMENTATION)


def canonical_address(text: object) -> str:
    """The address in `text` without port, brackets and zone, or "" where there is none.

    An IPv4 address inside IPv6 (`::ffff:1.2.3.4`) becomes IPv4. Host names, placeholders, octets
    with leading zeros and the unspecified address (0.0.0.0, ::) are no addresses.
    """
    if not isinstance(text, str) or not text or len(text) > LONGEST:
        return ""
    return _canonical(text)


@lru_cache(maxsize=65536)
def prefix_of(address: str) -> str:
    """The /24 (IPv4) or /48 (IPv6) that a canonical `address` is in; "" for ""."""
    parsed = parse_address(address)
    if parsed is None:
        return ""
    if parsed.version == 4:
        return f"{address.rpartition('.')[0]}.0/24"
    return str(ip_network(f"{parsed}/48", strict=False))


@lru_cache(maxsize=65536)
def is_private(address: str) -> bool:
    """Whether `address` belongs to a network of its own: RFC 1918, loopback, CGNAT and the like."""
    parsed = parse_address(address)
    return parsed is not None and _holds(_PRIVATE, parsed)


@lru_cache(maxsize=65536)
def is_documentation(address: str) -> bool:
    """Whether `address` is from a range that is reserved for examples."""
    parsed = parse_address(address)
    return parsed is not None and _holds(_DOCUMENTATION, parsed)


def _holds(ranges: Ranges, address: Address) -> bool:
    firsts, lasts = ranges[address.version]
    number = int(address)
    place = bisect_right(firsts, number) - 1
    return place >= 0 and number <= lasts[place]


@lru_cache(maxsize=16384)
def parse_address(address: str) -> Address | None:
    """`address` as an object to compute with, or None where it is not one."""
    try:
        return ip_address(address)
    except ValueError:
        return None


@lru_cache(maxsize=65536)
def _canonical(text: str) -> str:
    parsed = parse_address(_without_port(text.strip()).partition("%")[0])
    if isinstance(parsed, IPv6Address) and parsed.ipv4_mapped is not None:
        parsed = parsed.ipv4_mapped
    if parsed is None or parsed.is_unspecified:
        return ""
    return str(parsed)


def _without_port(text: str) -> str:
    if text.startswith("["):
        inside, bracket, port = text[1:].partition("]")
        plausible = bracket and (not port or (port[0] == ":" and port[1:].isdecimal()))
        return inside if plausible else ""
    host, colon, port = text.partition(":")
    if colon and "." in host and port.isdecimal():
        return host
    return text
