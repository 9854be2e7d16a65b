"""Finds which of many networks an address is in, in a handful of dict look-ups."""

from __future__ import annotations

from collections.abc import Iterator
from ipaddress import IPv4Network, IPv6Network, ip_network
from typing import Generic, TypeAlias, TypeVar

from risktui.model.addresses import PRIVATE, canonical_address, parse_address

Cidr: TypeAlias = IPv4Network | IPv6Network
Value = TypeVar("Value")

WIDEST = {4: 8, 6: 16}
"""A list that names more than a /8 (IPv4) or a /16 (IPv6) is a mistake, not intelligence."""

_BITS = {4: 32, 6: 128}


class CidrTable(Generic[Value]):
    """Networks with a value each; one network may be added several times."""

    def __init__(self) -> None:
        self._by_length: dict[int, dict[int, dict[int, list[Value]]]] = {4: {}, 6: {}}
        self._lengths: dict[int, list[int]] = {4: [], 6: []}

    def add(self, network: Cidr, value: Value) -> None:
        """Let every address in `network` be found with `value`."""
        lengths = self._by_length[network.version]
        if network.prefixlen not in lengths:
            lengths[network.prefixlen] = {}
            self._lengths[network.version] = sorted(lengths, reverse=True)
        key = int(network.network_address) >> (_BITS[network.version] - network.prefixlen)
        values = lengths[network.prefixlen].setdefault(key, [])
        if value not in values:
            values.append(value)

    def find(self, address: str) -> Iterator[Value]:
        """The values of all networks that contain `address`, the narrowest network first."""
        parsed = parse_address(address)
        if parsed is None:
            return
        bits, number = _BITS[parsed.version], int(parsed)
        lengths = self._by_length[parsed.version]
        for length in self._lengths[parsed.version]:
            yield from lengths[length].get(number >> (bits - length), ())


def parse_cidr(text: str) -> Cidr:
    """The network in `text`, which may be an address and may have bits set beyond its mask.

    ValueError where there is none, or where it is wider than a list may be.
    """
    plain = text.strip().strip("\"'").strip()
    network = ip_network(plain if "/" in plain else canonical_address(plain) or plain, strict=False)
    if network.prefixlen < WIDEST[network.version]:
        raise ValueError(f"wider than a /{WIDEST[network.version]}, which no list should be")
    return network


def is_bogon(network: Cidr) -> bool:
    """Whether all of `network` is private or unassigned, so that a list means nobody by it."""
    first = int(network.network_address)
    last = first | (1 << _BITS[network.version] - network.prefixlen) - 1
    return any(low <= first and last <= high for low, high in _PRIVATE[network.version])


_PRIVATE = {
    version: [
        (int(private.network_address), int(private.broadcast_address))
        for private in PRIVATE
        if private.version == version
    ]
    for version in (4, 6)
}
