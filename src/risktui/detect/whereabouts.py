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


def put(anchors: list[Anchor], new: Anchor) -> bool:
    """Remember it in its place, and forget the oldest.

    Whether nobody has moved by it: it is later than all others, and from where the last one is.
    """
    if not anchors:
        anchors.append(new)
        return False
    latest, this = anchors[-1].activity, new.activity
    late = this.time <= latest.time
    anchors.append(new)
    if late:
        anchors.sort(key=lambda a: (a.activity.time, a.activity.id))
    while len(anchors) > MAX_ANCHORS:
        del anchors[0]
    return not late and this.location == latest.location and this.network == latest.network


def out_of_reach(anchors: Sequence[Anchor], event: Event) -> Iterator[Activity]:
    """Those in other countries and networks from where nobody could have come to `event`'s."""
    place, network, now = event.location, event.network.asn, event.time
    country, before, apart = place.country_or_region, place, 0.0
    for anchor in anchors:
        there = anchor.activity
        spot = there.location
        if spot.country_or_region == country:
            continue
        asn, time = there.network.asn, now - there.time
        if not asn or asn == network or not -HOP_TIME <= time <= HOP_TIME:
            continue
        if spot is not before and spot != before:
            before, apart = spot, gap_km(spot, place)
        if apart >= HOP_KM and apart > AIRLINER_KMH * (abs(time) / HOUR):
            yield there
