"""Which keys an event belongs to: one short text for each stage, or none."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Sequence
from functools import lru_cache

from risktui.model.events import ApiCall, DirectoryChange, Event, SignIn, Verdict
from risktui.model.origin import Network

AT_HAND = 8192
"""Texts of each kind that need not be made again."""


@lru_cache(maxsize=AT_HAND)
def _short(text: str) -> str:
    """A user agent can be as long as an attacker likes; a key cannot."""
    return hashlib.blake2b(text.encode("utf-8", "replace"), digest_size=8).hexdigest()


class _Subnets(dict[Network, str]):
    """`Network.subnet` at hand, of which every event asks, where one network is many events'."""

    def __missing__(self, network: Network) -> str:
        if len(self) >= AT_HAND:
            self.clear()
        self[network] = found = network.subnet
        return found


_SUBNETS = _Subnets()


@lru_cache(maxsize=AT_HAND)
def _agent_of(agent: str) -> str:
    return _short(agent) if agent else ""


@lru_cache(maxsize=AT_HAND)
def _client_of(asn: int, agent: str) -> str:
    """One text for all events of a network and a program, as below: whose rows are found sooner."""
    return f"{asn}|{_short(agent)}" if asn and agent else ""


@lru_cache(maxsize=AT_HAND)
def _client_app_of(agent: str, app: str) -> str:
    return f"{_short(agent)}|{app}" if agent and app else ""


@lru_cache(maxsize=AT_HAND)
def _network_app_of(asn: int, app: str) -> str:
    return f"{asn}|{app}" if asn and app else ""


def _user(event: Event) -> str:
    return (event.user_id or event.user_principal_name) if event.actor == "user" else ""


def _principal(event: Event) -> str:
    """The application that acts; else the one that a person or a verdict is about."""
    if event.actor == "user" and type(event) is SignIn:
        return ""  # as nearly always
    if event.actor in {"servicePrincipal", "managedIdentity"}:
        if isinstance(event, Verdict):
            return event.user_id
        named = isinstance(event, SignIn | DirectoryChange | ApiCall) and event.service_principal_id
        return named or event.app_id
    if not isinstance(event, DirectoryChange):
        return ""
    targets = zip(event.target_ids, event.target_types, strict=False)
    return next((id_ for id_, kind in targets if kind.casefold() in _APPLICATIONS and id_), "")


_APPLICATIONS = frozenset({"serviceprincipal", "application"})

KEY_OF: dict[str, Callable[[Event], str]] = {
    "ip": lambda e: e.ip_address,
    "prefix": lambda e: _SUBNETS[e.network],
    "agent": lambda e: _agent_of(e.client.user_agent) if type(e) is SignIn else "",
    "client": lambda e: _client_of(e.network.asn, e.client.user_agent),
    "client_app": lambda e: _client_app_of(e.client.user_agent, e.app_id),
    "network_app": lambda e: _network_app_of(e.network.asn, e.app_id) if type(e) is SignIn else "",
    "tenant": lambda e: e.tenant_id or "-",
    "user": _user,
    "principal": _principal,
}
"""The function of every key in `risktui.detect.KEYS`; "" means not for this stage.

`agent` and `network_app` are for sign-ins only: nobody hunts for what other activities have in
common.
"""

KEYS_OF: dict[str, Callable[[Sequence[Event]], list[str]]] = {
    "ip": lambda events: [e.ip_address for e in events],
    "prefix": lambda events: [_SUBNETS[e.network] for e in events],
    "agent": lambda events: [
        _agent_of(e.client.user_agent) if type(e) is SignIn else "" for e in events
    ],
    "client": lambda events: [_client_of(e.network.asn, e.client.user_agent) for e in events],
    "client_app": lambda events: [_client_app_of(e.client.user_agent, e.app_id) for e in events],
    "network_app": lambda events: [
        _network_app_of(e.network.asn, e.app_id) if type(e) is SignIn else "" for e in events
    ],
    "tenant": lambda events: [e.tenant_id or "-" for e in events],
}
"""The same for several events, without a call for each; the last stages take one at a time."""
