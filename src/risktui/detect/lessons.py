"""Teaches a person's profile what is usual: event after event, on the hottest way there is."""

from __future__ import annotations

from typing import TYPE_CHECKING

from risktui.detect.features import (
    Pairs,
    hop_of,
    session_of,
    values_of_client,
    values_of_network,
    values_of_place,
)
from risktui.detect.state import DAY, HALF_LIFE, Seen
from risktui.detect.whereabouts import HOP_KM, out_of_reach
from risktui.model.events import Client, Event, Location, Network, SignIn

if TYPE_CHECKING:
    from risktui.detect.learning import Profile

_LOOKED_UP = ("ip", "app", "session")
"""Features of which a value is looked for at every event, once there are any; what is kept of the
values of others is held, and may be of one that had to go for a new one."""


class Lessons:
    """Teaches one profile; better than a new one for each of many events that follow each other.

    People stay where they are and use what they have: what the profile keeps of a network, a place
    or a client is looked for once.
    """

    __slots__ = (
        "_apps",
        "_begin",
        "_clients",
        "_end",
        "_features",
        "_ips",
        "_midnight",
        "_of_network",
        "_of_place",
        "_of_where",
        "_profile",
        "_sessions",
        "_where",
    )

    def __init__(self, profile: Profile) -> None:
        self._profile = profile
        self._features: object = None
        """The profile's, when what it keeps was looked for; None where that is to be done again.

        They are others once a value was unlearnt (`Profile.forget`).
        """

    def _look(self) -> None:
        """Begin to look for what the profile keeps: other values, or the first ones."""
        self._features = features = self._profile.features
        self._begin = self._end = self._midnight = 0
        """Between which times (ms) nothing is new about the day, and when that began."""
        self._where: tuple[Network, Location] | None = None
        """Of the latest event, with what is kept of them in `_of_network` and `_of_place`."""
        self._of_network: list[Seen] = []
        self._of_place: list[Seen] = []
        self._of_where: list[Seen] = []
        self._clients: dict[int, tuple[Client, list[Seen]]] = {}
        """By the client's identity, which is nobody else's as long as it is kept here."""
        self._ips, self._apps, self._sessions = (
            features[feature].values if feature in features else {} for feature in _LOOKED_UP
        )

    def learn(self, event: Event, count: float = 1.0) -> None:
        """Take `event` as usual for the person; only successes teach."""
        profile, session = self._profile, ""
        if profile.frozen or event.actor != "user":
            return
        if type(event) is SignIn:
            if event.result != "success":
                return
            profile.successes += 1
            session = session_of(event)
        if profile.features is not self._features:
            self._look()
        time, country = event.time, event.location.country_or_region
        if not self._begin <= time < self._end:
            self._count_day(time)
        if time >= profile.last_seen:
            profile.last_seen = time
            if country != profile.visiting:
                profile.visiting = country
        self._meet(self._kept_of(event, session, time), time, count)
        if (country != profile.stays_in or not country) and event.network.asn:
            self._learn_hops(event)

    def _meet(self, seens: list[Seen], time: int, count: float) -> None:
        """Count an event's values, as `Recent.add` would."""
        before, faded, midnight = None, 1.0, self._midnight
        for seen in seens:
            last = seen.last
            if last is not before:
                if last >= time:
                    if last == time:  # as of all new ones
                        seen.count += count
                    else:
                        seen.meet(time, count)
                    continue
                faded = 2.0 ** ((last - time) / HALF_LIFE)
                before = last  # most were met together, and have faded together
                if last < midnight:
                    seen.days += 1
                    before = None
            seen.count = seen.count * faded + count
            seen.last = time

    def _kept_of(self, event: Event, session: str, time: int) -> list[Seen]:
        """What the profile keeps of the event's values; new ones were met, as yet not once."""
        address, app, client = event.ip_address, event.app_display_name, event.client
        where = (event.network, event.location)
        if where != self._where:
            self._look_there(*where, time)
        known = self._clients.get(id(client))
        if known is None:
            found = self._kept(values_of_client(client), time)
            known = self._clients[id(client)] = (client, found)
        seens = [self._ips.get(address) or self._find("ip", address, time)] if address else []
        seens += self._of_where
        seens += known[1]
        if app:
            seens.append(self._apps.get(app) or self._find("app", app, time))
        if session:
            seens.append(self._sessions.get(session) or self._find("session", session, time))
        return seens

    def _look_there(self, network: Network, place: Location, time: int) -> None:
        """Look for what is kept of a network and a place; of one that is as before it is known."""
        before, self._where = self._where, (network, place)
        if before is None or network != before[0]:
            self._of_network = self._kept(values_of_network(network), time)
        if before is None or place != before[1]:
            self._of_place = self._kept(values_of_place(place), time)
        self._of_where = [*self._of_network, *self._of_place]

    def _kept(self, values: Pairs, time: int) -> list[Seen]:
        """What is kept of values that are known."""
        features, kept = self._profile.features, []
        for feature, value in values:
            if value:
                recent = features.get(feature)
                seen = recent.values.get(value) if recent is not None else None
                kept.append(seen or self._find(feature, value, time))
        return kept

    def _find(self, feature: str, value: str, time: int) -> Seen:
        """What is kept of a value."""
        recent = self._profile.features.get(feature) or self._profile.recent(feature)
        seen = recent.values.get(value)
        if seen is None:
            seen = Seen(0.0, time, time, 1)
            another_went = recent.put(value, seen)
            is_first = len(recent.values) == 1
            if is_first if feature in _LOOKED_UP else another_went:
                self._features = None
        return seen

    def _learn_hops(self, event: Event) -> None:
        """Remember between which networks the person goes back and forth without a journey.

        Both must have been learnt: a stranger's does not become a way the person works.
        """
        profile, place, time = self._profile, event.location, event.time
        learnt = profile.features.get("asn")
        if place.latitude is None or learnt is None or profile.at_home(place, HOP_KM):
            return
        met: dict[int, Seen] = {}
        for there in out_of_reach(profile.anchors, event):
            asn = there.network.asn
            seen = met.get(asn)
            if seen is None:
                if str(asn) not in learnt.values:
                    continue
                seen = met[asn] = self._find("hop", hop_of(there, event), time)
            seen.meet(time)

    def _count_day(self, time: int) -> None:
        """Take note of a day on which the person was there, new or not."""
        profile, day = self._profile, time // DAY
        if not profile.first_seen or time < profile.first_seen:
            profile.first_seen = time
            profile.learning_since = profile.learning_since or time
        if day > profile.last_day:
            profile.last_day = day
            profile.active_days += 1
        self._midnight = day * DAY
        self._begin, self._end = max(self._midnight, profile.first_seen), self._midnight + DAY
