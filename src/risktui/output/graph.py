"""Microsoft Graph's own JSON: `riskDetection`, `riskyUser`, `riskyUserHistoryItem`.

Property names and shapes are Graph's, so that tools made for it read ours unchanged. What we know
beyond Graph sits under one further key, `risktui`.
"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import msgspec

from risktui.model.events import NOWHERE, Location
from risktui.model.risk import (
    Detection,
    Json,
    PolicyResult,
    RiskLevel,
    RiskState,
    RiskyServicePrincipal,
    RiskyUser,
    RiskyUserHistoryItem,
)

_encode = msgspec.json.Encoder().encode

RISK_DETAILS = frozenset(
    {
        "none",
        "adminGeneratedTemporaryPassword",
        "userPerformedSecuredPasswordChange",
        "userPerformedSecuredPasswordReset",
        "adminConfirmedSigninSafe",
        "aiConfirmedSigninSafe",
        "userPassedMFADrivenByRiskBasedPolicy",
        "adminDismissedAllRiskForUser",
        "adminConfirmedSigninCompromised",
        "hidden",
        "adminConfirmedUserCompromised",
        "m365DAdminDismissedDetection",
        "adminConfirmedServicePrincipalCompromised",
        "adminDismissedAllRiskForServicePrincipal",
        "userChangedPasswordOnPremises",
        "adminDismissedRiskForSignIn",
        "adminConfirmedAccountSafe",
        "microsoftRevokedSessions",
    }
)
"""Graph's `riskDetail` in v1.0; its typed clients know no other words."""


def risk_detail(detail: str) -> str:
    """A word of Graph's enumeration: what Graph does not know it calls `unknownFutureValue`."""
    return detail if detail in RISK_DETAILS else "unknownFutureValue"


def iso(milliseconds: int) -> str:
    """ISO 8601 in UTC with milliseconds, as Graph writes it."""
    moment = datetime.fromtimestamp(milliseconds / 1000, UTC)
    return moment.strftime("%Y-%m-%dT%H:%M:%S.") + f"{milliseconds % 1000:03d}Z"


class Brief(msgspec.Struct, rename="camel", gc=False):
    """What `properties` needs of a detection; reading only this skips the explanation."""

    id: str
    risk_event_type: str
    risk_level: RiskLevel
    activity_date_time: int
    detected_date_time: int
    last_updated_date_time: int
    user_id: str
    risk_state: RiskState = RiskState.AT_RISK
    risk_detail: str = "none"
    request_id: str = ""
    correlation_id: str = ""
    source: str = "risktui"
    detection_timing_type: str = "offline"
    activity: str = "signin"
    token_issuer_type: str = "AzureAD"
    ip_address: str = ""
    location: Location = NOWHERE
    user_display_name: str = ""
    user_principal_name: str = ""


def risk_detection(detection: Detection, *, ingested: int | None = None) -> Json:
    """Graph's `riskDetection`. `ingested` is when we committed it (ms wall clock)."""
    extras: Json = {
        "origin": detection.origin,
        "origins": list(detection.origins),
        "count": detection.count,
        "eventIds": list(detection.event_ids),
        "sessionId": detection.session_id or None,
        "explanation": _explanation(detection),
        **_own_detail(detection.risk_detail),
    }
    if detection.policies:
        extras["policies"] = [policy_result(result) for result in detection.policies]
    if detection.provider:
        extras["provider"] = detection.provider
    if ingested is not None:
        lag = max(0, ingested - detection.activity_date_time) / 1000
        extras["timing"] = {"ingestedDateTime": iso(ingested), "computedLagSeconds": lag}
    return {
        **properties(detection),
        "additionalInfo": _additional_info(detection),
        "risktui": extras,
    }


