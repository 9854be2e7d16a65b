"""Sessions of a person: from which networks, programs and devices each was used.

A session is one browser or application that stays signed in. It may move between networks as its
machine does; it does not change its machine. Whoever replays its token does just that.
"""

from __future__ import annotations

from functools import lru_cache
from typing import Any

import msgspec

from risktui.detect.state import DAY, MINUTE, KeyedState
from risktui.model.events import NOWHERE, ApiCall, Client, Event, Location, Network, SignIn
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
    return _leg(
        event.time,
        event.id,
        event.ip_address,
        event.location,
        event.network,
        event.client,
        event.app_display_name,
        _what(event),
    )


def _leg(
    time: int,
    id_: str,
    ip_address: str,
    location: Location,
    network: Network,
    client: Client,
    app: str,
    what: str,
) -> Leg:
    return Leg(
        time,
        id_,
        ip_address,
        location,
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
    what: str
    told: bool = False

    @property
    def leg(self) -> Leg:
        """The use in brief."""
        return _leg(
            self.time,
            self.id,
            self.ip_address,
            self.location,
            self.network,
            self.client,
            self.app,
            self.what,
        )


def _what(event: Event) -> str:
    if type(event) is SignIn:
        return event.incoming_token_type[:40]
    if type(event) is ApiCall:
        return f"{event.request_method} {event.request_uri}"[:80]
    return event.operation[:60]


class Session(msgspec.Struct, array_like=True, kw_only=True, gc=False):
    """Where and with what one session was used. What nearly every use asks for stands first."""

    quiet_until: int = 0
    """Up to when (ms) a use that is as the last needs no further look; 0 where it needs one."""
    asn: int = 0
    kind: str = ""
    browser: str = ""
    system: str = ""
    device_id: str = ""
    other_browser: str = ""
    other_system: str = ""
    other_device_id: str = ""
    """Programs beside each other share a session: the one that was used before the last."""
    signed_in: bool = False
    """Whether a sign-in of it was seen, not only what came after."""
    went_on: bool = False
    """Whether the age at its last use is still to be noted."""
    location: Location = NOWHERE
    time: int = 0
    id: str = ""
    organisation: str = ""
    """The last use: network, program, place, time and event."""
    first: Leg
    networks: list[int] = []
    countries: list[str] = []
    programs: list[tuple[str, str]] = []
    """(browser, family of the system)"""
    devices: list[str] = []
    tool: bool = False
    """Whether it began with a script."""
    strange: list[str] = []
    """Networks and programs of whoever took it over: told once, and never the session's own."""


class Sessions(KeyedState, kw_only=True):
    """The sessions of one person that were used last, and the tokens of the last minutes."""

    in_use: str = ""
    session: Session | None = None
    """The one in use, by its name."""
    beside: str = ""
    other: Session | None = None
    """The one before it: two machines, or two browsers, take turns all day."""
    known: dict[str, Session] = {}
    """All besides these two, the latest last."""
    tokens: dict[str, TokenUse] = {}
    oldest: int = 0
    """The greatest age (ms) of a session in ordinary use, without those that went on since."""
    limit: int = 40

    def get(self, event: Event) -> Session | None:
        """The session that `event` belongs to, if it was seen before."""
        self.settle(self.session)
        self.settle(self.other)
        name = event.session_id
        if name == self.in_use:
            return self.session
        return self.other if name == self.beside else self.known.get(name)

    def goes_on(self, event: Event, asleep: int) -> bool:
        """Whether a known session is used as it was before, nearly always; if so, remember it.

        The quick form of `is_ordinary`, `note_ordinary` and `meet` for what brings no news to them.
        """
        session, network, client = self.session, event.network, event.client
        if (
            session is None
            or event.session_id != self.in_use
            or not self.last <= event.time <= session.quiet_until
            or network.asn != session.asn
            or client.browser != session.browser
            or client.device_id != session.device_id
            or client.operating_system != session.system
            or network.kind != session.kind
            or event.location.country_or_region != session.location.country_or_region
            or (not session.signed_in and type(event) is SignIn)
        ):
            return self._goes_on_otherwise(event, asleep)
        session.time, session.id, session.location = event.time, event.id, event.location
        session.went_on = True
        return True

    def _goes_on_otherwise(self, event: Event, asleep: int) -> bool:
        """The same of another session, or in another way that is its own."""
        name, time, session = event.session_id, event.time, self.session
        if name != self.in_use:
            session = self.other if name == self.beside else self.known.get(name)
        if session is None or (not session.signed_in and type(event) is SignIn):
            return False
        if not self.last <= time <= session.quiet_until:
            if session.strange or not event.network.asn or time - session.time >= asleep:
                return False
            self.settle(session)
            session.quiet_until = time + asleep - 1
        if not _is_back(event, session):
            return False
        session.time, session.id, session.location = time, event.id, event.location
        session.went_on = True
        if session is not self.session:
            self._take_up(name, session)
        return True

    def meet(self, event: Event, asleep: int) -> None:
        """Remember how the session was used now; it sleeps after `asleep` ms without use."""
        name = event.session_id
        if not is_session(name):
            return
        session, client, network = self.get(event), event.client, event.network
        if session is None:
            session = Session(first=leg_of(event), tool=bool(is_tool(client.user_agent)))
        session.time, session.id, session.location = event.time, event.id, event.location
        session.asn, session.kind = network.asn, network.kind
        session.organisation = network.organisation[:60]
        session.browser, session.system = client.browser[:40], client.operating_system[:40]
        session.device_id = client.device_id[:40]
        session.other_browser = session.other_system = session.other_device_id = ""
        known = network.asn and not session.strange
        session.quiet_until = event.time + asleep - 1 if known else 0
        session.signed_in = session.signed_in or type(event) is SignIn
        country = event.location.country_or_region
        if network.asn not in session.networks:
            _mark(session.networks, network.asn)
        if country not in session.countries:
            _mark(session.countries, country)
        if client.device_id not in session.devices:
            _mark(session.devices, client.device_id)
        program = client.browser, family_of(client.operating_system)
        if program != NO_PROGRAM and program not in session.programs:
            _mark(session.programs, program)
        self._take_up(name, session)

    def _take_up(self, name: str, session: Session) -> None:
        """Let `session` be the one in use, those before it beside it and among the others."""
        if session is self.session:
            return
        before, other = self.session, self.other
        if other is not None and other is not session:
            self.settle(other)
            self.known[self.beside] = other
        self.known.pop(name, None)
        self.beside, self.other = self.in_use, before
        self.in_use, self.session = name, session
        while len(self.known) + 2 > self.limit:
            del self.known[next(iter(self.known))]

    def is_told(self, event: Event, session: Session) -> bool:
        """Whether this stranger's use of the session was told before."""
        return bool(session.strange) and _stranger(event) in session.strange

    def disown(self, event: Event, session: Session) -> None:
        """Mark the use as a stranger's: the session's own networks and programs stay as before."""
        _mark(session.strange, _stranger(event))
        session.quiet_until = 0

    def settle(self, session: Session | None) -> None:
        """Note the age of a session in ordinary use, if it went on."""
        if session is not None and session.went_on:
            self.oldest = max(self.oldest, session.time - session.first.time)
            session.went_on = False

    def note_ordinary(self, event: Event, session: Session) -> None:
        """Note the age of a session that is in ordinary use."""
        self.oldest = max(self.oldest, event.time - session.first.time)

    def used_elsewhere(self, event: Event) -> TokenUse | None:
        """The use of the same token in another network within minutes; then remember this one."""
        token, tokens = token_of(event), self.tokens
        if not token:
            return None
        before = tokens.pop(token, None)  # the end is the latest
        tokens[token] = use = TokenUse(
            event.time,
            event.id,
            event.ip_address,
            event.location,
            event.network,
            event.client,
            event.app_display_name,
            event.incoming_token_type[:40] if type(event) is SignIn else _what(event),
        )
        if before is None:  # nearly always of a sign-in
            if len(tokens) > MAX_MARKS:
                del tokens[next(iter(tokens))]
            return None
        use.told = before.told
        if before.told or before.network.asn == event.network.asn:
            return None
        if not event.network.asn or abs(event.time - before.time) > SAME_TOKEN:
            return None
        return before

    def tell(self, event: Event) -> None:
        """Mark the token as told, so that one theft is one story."""
        use = self.tokens.get(token_of(event))
        if use is not None:
            use.told = True


def _is_back(event: Event, session: Session) -> bool:
    """Whether a use is like the last or an earlier one; then the last becomes so."""
    network, client = event.network, event.client
    asn, country = network.asn, event.location.country_or_region
    if (asn != session.asn and asn not in session.networks) or (
        country != session.location.country_or_region and country not in session.countries
    ):
        return False
    browser, system, device = client.browser, client.operating_system, client.device_id
    if browser != session.browser or system != session.system or device != session.device_id:
        if (
            browser != session.other_browser
            or system != session.other_system
            or device != session.other_device_id
        ) and not _is_own_program(browser, system, device, session):
            return False
        session.other_browser, session.other_system = session.browser, session.system
        session.other_device_id = session.device_id
        session.browser, session.system = browser[:40], system[:40]
        session.device_id = device[:40]
    if asn != session.asn or network.kind != session.kind:
        session.asn, session.kind = asn, network.kind
        session.organisation = network.organisation[:60]
    return True


def _is_own_program(browser: str, system: str, device: str, session: Session) -> bool:
    same = browser == session.browser and system == session.system
    if not same and (browser, family_of(system)) not in session.programs:
        return False
    return not device or device == session.device_id or device in session.devices


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
