"""Sign-ins of accounts without a person: service principals and managed identities."""

from __future__ import annotations

from sample_logs.generator.clock import iso
from sample_logs.generator.networks import CLOUD
from sample_logs.generator.records import (
    MANAGED_IDENTITY,
    NO_RISK,
    SERVICE_PRINCIPAL,
    Json,
    envelope,
    location,
    token_identifier,
)
from sample_logs.generator.tenant import TENANT_ID, Workload


def sign_in_of(time: int, workload: Workload, request_id: str, correlation_id: str) -> Json:
    """A sign-in of a service principal or a managed identity."""
    origin = CLOUD.address(17)
    address = {} if workload.managed else {"callerIpAddress": origin.address}
    properties: Json = {
        "id": request_id,
        "createdDateTime": iso(time, "+00:00"),
        "userId": None,
        "appId": workload.app_id,
        "ipAddress": "" if workload.managed else origin.address,
        "status": {"errorCode": 0},
        "location": location(origin) if not workload.managed else _nowhere(),
        "correlationId": correlation_id,
        "conditionalAccessStatus": "notApplied",
        "appliedConditionalAccessPolicies": [],
        "isInteractive": False,
        "tokenIssuerType": "AzureAD",
        "authenticationProcessingDetails": [
            {"key": "Azure AD App Authentication Library", "value": "Family: MSAL.NET 4.76.0.0"}
        ],
        "clientCredentialType": "managedIdentity" if workload.managed else "certificate",
        "processingTimeInMilliseconds": 0,
        **NO_RISK,
        "riskLevelAggregated": "low",  # what every such record says; it is no risk
        "riskLevelDuringSignIn": "low",
        "resourceDisplayName": workload.resource_name,
        "resourceId": workload.resource_id,
        "resourceTenantId": TENANT_ID,
        "homeTenantId": TENANT_ID,
        "tenantId": TENANT_ID,
        "servicePrincipalId": workload.id,
        "servicePrincipalName": workload.name,
        "servicePrincipalCredentialKeyId": "" if workload.managed else workload.credential_id,
        "managedIdentityType": "systemAssigned" if workload.managed else "none",
        "crossTenantAccessType": "none",
        "flaggedForReview": False,
        "isTenantRestricted": False,
        "autonomousSystemNumber": 0 if workload.managed else origin.network.asn,
        "uniqueTokenIdentifier": token_identifier(request_id),
        "incomingTokenType": "none",
        "authenticationProtocol": "none",
    }
    return envelope(
        MANAGED_IDENTITY if workload.managed else SERVICE_PRINCIPAL,
        "Sign-in activity",
        properties,
        resultType="0",
        resultSignature="None",
        durationMs=0,
        **address,
        correlationId=correlation_id,
        Level=4,
        location="" if workload.managed else origin.network.place.country,
    )


def _nowhere() -> Json:
    nothing: Json = {"latitude": 0.0, "longitude": 0.0}
    return {"city": "", "state": "", "countryOrRegion": "", "geoCoordinates": nothing}
