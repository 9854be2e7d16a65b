"""Entra sign-ins: Azure Monitor diagnostic records and Microsoft Graph's `signIn`."""

from __future__ import annotations

from functools import lru_cache
from typing import Any

import msgspec

from risktui.logs.formats.access_policies import risk_policies
from risktui.logs.formats.entra_sign_in_record import (
    Device,
    Diagnostic,
    NetworkLocation,
    RawSignIn,
    Status,
)
from risktui.logs.formats.fields import (
    LARGEST,
    embedded,
    folded,
    identifier,
    is_wrapped,
    lenient,
    principal,
    record_id,
    reference,
    strings,
    text,
    typed,
)
from risktui.logs.formats.registry import Format, NotRead, Reading
from risktui.logs.formats.result_codes import result_code
from risktui.logs.formats.second_factor import Step, is_passwordless, second_factor
from risktui.logs.formats.sign_in_verdicts import verdicts_in
from risktui.logs.formats.where import location
from risktui.logs.times import parse_time
from risktui.model.addresses import canonical_address
from risktui.model.events import NO_NETWORK, Actor, Client, Network, SignIn

CATEGORIES: dict[str, tuple[Actor, bool]] = {
    "signinlogs": ("user", True),
    "noninteractiveusersigninlogs": ("user", False),
    "serviceprincipalsigninlogs": ("servicePrincipal", False),
    "managedidentitysigninlogs": ("managedIdentity", False),
    "adfssigninlogs": ("user", True),
}
"""Diagnostic categories in lower case: who signs in, and whether a person sits there."""

REMEMBERED = 8_192
"""Different persons, devices, applications whose cleaned form is kept: most records repeat them."""

SMALL = 32 * 1024
"""Bytes of a record up to which its texts may be kept, so that memory stays bounded."""

_diagnostic = msgspec.json.Decoder(Diagnostic, strict=False).decode
_graph = msgspec.json.Decoder(RawSignIn, strict=False).decode


def read(record: bytes) -> Reading | None:
    """The sign-in in `record`; None where it is none."""
    wrapped = is_wrapped(record)
    if wrapped:
        envelope = typed(record, Diagnostic, _diagnostic)
    elif b'"Properties"' in record:  # a pipeline that changes the casing of keys
        wrapped, envelope = True, lenient(Diagnostic, msgspec.json.decode(record))
    else:
        envelope = Diagnostic(properties=typed(record, RawSignIn, _graph))
    if isinstance(envelope.properties, str):
        envelope.properties = lenient(RawSignIn, envelope.properties)
    raw = envelope.properties
    if raw is None:
        return None
    kind = CATEGORIES.get((envelope.category or "").strip().casefold()) if wrapped else _kind(raw)
    return None if kind is None else sign_in_events(envelope, raw, kind, record)


def _kind(raw: RawSignIn) -> tuple[Actor, bool] | None:
    """Who signs in according to Graph; None where the record is no `signIn`."""
    if not raw.created_date_time or not (raw.app_display_name or raw.status):
        return None
    kinds = strings(raw.sign_in_event_types)
    if "managedIdentity" in kinds:
        return "managedIdentity", False
    if "servicePrincipal" in kinds or (not raw.user_id and raw.service_principal_id):
        return "servicePrincipal", False
    return None if raw.user_id is None else ("user", "nonInteractiveUser" not in kinds)


def sign_in_events(
    envelope: Diagnostic,
    raw: RawSignIn,
    kind: tuple[Actor, bool],
    record: bytes,
    source: str = "",
) -> Reading:
    """The sign-in in the fields of a record, wherever they were found."""
    time = parse_time(raw.created_date_time)
    if time is None and (time := parse_time(envelope.time)) is None:
        return NotRead("sign-in without a readable time", broken=True)
    actor, interactive = kind
    status = raw.status if isinstance(raw.status, Status) else lenient(Status, raw.status)
    error_code = _error_code(status, envelope.result_type)
    code = result_code(error_code)
    small = len(record) <= SMALL
    for_sign_in, for_user = risk_policies(raw.applied_conditional_access_policies)
    steps = _steps(raw)
    names, settings = (_names, _settings) if small else (_names.__wrapped__, _settings.__wrapped__)
    sign_in = SignIn(
        time=time,
        id=record_id(raw.id, record),
        source=source or FORMAT.name,
        actor=actor,
        ip_address=canonical_address(raw.ip_address)
        or canonical_address(envelope.caller_ip_address),
        location=location(raw.location or envelope.location),
        network=_network(raw),
        client=_client_of(raw, small=small),
        session_id=reference(raw.session_id),
        correlation_id=reference(raw.correlation_id or envelope.correlation_id),
        error_code=error_code,
        failure_reason=_failure_reason(error_code, status, envelope.result_description),
        additional_details=text(status.additional_details),
        credentials=code.credentials,
        result=code.result,
        is_interactive=interactive if raw.is_interactive is None else raw.is_interactive,
        mfa=second_factor(error_code, status.additional_details, steps),
        passwordless=bool(steps) and is_passwordless(steps),
        unique_token_identifier=reference(raw.unique_token_identifier),
        provider_risk_event_types=_risk_event_types(raw) if actor == "user" else (),
        **names(
            raw.user_id,
            raw.user_principal_name,
            raw.user_display_name,
            raw.user_type,
        ),
        resource_id=identifier(raw.resource_id),
        credential_key_id=identifier(raw.service_principal_credential_key_id),
        applied_risk_policies=for_sign_in,
        applied_user_risk_policies=for_user,
        **settings(_setting_fields(envelope, raw, risk=actor == "user")),
    )
    return [sign_in, *verdicts_in(sign_in, raw.risk_detail)]


