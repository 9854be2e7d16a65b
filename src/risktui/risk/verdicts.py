"""What people decide: confirm compromised, confirm safe, dismiss, and undo.

Each decision is an input event with an author; it changes the person's risk, what is learnt
(docs/life_of_a_risk.md), and leaves one line of history. `undo` takes the latest one back exactly.
"""

from __future__ import annotations

import msgspec

from risktui.detect import Profile
from risktui.model.events import Verdict
from risktui.model.ids import short_id
from risktui.model.risk import Detection, RiskLevel, RiskState, VerdictResult
from risktui.risk.confirmed import TYPE as CONFIRMED
from risktui.risk.confirmed import confirmed, taken_back
from risktui.risk.feedback import alike, safe_key, teach
from risktui.risk.ledger import Before, Ledger
from risktui.risk.sign_ins import judged_without_us

MAX_UNDO = 8
OWN_ACCOUNT = "own account"
"""Flag of a step of history whose author is the person it is about."""
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
    judged = _judged(ledger, verdict)
    rejudged = alike(ledger, verdict, judged)
    before = _remember(ledger, verdict, [*judged, *rejudged])
    teach(ledger, verdict, judged)
    if _makes_a_detection(ledger, verdict):
        before.made = confirmed(ledger, verdict).id
    for detection in (*judged, *rejudged):
        _mark(ledger, detection, verdict)
    if verdict.detection_id and not judged:
        before.judged_sign_in = verdict.detection_id
        judged_without_us(risk, verdict.detection_id, verdict.time, ledger.outcome)
    _set_user(ledger, verdict, [*judged, *rejudged])
    before.profile_seen = ledger.profile.last_seen
    risk.undoable = [*risk.undoable, before][-MAX_UNDO:]
    many = f"{len(judged)} detection{'s' if len(judged) != 1 else ''}"
    also = f"; {len(rejudged)} like it too" if rejudged else ""
    change = f"{STATE_WORDS[was]} -> {STATE_WORDS[risk.state]}; {many}{also}"
    _answer(ledger, verdict, accepted=True, message=f"{risk.name}: {change}")


def _refusal(ledger: Ledger, verdict: Verdict) -> str:
    risk = ledger.risk
    wanted = STATE_OF[verdict.action]
    if verdict.action == "confirmCompromised" and risk.is_deleted:
        return f"{risk.name}: the account is deleted; there is nothing left to protect"
    if verdict.detection_id:
        judged = _judged(ledger, verdict)
        if not judged and not _is_foreign_sign_in(verdict):
            return f"{risk.name}: there is no detection {short_id(verdict.detection_id)}"
        if judged and all(d.risk_state is wanted for d in judged):
            return f"{risk.name}: the detection is {STATE_WORDS[wanted]} already"
        return ""
    if verdict.action in {"dismiss", "confirmSafe"} and not risk.state.active:
        return f"{risk.name}: nothing to do, the user is {STATE_WORDS[risk.state]}"
    if risk.state is wanted and _whole_person_is(ledger, wanted):
        return f"{risk.name}: the user is {STATE_WORDS[risk.state]} already"
    return ""


def _makes_a_detection(ledger: Ledger, verdict: Verdict) -> bool:
    """Once in a risk's life (S03), and only where the person as a whole is judged."""
    if verdict.action != "confirmCompromised" or verdict.detection_id:
        return False
    return all(entry.detection.risk_event_type != CONFIRMED for entry in ledger.risk.active())


def _whole_person_is(ledger: Ledger, state: RiskState) -> bool:
    """Whether nothing is open that is not in `state`: else the verdict still says something."""
    return all(entry.detection.risk_state is state for entry in ledger.risk.active())


def _is_foreign_sign_in(verdict: Verdict) -> bool:
    """The provider's administrators judge sign-ins that we have no detection of."""
    return verdict.author_kind == "provider" and verdict.action == "confirmCompromised"


def _judged(ledger: Ledger, verdict: Verdict) -> list[Detection]:
    """The detection that is named, those of the sign-in that is named, or all open ones."""
    if verdict.detection_id:
        entry = ledger.risk.entry(verdict.detection_id)
        return [entry.detection] if entry else ledger.risk.of_sign_in(verdict.detection_id)
    return [entry.detection for entry in ledger.risk.active()]


def _mark(ledger: Ledger, detection: Detection, verdict: Verdict) -> None:
    details = DETECTION_DETAIL if verdict.detection_id else USER_DETAIL
    detection.risk_state = STATE_OF[verdict.action]
    detection.risk_detail = details[verdict.action]
    if verdict.action == "confirmCompromised" and verdict.detection_id:
        detection.risk_level = RiskLevel.HIGH
    detection.last_updated_date_time = max(detection.last_updated_date_time, verdict.time)
    ledger.changed(detection)


def _set_user(ledger: Ledger, verdict: Verdict, detections: list[Detection]) -> None:
    risk = ledger.risk
    if verdict.action == "confirmCompromised":
        details = DETECTION_DETAIL if verdict.detection_id else USER_DETAIL
        risk.state, risk.level = RiskState.CONFIRMED_COMPROMISED, RiskLevel.HIGH
        risk.detail = details[verdict.action]
        risk.elevated = max(risk.elevated, risk.last_activity)
    elif verdict.detection_id:
        ledger.aggregate(STATE_OF[verdict.action], DETECTION_DETAIL[verdict.action])
    else:
        risk.state, risk.level = STATE_OF[verdict.action], RiskLevel.NONE
        risk.detail = USER_DETAIL[verdict.action]
        risk.closed_through = max(risk.closed_through, risk.last_activity)
    _write(ledger, verdict, detections)


