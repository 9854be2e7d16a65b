"""What should be found: for each attack who, when, which types must and which may fire, how high.

What must fire follows from the facts of a scene, by the definitions of the types, not from what a
detector does: a sign-in from a listed exit, from a country nobody uses, faster than any flight.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from risktui.detect import distance_km, neighbours
from risktui.model.events import Event, SignIn
from simulator.company import DAY, HOUR, MINUTE, Company, Person
from simulator.journal import Journal

ANYTHING = ("low", "high")
LEVELS = {
    "adminConfirmedUserCompromised": ("high", "high"),
    "anomalousToken": ANYTHING,
    "attackerinTheMiddle": ("high", "high"),
    "attemptedPrtAccess": ("high", "high"),
    "leakedCredentials": ("high", "high"),
    "nationStateIP": ("high", "high"),
    "passwordSpray": ("medium", "high"),
    "suspiciousSendingPatterns": ("medium", "medium"),
    "userReportedSuspiciousActivity": ("medium", "high"),
}
"""Lowest and highest level by the cards; anything where a card gives more than one."""

OF_A_STRANGER = frozenset(
    {
        "unfamiliarFeatures",
        "newCountry",
        "unlikelyTravel",
        "mcasImpossibleTravel",
        "suspiciousBrowser",
        "investigationsThreatIntelligence",
    }
)
"""What may always be said of somebody who uses another person's account."""
ANONYMISERS = frozenset({"tor", "vpn", "proxy", "residential"})

ESTABLISHED_DAYS = 14
"""Who was seen first so long ago is known well enough for everything (S06, S11, S17)."""
IMPOSSIBLE_KMH = 1_500
"""Faster than this is beyond any doubt, whatever the accuracy of places."""
FAR_KM = 1_500


@dataclass(frozen=True)
class Truth:
    """One thing that happened to one person."""

    story: str
    """The kind of attack, or of ordinary life that may be noticed."""
    person: Person
    must: frozenset[str]
    may: frozenset[str]
    """Types that may fire as well; `x_` stands for all types of our own."""
    start: int
    end: int
    variant: str = ""
    """Size and pace, for whoever reads the errors."""
    highest: str = "high"
    """Above this level a type that may fire is an error after all."""

    def covers(self, risk_event_type: str) -> bool:
        """Whether the type may be said of this."""
        own = risk_event_type.startswith("x_") and "x_" in self.may
        return own or risk_event_type in self.must | self.may


@dataclass
class Ledger:
    """All that is true in a simulation."""

    truths: list[Truth] = field(default_factory=list)

    def attack(
        self,
        story: str,
        person: Person,
        acts: Iterable[Event],
        must: Iterable[str] = (),
        may: Iterable[str] = (),
        variant: str = "",
    ) -> None:
        """An attack on `person` that consists of `acts`; an hour before and a day after count."""
        times = [act.time for act in acts]
        allowed = frozenset(may) | OF_A_STRANGER | {"x_", "anomalousToken"}
        start, end = min(times) - HOUR, max(times) + DAY
        must = frozenset(must)
        self.truths.append(Truth(story, person, must, allowed - must, start, end, variant))

    def tolerate(
        self, story: str, person: Person, start: int, end: int, may: Iterable[str], highest: str
    ) -> None:
        """Ordinary life that may be noticed up to the level `highest`."""
        allowed = frozenset(may)
        self.truths.append(Truth(story, person, frozenset(), allowed, start, end, highest=highest))


