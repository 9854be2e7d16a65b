"""Whether a session is still in the hands it began in: what is odd about a use of it."""

from __future__ import annotations

from typing import NamedTuple

import msgspec

from risktui.detect import words
from risktui.detect.detector import Facts
from risktui.detect.explain import Check, Weighing
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
from risktui.detect.sessions import (
    BROWSERS,
    LEARNING,
    NO_PROGRAM,
    Session,
    program_of,
)
from risktui.detect.state import DAY, HOUR, MINUTE, SECOND
from risktui.detect.uses import Leg, leg_of
from risktui.model.events import Activity, ApiCall, Event, FileAccess, SignIn, activity_of
from risktui.model.programs import is_tool
from risktui.model.risk import Evidence, RiskLevel

DESKTOP_SITES = ({"iOS", "macOS"}, {"Android", "Linux"})
"""Systems that a phone or tablet changes between when it asks for the desktop site."""
TOKEN_LIFE = 28 * HOUR
"""The longest life of an access token, where access is evaluated continuously (Microsoft)."""
AT_ONCE = 30 * SECOND
"""Use in two networks so close is concurrent (Microsoft-Analyzer-Suite)."""
MAX_TAKEN = 8


class Taken(msgspec.Struct, array_like=True, frozen=True):
    """A session or token that was told."""

    key: str
    level: RiskLevel
    activity: Activity


def is_ordinary(event: Event, session: Session, facts: Facts, asleep: int) -> bool:
    """The quick answer for nearly all uses: network and program as before, and not long ago.

    The network is the session's, or one that the person knows and goes to with the same machine.
    """
    if event.time - session.time >= asleep:
        return False
    program, network = program_of(event), event.network
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
    browser, system = program_of(event)
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
    return bool(session.programs) and _differs(*program_of(event), event, session)


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
    reason = f"{name} after {session.organisation or f'AS{session.asn}'}"
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
    if "mobile" in {session.kind, event.network.kind} or event.network.tags:
        return False
    if facts.egress_managed_users > 0 or event.time - facts.tenant_first_seen < LEARNING:
        return False  # in the organisation's first week no exit is known yet
    if event.client.device_id and own_program(event, facts):
        return False
    kilometres, hours = _way(event, session)
    return kilometres > 500 and kilometres / hours > AIRLINER_KMH  # 500: two cities of one ISP


def _way(event: Event, session: Session) -> tuple[float, float]:
    """Kilometres and hours from the last use to `event`."""
    hours = max(event.time - session.time, MINUTE) / HOUR
    return gap_km(session.location, event.location), hours


def _leap(event: Event, session: Session, facts: Facts, network: Check) -> Check:
    """A leap in words."""
    kilometres, hours = _way(event, session)
    leap = bool(network) and _is_leap(event, session, facts)
    return Check(
        "leap", "too far to have travelled", leap, f"{kilometres:,.0f} km in {hours:.1f} h"
    )


def weigh_split(score: Score, event: Event, session: Session, split: Split) -> None:
    """R1, R1c, R1u, R1d, R3 and what the second network and program are (A1, A2)."""
    ids = (event.id, session.id)
    score.add(split.network, 30, event_ids=ids)
    score.add(split.country, 25, event_ids=ids)
    score.add(split.machine, 25, event_ids=ids)
    score.add(split.device, 25, event_ids=ids)
    apart = abs(event.time - session.time)
    kinds = session.kind != event.network.kind and session.asn != event.network.asn
    at_once = apart <= AT_ONCE and kinds and bool(split.machine)
    reason = f"{words.duration(apart)} after the last use"
    score.add(Check("R3", "two places at once", at_once, reason), 25, event_ids=ids)


def weigh_use(
    score: Score, event: Event, session: Session, facts: Facts, *, asleep: int, oldest: int
) -> bool:
    """R1, R3, R4 and R7 of a use of a session; whether one machine has simply moved.

    `asleep` and `oldest` are as `woken` and `old_session` have them.
    """
    split = split_of(event, session, facts)
    woke = woken(event, session, facts, split, asleep)
    weigh_split(score, event, session, split)
    score.add(woke, 30, event_ids=(event.id, session.id))
    score.add(old_session(event, session, oldest, new=bool(split.network) or bool(woke)), 15)
    if split.network:
        score.add(old_token(event), 20, event_ids=(event.id,))
    return split.moved and not woke


