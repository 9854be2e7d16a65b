"""A person's password stands in a leak, and they have not set another one since.

Leaks come from feeds of one's own choice; the secret itself is never read into an event. A leak
that is older than the last password change has lost its worth. One that was found before the
organisation was watched is history, as is the account that nobody has.
"""

from typing import Any

import msgspec

from risktui.detect import (
    DAY,
    AccountChange,
    Activity,
    Answer,
    Check,
    CredentialLeak,
    Detector,
    Event,
    Evidence,
    Example,
    Facts,
    KeyedState,
    PasswordChange,
    RiskLevel,
    SignIn,
    Suppressed,
    Weighing,
    activity_of,
    g3_disabled,
    words,
)
from risktui.detect.examples import TOKYO, at, habits, leaks, sets_password

MAX_WAITING = 4


class Leak(msgspec.Struct, array_like=True, kw_only=True):
    """One leak, in brief."""

    activity: Activity
    name: str
    leaked_at: int
    fingerprint: str


class Settings(msgspec.Struct, frozen=True):
    """How far back a leak matters; the numbers are ours."""

    oldest_days: int = 365
    """A leak so much older than its discovery counts only if the password is known to be older."""
    wait_days: int = 30
    """How long a leak waits for somebody of whom the logs do not tell yet."""


class State(KeyedState):
    """When the password was set, and leaks of somebody who was not seen yet."""

    password_set: int = 0
    password_id: str = ""
    waiting: list[Leak] = []


class Exposure:
    """What both types of exposure have in common: one is sure, the other is not."""

    is_sure = True
    settings: Any

    def observe(self, event: Event, state: State, facts: Facts) -> Answer:
        """Hold a leak against the last password change."""
        if isinstance(event, SignIn):
            return self._appeared(event, state, facts) if state.waiting else None
        if isinstance(event, PasswordChange | AccountChange):
            made = isinstance(event, PasswordChange) or event.what == "created"
            if made and event.succeeded and event.time > state.password_set:
                state.password_set, state.password_id = event.time, event.id
            return None
        if not isinstance(event, CredentialLeak) or event.validated is not self.is_sure:
            return None
        leak = Leak(
            activity=activity_of(event),
            name=event.leak or "a leak without a name",
            leaked_at=event.leaked_at,
            fingerprint=event.fingerprint,
        )
        if not facts.person.first_seen and not state.password_set:
            state.waiting = [*state.waiting, leak][-MAX_WAITING:]
            return Suppressed(rule="unknown", reason="nobody of this name was seen yet")
        return self._judge(leak, state, facts, event)

    def _appeared(self, event: SignIn, state: State, facts: Facts) -> Answer:
        """Somebody of that name is here, and the password was right: the account exists."""
        if not event.password_was_right:
            return None
        since = event.time - self.settings.wait_days * DAY
        found = [leak for leak in state.waiting if since <= leak.activity.time]
        state.waiting = [leak for leak in found if leak.activity.time > event.time]
        now = [leak for leak in found if leak.activity.time <= event.time]
        return self._judge(now[-1], state, facts, event) if now else None

    def _judge(self, leak: Leak, state: State, facts: Facts, event: Event) -> Answer:
        about, leaked = leak.activity, leak.leaked_at or leak.activity.time
        changed = bool(state.password_set) and leaked <= state.password_set
        if changed:
            when = words.date(state.password_set)
            reason = f"leaked {words.date(leaked)}, password set {when}"
            return Suppressed(rule="password", reason=reason)
        age = about.time - leaked
        known = bool(state.password_set)
        if age > self.settings.oldest_days * DAY and not known:
            return Suppressed(
                rule="old", reason=f"leaked {words.duration(age)} before it was found"
            )
        level = RiskLevel.HIGH if self.is_sure else RiskLevel.LOW
        sure = "whoever found it stands for it" if self.is_sure else "nobody has tried it"
        weighing = Weighing(level, f"the password is known to others; {sure}")
        reason = f"set {words.date(state.password_set)}" if known else "not in the logs"
        weighing.looked_at(Check("password", "password set since", False, reason))
        weighing.looked_at(g3_disabled(event, facts), "told: the password works elsewhere")
        out = words.date(leak.leaked_at) if leak.leaked_at else "at an unknown time"
        return weighing.result(
            headline=(
                f"The password of {words.who(about)} stands in {leak.name}: leaked {out}, found "
                f"{words.date(about.time)}"
            ),
            about=about,
            evidence=(
                Evidence(
                    label="Leak",
                    observed=f"{leak.name}, leaked {out}, found {words.clock(about.time)}",
                    baseline=f"{sure}; the secret itself is not kept",
                    weight=0.6,
                    event_ids=(about.id,),
                ),
                Evidence(
                    label="Last password change",
                    observed=words.date(state.password_set) if known else "none in the logs",
                    baseline="one after the leak would have ended it",
                    weight=0.4,
                    event_ids=(state.password_id,) if known else (),
                ),
            ),
            what_would_change=(
                "A password set after the leak: it fires no more, and open ones are remediated.",
                "Confirm safe, where the password in the leak was never this account's.",
            ),
            feeds=(leak.name,),
            cooldown_key=leak.fingerprint or leak.name,
        )


class LeakedCredentials(Exposure, Detector):
    """Leaked credentials."""

    risk_event_type = "leakedCredentials"
    title = "Leaked credentials"
    title_ja = "漏洩した資格情報"
    scope = "user"
    watches = (CredentialLeak, PasswordChange, AccountChange, SignIn)
    attack = ("T1589.001", "T1078.004")
    premium = False
    family = "user report"
    cooldown = 30 * DAY
    ttl = 3_650 * DAY
    tips = (
        "Confirm it compromised and reset the password; block the account if an intruder could "
        "reset it or pass MFA themselves.",
        "Revoke all sessions.",
        "Look for the same password elsewhere: people use one for several accounts.",
        "A secure password change in the cloud ends the risk by itself.",
    )
    Settings = Settings
    State = State

    examples = (
        Example(
            name="leaked yesterday, set long ago",
            fires=True,
            level=RiskLevel.HIGH,
            events=[
                *habits("alice", TOKYO),
                leaks("alice", "2026-03-02 09:00", leaked_at=at("2026-03-01 00:00")),
            ],
        ),
        Example(
            name="a new password since",
            fires=False,
            events=[
                *habits("alice", TOKYO),
                sets_password("alice", "2026-03-01 12:00"),
                leaks("alice", "2026-03-02 09:00", leaked_at=at("2026-03-01 00:00")),
            ],
        ),
    )


class UnverifiedExposure(Exposure, Detector):
    """Credential exposure that nobody has verified."""

    risk_event_type = "x_credentialExposureUnverified"
    title = "Unverified credential exposure"
    title_ja = "未検証の資格情報の漏洩"
    scope = "user"
    watches = LeakedCredentials.watches
    attack = ("T1589.001",)
    family = "user report"
    cooldown = 30 * DAY
    ttl = 3_650 * DAY
    tips = (
        "Ask the person whether the password is still in use, and have it changed.",
        "Raw lists hold old and invented passwords: one that was tried and failed is no risk.",
    )
    Settings = Settings
    State = State
    is_sure = False

    examples = (
        Example(
            name="a name in a raw list",
            fires=True,
            level=RiskLevel.LOW,
            events=[
                *habits("alice", TOKYO),
                leaks("alice", "2026-03-02 09:00", validated=False),
            ],
        ),
        Example(
            name="a name that nobody has",
            fires=False,
            events=[leaks("alice", "2026-03-02 09:00", validated=False)],
        ),
    )