class Witness:
    """Knows the ordinary life of everybody, and what an attack looks like against it."""

    def __init__(self, company: Company, journal: Journal) -> None:
        self._company = company
        self._by_person: dict[str, list[Event]] = {}
        self._by_country: dict[str, list[tuple[int, str]]] = {}
        for event in sorted(journal.events, key=lambda each: each.order):
            if event.actor == "user" and event.ip_address:
                self._by_person.setdefault(event.user_id, []).append(event)
                if _there(event):
                    who = (event.time, event.user_id)
                    self._by_country.setdefault(event.location.country_or_region, []).append(who)

    def before(self, person: Person, time: int, within: int = 90 * DAY) -> list[Event]:
        """What the person did in the time before."""
        own = self._by_person.get(person.id, ())
        return [e for e in own if time - within <= e.time < time and _there(e)]

    def known_days(self, person: Person, time: int) -> float:
        """Days since the person was first seen."""
        own = self.before(person, time)
        return (time - own[0].time) / DAY if own else 0.0

    def established(self, person: Person, time: int) -> bool:
        """Whether enough is known of the person by then."""
        own = self.before(person, time)
        return bool(own) and time - own[0].time >= ESTABLISHED_DAYS * DAY and len(own) >= 40

    def colleagues_in(self, country: str, person: Person, time: int) -> int:
        """How many others were there within the month before."""
        there = self._by_country.get(country, ())
        return len({u for t, u in there if time - 30 * DAY <= t < time and u != person.id})

    def must(self, person: Person, acts: Sequence[Event], tag: str = "") -> set[str]:
        """The types that follow from who was where, with what, and when."""
        found: set[str] = set()
        for act in acts:
            if isinstance(act, SignIn):
                if not act.password_was_right:
                    continue
                found |= self._of_sign_in(person, act, tag)
            elif tag in ANONYMISERS:
                found.add("riskyIPAddress")
            if _there(act) and self._travelled(person, act, tag):
                found.add("mcasImpossibleTravel")
        return found

    def _of_sign_in(self, person: Person, act: SignIn, tag: str) -> set[str]:
        found = {"anonymizedIPAddress"} if tag in ANONYMISERS else set()
        success = act.result == "success"
        if tag == "actor" and success:
            found.add("nationStateIP")
        if not self.established(person, act.time):
            return found
        if self._all_new(person, act):
            found.add("unfamiliarFeatures")
        if success and not tag and self._foreign(person, act):
            found.add("newCountry")
        if success and self._travelled(person, act, tag, kind=SignIn):
            found.add("unlikelyTravel")
        return found

    def _all_new(self, person: Person, act: SignIn) -> bool:
        """Network, place, browser, system and device, all at once."""
        own = [e for e in self.before(person, act.time) if isinstance(e, SignIn)]
        client = act.client
        browser = client.browser.partition(" ")[0]
        return (
            bool(browser and client.operating_system)
            and act.network.asn not in {e.network.asn for e in own}
            and act.location.city not in {e.location.city for e in own}
            and browser not in {e.client.browser.partition(" ")[0] for e in own}
            and client.operating_system not in {e.client.operating_system for e in own}
            and client.device_id not in {e.client.device_id for e in own if e.client.device_id}
        )

    def _foreign(self, person: Person, act: SignIn) -> bool:
        """A country that nobody uses; next door, a second factor passed now explains it."""
        country = act.location.country_or_region
        if act.mfa == "fresh" and neighbours(country, person.office.city.country):
            return False
        own = {e.location.country_or_region for e in self.before(person, act.time)}
        return country not in own and self.colleagues_in(country, person, act.time) == 0

    def _travelled(self, person: Person, act: Event, tag: str, kind: type[Event] = Event) -> bool:
        """Whether the person was elsewhere within the hour before, too far away for any flight."""
        if tag or not self.established(person, act.time):
            return False
        exits = self._company.hidden_asns
        here = act.location
        known = {e.location.country_or_region for e in self.before(person, act.time)}
        if here.country_or_region in known:
            return False
        for earlier in self.before(person, act.time, within=HOUR):
            there = earlier.location
            if not isinstance(earlier, kind) or earlier.network.asn in exits:
                continue
            if neighbours(there.country_or_region, here.country_or_region):
                continue
            hours = max(act.time - earlier.time, MINUTE) / HOUR
            km = distance_km(there, here)
            if km >= FAR_KM and km / hours >= IMPOSSIBLE_KMH:
                return True
        return False


def _there(event: Event) -> bool:
    return event.location.known and (not isinstance(event, SignIn) or event.result == "success")
