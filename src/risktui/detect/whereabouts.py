"""Where a person was lately: located activities, and which of them are too far apart to travel."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import msgspec

from risktui.detect.geometry import AIRLINER_KMH, gap_km
from risktui.detect.state import HOUR, MINUTE
from risktui.model.events import Activity, Event

MAX_ANCHORS = 16
SAME_ANCHOR = 10 * MINUTE
"""Activity from one address within this time is one anchor (card S07)."""
OTHER_ANCHOR = 3 * SAME_ANCHOR
"""Anchors are in order but for the rest of interrupted sign-ins, which keep the place of the first:
behind one that is older than this there is nothing that is as young as `SAME_ANCHOR`."""
HOP_TIME = 24 * HOUR
HOP_KM = 500.0
"""Two networks are a hop apart where nobody could travel between them (as travel is judged)."""


class Anchor(msgspec.Struct, frozen=True, array_like=True, gc=False):
    """A located activity: where the person was."""

    activity: Activity
    shared: bool = False
    """From an exit of the organisation (M4): its place says little about the person's."""


def same_anchor(anchors: Sequence[Anchor], event: Event) -> Anchor | None:
    """The one that stands for `event`, too; of several the first."""
    same, time, address = None, event.time, event.ip_address
    if anchors:
        latest = anchors[-1].activity
        ago = time - latest.time
        if 0 <= ago < SAME_ANCHOR and latest.ip_address == address and latest.result == "success":
            return anchors[-1]  # nearly always: an earlier one would stand for the latest, too
    for anchor in reversed(anchors):
        known = anchor.activity
        ago = time - known.time
        if ago >= OTHER_ANCHOR:
            break
        if -SAME_ANCHOR < ago < SAME_ANCHOR and known.ip_address == address:
            same = anchor
    return same


def beside(one: Activity, other: Activity) -> bool:
    """Whether both are from one place and network."""
    return one.location == other.location and one.network == other.network


def goes_on(anchors: Sequence[Anchor], new: Anchor) -> bool:
    """Whether it is later than all others, and from where the last one is."""
    if not anchors or new.activity.time <= anchors[-1].activity.time:
        return False
    return beside(new.activity, anchors[-1].activity)


def put(anchors: list[Anchor], new: Anchor) -> None:
    """Remember it in its place, and forget the oldest."""
    late = bool(anchors) and new.activity.time <= anchors[-1].activity.time
    anchors.append(new)
    if late:
        anchors.sort(key=lambda a: (a.activity.time, a.activity.id))
    if len(anchors) > MAX_ANCHORS:
        del anchors[:-MAX_ANCHORS]


def out_of_reach(anchors: Sequence[Anchor], event: Event) -> Iterator[Activity]:
    """Those in other countries and networks from where nobody could have come to `event`'s."""
    place, network, now = event.location, event.network.asn, event.time
    before, apart = place, 0.0
    for anchor in anchors:
        there = anchor.activity
        spot = there.location
        if spot.country_or_region == place.country_or_region or there.network.asn in (network, 0):
            continue
        time = abs(now - there.time)
        if time > HOP_TIME:
            continue
        if spot is not before:
            before, apart = spot, gap_km(spot, place)
        if apart >= HOP_KM and apart > AIRLINER_KMH * (time / HOUR):
            yield there
