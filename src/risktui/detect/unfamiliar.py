"""How new a sign-in is for its person: what it says of itself, against what is familiar."""

from __future__ import annotations

from functools import lru_cache
from itertools import accumulate
from typing import NamedTuple

from risktui.detect import words
from risktui.detect.detector import Facts
from risktui.detect.explain import Check
from risktui.detect.features import REMEMBERED
from risktui.detect.geometry import cell_of
from risktui.detect.learning import Profile
from risktui.detect.modifiers import is_shared_egress, m6_relay
from risktui.detect.state import HALF_LIFE, Recent, Seen
from risktui.model.events import Client, Location, Network, SignIn
from risktui.model.risk import Evidence

WEIGHTS = {
    "ip": 0.05,
    "prefix": 0.10,
    "asn": 0.20,
    "country": 0.15,
    "cell": 0.10,
    "device": 0.20,
    "browser": 0.10,
    "client": 0.10,
}
"""Ours. An address changes by itself and says little, a network or a device says much."""

REASONS = {
    "ip": "UnfamiliarIP",
    "prefix": "UnfamiliarTenantIPsubnet",
    "asn": "UnfamiliarASN",
    "country": "UnfamiliarLocation",
    "cell": "UnfamiliarLocation",
    "device": "UnfamiliarDevice",
    "browser": "UnfamiliarBrowser",
    "client": "UnfamiliarEASId",
}
"""Microsoft's words for them, as its records write them."""

LABELS = {
    "ip": "Address",
    "prefix": "Range",
    "asn": "Network",
    "country": "Country",
    "cell": "Area",
    "device": "Device",
    "browser": "Browser",
    "client": "Kind of client",
}

STRANGE = 3
"""A range that so many others use, as for M4, is no stranger's; nor is a managed machine."""

*_, WHOLE = accumulate(WEIGHTS.values())
"""What they weigh together, added up as whatever is told."""
CLIENT = tuple(WEIGHTS[name] for name in ("device", "browser", "client"))
VAGUE = 2
"""On how many days a property that says nothing here counts as met: it is familiar."""
UNMET = Seen(0.0, 0, 0, 0)
OF_THE_CLIENT = 0.4 / 0.9
"""More novelty than this no sign-in has of its client alone, whose place is told and familiar."""
UNASKED = 0.35
"""Nor more than this where network, country, machine and browser are told and familiar."""


class Property(NamedTuple):
    """One property of a sign-in, and how familiar it is (0 to 1)."""

    name: str
    value: str
    familiarity: float
    feature: str
    """Under which name the profile keeps it."""
    vague: bool
    """Taken as familiar, because it says nothing here: a shared exit, a carrier's place."""

    @property
    def novelty(self) -> float:
        """Its share in the novelty of the sign-in."""
        return WEIGHTS[self.name] * (1 - self.familiarity)


def properties_of(event: SignIn, facts: Facts) -> list[Property]:
    """What the record says of itself; properties it does not name are left out."""
    vague = _vague(event, facts)
    return [
        _property(name, value, event, facts.person, vague=name in vague)
        for name, value in zip(WEIGHTS, _values(event), strict=True)
        if value
    ]


def novelty_of(event: SignIn, facts: Facts) -> float:
    """What the properties come to, 0 to 1, without a word about them: for the hot path."""
    person, time = facts.profile or facts.person, event.time
    features, shared = person.features, is_shared_egress(event, facts)
    fresh = time - person.first_seen <= HALF_LIFE  # then so is whatever was learnt
    if fresh:
        days = _days_of(features, event, facts, shared)
        if days and 0 not in days and 1 not in days:
            return 0.0  # as nearly always
        if days and "" not in _values(event) and (shared or not event.network.tags):
            return _weight_of(days) / WHOLE
    asked = _of_the_client(event.client)
    if not shared:
        asked = _of_the_place(event, facts) + asked
    novelty = 0.0
    for feature, value, weight in asked:
        if not value:
            continue
        known = features.get(feature)
        seen = known.values.get(value) if known is not None else None
        if seen is None:
            novelty += weight
        elif fresh:
            if seen.days < 2:
                novelty += weight * (1 - seen.days / 2)
        elif seen.days < 2 or seen.count < 1.0 or time - seen.last > HALF_LIFE:
            novelty += weight * (1 - person.familiarity(feature, value, time))
    return novelty / _told(event) if novelty else 0.0


