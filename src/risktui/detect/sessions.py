"""Sessions of a person: from which networks, programs and devices each was used.

A session is one browser or application that stays signed in. It may move between networks as its
machine does; it does not change its machine. Whoever replays its token does just that.
"""

from __future__ import annotations

from functools import lru_cache
from typing import Any

import msgspec

from risktui.detect.state import DAY, MINUTE, KeyedState
from risktui.detect.uses import Leg, TokenUse, Used, is_session, leg_of, token_of, what_of
from risktui.model.events import NOWHERE, Client, Event, Location, SignIn
from risktui.model.programs import is_tool
from risktui.model.written_often import written_often

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
SLACK = 8
"""So many more sessions are kept until there are enough to be forgotten at once."""
SAME_TOKEN = 10 * MINUTE
"""Within this time one token in two networks is two holders (card S04, R2)."""
KEPT = 2 * SAME_TOKEN
"""So long a token is remembered after the latest one: logs are late, but not for ever."""


@written_often
class Session(msgspec.Struct, array_like=True, kw_only=True, gc=False):
    """Where and with what one session was used. What nearly every use asks for stands first."""

    quiet_until: int = 0
    """Up to when (ms) a use that is as the last needs no further look; 0 where it needs one."""
    asn: int = 0
    kind: str = ""
    browser: str = ""
    system: str = ""
    device_id: str = ""
    """With what it was used last other than to sign in: each log has its own words for one."""
    signed_in: bool = False
    """Whether a sign-in of it was seen, not only what came after."""
    went_on: bool = False
    """Whether the age at its last use is still to be noted."""
    location: Location = NOWHERE
    time: int = 0
    id: str = ""
    organisation: str = ""
    """The last use: network, place, time and event."""
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

    known: dict[str, Session] = {}
    tokens: dict[str, TokenUse] = {}
    tokens_until: int = 0
    """After this time (ms) nobody asks for `tokens` any more."""
    told: list[str] = []
    """Tokens that were told, so that one theft is one story."""
    old: int = 0
    """The greatest age (ms) of a session in ordinary use, without those that went on since."""
    limit: int = 40

    def goes_on(self, event: Event, asleep: int) -> bool:
        """Whether a known session is used as it was before, nearly always; if so, remember it.

        The quick form of `is_ordinary`, `note_ordinary` and `meet` for what brings no news to them.
        """
        session = self.known.get(event.session_id)
        if session is None:
            return False
        client = event.client
        if (
            client.browser != session.browser
            or client.device_id != session.device_id
            or client.operating_system != session.system
        ):
            if not _is_own_way(client, session):
                return False
            if type(event) is not SignIn:
                session.browser, session.system = client.browser[:40], client.operating_system[:40]
                session.device_id = client.device_id[:40]
        if not session.signed_in and type(event) is SignIn:
            return False
        location = event.location
        country = location.country_or_region
        if country != session.location.country_or_region and country not in session.countries:
            return False
        if not self.last <= event.time <= session.quiet_until and not self._is_awake(
            event, session, asleep
        ):
            return False
        network = event.network
        if network.asn != session.asn or network.kind != session.kind:
            if network.asn not in session.networks:
                return False
            session.asn, session.kind = network.asn, network.kind
            session.organisation = network.organisation[:60]
        session.time, session.id = event.time, event.id
        session.location, session.went_on = location, True
        return True

    def _is_awake(self, event: Event, session: Session, asleep: int) -> bool:
        """The same of the time, and of a network that is known, where it is late, or long after."""
        network = event.network
        if session.strange or not network.asn or event.time - session.time >= asleep:
            return False
        elsewhere = network.asn != session.asn or network.kind != session.kind
        if elsewhere and network.asn not in session.networks:
            return False
        self._settle(session)
        session.quiet_until = event.time + asleep - 1
        return True

    def meet(self, event: Event, session: Session | None, asleep: int) -> None:
        """Remember how `session`, the one of `event`, was used now, or that it began.

        It sleeps after `asleep` ms without use.
        """
        if session is None:
            if not is_session(event.session_id):
                return
            session = self._begin(event)
        else:
            self._settle(session)
        client, network = event.client, event.network
        asn, device, program = network.asn, client.device_id, program_of(event)
        session.time, session.id, session.location = event.time, event.id, event.location
        session.asn, session.kind = asn, network.kind
        session.organisation = network.organisation[:60]
        session.browser, session.system = client.browser[:40], client.operating_system[:40]
        session.device_id = device[:40]
        session.quiet_until = event.time + asleep - 1 if asn and not session.strange else 0
        session.signed_in = session.signed_in or type(event) is SignIn
        country = event.location.country_or_region
        if asn and asn not in session.networks:
            _mark(session.networks, asn)
        if country and country not in session.countries:
            _mark(session.countries, country)
        if device and device not in session.devices:
            _mark(session.devices, device)
        if program not in session.programs and program != NO_PROGRAM:
            _mark(session.programs, program)

    def _begin(self, event: Event) -> Session:
        """The session whose first use is `event`."""
        tool = bool(is_tool(event.client.user_agent))
        # all else is written to it: to name it here takes three times as long
        session = Session(first=leg_of(event), time=event.time, tool=tool)
        self.known[event.session_id] = session
        if len(self.known) > self.limit + SLACK:
            self._forget()
        return session

    def _forget(self) -> None:
        """Forget the sessions that were used longest ago."""
        known = self.known
        for name in sorted(known, key=lambda name: known[name].time)[: -self.limit]:
            self._settle(known.pop(name))

    def is_told(self, event: Event, session: Session) -> bool:
        """Whether this stranger's use of the session was told before."""
        return bool(session.strange) and _stranger(event) in session.strange

    def disown(self, event: Event, session: Session) -> None:
        """Mark the use as a stranger's: the session's own networks and programs stay as before."""
        if (stranger := _stranger(event)) not in session.strange:
            _mark(session.strange, stranger)
        session.quiet_until = 0

    @property
    def oldest(self) -> int:
        """The greatest age (ms) of a session in ordinary use."""
        for session in self.known.values():
            self._settle(session)
        return self.old

    def _settle(self, session: Session) -> None:
        """Note the age of a session in ordinary use, if it went on."""
        if session.went_on:
            self.old = max(self.old, session.time - session.first.time)
            session.went_on = False

    def note_ordinary(self, event: Event, session: Session) -> None:
        """Note the age of a session that is in ordinary use."""
        self.old = max(self.old, event.time - session.first.time)

    def used_elsewhere(self, event: Used) -> TokenUse | None:
        """The use of the same token in another network within minutes; then remember this one.

        `event` has a token, if perhaps only a placeholder: who asks looks at the latter.
        """
        time = event.time
        token = event.unique_token_identifier
        if token[-1] == "=":
            token = token.rstrip("=")
        use = TokenUse(
            time,
            event.id,
            event.ip_address,
            event.location,
            event.network,
            event.client,
            event.app_display_name,
            event.incoming_token_type[:40] if type(event) is SignIn else what_of(event),
        )
        if time > self.tokens_until:  # nearly always
            self.tokens, self.tokens_until = {token: use}, time + KEPT
            return None
        tokens = self.tokens
        before = tokens.pop(token, None)  # the end is the latest
        tokens[token] = use
        self.tokens_until = max(self.tokens_until, time + KEPT)
        if before is None:  # nearly always of a sign-in
            if len(tokens) > MAX_MARKS:
                del tokens[next(iter(tokens))]
            return None
        if before.network.asn == event.network.asn or token in self.told:
            return None
        if not event.network.asn or abs(time - before.time) > SAME_TOKEN:
            return None
        return before if token_of(event) else None

    def tell(self, event: Event) -> None:
        """Mark the token as told, so that one theft is one story."""
        token = token_of(event)
        if token and token in self.tokens and token not in self.told:
            _mark(self.told, token)


def _is_own_way(client: Client, session: Session) -> bool:
    """Whether program and device are the session's; many records do not name a program."""
    program = client.browser, family_of(client.operating_system)
    if program not in session.programs and program != NO_PROGRAM:
        return False
    return not client.device_id or client.device_id in session.devices


def _mark(marks: list[Any], value: object) -> None:
    """Remember a value that is new."""
    marks.append(value)
    if len(marks) > MAX_MARKS:
        del marks[0]


def _stranger(event: Event) -> str:
    return f"{event.network.asn} {event.client.browser[:40]} {event.client.operating_system[:40]}"


@lru_cache(maxsize=1024)
def family_of(system: str) -> str:
    """A system without its version."""
    return system.partition(" ")[0]


def program_of(event: Event) -> tuple[str, str]:
    """Browser and family of the system, as sessions remember them."""
    return event.client.browser, family_of(event.client.operating_system)
