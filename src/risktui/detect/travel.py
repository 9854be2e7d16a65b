"""Trips between two activities of one person: what detectors of travel have in common."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import NamedTuple, TypeAlias

import msgspec

from risktui.detect import words
from risktui.detect.explain import Check
from risktui.detect.geometry import distance_km
from risktui.detect.learning import Profile
from risktui.detect.modifiers import MICROSOFT_ASNS, RENTED
from risktui.detect.state import HOUR, MINUTE
from risktui.detect.whereabouts import OTHER_ANCHOR, Anchor
from risktui.model.events import Activity, Event, Location, Network

CARRIER_KM = 300.0
"""A carrier's exit may be this far from the phone (M5)."""
HOP_DAYS = 2
"""On so many days before, going back and forth is a habit, like any familiar value (ours)."""


Way: TypeAlias = tuple[Anchor, float, int]
"""From where to another place: how far (km) and how long ago (ms)."""
_Known: TypeAlias = tuple[bool, tuple[int, int, int]]
"""How well the person knows an end."""


class Limits(NamedTuple):
    """What nobody can do."""

    km: float
    """Nearer is never judged."""
    speed: float
    """In kilometres for a millisecond; a trip takes a minute at the least."""
    window: int
    """Longer trips (ms) are possible, however far they go."""


class Trip(msgspec.Struct, frozen=True, gc=False):
    """Two activities of one person, and what it would take to get from one to the other."""

    odd: Activity
    """The end the person knows less: what the detection is about."""
    known: Activity
    odd_shared: bool
    known_shared: bool
    """Whether that end is an exit of the organisation (M4)."""
    km: float
    """Distance, less what the places' accuracy leaves open."""
    time: int
    """Between the two (ms)."""
    odd_days: tuple[int, int, int] | None = None
    """`Profile.acquaintance` with the odd end, where it was asked for already."""

    @property
    def kmh(self) -> float:
        """The speed it would take."""
        return self.km / (max(self.time, MINUTE) / HOUR)


def too_fast(
    event: Event, anchors: Sequence[Anchor], limits: Limits, *, only_one: bool
) -> list[Way]:
    """From where in other countries nobody can have come to `event`'s place, the latest first.

    Each with distance (km) and time (ms); with `only_one` others are not looked for.
    """
    found: list[Way] = []
    here, now = event.location.country_or_region, event.time
    min_km, speed, window = limits
    near: list[Location] = []
    place, network, kind, km, somewhere = None, None, "", 0.0, False
    for anchor in reversed(anchors):
        there = anchor.activity
        spot = there.location
        country = spot.country_or_region
        if country == here or not country or spot in near:
            continue
        time = abs(there.time - now)
        if there.result != "success" or time > window:
            continue
        if spot is not place or there.network is not network:
            network = there.network
            if network.kind != kind or spot != place:
                kind, km = network.kind, least_km(there, event)
            place, somewhere = spot, is_somewhere(there)
        if km < min_km or km <= speed * (time if time > MINUTE else MINUTE):  # noqa: FURB136
            if there.time < now and km <= speed * (time - OTHER_ANCHOR) and kind != "mobile":
                near.append(spot)  # from there the anchors before had more time, and go no further
            continue
        if somewhere and there.id != event.id:
            found.append((anchor, km, time))
            if only_one:
                break
    return found


def trips(
    person: Profile,
    here: Anchor,
    found: Sequence[Way],
    told: Callable[[Trip, Profile], Trip | None] | None = None,
) -> Iterator[Trip]:
    """Trips between `here` and the places in `found`, each with its distance (km) and time (ms).

    The end that the person knows less is the odd one; of two equal ones the later. Somebody else's
    machine in a network the person never used is odd even at home, when the person is on a journey.
    The fastest comes first; `told` may turn a trip round, or leave it out.
    """
    mine = _acquaintance(here.activity, person)
    known: dict[tuple[str, int, str], _Known] = {}
    equal, before = list[Trip](), 0.0
    ways = [
        (-km / ((time if time > MINUTE else MINUTE) / HOUR), number)  # noqa: FURB136
        for number, (_, km, time) in enumerate(found)
    ]
    for slow, number in sorted(ways):
        if slow != before:  # for the rest nobody asks, most often
            if equal:
                yield from _by_id(equal)
                equal = []
            before = slow
        there, km, time = found[number]
        then = there.activity
        place = then.ip_address, then.network.asn, then.location.country_or_region
        theirs = known.get(place)
        if theirs is None:
            theirs = _acquaintance(then, person)
            if theirs[1][1]:  # by its network, whatever the program: the same for every anchor
                known[place] = theirs
        trip: Trip | None = _between(here, mine, (there, km, time), theirs)
        trip = told(trip, person) if told is not None and trip is not None else trip
        if trip is not None:
            equal.append(trip)
    yield from _by_id(equal)


