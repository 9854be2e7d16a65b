"""Sign-ins that fit a known pattern of a tool, a phishing kit or an actor, as a whole.

The patterns are numbered and stand in `detectors/indicators/*.toml`; the organisation's own come
from `[[indicators]]`. A pattern of which only half fits says nothing.
"""

from collections.abc import Collection, Iterable, Iterator, Sequence
from typing import Any

import msgspec

from risktui.detect import (
    DAY,
    HOUR,
    RIGHT,
    Answer,
    Check,
    Detector,
    Example,
    Facts,
    Finding,
    Fit,
    Indicator,
    Indicators,
    KeyedState,
    Lead,
    Met,
    Regulars,
    RiskLevel,
    SignIn,
    Tracker,
    Weighing,
    a1_hosting,
    a_stranger,
    activity_of,
    crowds,
    fellows,
    fitted,
    m1_trusted,
    m3_fresh_mfa,
    m4_shared_egress,
    repute,
    steps,
    words,
)
from risktui.detect.examples import HOSTING, LAGOS, LONDON, STRANGER, TOKYO, habits, signs_in

HEARD = frozenset({"sprayed", "met"})
"""Topics of the leads that are meant for this detector, one of several that hear them."""
MAX_FAILED = 64
"""People remembered who failed from one address."""


class Settings(msgspec.Struct, frozen=True):
    """Which patterns hold, and for whom they do not."""

    indicators: tuple[Indicator, ...] = ()
    """All patterns; given by the packs and by [[indicators]]."""
    disabled: tuple[str, ...] = ()
    """Numbers of patterns that are not to be used."""
    allowed: dict[str, tuple[str, ...]] = {}
    """Number of a pattern -> principal names, with wildcards, who may do it."""
    sprayed_people: int = 10
    """So many people failing from one address within an hour are a spray (as passwordSpray)."""
    sprayed_hours: int = 24
    """How long somebody who was tried in one is watched."""
    min_confidence: int = 75
    """Below it an entry of a list of actors is no verified actor's, and belongs here."""


class PatternHits(Tracker):
    """Looks up which patterns a sign-in fits, once, and who else has fitted them today."""

    name = "patternHits"
    part_of = "investigationsThreatIntelligence"
    keys = ("tenant",)
    watches = (SignIn,)
    version = 2
    Settings = Settings

    State = fellows.Memory

    def __init__(self, settings: Any = None) -> None:
        super().__init__(settings)
        off = set(self.settings.disabled)
        self._known = Indicators(i for i in self.settings.indicators if i.id not in off)

    def track(self, event: SignIn, key: str, state: fellows.Memory, facts: Facts) -> Iterable[Lead]:
        """Note the patterns; the person's habits are asked later, in the user stage."""
        return [lead for _, lead in self.track_all((Met(event, facts),), key, state)]

    def track_all(
        self, met: Sequence[Met[SignIn]], key: str, state: fellows.Memory
    ) -> Sequence[tuple[Met[SignIn], Lead]]:
        """The same for several."""
        leads, fitting = list[tuple[Met[SignIn], Lead]](), self._known.fitting
        for each in met:
            event = each.event
            if each.facts.came_in or (event.credentials in RIGHT and event.actor == "user"):
                fits = fitting(event)
                if fits:
                    leads += [(each, lead) for lead in _fitted(fits, event, state, each.facts)]
        return leads

    def look_back(
        self, event: SignIn, state: fellows.Memory, patterns: Collection[str]
    ) -> Iterable[Lead]:
        """Note who fits a pattern that is new, and tell those before them."""
        fits = [fit for fit in self._known.fitting(event) if fit.id in patterns]
        for fit in fits:
            state.others(fit, event)  # forgets who is none any more
        return [lead for fit in fits for lead in state.met(fit, event)]


def _fitted(fits: list[Fit], event: SignIn, state: fellows.Memory, facts: Facts) -> Iterable[Lead]:
    """Note which patterns a sign-in fits, and tell those who have fitted them before."""
    facts.notes["patterns"] = [list(fit) for fit in fits]
    facts.notes["others"] = {fit.id: state.others(fit, event) for fit in fits}
    return [lead for fit in fits if not fit.step for lead in state.met(fit, event)]