def properties(detection: Detection | Brief) -> Json:
    """Graph's properties of a `riskDetection` but for `additionalInfo`."""
    return {
        "@odata.type": "#microsoft.graph.riskDetection",
        "id": detection.id,
        "requestId": detection.request_id or None,
        "correlationId": detection.correlation_id or None,
        "riskEventType": detection.risk_event_type,
        "riskState": str(detection.risk_state),
        "riskLevel": str(detection.risk_level),
        "riskDetail": risk_detail(detection.risk_detail),
        "source": detection.source,
        "detectionTimingType": detection.detection_timing_type,
        "activity": detection.activity,
        "tokenIssuerType": detection.token_issuer_type,
        "ipAddress": detection.ip_address or None,
        "location": sign_in_location(detection.location),
        "activityDateTime": iso(detection.activity_date_time),
        "detectedDateTime": iso(detection.detected_date_time),
        "lastUpdatedDateTime": iso(detection.last_updated_date_time),
        "userId": detection.user_id,
        "userDisplayName": detection.user_display_name or None,
        "userPrincipalName": detection.user_principal_name or None,
    }


def risky_user(user: RiskyUser) -> Json:
    """Graph's `riskyUser`."""
    return {
        "@odata.type": "#microsoft.graph.riskyUser",
        "id": user.id,
        "isDeleted": user.is_deleted,
        "isProcessing": False,
        "riskLastUpdatedDateTime": iso(user.risk_last_updated_date_time),
        "riskLevel": str(user.risk_level),
        "riskState": str(user.risk_state),
        "riskDetail": risk_detail(user.risk_detail),
        "userDisplayName": user.user_display_name or None,
        "userPrincipalName": user.user_principal_name or None,
        "risktui": {
            "priority": user.priority,
            "reason": user.reason or None,
            "riskEventTypes": list(user.risk_event_types),
            "openDetections": user.open_detections,
            "isGuest": user.is_guest,
            **_own_detail(user.risk_detail),
        },
    }


def history_item(item: RiskyUserHistoryItem, user: RiskyUser | None = None) -> Json:
    """Graph's `riskyUserHistoryItem`; what only `user` says is null without."""
    return {
        "@odata.type": "#microsoft.graph.riskyUserHistoryItem",
        "id": item.id,
        "userId": item.user_id,
        "isDeleted": user.is_deleted if user else None,
        "isProcessing": False,
        "userDisplayName": user.user_display_name or None if user else None,
        "userPrincipalName": item.user_principal_name or None,
        "riskLevel": str(item.risk_level),
        "riskState": str(item.risk_state),
        "riskDetail": risk_detail(item.risk_detail),
        "riskLastUpdatedDateTime": iso(item.time),
        "initiatedBy": item.initiated_by,
        "activity": {
            "riskEventTypes": list(item.event_types),
            "detail": risk_detail(item.risk_detail),
        },
        "risktui": {
            "initiator": item.initiator,
            "place": item.place or None,
            "note": item.note or None,
            "detectionIds": list(item.detection_ids),
            "flags": list(item.flags),
            **_own_detail(item.risk_detail),
        },
    }


def principal_detection(detection: Detection) -> Json:
    """Graph's `servicePrincipalRiskDetection`."""
    about = detection.activities[0] if detection.activities else None
    whole = properties(detection)
    same = (
        *("id", "requestId", "correlationId", "riskEventType", "riskState", "riskLevel"),
        *("riskDetail", "source", "detectionTimingType", "tokenIssuerType", "ipAddress"),
        *("location", "activityDateTime", "detectedDateTime", "lastUpdatedDateTime"),
    )
    return {
        "@odata.type": "#microsoft.graph.servicePrincipalRiskDetection",
        **{name: whole[name] for name in same},
        "activity": "servicePrincipal",
        "keyIds": [],
        "servicePrincipalId": detection.user_id,
        "servicePrincipalDisplayName": detection.user_display_name or None,
        "appId": (about.app_id if about is not None else "") or None,
        "additionalInfo": _additional_info(detection),
        "risktui": {
            "count": detection.count,
            "eventIds": list(detection.event_ids),
            "explanation": _explanation(detection),
        },
    }


