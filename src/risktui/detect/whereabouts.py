"""Where a person was lately: located activities, and which of them are too far apart to travel."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from functools import lru_cache

import msgspec

from risktui.detect.geometry import AIRLINER_KMH, gap_km
from risktui.detect.state import HOUR, MINUTE
from risktui.model.events import Activity, Event, Location

MAX_ANCHORS = 16
SAME_ANCHOR = 10 * MINUTE
"""Activity from one address within this time is one anchor (card S07)."""
OTHER_ANCHOR = 3 * SAME_ANCHOR
"""Anchors are in order but for the rest of interrupted sign-ins, which keep the place of the first:
behind one that is older than this there is nothing that is as young as `SAME_ANCHOR`."""
HOP_KM = 500.0
"""Two networks are a hop apart where nobody could travel between them (as travel is judged)."""

REMEMBERED = 4_096
"""Ways between two places of which it need not be worked out again how long they take."""


class Anchor(msgspec.Struct, frozen=True, array_like=True, gc=False):
    """A located activity: where the person was."""

    activity: Activity
    shared: bool = False
    """From an exit of the organisation (M4): its place says little about the person's."""


def same_anchor(anchors: Sequence[Anchor], event: Event) -> Anchor | None:
    """The one that stands for `event`, too; of several the first."""
    same, time, address = None, event.time, event.ip_address
    past = time - OTHER_ANCHOR
    for anchor in reversed(anchors):
        known = anchor.activity
        if known.time <= past:
            break
        if known.ip_address == address and -SAME_ANCHOR < time - known.time < SAME_ANCHOR:
            same = anchor
    return same


def in_order(anchor: Anchor) -> tuple[int, str]:
    """By what anchors are sorted."""
    return anchor.activity.time, anchor.activity.id


def out_of_reach(anchors: Iterable[Anchor], event: Event) -> list[Anchor]:
    """Those in other countries and networks from where nobody could have come to `event`'s."""
    place, network, now = event.location, event.network.asn, event.time
    before, apart, journey, found = place, 0.0, 0.0, []
    for anchor in anchors:
        there = anchor.activity
        if there.location is not before:
            before = there.location
            apart, journey = _journey(before, place)
        if not journey:
            continue
        ago = now - there.time
        if ago >= journey or ago <= -journey:  # surely not: as nearly always
            continue
        asn = there.network.asn
        if asn and asn != network and apart > AIRLINER_KMH * (abs(ago) / HOUR):
            found.append(anchor)
    return found


@lru_cache(REMEMBERED)
def _journey(one: Location, other: Location) -> tuple[float, float]:
    """How far places of two countries are apart (km), and how long a journey is at least (ms).

    0 where that is no hop.
    """
    if one.country_or_region == other.country_or_region:
        return 0.0, 0.0
    apart = gap_km(one, other)
    return apart, apart / AIRLINER_KMH * HOUR + 1 if apart >= HOP_KM else 0.0