class SprayedPeople(Tracker):
    """Tells people that they are being tried in a spray from one address."""

    name = "sprayedPeople"
    part_of = "investigationsThreatIntelligence"
    keys = ("ip",)
    watches = (SignIn,)
    version = 2
    ttl = DAY
    Settings = Settings

    class State(KeyedState):
        """Who failed within the hour, and who was told."""

        failed: dict[str, int] = {}
        told: list[str] = []
        regulars: Regulars = msgspec.field(default_factory=lambda: Regulars(64))

    def track(self, event: SignIn, key: str, state: State, facts: Facts) -> Iterable[Lead]:
        """Count a wrong password; from so many people on, lead to each of them once."""
        if event.actor != "user":
            return ()
        user = event.user_id or event.user_principal_name
        if event.result == "success":
            state.regulars.add(user, event.time // DAY)
        if event.credentials != "wrong" or not user:
            return ()
        state.failed[user] = event.time
        if len(state.failed) < min(self.settings.sprayed_people, MAX_FAILED):
            return ()
        return self._sprayed(event, state)

    def track_all(
        self, met: Sequence[Met[SignIn]], key: str, state: State
    ) -> Sequence[tuple[Met[SignIn], Lead]]:
        """The same for several: nearly all come in, and many have done so on the day before."""
        leads: list[tuple[Met[SignIn], Lead]] = []
        regulars, last_day = state.regulars, state.last // DAY
        for each in met:
            user = each.facts.came_in
            if not user:
                found = self.track(each.event, key, state, each.facts)
                leads += [(each, lead) for lead in found]
            elif regulars.last_day.get(user, 0) < last_day:
                regulars.add(user, each.event.time // DAY)
        return leads

    def _sprayed(self, event: SignIn, state: State) -> Iterator[Lead]:
        """To each of those who failed within the hour and were not told, where they are many."""
        state.failed = {u: t for u, t in state.failed.items() if event.time - t <= HOUR}
        if len(state.failed) > MAX_FAILED:
            del state.failed[min(state.failed, key=lambda user: (state.failed[user], user))]
        if len(state.failed) < self.settings.sprayed_people:
            return
        if state.regulars.count(event.time, days=7) >= self.settings.sprayed_people:
            return  # an office where everybody mistypes
        for user in sorted(set(state.failed) - set(state.told)):
            state.told = [*state.told, user][-128:]
            yield Lead(
                time=event.time,
                id=event.id,
                source=event.source,
                tenant_id=event.tenant_id,
                user_id=user,
                topic="sprayed",
                details={"address": event.ip_address, "people": len(state.failed)},
            )


class ThreatIntelligence(Detector):
    """Microsoft Entra threat intelligence (sign-in)."""

    risk_event_type = "investigationsThreatIntelligence"
    title = "Microsoft Entra threat intelligence (sign-in)"
    title_ja = "Microsoft Entra の脅威インテリジェンス (サインイン)"
    watches = (SignIn, Lead)
    attack = ("T1078.004",)
    timing = "realtime"
    premium = False
    tips = (
        "Look for the pattern's number among other people: one campaign seldom stops at one.",
        "A suspicious address: does it fail for others, is the protocol or application odd, or "
        "is it the cloud provider of an application of your own?",
        "After a spray: look at its other targets, programs, networks and pace.",
        "If it was not the person: confirm compromised, revoke sessions, reset the password.",
        "Developers and scripts of your own belong into the pattern's list of allowed people.",
    )
    Settings = Settings

    class State(KeyedState):
        """Steps that were taken, the last minutes' programs, and whether a spray came by."""

        progress: dict[str, steps.Progress] = {}
        moments: list[crowds.Moment] = []
        sprayed: int = 0
        sprayed_from: str = ""
        sprayed_people: int = 0
        found: dict[str, fellows.Found] = {}
        """Number of a pattern -> the person's sign-in that it was found in last."""
        newest: int = 0
        """No moment is later (ms)."""

    def __init__(self, settings: Any = None) -> None:
        super().__init__(settings)
        off = set(self.settings.disabled)
        self._known = Indicators(i for i in self.settings.indicators if i.id not in off)
        self._off = off
        self._crowds = crowds.Crowds(self._known.many)

    def observe(self, event: SignIn | Lead, state: State, facts: Facts) -> Answer:
        """Ask which patterns hold for this person."""
        if not isinstance(event, SignIn):
            return self._heard(event, state) if event.topic in HEARD else None
        if event.credentials not in RIGHT:
            return None
        fits = facts.notes and facts.notes.get("patterns")
        crowded = self._crowds.may_be(event, state)
        if not (fits or crowded or state.sprayed or event.network.tags):
            return None  # nearly always
        matched = self._matched(event, state, facts, fits or (), crowded=crowded)
        if not matched:
            return None
        matched.sort(key=lambda m: (-m[0].level.rank, m[0].id))
        answer = self._found(event, matched, facts)
        if isinstance(answer, Finding):
            fellows.remember(event, [indicator.id for indicator, _ in matched], state.found)
        return answer

    def _matched(
        self, event: SignIn, state: State, facts: Facts, fits: Iterable[Any], *, crowded: bool
    ) -> list[fitted.Matched]:
        """All patterns that hold now, `fits` among them where earlier steps were taken."""
        matched = [m for fit in fits if (m := self._step(fit, event, state, facts))]
        if crowded:
            matched += ((indicator, []) for indicator in self._crowds.fitting(event, state))
        if state.sprayed and (found := self._after_spray(event, state, facts)):
            matched.append(found)
        if event.network.tags and repute.REPUTE not in self._off:
            doubtful = repute.doubtful_actor(event, int(self.settings.min_confidence))
            matched += [(doubtful, [])] if doubtful is not None else []
        return [m for m in matched if m[0].holds(event.time)]

    def looked_back(self, event: SignIn | Lead, state: State, seen: State) -> None:
        """Whoever comes next and fits the same is told to this person, too."""
        state.found = fellows.looked_back(state.found, seen.found)

    def _heard(self, lead: Lead, state: State) -> Answer:
        """A spray came by; or somebody else has fitted a pattern that this person has fitted."""
        details = lead.details
        if lead.topic == "sprayed":
            state.sprayed = lead.time
            state.sprayed_from = str(details["address"])
            state.sprayed_people = int(str(details["people"]))
        return fellows.as_well(lead, state.found) if lead.topic == "met" else None

    def _step(
        self, fit: list[Any], event: SignIn, state: State, facts: Facts
    ) -> fitted.Matched | None:
        """The pattern with the acts before, where this sign-in completes it."""
        indicator = self._known.by_id.get(str(fit[0]))
        if indicator is None:
            return None
        before = steps.taken(indicator, int(fit[1]), event, facts.person, state.progress)
        return (indicator, before) if before is not None else None

    def _after_spray(self, event: SignIn, state: State, facts: Facts) -> fitted.Matched | None:
        """Tried in a spray, and now let in from a network and a program that are not theirs."""
        ago = event.time - state.sprayed
        if ago > self.settings.sprayed_hours * HOUR:
            state.sprayed = 0
        if not 0 <= ago <= self.settings.sprayed_hours * HOUR:  # one logged late came before it
            return None
        same = event.ip_address == state.sprayed_from  # passwordSpray's own subject
        if same or repute.SPRAYED in self._off or not a_stranger(event, facts):
            return None
        return repute.after_spray(state.sprayed_people, state.sprayed_from), []

    def _found(self, event: SignIn, matched: list[fitted.Matched], facts: Facts) -> Answer:
        first, before = matched[0]
        weighing = Weighing(first.level, f"{first.id} {first.title}")
        names = self.settings.allowed.get(first.id, ())
        allowed = first.allows(event.user_principal_name) or Indicator(
            id="allowed", allow=tuple(names)
        ).allows(event.user_principal_name)
        reason = f"{words.who(event)} is {'' if allowed else 'not '}among those who may"
        weighing.gate(Check("allowed", "allowed for this person", allowed, reason))
        if first.where.tag:
            weighing.gate(m4_shared_egress(event, facts))  # a list that has one's own exit
        hosting = a1_hosting(event)
        if first.level.rank < RiskLevel.HIGH.rank:
            weighing.up(hosting)
        else:
            weighing.looked_at(hosting)
        weighing.looked_at(m1_trusted(event), "does not excuse a known pattern")
        weighing.looked_at(m3_fresh_mfa(event), "does not answer a known pattern")
        others = facts.notes.get("others", {}).get(first.id, [])
        ids = ", ".join(indicator.id for indicator, _ in matched)
        return weighing.result(
            headline=(
                f"The sign-in of {words.who(event)} from {words.place(event.location)} "
                f"({event.ip_address}) at {words.clock(event.time)} fits {first.id}: {first.title}"
            ),
            about=activity_of(event),
            related=tuple(before),
            evidence=fitted.evidence_of(event, matched, others),
            risk_reasons=tuple(dict.fromkeys(i.reason for i, _ in matched if i.reason)),
            what_would_change=(
                f"allowed with {first.id}: people who may do this.",
                f"disabled with {first.id}: the pattern is not used.",
                "Any of its conditions not met: half of a pattern says nothing.",
            ),
            feeds=tuple(dict.fromkeys(i.feed for i, _ in matched if i.feed))
            + tuple(dict.fromkeys(event.network.feeds if first.where.tag else ())),
            cooldown_key=ids.partition(",")[0],
        )

    examples = (
        Example(
            name="an attack tool's user agent",
            fires=True,
            level=RiskLevel.HIGH,
            events=[
                *habits("alice", TOKYO),
                signs_in(
                    "alice",
                    HOSTING,
                    "2026-03-02 09:00",
                    msgspec.structs.replace(STRANGER, user_agent="azurehound/v2.4.1"),
                ),
            ],
        ),
        Example(
            name="one script, two people: the first learns of the second",
            fires=True,
            level=RiskLevel.MEDIUM,
            events=[
                *habits("alice", TOKYO),
                *habits("carol", LONDON),
                *(
                    signs_in(
                        who,
                        LAGOS,
                        f"2026-03-02 09:{minute}",
                        msgspec.structs.replace(STRANGER, user_agent="SomeScript/1.0"),
                        app_id="29d9ed98-a469-4536-ade2-f981bc1d605e",
                    )
                    for who, minute in (("alice", "00"), ("carol", "40"))
                ),
            ],
        ),
        Example(
            name="half of a pattern: the portal, but by a browser",
            fires=False,
            events=[
                *habits("alice", TOKYO),
                signs_in(
                    "alice",
                    HOSTING,
                    "2026-03-02 09:00",
                    STRANGER,
                    app_id="4765445b-32c6-49b0-83e6-1d93765276ca",
                    resource_id="4765445b-32c6-49b0-83e6-1d93765276ca",
                ),
            ],
        ),
    )
