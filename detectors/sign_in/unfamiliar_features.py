"""A sign-in that looks like nothing this person has done before: network, place, device, program.

Each property is compared with the person's own history. One new thing is ordinary life: a new phone
at home, the own laptop in a hotel. It fires when the network and the client are both new at once.
"""

from collections.abc import Iterable, Sequence
from functools import partial
from typing import Any

import msgspec

from risktui.detect import (
    DAY,
    MICROSOFT_ASNS,
    RIGHT,
    Answer,
    Check,
    Detector,
    Evidence,
    Example,
    Facts,
    KeyedState,
    Lead,
    Met,
    Profile,
    RiskLevel,
    Shares,
    SignIn,
    Suppressed,
    Threshold,
    Tracker,
    Weighing,
    a1_hosting,
    a2_tool,
    a3_legacy,
    a4_guessed,
    a5_mfa_refused,
    a6_foreign_to_all,
    brief_of,
    g3_disabled,
    m1_trusted,
    m2_known_device,
    m3_answered,
    m4_shared_egress,
    m5_carrier,
    m6_relay,
    newcomers,
    odds,
    own_program,
    threshold,
    travel,
    unfamiliar,
    words,
)
from risktui.detect.examples import (
    HOSTING,
    HQ,
    LAGOS,
    LONDON,
    PHONE,
    STRANGER,
    TOKYO,
    habits,
    signs_in,
)

ODDS = "signInShares"
"""The note with the shares that all people's sign-ins have in the values of this one."""


class SignInShares(Tracker):
    """What the organisation signs in with, for the odds that are shown with a finding."""

    name = "signInShares"
    part_of = "unfamiliarFeatures"
    keys = ("tenant",)
    watches = (SignIn,)
    ttl = 90 * DAY

    class State(KeyedState):
        """Bounded: 512 values of each feature."""

        shares: Shares = msgspec.field(default_factory=Shares)

    def track(self, event: SignIn, key: str, state: State, facts: Facts) -> Iterable[Lead]:
        """Write the shares on whatever might be a stranger's, and count it."""
        self.track_all((Met(event, facts),), key, state)
        return ()

    def track_all(
        self, met: Sequence[Met[SignIn]], key: str, state: State
    ) -> Sequence[tuple[Met[SignIn], Lead]]:
        """The same for several."""
        shares, passed, strange = state.shares, list[SignIn](), unfamiliar.STRANGE
        for each in met:
            event, facts = each.event, each.facts
            if not facts.came_in and (event.actor != "user" or event.credentials not in RIGHT):
                continue
            if facts.egress_users < strange and not event.client.managed:
                shares.count(passed)
                passed = []
                found = shares.of_event(event)
                if found:
                    facts.notes[ODDS] = found
            if facts.came_in or event.result == "success":
                passed.append(event)
        shares.count(passed)
        return ()