def trip_between(person: Profile, here: Anchor, way: Way) -> Trip:
    """The one trip, as one of `trips`."""
    mine, theirs = _acquaintance(here.activity, person), _acquaintance(way[0].activity, person)
    return _between(here, mine, way, theirs)


def is_odd(now: Event, then: Activity, person: Profile) -> bool:
    """Whether `now` would be the odd end of a trip between the two."""
    return _is_odd(now, _acquaintance(now, person), then, _acquaintance(then, person))


def _is_odd(now: Event | Activity, mine: _Known, then: Activity, theirs: _Known) -> bool:
    return mine < theirs or (mine == theirs and (-now.time, now.id) < (-then.time, then.id))


def _between(here: Anchor, mine: _Known, way: Way, theirs: _Known) -> Trip:
    there, km, time = way
    now, then = here.activity, there.activity
    if _is_odd(now, mine, then, theirs):
        return Trip(now, then, here.shared, there.shared, km, time, mine[1])
    return Trip(then, now, there.shared, here.shared, km, time, theirs[1])


def _by_id(equal: list[Trip]) -> list[Trip]:
    if len(equal) > 1:
        equal.sort(key=lambda trip: (trip.odd.id, trip.known.id))
    return equal


def _acquaintance(end: Event | Activity, person: Profile) -> _Known:
    known = person.acquaintance(end)
    return bool(known[1]) or person.knows_client(end), known


def least_km(one: Event | Activity, other: Event | Activity) -> float:
    """Their distance, less what the accuracy of both leaves open."""
    place, spot = one.location, other.location
    reach, stretch = place.radius_km, spot.radius_km
    if one.network.kind == "mobile" and reach < CARRIER_KM:
        reach = CARRIER_KM  # the person may be so far from where the address seems to be
    if other.network.kind == "mobile" and stretch < CARRIER_KM:
        stretch = CARRIER_KM
    return distance_km(place, spot) - reach - stretch


def is_somewhere(end: Event | Activity) -> bool:
    """Whether an activity says where the person was: no relay, no back-end of Microsoft's."""
    place, network = end.location, end.network
    if place.latitude is None or place.longitude is None or network.asn in MICROSOFT_ASNS:
        return False
    return not network.tags or "relay" not in network.tags


def needed(found: Trip, kmh: float) -> int:
    """How long (ms) the trip takes at a possible speed."""
    return round(found.km / kmh * HOUR)


def m1_both_trusted(odd: Activity, known: Activity) -> Check:
    """M1 for a trip: one trusted end says nothing of the other."""
    ends = odd.network, known.network
    trusted = [network.named_location for network in ends if network.trusted]
    names, both = ", ".join(trusted), len(trusted) == len(ends)
    reason = f"trusted: {names}" if names else "neither end is a trusted location"
    return Check("M1", "both ends trusted", both, reason)


def through_an_exit(found: Trip, person: Profile) -> bool:
    """M4 for a trip without its words, for the hot path."""
    if found.odd_shared or not found.known_shared:
        return found.odd_shared
    days = found.odd_days or person.acquaintance(found.odd)
    return days[2] >= 2 or not _is_true_place(found.known, person)


def is_nowhere(network: Network) -> bool:
    """Whether an exit of the organisation in `network` is surely far from whoever uses it."""
    return network.kind == "hosting" or "vpn" in network.tags


def m4_exit(found: Trip, person: Profile) -> Check:
    """M4 for a trip: the organisation's own exits, for their place is not the person's.

    An office is shared too, and so is a provider's range, but their place is true. The person's
    second network of many days is a way they work.
    """
    label = "shared exit of the organisation"
    if found.odd_shared:
        name = words.network(found.odd.network)
        return Check("M4", label, True, f"{name} is used by many others")
    if not found.known_shared:
        return Check("M4", label, False, "neither end is one")
    name = words.network(found.known.network)
    office = _is_true_place(found.known, person)
    reason = f"{name} is {'where it seems to be' if office else 'used by many others'}"
    return Check("M4", label, through_an_exit(found, person), reason)


