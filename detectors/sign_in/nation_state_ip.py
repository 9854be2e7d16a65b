"""A sign-in with the right password from an address of a known threat actor.

An entry of the organisation's actor lists is somebody's verified word, so the level is always high,
and neither a trusted location nor MFA lowers it. What is not sure enough, has run out or is shared
with others is left to other detectors.
"""

from collections.abc import Iterable, Sequence
from typing import Any, NamedTuple

import msgspec

from risktui.detect import (
    DAY,
    Answer,
    Check,
    Detector,
    Evidence,
    Example,
    Facts,
    KeyedState,
    Lead,
    Listing,
    Met,
    Recent,
    RiskLevel,
    SignIn,
    Threshold,
    Tracker,
    Weighing,
    activity_of,
    feeds_of,
    g1_credentials,
    g3_disabled,
    holds,
    listings_of,
    m1_trusted,
    m2_known_device,
    m3_fresh_mfa,
    m4_shared_egress,
    threshold,
    words,
)
from risktui.detect.examples import IN_AMSTERDAM, LONDON, STRANGER, habits, place, signs_in

NOTE = "nationStateIP"
MAX_ACTORS = 64

ACTOR = place(
    "203.0.113.150",
    (64504, "Gracht Hosting", "hosting"),
    IN_AMSTERDAM,
    tags=("actor",),
    feeds=("actors.csv@example",),
    listings=(Listing("actor", "actors.csv@example", "Winter Typhoon", "MSTIC", 90),),
)
"""Where the examples' actor works from."""


class Sightings(msgspec.Struct, array_like=True):
    """Where and at whom an actor was seen in the organisation."""

    first: int
    people: Recent = msgspec.field(default_factory=lambda: Recent(16))
    """Who signed in."""
    tried: Recent = msgspec.field(default_factory=lambda: Recent(16))
    """Whose password was wrong."""
    addresses: Recent = msgspec.field(default_factory=lambda: Recent(16))


class ActorSightings(Tracker):
    """Remembers each actor's visits for the explanations; makes nothing of them itself."""

    name = "actorSightings"
    part_of = "nationStateIP"
    keys = ("tenant",)
    watches = (SignIn,)
    ttl = 400 * DAY

    class State(KeyedState):
        """Bounded: the latest 64 actors with 16 people and addresses each."""

        actors: dict[str, Sightings] = {}

    def track(self, event: SignIn, key: str, state: State, facts: Facts) -> Iterable[Lead]:
        """Write what is known of the actor, then count this visit."""
        if "actor" not in event.network.tags or not event.user or event.actor != "user":
            return ()
        for name in sorted({entry.name for entry in listings_of(event.network, "actor")}):
            known = state.actors.pop(name, None) or Sightings(event.time)
            facts.notes.setdefault(NOTE, {})[name] = _in_brief(known, event)
            known.first = min(known.first, event.time)
            people = known.people if event.password_was_right else known.tried
            people.add(event.user_principal_name or event.user, event.time)
            known.addresses.add(event.ip_address, event.time)
            state.actors[name] = known  # as the latest
            if len(state.actors) > MAX_ACTORS:
                del state.actors[next(iter(state.actors))]
        return ()

    def track_all(
        self, met: Sequence[Met[SignIn]], key: str, state: State
    ) -> Iterable[tuple[Met[SignIn], Lead]]:
        """The same at those few who are an actor's."""
        for each in met:
            if "actor" in each.event.network.tags:
                self.track(each.event, key, state, each.facts)
        return ()


class Choice(NamedTuple):
    """Which of several entries counts, and what speaks against it."""

    entry: Listing
    expired: bool
    unsure: bool


