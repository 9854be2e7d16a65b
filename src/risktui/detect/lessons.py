"""Teaches a person's profile what is usual: event after event, on the hottest way there is."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeVar

from risktui.detect.features import Pairs, hop_of, session_of, values_of_client, values_of_origin
from risktui.detect.state import DAY, HALF_LIFE, Seen
from risktui.detect.whereabouts import HOP_KM, Anchor, out_of_reach
from risktui.model.events import Client, Event, Location, Network, SignIn

if TYPE_CHECKING:
    from risktui.detect.learning import Profile

K = TypeVar("K")

_LOOKED_UP = ("ip", "app", "session")
"""Features of which a value is looked for at every event, once there are any; what is kept of the
values of others is held, and may be of one that had to go for a new one."""
AT_HAND = 16
"""How many networks with their places, and how many clients, are held: most people have fewer."""


class Lessons:
    """Teaches one profile; better than a new one for each event, as long as the profile is there.

    People stay where they are and use what they have: what the profile keeps of a network, a place
    or a client is looked for once.
    """

    __slots__ = (
        "_apps",
        "_begin",
        "_clients",
        "_end",
        "_far",
        "_far_at",
        "_features",
        "_here",
        "_ips",
        "_midnight",
        "_origins",
        "_profile",
        "_sessions",
    )

    def __init__(self, profile: Profile) -> None:
        self._profile = profile
        self._features: object = None
        """The profile's, when what it keeps was looked for: they are others once a value is gone
        that may be held here (`Profile.tell_lessons`)."""

    def _look(self) -> None:
        """Begin to look for what the profile keeps: other values, or the first ones."""
        self._features = features = self._profile.features
        self._begin = self._end = self._midnight = 0
        """Between which times (ms) nothing is new about the day, and when that began."""
        self._far: list[Anchor] = []
        self._far_at = 0
        """Which anchors were out of reach, and when (ms) that was looked for."""
        self._here: tuple[int, Location, int] | None = None
        """From where; the person has not moved since. None where that is to be done again."""
        self._origins: dict[tuple[Network, Location], list[Seen]] = {}
        self._clients: dict[Client, list[Seen]] = {}
        self._ips, self._apps, self._sessions = (
            features[feature].values if feature in features else {} for feature in _LOOKED_UP
        )

    def learn(self, event: Event) -> None:
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
        self._meet(self._kept_of(event, session), time)
        if (country != profile.stays_in or not country) and event.network.asn:
            self._learn_hops(event)

    def _meet(self, seens: list[Seen], time: int) -> None:
        """Count an event's values, as `Recent.add` would."""
        before, faded, midnight = None, 1.0, self._midnight
        for seen in seens:
            if seen.last is not before:
                last = seen.last
                if last >= time:
                    if last == time:  # as of all new ones
                        seen.count += 1.0
                    else:
                        seen.meet(time)
                    continue
                faded = 2.0 ** ((last - time) / HALF_LIFE)
                before = last  # most were met together, and have faded together
                if last < midnight:
                    seen.days += 1
                    before = None
            seen.count = seen.count * faded + 1.0
            seen.last = time

    def _kept_of(self, event: Event, session: str) -> list[Seen]:
        """What the profile keeps of the event's values; new ones were met, as yet not once."""
        origin, client = (event.network, event.location), event.client
        of_origin = self._origins.get(origin)
        if of_origin is None:
            of_origin = self._look_for(values_of_origin(*origin), event.time)
            _hold(of_origin, origin, self._origins)
        of_client = self._clients.get(client)
        if of_client is None:
            of_client = self._look_for(values_of_client(client), event.time)
            _hold(of_client, client, self._clients)
        seens, address = [], event.ip_address
        if address:  # first: it was met with its network, as nearly always
            seens.append(self._ips.get(address) or self._find("ip", address, event.time))
        seens += of_origin
        seens += of_client
        app = event.app_display_name
        if app:
            seens.append(self._apps.get(app) or self._find("app", app, event.time))
        if session:
            seens.append(self._sessions.get(session) or self._find("session", session, event.time))
        return seens

    def _look_for(self, values: Pairs, time: int) -> list[Seen]:
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
                self._profile.tell_lessons()
        return seen

    def _learn_hops(self, event: Event) -> None:
        """Remember between which networks the person goes back and forth without a journey.

        Both must have been learnt: a stranger's does not become a way the person works.
        """
        far, time = self._out_of_reach(event), event.time
        if not far:
            return
        learnt, met = self._profile.recent("asn").values, dict[int, Seen]()
        for anchor in far:
            there = anchor.activity
            asn = there.network.asn
            seen = met.get(asn)
            if seen is None:
                if str(asn) not in learnt:
                    continue
                seen = met[asn] = self._find("hop", hop_of(there, event), time)
            if seen.last == time:
                seen.count += 1.0  # as of all after the first: as `meet` has it
            else:
                seen.meet(time)

    def _out_of_reach(self, event: Event) -> list[Anchor]:
        """Where the person was and nobody could have come from."""
        profile, place, time = self._profile, event.location, event.time
        anchors, here = profile.anchors, (profile.moves, place, event.network.asn)
        if here == self._here and time >= self._far_at:  # time takes some away, and brings none
            far = [anchor for anchor in self._far if anchor in anchors] if self._far else []
        else:
            latest = anchors[-1].activity if anchors else None
            stays = latest is not None and latest.location == place and latest.time <= time
            self._here = here if stays else None
            far = [] if profile.at_home(place, HOP_KM) else anchors
        self._far = far = out_of_reach(far, event) if far else []
        self._far_at = time
        return far

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


def _hold(kept: list[Seen], of: K, held: dict[K, list[Seen]]) -> None:
    """Have what is `kept` of something at hand, and not too much."""
    if len(held) >= AT_HAND:
        del held[next(iter(held))]
    held[of] = kept
