"""Another product's own verdicts, taken over as they are and joined with ours.

A record that the product has closed is never raised again here; what it says is kept word for word.
"""

from __future__ import annotations

from collections.abc import Iterable

from risktui.detect.state import MINUTE
from risktui.model.events import Activity, ProductAlert, activity_of
from risktui.model.risk import (
    Detection,
    DetectionTimingType,
    Evidence,
    Explanation,
    LevelAlgebra,
    RiskLevel,
    RiskState,
    TimelineEntry,
)
from risktui.risk.ledger import Entry, Ledger

SAME_TIME = 30 * MINUTE
"""Two detections of one type and address within this are the same."""
CLOSED = {
    "confirmedSafe": (RiskState.CONFIRMED_SAFE, "adminConfirmedSigninSafe"),
    "dismissed": (RiskState.DISMISSED, "m365DAdminDismissedDetection"),
    "remediated": (RiskState.REMEDIATED, "none"),
}
"""riskState of a closed record, and its riskDetail where the record gives none.

`m365DAdminDismissedDetection`: an alert was closed in Defender XDR."""
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
    "none": RiskLevel.NONE,
}
"""Levels and severities; what a licence hides counts as medium, for sorting (S02)."""


BY_PASSWORD = frozenset(
    {
        "adminGeneratedTemporaryPassword",
        "userPerformedSecuredPasswordChange",
        "userPerformedSecuredPasswordReset",
    }
)
"""riskDetail of a remedy that ends everything there was, whoever had found it."""
HIDDEN = "generic"
"""riskEventType of a detection whose nature the licence hides; it may be any of ours (S02)."""


def is_about_risk(event: ProductAlert) -> bool:
    """Whether the alert is a risk detection, and not material for a detector of ours."""
    known = event.risk_event_type or event.risk_state in CLOSED
    return bool(known) or event.about == "person"


def take_over(ledger: Ledger, event: ProductAlert) -> None:
    """Join the alert with what we have, close what it closes, or add it.

    Of several versions of one alert the one that was changed last counts, in whatever order they
    come.
    """
    if not is_about_risk(event):
        return
    if event.about == "person":
        _stands(ledger, event)
        return
    known = _same(ledger, event)
    if any(_is_older(event, entry) for entry in known):
        return
    if known and event.risk_state in CLOSED:
        _close(ledger, event, known)
    elif known:
        _join(ledger, event, known[0])
    elif event.risk_event_type and not ledger.risk.is_deleted:
        _add(ledger, event)


def said_before(alike: Iterable[Entry], kind: str, about: Activity) -> Entry | None:
    """What the provider has said of the same that a detector of ours now finds.

    `alike` are the entries of that kind and those whose kind is hidden.
    """
    for entry in alike:
        theirs = entry.detection
        if not theirs.provider or theirs.risk_event_type not in {kind, HIDDEN}:
            continue
        same_sign_in = bool(theirs.request_id) and theirs.request_id == about.id
        if same_sign_in or (
            theirs.risk_event_type == kind
            and _is_near(theirs.activity_date_time, about.time)
            and theirs.ip_address == about.ip_address
        ):
            return entry
    return None


def says_no_level(theirs: dict[str, str]) -> bool:
    """Whether the licence hides the provider's level: what counts for sorting weighs no more."""
    return theirs.get("riskLevel", "").casefold() == "hidden"


def was_closed_by_provider(detection: Detection) -> bool:
    """Whether the provider itself has closed it: then it is not raised again."""
    return not detection.risk_state.active and detection.provider.get("riskState") in CLOSED


def _same(ledger: Ledger, event: ProductAlert) -> list[Entry]:
    def is_same(entry: Entry) -> bool:
        ours = entry.detection
        if _id(event) in (ours.id, ours.provider.get("id", "")):
            return True
        same_sign_in = bool(event.request_id) and ours.request_id == event.request_id
        if ours.risk_event_type != event.risk_event_type:
            return same_sign_in and event.risk_event_type in {"", HIDDEN}
        near = _is_near(ours.activity_date_time, event.time)
        return same_sign_in or (
            bool(event.risk_event_type) and near and ours.ip_address == event.ip_address
        )

    return [entry for entry in ledger.risk.entries if is_same(entry)]


def _is_near(one: int, other: int) -> bool:
    return abs(one - other) <= SAME_TIME


def _id(event: ProductAlert) -> str:
    return event.alert_id or event.id


def _updated(event: ProductAlert) -> int:
    return max(event.time, event.last_updated)


def _is_older(event: ProductAlert, entry: Entry) -> bool:
    """Whether a later version of the same alert is known."""
    theirs = entry.detection.provider
    is_version = bool(event.last_updated) and theirs.get("id") == _id(event)
    return is_version and event.last_updated < int(theirs.get("lastUpdated") or 0)


def _close(ledger: Ledger, event: ProductAlert, known: list[Entry]) -> None:
    state, detail = CLOSED[event.risk_state]
    by = event.product or "provider"
    for entry in known:
        entry.detection.provider = _word_for_word(event)
    still_open = [e.detection for e in known if e.active]
    if still_open:
        detail = event.risk_detail if event.risk_detail not in {"", "none"} else detail
        ledger.close(still_open, state, detail, _updated(event), by, "provider")
    for entry in known:
        if entry.detection not in still_open:
            ledger.changed(entry.detection)


