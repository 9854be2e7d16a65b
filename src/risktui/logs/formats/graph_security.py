"""Microsoft Graph's security alerts: `security/alerts_v2`, and the older `security/alerts`."""

from __future__ import annotations

from typing import Any

import msgspec

from risktui.logs.formats.elsewhere import first_time, known, spot
from risktui.logs.formats.fields import identifier, principal, record_id, text, typed
from risktui.logs.formats.registry import Format, NotRead, Reading
from risktui.model.addresses import canonical_address
from risktui.model.events import Event, ProductAlert

MOST_USERS = 32
"""People that one alert is read to be about."""

PRODUCTS = {
    "microsoftdefenderforendpoint": "Microsoft Defender for Endpoint",
    "microsoftdefenderforidentity": "Microsoft Defender for Identity",
    "microsoftdefenderforcloudapps": "Microsoft Defender for Cloud Apps",
    "microsoftdefenderforoffice365": "Microsoft Defender for Office 365",
    "microsoft365defender": "Microsoft Defender XDR",
    "azureadidentityprotection": "Microsoft Entra ID Protection",
    "microsoftdefenderforcloud": "Microsoft Defender for Cloud",
    "microsoftsentinel": "Microsoft Sentinel",
}
"""`serviceSource` in lower case, as the product itself is called."""

TYPES = {
    "anonymous ip address": "anonymizedIPAddress",
    "unfamiliar sign-in properties": "unfamiliarFeatures",
    "atypical travel": "unlikelyTravel",
    "password spray": "passwordSpray",
    "leaked credentials": "leakedCredentials",
    "malicious ip address": "maliciousIPAddress",
    "anomalous token": "anomalousToken",
    "token issuer anomaly": "tokenIssuerAnomaly",
    "suspicious browser": "suspiciousBrowser",
    "verified threat actor ip": "nationStateIP",
    "azure ad threat intelligence": "investigationsThreatIntelligence",
    "microsoft entra threat intelligence": "investigationsThreatIntelligence",
    "admin confirmed user compromised": "adminConfirmedUserCompromised",
    "anomalous user activity": "anomalousUserActivity",
}
"""riskEventType of an alert of Entra ID Protection by its title, in lower case."""

ID_PROTECTION = ("azureadidentityprotection", "ipc")
"""Its `serviceSource`, and its provider's name in the older alerts, in lower case."""

DISMISSED = ("falsepositive",)
"""`classification` of a resolved alert, in lower case, that says nothing had happened."""


class _Account(msgspec.Struct, rename="camel", gc=False):
    account_name: str | None = None
    domain_name: str | None = None
    user_sid: str | None = None
    azure_ad_user_id: str | None = None
    user_principal_name: str | None = None
    display_name: str | None = None


class _Evidence(msgspec.Struct, rename="camel", gc=False):
    kind: str | None = msgspec.field(name="@odata.type", default=None)
    renamed_kind: str | None = msgspec.field(name="at_sign_odata_type", default=None)
    user_account: _Account | None = None
    primary_address: str | None = None
    ip_address: str | None = None
    country_letter_code: str | None = None
    roles: list[str | None] | None = None


class _Vendor(msgspec.Struct, gc=False):
    provider: str | None = None
    vendor: str | None = None


class _UserState(msgspec.Struct, rename="camel", gc=False):
    aad_user_id: str | None = None
    account_name: str | None = None
    domain_name: str | None = None
    user_principal_name: str | None = None
    logon_ip: str | None = None
    logon_id: str | None = None
    logon_location: str | None = None
    logon_date_time: str | None = None


class _Raw(msgspec.Struct, rename="camel", gc=False):
    id: str | None = None
    provider_alert_id: str | None = None
    title: str | None = None
    category: str | None = None
    severity: str | None = None
    status: str | None = None
    classification: str | None = None
    service_source: str | None = None
    product_name: str | None = None
    tenant_id: str | None = None
    azure_tenant_id: str | None = None
    created_date_time: str | None = None
    first_activity_date_time: str | None = None
    last_activity_date_time: str | None = None
    last_update_date_time: str | None = None
    last_modified_date_time: str | None = None
    event_date_time: str | None = None
    evidence: list[_Evidence] | None = None
    vendor_information: _Vendor | None = None
    user_states: list[_UserState] | None = None


_exact = msgspec.json.Decoder(_Raw, strict=False).decode