class UnfamiliarFeatures(Detector):
    """Unfamiliar sign-in properties."""

    risk_event_type = "unfamiliarFeatures"
    title = "Unfamiliar sign-in properties"
    title_ja = "通常とは異なるサインイン プロパティ"
    watches = (SignIn,)
    attack = ("T1078.004",)
    timing = "realtime"
    cooldown = 7 * DAY  # the same program in the same network goes on being the same news
    tips = (
        "Ask the person for a new phone, a new machine or a trip.",
        "Look whether MFA was passed afresh, and whether the device is compliant.",
        "A sign-in without interaction deserves more scrutiny: a stolen token looks like this.",
        "Otherwise confirm it compromised: revoke sessions, reset the password.",
    )

    class Settings(msgspec.Struct, frozen=True):
        """Microsoft says that learning takes five days or more; the rest is ours."""

        fire_at: float = 0.45
        """Novelty from 0 to 1 from which it is low."""
        medium_at: float = 0.70
        """Novelty from 0 to 1. Reasons alone never make high: real records with all are low."""
        learning_days: int = 5
        """At the least (Microsoft)."""
        learning_sign_ins: int = 10
        """A few sign-ins suffice to tell people apart (Wiefling et al.); ten is ours."""
        learning_active_days: int = 3
        """Learning goes on until the person was there on so many days."""
        settled_below: float = 0.5
        """Learning goes on while the last ten sign-ins are newer than this on average."""
        learning_ends_after_days: int = 30
        """But no longer than so many days."""
        absence_days: int = 60
        """Who was away so long is learnt anew (Microsoft gives no number)."""

    class State(newcomers.Memory):
        """How far learning has come, and judged sessions."""

        judged_sessions: list[str] = []

    def __init__(self, settings: Any = None) -> None:
        super().__init__(settings)
        own = self.settings
        self._terms = newcomers.Terms(
            days=int(min(own.learning_days, own.learning_ends_after_days)) * DAY,
            sign_ins=int(own.learning_sign_ins),
            active_days=int(own.learning_active_days),
            settled_below=float(own.settled_below),
            longest=int(own.learning_ends_after_days) * DAY,
            absence=int(own.absence_days) * DAY,
        )
        self._quiet_below = float(self.settings.fire_at) - 1e-6
        self._fire_at = float(self.settings.fire_at) - 1e-9

    def observe(self, event: SignIn, state: State, facts: Facts) -> Answer:
        """Add up what is new about the sign-in."""
        if not facts.came_in and (
            event.credentials not in RIGHT or event.network.asn in MICROSOFT_ASNS
        ):
            return None
        person = facts.profile or facts.person
        learnt = state.learnt_at and state.has_learnt(event.time, person, self._terms)
        if learnt and unfamiliar.is_surely_below(self._quiet_below, event, facts):
            return None
        novelty = unfamiliar.novelty_of(event, facts)
        told = novelty >= self._fire_at
        still = state.learns(event, person, novelty, told, self._terms)
        return self._found(event, state, facts, novelty, still) if told else None

    def _found(
        self, event: SignIn, state: State, facts: Facts, novelty: float, still: str
    ) -> Answer:
        if event.is_interactive and event.session_id:
            state.judged_sessions = [*state.judged_sessions, event.session_id][-16:]
        if still:
            return Suppressed(rule="learning", reason=still)
        ended = f"learning ended on {words.date(state.learnt_at)}" if state.learnt_at else ""
        learning = Check("learning", "learning mode", False, ended)
        properties = unfamiliar.properties_of(event, facts)
        new = [p for p in properties if p.familiarity < 0.5]
        weighing = self._weigh(event, state, facts, novelty, new)
        weighing.gate(learning)
        passed = self._answered_by_mfa(weighing, event, facts)
        return weighing.outline(
            partial(self._in_words, event, facts, novelty, properties, new),
            about=brief_of(event, facts),
            cooldown_key=f"{event.network.asn} {event.client.browser} "
            f"{event.client.operating_system}",
            raised_by=("A5",) if novelty >= self.settings.medium_at else (),
            passed_by_mfa=passed,
        )

    def _in_words(
        self,
        event: SignIn,
        facts: Facts,
        novelty: float,
        properties: list[unfamiliar.Property],
        new: list[unfamiliar.Property],
    ) -> dict[str, Any]:
        listed = ", ".join(dict.fromkeys(unfamiliar.LABELS[p.name].lower() for p in new))
        return {
            "headline": (
                f"{words.who(event)} signed in from {words.place(event.location)} "
                f"({event.ip_address}) with {words.client(event.client)} at "
                f"{words.clock(event.time)}; new for this person: {listed}"
            ),
            "evidence": (
                *(unfamiliar.evidence_of(p, event, facts) for p in properties),
                *_odds(event, facts),
            ),
            "thresholds": self._thresholds(novelty, facts.person, event),
            "risk_reasons": tuple(dict.fromkeys(unfamiliar.REASONS[p.name] for p in new)),
            "what_would_change": (
                f"Confirm safe: {listed} are familiar from now on.",
                "Fresh MFA in the same sign-in takes one level off, and closes a low one.",
                f"Novelty below {self.settings.fire_at}: it was {novelty:.2f}.",
            ),
        }

    def _weigh(
        self,
        event: SignIn,
        state: State,
        facts: Facts,
        novelty: float,
        new: list[unfamiliar.Property],
    ) -> Weighing:
        colleagues = _colleagues_there(event, facts)
        checks = [
            a1_hosting(event),
            _strange_tool(event, facts),
            a3_legacy(event),
            a4_guessed(event, facts),
            a5_mfa_refused(event, facts),
            a6_foreign_to_all(event, facts),
        ]
        grave = [check for check in checks if check and not (colleagues and check.rule == "A1")]
        much = novelty >= self.settings.medium_at - 1e-9
        base = RiskLevel.MEDIUM if much else RiskLevel.LOW
        if len(grave) >= (1 if much else 2):
            base = RiskLevel.HIGH
        because = " and ".join((f"novelty {novelty:.2f}", *(check.label for check in grave)))
        weighing = Weighing(base, because)
        for check in checks:
            weighing.looked_at(check, "counted into the base")
        silent = {"A6", "A1"} if travel.is_vpn(event) else {"A6"}  # VPNs are on hosting networks
        telling = any(check.rule not in silent for check in grave)
        weighing.gate(_only_one_side(event, facts.person, new, colleagues, telling=telling))
        weighing.looked_at(colleagues, "not a strange network")
        only_legacy = bool(checks[2]) and len(grave) == 1
        cap = Check("legacy", "few properties to judge", only_legacy, checks[2].reason)
        weighing.cap(RiskLevel.MEDIUM, cap)
        weighing.up(_without_interaction(event, state))
        weighing.looked_at(m4_shared_egress(event, facts), "network and place count as familiar")
        weighing.looked_at(m5_carrier(event.network), "compared by country only")
        weighing.looked_at(m6_relay(event.network), "network counts as familiar")
        weighing.looked_at(g3_disabled(event, facts))
        weighing.down(m1_trusted(event))
        known = m2_known_device(event, facts)
        weighing.down(known)
        enrolled = unfamiliar.enrolled(event)
        if known:
            weighing.looked_at(enrolled)
        else:
            weighing.down(enrolled)
        return weighing

    def _answered_by_mfa(self, weighing: Weighing, event: SignIn, facts: Facts) -> bool:
        """M3: one level down; a low one is emitted and closed at once (docs/life_of_a_risk.md)."""
        fresh = m3_answered(event, facts)
        if weighing.level is RiskLevel.LOW:
            weighing.looked_at(fresh, "closed at once")
        else:
            weighing.down(fresh)
        return bool(fresh) and weighing.level is RiskLevel.LOW

    def _thresholds(self, novelty: float, person: Profile, event: SignIn) -> tuple[Threshold, ...]:
        days = person.days_since_first(event.time)
        return (
            threshold("fire_at", self.settings.fire_at, novelty, "ours"),
            threshold("medium_at", self.settings.medium_at, novelty, "ours"),
            threshold("learning_days", self.settings.learning_days, days, "Microsoft"),
            threshold(
                "learning_sign_ins", self.settings.learning_sign_ins, person.successes, "ours"
            ),
        )

    examples = (
        Example(
            name="a rented server abroad, and a machine never seen",
            fires=True,
            level=RiskLevel.HIGH,
            events=[
                *habits("carol", LONDON),
                signs_in("carol", HOSTING, "2026-03-02 09:00", STRANGER),
            ],
        ),
        Example(
            name="everything new, answered by fresh MFA",
            fires=True,
            level=RiskLevel.MEDIUM,  # high, less one
            events=[
                *habits("alice", TOKYO),
                signs_in("alice", LAGOS, "2026-03-02 09:00", STRANGER, mfa="fresh"),
            ],
        ),
        Example(
            name="a new phone at home",
            fires=False,
            events=[*habits("alice", TOKYO), signs_in("alice", TOKYO, "2026-03-02 09:00", PHONE)],
        ),
        Example(
            name="another desk at the headquarters",
            fires=False,
            events=[*habits("alice", HQ), signs_in("alice", HQ, "2026-03-02 09:00")],
        ),
        Example(
            name="a new colleague on the third day",
            fires=False,
            events=[
                *habits("dave", TOKYO, days=2),
                signs_in("dave", LAGOS, "2026-03-02 09:00", STRANGER),
            ],
        ),
    )


