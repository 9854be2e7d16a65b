"""The shared vocabulary of gates (G), softeners (M) and aggravations (A), by their ids.

Every detector uses these, so that "M4" means the same in every explanation. Each function looks at
one rule and answers with a `Check` that says whether it applies and why; what a rule does to the
level is the detector's decision (`Weighing.up`, `.down`, `.gate`).
"""

from __future__ import annotations

from math import ceil

from risktui.detect import words
from risktui.detect.detector import Facts
from risktui.detect.explain import Check
from risktui.detect.geometry import cell_of
from risktui.detect.state import DAY, MINUTE
from risktui.model.events import Activity, Event, Network, SignIn
from risktui.model.programs import is_tool

ANONYMISERS = ("tor", "proxy", "residential", "vpn")
"""Tags of networks that hide who uses them, most suspicious first."""

RENTED = frozenset(ANONYMISERS[:3])
"""Those whose addresses anybody can rent."""

ANONYMISER_WORDS = {
    "tor": "a Tor exit",
    "proxy": "a public proxy",
    "residential": "a residential proxy",
    "vpn": "an anonymiser VPN",
}
"""The same, as headlines name them."""

RIGHT = frozenset({"ok", "probable"})
"""`SignIn.credentials` of a right password, for the hot path."""

MICROSOFT_ASNS = frozenset({8075, 8068, 8069, 8070, 12076})
"""First-party back-ends whose addresses say nothing about the person (M7)."""

SHARED_BY = 3
SHARED_SHARE = 0.01
SHARED_DAYS = 3
"""M4: at least max(3, 1 % of the active people) others, on three days (docs/detectors.md)."""

RENTED_BY = 5
RENTED_SHARE = 0.1
RENTED_MANAGED = 3
"""M4 where anybody can rent the address: one attacker's few victims must not make it an exit.

Three people with managed devices, which a stolen password does not have, suffice anywhere and at
once (Defender for Cloud Apps drops mis-tagged addresses that way)."""

LEGACY_CLIENTS = frozenset(
    {
        "Authenticated SMTP",
        "Autodiscover",
        "Exchange ActiveSync",
        "Exchange Online PowerShell",
        "Exchange Web Services",
        "IMAP4",
        "MAPI Over HTTP",
        "Offline Address Book",
        "Outlook Anywhere",
        "Outlook Anywhere (RPC over HTTP)",
        "POP3",
        "Reporting Web Services",
        "Other clients",
    }
)
"""clientAppUsed of basic authentication (Elastic's list)."""

SENSITIVE_OPERATIONS = (
    "user registered security info",
    "user registered all required security info",
    "add member to role",
    "add eligible member to role",
    "consent to application",
    "register device",
    "add registered owner to device",
    "set-mailbox",
    "new-inboxrule",
    "set-inboxrule",
    "updateinboxrules",
)
"""A7: what somebody does who has just got in (docs/detectors.md)."""


def g1_credentials(event: Event, *, strict: bool = True) -> Check:
    """G1 applies (holds back) where a sign-in did not have the right password."""
    wrong = isinstance(event, SignIn) and not event.password_was_right
    credentials = event.credentials if isinstance(event, SignIn) else "none"
    return Check(
        "G1",
        "correct credentials only",
        wrong and strict,
        f"credentials {credentials}" if wrong else "the password was right",
    )


def g3_disabled(event: Event, facts: Facts) -> Check:
    """G3 is noted, and holds nothing back: a disabled account's password can still be known."""
    disabled = facts.person.disabled or (isinstance(event, SignIn) and event.error_code == 50057)
    return Check("G3", "account disabled", disabled, "disabled" if disabled else "enabled")


def g4_guest(event: Event) -> Check:
    """G4 applies to guests: their home tenant judges them."""
    guest = event.user_type == "guest"
    return Check(
        "G4", "guest of another tenant", guest, "home tenant must act" if guest else "a member"
    )


def g5_not_a_person(event: Event) -> Check:
    """G5 applies to service principals, managed identities and services."""
    return Check("G5", "not a person", event.actor != "user", f"actor is {event.actor}")


def m1_trusted(event: Event | Activity) -> Check:
    """M1: the address is a trusted named location."""
    network = event.network
    if network.trusted:
        return Check("M1", "trusted location", True, network.named_location or "trusted")
    return Check("M1", "trusted location", False, "not a trusted named location")


def m2_known_device(event: Event | Activity, facts: Facts) -> Check:
    """M2: a managed device met on two days or more."""
    known, managed = facts.person.knows_device(event), event.client.managed
    if not event.client.device_id:
        reason = "no device id"
    elif not known:
        reason = "device not met on two days"
    else:
        reason = "known and managed" if managed else "known but not managed"
    return Check("M2", "known managed device", known and managed, reason)


def m3_fresh_mfa(event: Event | Activity) -> Check:
    """M3: the second factor was passed in this very sign-in, not taken from a token."""
    mfa = event.mfa if isinstance(event, SignIn | Activity) else ""
    words = {"fresh": "passed now", "claim": "satisfied by a claim in the token", "": "none"}
    return Check("M3", "fresh MFA", mfa == "fresh", words.get(mfa, mfa))


