"""Which keys an event belongs to: one short text for each stage, or none."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from functools import lru_cache

from risktui.model.events import Event, SignIn


@lru_cache(maxsize=8192)
def _short(text: str) -> str:
    """A user agent can be as long as an attacker likes; a key cannot."""
    return hashlib.blake2b(text.encode("utf-8", "replace"), digest_size=8).hexdigest()


def _agent(event: Event) -> str:
    """Sign-ins only, like the network and the application."""
    agent = event.client.user_agent if isinstance(event, SignIn) else ""
    return _short(agent) if agent else ""


def _client(event: Event) -> str:
    agent = event.client.user_agent
    return f"{event.network.asn}|{_short(agent)}" if agent and event.network.asn else ""


def _client_app(event: Event) -> str:
    agent = event.client.user_agent
    return f"{_short(agent)}|{event.app_id}" if agent and event.app_id else ""


def _network_app(event: Event) -> str:
    """Sign-ins only: nobody hunts for what other activities have in common."""
    if not isinstance(event, SignIn) or not event.network.asn:
        return ""
    return f"{event.network.asn}|{event.app_id}" if event.app_id else ""


def _user(event: Event) -> str:
    return event.user if event.actor == "user" else ""


KEY_OF: dict[str, Callable[[Event], str]] = {
    "ip": lambda event: event.ip_address,
    "prefix": lambda event: event.network.subnet,
    "agent": _agent,
    "client": _client,
    "client_app": _client_app,
    "network_app": _network_app,
    "tenant": lambda event: event.tenant_id or "-",
    "user": _user,
}
"""The function of every key in `risktui.detect.KEYS`; "" means not for this stage."""
