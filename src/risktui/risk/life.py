"""What an event does to a person's risk besides what detectors find in it."""

from __future__ import annotations

from risktui.detect import Event, PasswordChange, Profile, SignIn, Verdict
from risktui.detect.learning import MAX_RISKS
from risktui.detect.state import DAY
from risktui.model.events import AccountChange, ProductAlert, ReputationChange, TimePassed
from risktui.risk.aftermath import follow_up
from risktui.risk.feedback import heard
from risktui.risk.ledger import Ledger
from risktui.risk.policy import evaluate_sign_in, evaluate_user, wants_every_sign_in
from risktui.risk.provider import is_about_risk, take_over
from risktui.risk.remedy import (
    PASSWORD_ASKED,
    SESSIONS_REVOKED,
    account,
    remediate,
    sign_in_remedy,
)
from risktui.risk.retention import age
from risktui.risk.sign_ins import freeze
from risktui.risk.state import OPEN
from risktui.risk.verdicts import judge

LIFECYCLE = frozenset({Verdict, PasswordChange, AccountChange, TimePassed, ReputationChange})
"""Events that the ledger must see whether or not anything is at risk."""
REMEDIAL = PASSWORD_ASKED | SESSIONS_REVOKED
WATCHED_FOR = 30 * DAY
"""How long each sign-in of a person at risk is held against the user policies."""


def concerns_risk(event: Event, profile: Profile) -> bool:
    """Whether the ledger must see `event` although no detector has found anything in it."""
    if event.time <= profile.alert_until:
        return True
    if type(event) is SignIn:
        remedial = event.error_code in REMEDIAL or event.applied_user_risk_policies
        return bool(remedial) and profile.alert_until > 0
    if type(event) in LIFECYCLE:
        return True
    return type(event) is ProductAlert and is_about_risk(event)


def live_through(ledger: Ledger, event: Event) -> None:
    """Apply `event` to the risk there is; its own findings are in the ledger already."""
    if isinstance(event, Verdict):
        judge(ledger, event)
    elif isinstance(event, PasswordChange):
        remediate(ledger, event)
    elif isinstance(event, AccountChange):
        account(ledger, event)
    elif isinstance(event, TimePassed):
        age(ledger, event.time)
    elif isinstance(event, ProductAlert):
        take_over(ledger, event)
    elif isinstance(event, ReputationChange):
        heard(ledger, event)
    elif isinstance(event, SignIn):
        freeze(ledger.risk, event, ledger.outcome)
        evaluate_sign_in(ledger, event)
        sign_in_remedy(ledger, event)
    follow_up(ledger, event)


def conclude(ledger: Ledger, event: Event) -> None:
    """Everything about this event is said: hold the person's new level against the policies."""
    evaluate_user(ledger, event.time)
    risen = ledger.risk.level.rank > ledger.level_before.rank
    if risen and wants_every_sign_in(ledger) and not isinstance(event, Verdict):
        profile = ledger.profile
        profile.alert_until = max(profile.alert_until, event.time + WATCHED_FOR)
    times = [
        known.activity_date_time
        for entry in ledger.risk.entries
        if (known := entry.detection).risk_state in OPEN
    ]
    ledger.profile.risk = ledger.risk.level.rank if times else 0
    ledger.profile.risk_time = max(times, default=0)
    ledger.profile.risk_times = sorted({*times})[-MAX_RISKS:] if len(times) > 1 else []
