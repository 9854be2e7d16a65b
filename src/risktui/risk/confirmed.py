"""The detection that a confirmed compromise makes of itself (card S03)."""

from __future__ import annotations

import msgspec

from risktui.model.events import Verdict, activity_of
from risktui.model.ids import short_id, stable_id
from risktui.model.risk import (
    TAKEN_BACK,
    Detection,
    Evidence,
    Explanation,
    LevelAlgebra,
    RiskLevel,
    RiskState,
    TimelineEntry,
)
from risktui.risk.ledger import Entry, Ledger

TYPE = "adminConfirmedUserCompromised"
TIPS = (
    "Reset the password and revoke all sessions now.",
    "Check the methods of multifactor authentication and the devices registered since.",
    "Block the account if the attacker can pass the second factor.",
    "Look for inbox rules, consents and files touched since the first detection.",
)
"""What Microsoft's guide to remediation asks for, in its order."""
MAX_SNAPSHOT = 8
"""Open detections named in the evidence; the history item names all."""


def confirmed(ledger: Ledger, verdict: Verdict) -> Detection:
    """Add the detection; its activity is the person's latest, its detection the verdict."""
    risk = ledger.risk
    snapshot = [entry.detection for entry in risk.active()]
    detection = Detection(
        id=stable_id(TYPE, risk.user_id, verdict.id),
        risk_event_type=TYPE,
        risk_level=RiskLevel.HIGH,
        risk_state=RiskState.CONFIRMED_COMPROMISED,
        risk_detail=TYPE,
        origin="provider" if verdict.author_kind == "provider" else "risktui",
        activity="user",
        activity_date_time=risk.last_activity or verdict.time,
        detected_date_time=verdict.time,
        last_updated_date_time=verdict.time,
        user_id=risk.user_id,
        user_display_name=risk.user_display_name,
        user_principal_name=risk.user_principal_name,
        tenant_id=risk.tenant_id,
        event_ids=(verdict.id,),
        activities=(activity_of(verdict),),
        explanation=_explanation(ledger, verdict, snapshot),
    )
    risk.entries.append(Entry(detection=detection, family="user report"))
    ledger.changed(detection)
    return detection


def taken_back(ledger: Ledger, detection_id: str, time: int) -> None:
    """Undo: the detection leaves the person; its row stays, closed, and says so."""
    entry = ledger.risk.entry(detection_id)
    if entry is None:
        return
    ledger.risk.entries.remove(entry)
    made = entry.detection
    made.risk_state, made.risk_detail = RiskState.DISMISSED, TAKEN_BACK
    made.last_updated_date_time = max(made.last_updated_date_time, time)
    was = made.explanation
    made.explanation = msgspec.structs.replace(
        was,
        headline=f"taken back: {was.headline}",
        timeline=(*was.timeline, TimelineEntry(time=time, text="taken back")),
        what_would_change=(),
        tips=(),  # nothing is left to do
    )
    ledger.changed(made)


def _explanation(ledger: Ledger, verdict: Verdict, snapshot: list[Detection]) -> Explanation:
    author = verdict.author or "an administrator"
    by = f"{author} ({verdict.place})" if verdict.place else author
    evidence = [Evidence(label="confirmed by", observed=by, weight=1.0, event_ids=(verdict.id,))]
    if verdict.note:
        evidence.append(Evidence(label="reason given", observed=verdict.note))
    evidence += [
        Evidence(
            label="open at that moment",
            observed=f"{known.risk_event_type} {known.risk_level}, {short_id(known.id)}",
            event_ids=known.event_ids[:1],
        )
        for known in snapshot[:MAX_SNAPSHOT]
    ]
    return Explanation(
        headline=f"{author} confirmed that {ledger.risk.name} was compromised",
        evidence=tuple(evidence),
        timeline=(
            TimelineEntry(time=verdict.time, text=f"confirmed by {by}", event_id=verdict.id),
        ),
        level=LevelAlgebra(
            base=RiskLevel.HIGH,
            base_reason="a person's decision",
            final=RiskLevel.HIGH,
        ),
        what_would_change=("dismiss, confirm safe or a secure new password ends it", "undo"),
        mitre=("T1078.004",),
        tips=TIPS,
        rule={"id": TYPE, "version": "1"},
    )