def _remember(ledger: Ledger, verdict: Verdict, touched: list[Detection]) -> Before:
    risk = ledger.risk
    return Before(
        verdict_id=verdict.id,
        action=verdict.action,
        detection_id=verdict.detection_id,
        level=risk.level,
        state=risk.state,
        detail=risk.detail,
        closed_through=risk.closed_through,
        detections=[(d.id, d.risk_level, d.risk_state, d.risk_detail) for d in touched],
        elevated=risk.elevated,
        safe_keys=dict(risk.safe_keys),
        frozen=ledger.profile.frozen,
        profile=b"" if verdict.action == "dismiss" else msgspec.msgpack.encode(ledger.profile),
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
        _answer(ledger, verdict, accepted=False, message=f"{ledger.risk.name}: nothing to undo")
        return
    before = wanted[-1]
    since = risk.undoable[risk.undoable.index(before) + 1 :]
    if _is_built_upon(before, since):
        message = f"{risk.name}: a later verdict stands; undo that first"
        _answer(ledger, verdict, accepted=False, message=message)
        return
    risk.undoable.remove(before)
    was = risk.state
    if not since:
        risk.level, risk.state, risk.detail = before.level, before.state, before.detail
        risk.closed_through, risk.safe_keys = before.closed_through, before.safe_keys
        risk.elevated = before.elevated
    taken_back(ledger, before.made, verdict.time)
    if before.judged_sign_in:
        _forget_sign_in(ledger, before.judged_sign_in, verdict.time)
    restored = _reopen(ledger, before, verdict.time)
    for known in restored if since else ():
        risk.safe_keys.pop(safe_key(known), None)
    _restore_habits(ledger.profile, before, merge=bool(since))
    if since or risk.state is not RiskState.CONFIRMED_COMPROMISED:
        ledger.aggregate(risk.state, risk.detail)  # something may have happened since
    _write(ledger, verdict, restored)
    words = f"{STATE_WORDS[was]} -> {STATE_WORDS[risk.state]}"
    message = f"{risk.name}: {before.action} taken back; {words}"
    _answer(ledger, verdict, accepted=True, message=message, undone=before.verdict_id)


def _is_built_upon(before: Before, since: list[Before]) -> bool:
    """Whether a later verdict judged what this one had left: then this one cannot go alone."""
    if any(not later.detection_id or later.judged_sign_in for later in since):
        return True
    mine = {detection_id for detection_id, *_ in before.detections}
    return any(mine & {detection_id for detection_id, *_ in b.detections} for b in since)


def _reopen(ledger: Ledger, before: Before, time: int) -> list[Detection]:
    restored = []
    for detection_id, level, state, detail in before.detections:
        entry = ledger.risk.entry(detection_id)
        if entry is not None:
            known = entry.detection
            known.risk_level, known.risk_state, known.risk_detail = level, state, detail
            known.last_updated_date_time = max(known.last_updated_date_time, time)
            ledger.changed(known)
            restored.append(known)
    return restored


def _forget_sign_in(ledger: Ledger, request_id: str, time: int) -> None:
    sign_in = ledger.risk.sign_ins.pop(request_id, None)
    if sign_in is not None:
        sign_in.risk_state, sign_in.risk_detail = RiskState.NONE, "none"
        sign_in.risk_level_aggregated = RiskLevel.NONE
        sign_in.risk_last_updated_date_time = time
        ledger.outcome.sign_ins.append(sign_in)


def _restore_habits(profile: Profile, before: Before, *, merge: bool) -> None:
    """Put the habits back; what was learnt since the verdict stays on top of them."""
    if not merge:
        profile.frozen = before.frozen
    if not before.profile:
        return  # nothing was taught
    old = msgspec.msgpack.decode(before.profile, type=Profile)
    if profile.last_seen == before.profile_seen and not merge:
        moves = max(profile.moves, old.moves) + 1  # what was compared with it was something else
        for field in Profile.__struct_fields__:
            setattr(profile, field, getattr(old, field))
        profile.moves = moves
        return
    profile.learning_since, profile.learning_reason = old.learning_since, old.learning_reason
    for feature, known in old.features.items():
        now = profile.recent(feature)
        for value, seen in known.values.items():
            now.values.setdefault(value, seen)
        for value in [
            v for v, s in now.values.items() if v not in known and s.last <= old.last_seen
        ]:
            profile.forget(feature, value)


def _write(ledger: Ledger, verdict: Verdict, detections: list[Detection]) -> None:
    ledger.write(
        verdict.time,
        event_types=tuple(sorted({d.risk_event_type for d in detections})),
        ids=tuple(d.id for d in detections),
        by=verdict.author or "unknown",
        initiator=verdict.author_kind,
        place=verdict.place,
        note=f"undo: {verdict.note}".rstrip(": ") if verdict.action == "undo" else verdict.note,
        flags=_flags(ledger, verdict),
    )


def _answer(
    ledger: Ledger, verdict: Verdict, *, accepted: bool, message: str, undone: str = ""
) -> None:
    ledger.outcome.verdicts.append(
        VerdictResult(
            verdict_id=verdict.id,
            accepted=accepted,
            message=message,
            user_id=ledger.risk.user_id,
            user_principal_name=ledger.risk.user_principal_name,
            flags=_flags(ledger, verdict),
            undone=undone,
        )
    )


def _flags(ledger: Ledger, verdict: Verdict) -> tuple[str, ...]:
    """Who judges their own account is free to, but not unseen."""
    upn = ledger.risk.user_principal_name
    own = {ledger.risk.user_id, upn, upn.partition("@")[0]} - {""}
    names = {verdict.author.casefold(), verdict.author_account.casefold()} - {""}
    return (OWN_ACCOUNT,) if own & names else ()