def _join(ledger: Ledger, event: ProductAlert, entry: Entry) -> None:
    known, level = entry.detection, _level(event)
    reopens = was_closed_by_provider(known)
    known.provider = _word_for_word(event)
    if reopens:
        known.risk_state, known.risk_detail = OPEN[""], "none"
    elif event.risk_state == "confirmedCompromised" and entry.active:
        known.risk_state = OPEN[event.risk_state]
        known.risk_detail = event.risk_detail or known.risk_detail
    graver = level.rank > known.risk_level.rank and not says_no_level(known.provider)
    raised = entry.active and (reopens or graver)
    if raised and graver:
        known.risk_level = level
    known.last_updated_date_time = max(known.last_updated_date_time, _updated(event))
    ledger.changed(known)
    if entry.active:
        ids = (known.id,) if raised else ()
        ledger.settle(_updated(event), event_types=(known.risk_event_type,), ids=ids)


def _add(ledger: Ledger, event: ProductAlert) -> None:
    """A row of the provider's; closed ones too, so that we do not raise the same again."""
    risk, level = ledger.risk, _level(event)
    state = OPEN.get(event.risk_state, RiskState.AT_RISK)
    detail = event.risk_detail or "none"
    if event.risk_state in CLOSED:
        state, usual = CLOSED[event.risk_state]
        detail = detail if detail != "none" else usual
    elif event.time <= risk.closed_through and not risk.state.active:
        state, detail = risk.state, risk.detail  # late, already covered by what closed the rest
    detection = Detection(
        id=_id(event),
        risk_event_type=event.risk_event_type or HIDDEN,
        risk_level=level,
        risk_state=state,
        risk_detail=detail,
        request_id=event.request_id,
        correlation_id=event.correlation_id,
        source=event.product or "provider",
        origin="provider",
        detection_timing_type=TIMINGS.get(event.timing, "notDefined"),
        activity="signin" if event.request_id else "user",
        ip_address=event.ip_address,
        location=event.location,
        client=event.client,
        activity_date_time=event.time,
        detected_date_time=event.detected_at or event.time,
        last_updated_date_time=_updated(event),
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
    if state.active:
        types = (detection.risk_event_type,)
        ledger.settle(_updated(event), event_types=types, ids=(detection.id,))


def _stands(ledger: Ledger, event: ProductAlert) -> None:
    """How a whole person stands with the provider.

    The level of somebody who is closed there is stale and means nothing. Somebody at risk of whom
    nothing else is known gets one detection, because only the risky users may have been exported.
    """
    before = [e for e in ledger.risk.active() if e.detection.activity_date_time <= event.time]
    theirs = [entry for entry in before if entry.detection.provider]
    if event.risk_state in CLOSED:
        state, usual = CLOSED[event.risk_state]
        ended = before if event.risk_detail in BY_PASSWORD else theirs
        detail = event.risk_detail if event.risk_detail not in {"", "none"} else usual
        if ended:
            found = [entry.detection for entry in ended]
            ledger.close(found, state, detail, event.time, event.product, "provider")
    elif event.risk_state in OPEN and _level(event) is not RiskLevel.NONE and not theirs:
        _add(ledger, event)


TIMINGS: dict[str, DetectionTimingType] = {
    "realtime": "realtime",
    "nearRealtime": "nearRealtime",
    "offline": "offline",
}


def _level(event: ProductAlert) -> RiskLevel:
    return LEVELS.get(event.severity.casefold(), RiskLevel.MEDIUM)


def _word_for_word(event: ProductAlert) -> dict[str, str]:
    return {
        "id": _id(event),
        "lastUpdated": str(_updated(event)),
        "product": event.product,
        "riskLevel": event.severity,
        "riskState": event.risk_state,
        "riskDetail": event.risk_detail,
    }


def _explanation(event: ProductAlert, level: RiskLevel) -> Explanation:
    product = event.product or "the provider"
    hidden = event.risk_event_type == HIDDEN
    what = "a risk whose kind the licence hides" if hidden else event.title or event.risk_event_type
    evidence = Evidence(
        label=f"reported by {product}", observed=what, weight=1.0, event_ids=(event.id,)
    )
    because = f"{product} says {event.severity}"
    if event.severity.casefold() == "hidden":
        because = "the licence hides how grave it is: counted as medium until more is known"
    tips = (f"Open it in {product}: the evidence is there.",)
    if hidden:
        tips = ("What our own detectors found in the same sign-in joins this row and says why.",)
    return Explanation(
        headline=f"{product} reports {what}{'' if hidden else ' without telling why'}",
        evidence=(evidence,),
        timeline=(TimelineEntry(time=event.time, text=f"{product}: {what}", event_id=event.id),),
        level=LevelAlgebra(base=level, base_reason=because, final=level),
        what_would_change=("its own verdict in that product", "confirm safe or dismiss here"),
        tips=tips,
        rule={"id": event.risk_event_type, "version": product},
    )
