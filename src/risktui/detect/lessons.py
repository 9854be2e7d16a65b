"""Teaches a person's profile what is usual: event after event, on the hottest way there is."""

from __future__ import annotations

from typing import TYPE_CHECKING

from risktui.detect.features import hop_of, session_of, values_of_client
from risktui.detect.geometry import cell_of
from risktui.detect.state import DAY, HALF_LIFE, Seen
from risktui.detect.whereabouts import HOP_KM, out_of_reach
from risktui.model.events import Client, Event, Location, Network, SignIn

if TYPE_CHECKING:
    from risktui.detect.learning import Profile


class Lessons:
    """Teaches one profile; better than a new one for each of many events that follow each other.

    People stay where they are and use what they have: what the profile keeps of a network, a place
    or a client is looked for once.
    """

    __slots__ = (
        "_apps",
        "_clients",
        "_features",
        "_ips",
        "_network",
        "_of_network",
        "_of_place",
        "_place",
        "_profile",
    )

    def __init__(self, profile: Profile) -> None:
        self._profile = profile
        self._features: object = None
        """The profile's, when what it keeps was looked for; None where that is to be done again."""

    def look_again(self) -> None:
        """Somebody else has changed what the profile keeps: values were unlearnt, or added."""
        self._features = None

    def _look(self) -> None:
        """Begin to look for what the profile keeps."""
        self._features = features = self._profile.features
        self._place: Location | None = None
        self._network: Network | None = None
        """Of the latest event, with what is kept of them in `_of_place` and `_of_network`."""
        self._of_place: list[Seen] = []
        self._of_network: list[Seen] = []
        self._clients: dict[int, tuple[Client, list[Seen]]] = {}
        """By the client's identity, which is nobody else's as long as it is kept here."""
        self._ips = features["ip"].values if "ip" in features else {}
        self._apps = features["app"].values if "app" in features else {}

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
        self._meet(event, time, day * DAY, count)
        if event.network.asn and (not country or country != profile.stays_in):
            self._learn_hops(event)

    def _meet(self, event: Event, time: int, midnight: int, count: float) -> None:
        """Count the event's values, as `Recent.add` would."""
        if self._profile.features is not self._features:
            self._look()
        before, faded, is_new_day = 0, 1.0, False
        for seen in self._kept_of(event, time):
            last = seen.last
            if last is not before:
                if last >= time:
                    seen.meet(time, count)
                    continue
                before, faded = last, 2.0 ** ((last - time) / HALF_LIFE)
                is_new_day = last < midnight
            if is_new_day:
                seen.days += 1
            seen.count = seen.count * faded + count
            seen.last = time

    def _kept_of(self, event: Event, time: int) -> list[Seen]:
        """What the profile keeps of the event's values; new ones were met, as yet not once."""
        seens, find = [], self._find
        address, app = event.ip_address, event.app_display_name
        network, place, client = event.network, event.location, event.client
        if address:
            seens.append(self._ips.get(address) or find("ip", address, time))
        if network is not self._network:
            if network != self._network:
                found = [find("prefix", network.subnet, time)] if network.prefix else []
                if network.asn:
                    found.append(find("asn", str(network.asn), time))
                self._of_network = found
            self._network = network
        seens += self._of_network
        if place is not self._place:
            if place != self._place:
                country, cell = place.country_or_region, cell_of(place)
                found = [find("country", country, time)] if country else []
                if cell:
                    found.append(find("cell", cell, time))
                self._of_place = found
            self._place = place
        seens += self._of_place
        known = self._clients.get(id(client))
        if known is None:
            found = [find(name, value, time) for name, value in values_of_client(client) if value]
            known = self._clients[id(client)] = (client, found)
        seens += known[1]
        if app:
            seens.append(self._apps.get(app) or find("app", app, time))
        if event.session_id and (session := session_of(event)):
            seens.append(find("session", session, time))
        return seens

    def _find(self, feature: str, value: str, time: int) -> Seen:
        """What is kept of a value."""
        recent = self._profile.features.get(feature) or self._profile.recent(feature)
        seen = recent.values.get(value)
        if seen is None:
            seen = Seen(0.0, time, time, 1)
            if recent.put(value, seen) or len(recent.values) == 1:
                self.look_again()  # another one had to go, or it is the first of its feature
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

    def _count_day(self, time: int, day: int) -> None:
        profile = self._profile
        if not profile.first_seen or time < profile.first_seen:
            profile.first_seen = time
            profile.learning_since = profile.learning_since or time
        if day > profile.last_day:
            profile.last_day = day
            profile.active_days += 1
