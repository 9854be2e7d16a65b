"""Activity in two countries within less time than an airliner needs between them.

Unlike atypical travel it does not ask what is unusual for this person: only whether anybody could
have made the journey. Any activity counts, sign-in or not; only the country of a place is trusted.
"""

from functools import partial
from typing import Any, Literal

import msgspec

from risktui.detect import (
    ACTIVITY,
    AIRLINER_KMH,
    DAY,
    HOUR,
    MINUTE,
    Anchor,
    Answer,
    Check,
    Detector,
    Event,
    Evidence,
    Example,
    Facts,
    Finding,
    KeyedState,
    Outline,
    Profile,
    RiskLevel,
    Suppressed,
    Weighing,
    a1_hosting,
    a2_tool,
    a7_sensitive,
    brief_of,
    impossible,
    is_shared_egress,
    is_success,
    m2_known_device,
    threshold,
    travel,
    words,
)
from risktui.detect.examples import (
    HQ,
    LAGOS,
    LONDON,
    NEW_YORK,
    STRANGER,
    TOKYO,
    VPN,
    habits,
    laptop,
    reads,
    sets_rule,
    signs_in,
)

VAGUE = (
    travel.m4_exit,
    travel.m5_own_carrier,
    lambda trip, _: travel.listed_vpn(trip),
    travel.back_and_forth,
    travel.remote_access,
)
"""What makes the place of an end say nothing; the first that applies holds the trip back."""


