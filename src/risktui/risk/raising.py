"""How findings become detections, repeats of detections, or traces of what was held back."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import NamedTuple

from risktui.detect import Detector, Event, Finding
from risktui.detect.loader import name_of
from risktui.detect.state import HOUR, MINUTE
from risktui.model.ids import stable_id
from risktui.model.risk import Detection, Explanation, RiskState, Suppression
from risktui.risk.adding import keeping
from risktui.risk.aftermath import GRAVE, MAX_EVENT_IDS, PASSED_BY_POLICY, be_an_act, passed
from risktui.risk.ledger import Entry, Ledger
from risktui.risk.provider import (
    HIDDEN,
    said_before,
    says_no_level,
    was_closed_by_provider,
)
from risktui.risk.sign_ins import repeat_on
from risktui.risk.state import OPEN
from risktui.risk.timeline import timeline_of

MAX_ENTRIES = 64
"""Detections kept per person: open ones first, then the latest closed."""
MAX_ACTIVITIES = 8
"""Activities kept with a detection; what an operator calls safe is learnt from them."""
ANNOUNCED = 64
"""Repeats of a detection that are announced one by one; beyond, 128, 256, 512 and so on are."""
AGGRAVATED = re.compile(r"\+1 A\d")
"""How it begins where a rule of the A kind, such as a sensitive act, has raised the level."""
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
    alike = _alike(ledger, findings)
    for finding, detector, _, _ in findings[1:]:
        if type(finding) is Finding:
            continue  # it has its words
        entry = _cooling(alike, finding, detector)
        if entry is None or finding.risk_level.rank > entry.detection.risk_level.rank:
            finding.in_full()
    for found in findings:
        if _raise(ledger, found, alike) and len(findings) > 1:
            alike = _alike(ledger, findings)


def raise_risk(ledger: Ledger, raised: Raised) -> None:
    """Turn a finding into a detection, or into the repeat of one."""
    _raise(ledger, raised, _alike(ledger, (raised,)))


def _raise(ledger: Ledger, raised: Raised, alike: Sequence[Entry]) -> bool:
    """The same, where what is kept of its type is among `alike`; whether another is kept now."""
    finding, detector, _, at = raised
    quiet = _quiet_reason(ledger, alike, finding, detector)
    if quiet is not None:
        _suppress(ledger, finding, detector, *quiet)
        return False
    theirs = said_before(alike, detector.risk_event_type, finding.about)
    if theirs is not None and theirs.detection.origin == "provider":
        _agree(ledger, theirs, raised)
        return False
    entry = _of_that_activity(alike, finding, detector) or _cooling(alike, finding, detector)
    if entry is not None:
        _repeat(ledger, entry, raised)
        return False
    detection_id = _id(finding, detector)
    detection = _detection(ledger, detection_id, raised)
    ledger.risk.entries.append(
        Entry(detection=detection, family=detector.family, raised_by=finding.raised_by)
    )
    _trim(ledger)
    ledger.changed(detection)
    if detection.risk_state.active:
        ledger.settle(at.time, event_types=(detector.risk_event_type,), ids=(detection_id,))
        _watch(ledger, finding)
        be_an_act(ledger, finding, detector, at)
    return True


def _alike(ledger: Ledger, findings: Sequence[Raised]) -> list[Entry]:
    """What is kept of the types of `findings`, or of one that the licence hides, in order."""
    kinds = {HIDDEN, *[found.detector.risk_event_type for found in findings]}
    return [each for each in ledger.risk.entries if each.detection.risk_event_type in kinds]


def _id(finding: Finding, detector: Detector) -> str:
    return stable_id(name_of(detector), finding.about.user, finding.about.id)


def _of_that_activity(alike: Sequence[Entry], finding: Finding, detector: Detector) -> Entry | None:
    """What the detector has found in this very activity before: seldom anything."""
    activity_id, kind = finding.about.id, detector.risk_event_type
    for entry in alike:
        known = entry.detection
        first = activity_id in known.event_ids[:1] and known.risk_event_type == kind
        if first and known.id == _id(finding, detector):
            return entry
    return None


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
    profile, about = ledger.profile, finding.about
    profile.alert_until = max(profile.alert_until, about.time + HOUR)
    if about is not ledger.watched and finding.risk_level in GRAVE:
        profile.suspect(about)
        ledger.watched = about


def _quiet_reason(
    ledger: Ledger, alike: Sequence[Entry], finding: Finding, detector: Detector
) -> tuple[str, str] | None:
    risk = ledger.risk
    if risk.is_deleted:
        return "G2", "the account is deleted"
    if risk.safe_keys:
        until = risk.safe_keys.get(f"{detector.risk_event_type}|{finding.cooldown_key}", 0)
        if finding.about.time <= until:
            modifiers = finding.algebra.modifiers
            if not any(map(AGGRAVATED.match, modifiers)):
                return "safe", "the same was confirmed safe"
    if _answered(alike, finding, detector):
        return "M3", "a second factor answered the same before"
    return None


def _answered(alike: Sequence[Entry], finding: Finding, detector: Detector) -> bool:
    for entry in alike:
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
    about = finding.about
    apart = abs(about.time - known.activity_date_time)
    if known.cooldown_key == finding.cooldown_key and apart <= detector.cooldown:
        return True
    same = bool(known.correlation_id) and known.correlation_id == about.correlation_id
    return same and apart <= ONE_SIGN_IN


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


def _cooling(alike: Sequence[Entry], finding: Finding, detector: Detector) -> Entry | None:
    """The latest of our open detections that the finding repeats."""
    for entry in reversed(alike):
        known = entry.detection
        ours = known.risk_state in OPEN and known.origin == "risktui"
        if ours and _is_repeat(known, finding, detector):
            return entry
    return None


def _repeat(ledger: Ledger, entry: Entry, raised: Raised) -> None:
    finding, detector, _, at = raised
    known, about, level = entry.detection, finding.about, finding.risk_level
    stronger = level is not known.risk_level and level.rank > known.risk_level.rank
    new = about.id not in known.event_ids
    if not (new or stronger) or known.risk_state not in OPEN:
        return
    ids = tuple(dict.fromkeys((*known.event_ids, about.id)))
    if len(ids) > MAX_EVENT_IDS + 1:
        ids = (*ids[:1], *ids[-MAX_EVENT_IDS:])
    known.event_ids = ids
    known.count += new
    known.last_updated_date_time = max(known.last_updated_date_time, at.time)
    if stronger:
        known.risk_level = finding.risk_level
        known.cooldown_key = finding.cooldown_key  # that of what it says from now on
        known.explanation = keeping(_explain(ledger, raised), known.explanation)
    if finding.raised_by != entry.raised_by:
        entry.raised_by = tuple(sorted({*entry.raised_by, *finding.raised_by}))
    if len(known.activities) != MAX_ACTIVITIES:  # more where the first was made of more
        known.activities = (*known.activities, about)[:MAX_ACTIVITIES]
    repeat_on(ledger.risk, entry, about, level)
    _watch(ledger, finding)
    if stronger:
        ledger.changed(known)
        ledger.settle(at.time, event_types=(detector.risk_event_type,))
    else:
        _say_again(ledger, entry, at, detector)
    be_an_act(ledger, finding, detector, at)


def _say_again(ledger: Ledger, entry: Entry, at: Event, detector: Detector) -> None:
    """Hand out a repeat that is no graver, and say so where it is one of many."""
    known, outcome, steps = entry.detection, ledger.outcome, len(ledger.outcome.history)
    user = ledger.repeated(known, at.time, detector.risk_event_type)
    if _says_nothing_new(known) and len(outcome.history) == steps:
        outcome.repeats.append((known.id, known.count))
        outcome.repeats.append((user.id, user.risk_last_updated_date_time))


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
        state, detail = passed(ledger, at, finding.risk_level)
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
