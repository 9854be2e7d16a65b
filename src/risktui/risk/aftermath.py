"""How what happens after a risky activity raises its detection, or answers it.

A sensitive act within the hour (A7) or a refused second factor (A5) raises by one what may still be
raised; a second factor passed in the same sign-in closes it.
"""

from __future__ import annotations

import msgspec

from risktui.detect import Detector, Event, Finding, SignIn, is_sensitive
from risktui.detect.state import HOUR, MINUTE
from risktui.model.events import outcome_of
from risktui.model.risk import CounterEvidence, RiskLevel, RiskState, TimelineEntry
from risktui.risk.ledger import Ledger
from risktui.risk.remedy import mfa_was_asked_for_risk
from risktui.risk.state import Entry

MAX_EVENT_IDS = 32
GRAVE = (RiskLevel.MEDIUM, RiskLevel.HIGH, RiskLevel.HIDDEN)
"""Of what is so grave nothing is learnt (gate G7)."""
RAISING = {"A5": 15 * MINUTE, "A7": HOUR}
"""How long after the activity these modifiers may still raise a detection."""
MASS_DOWNLOAD = "mcasFinSuspiciousFileAccess"
"""The one sensitive act (A7) that is not an event but many."""
MFA_WINDOW = 5 * MINUTE
"""A second factor passed within this time answers an interrupted sign-in."""
NEVER_PASSED_BY_MFA = frozenset(
    {
        "anomalousToken",
        "attackerinTheMiddle",
        "investigationsThreatIntelligence",
        "nationStateIP",
        "passwordSpray",
        "suspiciousAPITraffic",
        "tokenIssuerAnomaly",
        "x_bruteForce",
        "x_deviceCodePhishing",
        "x_mfaFatigue",
    }
)
"""Types that a passed second factor does not answer; sprayed passwords stay known."""
PASSED_BY_POLICY = "userPassedMFADrivenByRiskBasedPolicy"


def follow_up(ledger: Ledger, event: Event) -> None:
    """Let an event raise (A5, A7) or answer (MFA passed) an open detection."""
    if isinstance(event, SignIn) and event.mfa == "fresh" and event.result == "success":
        _answer_by_mfa(ledger, event)
    rule = _raising_rule(event)
    if rule is not None:
        _raise_others(ledger, rule, event, outcome_of(event))


def be_an_act(ledger: Ledger, finding: Finding, detector: Detector, at: Event) -> None:
    """Raise others by a mass download, be it the day's first or more of the same."""
    if detector.risk_event_type == MASS_DOWNLOAD and finding.risk_level in GRAVE:
        _raise_others(ledger, "A7", at, "mass download")


def _raise_others(ledger: Ledger, rule: str, event: Event, act: str) -> None:
    for entry in ledger.risk.active():
        late_by = event.time - entry.detection.activity_date_time
        if rule in entry.raised_by and 0 <= late_by <= RAISING[rule]:
            _raise_later(ledger, entry, rule, event, act)


def _raise_later(ledger: Ledger, entry: Entry, rule: str, event: Event, act: str) -> None:
    known, why = entry.detection, entry.detection.explanation
    entry.raised_by = tuple(other for other in entry.raised_by if other != rule)
    what = f"{act} {_minutes(event.time - known.activity_date_time)} later"
    known.risk_level = known.risk_level.step(+1)
    ledger.profile.suspect(known.activities[0])
    ledger.watched = None
    known.last_updated_date_time = max(known.last_updated_date_time, event.time)
    known.event_ids = (*known.event_ids, event.id)[:MAX_EVENT_IDS]
    label = "sensitive act afterwards" if rule == "A7" else "MFA refused afterwards"
    considered = CounterEvidence(
        rule=rule, label=label, applied=True, effect="+1 level", reason=what
    )
    known.explanation = msgspec.structs.replace(
        why,
        timeline=(
            *why.timeline,
            TimelineEntry(time=event.time, text=act, event_id=event.id),
        ),
        counter_evidence=(*why.counter_evidence, considered),
        level=msgspec.structs.replace(
            why.level,
            modifiers=(*why.level.modifiers, f"+1 {rule} {what}"),
            final=known.risk_level,
        ),
    )
    ledger.changed(known)
    ledger.settle(event.time, event_types=(known.risk_event_type,), ids=(known.id,))


def _answer_by_mfa(ledger: Ledger, event: SignIn) -> None:
    answered = [
        entry.detection
        for entry in ledger.risk.active()
        if entry.detection.risk_state is RiskState.AT_RISK
        and entry.detection.risk_event_type not in NEVER_PASSED_BY_MFA
        and entry.detection.request_id != event.id
        and event.correlation_id
        and entry.detection.correlation_id == event.correlation_id
        and 0 <= event.time - entry.detection.activity_date_time <= MFA_WINDOW
    ]
    for detection in answered:
        for activity in detection.activities:
            ledger.profile.clear(activity)
        ledger.watched = None
        state, detail = passed(ledger, event, detection.risk_level)
        ledger.close([detection], state, detail, event.time)


def passed(ledger: Ledger, event: Event, level: RiskLevel) -> tuple[RiskState, str]:
    """What a passed second factor makes of a risk: a policy's remedy, or none was needed."""
    if isinstance(event, SignIn) and mfa_was_asked_for_risk(ledger, event, level):
        return RiskState.REMEDIATED, PASSED_BY_POLICY
    return RiskState.DISMISSED, "aiConfirmedSigninSafe"


def _raising_rule(event: Event) -> str | None:
    if is_sensitive(event):
        return "A7"
    if isinstance(event, SignIn) and event.mfa in {"denied", "unanswered", "fraud"}:
        return "A5"
    return None


def _minutes(milliseconds: int) -> str:
    return f"{max(1, round(milliseconds / MINUTE))} min"
