"""Sign-ins as Entra's portal and an older script export them to CSV."""

from __future__ import annotations

from typing import Any

from risktui.logs.formats.entra_sign_in import sign_in_events
from risktui.logs.formats.entra_sign_in_record import Device, Diagnostic, RawSignIn, Status
from risktui.logs.formats.fields import lenient, text
from risktui.logs.formats.registry import Format, Reading
from risktui.logs.formats.rows import row
from risktui.logs.formats.where import Place
from risktui.model.events import Actor

NAMES = {
    "date (utc)": "createddatetime",
    "request id": "id",
    "user agent": "useragent",
    "correlation id": "correlationid",
    "user id": "userid",
    "user": "userdisplayname",
    "username": "userprincipalname",
    "user type": "usertype",
    "cross tenant access type": "crosstenantaccesstype",
    "incoming token type": "incomingtokentype",
    "authentication protocol": "authenticationprotocol",
    "unique token identifier": "uniquetokenidentifier",
    "original transfer method": "originaltransfermethod",
    "application": "appdisplayname",
    "application id": "appid",
    "resource": "resourcedisplayname",
    "resource id": "resourceid",
    "resource tenant id": "resourcetenantid",
    "home tenant id": "hometenantid",
    "ip address": "ipaddress",
    "client app": "clientappused",
    "authentication requirement": "authenticationrequirement",
    "session id": "sessionid",
    "autonomous system number": "autonomoussystemnumber",
    "token issuer type": "tokenissuertype",
    "token issuer name": "tokenissuername",
    "service principal id": "serviceprincipalid",
    "service principal name": "serviceprincipalname",
}
"""Columns of the portal in lower case, and the properties of a sign-in that they hold."""

ACCESS = {"not applied": "notApplied", "success": "success", "failure": "failure"}
REQUIREMENTS = {
    "multifactor authentication": "multiFactorAuthentication",
    "single-factor authentication": "singleFactorAuthentication",
}
CROSS_TENANT = {"b2b collaboration": "b2bCollaboration", "b2b direct connect": "b2bDirectConnect"}
ISSUERS = {"azure ad": "AzureAD", "ad federation services": "ADFederationServices"}
PROTOCOLS = {"none": "none", "device code": "deviceCode", "ropc": "ropc"}
FAILED, INTERRUPTED = -1, 50140
"""Error codes of a row that only says so in words; 50140 is the mildest of interrupts."""


def read(record: bytes) -> Reading | None:
    """The sign-in in a row of an export; None where `record` is none."""
    columns = {name: str(value) for name, value in row(record).items()}
    if "date (utc)" in columns and columns.keys() & {"request id", "ip address"}:
        return _portal(columns, record)
    if {"createddatetime", "userprincipalname", "appdisplayname", "os"} <= columns.keys():
        return _script(columns, record)
    return None


def _portal(columns: dict[str, Any], record: bytes) -> Reading:
    raw = lenient(RawSignIn, {NAMES.get(name, ""): value for name, value in columns.items()})
    raw.location = _place(text(columns.get("location")))
    raw.status = Status(
        error_code=_error_code(columns.get("sign-in error code"), columns.get("status")),
        failure_reason=columns.get("failure reason"),
        additional_details=columns.get("multifactor authentication result"),
    )
    raw.device_detail = Device(
        device_id=columns.get("device id"),
        operating_system=columns.get("operating system"),
        browser=columns.get("browser"),
        is_compliant=_yes(columns.get("compliant")),
        is_managed=_yes(columns.get("managed")),
        trust_type=columns.get("join type"),
    )
    raw.conditional_access_status = _word(columns.get("conditional access"), ACCESS)
    raw.authentication_requirement = _word(raw.authentication_requirement, REQUIREMENTS)
    raw.cross_tenant_access_type = _word(raw.cross_tenant_access_type, CROSS_TENANT)
    by_app = not (raw.user_id or raw.user_principal_name)
    kind: tuple[Actor, bool] = ("servicePrincipal", False) if by_app else ("user", True)
    if by_app and columns.get("managed identity type") not in {None, "none", "None"}:
        kind = "managedIdentity", False
    raw.token_issuer_type = _word(raw.token_issuer_type, ISSUERS)
    raw.authentication_protocol = _word(raw.authentication_protocol, PROTOCOLS)
    if "refresh" in (raw.incoming_token_type or "").casefold() and not _is_primary(raw):
        raw.is_interactive = False  # the rows do not say which of the exported files they are of
    return sign_in_events(Diagnostic(), raw, kind, record, FORMAT.name)


def _script(columns: dict[str, Any], record: bytes) -> Reading:
    raw = lenient(RawSignIn, {key: value for key, value in columns.items() if key != "status"})
    raw.location = Place(city=columns.get("city"), country_or_region=columns.get("country"))
    raw.device_detail = Device(
        display_name=columns.get("device"),
        operating_system=columns.get("os"),
        browser=columns.get("browser"),
    )
    status = columns.get("status")
    raw.status = Status(error_code=_error_code(status, status))
    return sign_in_events(Diagnostic(), raw, ("user", True), record, FORMAT.name)


def _error_code(number: object, word: object) -> int:
    digits = text(str(number or ""))
    if digits.isascii() and digits.isdecimal():
        return int(digits[:9])
    said = text(str(word or "")).casefold()
    return {"failure": FAILED, "interrupted": INTERRUPTED}.get(said, 0)


def _place(sentence: str) -> Place | None:
    """`City, State, CC`, of which any may be missing."""
    parts = [part.strip() for part in sentence.split(",")]
    if len(parts) < 2:
        return Place(country_or_region=sentence) if sentence else None
    city, state = parts[0], ", ".join(parts[1:-1])
    return Place(city=city, state=state, country_or_region=parts[-1])


def _yes(value: object) -> bool:
    return text(str(value or "")).casefold() in {"yes", "true", "1"}


def _is_primary(raw: RawSignIn) -> bool:
    """A primary refresh token also signs in a browser that a person sits at."""
    return "primary" in (raw.incoming_token_type or "").casefold()


def _word(value: str | None, words: dict[str, str]) -> str | None:
    return words.get(value.strip().casefold(), value) if value else value


FORMAT = Format(
    name="entra portal export",
    hints=(b'"Date (UTC)"', b'"OS"'),
    read=read,
)
