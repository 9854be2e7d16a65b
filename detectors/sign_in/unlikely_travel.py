"""Two sign-ins far apart in too little time, one of them from a place unusual for the person.

Impossible travel asks what nobody could do; this type asks what this person does not do. A place
the person knows, a device of theirs, an exit of the organisation and a flight with one's own client
explain a trip.
"""

from collections.abc import Iterator
from functools import partial
from math import inf
from typing import Any

import msgspec

from risktui.detect import (
    AIRLINER_KMH,
    DAY,
    HOUR,
    MINUTE,
    RIGHT,
    Activity,
    Anchor,
    Answer,
    Check,
    Detector,
    Evidence,
    Example,
    Facts,
    Finding,
    KeyedState,
    Profile,
    RiskLevel,
    SignIn,
    Suppressed,
    Threshold,
    Weighing,
    a1_hosting,
    brief_of,
    cell_of,
    is_shared_egress,
    m2_known_device,
    m3_fresh_mfa,
    surely_within,
    threshold,
    travel,
    unusual,
    words,
)
from risktui.detect.examples import (
    LAGOS,
    LONDON,
    MOBILE,
    NEW_YORK,
    PHONE,
    STRANGER,
    TOKYO,
    VPN,
    habits,
    signs_in,
)

_NONE = object()


