"""Turns Microsoft's own risk detections and risky users into events."""

from __future__ import annotations

import re
from typing import Any, Literal

from risktui.logs.formats.entra_risk_record import RawRisk, RiskActivity
from risktui.logs.formats.fields import (
    embedded,
    folded,
    identifier,
    principal,
    record_id,
    strings,
    text,
)
from risktui.logs.formats.registry import OWN, NotRead, Reading
from risktui.logs.formats.sign_in_verdicts import PRODUCT
from risktui.logs.formats.where import location
from risktui.logs.times import parse_time
from risktui.model.addresses import canonical_address
from risktui.model.events import NO_CLIENT, Client, Event, ProductAlert, Verdict

DECISIONS: dict[str, Literal["confirmCompromised", "confirmSafe", "dismiss"]] = {
    "adminConfirmedUserCompromised": "confirmCompromised",
    "adminConfirmedAccountSafe": "confirmSafe",
    "adminDismissedAllRiskForUser": "dismiss",
}
"""riskDetail of a risky user whom an administrator has judged as a whole."""

_LEGACY = {
    "impossibletravel": "unlikelyTravel",
    "anonymousip": "anonymizedIPAddress",
    "suspiciousip": "suspiciousIPAddress",
    "unfamiliarlocation": "unfamiliarFeatures",
    "malware": "malwareInfectedIPAddress",
    "leakedcredentials": "leakedCredentials",
}
"""Types of the API of 2016 as they are called since."""

_SPELLINGS = {
    "anonymousipaddress": "anonymizedIPAddress",
    "impossibletravel": "mcasImpossibleTravel",
}
"""Other spellings that were seen, in lower case."""

_LEGACY_TYPE = re.compile(r"(?:#?microsoft\.graph\.)?(\w+)RiskEvent", re.IGNORECASE)
_STATES = {"active": "atRisk", "closed": "dismissed", "remediated": "remediated"}


def risk_events(raw: RawRisk, record: bytes, source: str, delivered: object) -> Reading:
    """The events of a risk detection, a risky user or a step of their history.

    `delivered` is when the record itself was written, for one that says no more.
    """
    if raw.source == "risktui":
        return NotRead(OWN)
    if raw.risk_last_updated_date_time is not None and not raw.detected_date_time:
        return _user(raw, record, source)
    changed = parse_time(raw.last_updated_date_time)
    detected = parse_time(raw.detected_date_time) or parse_time(raw.created_date_time)
    times = (raw.activity_date_time, raw.risk_event_date_time)
    happened = next(filter(None, map(parse_time, times)), None) or detected or changed
    if happened is None and (happened := parse_time(delivered)) is None:
        return NotRead("risk detection without a readable time", broken=True)
    updated = changed or detected or happened
    alert_id = record_id(raw.id, record)
    info = _information(raw.additional_info)
    kind = _type(raw)
    common = _common(raw, source) | {
        "operation": kind,
        "client": _client(raw.user_agent or info.get("useragent")),
    }
    return [
        ProductAlert(
            **common,
            time=happened,
            id=f"{alert_id}@{updated}",
            ip_address=canonical_address(raw.ip_address),
            location=location(raw.location if not _is_sentence(raw) else _place(raw)),
            correlation_id=text(raw.correlation_id),
            product=PRODUCT,
            title=info.get("alerttitle") or kind,
            severity=text(raw.risk_level).casefold(),
            category=", ".join(strings(info.get("riskreasons"))) or text(raw.source),
            risk_event_type=kind,
            risk_state=text(raw.risk_state)
            or _STATES.get(text(raw.risk_event_status).casefold(), ""),
            risk_detail=text(raw.risk_detail),
            request_id=text(raw.request_id),
            alert_id=alert_id,
            detected_at=detected or happened,
            last_updated=updated,
            timing=text(raw.detection_timing_type),
            about="user" if _activity(raw) == "user" else "signin",
        )
    ]


def _user(raw: RawRisk, record: bytes, source: str) -> Reading:
    """A risky user as the provider sees them: an administrator's verdict, or how they stand."""
    time = parse_time(raw.risk_last_updated_date_time)
    if time is None:
        return NotRead("risky user without a readable time", broken=True)
    activity = raw.activity if isinstance(raw.activity, RiskActivity) else RiskActivity()
    user_id = identifier(raw.user_id or raw.id)
    common = _common(raw, source) | {"user_id": user_id, "operation": "Risky user"}
    detail = text(activity.detail) or text(raw.risk_detail)
    event_id = f"{user_id or record_id(raw.id, record)}@{time}"
    author = identifier(raw.initiated_by)
    if detail in DECISIONS:
        decided: Event = Verdict(
            **common,
            time=time,
            id=event_id,
            action=DECISIONS[detail],
            author=author or PRODUCT,
            author_kind="provider",
        )
        return [decided]
    types = strings(activity.event_types) or strings(activity.risk_event_types)
    return [
        ProductAlert(
            **common,
            time=time,
            id=event_id,
            product=PRODUCT,
            title=", ".join(types),
            severity=text(raw.risk_level).casefold(),
            category="risky user",
            risk_state=text(raw.risk_state),
            risk_detail=detail,
            alert_id=user_id,
            detected_at=time,
            last_updated=time,
            about="person",
        )
    ]


def _common(raw: RawRisk, source: str) -> dict[str, Any]:
    name = principal(raw.user_principal_name)
    guest = raw.is_guest or "#ext#" in name
    return {
        "source": source,
        "tenant_id": identifier(raw.tenant_id or raw.resource_tenant_id or raw.home_tenant_id),
        "user_id": identifier(raw.user_id),
        "user_principal_name": name,
        "user_display_name": text(raw.user_display_name),
        "user_type": folded(raw.user_type) or ("guest" if guest else ""),
    }


def _type(raw: RawRisk) -> str:
    """`riskEventType` where there is one: `riskType` may say no more than `generic`."""
    named = text(raw.risk_event_type) or text(raw.risk_type)
    if match := _LEGACY_TYPE.fullmatch(named or text(raw.type)):
        return _LEGACY.get(match[1].casefold(), match[1])
    return _SPELLINGS.get(named.casefold(), named)


def _activity(raw: RawRisk) -> str:
    if isinstance(raw.activity, str) and raw.activity:
        return text(raw.activity).casefold()
    return "signin" if raw.request_id or raw.ip_address else "user"


def _information(raw: str | None) -> dict[str, str]:
    """`additionalInfo`: a list of keys and values inside a string, by the keys in lower case."""
    inner = embedded(raw) if raw else None
    found: dict[str, str] = {}
    for each in inner if isinstance(inner, list) else ():
        if isinstance(each, dict):
            lower = {str(key).casefold(): value for key, value in each.items()}
            value = lower.get("value")
            several = ", ".join(map(str, value)) if isinstance(value, list) else value
            found[str(lower.get("key", "")).casefold()] = text(str(several or ""))
    return found


def _client(agent: str | None) -> Client:
    return Client(user_agent=text(agent)) if agent else NO_CLIENT


def _is_sentence(raw: RawRisk) -> bool:
    return isinstance(raw.location, str) and "," in raw.location and "{" not in raw.location


def _place(raw: RawRisk) -> str:
    """The country of a place that is written as a sentence: `Moskva, Russia, RU`."""
    return raw.location.rpartition(",")[2].strip() if isinstance(raw.location, str) else ""
