"""Teaches a person's profile what is usual: event after event, on the hottest way there is."""

from __future__ import annotations

from typing import TYPE_CHECKING

from risktui.detect.features import LEARNT, hop_of, values_of
from risktui.detect.state import DAY, HALF_LIFE, Seen
from risktui.detect.whereabouts import HOP_KM, out_of_reach
from risktui.model.events import Event, SignIn

if TYPE_CHECKING:
    from risktui.detect.learning import Profile


class Lessons:
    """Teaches one profile; better than a new one for each of many events that follow each other."""

    __slots__ = ("_features", "_profile", "_tables")

    def __init__(self, profile: Profile) -> None:
        self._profile = profile
        self._features: object = None
        """The profile's, when it was looked for the values of each; None before that."""
        self._tables: list[dict[str, Seen]] = []

    def _look(self) -> None:
        """Where the values of each feature lie: as long as the profile has these features."""
        self._features = features = self._profile.features
        nothing: dict[str, Seen] = {}
        self._tables = [features[name].values if name in features else nothing for name in LEARNT]

    def learn(self, event: Event, count: float = 1.0) -> None:
        """Take `event` as usual for the person; only successes teach."""
        profile = self._profile
        if profile.frozen or event.actor != "user":
            return
        if type(event) is SignIn:
            if event.result != "success":
                return
            profile.successes += 1
        time, country = event.time, event.location.country_or_region
        day = time // DAY
        if day != profile.last_day or time < profile.first_seen or not profile.first_seen:
            self._count_day(time, day)
        if time >= profile.last_seen:
            profile.last_seen = time
            if country != profile.visiting:
                profile.visiting = country
        self._meet(event, day * DAY, count)
        if event.network.asn and (not country or country != profile.stays_in):
            self._learn_hops(event)

    def _meet(self, event: Event, midnight: int, count: float) -> None:
        """Count the event's values, as `Recent.add` would."""
        if self._profile.features is not self._features:
            self._look()  # a verdict was undone, or two people have become one
        time = before = event.time
        faded = 1.0
        for values, value, feature in zip(self._tables, values_of(event), LEARNT, strict=True):
            if not value:
                continue
            seen = values.get(value)
            if seen is None:
                self._profile.recent(feature).add(value, time, count)
                if not values:
                    self._look()  # the first one of its feature
                continue
            last = seen.last
            if last >= time:
                seen.meet(time, count)
                continue
            if last != before:
                before, faded = last, 2.0 ** ((last - time) / HALF_LIFE)
            if last < midnight:
                seen.days += 1
            seen.count = seen.count * faded + count
            seen.last = time

    def _learn_hops(self, event: Event) -> None:
        """Remember between which networks the person goes back and forth without a journey.

        Both must have been learnt: a stranger's does not become a way the person works.
        """
        profile, place = self._profile, event.location
        learnt = profile.features.get("asn")
        if not place.known or learnt is None or profile.at_home(place, HOP_KM):
            return
        for there in out_of_reach(profile.anchors, event):
            if str(there.network.asn) in learnt:
                profile.recent("hop").add(hop_of(there, event), event.time)

    def _count_day(self, time: int, day: int) -> None:
        profile = self._profile
        if not profile.first_seen or time < profile.first_seen:
            profile.first_seen = time
            profile.learning_since = profile.learning_since or time
        if day > profile.last_day:
            profile.last_day = day
            profile.active_days += 1
