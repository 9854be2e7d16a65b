"""OCSF Detection Finding (class 2004): one event for each change of a detection.

Ids and captions are those of OCSF 1.5. What OCSF has no place for (Graph's state and detail, the
explanation) is under `unmapped`, where the schema wants it.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import risktui
from risktui.model.risk import Detection, Json, RiskLevel, RiskState
from risktui.output import graph
from risktui.output.techniques import name_of, parent_of

VERSION = "1.5.0"
CLASS = 2004

_SEVERITIES = {
    RiskLevel.NONE: (1, "Informational"),
    RiskLevel.LOW: (2, "Low"),
    RiskLevel.MEDIUM: (3, "Medium"),
    RiskLevel.HIGH: (4, "High"),
    RiskLevel.HIDDEN: (0, "Unknown"),
}
_RISK_LEVELS = {
    RiskLevel.NONE: (0, "Info"),
    RiskLevel.LOW: (1, "Low"),
    RiskLevel.MEDIUM: (2, "Medium"),
    RiskLevel.HIGH: (3, "High"),
}
_STATUSES = {
    RiskState.NONE: (0, "Unknown"),
    RiskState.AT_RISK: (1, "New"),
    RiskState.CONFIRMED_COMPROMISED: (2, "In Progress"),
    RiskState.CONFIRMED_SAFE: (3, "Suppressed"),
    RiskState.DISMISSED: (3, "Suppressed"),
    RiskState.REMEDIATED: (4, "Resolved"),
}


def detection_finding(detection: Detection, *, ingested: int | None = None) -> Json:
    """OCSF's Detection Finding. `ingested` is when we committed it (ms wall clock)."""
    activity_id, activity_name = _activity(detection)
    severity_id, severity = _SEVERITIES[detection.risk_level]
    status_id, status = _STATUSES[detection.risk_state]
    why = detection.explanation
    finding: Json = {
        "class_uid": CLASS,
        "class_name": "Detection Finding",
        "category_uid": 2,
        "category_name": "Findings",
        "activity_id": activity_id,
        "activity_name": activity_name,
        "type_uid": CLASS * 100 + activity_id,
        "type_name": f"Detection Finding: {activity_name}",
        "time": detection.last_updated_date_time,
        "start_time": detection.activity_date_time,
        "end_time": max(detection.activity_date_time, *(a.time for a in detection.activities), 0),
        "count": detection.count,
        "message": why.headline,
        "severity_id": severity_id,
        "severity": severity,
        "status_id": status_id,
        "status": status,
        "status_detail": detection.risk_detail,
        "metadata": _metadata(detection, ingested),
        "finding_info": _finding_info(detection),
        "evidences": list(_evidences(detection)),
        "resources": [_resource(detection)],
        "observables": list(_observables(detection)),
        "unmapped": {
            "riskState": str(detection.risk_state),
            "riskDetail": detection.risk_detail,
            "riskLevel": str(detection.risk_level),
            "risktui": graph.risk_detection(detection, ingested=ingested)["risktui"],
        },
    }
    if detection.risk_level in _RISK_LEVELS:
        finding["risk_level_id"], finding["risk_level"] = _RISK_LEVELS[detection.risk_level]
    if why.tips:
        finding["remediation"] = {"desc": " ".join(why.tips)}
    return finding


def _activity(detection: Detection) -> tuple[int, str]:
    if not detection.risk_state.active:
        return 3, "Close"
    if detection.last_updated_date_time > detection.detected_date_time or detection.count > 1:
        return 2, "Update"
    return 1, "Create"


def _metadata(detection: Detection, ingested: int | None) -> Json:
    metadata: Json = {
        "version": VERSION,
        "uid": detection.id,
        "event_code": detection.risk_event_type,
        "product": {
            "name": "risktui",
            "vendor_name": "risktui",
            "version": risktui.__version__,
        },
    }
    if ingested is not None:
        metadata["logged_time"] = ingested
    if detection.correlation_id:
        metadata["correlation_uid"] = detection.correlation_id
    if detection.tenant_id:
        metadata["tenant_uid"] = detection.tenant_id
    return metadata


def _finding_info(detection: Detection) -> Json:
    why = detection.explanation
    info: Json = {
        "uid": detection.id,
        "title": why.headline,
        "types": [detection.risk_event_type],
        "created_time": detection.detected_date_time,
        "modified_time": detection.last_updated_date_time,
        "first_seen_time": detection.activity_date_time,
        "last_seen_time": max(detection.activity_date_time, detection.last_updated_date_time),
        "analytic": {
            "name": detection.risk_event_type,
            "uid": why.rule.get("id", detection.risk_event_type),
            "version": why.rule.get("version", ""),
            "type_id": 1,
            "type": "Rule",
        },
        "related_events": [{"uid": event_id, "type": "log"} for event_id in detection.event_ids],
    }
    if why.mitre:
        info["attacks"] = [_attack(technique) for technique in why.mitre]
    return info


def _attack(technique: str) -> Json:
    parent = parent_of(technique)
    attack: Json = {"technique": {"uid": parent, "name": name_of(parent)}}
    if parent != technique:
        attack["sub_technique"] = {"uid": technique, "name": name_of(technique)}
    return attack


def _user(detection: Detection) -> Json:
    name = detection.user_principal_name or detection.user
    user: Json = {
        "name": name,
        "uid": detection.user,
        "type_id": 1,
        "type": "User",
        "account": {
            "name": name,
            "uid": detection.user,
            "type_id": 6,
            "type": "Azure AD Account",
        },
    }
    if "@" in detection.user_principal_name:
        user["email_addr"] = detection.user_principal_name
    return user


def _resource(detection: Detection) -> Json:
    name = detection.user_principal_name or detection.user
    return {"uid": detection.user, "name": name, "type": "User", "owner": _user(detection)}


def _evidences(detection: Detection) -> Iterator[Json]:
    """What happened, the judged activity first, then the reasons with their weights."""
    for activity in detection.activities:
        place, network = activity.location, activity.network
        endpoint: Json = {"ip": activity.ip_address} if activity.ip_address else {}
        if network.asn:
            endpoint["autonomous_system"] = {"number": network.asn, "name": network.organisation}
        if place.country_or_region:
            endpoint["location"] = {
                "country": place.country_or_region,
                "city": place.city,
                "region": place.state,
            }
        evidence: Json = {
            "name": activity.operation or "activity",
            "data": {"eventId": activity.id, "userAgent": activity.client.user_agent},
            "actor": {"user": _user(detection)},
        }
        if endpoint:
            evidence["src_endpoint"] = endpoint
        yield evidence
    for line in detection.explanation.evidence:
        yield {
            "name": line.label,
            "data": {"observed": line.observed, "usual": line.baseline, "weight": line.weight},
        }


def _observables(detection: Detection) -> Iterator[Json]:
    found: tuple[tuple[str, str, int, Any], ...] = (
        ("resources.owner.name", "User Name", 4, detection.user_principal_name),
        ("resources.uid", "Resource UID", 10, detection.user_id),
        ("evidences.src_endpoint.ip", "IP Address", 2, detection.ip_address),
    )
    for name, kind, type_id, value in found:
        if value:
            yield {"name": name, "type": kind, "type_id": type_id, "value": value}
