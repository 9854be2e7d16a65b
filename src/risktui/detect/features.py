"""What a profile learns of an event: each of its features, and their values as it keeps them."""

from __future__ import annotations

from functools import lru_cache
from typing import TypeAlias
from zlib import crc32

from risktui.detect.geometry import cell_of
from risktui.model.events import Activity, Client, Event, Location, Network, SignIn

LIMITS = {
    "ip": 64,
    "prefix": 64,
    "asn": 32,
    "country": 24,
    "cell": 48,
    "device": 32,
    "browser": 16,
    "system": 12,
    "user_agent": 32,
    "client": 12,
    "app": 64,
    "hop": 24,
    "session": 16,
}
"""How many values of each feature a profile remembers (docs/detectors.md)."""
Pairs: TypeAlias = tuple[tuple[str, str], ...]
REMEMBERED = 4_096
"""User agents whose marks need not be computed again, and ends whose features need not be."""


def unmet(feature: str) -> bool:
    """False: nothing of it is usual for somebody who has met nothing of it.

    Raises `LookupError` for a feature that there is none of: a detector that asked for it would
    find everything unusual for ever, and never learn why.
    """
    if feature not in LIMITS:
        raise LookupError(f"no habit is called {feature!r}; there are {', '.join(LIMITS)}")
    return False


def session_of(event: Event | Activity) -> str:
    """The session of a sign-in together with its program, "" where there is none."""
    session, agent = event.session_id, event.client.user_agent
    if not session or not agent:
        return ""
    if type(event) is SignIn or (type(event) is Activity and event.kind == "SignIn"):
        return _session_in(session[:40], agent)
    return ""


@lru_cache(REMEMBERED)
def _session_in(session: str, agent: str) -> str:
    """One text for all sign-ins of a session: whoever has it finds it sooner."""
    return f"{session} {_mark(agent)}"


@lru_cache(REMEMBERED)
def _mark(user_agent: str) -> str:
    return f"{crc32(user_agent.encode('utf-8', 'replace')):08x}"


def hop_of(one: Event | Activity, other: Event | Activity) -> str:
    """The name of the way between two networks, whichever comes first."""
    here, there = one.network.asn, other.network.asn
    return f"{here} {there}" if here <= there else f"{there} {here}"


def suspects_of(event: Event | Activity) -> list[str]:
    """The names under which a session or an address is suspected."""
    session, address = event.session_id, event.ip_address
    named = [f"session {session}"] if session else []
    if address:
        named.append(f"ip {address}")
    return named


def features_of(event: Event | Activity) -> list[tuple[str, str]]:
    """The features of an event that a profile learns; values that are unknown are left out."""
    address, app, session = event.ip_address, event.app_display_name, session_of(event)
    known = [("ip", address)] if address else []
    known += _features_of(event.network, event.location, event.client)
    if app:
        known.append(("app", app))
    if session:
        known.append(("session", session))
    return known


@lru_cache(REMEMBERED)
def _features_of(network: Network, place: Location, client: Client) -> Pairs:
    values = *values_of_origin(network, place), *values_of_client(client)
    return tuple([pair for pair in values if pair[1]])


def values_of_origin(network: Network, place: Location) -> Pairs:
    """Those of a network and its place, with the names of the features; "" where one is unknown."""
    asn = network.asn
    return (
        ("prefix", network.subnet),
        ("asn", str(asn) if asn else ""),
        ("country", place.country_or_region),
        ("cell", cell_of(place)),
    )


def values_of_client(client: Client) -> Pairs:
    """Those that a client has, with the names of the features; "" where one is unknown."""
    return (
        ("device", client.device_id),
        ("browser", client.browser),
        ("system", client.operating_system),
        ("user_agent", client.user_agent),
        ("client", client.client_app),
    )