def m3_answered(event: SignIn, facts: Facts) -> Check:
    """M3 where it answers: not after prompts refused minutes before, for then somebody gave in."""
    fresh = m3_fresh_mfa(event)
    if not fresh:
        return fresh
    refused = a5_mfa_refused(event, facts)
    reason = f"passed now, but {refused.reason}" if refused else fresh.reason
    return Check("M3", "fresh MFA", not refused, reason)


def is_shared_egress(event: Event, facts: Facts) -> bool:
    """M4 without its words, for the hot path."""
    managed = facts.egress_managed_users
    if managed >= RENTED_MANAGED:
        if managed >= SHARED_SHARE * facts.active_users:
            return True
    elif facts.egress_users < SHARED_BY:
        return False
    if facts.egress_days < SHARED_DAYS:
        return False
    return facts.egress_users >= _others_needed(event.network, facts)


def _others_needed(network: Network, facts: Facts) -> int:
    """How many others make a prefix an exit of the organisation."""
    if network.kind == "hosting" or (network.tags and not RENTED.isdisjoint(network.tags)):
        return max(RENTED_BY, ceil(RENTED_SHARE * facts.active_users))
    return max(SHARED_BY, ceil(SHARED_SHARE * facts.active_users))


def m4_shared_egress(event: Event, facts: Facts) -> Check:
    """M4: the prefix is an exit of the organisation, used by many others."""
    shared, needed = is_shared_egress(event, facts), _others_needed(event.network, facts)
    reason = (
        f"used by {words.many(facts.egress_users, 'other person', 'other people')} on "
        f"{words.many(facts.egress_days, 'day')}, "
        f"{facts.egress_managed_users} of them with managed devices "
        f"(needs {needed} on {SHARED_DAYS} days, or {RENTED_MANAGED} with managed devices)"
    )
    return Check("M4", "shared egress of the organisation", shared, reason)


def m5_carrier(network: Network) -> Check:
    """M5: a mobile carrier, whose exit may be far from the phone."""
    mobile = network.kind == "mobile"
    name = network.organisation or f"AS{network.asn}"
    return Check("M5", "mobile carrier", mobile, name if mobile else "not a mobile carrier")


def m6_relay(network: Network) -> Check:
    """M6: a privacy relay such as Apple's."""
    relay = "relay" in network.tags
    return Check("M6", "privacy relay", relay, "listed as relay" if relay else "not a relay")


def m7_first_party(network: Network) -> Check:
    """M7: Microsoft's own back-end."""
    ours = network.asn in MICROSOFT_ASNS
    reason = f"AS{network.asn}" if ours else "not Microsoft's"
    return Check("M7", "Microsoft back-end", ours, reason)


def new_place(event: Event, facts: Facts) -> Check:
    """Whether an act came from a network that was not the person's the day before.

    What an intruder's own sign-in taught in the hour before does not make the place familiar; the
    person's own machine does, wherever it is.
    """
    network = event.network
    if not event.ip_address or not event.by_the_person:
        reason = "no address" if not event.ip_address else "somebody else's address"
        return Check("place", "unfamiliar network", False, reason)
    known = _is_known_place(event, facts)
    if not known and (own_program(event, facts) or _own_program_there(event, facts)):
        return Check("place", "unfamiliar network", False, "the person's own machine is there")
    where = network.organisation or (f"AS{network.asn}" if network.asn else "network unknown")
    reason = f"{event.ip_address} ({where}) is {'known' if known else 'new'}"
    return Check("place", "unfamiliar network", not known, reason)


def is_new_place(event: Event, facts: Facts) -> bool:
    """`new_place` without its words, for the hot path."""
    if own_program(event, facts) or not event.ip_address or not event.by_the_person:
        return False
    return not _is_known_place(event, facts) and not _own_program_there(event, facts)


def _is_known_place(event: Event, facts: Facts) -> bool:
    """Whether the network is the organisation's, or was the person's the day before."""
    person, network, time = facts.profile or facts.person, event.network, event.time
    return (
        network.trusted
        or person.known_before("ip", event.ip_address, time)
        or person.known_before("asn", str(network.asn or ""), time)
        or is_shared_egress(event, facts)
    )


def a_stranger(event: Event, facts: Facts) -> Check:
    """Whether neither the network nor the machine is one of the person's: somebody else, likely.

    A newer build of the person's browser in the person's own town is none, nor is a machine that
    the organisation manages.
    """
    mine = own_program(event, facts) or event.client.managed or _updated_at_home(event, facts)
    place = new_place(event, facts)
    reason = f"{place.reason}, the program is {'known' if mine else 'new'}"
    return Check(
        "stranger", "strange machine in a strange network", bool(place) and not mine, reason
    )


def is_a_stranger(event: Event, facts: Facts) -> bool:
    """`a_stranger` without its words, for the hot path."""
    if event.client.managed or own_program(event, facts):
        return False
    return is_new_place(event, facts) and not _updated_at_home(event, facts)


