"""Another product's own verdicts, taken over as they are and joined with ours (0.9).

A record that the product has closed is never raised again here; what it says is kept word for word.
"""

from __future__ import annotations

from risktui.detect.state import MINUTE
from risktui.model.events import ProductAlert, activity_of
from risktui.model.risk import (
    Detection,
    Evidence,
    Explanation,
    LevelAlgebra,
    RiskLevel,
    RiskState,
    TimelineEntry,
)
from risktui.risk.ledger import Entry, Ledger

SAME_TIME = 30 * MINUTE
"""Two detections of one type and address within this are the same (0.9)."""
CLOSED = {
    "confirmedSafe": (RiskState.CONFIRMED_SAFE, "adminConfirmedSigninSafe"),
    "dismissed": (RiskState.DISMISSED, "m365DAdminDismissedDetection"),
    "remediated": (RiskState.REMEDIATED, "none"),
}
"""riskState of a closed record, and its riskDetail where the record gives none.

`m365DAdminDismissedDetection`: an alert was closed in Defender XDR (4.4)."""
OPEN = {
    "": RiskState.AT_RISK,
    "atRisk": RiskState.AT_RISK,
    "confirmedCompromised": RiskState.CONFIRMED_COMPROMISED,
}
LEVELS = {
    "low": RiskLevel.LOW,
    "informational": RiskLevel.LOW,
    "medium": RiskLevel.MEDIUM,
    "high": RiskLevel.HIGH,
    "hidden": RiskLevel.MEDIUM,
}
"""Levels and severities; what a licence hides counts as medium, for sorting (S02)."""


def is_about_risk(event: ProductAlert) -> bool:
    """Whether the alert is a risk detection, and not material for a detector of ours."""
    return bool(event.risk_event_type or event.risk_state in CLOSED)


def take_over(ledger: Ledger, event: ProductAlert) -> None:
    """Join the alert with what we have, close what it closes, or add it."""
    if not is_about_risk(event):
        return
    known = _same(ledger, event)
    if event.risk_state in CLOSED:
        _close(ledger, event, known)
    elif known:
        _join(ledger, event, known[0])
    elif not ledger.risk.is_deleted:
        _add(ledger, event)


def _same(ledger: Ledger, event: ProductAlert) -> list[Entry]:
    def is_same(entry: Entry) -> bool:
        ours = entry.detection
        if event.id in (ours.id, ours.provider.get("id", "")):
            return True
        if event.risk_event_type and ours.risk_event_type != event.risk_event_type:
            return False
        if event.request_id:
            return ours.request_id == event.request_id
        near = abs(ours.activity_date_time - event.time) <= SAME_TIME
        return bool(event.risk_event_type) and near and ours.ip_address == event.ip_address

    return [entry for entry in ledger.risk.entries if is_same(entry)]


def _close(ledger: Ledger, event: ProductAlert, known: list[Entry]) -> None:
    state, detail = CLOSED[event.risk_state]
    for entry in known:
        entry.detection.provider = _word_for_word(event)
    still_open = [e.detection for e in known if e.detection.risk_state is RiskState.AT_RISK]
    if still_open:
        ledger.close(
            still_open, state, event.risk_detail or detail, event.time, event.product, "provider"
        )


def _join(ledger: Ledger, event: ProductAlert, entry: Entry) -> None:
    known, level = entry.detection, _level(event)
    known.provider = _word_for_word(event)
    raised = entry.active and level.rank > known.risk_level.rank
    if raised:
        known.risk_level = level
    known.last_updated_date_time = max(known.last_updated_date_time, event.time)
    ledger.changed(known)
    if entry.active:
        ids = (known.id,) if raised else ()
        ledger.settle(event.time, event_types=(known.risk_event_type,), ids=ids)


def _add(ledger: Ledger, event: ProductAlert) -> None:
    risk, level = ledger.risk, _level(event)
    state = OPEN.get(event.risk_state, RiskState.AT_RISK)
    detection = Detection(
        id=event.id,
        risk_event_type=event.risk_event_type,
        risk_level=level,
        risk_state=state,
        risk_detail=event.risk_detail or "none",
        request_id=event.request_id,
        correlation_id=event.correlation_id,
        source=event.product or "provider",
        origin="provider",
        activity="signin" if event.request_id else "user",
        ip_address=event.ip_address,
        location=event.location,
        client=event.client,
        activity_date_time=event.time,
        detected_date_time=event.time,
        last_updated_date_time=event.time,
        user_id=risk.user_id,
        user_display_name=risk.user_display_name,
        user_principal_name=risk.user_principal_name,
        tenant_id=risk.tenant_id,
        event_ids=(event.id,),
        activities=(activity_of(event),),
        provider=_word_for_word(event),
        explanation=_explanation(event, level),
    )
    risk.entries.append(Entry(detection=detection))
    ledger.changed(detection)
    ledger.settle(event.time, event_types=(event.risk_event_type,), ids=(event.id,))


def _level(event: ProductAlert) -> RiskLevel:
    return LEVELS.get(event.severity.casefold(), RiskLevel.MEDIUM)


def _word_for_word(event: ProductAlert) -> dict[str, str]:
    return {
        "id": event.id,
        "product": event.product,
        "riskLevel": event.severity,
        "riskState": event.risk_state,
        "riskDetail": event.risk_detail,
    }


def _explanation(event: ProductAlert, level: RiskLevel) -> Explanation:
    product = event.product or "the provider"
    what = event.title or event.risk_event_type
    evidence = Evidence(
        label=f"reported by {product}", observed=what, weight=1.0, event_ids=(event.id,)
    )
    return Explanation(
        headline=f"{product} reports {what} without telling why",
        evidence=(evidence,),
        timeline=(TimelineEntry(time=event.time, text=f"{product}: {what}", event_id=event.id),),
        level=LevelAlgebra(base=level, base_reason=f"{product} says {event.severity}", final=level),
        what_would_change=("its own verdict in that product", "confirm safe or dismiss here"),
        tips=(f"Open it in {product}: the evidence is there.",),
        rule={"id": event.risk_event_type, "version": product},
    )
