"""Sign-ins that fit a known pattern of a tool, a phishing kit or an actor, as a whole.

The patterns are numbered and stand in `detectors/indicators/*.toml`; the organisation's own come
from `[[indicators]]`. A pattern of which only half fits says nothing.
"""

from collections.abc import Iterable, Iterator
from typing import Any

import msgspec

from risktui.detect import (
    DAY,
    HOUR,
    MINUTE,
    RIGHT,
    Activity,
    Addition,
    Answer,
    Check,
    Detector,
    Evidence,
    Example,
    Facts,
    Finding,
    Fit,
    Indicator,
    Indicators,
    KeyedState,
    Lead,
    Pattern,
    Regulars,
    RiskLevel,
    SignIn,
    Tracker,
    Weighing,
    a1_hosting,
    a_stranger,
    activity_of,
    holds,
    listings_of,
    m1_trusted,
    m3_fresh_mfa,
    m4_shared_egress,
    words,
)
from risktui.detect.examples import HOSTING, LAGOS, LONDON, STRANGER, TOKYO, habits, signs_in

SPRAYED = "TI_RI_9010"
"""The one pattern that is no condition on a sign-in: tried in a spray, then let in elsewhere."""
REPUTE = "TI_RI_9009"
"""An address of ill repute: also one that a list of actors has, but not for sure (card S18)."""
MAX_RULES = 256
MAX_PEOPLE = 16
MAX_MOMENTS = 24
MAX_FOUND = 16
MAX_TOLD = 5
"""Of so many later people somebody is told who has fitted a pattern: more says no more."""


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


class Hit(msgspec.Struct, array_like=True):
    """Somebody who fitted a pattern: their key, when last, and of how many later they know."""

    user: str
    time: int
    told: int = 0


class Hits(msgspec.Struct, array_like=True):
    """Who fitted one pattern lately."""

    people: dict[str, Hit]
    """By principal name."""


class PatternHits(Tracker):
    """Looks up which patterns a sign-in fits, once, and who else has fitted them today."""

    name = "patternHits"
    part_of = "investigationsThreatIntelligence"
    keys = ("tenant",)
    watches = (SignIn,)
    version = 2
    Settings = Settings

    class State(KeyedState):
        """Bounded: so many patterns, and people for each."""

        hits: dict[str, Hits] = {}

    def __init__(self, settings: Any = None) -> None:
        super().__init__(settings)
        off = set(self.settings.disabled)
        self._known = Indicators(i for i in self.settings.indicators if i.id not in off)

    def track(self, event: SignIn, key: str, state: State, facts: Facts) -> Iterable[Lead]:
        """Note the patterns; the person's habits are asked later, in the user stage."""
        if event.credentials not in RIGHT or event.actor != "user":
            return ()
        fits = self._known.fitting(event)
        if not fits:
            return ()
        facts.notes["patterns"] = [list(fit) for fit in fits]
        facts.notes["others"] = {fit.id: _others(fit, event, state) for fit in fits}
        return [lead for fit in fits if not fit.step for lead in _met(fit, event, state)]


def _others(fit: Fit, event: SignIn, state: PatternHits.State) -> list[str]:
    """Who else fitted it within a day.

    Of a pattern of several steps the first is telling, the last may be everyday's.
    """
    hits = state.hits.get(fit.id)
    if hits is None:
        return []
    if not fit.step:
        hits.people = {n: hit for n, hit in hits.people.items() if event.time - hit.time <= DAY}
    return sorted(name for name in hits.people if name != words.who(event))


def _met(fit: Fit, event: SignIn, state: PatternHits.State) -> Iterator[Lead]:
    """Remember this person for the next, and tell those before of somebody who is new."""
    hits, name = state.hits.pop(fit.id, None) or Hits({}), words.who(event)
    known = hits.people.pop(name, None)
    if known is None:
        for other, hit in hits.people.items():
            if hit.told < MAX_TOLD:
                hit.told += 1
                yield _of_another(fit, event, other, hit)
    hits.people[name] = Hit(event.user, event.time, known.told if known else 0)
    hits.people = dict(list(hits.people.items())[-MAX_PEOPLE:])
    state.hits[fit.id] = hits
    while len(state.hits) > MAX_RULES:
        del state.hits[next(iter(state.hits))]


