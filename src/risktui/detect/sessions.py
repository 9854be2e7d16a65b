"""Sessions of a person: from which networks, programs and devices each was used, and what is odd.

A session is one browser or application that stays signed in. It may move between networks as its
machine does; it does not change its machine. Whoever replays its token does just that.
"""

from __future__ import annotations

from copy import copy
from functools import lru_cache
from typing import Any, NamedTuple

import msgspec

from risktui.detect import words
from risktui.detect.detector import Facts
from risktui.detect.explain import Check
from risktui.detect.geometry import AIRLINER_KMH, gap_km
from risktui.detect.modifiers import (
    a2_tool,
    is_shared_egress,
    m1_trusted,
    m4_shared_egress,
    m6_relay,
    own_program,
)
from risktui.detect.score import Score
from risktui.detect.state import DAY, HOUR, MINUTE, SECOND
from risktui.model.events import ApiCall, Event, FileAccess, Location, SignIn
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
DESKTOP_SITES = ({"iOS", "macOS"}, {"Android", "Linux"})
"""Systems that a phone or tablet changes between when it asks for the desktop site."""

LEARNING = 7 * DAY
"""In the organisation's first week nobody knows its VPN exits."""
NO_PROGRAM = ("", "")
TOKEN_LIFE = 28 * HOUR
"""The longest life of an access token, where access is evaluated continuously (Microsoft)."""
MAX_MARKS = 8
SAME_TOKEN = 10 * MINUTE
"""Within this time one token in two networks is two holders (card S04, R2)."""
AT_ONCE = 30 * SECOND
"""Use in two networks so close is concurrent (Microsoft-Analyzer-Suite)."""


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
        program = client.browser, _family(client.operating_system)
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
        if (browser, _family(system)) not in session.programs:
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
def _family(system: str) -> str:
    return system.partition(" ")[0]


def _program(event: Event) -> tuple[str, str]:
    return event.client.browser, _family(event.client.operating_system)


def is_ordinary(event: Event, session: Session, facts: Facts, asleep: int) -> bool:
    """The quick answer for nearly all uses: network and program as before, and not long ago.

    The network is the session's, or one that the person knows and goes to with the same machine.
    """
    if event.time - session.last.time >= asleep:
        return False
    program, network = _program(event), event.network
    same = program in session.programs or program == NO_PROGRAM
    if network.asn in session.networks:
        return same or not is_other_machine(event, session, facts)
    client = event.client
    if not same or (client.device_id and client.device_id not in session.devices):
        return False
    if not session.tool and is_tool(client.user_agent):
        return False
    return facts.person.known_before("asn", str(network.asn), event.time)


def is_other_machine(event: Event, session: Session, facts: Facts) -> bool:
    """R1u: another system, another browser or a script; native programs beside it are no news.

    Nor is the person's own script, or any script in the session's own network. What a script began
    does not go on elsewhere in a browser that is not the person's.
    """
    tool = is_tool(event.client.user_agent)
    if not (tool and not session.tool):
        if _is_other_program(event, session):
            return True
        if not session.tool or tool or event.client.browser not in BROWSERS:
            return False
    return event.network.asn not in session.networks and not own_program(event, facts)


def other_machine(event: Event, session: Session, facts: Facts) -> Check:
    """R1u in words."""
    browser, system = _program(event)
    tool = a2_tool(event)
    before = ", ".join(" on ".join(p for p in known if p) for known in session.programs)
    reason = f"{' on '.join(p for p in (browser, system) if p) or 'unknown'}, before {before}"
    if tool and not session.tool:
        reason = f"{tool.reason}, before {before or 'no script'}"
    elif session.tool and browser in BROWSERS and not (tool or _is_other_program(event, session)):
        reason = f"{browser} in place of a script"
    other = is_other_machine(event, session, facts)
    return Check("R1u", "another machine or browser", other, reason)


def _is_other_program(event: Event, session: Session) -> bool:
    return bool(session.programs) and _differs(*_program(event), event, session)


def _differs(browser: str, system: str, event: Event, session: Session) -> bool:
    if (browser, system) in session.programs:
        return False
    if event.client.device_id and event.client.device_id in session.devices:
        return all(s and system and s != system for _, s in session.programs)
    near = event.network.asn in session.networks
    for known_browser, known_system in session.programs:
        same_system = not system or not known_system or system == known_system
        if near and browser == known_browser:
            same_system = same_system or {system, known_system} in DESKTOP_SITES
        both = {browser, known_browser} <= BROWSERS
        if same_system and not (both and browser != known_browser):
            return False
    return True


class Split(NamedTuple):
    """What was found about a use of a session, before points are given."""

    network: Check
    country: Check
    machine: Check
    device: Check
    leap: Check
    """Too far from the last use to have travelled."""

    @property
    def moved(self) -> bool:
        """Whether one machine has simply moved."""
        return not (self.machine or self.device or self.leap)


def has_moved(event: Event, session: Session, facts: Facts, *, new_network: bool) -> bool:
    """Whether one machine has simply moved, as nearly always: `Split.moved` without its words."""
    machine = is_other_machine(event, session, facts)
    return not (
        machine
        or _is_other_device(event, session, machine=machine)
        or (new_network and _is_leap(event, session, facts))
    )


def split_of(event: Event, session: Session, facts: Facts) -> Split:
    """Compare `event` with what its session was before."""
    machine = other_machine(event, session, facts)
    network = _new_network(event, session, facts)
    return Split(
        network,
        _new_country(event, session, network),
        machine,
        _other_device(event, session, machine),
        _leap(event, session, facts, network),
    )


