"""Activity from a country where neither the person nor the organisation has been of late.

People travel, so a country that colleagues work from, or a named location of the organisation, says
nothing. What remains is rare, and more telling the stranger the rest of the activity is.
"""

from collections.abc import Iterable, Iterator
from functools import partial
from math import ceil
from typing import Any, Literal

import msgspec

from risktui.detect import (
    ACTIVITY,
    DAY,
    MICROSOFT_ASNS,
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
    RiskLevel,
    SignIn,
    Suppressed,
    Threshold,
    Weighing,
    a1_hosting,
    a2_tool,
    a6_foreign_to_all,
    a7_sensitive,
    abroad,
    brief_of,
    is_sensitive,
    is_shared_egress,
    is_success,
    is_tool,
    m1_trusted,
    m2_known_device,
    m3_answered,
    m4_shared_egress,
    m6_relay,
    neighbours,
    threshold,
    words,
)
from risktui.detect.examples import (
    HOSTING,
    LAGOS,
    LONDON,
    PARIS,
    STRANGER,
    TOKYO,
    habits,
    signs_in,
)


class NewCountry(Detector):
    """New country."""

    risk_event_type = "newCountry"
    title = "New country"
    title_ja = "新しい国/地域"
    watches = ACTIVITY
    needs = ("location",)
    attack = ("T1078.004",)
    cooldown = 30 * DAY  # one journey is one detection, and few are longer
    tips = (
        "Ask the person or their manager whether they travel; keep a group of frequent travellers.",
        "Look at what was read and downloaded from there.",
        "Where a VPN explains it, make its range a trusted named location.",
        "Otherwise confirm it compromised: revoke sessions, reset the password.",
    )

    class Settings(msgspec.Struct, frozen=True):
        """What Defender for Cloud Apps documents, and where it is silent, ours."""

        learning_days: int = 7
        """Days since a person was first seen (Defender for Cloud Apps)."""
        organisation_learning_days: int = 7
        """Days of the organisation's data before anything fires for anybody."""
        forget_after_days: int = 90
        """A country not visited for so long is new again (ours; BuffaLogs takes 30)."""
        scope: Literal["org", "user"] = "org"
        """org: the country must be infrequent for the organisation too; user: new to the person.

        Microsoft's pages say both; its risk reference says organisation."""
        frequent_users: int = 2
        """So many others in a country make it frequent."""
        frequent_share: float = 0.005
        """A country is frequent with so many others, or this share of the active, in 30 days."""
        allowed_countries: tuple[str, ...] = ()
        """ISO codes that are never new, whoever comes from there."""

    def __init__(self, settings: Any = None) -> None:
        super().__init__(settings)
        given = self.settings
        self._org = given.scope == "org"
        self._forget_after = given.forget_after_days * DAY
        self.quiet_at_home = given.forget_after_days > 0  # being at home looks back a day
        self._learning_time = given.learning_days * DAY
        self._young_for = given.organisation_learning_days * DAY

    def observe(self, event: Event, state: KeyedState, facts: Facts) -> Answer:
        """Ask whether anybody of the organisation is known in the event's country."""
        person = facts.profile or facts.person  # the property takes longer than all the rest
        country = event.location.country_or_region
        if (
            country == person.visiting
            and event.time - person.last_seen <= self._forget_after
            and country
        ):
            return None  # where the person was last, as nearly always
        known = person.features.get("country")
        seen = known.values.get(country) if known is not None else None
        if seen is not None and event.time - seen.last <= self._forget_after and country:
            return None  # visited lately; however seldom, a visit is a visit
        if not is_success(event) or event.network.asn in MICROSOFT_ASNS:
            return None
        if not country:
            unplaced = isinstance(event, SignIn) and bool(event.ip_address)
            reason = "the country of the address is not known"
            return Suppressed(rule="location", reason=reason) if unplaced else None
        if answer := self._at_once(event, country, facts):
            return answer
        return self._judge(event, country, facts)

    def _judge(self, event: Event, country: str, facts: Facts) -> Outline | Suppressed:
        gates = []
        for gate in self._gates(event, facts):  # each asked only where none before it holds back
            if gate:
                return Suppressed(rule=gate.rule, reason=gate.reason)
            gates.append(gate)
        weighing = self._weigh(event, facts, gates)
        if weighing.held_back is not None:
            return weighing.held_back
        parts = self._parts(weighing, event, country, facts)
        return weighing.outline(partial(self._in_words, event, facts), **parts)

    def _parts(
        self, weighing: Weighing, event: Event, country: str, facts: Facts
    ) -> dict[str, Any]:
        """What a finding says beside its words."""
        passed = self._answered_by_mfa(weighing, event, facts)
        return {
            "about": brief_of(event, facts),
            "cooldown_key": country,
            "raised_by": ("A7",) if weighing.level is RiskLevel.MEDIUM else (),
            "passed_by_mfa": passed,
        }

    def _at_once(self, event: Event, country: str, facts: Facts) -> Outline | None:
        """What `_judge` finds where nothing holds back or lowers, its words left for a reader.

        None where it takes a closer look. Most are like the one before.
        """
        time, network, person = event.time, event.network, facts.profile or facts.person
        early = time - person.first_seen < self._learning_time or not person.first_seen
        if early or time - facts.tenant_first_seen < self._young_for:
            return None
        if network.trusted or network.tags or event.client.managed:
            return None
        if type(event) is SignIn and event.mfa == "fresh":
            return None
        if country in self.settings.allowed_countries or is_shared_egress(event, facts):
            return None
        if self._org and facts.country_users >= self._frequent(facts):
            return None
        level = RiskLevel.LOW
        if abroad.is_foreign(event, country, facts):
            if abroad.is_own_client(event, person):
                return None
            steps = bool(a1_hosting(event)) + bool(is_tool(event.client.user_agent))
            steps += is_sensitive(event) + abroad.is_strange_client(event, person)
            level = RiskLevel.MEDIUM.step(steps)
        return Outline(
            risk_level=level,
            about=brief_of(event, facts),
            cooldown_key=country,
            raised_by=("A7",) if level is RiskLevel.MEDIUM else (),
            tell=partial(self._in_full, event, country, facts),
        )

    def _in_full(self, event: Event, country: str, facts: Facts) -> Finding:
        """What was clear at once, with its words."""
        weighing = self._weigh(event, facts, self._gates(event, facts))
        parts = self._parts(weighing, event, country, facts)
        return weighing.in_full(parts | self._in_words(event, facts))

    def _in_words(self, event: Event, facts: Facts) -> dict[str, Any]:
        country = event.location.country_or_region
        return {
            "headline": (
                f"{words.who(event)} was active from {words.place(event.location)} "
                f"({event.ip_address}) at {words.clock(event.time)}, a country that is new to "
                f"{'the person and rare in the organisation' if self._org else 'the person'}"
            ),
            "evidence": self._evidence(event, facts),
            "thresholds": self._thresholds(event, facts),
            "risk_reasons": ("UnfamiliarLocation",),
            "what_would_change": (
                f"Confirm safe: {country} is known of this person from now on.",
                f"allowed_countries with {country}: never judged for anybody.",
                f"{self._frequent(facts)} colleagues active in {country} within 30 days.",
                "A trusted named location over the address.",
            ),
        }

    def _frequent(self, facts: Facts) -> int:
        """How many others make a country frequent."""
        share = ceil(self.settings.frequent_share * facts.active_users)
        return int(max(self.settings.frequent_users, share))

    def _gates(self, event: Event, facts: Facts) -> Iterator[Check]:
        """What holds a finding back whatever else there is, the most frequent first."""
        yield self._learning(event, facts)
        yield self._young_organisation(event, facts)
        yield self._allowed(event)
        yield m1_trusted(event)  # the organisation's own word for the place
        yield m4_shared_egress(event, facts)
        yield m6_relay(event.network)
        yield abroad.listed_vpn(event)

    def _weigh(self, event: Event, facts: Facts, gates: Iterable[Check]) -> Weighing:
        never = a6_foreign_to_all(event, facts)
        near = self._neighbour(event, facts)
        medium = bool(never) and not near
        base = RiskLevel.MEDIUM if medium else RiskLevel.LOW
        weighing = Weighing(base, near.reason if near else never.reason)
        for gate in gates:
            weighing.gate(gate)
        weighing.looked_at(never, "medium where nobody was there")
        weighing.looked_at(near, "low next to the home country")
        if self._org and weighing.gate(self._in_use(event, facts)):
            return weighing
        for check in (
            a1_hosting(event),
            a2_tool(event),
            a7_sensitive(event),
            abroad.strange_client(event, facts),
        ):
            if medium:
                weighing.up(check)
            else:
                weighing.looked_at(check)
        managed = m2_known_device(event, facts)
        weighing.down(managed)
        own = abroad.own_client(event, facts)
        if weighing.level is RiskLevel.LOW or managed:
            weighing.looked_at(own)
        else:
            weighing.down(own)  # a private trip; low, for such a client can be imitated
        return weighing

    def _answered_by_mfa(self, weighing: Weighing, event: Event, facts: Facts) -> bool:
        """M3: one level down; a low one of a strange client is emitted and closed at once.

        Somebody may have accepted a stranger's prompt.
        """
        if not isinstance(event, SignIn):
            return False
        fresh = m3_answered(event, facts)
        own = m2_known_device(event, facts) or abroad.own_client(event, facts)
        if weighing.level is not RiskLevel.LOW or own:
            weighing.down(fresh)
            return False
        weighing.looked_at(fresh, "closed at once")
        return bool(fresh)

    def _learning(self, event: Event, facts: Facts) -> Check:
        days, needed = facts.person.days_since_first(event.time), self.settings.learning_days
        reason = f"first seen {days:.1f} days before, {needed} needed"
        return Check("learning", "learning where the person is", days < needed, reason)

    def _young_organisation(self, event: Event, facts: Facts) -> Check:
        days = (event.time - facts.tenant_first_seen) / DAY
        needed = self.settings.organisation_learning_days
        reason = f"{days:.1f} days of the organisation's data, {needed} needed"
        return Check("learning", "learning where the organisation is", days < needed, reason)

    def _allowed(self, event: Event) -> Check:
        country = event.location.country_or_region
        allowed = country in self.settings.allowed_countries
        reason = f"{country} is {'' if allowed else 'not '}among allowed_countries"
        return Check("allowed", "allowed country", allowed, reason)

    def _in_use(self, event: Event, facts: Facts) -> Check:
        others, needed = facts.country_users, self._frequent(facts)
        country = event.location.country_or_region
        reason = f"{words.many(others, 'colleague')} in {country} within 30 days, {needed} needed"
        return Check("organisation", "the organisation is there", others >= needed, reason)

    def _neighbour(self, event: Event, facts: Facts) -> Check:
        """Next to where the person mostly is; a VPN's exit makes no other country theirs."""
        country, home = event.location.country_or_region, facts.person.home_country(event.time)
        near = neighbours(country, home)
        reason = f"{country} {'borders' if near else 'does not border'} {home or 'a known country'}"
        return Check("border", "next to the home country", near, reason)

    def _evidence(self, event: Event, facts: Facts) -> tuple[Evidence, ...]:
        country, known = event.location.country_or_region, facts.person.recent("country")
        usual = "; ".join(f"{code} {words.met(known.get(code))}" for code in list(known)[:3])
        last, stranger = facts.country_last_seen, abroad.strange_client(event, facts)
        return (
            Evidence(
                label="Country of the person",
                observed=f"{country} {words.met(known.get(country))}",
                baseline=usual or "nothing is known yet",
                weight=0.4,
                event_ids=(event.id,),
            ),
            Evidence(
                label="Country in the organisation",
                observed=f"{words.many(facts.country_users, 'colleague')} within 30 days",
                baseline=f"last colleague there on {words.date(last)}" if last else "nobody before",
                weight=0.4,
            ),
            Evidence(
                label="Client",
                observed=f"{words.client(event.client)}; {stranger.reason}",
                weight=0.1,
            ),
            Evidence(
                label="Network",
                observed=f"{event.ip_address} of {words.network(event.network)}",
                weight=0.1,
            ),
        )

    def _thresholds(self, event: Event, facts: Facts) -> tuple[Threshold, ...]:
        seen = facts.person.recent("country").get(event.location.country_or_region)
        away = f"{(event.time - seen.last) / DAY:.0f}" if seen else "never there"
        return (
            threshold("frequent_users", self._frequent(facts), facts.country_users, "ours"),
            threshold("forget_after_days", self.settings.forget_after_days, away, "ours"),
            threshold(
                "learning_days",
                self.settings.learning_days,
                facts.person.days_since_first(event.time),
                "Defender for Cloud Apps",
            ),
        )

    examples = (
        Example(
            name="from a country where nobody ever was",
            fires=True,
            level=RiskLevel.LOW,  # medium, less one for her own managed laptop
            events=[*habits("carol", LONDON), signs_in("carol", LAGOS, "2026-03-02 09:00")],
        ),
        Example(
            name="from a rented server, on a machine never seen",
            fires=True,
            level=RiskLevel.HIGH,
            events=[
                *habits("carol", LONDON),
                signs_in("carol", HOSTING, "2026-03-02 09:00", STRANGER),
            ],
        ),
        Example(
            name="to a country with an office of the organisation",
            fires=False,
            events=[
                *habits("alice", TOKYO),
                *habits("marie", PARIS),
                *habits("jean", PARIS),
                signs_in("alice", PARIS, "2026-03-02 09:00"),
            ],
        ),
        Example(
            name="a new colleague in the first week",
            fires=False,
            events=[
                *habits("carol", LONDON),
                *habits("dave", TOKYO, days=2),
                signs_in("dave", LAGOS, "2026-03-02 09:00", STRANGER),
            ],
        ),
    )