def _strange_tool(event: SignIn, facts: Facts) -> Check:
    """A2, unless the script is one that the person has used before."""
    tool = a2_tool(event)
    if tool and own_program(event, facts):
        return Check("A2", tool.label, False, f"{tool.reason}, which this person uses")
    return tool


def _colleagues_there(event: SignIn, facts: Facts) -> Check:
    """Cloud desktops of a few: no password thief brings a managed machine to a rented network."""
    there = words.many(facts.egress_managed_users, "colleague", "colleagues")
    reason = f"{event.network.subnet or 'the range'}: {there} with a managed machine"
    applies = facts.egress_managed_users > 0 and event.network.kind == "hosting"
    return Check("desktops", "cloud desktops of colleagues", applies, reason)


def _only_one_side(
    event: SignIn,
    person: Profile,
    new: list[unfamiliar.Property],
    colleagues: Check,
    *,
    telling: bool,
) -> Check:
    """Ordinary life changes the network or the client; a thief changes both."""
    names = {p.name for p in new}
    client = event.client
    programs = (("browser", client.browser), ("system", client.operating_system))
    same_program = all(v and person.familiar(f, v, event.time) for f, v in programs)
    own_client = person.knows_client(event) or (same_program and "device" not in names)
    own_network = "country" not in names and ("asn" not in names or bool(colleagues))
    known = "the client" if own_client else "the network" if own_network else "neither side"
    reason = f"{known} is known"
    if telling and known != "neither side":
        reason = f"{reason}, but other signs speak against it"
    label = "only the network or only the client is new"
    return Check("one side", label, (own_client or own_network) and not telling, reason)


def _without_interaction(event: SignIn, state: UnfamiliarFeatures.State) -> Check:
    """A token used without a person deserves more scrutiny (Microsoft), once for a session."""
    judged = bool(event.session_id) and event.session_id in state.judged_sessions
    quiet = not event.is_interactive
    reason = "interactive"
    if quiet:
        reason = "its session was judged already" if judged else "a token was used"
    return Check("token", "without interaction", quiet and not judged, reason)


def _odds(event: SignIn, facts: Facts) -> Iterable[Evidence]:
    """How the sign-in ranks among others: it is told, and moves no level."""
    shares = facts.notes.get(ODDS)
    if not shares:
        return
    against = odds(event, shares, facts.person, facts.active_users)
    yield Evidence(
        label="Odds",
        observed=f"{against:.1f} to 1 that it is somebody else, by what all people sign in with",
        baseline="below 1 for what is usual",
    )
