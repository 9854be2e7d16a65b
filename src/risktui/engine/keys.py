"""Which keys an event belongs to: one short text for each stage, or none."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from functools import lru_cache

from risktui.model.events import ApiCall, DirectoryChange, Event, SignIn, Verdict
from risktui.model.origin import subnet_of


@lru_cache(maxsize=8192)
def _short(text: str) -> str:
    """A user agent can be as long as an attacker likes; a key cannot."""
    return hashlib.blake2b(text.encode("utf-8", "replace"), digest_size=8).hexdigest()


@lru_cache(maxsize=8192)
def _client_of(asn: int, agent: str) -> str:
    """One text for all events of a network and a program, as below: whose rows are found sooner."""
    return f"{asn}|{_short(agent)}"


@lru_cache(maxsize=8192)
def _client_app_of(agent: str, app: str) -> str:
    return f"{_short(agent)}|{app}"


@lru_cache(maxsize=8192)
def _network_app_of(asn: int, app: str) -> str:
    return f"{asn}|{app}"


def _prefix(event: Event) -> str:
    """As `Network.subnet` has it, a call less: every event asks for it."""
    network = event.network
    return subnet_of(network.prefix, network.asn) if network.prefix else ""


def _agent(event: Event) -> str:
    """Sign-ins only, like the network and the application."""
    agent = event.client.user_agent if type(event) is SignIn else ""
    return _short(agent) if agent else ""


def _client(event: Event) -> str:
    agent = event.client.user_agent
    asn = event.network.asn if agent else 0
    return _client_of(asn, agent) if asn else ""


def _client_app(event: Event) -> str:
    agent = event.client.user_agent
    app = event.app_id if agent else ""
    return _client_app_of(agent, app) if app else ""


def _network_app(event: Event) -> str:
    """Sign-ins only: nobody hunts for what other activities have in common."""
    asn = event.network.asn if type(event) is SignIn else 0
    return _network_app_of(asn, event.app_id) if asn and event.app_id else ""


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
    "ip": lambda event: event.ip_address,
    "prefix": _prefix,
    "agent": _agent,
    "client": _client,
    "client_app": _client_app,
    "network_app": _network_app,
    "tenant": lambda event: event.tenant_id or "-",
    "user": _user,
    "principal": _principal,
}
"""The function of every key in `risktui.detect.KEYS`; "" means not for this stage."""