def risky_principal(principal: RiskyServicePrincipal) -> Json:
    """Graph's `riskyServicePrincipal`."""
    return {
        "@odata.type": "#microsoft.graph.riskyServicePrincipal",
        "id": principal.id,
        "appId": principal.app_id or None,
        "displayName": principal.display_name or None,
        "isEnabled": None,
        "isProcessing": False,
        "riskDetail": risk_detail(principal.risk_detail),
        "riskLastUpdatedDateTime": iso(principal.risk_last_updated_date_time),
        "riskLevel": str(principal.risk_level),
        "riskState": str(principal.risk_state),
        "servicePrincipalType": "ManagedIdentity"
        if principal.is_managed_identity
        else "Application",
        "risktui": {
            "reason": principal.reason or None,
            "riskEventTypes": list(principal.risk_event_types),
            "openDetections": principal.open_detections,
        },
    }


def principal_step(item: RiskyUserHistoryItem, principal: RiskyServicePrincipal) -> Json:
    """Graph's `riskyServicePrincipalHistoryItem`."""
    then = msgspec.structs.replace(
        principal,
        id=item.id,
        risk_level=item.risk_level,
        risk_state=item.risk_state,
        risk_detail=item.risk_detail,
        risk_last_updated_date_time=item.time,
    )
    whole = {key: value for key, value in risky_principal(then).items() if key != "risktui"}
    return {
        **whole,
        "@odata.type": "#microsoft.graph.riskyServicePrincipalHistoryItem",
        "servicePrincipalId": principal.id,
        "initiatedBy": item.initiated_by,
        "activity": {
            "riskEventTypes": list(item.event_types),
            "detail": risk_detail(item.risk_detail),
        },
        "risktui": {"place": item.place or None, "note": item.note or None},
    }


def policy_result(result: PolicyResult) -> Json:
    """What a risk policy would have done, with its time in ISO."""
    built: Json = msgspec.to_builtins(result)
    built["time"] = iso(result.time)
    return built


def line(thing: Json) -> str:
    """One line of JSON."""
    return _encode(thing).decode()


def sign_in_location(place: Location) -> Json:
    """Graph's `signInLocation`."""
    return {
        "city": place.city or None,
        "state": place.state or None,
        "countryOrRegion": place.country_or_region or None,
        "geoCoordinates": {"latitude": place.latitude, "longitude": place.longitude},
    }


def _own_detail(detail: str) -> Json:
    """Our own word, where Graph has none."""
    return {} if detail in RISK_DETAILS else {"riskDetail": detail}


def _explanation(detection: Detection) -> Json:
    """The explanation with the keys of the struct, its times in ISO."""
    built: Json = msgspec.to_builtins(detection.explanation, str_keys=True)
    for entry in built.get("timeline", ()):
        entry["time"] = iso(entry["time"])
    return built


def _additional_info(detection: Detection) -> str:
    """A JSON string of [{Key, Value}], as Graph has it."""
    about, why = detection.activities[0] if detection.activities else None, detection.explanation
    pairs: list[tuple[str, Any]] = [
        ("userAgent", detection.client.user_agent),
        ("riskReasons", list(why.risk_reasons)),
        ("mitreTechniques", ",".join(why.mitre)),
        ("clientIp", detection.ip_address),
    ]
    if about is not None and len(detection.activities) > 1:
        other = detection.activities[1]
        pairs += [
            ("relatedEventTimeInUtc", iso(other.time)),
            ("relatedUserAgent", other.client.user_agent),
            (
                "relatedLocation",
                {
                    "clientIP": other.ip_address,
                    "latitude": other.location.latitude,
                    "longitude": other.location.longitude,
                    "asn": other.network.asn,
                    "countryCode": other.location.country_or_region,
                    "city": other.location.city,
                    "state": other.location.state,
                },
            ),
        ]
    return _encode([{"Key": key, "Value": value} for key, value in pairs if value]).decode()