class NationStateIp(Detector):
    """Verified threat actor IP."""

    risk_event_type = "nationStateIP"
    title = "Verified threat actor IP"
    title_ja = "検証済み脅威アクター IP"
    watches = (SignIn,)
    needs = ("actor",)
    only_tagged = True
    attack = ("T1078.004", "T1090")
    timing = "realtime"
    tips = (
        "Treat it as an incident: isolate the device, revoke the sessions, reset the password.",
        "A passed second factor is no reason to close it.",
        "Hunt for the actor's other addresses and for other people who signed in from them.",
        "Look at what the session did: mail, files, consents, security info.",
        "Cloud addresses change hands: where the entry is old, ask the list's author.",
    )

    class Settings(msgspec.Struct, frozen=True):
        """Microsoft takes the addresses from its own analysts and publishes no numbers."""

        strict_credentials: bool = True
        """Only attempts with the right password (Microsoft: wrong ones never make a detection)."""
        min_confidence: int = 75
        """Entries that are less sure (0 to 100) are no verified actor (ours)."""
        grace_days: int = 14
        """So long after its end an entry still counts (ours)."""

    def observe(self, event: SignIn, state: KeyedState, facts: Facts) -> Answer:
        """Look whose the address is."""
        if "actor" not in event.network.tags:
            return None
        choice = self._choose(event)
        entry = choice.entry
        weighing = Weighing(RiskLevel.HIGH, "the address of a verified actor")
        weighing.gate(g1_credentials(event, strict=self.settings.strict_credentials))
        weighing.gate(self._ended(choice))
        weighing.gate(self._unsure(choice))
        weighing.gate(_shared(entry))
        for check in (
            m1_trusted(event),
            m2_known_device(event, facts),
            m3_fresh_mfa(event),
            m4_shared_egress(event, facts),
        ):
            weighing.looked_at(check, "lowers nothing here")
        weighing.looked_at(g3_disabled(event, facts))
        if weighing.held_back:
            return weighing.held_back
        named = entry.name or "a threat actor"
        return weighing.result(
            headline=(
                f"{words.who(event)} signed in from {event.ip_address} in "
                f"{words.place(event.location)}, an address of {named}, at "
                f"{words.clock(event.time)}"
            ),
            about=activity_of(event),
            evidence=_evidence(event, entry, facts),
            thresholds=self._thresholds(event, entry),
            risk_reasons=("suspiciousIP",),
            what_would_change=(
                "The entry taken off the list named under feeds, or given an end.",
                f"A confidence below {self.settings.min_confidence}.",
                "Nothing else: trusted locations, devices and MFA do not count here.",
            ),
            feeds=tuple(
                filter(None, dict.fromkeys((entry.feed, *feeds_of(event.network, "actor"))))
            ),
            cooldown_key=entry.name or "actor",
        )

    def _choose(self, event: SignIn) -> Choice:
        """The entry that would fire, if there is one; else the narrowest."""
        grace = self.settings.grace_days * DAY
        choices = [
            Choice(
                entry,
                expired=not holds(entry, event.time, grace=grace),
                unsure=entry.confidence is not None
                and entry.confidence < self.settings.min_confidence,
            )
            for entry in listings_of(event.network, "actor")
        ]
        return min(choices, key=lambda c: (c.expired, c.unsure, c.entry.is_shared))

    def _ended(self, choice: Choice) -> Check:
        entry = choice.entry
        begin = words.date(entry.valid_from) if entry.valid_from else "its beginning"
        end = words.date(entry.valid_until) if entry.valid_until else "now"
        reason = f"the entry holds from {begin} to {end}"
        if not (entry.valid_from or entry.valid_until):
            reason = "the list gives neither a beginning nor an end"
        return Check("validity", "the entry does not hold", choice.expired, reason)

    def _unsure(self, choice: Choice) -> Check:
        confidence = choice.entry.confidence
        said = "no confidence is given" if confidence is None else f"confidence {confidence}"
        reason = f"{said}, {self.settings.min_confidence} needed"
        return Check("confidence", "not sure enough", choice.unsure, reason)

    def _thresholds(self, event: SignIn, entry: Listing) -> tuple[Threshold, ...]:
        late = max(0, event.time - entry.valid_until) / DAY if entry.valid_until else 0.0
        sure = "not given" if entry.confidence is None else entry.confidence
        return (
            threshold("min_confidence", self.settings.min_confidence, sure, "ours"),
            threshold("grace_days", self.settings.grace_days, late, "ours"),
        )

    examples = (
        Example(
            name="from an actor's address, though the second factor was passed",
            fires=True,
            level=RiskLevel.HIGH,
            events=[
                *habits("carol", LONDON),
                signs_in("carol", ACTOR, "2026-03-02 09:00", STRANGER, mfa="fresh"),
            ],
        ),
        Example(
            name="a token used from there",
            fires=True,
            level=RiskLevel.HIGH,
            events=[signs_in("carol", ACTOR, "2026-03-02 09:00", is_interactive=False)],
        ),
        Example(
            name="a wrong password from there",
            fires=False,
            events=[signs_in("carol", ACTOR, "2026-03-02 09:00", STRANGER, error_code=50126)],
        ),
        Example(
            name="at home",
            fires=False,
            events=[*habits("carol", LONDON), signs_in("carol", LONDON, "2026-03-02 09:00")],
        ),
    )


def _shared(entry: Listing) -> Check:
    reason = "others use it as well" if entry.is_shared else "nobody else is said to use it"
    return Check("shared", "shared infrastructure", entry.is_shared, reason)


def _in_brief(known: Sightings, event: SignIn) -> dict[str, Any]:
    """What a detector may tell of an actor: plain data, others than this person."""
    person = event.user_principal_name or event.user
    return {
        "first": known.first,
        "people": [name for name in known.people if name != person][:5],
        "tried": [name for name in known.tried if name != person][:5],
        "addresses": [address for address in known.addresses if address != event.ip_address][:5],
    }


def _evidence(event: SignIn, entry: Listing, facts: Facts) -> tuple[Evidence, ...]:
    seen = facts.notes.get(NOTE, {}).get(entry.name, {})
    first = seen.get("first", event.time)
    people, tried = seen.get("people", []), seen.get("tried", [])
    others = (
        f"others signed in: {', '.join(people) or 'nobody'}; tried: {', '.join(tried) or 'nobody'}"
    )
    addresses = ", ".join(seen.get("addresses", [])) or "none"
    source = f" on the word of {entry.source}" if entry.source else ""
    sure = "" if entry.confidence is None else f", confidence {entry.confidence}"
    until = f", until {words.date(entry.valid_until)}" if entry.valid_until else ""
    return (
        Evidence(
            label="Address",
            observed=f"{event.ip_address} is listed as {entry.name or 'a threat actor'}"
            f"{source}{sure}{until}",
            baseline=_used(event, facts),
            weight=0.7,
            event_ids=(event.id,),
        ),
        Evidence(
            label="The actor here",
            observed=f"first seen {words.clock(first)}; other addresses: {addresses}; {others}",
            weight=0.15,
        ),
        Evidence(
            label="Outcome",
            observed=f"{activity_of(event).outcome} to "
            f"{event.app_display_name or 'an unknown application'}; "
            f"MFA {m3_fresh_mfa(event).reason}, Conditional Access "
            f"{event.conditional_access_status or 'not evaluated'}",
            weight=0.15,
        ),
    )


def _used(event: SignIn, facts: Facts) -> str:
    return words.person("used it", facts.person.recent("ip").get(event.ip_address))