class UnlikelyTravel(Detector):
    """Atypical travel."""

    risk_event_type = "unlikelyTravel"
    title = "Atypical travel"
    title_ja = "特殊な移動"
    watches = (SignIn,)
    needs = ("location",)
    attack = ("T1078.004",)
    cooldown = 7 * DAY  # one journey is one detection
    tips = (
        "Ask the person, or look at their calendar, whether they travel.",
        "If the address is known for their work, or a VPN the organisation allows, confirm it safe "
        "and make the VPN's range a named location.",
        "Otherwise confirm it compromised: revoke the sessions, reset the password.",
        "Block sign-ins where the attacker can pass the second factor.",
    )

    class Settings(msgspec.Struct, frozen=True):
        """Between the numbers of public rules, for the place must be unusual as well.

        Elastic: 500 km and 800 km/h in 90 min; Panther: 900 km/h in a day; BuffaLogs: 100 km and
        300 km/h.
        """

        min_km: float = 500.0
        """Nearer is never judged."""
        min_kmh: float = 500.0
        """Slower is never judged."""
        airliner_kmh: float = AIRLINER_KMH
        """Faster weighs more; slower with one's own client is a flight."""
        window_hours: int = 24
        """How far apart the two may be."""
        learning_days: int = 14
        """Learning ends after so many days, or after `learning_sign_ins`."""
        learning_sign_ins: int = 10
        """Learning ends after so many days or sign-ins, whichever comes first (Microsoft)."""
        absence_days: int = 90
        """Who was away so long is learnt anew (ours)."""

    class State(KeyedState):
        """When learning began anew, how many sign-ins there had been; where no trip is unusual."""

        since: int = 0
        before: int = 0
        calm: int = -1
        """`Profile.moves` since when the person is where no trip to was unusual."""

    def __init__(self, settings: Any = None) -> None:
        super().__init__(settings)
        self._window = self.settings.window_hours * HOUR
        self._min_km = self.settings.min_km
        self._absence = self.settings.absence_days * DAY
        self._area: object = _NONE
        self._near: object = _NONE
        """An area, which never changes, and a place that it lies near: of the sign-in before."""

    def observe(self, event: SignIn, state: State, facts: Facts) -> Answer:
        """Compare the sign-in with where the person was within a day."""
        if event.credentials not in RIGHT:
            return None
        person = facts.profile or facts.person
        if event.time - person.last_seen >= self._absence and person.last_seen:
            state.since, state.before = event.time, person.successes
        area = person.area
        if area is self._area and event.location == self._near:
            return None  # nearly always: all that is known of the person is near
        if area is not None and area.surely_within(event.location, self._min_km):
            self._area, self._near = area, event.location
            return None
        still = event.time >= state.last and person.is_still(event)
        if still and state.calm == person.moves:
            return None  # time has only made every trip to here slower
        fast = self._fast(event, person)
        if not fast or not travel.is_somewhere(event):
            state.calm = person.moves if still else -1
            return None
        if learning := self._learning(event, state, person):
            return _held_back(learning)
        held_back: Answer = None
        for trip in self._trips(event, fast, facts):
            if travel.through_an_exit(trip, person):  # every day of whoever works through one
                held_back = held_back or _held_back(travel.m4_exit(trip, person))
                continue
            answer = self._judge(trip, facts, learning)
            if isinstance(answer, Finding):
                return answer
            held_back = held_back or answer
        return held_back

    def _learning(self, event: SignIn, state: State, person: Profile) -> Check:
        """Whether too little is known of the person: new, or away for months."""
        begin = state.since or person.first_seen
        days = (event.time - begin) / DAY if begin else 0.0
        sign_ins = person.successes - state.before
        known = days >= self.settings.learning_days or sign_ins >= self.settings.learning_sign_ins
        reason = (
            f"{days:.1f} days and {words.many(sign_ins, 'sign-in')}, "
            f"{self.settings.learning_days} or {self.settings.learning_sign_ins} needed"
        )
        return Check("learning", "learning where the person is", not known, reason)

    def _trips(self, event: SignIn, fast: list[travel.Way], facts: Facts) -> Iterator[travel.Trip]:
        """Unusual trips to or from this sign-in, the fastest first."""
        end = Anchor(brief_of(event, facts), shared=is_shared_egress(event, facts))
        return travel.trips(facts.person, end, fast, _unusual)

    def _fast(self, event: SignIn, person: Profile) -> list[travel.Way]:
        """Where they were lately, how far away (km, ms), where one of both is unusual for them."""
        anchors = person.anchors
        if anchors and not unusual.is_unusual(event, person):
            anchors = unusual.odd_ones(person)
        fast, min_kmh, known = [], self.settings.min_kmh, dict[object, float]()
        for anchor in anchors:
            there = anchor.activity
            where = there.location, there.network
            km = known.get(where)
            if km is None:  # most are where another is
                km = known[where] = self._apart(there, event)
            time = abs(there.time - event.time)
            slow = time > self._window or km < min_kmh * max(time, MINUTE) / HOUR
            if not slow and there.id != event.id:
                fast.append((anchor, km, time))
        return fast

    def _apart(self, there: Activity, event: SignIn) -> float:
        """How far (km) the one is from the other; endlessly near where they do not compare."""
        if surely_within(there.location, event.location, self._min_km):
            return -inf
        km = travel.least_km(there, event)
        return km if km >= self._min_km and _comparable(there, event) else -inf

    def _judge(self, trip: travel.Trip, facts: Facts, learning: Check) -> Answer:
        person, odd, known = facts.person, trip.odd, trip.known
        weighing = self._base(trip, person)
        weighing.gate(learning)
        weighing.gate(travel.m4_exit(trip, person))
        weighing.gate(travel.listed_vpn(trip))
        weighing.gate(travel.remote_access(trip, person))
        weighing.gate(travel.m5_own_carrier(trip, person))
        weighing.gate(m2_known_device(odd, facts))
        weighing.gate(self._flight(trip, person))
        weighing.down(travel.m1_both_trusted(odd, known))
        weighing.down(m3_fresh_mfa(odd))
        if weighing.held_back:
            return weighing.held_back
        return weighing.outline(
            partial(self._in_words, trip, person),
            about=odd,
            related=(known,),
            cooldown_key=odd.location.country_or_region or odd.network.subnet,
        )

    def _in_words(self, trip: travel.Trip, person: Profile) -> dict[str, Any]:
        odd = trip.odd
        first, second = sorted((odd, trip.known), key=lambda end: (end.time, end.id))
        return {
            "headline": (
                f"{words.who(odd)} was in {words.place(first.location)} at "
                f"{words.clock(first.time)} and {words.duration(trip.time)} later in "
                f"{words.place(second.location)}, {trip.km:,.0f} km away; "
                f"{words.place(odd.location)} is unusual for this person"
            ),
            "evidence": self._evidence(trip, person),
            "thresholds": self._thresholds(trip, person),
            "risk_reasons": ("UnfamiliarLocation",),
            "what_would_change": (
                "Confirm safe: the place is known of this person from now on.",
                "A known managed device at the unusual end: never judged.",
                "Fresh MFA there takes one level off.",
                "Trusted named locations at both ends take one level off.",
            ),
        }

    def _base(self, trip: travel.Trip, person: Profile) -> Weighing:
        odd = trip.odd
        fast = trip.kmh >= self.settings.airliner_kmh
        country = odd.location.country_or_region
        abroad = bool(country) and not person.knew("country", country, odd.time)
        hosting, stranger = a1_hosting(odd), _strange_client(odd, person)
        because = [
            f"faster than {self.settings.airliner_kmh:.0f} km/h" if fast else "",
            f"{country} is new for this person" if abroad else "",
        ]
        base = RiskLevel.MEDIUM if fast or abroad else RiskLevel.LOW
        if fast and abroad and (hosting or stranger):
            base = RiskLevel.HIGH
            because.append((hosting or stranger).label)
        weighing = Weighing(base, " and ".join(filter(None, because)) or "an unusual place")
        weighing.looked_at(hosting, "counted into the base")
        weighing.looked_at(stranger, "counted into the base")
        return weighing

    def _flight(self, trip: travel.Trip, person: Profile) -> Check:
        """A trip that can be flown, with the person's own program at the other end."""
        possible = trip.kmh <= self.settings.airliner_kmh
        own = person.knows_client(trip.odd)
        reason = (
            f"{trip.kmh:,.0f} km/h can{'' if possible else 'not'} be flown, "
            f"{words.client(trip.odd.client)} is {'known' if own else 'new'}"
        )
        return Check("flight", "a flight with one's own client", possible and own, reason)

    def _thresholds(self, trip: travel.Trip, person: Profile) -> tuple[Threshold, ...]:
        days = person.days_since_first(max(trip.odd.time, trip.known.time))
        return (
            threshold("min_km", self.settings.min_km, round(trip.km), "Elastic"),
            threshold("min_kmh", self.settings.min_kmh, round(trip.kmh), "ours"),
            threshold("airliner_kmh", self.settings.airliner_kmh, round(trip.kmh), "Panther"),
            threshold("learning_days", self.settings.learning_days, days, "Microsoft"),
        )

    def _evidence(self, trip: travel.Trip, person: Profile) -> tuple[Evidence, ...]:
        odd, known = trip.odd, trip.known
        needed = words.duration(travel.needed(trip, self.settings.airliner_kmh))
        return (
            Evidence(
                label="Distance and time",
                observed=f"{trip.km:,.0f} km in {words.duration(trip.time)}: {trip.kmh:,.0f} km/h",
                baseline=f"an airliner does {self.settings.airliner_kmh:.0f} km/h, needs {needed}",
                weight=0.4,
                event_ids=(odd.id, known.id),
            ),
            Evidence(
                label="Unusual end",
                observed=travel.in_words(odd),
                baseline=_how_usual(odd, person),
                weight=0.4,
                event_ids=(odd.id,),
            ),
            Evidence(
                label="Known end",
                observed=travel.in_words(known),
                baseline=_how_usual(known, person),
                weight=0.1,
                event_ids=(known.id,),
            ),
            Evidence(
                label="Client",
                observed=words.client(odd.client),
                baseline=f"{words.client(known.client)} at the other end",
                weight=0.1,
            ),
        )

    examples = (
        Example(
            name="Tokyo, and Lagos three hours later on a strange machine",
            fires=True,
            level=RiskLevel.HIGH,
            events=[
                *habits("alice", TOKYO),
                signs_in("alice", TOKYO, "2026-03-02 09:00"),
                signs_in("alice", LAGOS, "2026-03-02 12:00", STRANGER),
            ],
        ),
        Example(
            name="the stranger was first",
            fires=True,
            level=RiskLevel.HIGH,
            events=[
                *habits("alice", TOKYO),
                signs_in("alice", LAGOS, "2026-03-02 09:00", STRANGER),
                signs_in("alice", TOKYO, "2026-03-02 10:00"),
            ],
        ),
        Example(
            name="New York three hours later on one's own managed laptop",
            fires=False,
            events=[
                *habits("alice", TOKYO),
                signs_in("alice", TOKYO, "2026-03-02 09:00"),
                signs_in("alice", NEW_YORK, "2026-03-02 12:00"),
            ],
        ),
        Example(
            name="a flight to London, and one's own phone there",
            fires=False,
            events=[
                *habits("alice", TOKYO),
                *habits("alice", MOBILE, client=PHONE),
                signs_in("alice", TOKYO, "2026-03-02 01:00"),
                signs_in("alice", LONDON, "2026-03-02 14:00", PHONE),
            ],
        ),
        Example(
            name="the company's exit in Frankfurt, used by this person for the first time",
            fires=False,
            events=[
                *(event for who in ("bob", "carol", "dave", "erin") for event in habits(who, VPN)),
                *habits("alice", TOKYO),
                signs_in("alice", TOKYO, "2026-03-02 09:00"),
                signs_in("alice", VPN, "2026-03-02 09:10", PHONE),
            ],
        ),
    )


