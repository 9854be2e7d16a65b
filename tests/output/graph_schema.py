"""Microsoft Graph v1.0's own definitions of what we emit: properties, types, enumerations.

From the CSDL of `microsoft.graph` (https://graph.microsoft.com/v1.0/$metadata): riskDetection,
riskyUser, riskyUserHistoryItem (which derives from riskyUser), riskUserActivity, signInLocation,
geoCoordinates, and the enumerations riskLevel, riskState, riskDetail, activityType,
riskDetectionTimingType, tokenIssuerType. Edm.DateTimeOffset is ISO 8601 in UTC.
"""

from __future__ import annotations

import re
from datetime import datetime
from typing import Any, TypeAlias

Table: TypeAlias = dict[str, Any]

RISK_LEVEL = {"low", "medium", "high", "hidden", "none", "unknownFutureValue"}
RISK_STATE = {
    "none",
    "confirmedSafe",
    "remediated",
    "dismissed",
    "atRisk",
    "confirmedCompromised",
    "unknownFutureValue",
}
RISK_DETAIL = {
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
    "unknownFutureValue",
    "m365DAdminDismissedDetection",
    "adminConfirmedServicePrincipalCompromised",
    "adminDismissedAllRiskForServicePrincipal",
    "userChangedPasswordOnPremises",
    "adminDismissedRiskForSignIn",
    "adminConfirmedAccountSafe",
    "microsoftRevokedSessions",
}
TIMING = {"notDefined", "realtime", "nearRealtime", "offline", "unknownFutureValue"}
ACTIVITY = {"signin", "user", "unknownFutureValue", "servicePrincipal"}
ISSUER = {
    "AzureAD",
    "ADFederationServices",
    "UnknownFutureValue",
    "AzureADBackupAuth",
    "ADFederationServicesMFAAdapter",
    "NPSExtension",
}

GEO: Table = {"altitude": float, "latitude": float, "longitude": float}
LOCATION: Table = {"city": str, "countryOrRegion": str, "geoCoordinates": GEO, "state": str}
USER_ACTIVITY: Table = {"detail": RISK_DETAIL, "riskEventTypes": [str]}

RISK_DETECTION: Table = {
    "id": str,
    "activity": ACTIVITY,
    "activityDateTime": datetime,
    "additionalInfo": str,
    "correlationId": str,
    "detectedDateTime": datetime,
    "detectionTimingType": TIMING,
    "ipAddress": str,
    "lastUpdatedDateTime": datetime,
    "location": LOCATION,
    "requestId": str,
    "riskDetail": RISK_DETAIL,
    "riskEventType": str,
    "riskLevel": RISK_LEVEL,
    "riskState": RISK_STATE,
    "source": str,
    "tokenIssuerType": ISSUER,
    "userDisplayName": str,
    "userId": str,
    "userPrincipalName": str,
}
RISKY_USER: Table = {
    "id": str,
    "isDeleted": bool,
    "isProcessing": bool,
    "riskDetail": RISK_DETAIL,
    "riskLastUpdatedDateTime": datetime,
    "riskLevel": RISK_LEVEL,
    "riskState": RISK_STATE,
    "userDisplayName": str,
    "userPrincipalName": str,
}
HISTORY_ITEM: Table = {
    **RISKY_USER,
    "activity": USER_ACTIVITY,
    "initiatedBy": str,
    "userId": str,
}
BY_TYPE = {
    "#microsoft.graph.riskDetection": RISK_DETECTION,
    "#microsoft.graph.riskyUser": RISKY_USER,
    "#microsoft.graph.riskyUserHistoryItem": HISTORY_ITEM,
}
OURS = {"@odata.type", "risktui"}

MOMENT = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{1,7})?Z")


def faults(thing: dict[str, Any]) -> list[str]:
    """Where an object that says its type departs from Graph's definition; empty is good.

    Every property of the type must be there (null is allowed), and nothing else besides `risktui`.
    """
    table = BY_TYPE[thing["@odata.type"]]
    rest = {key: value for key, value in thing.items() if key not in OURS}
    return [*_object(rest, table, ""), *(f"{key} is missing" for key in table.keys() - rest.keys())]


def _object(thing: dict[str, Any], table: Table, at: str) -> list[str]:
    found = []
    for key, value in thing.items():
        if key not in table:
            found.append(f"{at}{key} is no property")
        elif value is not None:
            found += _value(value, table[key], f"{at}{key}")
    return found


def _value(value: Any, wanted: Any, at: str) -> list[str]:
    if isinstance(wanted, dict):
        good = isinstance(value, dict)
        return _object(value, wanted, f"{at}.") if good else [f"{at} is no object"]
    if isinstance(wanted, list):
        good = isinstance(value, list)
        return [f for v in value for f in _value(v, wanted[0], at)] if good else [f"{at}: no list"]
    if isinstance(wanted, set):
        return [] if value in wanted else [f"{at}: {value!r} is not in the enumeration"]
    if wanted is datetime:
        return [] if isinstance(value, str) and MOMENT.fullmatch(value) else [f"{at}: {value!r}"]
    kinds = (int, float) if wanted is float else (wanted,)
    return [] if isinstance(value, kinds) else [f"{at}: {value!r} is no {wanted.__name__}"]
