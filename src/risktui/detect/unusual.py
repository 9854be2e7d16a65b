"""Which places are unusual for a person, as atypical travel asks."""

from __future__ import annotations

from risktui.detect.geometry import cell_of
from risktui.detect.learning import Profile
from risktui.detect.state import HALF_LIFE, Seen
from risktui.detect.whereabouts import OTHER_ANCHOR, Anchor
from risktui.model.events import Activity, Location, SignIn


def is_unusual(end: Activity | SignIn, person: Profile) -> bool:
    """A new area in a new country, or an area never seen on a new network (card S06)."""
    cell, network, cells = cell_of(end.location), end.network, person.features.get("cell")
    seen = cells.values.get(cell) if cells is not None else None
    if seen is not None and seen.first < end.time and _lasts(seen, end.time):
        return False  # nearly always
    if person.knew("cell", cell, end.time):
        return False
    if not person.knew("country", end.location.country_or_region, end.time):
        return True
    seen = person.recent("cell").get(cell)
    never = seen is None or seen.first >= end.time
    return never and not person.knew("asn", str(network.asn) if network.asn else "", end.time)


def may_be_odd(end: Activity, person: Profile) -> bool:
    """Whether a trip may be told of this end: a sign-in from an unusual place."""
    return end.kind == "SignIn" and is_unusual(end, person)


def odd_ones(person: Profile) -> list[Anchor]:
    """The anchors of which a trip may be told, as `may_be_odd` has it: seldom any."""
    anchors, cells = person.anchors, person.features.get("cell")
    if not anchors or cells is None:
        return [anchor for anchor in anchors if may_be_odd(anchor.activity, person)]
    odd: list[Anchor] = []
    usual: list[Location] = []
    newest, latest = anchors[-1].activity.time + OTHER_ANCHOR, None
    for anchor in anchors:
        there = anchor.activity
        place = there.location
        if place is latest or there.kind != "SignIn" or place in usual:
            continue
        seen = cells.values.get(cell_of(place))
        if seen is not None and seen.first < there.time - OTHER_ANCHOR and _lasts(seen, newest):
            usual.append(place)  # so it was for those that come behind
            latest = place
        elif is_unusual(there, person):
            odd.append(anchor)
    return odd


def _lasts(seen: Seen, time: int) -> bool:
    """Whether what was `seen` is surely familiar up to `time`."""
    return seen.count >= 1.0 and time <= seen.last + HALF_LIFE