def is_surely_below(limit: float, event: SignIn, facts: Facts) -> bool:
    """Whether the novelty is below `limit`, by what weighs most: enough for nearly all.

    What is left out is taken for new, and what is vague counts as known there: it is never more.
    False says nothing.
    """
    network, country = event.network, event.location.country_or_region
    shared = limit > OF_THE_CLIENT and is_shared_egress(event, facts)
    if shared and network.asn and country and network.prefix and event.ip_address:
        return True
    person, time = facts.profile or facts.person, event.time
    features = person.features
    if limit > UNASKED and _knows_most(features, event, time - person.first_seen <= HALF_LIFE):
        return True
    asn, client = network.asn, event.client
    device = client.device_id
    novelty, present, rest = 0.0, 0.0, 1.0
    for feature, value, weight in (
        ("asn", str(asn) if asn else "", 0.20),
        ("device", device, 0.20) if device else ("system", client.operating_system, 0.20),
        ("country", country, 0.15),
        ("browser", client.browser, 0.10),
    ):
        rest -= weight
        if value:
            present += weight
            known = features.get(feature)
            seen = known.values.get(value) if known is not None else None
            if known is None or seen is None:
                novelty += weight
            elif seen.days < 2 or seen.count < 1.0 or time - seen.last > HALF_LIFE:
                novelty += weight * (1 - known.familiarity(value, time))
    return novelty < limit * present and novelty + rest < limit * (present + rest)


def enrolled(event: SignIn) -> Check:
    """A new machine that is joined and compliant: a stolen password does not give one."""
    client = event.client
    joined = client.trust_type in {"Azure AD joined", "Hybrid Azure AD joined"}
    ours = joined and client.is_compliant and bool(client.device_id)
    reason = (
        f"{client.trust_type or 'not joined'}, {'' if client.is_compliant else 'not '}compliant"
    )
    return Check("enrolled", "new machine of the organisation", ours, reason)


def evidence_of(known: Property, event: SignIn, facts: Facts) -> Evidence:
    """What the sign-in says of one property, beside what is usual."""
    value = known.value
    usual = words.met(facts.person.recent(known.feature).get(value))
    if known.vague:
        usual += "; counts as familiar: a shared exit, or a place too vague"
    if known.name == "asn":
        value = words.network(event.network)
    elif known.name == "cell":
        value = words.place(event.location)
    elif known.name == "prefix":
        value = f"{value}, used by {words.many(facts.egress_users, 'colleague')}"
    return Evidence(
        label=LABELS[known.name],
        observed=value,
        baseline=usual,
        weight=known.novelty,
        event_ids=(event.id,),
    )


def _vague(event: SignIn, facts: Facts) -> tuple[str, ...]:
    """Properties that say nothing here: of a shared exit, of a carrier's place."""
    network = event.network
    if is_shared_egress(event, facts):
        return ("ip", "prefix", "asn", "country", "cell")
    if network.tags and m6_relay(network):
        return ("ip", "prefix", "asn", "cell")
    prefix = ("prefix",) if facts.egress_users >= STRANGE else ()
    return (*prefix, "cell") if network.kind == "mobile" else prefix


def _values(event: SignIn) -> tuple[str, ...]:
    """In the order of `WEIGHTS`; "" for what the record does not say."""
    client = event.client
    return (
        event.ip_address,
        *_there(event.network, event.location),
        client.device_id or client.operating_system,
        client.browser,
        client.client_app,
    )


@lru_cache(REMEMBERED)
def _there(network: Network, place: Location) -> tuple[str, str, str, str]:
    """Range, network, country and area: of few places, and asked all day."""
    asn = str(network.asn) if network.asn else ""
    return network.subnet, asn, place.country_or_region, cell_of(place)


