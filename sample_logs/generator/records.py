"""Sign-in records as the diagnostic settings of Entra write them (`SignInLogs` and its kin)."""

from __future__ import annotations

import base64
import uuid
from dataclasses import dataclass
from typing import TypeAlias

from sample_logs.generator.clients import Device
from sample_logs.generator.clock import day_of, iso
from sample_logs.generator.networks import Origin
from sample_logs.generator.outcomes import Outcome
from sample_logs.generator.people import Person
from sample_logs.generator.tenant import LEGACY_POLICY, MFA_POLICY, TENANT_ID, App

Json: TypeAlias = dict[str, object]

INTERACTIVE = "SignInLogs"
NON_INTERACTIVE = "NonInteractiveUserSignInLogs"
SERVICE_PRINCIPAL = "ServicePrincipalSignInLogs"
MANAGED_IDENTITY = "ManagedIdentitySignInLogs"
AUDIT = "AuditLogs"
CATEGORIES = (INTERACTIVE, NON_INTERACTIVE, SERVICE_PRINCIPAL, MANAGED_IDENTITY, AUDIT)

NO_RISK: Json = {
    "riskDetail": "none",
    "riskLevelAggregated": "none",
    "riskLevelDuringSignIn": "none",
    "riskState": "none",
    "riskEventTypes": [],
    "riskEventTypes_v2": [],
}


@dataclass(frozen=True)
class Presence:
    """Somebody, or somebody in their name, at a machine on a network."""

    person: Person
    device: Device
    origin: Origin


@dataclass(frozen=True)
class SignIn:
    """One sign-in before it is written down."""

    time: int
    request_id: str
    correlation_id: str
    session_id: str
    person: Person
    device: Device
    origin: Origin
    app: App
    outcome: Outcome
    interactive: bool = True
    protocol: str = "none"
    milliseconds: int = 100


def envelope(category: str, operation: str, properties: Json, **fields: object) -> Json:
    """The outer layer that every record shares; `time`, the delivery, is set when it is written."""
    return {
        "time": "",
        "resourceId": f"/tenants/{TENANT_ID}/providers/Microsoft.aadiam",
        "operationName": operation,
        "operationVersion": "1.0",
        "category": category,
        "tenantId": TENANT_ID,
        **fields,
        "properties": properties,
    }


def user_sign_in(sign_in: SignIn) -> Json:
    """A sign-in of a person, interactive or not."""
    outcome = sign_in.outcome
    described = {"resultDescription": outcome.reason} if outcome.reason else {}
    return envelope(
        INTERACTIVE if sign_in.interactive else NON_INTERACTIVE,
        "Sign-in activity",
        {**_who_and_where(sign_in), **_how(sign_in), **NO_RISK, **_what(sign_in)},
        resultType=str(outcome.code),
        resultSignature="None",
        **described,
        durationMs=0,
        callerIpAddress=sign_in.origin.address,
        correlationId=sign_in.correlation_id,
        identity=sign_in.person.name,
        Level=4,
        location=sign_in.origin.network.place.country,
    )


def _who_and_where(sign_in: SignIn) -> Json:
    person, outcome, day = sign_in.person, sign_in.outcome, day_of(sign_in.time)
    status: Json = {"errorCode": outcome.code}
    if outcome.reason:
        status["failureReason"] = outcome.reason
    if outcome.details:
        status["additionalDetails"] = outcome.details
    background = not sign_in.interactive
    return {
        "id": sign_in.request_id,
        "createdDateTime": iso(sign_in.time, "+00:00"),
        "userDisplayName": person.name,
        "userPrincipalName": person.upn,
        "userId": person.id,
        "appId": sign_in.app.id,
        "appDisplayName": sign_in.app.name,
        "ipAddress": sign_in.origin.address,
        "status": status,
        "clientAppUsed": sign_in.app.client_app,
        "userAgent": sign_in.device.user_agent(day, background=background),
        "deviceDetail": device_detail(sign_in),
        "location": location(sign_in.origin),
        "mfaDetail": _second_factor(outcome),
        "correlationId": sign_in.correlation_id,
    }


def device_detail(sign_in: SignIn) -> Json:
    """`deviceDetail`; what Entra does not know is left out, as in real records."""
    device, day = sign_in.device, day_of(sign_in.time)
    detail: Json = {"deviceId": device.id}
    if device.id:
        detail["displayName"] = device.name
    if device.system(day):
        detail["operatingSystem"] = device.system(day)
    rich = sign_in.app.client_app != "Browser" and not sign_in.interactive
    detail["browser"] = "Rich Client 5.8.1.0" if rich else device.browser(day)
    if device.id:
        managed = {"isCompliant": device.compliant, "isManaged": device.compliant}
        detail |= {**managed, "trustType": device.trust}
    return detail


