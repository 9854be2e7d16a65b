"""What people decide: confirm compromised, confirm safe, dismiss, and undo.

Each decision is an input event with an author; it changes the person's risk, what is learnt
(detections.md 4.6), and leaves one line of history. `undo` takes the latest one back exactly.
"""

from __future__ import annotations

import msgspec

from risktui.detect import Profile
from risktui.model.events import Verdict
from risktui.model.risk import Detection, RiskLevel, RiskState, VerdictResult
from risktui.risk.ledger import SAFE_FOR, Before, Ledger

MAX_UNDO = 8
STATE_WORDS = {
    RiskState.NONE: "no risk",
    RiskState.AT_RISK: "at risk",
    RiskState.CONFIRMED_COMPROMISED: "confirmed compromised",
    RiskState.CONFIRMED_SAFE: "confirmed safe",
    RiskState.DISMISSED: "dismissed",
    RiskState.REMEDIATED: "remediated",
}
USER_DETAIL = {
    "confirmCompromised": "adminConfirmedUserCompromised",
    "confirmSafe": "adminConfirmedAccountSafe",
    "dismiss": "adminDismissedAllRiskForUser",
}
DETECTION_DETAIL = {
    "confirmCompromised": "adminConfirmedSigninCompromised",
    "confirmSafe": "adminConfirmedSigninSafe",
    "dismiss": "adminDismissedRiskForSignIn",
}
STATE_OF = {
    "confirmCompromised": RiskState.CONFIRMED_COMPROMISED,
    "confirmSafe": RiskState.CONFIRMED_SAFE,
    "dismiss": RiskState.DISMISSED,
}


def judge(ledger: Ledger, verdict: Verdict) -> None:
    """Apply one verdict; its result, accepted or not, goes into the outcome."""
    risk = ledger.risk
    if any(before.verdict_id == verdict.id for before in risk.undoable):
        return  # the same row again, after a crash: already done
    if verdict.action == "undo":
        _undo(ledger, verdict)
        return
    refused = _refusal(ledger, verdict)
    if refused:
        _answer(ledger, verdict, accepted=False, message=refused)
        return
    was = risk.state
    before = _remember(ledger, verdict)
    detections = _judged(ledger, verdict)
    _teach(ledger, verdict, detections)
    for detection in detections:
        _mark(ledger, detection, verdict)
    _set_user(ledger, verdict, detections)
    before.profile_seen = ledger.profile.last_seen
    risk.undoable = [*risk.undoable, before][-MAX_UNDO:]
    many = f"{len(detections)} detection{'s' if len(detections) != 1 else ''}"
    change = f"{STATE_WORDS[was]} -> {STATE_WORDS[risk.state]}; {many}"
    _answer(ledger, verdict, accepted=True, message=f"{_name(ledger)}: {change}")


def _refusal(ledger: Ledger, verdict: Verdict) -> str:
    risk = ledger.risk
    if verdict.detection_id and risk.entry(verdict.detection_id) is None:
        return f"{_name(ledger)}: there is no detection {verdict.detection_id[:12]}"
    if verdict.detection_id:
        entry = risk.entry(verdict.detection_id)
        if entry and entry.detection.risk_state is STATE_OF[verdict.action]:
            return f"{_name(ledger)}: the detection is {_words(entry.detection.risk_state)} already"
        return ""
    if verdict.action in {"dismiss", "confirmSafe"} and not risk.state.active:
        return f"{_name(ledger)}: nothing to do, the user is {_words(risk.state)}"
    if risk.state is STATE_OF[verdict.action]:
        return f"{_name(ledger)}: the user is {_words(risk.state)} already"
    return ""


def _judged(ledger: Ledger, verdict: Verdict) -> list[Detection]:
    if verdict.detection_id:
        entry = ledger.risk.entry(verdict.detection_id)
        return [entry.detection] if entry else []
    return [entry.detection for entry in ledger.risk.active()]


def _mark(ledger: Ledger, detection: Detection, verdict: Verdict) -> None:
    details = DETECTION_DETAIL if verdict.detection_id else USER_DETAIL
    detection.risk_state = STATE_OF[verdict.action]
    detection.risk_detail = details[verdict.action]
    if verdict.action == "confirmCompromised" and verdict.detection_id:
        detection.risk_level = RiskLevel.HIGH
    detection.last_updated_date_time = max(detection.last_updated_date_time, verdict.time)
    ledger.outcome.detections.append(detection)


def _set_user(ledger: Ledger, verdict: Verdict, detections: list[Detection]) -> None:
    risk = ledger.risk
    if verdict.action == "confirmCompromised":
        details = DETECTION_DETAIL if verdict.detection_id else USER_DETAIL
        risk.state, risk.level = RiskState.CONFIRMED_COMPROMISED, RiskLevel.HIGH
        risk.detail = details[verdict.action]
    elif verdict.detection_id:
        ledger.aggregate(STATE_OF[verdict.action], DETECTION_DETAIL[verdict.action])
    else:
        risk.state, risk.level = STATE_OF[verdict.action], RiskLevel.NONE
        risk.detail = USER_DETAIL[verdict.action]
        risk.closed_through = max(risk.closed_through, risk.last_activity)
    _write(ledger, verdict, detections)