@lru_cache(REMEMBERED)
def _names(
    user_id: str | None, upn: str | None, display_name: str | None, user_type: str | None
) -> dict[str, Any]:
    """The fields of an event that are the same for all sign-ins of a person."""
    return {
        "user_id": identifier(user_id),
        "user_principal_name": principal(upn),
        "user_display_name": text(display_name),
        "user_type": folded(user_type),
    }


def _setting_fields(envelope: Diagnostic, raw: RawSignIn, *, risk: bool) -> tuple[str | None, ...]:
    return (
        envelope.tenant_id or raw.resource_tenant_id,
        raw.home_tenant_id,
        raw.resource_tenant_id,
        raw.app_id,
        raw.service_principal_id,
        envelope.operation_name,
        raw.app_display_name,
        raw.resource_display_name,
        raw.service_principal_name,
        raw.authentication_requirement,
        raw.authentication_protocol,
        raw.conditional_access_status,
        raw.incoming_token_type,
        raw.token_issuer_type,
        raw.token_issuer_name,
        raw.cross_tenant_access_type,
        raw.risk_level_during_sign_in if risk else None,
        raw.risk_level_aggregated if risk else None,
        raw.risk_state if risk else None,
    )


@lru_cache(REMEMBERED)
def _settings(raw: tuple[str | None, ...]) -> dict[str, Any]:
    """The fields of an event that few sign-ins do not share with others, from `_setting_fields`."""
    tenant, home, resource_tenant, app_id, principal_id = map(identifier, raw[:5])
    operation, app, resource, principal_name = map(text, raw[5:9])
    requirement, protocol, access, token, issuer_type, issuer, cross = map(text, raw[9:16])
    during, aggregated, state = map(text, raw[16:])
    return {
        "tenant_id": tenant,
        "home_tenant_id": home,
        "resource_tenant_id": resource_tenant,
        "app_id": app_id,
        "service_principal_id": principal_id,
        "operation": operation or "Sign-in activity",
        "app_display_name": app,
        "resource_display_name": resource,
        "service_principal_name": principal_name,
        "authentication_requirement": requirement,
        "authentication_protocol": protocol,
        "conditional_access_status": access,
        "incoming_token_type": token,
        "token_issuer_type": issuer_type or "AzureAD",
        "token_issuer_name": issuer,
        "cross_tenant_access_type": cross,
        "provider_risk_level": during if during not in {"", "none"} else aggregated or during,
        "provider_risk_state": state,
    }


def _error_code(status: Status, result_type: str | int | None) -> int:
    for number in (status.error_code, result_type):
        if isinstance(number, int):
            return number if abs(number) < LARGEST else -1
    word = result_type.strip() if isinstance(result_type, str) else ""
    if word.isascii() and word.isdecimal():
        return int(word[:9])
    return 0 if word.casefold() in {"", "success", "none"} else -1


def _failure_reason(error_code: int, status: Status, description: str | None) -> str:
    if not error_code:
        return ""
    given = text(status.failure_reason) or text(description)
    return result_code(error_code).meaning if given in {"", "Other."} else given


def _steps(raw: RawSignIn) -> list[Step]:
    steps = raw.authentication_details
    if isinstance(steps, str):
        inner = embedded(steps)
        return [lenient(Step, each) for each in inner] if isinstance(inner, list) else []
    return steps or []


def _client_of(raw: RawSignIn, *, small: bool) -> Client:
    device = raw.device_detail
    if not isinstance(device, Device):
        device = lenient(Device, device)
    names = (
        raw.user_agent,
        device.browser,
        device.operating_system,
        device.device_id,
        device.display_name,
        device.trust_type,
        raw.client_app_used,
    )
    client = _client if small else _client.__wrapped__
    return client(names, bool(device.is_compliant), bool(device.is_managed))


@lru_cache(REMEMBERED)
def _client(names: tuple[str | None, ...], is_compliant: bool, is_managed: bool) -> Client:
    user_agent, browser, operating_system, device_id, device_name, trust_type, client_app = names
    return Client(
        user_agent=text(user_agent),
        browser=text(browser),
        operating_system=text(operating_system),
        device_id=identifier(device_id),
        device_name=text(device_name),
        is_compliant=is_compliant,
        is_managed=is_managed,
        trust_type=text(trust_type),
        client_app=text(client_app),
    )


def _network(raw: RawSignIn) -> Network:
    """What the record itself says of the address's network."""
    named, trusted = "", False
    details = raw.network_location_details
    if isinstance(details, str):
        inner = embedded(details)
        details = [lenient(NetworkLocation, each) for each in inner] if inner else []
    for detail in details or ():
        names = strings(detail.network_names)
        is_trusted = (detail.network_type or "").casefold() == "trustednamedlocation"
        if is_trusted and not trusted:
            named, trusted = (names or ("",))[0], True
        elif not named and names:
            named = names[0]
    asn = raw.autonomous_system_number or 0
    if not (named or trusted or asn):
        return NO_NETWORK
    return _known_network(asn if 0 < asn < 2**32 else 0, named, trusted)


@lru_cache(REMEMBERED)
def _known_network(asn: int, named: str, trusted: bool) -> Network:
    return Network(asn=asn, named_location=named, trusted=trusted)


def _risk_event_types(raw: RawSignIn) -> tuple[str, ...]:
    if not raw.risk_event_types and not raw.risk_event_types_v2:
        return ()
    return tuple(sorted({*strings(raw.risk_event_types), *strings(raw.risk_event_types_v2)}))


FORMAT = Format(
    name="entra sign-in",
    hints=(b"SignInLogs", b"signinlogs", b'"createdDateTime"'),
    read=read,
    rank=0,
    heads=(b'SignInLogs"', b'signinlogs"'),
)