def settled(event: Event, facts: Facts, days: float) -> Check:
    """Whether too little is known of a newcomer, to whom everything is new (holds back)."""
    known = facts.person.days_since_first(event.time)
    reason = f"known for {known:.1f} days, needs {days:g}"
    return Check("learning", "a newcomer", known < days, reason)


def _own_program_there(event: Event, facts: Facts) -> bool:
    """Whether the person's own machine was at the address within the day before.

    Many records do not say with what an act was done.
    """
    anchors, address = (facts.profile or facts.person).anchors, event.ip_address
    there = [anchor.activity for anchor in anchors if anchor.activity.ip_address == address]
    return any(0 <= event.time - one.time <= DAY and own_program(one, facts) for one in there)


def own_program(event: Event | Activity, facts: Facts) -> bool:
    """Whether device or exact user agent were the person's the day before."""
    client, person = event.client, facts.profile or facts.person
    device = client.device_id
    if device:
        return person.known_before("device", device, event.time)
    return person.known_before("user_agent", client.user_agent, event.time)


def _updated_at_home(event: Event, facts: Facts) -> bool:
    """Browser and system of the person's, where they have been for days, from a line for homes."""
    client, person, time = event.client, facts.person, event.time
    return (
        not client.device_id
        and event.network.kind not in {"hosting", ""}
        and person.familiar("cell", cell_of(event.location), time)
        and person.known_before("browser", client.browser, time)
        and person.known_before("system", client.operating_system, time)
    )


def a1_hosting(event: Event | Activity) -> Check:
    """A1: a hosting or VPS network in an interactive sign-in of a person."""
    interactive = event.is_interactive if isinstance(event, SignIn | Activity) else True
    if event.network.kind != "hosting":
        return Check("A1", "hosting network", False, "not a hoster")
    name = event.network.organisation or f"AS{event.network.asn}"
    reason = name if interactive else f"{name}, but without interaction"
    return Check("A1", "hosting network", interactive, reason)


def a2_tool(event: Event | Activity) -> Check:
    """A2: the user agent of a script or an attack tool."""
    tool = is_tool(event.client.user_agent)
    return Check("A2", "tool user agent", bool(tool), tool or "no tool")


def a3_legacy(event: Event | Activity) -> Check:
    """A3: basic authentication or, where the event itself is at hand, the resource owner flow."""
    legacy = event.client.client_app in LEGACY_CLIENTS
    ropc = isinstance(event, SignIn) and event.authentication_protocol.casefold() == "ropc"
    reason = event.client.client_app if legacy else "ropc" if ropc else "modern client"
    return Check("A3", "legacy client", legacy or ropc, reason)


def a4_guessed(event: Event, facts: Facts) -> Check:
    """A4: five wrong passwords for the person from the same prefix in the half hour before."""
    tries = facts.person.wrong_passwords_before(event)
    return Check(
        "A4", "guessed before", tries >= 5, f"{words.many(tries, 'wrong password')} in 30 minutes"
    )


def a5_mfa_refused(event: Event, facts: Facts) -> Check:
    """A5: an MFA prompt denied or unanswered within a quarter of an hour."""
    kinds = frozenset({"denied", "unanswered", "fraud"})
    prompts = facts.person.failures_near(event, kinds, 15 * MINUTE)
    if isinstance(event, SignIn) and event.mfa in kinds:
        prompts += 1
    return Check(
        "A5",
        "MFA refused",
        prompts > 0,
        f"{words.many(prompts, 'prompt')} refused within 15 minutes",
    )


def a6_foreign_to_all(event: Event, facts: Facts) -> Check:
    """A6: nobody of the organisation was in this country for 90 days."""
    country = event.location.country_or_region
    person = facts.person.recent("country").get(country) if country else None
    own = person is not None and event.time - person.last <= 90 * DAY
    seen = facts.country_last_seen and event.time - facts.country_last_seen <= 90 * DAY
    nobody = bool(country) and not seen and not own
    return Check(
        "A6",
        "country used by nobody",
        nobody,
        f"nobody in {country} for 90 days"
        if nobody
        else f"{country or 'country unknown'} is in use",
    )


def is_sensitive(event: Event | Activity) -> bool:
    """A7's act: a mailbox rule, new security info, a role, a consent, a device."""
    kind = event.kind if isinstance(event, Activity) else type(event).__name__
    if kind in {"AccountChange", "DirectoryChange"}:
        by_a_person = isinstance(event, Activity) or event.actor == "user"
        name = event.operation.casefold().strip(" .")
        return by_a_person and name.startswith(SENSITIVE_OPERATIONS)
    return kind == "MailboxRule"


def a7_sensitive(event: Event | Activity) -> Check:
    """A7: a sensitive act; here the activity itself, while the ledger watches the hour after it."""
    act = is_sensitive(event)
    return Check("A7", "sensitive act", act, event.operation if act else "not a sensitive one")
