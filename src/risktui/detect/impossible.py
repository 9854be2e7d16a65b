"""What of an impossible trip is the same from event to event, as impossible travel asks.

Whoever has left a session behind, works through an exit of the organisation or has a thief beside
them is in two places all the time: nearly all their trips are like the one before.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any, NamedTuple

from risktui.detect import travel, words
from risktui.detect.detector import Finding, Suppressed
from risktui.detect.explain import Check, Outline
from risktui.detect.geometry import neighbours
from risktui.detect.learning import Profile
from risktui.detect.modifiers import a1_hosting, a2_tool, a7_sensitive, m5_carrier
from risktui.detect.state import HOUR, MINUTE
from risktui.detect.whereabouts import Anchor
from risktui.model.events import Activity, Event
from risktui.model.risk import RiskLevel

REMEMBERED = 1_024
"""Pairs of ends that are remembered."""
_MEDIUM = RiskLevel.MEDIUM


class Ways:
    """From where nobody can have come: all places, the latest first, as of some moment."""

    __slots__ = ("_found", "_ids", "_later", "_lead_to_exits", "_leading", "_same_for")

    def __init__(self, found: list[travel.Way]) -> None:
        self._found = self._leading = found
        self._later = 0
        self._same_for = -1.0
        """For so long (ms) all are too fast; below 0 where nobody has asked yet."""
        self._ids: set[str] = set()
        self._lead_to_exits: bool | None = None

    def __bool__(self) -> bool:
        return bool(self._found)

    def look_ahead(self, limits: travel.Limits) -> None:
        """Find out what is the same at any later moment."""
        found, (_, speed, window) = self._found, limits
        least: dict[tuple[float, bool], int] = {}
        kinds = [(km, _is_nowhere(anchor)) for anchor, km, _ in found]
        for kind, (_, _, time) in zip(kinds, found, strict=True):
            if time < least.setdefault(kind, time):
                least[kind] = time
        # of those that are equally far the one begun last is the fastest, but for the first minute;
        # an exit in the town of an office stands for other exits only
        self._leading = [
            way
            for kind, way in zip(kinds, found, strict=True)
            if way[2] == least[kind] or way[2] < MINUTE
        ]
        lasting = [min(window, km / speed) - time for _, km, time in found]
        self._same_for = max(0.0, min(lasting, default=0.0))
        self._ids = {anchor.activity.id for anchor, _, _ in found}

    def last_until(self, later: int, event_id: str, oldest: int) -> bool:
        """Look at them from a moment that is so much later; whether all are the same then.

        Not where the oldest anchor of the person is younger, or one of them is of the same event.
        """
        self._later = later
        if not self._found:
            return True
        gone = self._found[-1][0].activity.time < oldest
        return later < self._same_for - 1 and not gone and event_id not in self._ids

    @property
    def all(self) -> list[travel.Way]:
        """All of them."""
        later = self._later
        return [(anchor, km, time + later) for anchor, km, time in self._found]

    @property
    def lead_to_exits(self) -> bool:
        """Whether all of them begin at exits of the organisation that are nowhere."""
        if self._lead_to_exits is None:
            self._lead_to_exits = all(_is_nowhere(anchor) for anchor, _, _ in self._leading)
        return self._lead_to_exits

    def fastest(self, *, but_exits: bool = False) -> travel.Way | None:
        """From where the trip is faster than from anywhere else; None where there are several.

        Exits of the organisation that are nowhere may be left out: of these no trip is told.
        """
        later, fastest, top, before, at_least = self._later, None, 0.0, 0.0, 0
        for way in self._leading:
            anchor, km, time = way
            if km == before and time > at_least:
                continue  # behind another that is as far
            if but_exits and _is_nowhere(anchor):
                continue
            took = time + later
            speed = km / ((took if took > MINUTE else MINUTE) / HOUR)  # noqa: FURB136
            if speed > top:
                fastest, top = way, speed
            elif speed == top:
                fastest = None
            before, at_least = km, time if time > MINUTE else MINUTE  # noqa: FURB136
        if fastest is None:
            return None
        anchor, km, time = fastest
        return anchor, km, time + later


def _is_nowhere(anchor: Anchor) -> bool:
    return anchor.shared and travel.is_nowhere(anchor.activity.network)


class Whence:
    """The ways of the latest person, remembered for as long as they stay.

    Time only makes all trips to a place slower.
    """

    __slots__ = (
        "_id",
        "_last",
        "_limits",
        "_moves",
        "_network",
        "_person",
        "_place",
        "_time",
        "_ways",
    )

    def __init__(self, limits: travel.Limits) -> None:
        self._limits = limits
        self._person: Profile | None = None

    def look(self, event: Event, person: Profile, *, only_one: bool, is_latest: bool) -> Ways:
        """As `travel.too_fast`; all ways are remembered where `event` is the latest."""
        ways = Ways(travel.too_fast(event, person.anchors, self._limits, only_one=only_one))
        if ways and is_latest and not only_one:
            self._person, self._moves, self._last = person, person.moves, person.anchors[-1]
            self._place, self._network, self._id = event.location, event.network, event.id
            self._time, self._ways = event.time, ways
        return ways

    def recall(self, event: Event, person: Profile) -> Ways | None:
        """The same for an event after that; None where it has to be looked for, as before that."""
        if person is not self._person or person.moves != self._moves or event.time < self._time:
            return None
        place, anchors, ways = event.location, person.anchors, self._ways
        if event.network != self._network or place != self._place:
            return None
        latest, oldest = anchors[-1], 0
        if latest is not self._last:  # more have come, from where the latest was, and gone
            oldest = anchors[0].activity.time + 1
            if latest.activity.location.country_or_region != place.country_or_region:
                return None
        if self._id:
            same = [each.activity for each in anchors if each.activity.id == self._id]
            if any(there.location != place for there in same):
                return None  # of the event before itself, and left out for that
            ways.look_ahead(self._limits)
            self._id = ""
        return ways if ways.last_until(event.time - self._time, event.id, oldest) else None


def trips(person: Profile, here: Anchor, ways: Ways) -> Iterator[travel.Trip]:
    """As `travel.trips`; the first, of which most is told, without a look at all others."""
    fastest, rest = ways.fastest(), None
    if fastest is not None:
        yield travel.trip_between(person, here, fastest)
        rest = [way for way in ways.all if way[0] is not fastest[0]]
    yield from travel.trips(person, here, ways.all if rest is None else rest)


class Signs(NamedTuple):
    """What two ends say by themselves, whoever the person is."""

    unclear: bool
    """Something holds back, or more has to be asked than is asked here."""
    carrier: bool
    """One end is a carrier at the least: it may be the person's."""
    steps: int
    """How far from medium they move the level."""
    other_program: bool
    """The odd end's is another than the known one's: it may be the person's as well."""
    act: bool
    """A sensitive one, at the odd end."""


