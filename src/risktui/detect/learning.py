"""What is usual for one person, learnt event by event and shared by all detectors of the user key.

Judge first, learn after (gate G7): detectors see the profile as it was before the event, and what a
medium or high detection was made of is not learnt until somebody says it was safe.
"""

from __future__ import annotations

import msgspec

from risktui.detect.features import (
    LIMITS,
    features_of,
    hop_of,
    session_of,
    suspects_of,
    unmet,
)
from risktui.detect.geometry import Area
from risktui.detect.lessons import Lessons
from risktui.detect.moments import Failure, Moment
from risktui.detect.state import DAY, HALF_LIFE, HOUR, MINUTE, Recent
from risktui.detect.whereabouts import Anchor
from risktui.model.events import (
    Activity,
    ApiCall,
    Event,
    FileAccess,
    Location,
    MailboxRule,
    MailSent,
    SignIn,
)
from risktui.model.written_often import written_often

ACTIVITY = (SignIn, FileAccess, MailSent, MailboxRule, ApiCall)
"""Events that say where a person works from; the address of others may be an administrator's."""

MAX_SUSPECTS = 16
MAX_RISKS = 8
"""Times of open detections that are kept, so that a late event finds those before it."""
SAFE_COUNT = 3.0
"""How often a value counts as met when an operator calls it safe (docs/life_of_a_risk.md)."""