def _is_true_place(known: Activity, person: Profile) -> bool:
    """Whether a shared network is where its people are: an office, a provider's neighbourhood."""
    network = known.network
    if is_nowhere(network):
        return False
    if network.kind in {"isp", "mobile"}:
        return True
    home = known.location.country_or_region == person.home_country(known.time)
    return home or (network.kind == "corp" and not person.alternates(network.asn, known.time))


def remote_access(found: Trip, person: Profile) -> Check:
    """The person's own machine at the odd end, and a network of the organisation at the other.

    Whoever works from a hotel leaves at the office or at the organisation's exit as well.
    """
    known = found.known
    inside = found.known_shared or known.network.trusted
    own = own_machine(found, person)
    name = words.network(known.network)
    reason = f"{words.client(found.odd.client)}, and {name} {'is' if inside else 'is not'} ours"
    return Check("tunnel", "own machine behind an exit of the organisation", inside and own, reason)


def own_machine(found: Trip, person: Profile) -> bool:
    """Whether the odd end is the person's own managed device, or their session and program."""
    odd, known = found.odd, found.known
    if odd.client.device_id:
        return odd.client.managed and person.knows_device(odd)
    return bool(odd.session_id) and odd.session_id == known.session_id and person.knows_client(odd)


def back_and_forth(found: Trip, person: Profile) -> Check:
    """Networks between which the person went back and forth on days before: a VPN, no journey."""
    days = person.hops(found.odd, found.known)
    ends = f"{words.network(found.known.network)} and {words.network(found.odd.network)}"
    reason = f"{words.many(days, 'day')} with both {ends} within hours, {HOP_DAYS} needed"
    return Check("habit", "back and forth on other days", days >= HOP_DAYS, reason)


def listed_vpn(found: Trip) -> Check:
    """A listed VPN at an end: its place is nobody's, and another type tells of the VPN itself."""
    ends = [end for end in (found.odd, found.known) if is_vpn(end)]
    reason = f"{words.network(ends[0].network)} is listed" if ends else "neither end is one"
    return Check("VPN", "listed VPN", bool(ends), reason)


def is_vpn(end: Event | Activity) -> bool:
    """Whether an address is a VPN's exit; Tor and proxies hide strangers more often than people."""
    tags = end.network.tags
    return "vpn" in tags and RENTED.isdisjoint(tags)


def m5_own_carrier(found: Trip, person: Profile) -> Check:
    """M5 for a trip: the person's phone, roaming through its carrier or leaving at a distant hub.

    It is their own where the odd end is a carrier of many days, or a client of theirs.
    """
    odd = found.odd
    ends = [end for end in (odd, found.known) if end.network.kind == "mobile"]
    if not ends:
        return Check("M5", "own carrier", False, "no carrier at either end")
    reason = f"{words.network(ends[0].network)}, {words.client(odd.client)}"
    return Check("M5", "own carrier", is_own_carrier(found, person), reason)


def is_own_carrier(found: Trip, person: Profile) -> bool:
    """The same without its words, where one end is a carrier at least."""
    odd = found.odd
    if odd.network.kind == "mobile":
        days = found.odd_days or person.acquaintance(odd)
        if days[1] >= 2:
            return True
    return person.knows_client(odd) or person.familiar("ip", odd.ip_address, odd.time)


def other_client(odd: Activity, known: Activity, person: Profile) -> Check:
    """Whether the ends have different programs and the odd one's is not this person's."""
    other = other_program(odd, known) and not person.knows_client(odd)
    reason = f"{words.client(odd.client)} and {words.client(known.client)}"
    return Check("client", "another device and another program", other, reason)


def other_program(odd: Activity, known: Activity) -> bool:
    """Whether the ends have different programs, as far as the records say."""
    here, there = odd.client, known.client
    program = here.browser, here.operating_system
    its = there.browser, there.operating_system
    return any(program) and any(its) and program != its


def in_words(end: Activity) -> str:
    """One end as evidence names it."""
    return (
        f"{end.outcome} in {words.place(end.location)}, {end.ip_address} of "
        f"{words.network(end.network)}, {words.clock(end.time)}"
    )
