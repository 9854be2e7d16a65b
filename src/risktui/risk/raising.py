"""How findings become detections, repeats of detections, or traces of what was held back."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import msgspec

from risktui.detect import Detector, Event, Finding, SignIn, is_sensitive
from risktui.detect.loader import name_of
from risktui.detect.state import HOUR, MINUTE
from risktui.model.events import outcome_of
from risktui.model.risk import (
    CounterEvidence,
    Detection,
    Explanation,
    RiskLevel,
    RiskState,
    Suppression,
    TimelineEntry,
    stable_id,
)
from risktui.risk.adding import keeping
from risktui.risk.ledger import Entry, Ledger
from risktui.risk.provider import said_before, says_no_level, was_closed_by_provider
from risktui.risk.remedy import mfa_was_asked_for_risk
from risktui.risk.sign_ins import repeat_on
from risktui.risk.timeline import timeline_of

MAX_ENTRIES = 64
"""Detections kept per person: open ones first, then the latest closed."""
MAX_EVENT_IDS = 32
MAX_ACTIVITIES = 8
"""Activities kept with a detection; what an operator calls safe is learnt from them."""
ANNOUNCED = 64
"""Repeats of a detection that are announced one by one; beyond, 128, 256, 512 and so on are."""
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
ANSWERED = frozenset({"aiConfirmedSigninSafe", PASSED_BY_POLICY})
ONE_SIGN_IN = 10 * MINUTE
"""Rows with one correlation id within this time are one sign-in."""


class Raised(NamedTuple):
    """A finding on its way into the ledger."""

    finding: Finding
    detector: Detector
    rule: dict[str, str]
    """id, version and config_hash of the detector, for the explanation."""
    at: Event
    """What revealed it; its time is when the risk was detected."""


def raise_all(ledger: Ledger, findings: Sequence[Raised]) -> None:
    """Raise what was found in one event.

    What will be read is put into words before: the first may change what the next speaks of.
    """
    for finding, detector, _, _ in findings if len(findings) > 1 else ():
        entry = _cooling(ledger, finding, detector)
        if entry is None or finding.risk_level.rank > entry.detection.risk_level.rank:
            finding.in_full()
    for found in findings:
        raise_risk(ledger, found)


def raise_risk(ledger: Ledger, raised: Raised) -> None:
    """Turn a finding into a detection, or into the repeat of one."""
    finding, detector, _, at = raised
    quiet = _quiet_reason(ledger, finding, detector)
    if quiet is not None:
        _suppress(ledger, finding, detector, *quiet)
        return
    detection_id = stable_id(name_of(detector), finding.about.user, finding.about.id)
    theirs = said_before(ledger, detector.risk_event_type, finding.about)
    if theirs is not None and theirs.detection.origin == "provider":
        _agree(ledger, theirs, raised)
        return
    entry = ledger.risk.entry(detection_id) or _cooling(ledger, finding, detector)
    if entry is not None:
        _repeat(ledger, entry, raised)
        return
    detection = _detection(ledger, detection_id, raised)
    ledger.risk.entries.append(
        Entry(detection=detection, family=detector.family, raised_by=finding.raised_by)
    )
    _trim(ledger)
    ledger.changed(detection)
    if detection.risk_state.active:
        ledger.settle(at.time, event_types=(detector.risk_event_type,), ids=(detection_id,))
        _watch(ledger, finding)
        _be_an_act(ledger, finding, detector, at)


def _agree(ledger: Ledger, entry: Entry, raised: Raised) -> None:
    """The provider has said the same: one row with its id, our reasons and the higher level."""
    finding, detector, _, at = raised
    known = entry.detection
    if was_closed_by_provider(known):
        why = f"{known.source} has {known.provider['riskState']} the same"
        _suppress(ledger, finding, detector, "provider", why)
        return
    before = known.risk_level
    known.origin = "risktui"
    if known.risk_event_type != detector.risk_event_type:  # what it was is hidden
        known.risk_event_type = detector.risk_event_type
    if finding.risk_level.rank > before.rank or says_no_level(known.provider):
        known.risk_level = finding.risk_level
    known.cooldown_key = finding.cooldown_key
    known.session_id = finding.about.session_id
    known.event_ids = tuple(dict.fromkeys((finding.about.id, *known.event_ids)))[:MAX_EVENT_IDS]
    known.activities = (finding.about, *finding.related, *known.activities)[:MAX_ACTIVITIES]
    known.explanation = _explain(ledger, raised)
    known.last_updated_date_time = max(known.last_updated_date_time, at.time)
    entry.family, entry.raised_by = detector.family, finding.raised_by
    ledger.changed(known)
    if entry.active:
        ids = (known.id,) if known.risk_level is not before else ()
        ledger.settle(at.time, event_types=(detector.risk_event_type,), ids=ids)
        _watch(ledger, finding)


def _watch(ledger: Ledger, finding: Finding) -> None:
    """For a while, let more raise it; and do not learn from what was judged (gate G7)."""
    ledger.profile.alert_until = max(ledger.profile.alert_until, finding.about.time + HOUR)
    if finding.risk_level.rank >= RiskLevel.MEDIUM.rank:
        ledger.profile.suspect(finding.about)


def _quiet_reason(ledger: Ledger, finding: Finding, detector: Detector) -> tuple[str, str] | None:
    if ledger.risk.is_deleted:
        return "G2", "the account is deleted"
    until = ledger.risk.safe_keys.get(f"{detector.risk_event_type}|{finding.cooldown_key}", 0)
    if finding.about.time <= until:
        modifiers = finding.algebra.modifiers
        if not any(modifier.startswith("+1 A") for modifier in modifiers):
            return "safe", "the same was confirmed safe"
    if _answered(ledger, finding, detector):
        return "M3", "a second factor answered the same before"
    return None


def _answered(ledger: Ledger, finding: Finding, detector: Detector) -> bool:
    for entry in ledger.risk.entries:
        known = entry.detection
        if known.risk_detail not in ANSWERED or not _is_repeat(known, finding, detector):
            continue
        if known.risk_level.rank >= finding.risk_level.rank:
            return True
    return False


def _is_repeat(known: Detection, finding: Finding, detector: Detector) -> bool:
    """Gate G10, or another row of the same sign-in."""
    if known.risk_event_type != detector.risk_event_type:
        return False
    if (finding.scope or detector.scope) == "user" and known.activity != "user":
        return False  # the sign-in's form of the type
    apart = abs(finding.about.time - known.activity_date_time)
    same = bool(known.correlation_id) and known.correlation_id == finding.about.correlation_id
    return (same and apart <= ONE_SIGN_IN) or (
        known.cooldown_key == finding.cooldown_key and apart <= detector.cooldown
    )


def _suppress(ledger: Ledger, finding: Finding, detector: Detector, rule: str, reason: str) -> None:
    about = finding.about
    ledger.outcome.suppressions.append(
        Suppression(
            time=about.time,
            user_id=about.user,
            user_principal_name=about.user_principal_name,
            risk_event_type=detector.risk_event_type,
            event_id=about.id,
            rule=rule,
            reason=reason,
            ip_address=about.ip_address,
        )
    )


def _cooling(ledger: Ledger, finding: Finding, detector: Detector) -> Entry | None:
    for entry in reversed(ledger.risk.entries):
        ours = entry.active and entry.detection.origin == "risktui"
        if ours and _is_repeat(entry.detection, finding, detector):
            return entry
    return None


def _repeat(ledger: Ledger, entry: Entry, raised: Raised) -> None:
    finding, detector, _, at = raised
    known = entry.detection
    stronger = finding.risk_level.rank > known.risk_level.rank
    new = finding.about.id not in known.event_ids
    if not entry.active or not (new or stronger):
        return
    ids = tuple(dict.fromkeys((*known.event_ids, finding.about.id)))
    known.event_ids = (*ids[:1], *ids[1:][-MAX_EVENT_IDS:])
    known.count += new
    known.last_updated_date_time = max(known.last_updated_date_time, at.time)
    if stronger:
        known.risk_level = finding.risk_level
        known.cooldown_key = finding.cooldown_key  # that of what it says from now on
        known.explanation = keeping(_explain(ledger, raised), known.explanation)
    entry.raised_by = tuple(sorted(set(entry.raised_by) | set(finding.raised_by)))
    known.activities = (*known.activities, finding.about)[:MAX_ACTIVITIES]
    repeat_on(ledger.risk, entry, finding.about, finding.risk_level)
    _watch(ledger, finding)
    steps = len(ledger.outcome.history)
    ledger.changed(known)
    ledger.settle(at.time, event_types=(detector.risk_event_type,))
    if new and not stronger and len(ledger.outcome.history) == steps and _says_nothing_new(known):
        user = ledger.outcome.users[-1]
        ledger.outcome.repeats.append((known.id, known.count))
        ledger.outcome.repeats.append((user.id, user.risk_last_updated_date_time))
    _be_an_act(ledger, finding, detector, at)


def _says_nothing_new(detection: Detection) -> bool:
    """Whether a repeat is one of so many that readers are told of every doubling only."""
    count = detection.count
    return count > ANNOUNCED and count & (count - 1) != 0


def _detection(ledger: Ledger, detection_id: str, raised: Raised) -> Detection:
    finding, detector, _, at = raised
    about = finding.about
    sign_in = about.kind == "SignIn" and (finding.scope or detector.scope) == "signin"
    covered = about.time <= ledger.risk.closed_through and not ledger.risk.state.active
    covered = covered and about.kind != "Verdict"  # what closed the rest does not close itself
    state, detail = RiskState.AT_RISK, "none"
    if finding.passed_by_mfa:
        state, detail = _passed(ledger, at, finding.risk_level)
    elif covered:  # late, already covered by the verdict or remediation that closed the rest
        state, detail = ledger.risk.state, ledger.risk.detail
    return Detection(
        id=detection_id,
        risk_event_type=detector.risk_event_type,
        risk_level=finding.risk_level,
        risk_state=state,
        risk_detail=detail,
        request_id=about.id if sign_in else "",
        correlation_id=about.correlation_id,
        detection_timing_type=finding.timing or detector.timing,
        activity="signin" if sign_in else "user",
        token_issuer_type=about.token_issuer_type,
        ip_address=about.ip_address,
        location=about.location,
        client=about.client,
        session_id=about.session_id,
        activity_date_time=about.time,
        detected_date_time=at.time,
        last_updated_date_time=at.time,
        user_id=ledger.risk.user_id or about.user,
        user_display_name=ledger.risk.user_display_name,
        user_principal_name=ledger.risk.user_principal_name or about.user_principal_name,
        tenant_id=ledger.risk.tenant_id,
        cooldown_key=finding.cooldown_key,
        event_ids=tuple(dict.fromkeys((about.id, *(a.id for a in finding.related)))),
        activities=(about, *finding.related),
        explanation=_explain(ledger, raised),
    )


def _explain(ledger: Ledger, raised: Raised) -> Explanation:
    finding, detector, rule, _ = raised
    finding = finding.in_full()
    return Explanation(
        headline=finding.headline,
        risk_reasons=finding.risk_reasons,
        evidence=finding.evidence,
        counter_evidence=finding.counter_evidence,
        thresholds=finding.thresholds,
        timeline=timeline_of(finding, ledger.profile),
        level=finding.algebra,
        what_would_change=finding.what_would_change,
        mitre=detector.attack,
        tips=detector.tips,
        feeds=finding.feeds,
        rule=rule,
    )


def _trim(ledger: Ledger) -> None:
    entries = ledger.risk.entries
    while len(entries) > MAX_ENTRIES:
        closed = [e for e in entries if not e.active]
        victims = closed or entries
        entries.remove(min(victims, key=lambda e: e.detection.last_updated_date_time))


def follow_up(ledger: Ledger, event: Event) -> None:
    """Let an event raise (A5, A7) or answer (MFA passed) an open detection."""
    if isinstance(event, SignIn) and event.mfa == "fresh" and event.result == "success":
        _answer_by_mfa(ledger, event)
    rule = _raising_rule(event)
    if rule is not None:
        _raise_others(ledger, rule, event, outcome_of(event))


def _be_an_act(ledger: Ledger, finding: Finding, detector: Detector, at: Event) -> None:
    """Raise others by a mass download, be it the day's first or more of the same."""
    grave = finding.risk_level.rank >= RiskLevel.MEDIUM.rank
    if grave and detector.risk_event_type == MASS_DOWNLOAD:
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
        state, detail = _passed(ledger, event, detection.risk_level)
        ledger.close([detection], state, detail, event.time)


def _passed(ledger: Ledger, event: Event, level: RiskLevel) -> tuple[RiskState, str]:
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
