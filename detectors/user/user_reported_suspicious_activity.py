"""The person has denied an MFA prompt and reported it: somebody else knows their password.

The report comes in the sign-in, in the directory's audit, or in both; that is one detection. A
plain denial or a prompt that nobody answered is none.
"""

import msgspec

from risktui.detect import (
    DAY,
    HOUR,
    MINUTE,
    Activity,
    Answer,
    Check,
    Detector,
    Event,
    Evidence,
    Example,
    Facts,
    KeyedState,
    RiskLevel,
    SignIn,
    UserReport,
    Weighing,
    activity_of,
    words,
)
from risktui.detect.examples import LAGOS, STRANGER, TOKYO, habits, reports, signs_in

REFUSED = frozenset({"denied", "unanswered", "fraud", "failed"})
MAX_PROMPTS = 8


class UserReportedSuspiciousActivity(Detector):
    """User reported suspicious activity."""

    risk_event_type = "userReportedSuspiciousActivity"
    title = "User reported suspicious activity"
    title_ja = "ユーザーからの疑わしいアクティビティの報告"
    scope = "user"
    watches = (SignIn, UserReport)
    attack = ("T1621", "T1078.004")
    family = "user report"
    cooldown = HOUR
    tips = (
        "Believe the person: reset the password, for the prompt comes after the right one.",
        "Look where the attempt came from, and for successes of anybody from that address.",
        "Look for other prompts of the last day: one of them may have been accepted.",
        "If it was a slip of the thumb, confirm it safe. Being blocked for MFA ends after 90 days "
        "or by an administrator's hand.",
    )

    class Settings(msgspec.Struct, frozen=True):
        """How a report finds its prompt."""

        prompt_minutes: int = 10
        """A report belongs to a prompt of so many minutes before (the app allows a minute or two;
        the audit record follows within 5)."""

    class State(KeyedState):
        """Bounded: the last prompts that were not passed, and how the person signs in."""

        prompts: list[Activity] = []
        passwordless: int = 0
        """When the person last signed in without a password (ms)."""
        with_password: int = 0

    def observe(self, event: SignIn | UserReport, state: State, facts: Facts) -> Answer:
        """A report, in whichever of the two logs."""
        if isinstance(event, SignIn):
            if event.mfa not in REFUSED:
                if event.passwordless:
                    state.passwordless = max(state.passwordless, event.time)
                elif event.is_interactive and event.credentials == "ok" and event.mfa == "fresh":
                    state.with_password = max(state.with_password, event.time)
                return None
            state.prompts = [p for p in state.prompts if event.time - p.time <= DAY]
            state.prompts = [*state.prompts, activity_of(event)][-MAX_PROMPTS:]
            return self._found(event, event, state) if event.mfa == "fraud" else None
        within = self.settings.prompt_minutes * MINUTE
        near = [p for p in state.prompts if 0 <= event.time - p.time <= within]
        return self._found(event, near[-1] if near else None, state)

    def _found(
        self, event: SignIn | UserReport, prompt: Event | Activity | None, state: State
    ) -> Answer:
        weighing = Weighing(RiskLevel.HIGH, "the person says that it was not theirs")
        blocked = isinstance(event, UserReport) and "blocked" in event.text.casefold()
        without = bool(state.passwordless) and state.passwordless > state.with_password
        reason = (
            f"a key or the phone, {words.clock(state.passwordless)}" if without else "a password"
        )
        check = Check("passwordless", "signs in without a password", without, reason)
        weighing.cap(RiskLevel.MEDIUM, check)  # no password is known then, says Microsoft
        reason = "blocked for MFA for 90 days" if blocked else "not blocked by the report"
        weighing.looked_at(Check("blocked", "blocked for MFA", blocked, reason), "told")
        about, related = activity_of(event), tuple[Activity, ...]()
        if isinstance(prompt, Activity) and prompt.mfa != "fraud":
            about, related = prompt, (about,)
        others = [p for p in state.prompts if p.id not in {event.id, about.id}]
        said = event.text if isinstance(event, UserReport) else "reported in the MFA prompt"
        evidence = [
            Evidence(
                label="The person's report",
                observed=f"{said}, {words.clock(event.time)}",
                baseline="a denial alone would not be one",
                weight=0.7,
                event_ids=(event.id,),
            ),
            _where(prompt),
        ]
        if others:
            told = "; ".join(f"{p.mfa} {words.clock(p.time)} from {p.ip_address}" for p in others)
            ids = tuple(p.id for p in others)
            line = Evidence(label="Other prompts within a day", observed=told, event_ids=ids)
            evidence.append(line)
        place = f" from {words.place(prompt.location)} ({prompt.ip_address})" if prompt else ""
        return weighing.result(
            headline=(
                f"{words.who(event)} reported an MFA prompt that was not theirs at "
                f"{words.clock(event.time)}; the sign-in came{place}"
                if prompt
                else f"{words.who(event)} reported suspicious activity at {words.clock(event.time)}"
            ),
            about=about,
            related=related,
            evidence=tuple(evidence),
            what_would_change=(
                "Confirm safe, where the person pressed the wrong button.",
                "A secure password change ends it: the known password is worth nothing then.",
            ),
        )

    examples = (
        Example(
            name="a prompt from elsewhere, reported",
            fires=True,
            level=RiskLevel.HIGH,
            events=[
                *habits("alice", TOKYO),
                signs_in(
                    "alice", LAGOS, "2026-03-02 09:00", STRANGER, error_code=500121, mfa="fraud"
                ),
                reports("alice", "2026-03-02 09:01", "Suspicious activity reported"),
            ],
        ),
        Example(
            name="a prompt that was only declined",
            fires=False,
            events=[
                *habits("alice", TOKYO),
                signs_in(
                    "alice", LAGOS, "2026-03-02 09:00", STRANGER, error_code=500121, mfa="denied"
                ),
            ],
        ),
    )


def _where(prompt: Event | Activity | None) -> Evidence:
    """What the prompt was asked for."""
    if prompt is None:
        return Evidence(label="The prompt", observed="its sign-in is not in the logs", weight=0.3)
    return Evidence(
        label="The prompt",
        observed=(
            f"{words.clock(prompt.time)} for {prompt.app_display_name or 'an application'}, from "
            f"{words.place(prompt.location)}, {prompt.ip_address} of "
            f"{words.network(prompt.network)}, with {words.client(prompt.client)}"
        ),
        baseline="a prompt is asked for after the right password",
        weight=0.3,
        event_ids=(prompt.id,),
    )