def read(record: bytes) -> Reading | None:
    """One `ProductAlert` for each user that `record` is about; None where it is no alert."""
    raw = typed(record, _Raw, _exact)
    if raw.title is None or raw.severity is None:
        return None
    if raw.vendor_information is not None and raw.user_states is not None:
        return _legacy(raw, record)
    if raw.service_source is not None:
        return _alerts(raw, record)
    return None


def _alerts(raw: _Raw, record: bytes) -> Reading:
    time = first_time(
        raw.first_activity_date_time, raw.created_date_time, raw.last_activity_date_time
    )
    if time is None:
        return NotRead("graph security alert without a readable time", broken=True)
    evidence = raw.evidence or []
    addresses = [each for each in evidence if canonical_address(each.ip_address)]
    source = text(raw.service_source)
    product = PRODUCTS.get(source.casefold(), known(raw.product_name) or source)
    common = _common(time, raw, record, source) | {"product": product}
    if len(addresses) == 1:  # of several nobody says which the user came from
        common["ip_address"] = canonical_address(addresses[0].ip_address)
        common["location"] = spot(addresses[0].country_letter_code)
    found: dict[str, Event] = {}
    for each in evidence:
        who = _account(each)
        key = who["user_id"] or who["user_principal_name"]
        if key and key not in found and len(found) < MOST_USERS:
            found[key] = ProductAlert(**common | {"id": f"{common['id']}:{key}"}, **who)
    return list(found.values()) or NotRead(f"graph security alert about no user: {product}")


def _account(evidence: _Evidence) -> dict[str, Any]:
    """The user of an evidence; nobody for the system's accounts, which have only a SID."""
    account = evidence.user_account or _Account()
    name = principal(known(account.user_principal_name) or known(evidence.primary_address))
    return {
        "user_id": identifier(account.azure_ad_user_id),
        "user_principal_name": name,
        "user_display_name": known(account.display_name),
    }


def _legacy(raw: _Raw, record: bytes) -> Reading:
    vendor = raw.vendor_information or _Vendor()
    product = " ".join(filter(None, (known(vendor.vendor), known(vendor.provider))))
    time = first_time(raw.event_date_time, raw.created_date_time)
    if time is None:
        return NotRead("graph security alert without a readable time", broken=True)
    common = _common(time, raw, record, text(vendor.provider)) | {"product": product}
    found: dict[str, Event] = {}
    for state in raw.user_states or []:
        name = known(state.user_principal_name)
        if not name and known(state.account_name) and "." in known(state.domain_name):
            name = f"{known(state.account_name)}@{known(state.domain_name)}"
        who: dict[str, Any] = {
            "user_id": identifier(state.aad_user_id),
            "user_principal_name": principal(name),
        }
        key = who["user_id"] or who["user_principal_name"]
        if not key or key in found or len(found) >= MOST_USERS:
            continue
        parts = [part.strip() for part in text(state.logon_location).split(",")]
        country, city = (parts[0], parts[-1]) if len(parts) > 1 else (parts[0], "")
        found[key] = ProductAlert(
            **common
            | {
                "id": f"{common['id']}:{key}",
                "time": first_time(state.logon_date_time) or time,
                "ip_address": canonical_address(state.logon_ip),
                "location": spot(country, None, city),
                "request_id": known(state.logon_id),
            },
            **who,
        )
    return list(found.values()) or NotRead(f"graph security alert about no user: {product}")


def _common(time: int, raw: _Raw, record: bytes, source: str) -> dict[str, Any]:
    alert_id = record_id(known(raw.id), record)
    resolved = text(raw.status).casefold() in {"resolved", "dismissed"}
    dismissed = resolved and text(raw.classification).casefold() in DISMISSED
    title = text(raw.title)
    ours = source.casefold() in ID_PROTECTION
    return {
        "time": time,
        "id": f"{alert_id}:dismissed" if dismissed else alert_id,
        "alert_id": alert_id,
        "source": FORMAT.name,
        "tenant_id": identifier(raw.tenant_id) or identifier(raw.azure_tenant_id),
        "operation": "alert",
        "title": title,
        "risk_event_type": TYPES.get(title.casefold(), "") if ours else "",
        "severity": text(raw.severity).casefold(),
        "category": known(raw.category),
        "risk_state": "dismissed" if dismissed else "",
        "detected_at": first_time(raw.created_date_time) or 0,
        "last_updated": first_time(raw.last_update_date_time, raw.last_modified_date_time) or 0,
        "about": "user",
    }


FORMAT = Format(
    name="graph security alert",
    hints=(b'"serviceSource"', b'"vendorInformation"'),
    read=read,
)