class Ends:
    """The signs of two ends, worked out once for all trips between such ends."""

    def __init__(self) -> None:
        self._known: dict[tuple[object, ...], Signs] = {}

    def signs(self, odd: Activity, known: Activity) -> Signs:
        """What they say by themselves."""
        both = (
            odd.network,
            known.network,
            odd.client,
            known.client,
            odd.location.country_or_region,
            known.location.country_or_region,
            odd.kind,
            odd.operation,
            odd.is_interactive,
        )
        signs = self._known.get(both)
        if signs is None:
            if len(self._known) >= REMEMBERED:
                self._known.clear()
            signs = self._known[both] = _signs_of(odd, known)
        return signs

    def at_once(
        self, trip: travel.Trip, person: Profile, tell: Callable[[], Finding]
    ) -> Outline | None:
        """What is found where nothing holds the trip back; `tell` works out the same with words.

        None says nothing.
        """
        odd, known = trip.odd, trip.known
        signs = self.signs(odd, known)
        if signs.unclear or person.hops(odd, known) >= travel.HOP_DAYS:
            return None
        if trip.odd_shared or (trip.known_shared and travel.own_machine(trip, person)):
            return None
        if signs.carrier and travel.is_own_carrier(trip, person):
            return None
        stranger = signs.other_program and not person.knows_client(odd)
        level = _MEDIUM.step(signs.steps + stranger)
        return Outline(risk_level=level, tell=tell, **parts_of(trip, act=signs.act))


def _signs_of(odd: Activity, known: Activity) -> Signs:
    ends, act = (odd, known), bool(a7_sensitive(odd))
    unclear = (
        bool(border(odd, known))
        or any(end.network.trusted or travel.is_vpn(end) for end in ends)
        or odd.client.managed
    )
    soft = not act and bool(soft_end(odd, known))
    steps = sum(map(bool, (a1_hosting(odd), tor(odd), a2_tool(odd), act))) - soft
    carrier = any(end.network.kind == "mobile" for end in ends)
    return Signs(unclear, carrier, steps, travel.other_program(odd, known), act)


def parts_of(trip: travel.Trip, *, act: bool) -> dict[str, Any]:
    """What a finding about the trip is about, its words left out."""
    return {
        "about": trip.odd,
        "related": (trip.known,),
        "cooldown_key": trip.odd.location.country_or_region,
        "raised_by": () if act else ("A7",),
    }


def why_not_at_all(event: Event, ways: Ways, person: Profile, *, shared: bool) -> Suppressed | None:
    """What holds back all trips to exits that are nowhere: as of the fastest, `why_not` says it.

    `shared` says whether `event` is at one. None where that says something else, or where several
    are the fastest.
    """
    fastest = ways.fastest()
    if fastest is None:
        return None
    there, network = fastest[0].activity, event.network
    near = neighbours(there.location.country_or_region, event.location.country_or_region)
    if near or (there.network.trusted and network.trusted):
        return None
    if not shared or (fastest[0].shared and not travel.is_odd(event, there, person)):
        network = there.network
    return Suppressed(rule="M4", reason=f"{words.network(network)} is used by many others")


def why_not(trip: travel.Trip, person: Profile) -> Suppressed:
    """What holds a trip through an exit back: the first rule that applies."""
    odd, known = trip.odd, trip.known
    check = border(odd, known) or travel.m1_both_trusted(odd, known)
    check = check or travel.m4_exit(trip, person)
    return Suppressed(rule=check.rule, reason=check.reason)


def border(odd: Activity, known: Activity) -> Check:
    """Whether the ends are in bordering countries: people live on both sides."""
    one, other = odd.location.country_or_region, known.location.country_or_region
    near = neighbours(one, other)
    shared = "share a border" if near else "share no border"
    return Check("border", "bordering countries", near, f"{one} and {other} {shared}")


def soft_end(odd: Activity, known: Activity) -> Check:
    """A carrier at an end, or a rented machine that is the person's own: their place is vague."""
    carrier = m5_carrier(odd.network) or m5_carrier(known.network)
    cloud = known.network.kind == "hosting"
    reason = "a carrier" if carrier else "a cloud provider" if cloud else "both ends are fixed"
    return Check("M5", "one end is a carrier or a cloud", bool(carrier) or cloud, reason)


def tor(odd: Activity) -> Check:
    """Tor at the odd end."""
    listed = "tor" in odd.network.tags
    return Check("tor", "Tor at the odd end", listed, "listed as Tor" if listed else "not Tor")
