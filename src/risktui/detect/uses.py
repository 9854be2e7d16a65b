"""One use of a session or of a token, in brief, and the names by which both are known."""

from __future__ import annotations

from typing import TypeAlias

import msgspec

from risktui.model.events import (
    ApiCall,
    Client,
    Event,
    FileAccess,
    Location,
    MailboxRule,
    MailSent,
    Network,
    SignIn,
)

Used: TypeAlias = SignIn | ApiCall | FileAccess | MailboxRule | MailSent
"""What is done in a session, with a token."""
UUID = 36
"""The length of nearly all ids of sessions."""


class Leg(msgspec.Struct, array_like=True, gc=False):
    """One use of a session, in brief."""

    time: int
    id: str
    ip_address: str
    location: Location
    asn: int
    organisation: str
    kind: str
    browser: str
    system: str
    user_agent: str
    device_id: str
    app: str
    what: str

    def __str__(self) -> str:
        place = self.location.city or self.location.country_or_region or "an unknown place"
        network = self.organisation or (f"AS{self.asn}" if self.asn else "an unknown network")
        program = " on ".join(p for p in (self.browser, self.system) if p) or self.user_agent
        device = f", device {self.device_id}" if self.device_id else ", no device id"
        return (
            f"{self.ip_address or 'no address'} in {place}, {network}, "
            f"{program or 'unknown program'}{device}, {self.app or self.what}"
        )


def leg_of(event: Event) -> Leg:
    """`event` as a leg."""
    return _leg(event, event.app_display_name, what_of(event))


def _leg(use: Event | TokenUse, app: str, what: str) -> Leg:
    network, client = use.network, use.client
    return Leg(
        use.time,
        use.id,
        use.ip_address,
        use.location,
        network.asn,
        network.organisation[:60],
        network.kind,
        client.browser[:40],
        client.operating_system[:40],
        client.user_agent[:60],
        client.device_id[:40],
        app[:60],
        what,
    )


class TokenUse(msgspec.Struct, array_like=True, gc=False):
    """The last use of one token: nearly all of them are never looked at again."""

    time: int
    id: str
    ip_address: str
    location: Location
    network: Network
    client: Client
    app: str
    what: str = ""
    """Looked up only where no application is named."""

    @property
    def leg(self) -> Leg:
        """The use in brief."""
        return _leg(self, self.app, self.what)


def what_of(event: Event) -> str:
    """What was done: the token a sign-in came with, the call, or the operation."""
    if type(event) is SignIn:
        return event.incoming_token_type[:40]
    if type(event) is ApiCall:
        return f"{event.request_method} {event.request_uri}"[:80]
    return event.operation[:60]


def is_session(text: str) -> bool:
    """Whether `text` can name a session: not empty, no placeholder of one sign."""
    if len(text) == UUID and "-" != text[0] != text[1] != "-":
        return True  # nearly always
    signs = text.replace("-", "")
    return signs != signs[:1] * len(signs)  # a set of them takes three times as long


def token_of(event: Event) -> str:
    """The id of the token of `event`, "" where there is none or only a placeholder."""
    token: str = getattr(event, "unique_token_identifier", "")
    if len(token) < 16:
        return ""
    if len(set(token[:8])) >= 6 and token[-1] != "=":
        return token  # nearly always
    if token[-1] == "=":
        token = token.rstrip("=")
        if len(token) < 16:
            return ""
    return token if len(set(token[:16])) >= 6 or len(set(token)) >= 6 else ""
