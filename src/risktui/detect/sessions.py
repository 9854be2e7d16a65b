"""Sessions of a person: from which networks, programs and devices each was used.

A session is one browser or application that stays signed in. It may move between networks as its
machine does; it does not change its machine. Whoever replays its token does just that.
"""

from __future__ import annotations

from copy import copy
from functools import lru_cache
from typing import Any

import msgspec

from risktui.detect.state import DAY, MINUTE
from risktui.model.events import ApiCall, Event, Location, SignIn
from risktui.model.programs import is_tool

BROWSERS = frozenset(
    {
        "Brave",
        "Chrome",
        "Edge",
        "Firefox",
        "IE",
        "Internet Explorer",
        "Opera",
        "Safari",
        "Samsung Internet",
        "Vivaldi",
        "Yandex Browser",
    }
)
"""Programs that hold a session of their own; others may share one with the browser beside them."""
LEARNING = 7 * DAY
"""In the organisation's first week nobody knows its VPN exits."""
NO_PROGRAM = ("", "")
MAX_MARKS = 8
SAME_TOKEN = 10 * MINUTE
"""Within this time one token in two networks is two holders (card S04, R2)."""


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
    client, network = event.client, event.network
    return Leg(
        event.time,
        event.id,
        event.ip_address,
        event.location,
        network.asn,
        network.organisation[:60],
        network.kind,
        client.browser[:40],
        client.operating_system[:40],
        client.user_agent[:60],
        client.device_id[:40],
        event.app_display_name[:60],
        _what(event),
    )


def _what(event: Event) -> str:
    if type(event) is SignIn:
        return event.incoming_token_type[:40]
    if type(event) is ApiCall:
        return f"{event.request_method} {event.request_uri}"[:80]
    return event.operation[:60]


class Session(msgspec.Struct, array_like=True, kw_only=True):
    """Where and with what one session was used."""

    first: Leg
    last: Leg
    """When, where and with what it was used last; its address and act may be an earlier use's."""
    signed_in: bool
    """Whether a sign-in of it was seen, not only what came after."""
    networks: list[int]
    countries: list[str]
    programs: list[tuple[str, str]]
    """(browser, family of the system)"""
    devices: list[str]
    tool: bool = False
    """Whether it began with a script."""
    strange: list[str] = []
    """Networks and programs of whoever took it over: told once, and never the session's own."""


class TokenUse(msgspec.Struct, array_like=True):
    """The last use of one token."""

    leg: Leg
    told: bool = False


