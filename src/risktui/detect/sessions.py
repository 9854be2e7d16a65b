"""Sessions of a person: from which networks, programs and devices each was used.

A session is one browser or application that stays signed in. It may move between networks as its
machine does; it does not change its machine. Whoever replays its token does just that.
"""

from __future__ import annotations

from functools import lru_cache
from typing import TypeVar

import msgspec

from risktui.detect.state import DAY, MINUTE, KeyedState
from risktui.detect.uses import Leg, TokenUse, Used, is_session, leg_of, token_of, what_of
from risktui.model.events import Client, Event, Location, Network, SignIn
from risktui.model.programs import is_tool
from risktui.model.written_often import written_often

T = TypeVar("T")

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
NOBODY = frozenset[Client]()
MAX_MARKS = 8
SLACK = 8
"""So many more sessions are kept until there are enough to be forgotten at once."""
SAME_TOKEN = 10 * MINUTE
"""Within this time one token in two networks is two holders (card S04, R2)."""
KEPT = 2 * SAME_TOKEN
"""So long a token is remembered after the latest one: logs are late, but not for ever."""


class AtHand:
    """What is known of a session in memory only; it is found out again once it was written."""

    __slots__ = ("clients", "network")

    clients: frozenset[Client]
    """Those whose program and device are the session's, looked at once; none before its sign-in,
    nor once somebody took it over."""
    network: Network | None
    """That of the last use, where it has a number."""


@written_often
class Session(AtHand, msgspec.Struct, array_like=True, gc=False):
    """Where and with what one session was used. What nearly every use asks for stands first."""

    time: int
    id: str
    location: Location
    """The last use: time, event and place."""
    countries: tuple[str, ...]
    networks: tuple[int, ...]
    asn: int
    kind: str
    organisation: str
    """The network of the last use."""
    moved: str
    """The latest use that was no ordinary one: its age says nothing of what is usual."""
    programs: tuple[tuple[str, str], ...]
    """(browser, family of the system)"""
    devices: tuple[str, ...]
    signed_in: bool
    """Whether a sign-in of it was seen, not only what came after."""
    first: Leg
    tool: bool
    """Whether it began with a script."""
    strange: tuple[str, ...] = ()
    """Networks and programs of whoever took it over: told once, and never the session's own."""

    def __post_init__(self) -> None:
        self.clients = NOBODY
        self.network = None


class Sessions(KeyedState, kw_only=True):
    """The sessions of one person that were used last, and the tokens of the last minutes."""

    known: dict[str, Session] = {}
    tokens: dict[str, TokenUse] = {}
    tokens_until: int = 0
    """After this time (ms) nobody asks for `tokens` any more."""
    told: tuple[str, ...] = ()
    """Tokens that were told, so that one theft is one story."""
    old: int = 0
    """The greatest age (ms) of a session in ordinary use, but for the last use of each."""
    limit: int = 40

    def goes_on(self, event: Event, asleep: int) -> bool:
        """Whether a known session is used as it was before, nearly always; if so, remember it.

        The quick form of `is_ordinary` and `meet` for what brings no news to them: nothing that is
        new to the session, or late, and none that slept for `asleep` ms.
        """
        session = self.known.get(event.session_id)
        if session is None:
            return False
        time, location = event.time, event.location
        if (
            (event.client not in session.clients and not _is_own_way(event, session))
            or location.country_or_region not in session.countries
            or not 0 <= time - session.time < asleep
        ):
            return False
        if (network := event.network) is not session.network:
            if network.asn not in session.networks:
                return False
            _go_to(network, session)
        session.time = time
        session.id = event.id
        session.location = location
        return True

    def meet(self, event: Event, session: Session | None, *, moved: bool = False) -> None:
        """Remember how `session`, the one of `event`, was used now, or that it began.

        One that has `moved` was used as it is not ordinarily.
        """
        if session is None:
            if is_session(event.session_id):
                self._begin(event, moved=moved)
            return
        self._settle(session)
        if moved:
            session.moved = event.id
        network, location = event.network, event.location
        session.time, session.id, session.location = event.time, event.id, location
        if network is not session.network:
            _go_to(network, session)
        asn, country = network.asn, location.country_or_region
        if asn and asn not in session.networks:
            session.networks = _with(session.networks, asn)
        if country and country not in session.countries:
            session.countries = _with(session.countries, country)
        if event.client not in session.clients:
            _meet_machine(event, session)

    def _begin(self, event: Event, *, moved: bool) -> None:
        """Remember the session whose first use is `event`."""
        first, client, program = leg_of(event), event.client, program_of(event)
        country, device = first.location.country_or_region, client.device_id
        self.known[event.session_id] = session = Session(  # by name it takes three times as long
            first.time,
            first.id,
            first.location,
            (country,) if country else (),
            (first.asn,) if first.asn else (),
            first.asn,
            first.kind,
            first.organisation,
            first.id if moved else "",
            (program,) if program != NO_PROGRAM else (),
            (device,) if device else (),
            type(event) is SignIn,
            first,
            bool(is_tool(client.user_agent)),
        )
        session.network = event.network if first.asn else None
        if len(self.known) > self.limit + SLACK:
            self._forget()

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
            session.strange = _with(session.strange, stranger)
        session.clients = NOBODY

    @property
    def oldest(self) -> int:
        """The greatest age (ms) of a session in ordinary use."""
        for session in self.known.values():
            self._settle(session)
        return self.old

    def _settle(self, session: Session) -> None:
        """Note the age of a session, if it was used as ordinarily."""
        age = session.time - session.first.time
        if age > self.old and session.id != session.moved:
            self.old = age

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
        )
        if not use.app:
            use.what = what_of(event)
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
            self.told = _with(self.told, token)


def _is_own_way(event: Event, session: Session) -> bool:
    """Whether program and device are the session's; many records do not name a program."""
    client = event.client
    program = client.browser, family_of(client.operating_system)
    if program not in session.programs and program != NO_PROGRAM:
        return False
    if client.device_id and client.device_id not in session.devices:
        return False
    if session.strange:
        return False
    if not session.signed_in:
        return type(event) is not SignIn
    others = session.clients if len(session.clients) < MAX_MARKS else NOBODY
    session.clients = others | {client}
    return True


def _go_to(network: Network, session: Session) -> None:
    """Remember where it is used."""
    session.network = network if network.asn else None
    session.asn, session.kind = network.asn, network.kind
    session.organisation = network.organisation[:60]


def _meet_machine(event: Event, session: Session) -> None:
    """Remember program and device."""
    device, program = event.client.device_id, program_of(event)
    if type(event) is SignIn:
        session.signed_in = True
    if device and device not in session.devices:
        session.devices = _with(session.devices, device)
        session.clients = NOBODY  # it may be another's that was forgotten for it
    if program not in session.programs and program != NO_PROGRAM:
        session.programs = _with(session.programs, program)
        session.clients = NOBODY


def _with(marks: tuple[T, ...], new: T) -> tuple[T, ...]:
    """With one more; of many the last are kept."""
    return (*marks, new)[-MAX_MARKS:]


def _stranger(event: Event) -> str:
    return f"{event.network.asn} {event.client.browser[:40]} {event.client.operating_system[:40]}"


@lru_cache(maxsize=1024)
def family_of(system: str) -> str:
    """A system without its version."""
    return system.partition(" ")[0]


def program_of(event: Event) -> tuple[str, str]:
    """Browser and family of the system, as sessions remember them."""
    return event.client.browser, family_of(event.client.operating_system)
