"""Where a person has been one after the other, and how fast they would have had to travel."""

from __future__ import annotations

from collections.abc import Iterable
from itertools import pairwise

import msgspec

from risktui.detect.geometry import AIRLINER_KMH, distance_km
from risktui.detect.learning import Profile
from risktui.detect.travel import Trip, least_km
from risktui.model.events import Activity, Location
from risktui.model.risk import Detection

MOST = 9
"""Stops that are shown, the latest: each has a digit on the map."""
NEAR_KM = 60.0
"""Closer together than this two activities are at one place: cities are known to 50 km."""


class Stop(msgspec.Struct, frozen=True):
    """A place, and what the person did there first and last."""

    came: Activity
    left: Activity
    judged: bool = False
    """Whether a detection was made of what happened there."""

    @property
    def location(self) -> Location:
        """Where it is."""
        return self.came.location

    @property
    def first(self) -> int:
        """Since when (ms)."""
        return self.came.time

    @property
    def last(self) -> int:
        """Until when (ms)."""
        return self.left.time


class Hop(msgspec.Struct, frozen=True):
    """The way from one stop to the next."""

    start: Stop
    end: Stop

    @property
    def km(self) -> float:
        """The distance that detectors of travel count with: less what both places may be off."""
        return max(0.0, least_km(self.start.left, self.end.came))

    @property
    def milliseconds(self) -> int:
        """The time there was for it."""
        return max(0, self.end.first - self.start.last)

    @property
    def kmh(self) -> float:
        """The speed it takes, as detectors of travel count it."""
        start, end = self.start.left, self.end.came
        return Trip(end, start, False, False, self.km, self.milliseconds).kmh

    @property
    def impossible(self) -> bool:
        """Whether no airliner is as fast."""
        return self.kmh > AIRLINER_KMH


def stops_of(profile: Profile | None, detections: Iterable[Detection]) -> list[Stop]:
    """The latest places of a person, in order; activity at one place is one stop."""
    judged: dict[str, Activity] = {}
    for detection in detections:
        for activity in detection.activities[:1]:
            judged.setdefault(activity.id, activity)
    met = {anchor.activity.id: anchor.activity for anchor in profile.anchors} if profile else {}
    all_ = sorted({**met, **judged}.values(), key=lambda a: (a.time, a.id))
    stops: list[Stop] = []
    for activity in all_:
        place = activity.location
        if not place.known:
            continue
        risky = activity.id in judged
        if stops and distance_km(stops[-1].location, place) <= NEAR_KM:
            before = stops[-1]
            stops[-1] = Stop(before.came, activity, before.judged or risky)
        else:
            stops.append(Stop(activity, activity, risky))
    return stops[-MOST:]


def numbers_of(stops: Iterable[Stop]) -> list[int]:
    """The number of the place of each stop: who comes back to a place is at the same one."""
    places: list[Location] = []
    numbers: list[int] = []
    for stop in stops:
        near = (
            number
            for number, place in enumerate(places, 1)
            if distance_km(place, stop.location) <= NEAR_KM
        )
        number = next(near, 0)
        if not number:
            places.append(stop.location)
            number = len(places)
        numbers.append(number)
    return numbers


def hops_of(stops: list[Stop]) -> list[Hop]:
    """The ways between stops, in order."""
    return [Hop(start, end) for start, end in pairwise(stops)]
