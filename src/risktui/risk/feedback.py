"""What a decision teaches, and what it says about other open detections."""

from __future__ import annotations

import msgspec

from risktui.detect import Profile, Verdict
from risktui.detect.features import features_of
from risktui.detect.state import DAY
from risktui.model.events import ReputationChange
from risktui.model.risk import CounterEvidence, Detection, RiskState
from risktui.risk.ledger import SAFE_FOR, Ledger
from risktui.risk.state import Echo, Entry

REPUTATION_FOR = 7 * DAY
"""How long the address of a confirmed compromise is bad in the eyes of this organisation."""


def teach(ledger: Ledger, verdict: Verdict, detections: list[Detection]) -> None:
    """Change what is usual for the person, and what will stay quiet."""
    profile, risk = ledger.profile, ledger.risk
    if verdict.action == "confirmSafe":
        for detection in detections:
            for activity in detection.activities:
                profile.learn_safe(activity)
            risk.safe_keys[safe_key(detection)] = detection.activity_date_time + SAFE_FOR
        if not verdict.detection_id:
            profile.restart_learning(risk.last_activity, "confirmed safe")
        profile.frozen = False
    elif verdict.action == "confirmCompromised":
        since = min((d.activity_date_time for d in detections), default=risk.last_activity)
        for detection in detections:
            for activity in detection.activities:
                profile.unlearn(activity, since)
            _unlearn_session(profile, detection.session_id, since)
        profile.frozen = True
    else:
        profile.frozen = False


def _unlearn_session(profile: Profile, session_id: str, since: int) -> None:
    """Forget what else came from the session: its later addresses and programs."""
    for anchor in profile.anchors:
        if session_id and anchor.activity.session_id == session_id:
            for feature, value in features_of(anchor.activity):
                seen = profile.recent(feature).get(value)
                if seen is not None and seen.first >= since:
                    profile.forget(feature, value)


def alike(ledger: Ledger, verdict: Verdict, detections: list[Detection]) -> list[Detection]:
    """Other open detections that the same answer settles: same type and key, called safe."""
    if verdict.action != "confirmSafe" or not verdict.detection_id:
        return []
    keys = {safe_key(detection) for detection in detections}
    judged = {detection.id for detection in detections}
    return [
        entry.detection
        for entry in ledger.risk.active()
        if entry.detection.risk_state is RiskState.AT_RISK
        and entry.detection.id not in judged
        and safe_key(entry.detection) in keys
    ]


def safe_key(detection: Detection) -> str:
    """Under which key a type stays quiet for the person."""
    return f"{detection.risk_event_type}|{detection.cooldown_key}"


def heard(ledger: Ledger, event: ReputationChange) -> None:
    """Re-judge open detections from an address at which somebody else was compromised."""
    for entry in ledger.risk.entries:
        if event.withdrawn:
            _withdraw(ledger, entry, event)
        elif entry.active and entry.detection.ip_address == event.judged_address:
            _raise(ledger, entry, event)


def _raise(ledger: Ledger, entry: Entry, event: ReputationChange) -> None:
    known, why = entry.detection, entry.detection.explanation
    apart = abs(event.judged_time - known.activity_date_time)
    if apart > REPUTATION_FOR or any(e.verdict_id == event.verdict_id for e in entry.echoes):
        return
    after = known.risk_level.step(+1)
    entry.echoes.append(Echo(event.verdict_id, known.risk_level, after))
    what = _what(event)
    known.risk_level = after
    known.last_updated_date_time = max(known.last_updated_date_time, event.time)
    known.explanation = msgspec.structs.replace(
        why,
        counter_evidence=(
            *why.counter_evidence,
            CounterEvidence(
                rule="reputation",
                label="compromise confirmed from the same address",
                applied=True,
                effect="+1 level",
                reason=what,
            ),
        ),
        level=msgspec.structs.replace(
            why.level, modifiers=(*why.level.modifiers, f"+1 reputation {what}"), final=after
        ),
    )
    ledger.changed(known)
    ledger.settle(event.time, event_types=(known.risk_event_type,), ids=(known.id,))


def _what(event: ReputationChange) -> str:
    return f"{event.who or 'somebody'} was compromised from {event.judged_address}"


def _withdraw(ledger: Ledger, entry: Entry, event: ReputationChange) -> None:
    echo = next((e for e in entry.echoes if e.verdict_id == event.verdict_id), None)
    if echo is None:
        return
    entry.echoes.remove(echo)
    what = _what(event)
    known, why = entry.detection, entry.detection.explanation
    if known.risk_level is echo.after:
        known.risk_level = echo.before
    known.last_updated_date_time = max(known.last_updated_date_time, event.time)
    known.explanation = msgspec.structs.replace(
        why,
        counter_evidence=tuple(c for c in why.counter_evidence if c.reason != what),
        level=msgspec.structs.replace(
            why.level,
            modifiers=tuple(m for m in why.level.modifiers if m != f"+1 reputation {what}"),
            final=known.risk_level,
        ),
    )
    ledger.changed(known)
    if known.risk_state.active:
        ledger.settle(event.time, event_types=(known.risk_event_type,), ids=(known.id,))
