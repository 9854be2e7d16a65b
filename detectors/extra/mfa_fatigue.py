"""Prompt after prompt for a second factor, until the person gives in; or still going on.

A prompt comes after the right password, so whoever sends them has that. Some refused prompts and
then an accepted one, all from a machine and a network that are not the person's, are a break-in; a
storm of them without an end is one that has not succeeded yet.
"""

from collections.abc import Iterator

import msgspec

from risktui.detect import (
    MINUTE,
    Activity,
    Answer,
    Check,
    Detector,
    Evidence,
    Example,
    Facts,
    KeyedState,
    RiskLevel,
    SignIn,
    Weighing,
    a1_hosting,
    a_stranger,
    activity_of,
    m3_fresh_mfa,
    settled,
    threshold,
    words,
)
from risktui.detect.examples import LAGOS, STRANGER, TOKYO, at, habits, signs_in

REFUSED = frozenset({"denied", "unanswered", "fraud", "failed"})
MAX_PROMPTS = 64
MAX_TOLD = 6


class Prompt(msgspec.Struct, array_like=True, frozen=True):
    """A prompt of a stranger that was not passed."""

    time: int
    id: str
    what: str


class MfaFatigue(Detector):
    """MFA fatigue."""

    risk_event_type = "x_mfaFatigue"
    title = "MFA fatigue"
    title_ja = "MFA 疲労攻撃"
    watches = (SignIn,)
    attack = ("T1621", "T1078.004")
    timing = "realtime"
    premium = False
    family = "sign-in"
    tips = (
        "Call the person: did they start these sign-ins, and did they accept one to have peace?",
        "Reset the password in any case: the prompts come after the right one.",
        "If one was accepted, revoke all sessions and look at what was done since: rules, devices, "
        "MFA methods.",
        "Number matching, or a factor that cannot be phished, ends this kind of attack.",
    )

    class Settings(msgspec.Struct, frozen=True):
        """How many prompts, and how close together."""

        few: int = 3
        """So many refused, and then one accepted, is medium (ours: people slip once or twice)."""
        many: int = 5
        """So many refused, and then one accepted, is high (ours)."""
        window_minutes: int = 60
        """Before the accepted one (ours; patient attackers ask every few minutes)."""
        storm: int = 10
        """So many within ten minutes without an end are medium (Splunk and Sentinel)."""
        storm_minutes: int = 10
        """How long such a storm lasts."""
        learning_days: int = 3
        """Newcomers set up their phones, on machines that nobody knows yet."""

    class State(KeyedState):
        """Bounded: the last prompts of strangers."""

        prompts: list[Prompt] = []

    def observe(self, event: SignIn, state: State, facts: Facts) -> Answer:
        """Count what strangers are refused, and notice when one gets through."""
        if event.mfa in REFUSED:
            return self._refused(event, state, facts)
        if not state.prompts or event.mfa != "fresh" or event.result == "failure":
            return None
        window = self.settings.window_minutes * MINUTE
        near = [p for p in state.prompts if 0 <= event.time - p.time <= window]
        if len(near) < self.settings.few:
            return None
        stranger = a_stranger(event, facts)
        if not stranger:
            return None
        state.prompts = []
        many = len(near) >= self.settings.many
        level = RiskLevel.HIGH if many else RiskLevel.MEDIUM
        weighing = Weighing(level, f"accepted after {words.many(len(near), 'refused prompt')}")
        weighing.gate(settled(event, facts, self.settings.learning_days))
        weighing.up(a1_hosting(event))
        return self._found(event, near, stranger, weighing, accepted=True)

    def _refused(self, event: SignIn, state: State, facts: Facts) -> Answer:
        stranger = a_stranger(event, facts)
        if not stranger:
            return None
        oldest = event.time - self.settings.window_minutes * MINUTE
        kept = [p for p in state.prompts if p.time >= oldest]
        state.prompts = [*kept, Prompt(event.time, event.id, event.mfa)][-MAX_PROMPTS:]
        window = self.settings.storm_minutes * MINUTE
        near = [p for p in state.prompts if 0 <= event.time - p.time <= window]
        if len(near) < self.settings.storm:
            return None
        weighing = Weighing(RiskLevel.MEDIUM, "a storm of prompts; none was accepted so far")
        weighing.gate(settled(event, facts, self.settings.learning_days))
        return self._found(event, near, stranger, weighing, accepted=False)

    def _found(
        self,
        event: SignIn,
        near: list[Prompt],
        stranger: Check,
        weighing: Weighing,
        *,
        accepted: bool,
    ) -> Answer:
        settings = self.settings
        weighing.looked_at(stranger, "needed")
        fresh = m3_fresh_mfa(event)
        reason = "the second factor is what was worn down" if accepted else "none was passed"
        weighing.looked_at(Check("M3", fresh.label, False, reason))
        kinds = sorted({prompt.what for prompt in near})
        mistyped = kinds == ["failed"]
        reason = "nobody declined one" if mistyped else "some were declined or ignored"
        weighing.down(Check("codes", "wrong codes only", mistyped, reason))
        span = words.duration(event.time - near[0].time)
        ended = "and then accepted one" if accepted else "and refused them all so far"
        return weighing.result(
            headline=(
                f"{words.who(event)} was asked {len(near) + accepted} times for a second factor "
                f"within {span} from {words.place(event.location)} ({event.ip_address}) {ended}"
            ),
            about=_about(event),
            evidence=tuple(_evidence(event, near, stranger, accepted=accepted)),
            thresholds=(
                threshold("few", settings.few, len(near), "ours"),
                threshold("many", settings.many, len(near), "ours"),
                threshold("storm", settings.storm, len(near), "Splunk, Sentinel"),
            ),
            what_would_change=(
                "From a machine or a network of the person's own it is a mistake of theirs.",
                "Confirm safe: the machine and the network are known from now on.",
            ),
            raised_by=("A7",),
        )

    examples = (
        Example(
            name="six refused, the seventh accepted",
            fires=True,
            level=RiskLevel.HIGH,
            events=[
                *habits("alice", TOKYO),
                *(
                    signs_in(
                        "alice",
                        LAGOS,
                        at("2026-03-02 01:00") + number * 40_000,
                        STRANGER,
                        error_code=500121,
                        mfa="denied" if number % 2 else "unanswered",
                    )
                    for number in range(6)
                ),
                signs_in("alice", LAGOS, "2026-03-02 01:05", STRANGER, mfa="fresh"),
            ],
        ),
        Example(
            name="four missed at home, the phone was in the kitchen",
            fires=False,
            events=[
                *habits("alice", TOKYO),
                *(
                    signs_in(
                        "alice",
                        TOKYO,
                        at("2026-03-02 09:00") + number * 60_000,
                        error_code=500121,
                        mfa="unanswered",
                    )
                    for number in range(4)
                ),
                signs_in("alice", TOKYO, "2026-03-02 09:05", mfa="fresh"),
            ],
        ),
    )


def _evidence(
    event: SignIn, near: list[Prompt], stranger: Check, *, accepted: bool
) -> Iterator[Evidence]:
    kinds = sorted({prompt.what for prompt in near})
    counts = ", ".join(f"{sum(p.what == kind for p in near)} {kind}" for kind in kinds)
    yield Evidence(
        label="Prompts refused",
        observed=f"{counts} within {words.duration(event.time - near[0].time)}",
        baseline="one or two by mistake are ordinary",
        weight=0.6,
        event_ids=tuple(prompt.id for prompt in near[-MAX_TOLD:]),
    )
    yield Evidence(
        label="Where they came from",
        observed=f"{stranger.reason}; {words.client(event.client)}",
        baseline="the person's own machine may ask as often as it likes",
        weight=0.4 if not accepted else 0.2,
        event_ids=(event.id,),
    )
    if accepted:
        to = event.app_display_name or "an application"
        yield Evidence(
            label="Accepted",
            observed=f"passed {words.clock(event.time)} to {to}",
            weight=0.2,
            event_ids=(event.id,),
        )


def _about(event: SignIn) -> Activity:
    """The sign-in that revealed it: the accepted one, or the last of the storm."""
    return activity_of(event)
