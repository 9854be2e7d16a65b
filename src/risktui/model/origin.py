"""Where an event came from: place, network and client of an address, as far as they are known."""

from __future__ import annotations

from functools import lru_cache

import msgspec


class Location(msgspec.Struct, frozen=True, array_like=True, gc=False, cache_hash=True):
    """Where an address is, with the names of Graph's `signInLocation`."""

    country_or_region: str = ""
    """ISO 3166 alpha-2, upper case."""
    state: str = ""
    city: str = ""
    latitude: float | None = None
    longitude: float | None = None
    radius_km: float = 50.0
    """Accuracy: the true place is probably within this distance (km). Cities 50, countries 500."""

    @property
    def known(self) -> bool:
        """Whether there is a point to measure distances from."""
        return self.latitude is not None and self.longitude is not None


class Listing(msgspec.Struct, frozen=True, array_like=True, gc=False):
    """What a list says of an address besides that it is on it."""

    tag: str
    feed: str
    """The list, in its version: `actors.csv@2f4c…`."""
    name: str = ""
    """Whom it belongs to: the actor."""
    source: str = ""
    """Who says so."""
    confidence: int | None = None
    """0 to 100; None where the list gives none."""
    valid_from: int = 0
    valid_until: int = 0
    """From when and until when it holds (ms); 0 where that is open."""
    is_shared: bool = False
    """Infrastructure that others use as well: a content network, a large VPN."""


class Network(msgspec.Struct, frozen=True, array_like=True, gc=False, cache_hash=True):
    """What is known of an address besides its place."""

    prefix: str = ""
    """The /24 (IPv4) or /48 (IPv6) the address is in."""
    asn: int = 0
    organisation: str = ""
    kind: str = ""
    """isp, mobile, hosting, corp, or "" where no list says."""
    tags: tuple[str, ...] = ()
    """tor, vpn, proxy, residential, relay, actor, bad, aitm: sorted, from the intel lists."""
    feeds: tuple[str, ...] = ()
    """Which list, in which version, gave each tag: `tor_exit_nodes.txt@2f4c…`, in order of tags."""
    named_location: str = ""
    trusted: bool = False
    """A trusted named location, by the record itself or by the configuration."""
    listings: tuple[Listing, ...] = ()
    """What lists with more than one column say, the narrowest network's first."""

    @property
    def subnet(self) -> str:
        """The prefix as one network's: neighbours in a /24 may belong to different networks."""
        return subnet_of(self.prefix, self.asn) if self.prefix else ""


@lru_cache(maxsize=8_192)
def subnet_of(prefix: str, asn: int) -> str:
    """One text for all: states that know it find it without a look at its letters."""
    return f"{prefix} AS{asn}"


class Client(msgspec.Struct, frozen=True, array_like=True, gc=False, cache_hash=True):
    """The program and the device at the other end."""

    user_agent: str = ""
    browser: str = ""
    """Family only: Edge, Chrome, Safari, python-requests."""
    browser_version: str = ""
    operating_system: str = ""
    """Family and major version as sign-in logs write it: Windows 10, iOS 18, Android."""
    device_id: str = ""
    device_name: str = ""
    is_compliant: bool = False
    is_managed: bool = False
    trust_type: str = ""
    """Entra's words: Azure AD joined, Hybrid Azure AD joined, Azure AD registered."""
    client_app: str = ""
    """Entra's clientAppUsed: Browser, Mobile Apps and Desktop clients, IMAP4 …"""

    @property
    def managed(self) -> bool:
        """Compliant, managed or joined: a device the organisation answers for."""
        joined = self.trust_type in {"Azure AD joined", "Hybrid Azure AD joined"}
        return self.is_compliant or self.is_managed or joined


NOWHERE = Location()
NO_NETWORK = Network()
NO_CLIENT = Client()
