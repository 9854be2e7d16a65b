"""Sessions of a person: from which networks, programs and devices each was used.

A session is one browser or application that stays signed in. It may move between networks as its
machine does; it does not change its machine. Whoever replays its token does just that.
"""

from __future__ import annotations

from functools import lru_cache
from typing import Any

import msgspec

from risktui.detect.state import DAY, MINUTE, KeyedState
from risktui.detect.uses import Leg, TokenUse, is_session, leg_of, token_of, what_of
from risktui.model.events import NOWHERE, Event, Location, SignIn
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
            event.incoming_token_type[:40] if type(event) is SignIn else what_of(event),
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