def _teach(ledger: Ledger, verdict: Verdict, detections: list[Detection]) -> None:
    profile, risk = ledger.profile, ledger.risk
    if verdict.action == "confirmSafe":
        for detection in detections:
            for activity in detection.activities:
                profile.learn_safe(activity)
            key = f"{detection.risk_event_type}|{detection.cooldown_key}"
            risk.safe_keys[key] = detection.activity_date_time + SAFE_FOR
        if not verdict.detection_id:
            profile.restart_learning(risk.last_activity, "confirmed safe")
        profile.frozen = False
    elif verdict.action == "confirmCompromised":
        since = min((d.activity_date_time for d in detections), default=risk.last_activity)
        for detection in detections:
            for activity in detection.activities:
                profile.unlearn(activity, since)
        profile.frozen = True
    else:
        profile.frozen = False


def _remember(ledger: Ledger, verdict: Verdict) -> Before:
    risk = ledger.risk
    return Before(
        verdict_id=verdict.id,
        action=verdict.action,
        detection_id=verdict.detection_id,
        level=risk.level,
        state=risk.state,
        detail=risk.detail,
        closed_through=risk.closed_through,
        detections=[
            (d.id, d.risk_level, d.risk_state, d.risk_detail) for d in _judged(ledger, verdict)
        ],
        safe_keys=dict(risk.safe_keys),
        profile=msgspec.msgpack.encode(ledger.profile),
        profile_seen=0,
    )


def _undo(ledger: Ledger, verdict: Verdict) -> None:
    risk = ledger.risk
    wanted = [
        b
        for b in risk.undoable
        if not verdict.detection_id or b.detection_id == verdict.detection_id
    ]
    if not wanted:
        _answer(ledger, verdict, accepted=False, message=f"{_name(ledger)}: nothing to undo")
        return
    before = wanted[-1]
    risk.undoable.remove(before)
    was = risk.state
    risk.level, risk.state, risk.detail = before.level, before.state, before.detail
    risk.closed_through, risk.safe_keys = before.closed_through, before.safe_keys
    restored = []
    for detection_id, level, state, detail in before.detections:
        entry = risk.entry(detection_id)
        if entry is not None:
            known = entry.detection
            known.risk_level, known.risk_state, known.risk_detail = level, state, detail
            known.last_updated_date_time = max(known.last_updated_date_time, verdict.time)
            ledger.outcome.detections.append(known)
            restored.append(known)
    _restore_habits(ledger.profile, before)
    if risk.state is not RiskState.CONFIRMED_COMPROMISED:
        ledger.aggregate(risk.state, risk.detail)  # something may have happened since
    _write(ledger, verdict, restored)
    words = f"{STATE_WORDS[was]} -> {STATE_WORDS[risk.state]}"
    message = f"{_name(ledger)}: {before.action} taken back; {words}"
    _answer(ledger, verdict, accepted=True, message=message)


def _restore_habits(profile: Profile, before: Before) -> None:
    """Put the habits back; what was learnt since the verdict stays on top of them."""
    old = msgspec.msgpack.decode(before.profile, type=Profile)
    if profile.last_seen == before.profile_seen:
        for field in Profile.__struct_fields__:
            setattr(profile, field, getattr(old, field))
        return
    profile.frozen = old.frozen
    profile.learning_since, profile.learning_reason = old.learning_since, old.learning_reason
    for feature, known in old.features.items():
        now = profile.recent(feature)
        for value, seen in known.values.items():
            now.values.setdefault(value, seen)
        for value in [
            v for v, s in now.values.items() if v not in known and s.last <= old.last_seen
        ]:
            now.forget(value)


def _write(ledger: Ledger, verdict: Verdict, detections: list[Detection]) -> None:
    ledger.write(
        verdict.time,
        event_types=tuple(sorted({d.risk_event_type for d in detections})),
        ids=tuple(d.id for d in detections),
        by=verdict.author or "unknown",
        initiator=verdict.author_kind,
        place=verdict.place,
        note=f"undo: {verdict.note}".rstrip(": ") if verdict.action == "undo" else verdict.note,
    )


def _answer(ledger: Ledger, verdict: Verdict, *, accepted: bool, message: str) -> None:
    ledger.outcome.verdicts.append(
        VerdictResult(
            verdict_id=verdict.id,
            accepted=accepted,
            message=message,
            user_id=ledger.risk.user_id,
            user_principal_name=ledger.risk.user_principal_name,
        )
    )


def _name(ledger: Ledger) -> str:
    return ledger.risk.user_principal_name or ledger.risk.user_id


def _words(state: RiskState) -> str:
    return STATE_WORDS[state]