def is_new_network(event: Event, session: Session, facts: Facts) -> bool:
    """R1: a network that is new to the session and to the person, and no exit of many."""
    network = event.network
    asn = network.asn
    return (
        bool(asn)
        and asn not in session.networks
        and not facts.person.known_before("asn", str(asn), event.time)
        and not (network.trusted or "relay" in network.tags or is_shared_egress(event, facts))
    )


def _new_network(event: Event, session: Session, facts: Facts) -> Check:
    """R1 in words."""
    asn, person = event.network.asn, facts.person
    vague = m4_shared_egress(event, facts) or m6_relay(event.network) or m1_trusted(event)
    known = asn in session.networks or person.known_before("asn", str(asn), event.time)
    name = event.network.organisation or f"AS{asn}"
    reason = f"{name} after {session.last.organisation or f'AS{session.last.asn}'}"
    if vague and not known:
        reason = f"{name}: {vague.label}"
    new = is_new_network(event, session, facts)
    return Check("R1", "session goes on in a strange network", new, reason)


def _new_country(event: Event, session: Session, network: Check) -> Check:
    code = event.location.country_or_region
    other = bool(code and session.countries) and code not in session.countries
    reason = f"{code or 'unknown'} after {', '.join(session.countries) or 'unknown'}"
    return Check("R1c", "in another country", bool(network) and other, reason)


def _is_other_device(event: Event, session: Session, *, machine: bool) -> bool:
    """R1d: began on a device with an id, and goes on with another or without one."""
    now = event.client.device_id
    says = bool(now) or (type(event) is SignIn and machine)
    return says and bool(session.first.device_id) and now not in session.devices


def _other_device(event: Event, session: Session, machine: Check) -> Check:
    """R1d in words."""
    began, now = session.first.device_id, event.client.device_id
    other = _is_other_device(event, session, machine=bool(machine))
    reason = f"{now or 'no device id'} after {began or 'none'}"
    return Check("R1d", "device left behind", other, reason)


def _is_leap(event: Event, session: Session, facts: Facts) -> bool:
    """The same program, but further than anybody travels; carriers and VPNs do that all day.

    Where a colleague's managed machine comes from is an exit of the organisation, if a young one: a
    stolen token brings no such machine.
    """
    if "mobile" in {session.last.kind, event.network.kind} or event.network.tags:
        return False
    if facts.egress_managed_users > 0 or event.time - facts.tenant_first_seen < LEARNING:
        return False  # in the organisation's first week no exit is known yet
    if event.client.device_id and own_program(event, facts):
        return False
    kilometres, hours = _way(event, session)
    return kilometres > 500 and kilometres / hours > AIRLINER_KMH  # 500: two cities of one ISP


def _way(event: Event, session: Session) -> tuple[float, float]:
    """Kilometres and hours from the last use to `event`."""
    last = session.last
    hours = max(event.time - last.time, MINUTE) / HOUR
    return gap_km(last.location, event.location), hours


def _leap(event: Event, session: Session, facts: Facts, network: Check) -> Check:
    """A leap in words."""
    kilometres, hours = _way(event, session)
    leap = bool(network) and _is_leap(event, session, facts)
    return Check(
        "leap", "too far to have travelled", leap, f"{kilometres:,.0f} km in {hours:.1f} h"
    )


def weigh_split(score: Score, event: Event, session: Session, split: Split) -> None:
    """R1, R1c, R1u, R1d, R3 and what the second network and program are (A1, A2)."""
    ids = (event.id, session.last.id)
    score.add(split.network, 30, event_ids=ids)
    score.add(split.country, 25, event_ids=ids)
    score.add(split.machine, 25, event_ids=ids)
    score.add(split.device, 25, event_ids=ids)
    apart = abs(event.time - session.last.time)
    kinds = session.last.kind != event.network.kind and session.last.asn != event.network.asn
    at_once = apart <= AT_ONCE and kinds and bool(split.machine)
    reason = f"{words.duration(apart)} after the last use"
    score.add(Check("R3", "two places at once", at_once, reason), 25, event_ids=ids)


def weigh_surroundings(score: Score, event: Event) -> None:
    """A1 and A2 of the second leg; a replay needs no person, so interactive or not."""
    hosting = event.network.kind == "hosting"
    name = event.network.organisation or f"AS{event.network.asn}"
    reason = name if hosting else "no hosting network"
    score.add(Check("A1", "hosting network", hosting, reason), 15, event_ids=(event.id,))
    score.add(a2_tool(event), 15, event_ids=(event.id,))


def old_token(event: Event) -> Check:
    """R4: an access token that is used when it should long have run out (user's form, card U02)."""
    issued = event.token_issued_at if isinstance(event, ApiCall | FileAccess) else 0
    age = event.time - issued if issued else 0
    reason = f"issued {age / HOUR:.1f} h before" if issued else "when it was issued is not known"
    return Check("R4", "token used after its life", age > TOKEN_LIFE, reason)


def old_session(event: Event, session: Session, oldest: int, *, new: bool) -> Check:
    """R4: older than a day and than any session of the person in ordinary use."""
    age = event.time - session.first.time
    old = new and age > max(DAY, oldest)
    usual = f"ordinarily up to {words.duration(oldest)}" if oldest else "what is usual is not known"
    reason = f"{words.duration(age)} old, {usual}"
    return Check("R4", "unusual age", old, reason)