def weigh_surroundings(score: Score, event: Event) -> None:
    """A1 and A2 of the second leg; a replay needs no person, so interactive or not."""
    hosting = event.network.kind == "hosting"
    name = event.network.organisation or f"AS{event.network.asn}"
    reason = name if hosting else "not a hoster"
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


def woken(event: Event, session: Session, facts: Facts, split: Split, asleep: int) -> Check:
    """R7: given up for weeks while the person went on, and used where they are not.

    `asleep` is how long (ms) nobody used what has been given up.
    """
    person, idle = facts.person, event.time - session.time
    was_there = person.last_seen - session.time >= asleep / 2
    country = event.location.country_or_region
    abroad = bool(split.network) and not person.known_before("country", country, event.time)
    strange = bool(split.machine) or bool(split.device) or abroad
    found = idle >= asleep and was_there and strange
    return Check("R7", "session woke after weeks", found, f"not used for {words.duration(idle)}")


def reused_token(event: Event, before: Leg, facts: Facts) -> Check:
    """R2, unless one phone has gone from one network of the country to another."""
    browser, system = event.client.browser, event.client.operating_system
    same_country = before.location.country_or_region == event.location.country_or_region
    same = (browser, system) == (before.browser, before.system)
    device = bool(before.device_id) and before.device_id == event.client.device_id
    vague = m4_shared_egress(event, facts) or m6_relay(event.network)
    moved = (same_country and same) or device or bool(vague)
    apart = words.duration(abs(event.time - before.time))
    reason = f"one token at {before.ip_address} and {event.ip_address} within {apart}"
    return Check("R2", "one token in two places", not moved, reason)


def legs(
    event: Event, before: Leg | None, session: Session | None, oldest: int
) -> tuple[Evidence, ...]:
    """The two sides, one line each, and how old the session is."""
    now, lines = leg_of(event), []
    if before is not None:
        was = f"{words.clock(before.time)} {before}"
        lines.append(Evidence(label="Before", observed=was, event_ids=(before.id,)))
    lines.append(
        Evidence(label="Now", observed=f"{words.clock(now.time)} {now}", event_ids=(now.id,))
    )
    if session is not None:
        usual = f"in ordinary use up to {words.duration(oldest)}" if oldest else "unknown"
        lines.append(
            Evidence(
                label="Age of the session",
                observed=words.duration(event.time - session.first.time),
                baseline=usual,
            )
        )
    if now.what and not isinstance(event, SignIn):
        lines.append(Evidence(label="First act there", observed=now.what, event_ids=(now.id,)))
    return tuple(lines)


def log_gap(session: Session, facts: Facts) -> Check:
    """Whether the session may have begun while the sign-in log was silent."""
    began = session.first.time
    for begin, end in facts.notes.get("sign_in_gaps", ()):
        if begin <= began <= end:
            reason = f"the sign-in log has a gap from {words.clock(begin)} to {words.clock(end)}"
            return Check("gap", "gap in the sign-in log", True, reason)
    return Check("gap", "gap in the sign-in log", False, "the sign-in log has no gap there")


def weigh_others(
    event: Event, key: str, weighing: Weighing, taken: list[Taken]
) -> tuple[list[Taken], list[Taken]]:
    """Others that were taken within a day, more than any one of them; and all that are known now.

    `key` is the session or token of `event`, which is one of them unless `weighing` is held back.
    """
    lately = [each for each in taken if 0 <= event.time - each.activity.time <= DAY]
    others = [each for each in lately if each.key != key]
    ids = ", ".join(each.key for each in others)
    reason = f"{ids} within a day" if others else "no other within a day"
    weighing.up(Check("several", "several sessions taken", bool(others), reason))
    if others:
        highest = max((each.level for each in others), key=lambda level: level.rank)
        check = Check("several", "one more than the highest of them", True, reason)
        weighing.at_least(highest.step(+1), check)
    if weighing.held_back is not None:
        return others, taken
    return others, [*lately, Taken(key, weighing.level, activity_of(event))][-MAX_TAKEN:]
