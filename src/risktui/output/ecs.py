"""Elastic Common Schema: detections as alerts, people and history as states and changes.

What ECS has no field for is under `risktui`, as in Graph's lines.
"""

from __future__ import annotations

from risktui.model.risk import Detection, Json, RiskLevel, RiskyUser, RiskyUserHistoryItem
from risktui.output import graph
from risktui.output.techniques import name_of, parent_of

VERSION = "8.17.0"

SCORES = {
    RiskLevel.NONE: 0,
    RiskLevel.LOW: 21,
    RiskLevel.MEDIUM: 47,
    RiskLevel.HIGH: 73,
    RiskLevel.HIDDEN: 47,
}
"""Elastic's own scores of the severities that its rules carry."""


def alert(detection: Detection, *, ingested: int | None = None) -> Json:
    """A detection. `ingested` is when we committed it (ms wall clock)."""
    why, shown = detection.explanation, graph.risk_detection(detection, ingested=ingested)
    signed_in = detection.activity == "signin"
    return _tidy(
        {
            "@timestamp": graph.iso(detection.activity_date_time),
            "ecs": {"version": VERSION},
            "message": why.headline,
            "event": {
                "id": detection.id,
                "kind": "alert",
                "category": ["iam", "authentication"] if signed_in else ["iam"],
                "type": ["info"],
                "action": detection.risk_event_type,
                "module": "risktui",
                "dataset": "risktui.detection",
                "provider": detection.origin,
                "reason": why.headline,
                "severity": SCORES[detection.risk_level],
                "risk_score": float(SCORES[detection.risk_level]),
                "start": graph.iso(detection.activity_date_time),
                "created": graph.iso(detection.detected_date_time),
                "ingested": None if ingested is None else graph.iso(ingested),
            },
            "user": _user(
                detection.user, detection.user_principal_name, detection.user_display_name
            ),
            "source": _source(detection),
            "user_agent": {
                "original": detection.client.user_agent,
                "name": detection.client.browser,
                "version": detection.client.browser_version,
                "os": {"full": detection.client.operating_system},
            },
            "organization": {"id": detection.tenant_id},
            "rule": {
                "id": why.rule.get("id", ""),
                "version": why.rule.get("version", ""),
                "name": detection.risk_event_type,
                "category": "Identity risk",
            },
            "threat": _threat(why.mitre),
            "related": {
                "user": [
                    name for name in (detection.user_principal_name, detection.user_id) if name
                ],
                "ip": sorted(
                    {a.ip_address for a in detection.activities if a.ip_address}
                    | ({detection.ip_address} if detection.ip_address else set())
                ),
            },
            "risktui": {
                **shown["risktui"],
                "riskEventType": detection.risk_event_type,
                "riskLevel": str(detection.risk_level),
                "riskState": str(detection.risk_state),
                "riskDetail": detection.risk_detail,
                "lastUpdatedDateTime": graph.iso(detection.last_updated_date_time),
            },
        }
    )


def user_state(user: RiskyUser) -> Json:
    """A person and how much at risk they are."""
    shown = graph.risky_user(user)
    person = _user(user.id, user.user_principal_name, user.user_display_name)
    person["risk"] = {
        "calculated_level": str(user.risk_level).capitalize(),
        "calculated_score": float(SCORES[user.risk_level]),
    }
    return _tidy(
        {
            "@timestamp": graph.iso(user.risk_last_updated_date_time),
            "ecs": {"version": VERSION},
            "message": user.reason,
            "event": {
                "kind": "state",
                "category": ["iam"],
                "type": ["user"],
                "action": str(user.risk_state),
                "module": "risktui",
                "dataset": "risktui.user",
                "severity": SCORES[user.risk_level],
            },
            "user": person,
            "organization": {"id": user.tenant_id},
            "related": {"user": _names(user.user_principal_name, user.id)},
            "risktui": {
                **shown["risktui"],
                "riskLevel": str(user.risk_level),
                "riskState": str(user.risk_state),
                "riskDetail": user.risk_detail,
            },
        }
    )


def change(item: RiskyUserHistoryItem) -> Json:
    """One step of somebody's risk: who brought it about, and why."""
    shown = graph.history_item(item)
    return _tidy(
        {
            "@timestamp": graph.iso(item.time),
            "ecs": {"version": VERSION},
            "message": item.note,
            "event": {
                "id": item.id,
                "kind": "event",
                "category": ["iam"],
                "type": ["user", "change"],
                "action": item.risk_detail if item.risk_detail != "none" else str(item.risk_state),
                "module": "risktui",
                "dataset": "risktui.history",
                "reason": item.note,
                "severity": SCORES[item.risk_level],
            },
            "user": _user(item.user_id, item.user_principal_name, ""),
            "related": {"user": _names(item.user_principal_name, item.user_id)},
            "risktui": {
                **shown["risktui"],
                "initiatedBy": item.initiated_by,
                "riskEventTypes": list(item.event_types),
                "riskLevel": str(item.risk_level),
                "riskState": str(item.risk_state),
                "riskDetail": item.risk_detail,
            },
        }
    )


def _user(user_id: str, principal: str, display: str) -> Json:
    return {
        "id": user_id,
        "name": principal or user_id,
        "email": principal if "@" in principal else "",
        "full_name": display,
        "domain": principal.rsplit("@", maxsplit=1)[-1] if "@" in principal else "",
    }


def _source(detection: Detection) -> Json:
    place = detection.location
    network = detection.activities[0].network if detection.activities else None
    source: Json = {
        "ip": detection.ip_address,
        "geo": {
            "country_iso_code": place.country_or_region,
            "region_name": place.state,
            "city_name": place.city,
        },
    }
    if place.known:
        source["geo"]["location"] = {"lat": place.latitude, "lon": place.longitude}
    if network is not None and network.asn:
        source["as"] = {"number": network.asn, "organization": {"name": network.organisation}}
    return source


def _threat(techniques: tuple[str, ...]) -> Json:
    if not techniques:
        return {}
    parents = list(dict.fromkeys(parent_of(t) for t in techniques))
    below = [t for t in techniques if parent_of(t) != t]
    return {
        "framework": "MITRE ATT&CK",
        "technique": {
            "id": parents,
            "name": [name_of(t) for t in parents],
            "subtechnique": {"id": below, "name": [name_of(t) for t in below]},
        },
    }


def _names(principal: str, user_id: str) -> list[str]:
    return [name for name in (principal, user_id) if name]


def _tidy(thing: Json) -> Json:
    """Without what is empty: in an index a missing field says more than an empty one."""
    kept = {k: _tidy(value) if isinstance(value, dict) else value for k, value in thing.items()}
    return {key: value for key, value in kept.items() if value not in ("", None, {}, [])}