def _of_the_place(event: SignIn, facts: Facts) -> tuple[tuple[str, str, float], ...]:
    """What there is to ask of a place that is no shared exit, and what it weighs, as `_vague`."""
    network = event.network
    prefix, asn, country, cell = _there(network, event.location)
    if network.tags and m6_relay(network):
        return (("country", country, 0.15),)
    return (
        ("ip", event.ip_address, 0.05),
        ("prefix", prefix if facts.egress_users < STRANGE else "", 0.10),
        ("asn", asn, 0.20),
        ("country", country, 0.15),
        ("cell", cell if network.kind != "mobile" else "", 0.10),
    )


def _of_the_client(client: Client) -> tuple[tuple[str, str, float], ...]:
    """What there is to ask of the client, and what it weighs."""
    device = client.device_id
    return (
        ("device", device, 0.20) if device else ("system", client.operating_system, 0.20),
        ("browser", client.browser, 0.10),
        ("client", client.client_app, 0.10),
    )


def _days_of(
    features: dict[str, Recent], event: SignIn, facts: Facts, shared: bool
) -> tuple[int, ...]:
    """On how many days each property was met, as `WEIGHTS` has them; 2 for what is vague.

    Nothing where nothing of one of them was ever met. Of a `shared` exit only the client is asked
    for.
    """
    client = event.client
    device = client.device_id
    try:
        if device:
            machine = features["device"].values.get(device, UNMET).days
        else:
            machine = features["system"].values.get(client.operating_system, UNMET).days
        browser = features["browser"].values.get(client.browser, UNMET).days
        app = features["client"].values.get(client.client_app, UNMET).days
        if shared:
            return machine, browser, app
        network = event.network
        prefix, asn, country, cell = _there(network, event.location)
        of_prefix = of_cell = VAGUE
        if facts.egress_users < STRANGE:
            of_prefix = features["prefix"].values.get(prefix, UNMET).days
        if network.kind != "mobile":
            of_cell = features["cell"].values.get(cell, UNMET).days
        return (
            features["ip"].values.get(event.ip_address, UNMET).days,
            of_prefix,
            features["asn"].values.get(asn, UNMET).days,
            features["country"].values.get(country, UNMET).days,
            of_cell,
            machine,
            browser,
            app,
        )
    except KeyError:
        return ()


@lru_cache(REMEMBERED)
def _weight_of(days: tuple[int, ...]) -> float:
    """What properties weigh as new that were met on so many days, lately: all, or the client's."""
    new, weights = 0.0, WEIGHTS.values() if len(days) == len(WEIGHTS) else CLIENT
    for weight, met in zip(weights, days, strict=True):
        if met < 2:
            new += weight * (1 - met / 2)
    return new


def _knows_most(features: dict[str, Recent], event: SignIn, fresh: bool) -> bool:
    """Whether what weighs most is told and familiar; the rest comes to no more than `UNASKED`."""
    client = event.client
    device = client.device_id
    try:
        network = features["asn"].values[str(event.network.asn)]
        if device:
            machine = features["device"].values[device]
        else:
            machine = features["system"].values[client.operating_system]
        country = features["country"].values[event.location.country_or_region]
        browser = features["browser"].values[client.browser]
    except KeyError:
        return False
    if machine.days < 2 or network.days < 2 or browser.days < 2 or country.days < 2:
        return False
    if fresh:
        return True
    for seen in (network, machine, country, browser):
        if seen.count < 1.0 or event.time - seen.last > HALF_LIFE:
            return False
    return True


def _told(event: SignIn) -> float:
    """What all that the record says weighs together."""
    values, told = _values(event), 0.0
    if "" not in values:
        return WHOLE  # as nearly always
    for weight, value in zip(WEIGHTS.values(), values, strict=True):
        if value:
            told += weight
    return told


def _property(name: str, value: str, event: SignIn, person: Profile, *, vague: bool) -> Property:
    feature = "system" if name == "device" and not event.client.device_id else name
    known = 1.0 if vague else person.familiarity(feature, value, event.time)
    return Property(name, value, known, feature, vague)