class ImpossibleTravel(Detector):
    """Impossible travel."""

    risk_event_type = "mcasImpossibleTravel"
    title = "Impossible travel"
    title_ja = "あり得ない移動"
    watches = ACTIVITY
    quiet_at_home = True
    needs = ("location",)
    attack = ("T1078.004",)
    cooldown = 7 * DAY  # one journey is one detection
    tips = (
        "Ask the person, or look at their calendar, whether they travel.",
        "A machine left running at the office explains some; look at what was done at each end.",
        "If the odd end is a VPN the organisation uses, make its range a trusted named location.",
        "Otherwise confirm it compromised: revoke sessions, reset the password, look for rules.",
    )

    class Settings(msgspec.Struct, frozen=True):
        """Where Microsoft gives no number, public rules do: Elastic, Panther."""

        learning_days: int = 7
        """Days since a person was first seen (Defender for Cloud Apps)."""
        min_km: float = 500.0
        """Nearer is never judged (Elastic's rule)."""
        airliner_kmh: float = AIRLINER_KMH
        """What counts as possible (Panther's rule)."""
        window_hours: int = 24
        """How far apart the two may be; nothing on Earth is further by air."""
        sensitivity: Literal["low", "medium", "high"] = "medium"
        """high: shared exits and carriers are judged too; low: only medium and high are reported.

        After the slider of Defender for Cloud Apps."""

    class State(KeyedState):
        """Where the person is: no trip to there was impossible, or one has been."""

        calm: int = -1
        """`Profile.moves` since when none was."""
        odd: int = -1
        """`Profile.moves` since when one from `km` away is, begun at the time `left` (ms)."""
        left: int = 0
        km: float = 0.0

    def __init__(self, settings: Any = None) -> None:
        super().__init__(settings)
        given = self.settings
        self._min_km = given.min_km
        self._limits = travel.Limits(
            given.min_km, given.airliner_kmh / HOUR, given.window_hours * HOUR
        )
        self._learning_days = given.learning_days
        self._learning_time = given.learning_days * DAY
        self._lenient = given.sensitivity != "high"
        self._at_once = given.sensitivity == "medium"
        self._whence, self._ends = impossible.Whence(self._limits), impossible.Ends()

    def observe(self, event: Event, state: State, facts: Facts) -> Answer:
        """Compare the activity with where the person was within a day."""
        person = facts.profile or facts.person
        if event.location.country_or_region == person.stays_in:
            return None  # nearly always; where neither is known, too
        if not event.location.country_or_region:
            return None
        is_latest = event.time >= state.last
        still = is_latest and person.is_still(event)
        if still and state.calm == person.moves:
            return None  # time has only made every trip to here slower
        if not is_success(event):
            return None
        first = person.first_seen
        learning = not first or event.time - first < self._learning_time
        if learning and still and self._goes_on(event, state, person):
            return self._too_early(event, person)
        ways = self._whence.recall(event, person) if is_latest and not learning else None
        if ways is None:
            if person.at_home(event.location, self._min_km) or not travel.is_somewhere(event):
                return None
            ways = self._whence.look(event, person, only_one=learning, is_latest=is_latest)
        if not ways:
            state.calm = person.moves if still else -1
            return None
        if learning:
            if still:
                then, km, _ = ways.all[0]
                state.odd, state.left, state.km = person.moves, then.activity.time, km
            return self._too_early(event, person)
        return self._judge_fastest(event, ways, facts)

    def _goes_on(self, event: Event, state: State, person: Profile) -> bool:
        """Whether a trip to here was impossible and still is, without a look at any other.

        The person has not moved, and the place the trip began at is not forgotten yet.
        """
        if state.odd != person.moves or state.left <= person.anchors[0].activity.time:
            return False
        min_km, speed, window = self._limits
        time, km = event.time - state.left, state.km
        return MINUTE <= time <= window and km >= min_km and km > speed * time

    def _judge_fastest(self, event: Event, ways: impossible.Ways, facts: Facts) -> Answer:
        """Judge trips to or from this activity, the fastest first, until one is a finding."""
        person, lenient, shared = facts.person, self._lenient, is_shared_egress(event, facts)
        in_vain = lenient and (
            travel.is_nowhere(event.network) if shared else ways.lead_to_exits
        )  # then all are held back
        if in_vain and (why_not := impossible.why_not_at_all(event, ways, person, shared=shared)):
            return why_not
        here, held_back = Anchor(brief_of(event, facts), shared=shared), None
        if lenient and not in_vain and (way := ways.fastest(but_exits=True)):
            trip = travel.trip_between(person, here, way)
            if not travel.through_an_exit(trip, person):
                answer = self._judge(event, trip, person)
                if isinstance(answer, Finding):
                    return answer  # as nearly always
        for trip in impossible.trips(person, here, ways):
            if lenient and travel.through_an_exit(trip, person):
                held_back = held_back or impossible.why_not(trip, person)  # one reason suffices
                if in_vain:
                    break
                continue
            answer = self._judge(event, trip, person)
            if isinstance(answer, Finding):
                return answer
            held_back = held_back or answer
        return held_back

    def _judge(self, event: Event, trip: travel.Trip, person: Profile) -> Outline | Suppressed:
        """Weigh one trip: at once where it is clear, in words only for whoever reads them."""
        if self._at_once:
            told = partial(self._in_full, event, trip, person)
            if answer := self._ends.at_once(trip, person, told):
                return answer
        return self._weigh(event, trip, person)

    def _in_full(self, event: Event, trip: travel.Trip, person: Profile) -> Finding:
        """What was clear at once, with its words."""
        weighing, act = self._weighed(event, trip, person), bool(a7_sensitive(trip.odd))
        parts = impossible.parts_of(trip, act=act) | self._in_words(event, trip, person)
        return weighing.in_full(parts)

    def _weigh(self, event: Event, trip: travel.Trip, person: Profile) -> Outline | Suppressed:
        weighing = self._weighed(event, trip, person)
        if weighing.held_back:
            return weighing.held_back
        if self.settings.sensitivity == "low" and weighing.level is RiskLevel.LOW:
            return Suppressed(rule="sensitivity", reason="low findings are not reported")
        return weighing.outline(
            partial(self._in_words, event, trip, person),
            **impossible.parts_of(trip, act=bool(a7_sensitive(trip.odd))),
        )

    def _weighed(self, event: Event, trip: travel.Trip, person: Profile) -> Weighing:
        """What speaks for and against a trip; no more once something holds it back."""
        odd, known = trip.odd, trip.known
        strict = not self._lenient
        weighing = Weighing(RiskLevel.MEDIUM, "nobody could make the trip")
        weighing.gate(self._learning(event, person))
        weighing.gate(impossible.border(odd, known))
        weighing.gate(travel.m1_both_trusted(odd, known))
        for look in VAGUE:
            if weighing.held_back:
                return weighing
            check = look(trip, person)
            if strict:
                weighing.looked_at(check)
            else:
                weighing.gate(check)
        if weighing.held_back:
            return weighing
        hosting, act = a1_hosting(odd), a7_sensitive(odd)
        weighing.up(hosting)
        weighing.up(impossible.tor(odd))
        weighing.up(a2_tool(odd))
        weighing.up(travel.other_client(odd, known, person))
        weighing.up(act)
        if not act:
            weighing.down(impossible.soft_end(odd, known))
        weighing.down(m2_known_device(odd, Facts(profile=person)))
        return weighing

    def _in_words(self, event: Event, trip: travel.Trip, person: Profile) -> dict[str, Any]:
        return {
            "headline": _headline(trip),
            "evidence": self._evidence(trip, person),
            "thresholds": (
                threshold("airliner_kmh", self.settings.airliner_kmh, round(trip.kmh), "Panther"),
                threshold("min_km", self.settings.min_km, round(trip.km), "Elastic"),
                threshold(
                    "learning_days",
                    self.settings.learning_days,
                    person.days_since_first(event.time),
                    "Defender for Cloud Apps",
                ),
            ),
            "what_would_change": (
                "Confirm safe: the person is known there from now on, quiet for 30 days.",
                "Trusted named locations at both ends: never judged.",
                "sensitivity low: the same with a carrier at one end is not reported.",
                f"Another {words.duration(self._needed(trip) - trip.time)} "
                "between the two would have made the trip possible.",
            ),
        }

    def _too_early(self, event: Event, person: Profile) -> Suppressed:
        first, time = person.first_seen, event.time
        days = (time - first) / DAY if 0 < first < time else 0.0
        return Suppressed(rule="learning", reason=_how_long(days, self._learning_days))

    def _learning(self, event: Event, person: Profile) -> Check:
        days = person.days_since_first(event.time)
        few, reason = days < self._learning_days, _how_long(days, self._learning_days)
        return Check("learning", "learning where the person is", few, reason)

    def _needed(self, trip: travel.Trip) -> int:
        return travel.needed(trip, self.settings.airliner_kmh)

    def _evidence(self, trip: travel.Trip, person: Profile) -> tuple[Evidence, ...]:
        odd, known = trip.odd, trip.known
        countries = person.recent("country")
        needed = words.duration(self._needed(trip))
        return (
            Evidence(
                label="Distance and time",
                observed=f"{trip.km:,.0f} km in {words.duration(trip.time)}: {trip.kmh:,.0f} km/h",
                baseline=f"an airliner does {self.settings.airliner_kmh:.0f} km/h, needs {needed}",
                weight=0.6,
                event_ids=(odd.id, known.id),
            ),
            Evidence(
                label="Odd end",
                observed=travel.in_words(odd),
                baseline=f"in {odd.location.country_or_region} "
                f"{words.met(countries.get(odd.location.country_or_region))}",
                weight=0.2,
                event_ids=(odd.id,),
            ),
            Evidence(
                label="Known end",
                observed=travel.in_words(known),
                baseline=f"in {known.location.country_or_region} "
                f"{words.met(countries.get(known.location.country_or_region))}",
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
            name="mail read in Tokyo, a file downloaded in London two hours later",
            fires=True,
            level=RiskLevel.MEDIUM,
            events=[
                *habits("alice", TOKYO),
                reads("alice", TOKYO, "2026-03-02 10:00", operation="MailItemsAccessed"),
                reads("alice", LONDON, "2026-03-02 12:00", operation="FileDownloaded"),
            ],
        ),
        Example(
            name="an inbox rule from Lagos half an hour after a sign-in at home",
            fires=True,
            level=RiskLevel.HIGH,
            events=[
                *habits("alice", TOKYO),
                signs_in("alice", TOKYO, "2026-03-02 09:00"),
                sets_rule("alice", LAGOS, "2026-03-02 09:30"),
            ],
        ),
        Example(
            name="the headquarters is trusted, New York is not",
            fires=True,
            events=[
                *habits("alice", HQ),
                signs_in("alice", HQ, "2026-03-02 09:00"),
                signs_in("alice", NEW_YORK, "2026-03-02 10:00", STRANGER),
            ],
        ),
        Example(
            name="twelve hours from Tokyo to London",
            fires=False,
            events=[
                *habits("bob", TOKYO),
                signs_in("bob", TOKYO, "2026-03-02 01:00"),
                signs_in("bob", LONDON, "2026-03-02 13:00", laptop("bob")),
            ],
        ),
        Example(
            name="the company's exit in Frankfurt, used by this person for the first time",
            fires=False,
            events=[
                *(event for who in ("bob", "carol", "dave", "erin") for event in habits(who, VPN)),
                *habits("alice", TOKYO),
                signs_in("alice", TOKYO, "2026-03-02 09:00"),
                signs_in("alice", VPN, "2026-03-02 09:10"),
            ],
        ),
    )


def _how_long(days: float, needed: int) -> str:
    return f"first seen {days:.1f} days before, {needed} needed"


def _headline(trip: travel.Trip) -> str:
    first, second = sorted((trip.odd, trip.known), key=lambda end: (end.time, end.id))
    return (
        f"{words.who(trip.odd)} was active in {words.place(first.location)} at "
        f"{words.clock(first.time)} and {words.duration(trip.time)} later in "
        f"{words.place(second.location)}, {trip.km:,.0f} km away"
    )