@written_often
class Profile(msgspec.Struct, array_like=True, kw_only=True):
    """One person's habits. Bounded: about 8 kB packed at the most, whatever happens."""

    first_seen: int = 0
    """Time of the first successful event (ms); 0 before it."""
    last_seen: int = 0
    successes: int = 0
    """Successful sign-ins learnt."""
    active_days: int = 0
    last_day: int = -1
    learning_since: int = 0
    """Start of the current learning period (ms): the first event, a long absence or a verdict."""
    learning_reason: str = "first seen"
    last_mfa: int = 0
    """When a second factor was last passed afresh (ms)."""
    frozen: bool = False
    """Confirmed compromised and not remediated: nothing is learnt."""
    disabled: bool = False
    deleted: bool = False
    features: dict[str, Recent] = {}
    anchors: list[Anchor] = []
    """The last located activities, oldest first."""
    moments: list[Moment] = []
    failures: list[Failure] = []
    suspects: dict[str, int] = {}
    """Sessions and strange addresses with an open medium or high detection, and its time."""
    alert_until: int = 0
    """Until when (ms) what the person does may still raise an open detection."""
    risk: int = 0
    """Rank of the person's level as the ledger left it: 0 none, 3 high."""
    risk_time: int = 0
    """When what is open happened, the latest of it (ms); 0 where nothing is."""
    scattered: bool = True
    """Whether the anchors may be in several countries or a hop apart: most people's are not."""
    area: Area | None = None
    """Holds all anchors whose place is known, and perhaps more; None where nobody has looked."""
    stays_in: str = ""
    """The country that all of them are in, "" for several: `area` lies elsewhere in memory."""
    moves: int = 0
    """How often an anchor was added that is not where the latest was, or a value unlearnt."""
    visiting: str = ""
    """The country that was learnt last, at `last_seen`; "" where some was unlearnt since."""
    risk_times: list[int] = []
    """When what is open happened (ms), in order, the last `MAX_RISKS` of it; none if only once."""

    def recent(self, feature: str) -> Recent:
        """Values of one feature, for reading and learning."""
        found = self.features.get(feature)
        if found is None:
            found = self.features[feature] = Recent(LIMITS[feature])
        return found

    def familiar(self, feature: str, value: str, time: int) -> bool:
        """Whether `value` is usual for this person at `time`."""
        found = self.features.get(feature)
        return found.familiar(value, time) if found is not None else unmet(feature)

    def knew(self, feature: str, value: str, time: int) -> bool:
        """Whether `value` was usual before `time`; what happened then may itself be learnt."""
        found = self.features.get(feature)
        if found is None:
            return unmet(feature)
        seen = found.get(value)
        return seen is not None and seen.first < time and self.familiar(feature, value, time)

    def known_before(self, feature: str, value: str, time: int, age: int = DAY) -> bool:
        """Whether `value` was met `age` ms ago or earlier: what began today is no habit yet."""
        found = self.features.get(feature)
        if found is None:
            return unmet(feature)
        seen = found.values.get(value) if value else None
        if seen is None or time - seen.first < age:
            return False
        if seen.count >= 1.0 and time - seen.last <= HALF_LIFE:
            return True
        return seen.weight(time) >= 0.5

    def familiarity(self, feature: str, value: str, time: int) -> float:
        """0 to 1, see `Recent.familiarity`."""
        found = self.features.get(feature)
        return found.familiarity(value, time) if found is not None else float(unmet(feature))

    def days_since_first(self, time: int) -> float:
        """Days of history before `time`; 0 for somebody never seen."""
        return max(0, time - self.first_seen) / DAY if self.first_seen else 0.0

    def days_learning(self, time: int) -> float:
        """Days since the current learning period began."""
        return max(0, time - self.learning_since) / DAY if self.learning_since else 0.0

    def knows_device(self, event: Event | Activity) -> bool:
        """A device met on two days or more (modifier M2's first half)."""
        device = self.features.get("device")
        seen = device.get(event.client.device_id) if device and event.client.device_id else None
        return seen is not None and seen.days >= 2

    def failures_near(self, event: Event, what: frozenset[str], window: int) -> int:
        """How many failures of the kinds `what` lie within `window` ms of `event`."""
        return sum(
            1 for f in self.failures if f.what in what and abs(f.time - event.time) <= window
        )

    def wrong_passwords_before(self, event: Event, window: int = 30 * MINUTE) -> int:
        """Wrong passwords from the same prefix in the `window` before `event` (modifier A4)."""
        return sum(
            1
            for f in self.failures
            if f.what == "wrong"
            and f.prefix == event.network.subnet
            and 0 <= event.time - f.time <= window
        )

    def moments_near(self, time: int, window: int = HOUR) -> list[Moment]:
        """What happened within `window` ms of `time`, in order."""
        near = [moment for moment in self.moments if abs(moment.time - time) <= window]
        return sorted(near, key=lambda m: (m.time, m.event_id))

    def device_familiarity(self, event: Event | Activity) -> float | None:
        """How familiar the device is: by its id, else by its system; None where neither is known.

        Unmanaged devices have no id in sign-in logs (card S17: "if none: OS family").
        """
        client = event.client
        if client.device_id:
            return self.familiarity("device", client.device_id, event.time)
        if client.operating_system:
            return self.familiarity("system", client.operating_system, event.time)
        return None

    def knows_client(self, event: Event | Activity) -> bool:
        """Whether the program is this person's: its device id, else its exact user agent."""
        client = event.client
        feature = "device" if client.device_id else "user_agent"
        return self.knew(feature, client.device_id or client.user_agent, event.time)

    def had_session(self, event: Event) -> bool:
        """Whether the session was the person's the day before, in this very program.

        One that goes on in another program may be stolen.
        """
        return self.known_before("session", session_of(event), event.time)

    def alternates(self, asn: int, time: int) -> bool:
        """Whether the person went back and forth between a network and another on two days."""
        known, name = self.features.get("hop"), str(asn)
        return known is not None and any(
            name in hop.split()
            and known.values[hop].days >= 2
            and self.known_before("hop", hop, time)
            for hop in known
        )

    def home_country(self, time: int) -> str:
        """The country the person is in most, "" before anything is known."""
        seen = self.recent("country").values.items()
        return max([(each.weight(time), code) for code, each in seen], default=(0.0, ""))[1]

    def acquaintance(self, activity: Event | Activity) -> tuple[int, int, int]:
        """How well the person knows a place: days in its country, its network, its subnet."""
        network, features = activity.network, self.features
        countries, asns, prefixes = (
            features.get("country"),
            features.get("asn"),
            features.get("prefix"),
        )
        country = countries.values.get(activity.location.country_or_region) if countries else None
        asn = asns.values.get(str(network.asn)) if asns else None
        prefix = prefixes.values.get(network.subnet) if prefixes else None
        return (
            country.days if country is not None else 0,
            asn.days if asn is not None else 0,
            prefix.days if prefix is not None else 0,
        )

    def is_suspect(self, event: Event) -> bool:
        """Whether the event's session or address has an open medium or high detection."""
        if not self.suspects:
            return False  # as of nearly everybody
        return any(suspect in self.suspects for suspect in suspects_of(event))

    def risk_before(self, time: int, window: int) -> int:
        """When the latest open medium or high detection was (ms), 0 for none in the `window`."""
        near = [found for found in self.suspects.values() if 0 <= time - found <= window]
        return max(near, default=0)

    def open_risk(self, time: int, window: int) -> int:
        """When the latest open detection before `time` was (ms), 0 for none in the `window`."""
        latest = self.risk_time
        if latest > time:  # of an event that was read late
            latest = max((before for before in self.risk_times if before <= time), default=0)
        return latest if self.risk and 0 <= time - latest <= window else 0

    def near(self, place: Location, km: float) -> bool:
        """Whether all anchors are surely within `km` of `place`: the quick answer for most people.

        False says nothing.
        """
        area = self.area
        return area is not None and area.surely_within(place, km)

    def at_home(self, place: Location, km: float) -> bool:
        """The same, or all of them are surely in the country of `place`."""
        area = self.area
        if area is None:
            return False
        same = area.country and area.country == place.country_or_region
        return bool(same) or area.surely_within(place, km)

    def is_still(self, event: Event) -> bool:
        """Whether `event` comes from the place and network of the latest anchor, and after it."""
        latest = self.anchors[-1].activity if self.anchors else None
        return (
            latest is not None
            and event.location == latest.location
            and event.network == latest.network
            and event.time >= latest.time
        )

    def learn(self, event: Event) -> None:
        """Take `event` as usual for this person; only successes teach."""
        Lessons(self).learn(event)

    def hops(self, one: Event | Activity, other: Event | Activity) -> int:
        """On how many days the person was in both networks faster than anybody travels.

        0 unless that began the day before or earlier: what began today is no habit yet.
        """
        hop, time = hop_of(one, other), max(one.time, other.time)
        known = self.features.get("hop")
        seen = known.get(hop) if known is not None else None
        return seen.days if seen is not None and self.known_before("hop", hop, time) else 0

    def learn_safe(self, activity: Activity) -> None:
        """Take what an operator called safe as familiar at once."""
        for feature, value in features_of(activity):
            self.recent(feature).add(value, activity.time, SAFE_COUNT, days=2)
        self.tell_lessons()
        self.clear(activity)

    def unlearn(self, activity: Activity, since: int) -> None:
        """Forget values of `activity` that were first met at or after `since` (ms)."""
        features = self.features
        for feature, value in features_of(activity):
            seen = (features.get(feature) or self.recent(feature)).values.get(value)
            if seen is not None and seen.first >= since:
                self.forget(feature, value)

    def forget(self, feature: str, value: str) -> None:
        """Unlearn one value of a feature."""
        self.recent(feature).forget(value)
        self.tell_lessons()
        self.visiting = ""
        self.moves += 1

    def tell_lessons(self) -> None:
        """Whoever has looked for values here is to look again: some may be gone (`Lessons`)."""
        self.features = dict(self.features)

    def restart_learning(self, time: int, reason: str) -> None:
        """Begin a new learning period; what is familiar stays."""
        self.learning_since, self.learning_reason = time, reason

    def suspect(self, activity: Activity) -> None:
        """Do not learn from its session, nor from its address unless that was known before."""
        self.unlearn(activity, activity.time)
        known = activity.ip_address in self.recent("ip")
        for suspect in suspects_of(activity):
            if not (known and suspect.startswith("ip ")):
                self.suspects[suspect] = activity.time
        while len(self.suspects) > MAX_SUSPECTS:
            del self.suspects[min(self.suspects, key=lambda s: (self.suspects[s], s))]

    def clear(self, activity: Activity) -> None:
        """Learn from its session and address again."""
        for suspect in suspects_of(activity):
            self.suspects.pop(suspect, None)
