"""How new a sign-in is for its person: what it says of itself, against what is familiar."""

from __future__ import annotations

from itertools import accumulate
from typing import NamedTuple

from risktui.detect import words
from risktui.detect.detector import Facts
from risktui.detect.geometry import cell_of
from risktui.detect.learning import Profile
from risktui.detect.modifiers import is_shared_egress, m6_relay
from risktui.detect.state import HALF_LIFE, Recent
from risktui.model.events import Client, SignIn
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
    settled = fresh and person.active_days > 1 and _knows_client(features, event.client)
    if settled and (shared or _knows_place(features, event, facts)):
        return 0.0  # as nearly always
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
    network, client, country = event.network, event.client, event.location.country_or_region
    asn, device = network.asn, client.device_id
    place_is_told = asn and country and network.prefix and event.ip_address
    if place_is_told and limit > OF_THE_CLIENT and is_shared_egress(event, facts):
        return True
    person, time = facts.profile or facts.person, event.time
    features = person.features
    if limit > UNASKED and _knows_most(features, event):
        return True
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
    network, client, place = event.network, event.client, event.location
    return (
        event.ip_address,
        network.subnet,
        str(network.asn) if network.asn else "",
        place.country_or_region,
        cell_of(place),
        client.device_id or client.operating_system,
        client.browser,
        client.client_app,
    )


def _of_the_place(event: SignIn, facts: Facts) -> tuple[tuple[str, str, float], ...]:
    """What there is to ask of a place that is no shared exit, and what it weighs, as `_vague`."""
    network, place = event.network, event.location
    country = ("country", place.country_or_region, 0.15)
    if network.tags and m6_relay(network):
        return (country,)
    return (
        ("ip", event.ip_address, 0.05),
        ("prefix", network.subnet if facts.egress_users < STRANGE else "", 0.10),
        ("asn", str(network.asn) if network.asn else "", 0.20),
        country,
        ("cell", cell_of(place) if network.kind != "mobile" else "", 0.10),
    )


def _of_the_client(client: Client) -> tuple[tuple[str, str, float], ...]:
    """What there is to ask of the client, and what it weighs."""
    device = client.device_id
    return (
        ("device", device, 0.20) if device else ("system", client.operating_system, 0.20),
        ("browser", client.browser, 0.10),
        ("client", client.client_app, 0.10),
    )


def _knows_client(features: dict[str, Recent], client: Client) -> bool:
    """Whether machine, browser and kind of client are told, and were met on two days each."""
    device, system = client.device_id, client.operating_system
    try:
        machine = features["device"].values[device] if device else features["system"].values[system]
        return (
            machine.days >= 2
            and features["browser"].values[client.browser].days >= 2
            and features["client"].values[client.client_app].days >= 2
        )
    except KeyError:
        return False


def _knows_place(features: dict[str, Recent], event: SignIn, facts: Facts) -> bool:
    """The same of all that is asked of a place."""
    network, place = event.network, event.location
    try:
        return (
            features["ip"].values[event.ip_address].days >= 2
            and features["asn"].values[str(network.asn)].days >= 2
            and features["country"].values[place.country_or_region].days >= 2
            and (network.kind == "mobile" or features["cell"].values[cell_of(place)].days >= 2)
            and (
                facts.egress_users >= STRANGE or features["prefix"].values[network.subnet].days >= 2
            )
        )
    except KeyError:
        return False


def _knows_most(features: dict[str, Recent], event: SignIn) -> bool:
    """Whether what weighs most is told and familiar; the rest comes to no more than `UNASKED`."""
    client, time, place = event.client, event.time, event.location
    device, system = client.device_id, client.operating_system
    try:
        for seen in (
            features["asn"].values[str(event.network.asn)],
            features["device"].values[device] if device else features["system"].values[system],
            features["country"].values[place.country_or_region],
            features["browser"].values[client.browser],
        ):
            if seen.days < 2 or seen.count < 1.0 or time - seen.last > HALF_LIFE:
                return False
    except KeyError:
        return False
    return True


def _told(event: SignIn) -> float:
    """What all that the record says weighs together."""
    network, client, place = event.network, event.client, event.location
    machine = client.device_id or client.operating_system
    located = place.latitude is not None and place.longitude is not None
    country, browser, app = place.country_or_region, client.browser, client.client_app
    prefix, asn, address = network.prefix, network.asn, event.ip_address
    if located and address and prefix and asn and country and machine and browser and app:
        return WHOLE  # as nearly always
    told = 0.0
    values = address, prefix, asn, country, located, machine, browser, app
    for weight, value in zip(WEIGHTS.values(), values, strict=True):
        if value:
            told += weight
    return told


def _property(name: str, value: str, event: SignIn, person: Profile, *, vague: bool) -> Property:
    feature = "system" if name == "device" and not event.client.device_id else name
    known = 1.0 if vague else person.familiarity(feature, value, event.time)
    return Property(name, value, known, feature, vague)
