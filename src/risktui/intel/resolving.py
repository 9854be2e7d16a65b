"""Finds servers by their names, and none in a network of our own unless that is meant.

The connection goes to the very addresses that were looked at here: a name that means something else
a moment later (DNS rebinding) leads nowhere else.
"""

from __future__ import annotations

import socket
from collections.abc import Collection
from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network

from aiohttp.abc import AbstractResolver, ResolveResult
from aiohttp.resolver import ThreadedResolver
from yarl import URL

from risktui.model.addresses import canonical_address, is_private

_NAT64 = ip_network("64:ff9b::/96")
"""RFC 6052: the last four bytes are an IPv4 address."""
_UNSPECIFIED = frozenset({"0.0.0.0", "::"})  # noqa: S104  # nothing is bound to it


class PrivateServerError(Exception):
    """A name leads into a private network; says which, and what to do where that is meant."""


class Resolver(AbstractResolver):
    """Looks names up, and leaves out addresses that only mean something on this side."""

    def __init__(self, meant: Collection[str], source: AbstractResolver | None = None) -> None:
        """`meant` are hosts that may be private; `source` knows the addresses of names."""
        self._meant = frozenset(meant)
        self._source = source or ThreadedResolver()

    async def resolve(
        self, host: str, port: int = 0, family: socket.AddressFamily = socket.AF_INET
    ) -> list[ResolveResult]:
        """The addresses of `host`. Raises `PrivateServerError`, or `OSError` where it has none."""
        found = await self._source.resolve(host, port, family)
        if host in self._meant:
            return found
        public = [each for each in found if not is_ours(each["host"])]
        if found and not public:
            raise PrivateServerError(
                f"{host}: is in a private network ({found[0]['host']});"
                " where that is meant: [[intel]] private = true"
            )
        return public

    async def close(self) -> None:
        """Let go of everything."""
        await self._source.close()


def host_of(url: str) -> str:
    """The host as a resolver is asked for it; "" where there is none."""
    try:
        return URL(url).raw_host or ""
    except ValueError:
        return ""


def is_ours(address: str) -> bool:
    """Whether an address is private, also where it is written inside another (NAT64, 6to4)."""
    if address in _UNSPECIFIED:
        return True
    canonical = canonical_address(address.partition("%")[0])
    if not canonical:
        return True  # what cannot be judged
    parsed = ip_address(canonical)
    inner = _inside(parsed) if isinstance(parsed, IPv6Address) else None
    return is_private(canonical) or (inner is not None and is_private(str(inner)))


def _inside(address: IPv6Address) -> IPv4Address | None:
    if address in _NAT64:
        return IPv4Address(address.packed[-4:])
    return address.sixtofour
