"""How new a sign-in is for its person: what it says of itself, against what is familiar."""

from __future__ import annotations

from typing import NamedTuple

from risktui.detect import words
from risktui.detect.detector import Facts
from risktui.detect.geometry import cell_of
from risktui.detect.learning import Profile
from risktui.detect.modifiers import is_shared_egress, m6_relay
from risktui.detect.state import HALF_LIFE
from risktui.model.events import SignIn
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

_WEIGHED = tuple(WEIGHTS.items())


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
    person, time, vague = facts.person, event.time, _vague(event, facts)
    features, device = person.features, event.client.device_id
    fresh = time - person.first_seen <= HALF_LIFE  # then so is whatever was learnt
    novelty = present = 0.0
    for (name, weight), value in zip(_WEIGHED, _values(event), strict=True):
        if not value:
            continue
        present += weight
        if vague and name in vague:
            continue
        feature = name if device or name != "device" else "system"
        try:
            seen = features[feature].values[value]
        except KeyError:
            novelty += weight
            continue
        if seen.days < 2 or not (fresh or (seen.count >= 1.0 and time - seen.last <= HALF_LIFE)):
            novelty += weight * (1 - person.familiarity(feature, value, time))
    return novelty / present if present else 0.0


def is_surely_below(limit: float, event: SignIn, person: Profile) -> bool:
    """Whether the novelty is below `limit`, by what weighs most: enough for nearly all.

    What is left out is taken for new, and what is vague counts as known there: it is never more.
    False says nothing.
    """
    client, features, time = event.client, person.features, event.time
    asn, device = event.network.asn, client.device_id
    novelty, present, rest = 0.0, 0.0, 1.0
    for feature, value, weight in (
        ("asn", str(asn) if asn else "", 0.20),
        ("device", device, 0.20) if device else ("system", client.operating_system, 0.20),
        ("country", event.location.country_or_region, 0.15),
        ("browser", client.browser, 0.10),
    ):
        rest -= weight
        if value:
            present += weight
            known = features.get(feature)
            seen = known.values.get(value) if known is not None else None
            if seen is None:
                novelty += weight
            elif seen.days < 2 or seen.count < 1.0 or time - seen.last > HALF_LIFE:
                novelty += weight * (1 - person.familiarity(feature, value, time))
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


def _property(name: str, value: str, event: SignIn, person: Profile, *, vague: bool) -> Property:
    feature = "system" if name == "device" and not event.client.device_id else name
    known = 1.0 if vague else person.familiarity(feature, value, event.time)
    return Property(name, value, known, feature, vague)