def _held_back(check: Check) -> Suppressed:
    return Suppressed(rule=check.rule, reason=check.reason)


def _comparable(there: Activity, event: SignIn) -> bool:
    """Whether both ends are places; where a carrier is at one (M5), only countries compare."""
    if not travel.is_somewhere(there):
        return False
    carrier = there.network.kind == "mobile" or event.network.kind == "mobile"
    countries = there.location.country_or_region, event.location.country_or_region
    return not carrier or countries[0] != countries[1]


def _unusual(trip: travel.Trip, person: Profile) -> travel.Trip | None:
    """The trip with its unusual end as the odd one; None where both are usual, or it is no sign-in.

    `trip` has ordered the ends by how well the person knows them.
    """
    if unusual.may_be_odd(trip.odd, person):
        return trip
    if not unusual.may_be_odd(trip.known, person):
        return None
    return travel.Trip(trip.known, trip.odd, trip.known_shared, trip.odd_shared, trip.km, trip.time)


def _strange_client(odd: Activity, person: Profile) -> Check:
    strange = not person.knows_client(odd)
    reason = f"{words.client(odd.client)} is {'new' if strange else 'known'}"
    return Check("client", "an unknown client", strange, reason)


def _how_usual(end: Activity, person: Profile) -> str:
    """How often the person was there, not counting this very activity."""

    def met(feature: str, value: str) -> str:
        seen = person.recent(feature).get(value)
        return words.met(seen if seen and seen.first < end.time else None)

    country = end.location.country_or_region
    area = met("cell", cell_of(end.location))
    return f"in this area {area}; in {country or 'the country'} {met('country', country)}"
