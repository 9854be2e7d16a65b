"""The fields that are read of an entry of Okta's System Log, as they stand there."""

from __future__ import annotations

import msgspec


class Outcome(msgspec.Struct, gc=False):
    """How it ended: SUCCESS, FAILURE, ALLOW, DENY, CHALLENGE; and why."""

    result: str | None = None
    reason: str | None = None


class Party(msgspec.Struct, rename="camel", gc=False):
    """Who acts, or what it is done to."""

    id: str | None = None
    type: str | None = None
    alternate_id: str | None = None
    """The login of a user."""
    display_name: str | None = None


class Point(msgspec.Struct, gc=False):
    """Coordinates."""

    lat: float | None = None
    lon: float | None = None


class Where(msgspec.Struct, gc=False):
    """A place; the country by its English name."""

    city: str | None = None
    state: str | None = None
    country: str | None = None
    geolocation: Point | None = None


class Agent(msgspec.Struct, rename="camel", gc=False):
    """The program."""

    raw_user_agent: str | None = None
    os: str | None = None
    browser: str | None = None


class Caller(msgspec.Struct, rename="camel", gc=False):
    """The other end."""

    id: str | None = None
    ip_address: str | None = None
    user_agent: Agent | None = None
    geographical_context: Where | None = None


class Device(msgspec.Struct, gc=False):
    """A registered device."""

    id: str | None = None
    name: str | None = None


class Session(msgspec.Struct, rename="camel", gc=False):
    """The session."""

    external_session_id: str | None = None
    credential_type: str | None = None


class Security(msgspec.Struct, rename="camel", gc=False):
    """Whose the address is."""

    as_number: int | None = None
    as_org: str | None = None


class DebugData(msgspec.Struct, rename="camel", gc=False):
    """Details; which of them are there depends on the event."""

    factor: str | None = None
    risk: str | None = None
    """A map that is no JSON: `{reasons=Anomalous Device, level=MEDIUM}`."""


class Debug(msgspec.Struct, rename="camel", gc=False):
    """The envelope of the details."""

    debug_data: DebugData | None = None


class Hop(msgspec.Struct, rename="camel", gc=False):
    """An address on the way, the client's first."""

    ip: str | None = None
    geographical_context: Where | None = None


class Request(msgspec.Struct, rename="camel", gc=False):
    """The way the request came."""

    ip_chain: list[Hop] | None = None


class Transaction(msgspec.Struct, gc=False):
    """What belongs together."""

    id: str | None = None


class RawOkta(msgspec.Struct, rename="camel", gc=False):
    """An entry."""

    uuid: str | None = None
    published: str | float | None = None
    event_type: str | None = None
    legacy_event_type: str | None = None
    display_message: str | None = None
    outcome: Outcome | None = None
    actor: Party | None = None
    target: list[Party] | None = None
    client: Caller | None = None
    device: Device | None = None
    authentication_context: Session | None = None
    security_context: Security | None = None
    debug_context: Debug | None = None
    request: Request | None = None
    transaction: Transaction | None = None

    @property
    def debug_data(self) -> DebugData | None:
        """The details."""
        return self.debug_context.debug_data if self.debug_context else None