def location(origin: Origin) -> Json:
    """`location` of an address."""
    place = origin.network.place
    return {
        "city": place.city,
        "state": place.state,
        "countryOrRegion": place.country,
        "geoCoordinates": {"latitude": place.latitude, "longitude": place.longitude},
    }


def _second_factor(outcome: Outcome) -> Json:
    pushed = any(step.method == "Mobile app notification" for step in outcome.steps)
    return {"authMethod": "Mobile app notification"} if pushed else {}


def _how(sign_in: SignIn) -> Json:
    outcome, network = sign_in.outcome, sign_in.origin.network
    named = "trustedNamedLocation" if network.trusted else "namedNetwork"
    where = [{"networkType": named, "networkNames": [network.named_location]}]
    return {
        "conditionalAccessStatus": outcome.policy,
        "appliedConditionalAccessPolicies": [
            _policy(MFA_POLICY, "Mfa", outcome.policy),
            _policy(LEGACY_POLICY, "Block", "notApplied"),
        ],
        "authenticationContextClassReferences": [],
        "originalRequestId": sign_in.request_id,
        "isInteractive": sign_in.interactive,
        "tokenIssuerName": "",
        "tokenIssuerType": "AzureAD",
        "authenticationProcessingDetails": [
            {"key": "Legacy TLS (TLS 1.0, 1.1, 3DES)", "value": "False"},
            {"key": "Is CAE Token", "value": "False"},
        ],
        "networkLocationDetails": where if network.named_location else [],
        "clientCredentialType": "none",
        "processingTimeInMilliseconds": sign_in.milliseconds,
        "authenticationDetails": _steps(sign_in),
        "authenticationRequirementPolicies": (
            [{"requirementProvider": "multiConditionalAccess", "detail": "Conditional Access"}]
            if outcome.multi_factor
            else []
        ),
        "sessionLifetimePolicies": [],
        "authenticationRequirement": (
            "multiFactorAuthentication" if outcome.multi_factor else "singleFactorAuthentication"
        ),
    }


def _policy(policy: tuple[str, str], control: str, result: str) -> Json:
    applied = result != "notApplied"
    return {
        "id": policy[0],
        "displayName": policy[1],
        "enforcedGrantControls": [control],
        "enforcedSessionControls": [],
        "result": result,
        "conditionsSatisfied": 23 if applied else 3,
        "conditionsNotSatisfied": 0 if applied else 16,
    }


def _steps(sign_in: SignIn) -> list[Json]:
    steps: list[Json] = []
    for number, step in enumerate(sign_in.outcome.steps):
        line: Json = {"authenticationStepDateTime": iso(sign_in.time, "+00:00")}
        if step.method:
            line["authenticationMethod"] = step.method
        if step.detail:
            line["authenticationMethodDetail"] = step.detail
        line |= {
            "succeeded": step.succeeded,
            "authenticationStepResultDetail": step.result,
            "authenticationStepRequirement": step.requirement,
        }
        if step.method:
            line |= {"StatusSequence": number, "RequestSequence": int(sign_in.outcome.password)}
        steps.append(line)
    return steps


def _what(sign_in: SignIn) -> Json:
    person, app = sign_in.person, sign_in.app
    token = "primaryRefreshToken" if sign_in.device.id else "refreshToken"
    return {
        "resourceDisplayName": app.resource_name,
        "resourceId": app.resource_id,
        "resourceTenantId": TENANT_ID,
        "homeTenantId": person.home_tenant,
        "tenantId": TENANT_ID,
        "alternateSignInName": person.upn if sign_in.interactive else "",
        "signInIdentifier": person.upn if sign_in.interactive else "",
        "servicePrincipalId": "",
        "userType": "Guest" if person.guest else "Member",
        "flaggedForReview": False,
        "isTenantRestricted": False,
        "autonomousSystemNumber": sign_in.origin.network.asn,
        "crossTenantAccessType": "b2bCollaboration" if person.guest else "none",
        "privateLinkDetails": {},
        "ssoExtensionVersion": "",
        "uniqueTokenIdentifier": token_identifier(sign_in.request_id),
        "authenticationStrengths": [],
        "incomingTokenType": "none" if sign_in.interactive else token,
        "authenticationProtocol": sign_in.protocol,
        "appServicePrincipalId": None,
        "rngcStatus": 0,
        "signInTokenProtectionStatus": "unbound",
        "originalTransferMethod": "none",
        "isThroughGlobalSecureAccess": False,
        "globalSecureAccessIpAddress": "",
        "sessionId": sign_in.session_id,
    }


def token_identifier(request_id: str) -> str:
    """The request's id as `uniqueTokenIdentifier` carries it: its bytes in base64url."""
    raw = uuid.UUID(request_id).bytes_le
    return base64.urlsafe_b64encode(raw).decode().rstrip("=")