def _of_another(fit: Fit, event: SignIn, to: str, hit: Hit) -> Lead:
    """Word to somebody who fitted a pattern that another has fitted it, too."""
    return Lead(
        time=event.time,
        id=event.id,
        source=event.source,
        tenant_id=event.tenant_id,
        user_id=hit.user,
        user_principal_name=to if to != hit.user else "",
        topic="met",
        details={"pattern": fit.id, "who": words.who(event), "last": int(hit.told == MAX_TOLD)},
    )


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
        if event.result == "success":
            state.regulars.add(event.user_id or event.user_principal_name, event.time // DAY)
        if event.credentials != "wrong" or not event.user:
            return ()
        return self._failed(event, state)

    def _failed(self, event: SignIn, state: State) -> Iterator[Lead]:
        if not state.failed or event.time - state.last > HOUR:
            state.told = []
        state.failed = {u: t for u, t in state.failed.items() if event.time - t <= HOUR}
        state.failed[event.user] = event.time
        if len(state.failed) > 64:
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


class Progress(msgspec.Struct, array_like=True):
    """How far a person has come in a pattern of several steps."""

    step: int
    began: int
    activities: list[Activity]


class Found(msgspec.Struct, array_like=True):
    """A sign-in that was found to fit a pattern."""

    time: int
    key: str
    """Repeats of it are one detection."""


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

        progress: dict[str, Progress] = {}
        moments: list[tuple[int, str, str, str, str]] = []
        """(time, address, program, application, event id)"""
        sprayed: int = 0
        sprayed_from: str = ""
        sprayed_people: int = 0
        found: dict[str, Found] = {}
        """Number of a pattern -> the person's sign-in that it was found in last."""
        newest: int = 0
        """No moment is later (ms)."""

    def __init__(self, settings: Any = None) -> None:
        super().__init__(settings)
        off = set(self.settings.disabled)
        self._known = Indicators(i for i in self.settings.indicators if i.id not in off)
        self._off = off
        crowds = [i.many for i in self._known.many if i.many is not None]
        self._longest = MINUTE * max((many.minutes for many in crowds), default=0)
        self._fewest = min((max(many.user_agents, many.apps) for many in crowds), default=0)
        """With fewer moments at one address no crowd is one."""

    def observe(self, event: SignIn | Lead, state: State, facts: Facts) -> Answer:
        """Ask which patterns hold for this person."""
        if not isinstance(event, SignIn):
            return self._heard(event, state)
        if event.credentials not in RIGHT:
            return None
        matched: list[tuple[Indicator, list[Activity]]] = []
        if facts.notes and (fits := facts.notes.get("patterns")):
            matched += [m for fit in fits if (m := self._step(fit, event, state, facts))]
        if self._fewest and self._is_crowded(event, state):
            matched += self._crowds(event, state)
        if state.sprayed and (found := self._after_spray(event, state, facts)):
            matched.append(found)
        if event.network.tags and (doubtful := self._doubtful_actor(event)):
            matched.append(doubtful)
        if matched:
            matched = [m for m in matched if m[0].holds(event.time)]
        if not matched:
            return None
        matched.sort(key=lambda m: (-m[0].level.rank, m[0].id))
        answer = self._found(event, matched, facts)
        if isinstance(answer, Finding):
            _remember(event, [indicator.id for indicator, _ in matched], state)
        return answer

    def _heard(self, lead: Lead, state: State) -> Answer:
        """A spray came by; or somebody else has fitted a pattern that this person has fitted."""
        details = lead.details
        if lead.topic == "sprayed":
            state.sprayed = lead.time
            state.sprayed_from = str(details["address"])
            state.sprayed_people = int(str(details["people"]))
        if lead.topic != "met":
            return None
        known = state.found.get(str(details["pattern"]))
        if known is None or abs(lead.time - known.time) > DAY:
            return None
        return _as_well(lead, known)

    def _step(
        self, fit: list[Any], event: SignIn, state: State, facts: Facts
    ) -> tuple[Indicator, list[Activity]] | None:
        """The pattern, where this sign-in completes it; else how far it has come is kept."""
        indicator, step = self._known.by_id.get(str(fit[0])), int(fit[1])
        if indicator is None:
            return None
        pattern = (*indicator.after, indicator.where)[step]
        if not pattern.is_new(event, facts.person):
            return None
        within = indicator.within_minutes * MINUTE
        known = state.progress.get(indicator.id)
        if known is not None and event.time - known.began > within:
            del state.progress[indicator.id]
            known = None
        if step == len(indicator.after):
            if not step:
                return indicator, []
            if known is None or known.step != step:
                return None
            del state.progress[indicator.id]
            return indicator, known.activities
        if step == 0 or (known is not None and known.step == step):
            before = known.activities if known is not None and step else []
            began = known.began if known is not None and step else event.time
            state.progress[indicator.id] = Progress(step + 1, began, [*before, activity_of(event)])
            while len(state.progress) > 8:
                del state.progress[next(iter(state.progress))]
        return None

    def _is_crowded(self, event: SignIn, state: State) -> bool:
        """Note this moment, unless program and application go on; whether it makes a crowd."""
        time, address, app = event.time, event.ip_address, event.app_id
        program, oldest = event.client.user_agent[:80], time - self._longest
        if state.newest < oldest:  # nothing else lately, as nearly always
            state.newest, state.moments = time, [(time, address, program, app, event.id)]
            return self._fewest == 1
        kept = []
        for moment in state.moments:
            if moment[0] >= oldest and moment[1] == address:
                if moment[3] == app and moment[2] == program:
                    return False
                kept.append(moment)
        kept.append((time, address, program, app, event.id))
        state.moments = kept if len(kept) <= MAX_MOMENTS else kept[-MAX_MOMENTS:]
        state.newest = max(state.newest, time)
        return len(kept) >= self._fewest

    def _crowds(self, event: SignIn, state: State) -> list[tuple[Indicator, list[Activity]]]:
        """Patterns of many programs and applications at one address."""
        found: list[tuple[Indicator, list[Activity]]] = []
        for indicator in self._known.many:
            many = indicator.many
            assert many is not None
            near = [m for m in state.moments if event.time - m[0] <= many.minutes * MINUTE]
            programs = {m[2] for m in near if m[2]}
            apps = {m[3] for m in near if m[3]}
            if len(programs) >= many.user_agents and len(apps) >= many.apps:
                found.append((indicator, []))
        return found

    def _after_spray(
        self, event: SignIn, state: State, facts: Facts
    ) -> tuple[Indicator, list[Activity]] | None:
        """Tried in a spray, and now let in from a network and a program that are not theirs."""
        if event.time - state.sprayed > self.settings.sprayed_hours * HOUR:
            state.sprayed = 0
            return None
        same = event.ip_address == state.sprayed_from  # passwordSpray's own subject
        if same or SPRAYED in self._off or not a_stranger(event, facts):
            return None
        title = (
            f"Tried in a spray on {state.sprayed_people} people from {state.sprayed_from}, then a "
            "right password from elsewhere"
        )
        indicator = Indicator(
            id=SPRAYED,
            title=title,
            level=RiskLevel.LOW,
            attack=("T1110.003",),
            source="failures of this organisation",
            reason="passwordSpray",
        )
        return indicator, []

    def _doubtful_actor(self, event: SignIn) -> tuple[Indicator, list[Activity]] | None:
        """An actor's address that is not verified, or that others use as well."""
        entries = [e for e in listings_of(event.network, "actor") if holds(e, event.time)]
        least = int(self.settings.min_confidence)
        unsure = [e for e in entries if e.confidence is not None and e.confidence < least]
        doubtful = [*unsure, *(e for e in entries if e.is_shared)]
        if not doubtful or len({*doubtful}) < len({*entries}) or REPUTE in self._off:
            return None  # none, or a verified one, which is nationStateIP's
        entry = doubtful[0]
        said = f"confidence {entry.confidence}" if unsure else "shared with others"
        indicator = Indicator(
            id=REPUTE,
            title=f"An address of {entry.name or 'an actor'}, {said}",
            level=RiskLevel.MEDIUM if unsure else RiskLevel.LOW,
            where=Pattern(tag=("actor",)),
            source=entry.source or entry.feed,
            reason="suspiciousIP",
        )
        return indicator, []

    def _found(
        self, event: SignIn, matched: list[tuple[Indicator, list[Activity]]], facts: Facts
    ) -> Answer:
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
        ids = ", ".join(indicator.id for indicator, _ in matched)
        return weighing.result(
            headline=(
                f"The sign-in of {words.who(event)} from {words.place(event.location)} "
                f"({event.ip_address}) at {words.clock(event.time)} fits {first.id}: {first.title}"
            ),
            about=activity_of(event),
            related=tuple(before),
            evidence=_evidence(event, matched, facts),
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


def _remember(event: SignIn, numbers: list[str], state: ThreatIntelligence.State) -> None:
    for number in numbers:
        state.found.pop(number, None)
        state.found[number] = Found(event.time, numbers[0])
    while len(state.found) > MAX_FOUND:
        del state.found[next(iter(state.found))]


def _as_well(lead: Lead, known: Found) -> Addition:
    """What the explanation says afterwards of somebody who fits the same pattern."""
    apart = words.duration(abs(lead.time - known.time))
    how = (
        f"{apart} after this"
        if lead.time >= known.time
        else f"{apart} before this, but logged later"
    )
    more = "; of further people nothing is added here" if lead.details["last"] else ""
    line = Evidence(
        label="Became known since",
        observed=f"{lead.details['who']} fitted {lead.details['pattern']} as well at "
        f"{words.clock(lead.time)}",
        baseline=f"{how}{more}",
        event_ids=(lead.id,),
    )
    return Addition(cooldown_key=known.key, evidence=line)


def _evidence(
    event: SignIn, matched: list[tuple[Indicator, list[Activity]]], facts: Facts
) -> tuple[Evidence, ...]:
    first, before = matched[0]
    others = facts.notes.get("others", {}).get(first.id, [])
    told = [f"{name.replace('_', ' ')} {said or 'empty'}" for name, said in first.where.told(event)]
    if first.many is not None:
        told = [f"{first.many.user_agents} programs, {first.many.apps} applications in 5 min"]
    steps = [f"{words.clock(a.time)} {a.outcome} to {a.app_display_name}" for a in before]
    lines = [
        Evidence(
            label="Pattern",
            observed=f"{first.id}, {first.level}: {first.title}",
            weight=0.5,
            event_ids=(event.id,),
        ),
        Evidence(
            label="What fitted",
            observed="; ".join(told) or first.title,
            baseline="; ".join(steps) and f"after {'; '.join(steps)}",
            weight=0.4,
            event_ids=(event.id, *(a.id for a in before)),
        ),
        Evidence(
            label="Where the pattern is from",
            observed=f"source: {first.source or first.feed}; "
            f"{'until ' + str(first.expires) if first.expires else 'without an end'}",
        ),
        Evidence(
            label="Others with the same number",
            observed=", ".join(others[:5]) or "nobody within a day",
            weight=0.1 if others else 0.0,
        ),
    ]
    lines += [
        Evidence(label="Fits as well", observed=f"{i.id}, {i.level}: {i.title}")
        for i, _ in matched[1:]
    ]
    return tuple(lines)