class Sessions(msgspec.Struct, array_like=True):
    """The sessions of one person that were used last, and the tokens of the last minutes."""

    limit: int
    known: dict[str, Session] = {}
    """All but the one in use, the latest last."""
    tokens: dict[str, TokenUse] = {}
    oldest: int = 0
    """The greatest age (ms) of a session in ordinary use."""
    name: str = ""
    """Which session is in use: it lies apart, for nearly all that happens belongs to it."""
    session: Session | None = None
    until: int = 0
    """Up to when (ms) it is no older in use than others were."""

    def get(self, event: Event) -> Session | None:
        """The session that `event` belongs to, if it was seen before."""
        name = event.session_id
        return self.session if name == self.name else self.known.get(name)

    def goes_on(self, event: Event, asleep: int) -> bool:
        """Whether a known session is used as it was before, nearly always; if so, remember it.

        The quick form of `is_ordinary`, `settle` and `meet` for what brings no news to them.
        """
        name = event.session_id
        session = self.session if name == self.name else self.known.get(name)
        if session is None or session.strange:
            return False
        network, client, last, time = event.network, event.client, session.last, event.time
        asn = network.asn
        if time - last.time >= asleep or not asn:
            return False
        if type(event) is SignIn and not session.signed_in:
            return False
        # Compared with the last use first: lists lie elsewhere in memory, which takes longest.
        if (
            asn != last.asn
            or client.browser != last.browser
            or client.operating_system != last.system
            or client.device_id != last.device_id
            or event.location.country_or_region != last.location.country_or_region
            or network.kind != last.kind
        ) and not _is_back(event, session):
            return False
        last.time, last.id, last.location = time, event.id, event.location
        if name != self.name:
            self._take_up(name, session)
        if time > self.until:
            self.oldest, self.until = self.oldest + time - self.until, time
        return True

    def meet(self, event: Event) -> None:
        """Remember how the session was used now."""
        name = event.session_id
        if not is_session(name):
            return
        session, leg = self.get(event), leg_of(event)
        if session is None:
            session = Session(
                first=leg,
                last=leg,
                signed_in=False,
                networks=[],
                countries=[],
                programs=[],
                devices=[],
                tool=bool(is_tool(event.client.user_agent)),
            )
            leg = copy(leg)
        session.last = leg  # its own, for it will be changed
        session.signed_in = session.signed_in or type(event) is SignIn
        client, asn, country = event.client, event.network.asn, event.location.country_or_region
        if asn not in session.networks:
            _mark(session.networks, asn)
        if country not in session.countries:
            _mark(session.countries, country)
        if client.device_id not in session.devices:
            _mark(session.devices, client.device_id)
        program = client.browser, family_of(client.operating_system)
        if program != NO_PROGRAM and program not in session.programs:
            _mark(session.programs, program)
        self._take_up(name, session)

    def _take_up(self, name: str, session: Session) -> None:
        """Let `session` be the one in use, and lay the one before it with the others."""
        known = self.known
        if self.session is not None and self.name != name:
            known[self.name] = self.session
        known.pop(name, None)
        self.name, self.session = name, session
        self.until = session.first.time + self.oldest
        while len(known) >= self.limit:
            del known[next(iter(known))]

    def is_told(self, event: Event, session: Session) -> bool:
        """Whether this stranger's use of the session was told before."""
        return bool(session.strange) and _stranger(event) in session.strange

    def disown(self, event: Event, session: Session) -> None:
        """Mark the use as a stranger's: the session's own networks and programs stay as before."""
        _mark(session.strange, _stranger(event))

    def settle(self, event: Event, session: Session) -> None:
        """Note the age of a session in ordinary use."""
        self.oldest = max(self.oldest, event.time - session.first.time)

    def used_elsewhere(self, event: Event) -> TokenUse | None:
        """The use of the same token in another network within minutes; then remember this one."""
        token, tokens = token_of(event), self.tokens
        if not token:
            return None
        before = tokens.get(token)
        if before is None:  # nearly always of a sign-in
            tokens[token] = TokenUse(leg_of(event))
            if len(tokens) > MAX_MARKS:
                del tokens[next(iter(tokens))]
            return None
        del tokens[token]  # its end is the latest
        tokens[token] = TokenUse(leg_of(event), before.told)
        if before.told or before.leg.asn == event.network.asn:
            return None
        if not event.network.asn or abs(event.time - before.leg.time) > SAME_TOKEN:
            return None
        return before

    def tell(self, event: Event) -> None:
        """Mark the token as told, so that one theft is one story."""
        use = self.tokens.get(token_of(event))
        if use is not None:
            use.told = True


def _is_back(event: Event, session: Session) -> bool:
    """Whether a use is other than the last, but like an earlier one; then the last becomes so."""
    network, client, last = event.network, event.client, session.last
    asn, country = network.asn, event.location.country_or_region
    browser, system, device = client.browser, client.operating_system, client.device_id
    if (
        (asn != last.asn and asn not in session.networks)
        or (country != last.location.country_or_region and country not in session.countries)
        or (device != last.device_id and device and device not in session.devices)
    ):
        return False
    if browser != last.browser or system != last.system:
        if (browser, family_of(system)) not in session.programs:
            return False
        last.browser, last.system = browser[:40], system[:40]
    if device != last.device_id:
        last.device_id = device[:40]
    if asn != last.asn or network.kind != last.kind:
        last.asn, last.kind = asn, network.kind
        last.organisation = network.organisation[:60]
    return True


@lru_cache(maxsize=8192)
def is_session(text: str) -> bool:
    """Whether `text` can name a session: not empty, no placeholder of one sign."""
    return len(set(text) - {"-"}) > 1


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


def _mark(marks: list[Any], value: object) -> None:
    if value and value not in marks:
        marks.append(value)
        del marks[:-MAX_MARKS]


def _stranger(event: Event) -> str:
    return f"{event.network.asn} {event.client.browser[:40]} {event.client.operating_system[:40]}"


@lru_cache(maxsize=1024)
def family_of(system: str) -> str:
    """A system without its version."""
    return system.partition(" ")[0]


def program_of(event: Event) -> tuple[str, str]:
    """Browser and family of the system, as sessions remember them."""
    return event.client.browser, family_of(event.client.operating_system)
