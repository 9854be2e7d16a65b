"""Entra sign-ins: Azure Monitor diagnostic records and Microsoft Graph's `signIn`."""

from __future__ import annotations

from functools import lru_cache
from typing import Any

import msgspec

from risktui.logs.formats.fields import (
    bounded,
    embedded,
    identifier,
    lenient,
    principal,
    record_id,
    strings,
    text,
)
from risktui.logs.formats.registry import Format, NotRead, Reading
from risktui.logs.formats.result_codes import result_code
from risktui.logs.formats.second_factor import Step, second_factor
from risktui.logs.formats.where import Place, location
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

_REMEMBERED = 16_384
"""Different persons, devices, places and applications whose cleaned form is kept."""


class _Status(msgspec.Struct, rename="camel", gc=False):
    error_code: int | None = None
    failure_reason: str | None = None
    additional_details: str | None = None


class _Device(msgspec.Struct, rename="camel", gc=False):
    device_id: str | None = None
    display_name: str | None = None
    operating_system: str | None = None
    browser: str | None = None
    is_compliant: bool | None = None
    is_managed: bool | None = None
    trust_type: str | None = None


class _NetworkLocation(msgspec.Struct, rename="camel", gc=False):
    network_type: str | None = None
    network_names: list[str | None] | str | None = None


class _SignIn(msgspec.Struct, rename="camel", gc=False):
    """What is read of `properties`, and of Graph's `signIn`, which have the same names."""

    id: str | None = None
    created_date_time: str | int | None = None
    user_display_name: str | None = None
    user_principal_name: str | None = None
    user_id: str | None = None
    user_type: str | None = None
    app_id: str | None = None
    app_display_name: str | None = None
    resource_display_name: str | None = None
    ip_address: str | None = None
    autonomous_system_number: int | None = None
    status: _Status | str | None = None
    client_app_used: str | None = None
    user_agent: str | None = None
    device_detail: _Device | str | None = None
    location: Place | str | None = None
    correlation_id: str | None = None
    session_id: str | None = None
    is_interactive: bool | None = None
    sign_in_event_types: list[str | None] | str | None = None
    conditional_access_status: str | None = None
    network_location_details: list[_NetworkLocation] | str | None = None
    authentication_details: list[Step] | str | None = None
    authentication_requirement: str | None = None
    authentication_protocol: str | None = None
    incoming_token_type: str | None = None
    token_issuer_type: str | None = None
    token_issuer_name: str | None = None
    unique_token_identifier: str | None = None
    home_tenant_id: str | None = None
    resource_tenant_id: str | None = None
    cross_tenant_access_type: str | None = None
    service_principal_id: str | None = None
    service_principal_name: str | None = None
    risk_level_during_sign_in: str | None = None
    risk_level_aggregated: str | None = None
    risk_state: str | None = None
    risk_event_types: list[str | None] | str | None = None
    risk_event_types_v2: list[str | None] | str | None = msgspec.field(
        name="riskEventTypes_v2", default=None
    )


class _Diagnostic(msgspec.Struct, rename="camel", gc=False):
    """The envelope of an Azure Monitor diagnostic record."""

    category: str | None = None
    time: str | int | None = None
    tenant_id: str | None = None
    operation_name: str | None = None
    result_type: str | int | None = None
    result_description: str | None = None
    caller_ip_address: str | None = None
    correlation_id: str | None = None
    identity: str | dict[str, Any] | None = None
    properties: _SignIn | str | None = None


_diagnostic = msgspec.json.Decoder(_Diagnostic, strict=False).decode
_graph = msgspec.json.Decoder(_SignIn, strict=False).decode


def read(record: bytes) -> Reading | None:
    """The sign-in in `record`; None where it is none."""
    wrapped = b'"properties"' in record
    try:
        envelope = _diagnostic(record) if wrapped else _Diagnostic(properties=_graph(record))
    except msgspec.ValidationError:
        envelope = _leniently(record, wrapped=wrapped)
    if isinstance(envelope.properties, str):
        envelope.properties = lenient(_SignIn, envelope.properties)
    sign_in = envelope.properties
    if sign_in is None:
        return None
    if wrapped:
        category = CATEGORIES.get((envelope.category or "").strip().casefold())
        return None if category is None else _event(envelope, sign_in, category, record)
    if not sign_in.created_date_time or not (sign_in.app_display_name or sign_in.status):
        return None
    if sign_in.user_id is None and not sign_in.service_principal_id:
        return None
    return _event(envelope, sign_in, _graph_category(sign_in), record)


def _leniently(record: bytes, *, wrapped: bool) -> _Diagnostic:
    untyped = msgspec.json.decode(record)
    if wrapped:
        return lenient(_Diagnostic, untyped)
    return _Diagnostic(properties=lenient(_SignIn, untyped))


def _graph_category(sign_in: _SignIn) -> tuple[Actor, bool]:
    kinds = strings(sign_in.sign_in_event_types)
    if "managedIdentity" in kinds:
        return "managedIdentity", False
    if "servicePrincipal" in kinds or (not sign_in.user_id and sign_in.service_principal_id):
        return "servicePrincipal", False
    return "user", "nonInteractiveUser" not in kinds


def _event(
    envelope: _Diagnostic, raw: _SignIn, category: tuple[Actor, bool], record: bytes
) -> Reading:
    time = parse_time(raw.created_date_time)
    if time is None and (time := parse_time(envelope.time)) is None:
        return NotRead("sign-in without a readable time", broken=True)
    actor, interactive = category
    status = raw.status if isinstance(raw.status, _Status) else lenient(_Status, raw.status)
    error_code = _error_code(status, envelope.result_type)
    code = result_code(error_code)
    user_id, user_principal_name, user_display_name, user_type = _person(
        bounded(raw.user_id),
        bounded(raw.user_principal_name),
        bounded(raw.user_display_name),
        bounded(raw.user_type),
    )
    app_id, app, resource = _application(
        bounded(raw.app_id), bounded(raw.app_display_name), bounded(raw.resource_display_name)
    )
    human = actor == "user"
    return [
        SignIn(
            time=time,
            id=record_id(raw.id, record),
            source=FORMAT.name,
            tenant_id=identifier(envelope.tenant_id or raw.resource_tenant_id),
            actor=actor,
            user_id=user_id,
            user_principal_name=user_principal_name,
            user_display_name=user_display_name,
            user_type=user_type,
            ip_address=canonical_address(raw.ip_address)
            or canonical_address(envelope.caller_ip_address),
            location=location(raw.location),
            network=_network(raw),
            client=_client_of(raw),
            session_id=text(raw.session_id),
            correlation_id=text(raw.correlation_id or envelope.correlation_id),
            app_id=app_id,
            app_display_name=app,
            resource_display_name=resource,
            operation=text(envelope.operation_name) or "Sign-in activity",
            error_code=error_code,
            failure_reason=_failure_reason(error_code, status, envelope.result_description),
            additional_details=text(status.additional_details),
            credentials=code.credentials,
            result=code.result,
            is_interactive=interactive if raw.is_interactive is None else raw.is_interactive,
            mfa=second_factor(error_code, status.additional_details, _steps(raw)),
            authentication_requirement=text(raw.authentication_requirement),
            authentication_protocol=text(raw.authentication_protocol),
            conditional_access_status=text(raw.conditional_access_status),
            incoming_token_type=text(raw.incoming_token_type),
            token_issuer_type=text(raw.token_issuer_type) or "AzureAD",
            token_issuer_name=text(raw.token_issuer_name),
            unique_token_identifier=text(raw.unique_token_identifier),
            home_tenant_id=identifier(raw.home_tenant_id),
            resource_tenant_id=identifier(raw.resource_tenant_id),
            cross_tenant_access_type=text(raw.cross_tenant_access_type),
            service_principal_id=identifier(raw.service_principal_id),
            service_principal_name=text(raw.service_principal_name),
            provider_risk_level=_risk_level(raw) if human else "",
            provider_risk_state=text(raw.risk_state) if human else "",
            provider_risk_event_types=_risk_event_types(raw) if human else (),
        )
    ]


@lru_cache(_REMEMBERED)
def _person(
    user_id: str, user_principal_name: str, user_display_name: str, user_type: str
) -> tuple[str, str, str, str]:
    return (
        identifier(user_id),
        principal(user_principal_name),
        text(user_display_name),
        principal(user_type),
    )


@lru_cache(_REMEMBERED)
def _application(app_id: str, app: str, resource: str) -> tuple[str, str, str]:
    return identifier(app_id), text(app), text(resource)


def _error_code(status: _Status, result_type: str | int | None) -> int:
    if status.error_code is not None:
        return status.error_code
    if isinstance(result_type, int):
        return result_type
    word = (result_type or "").strip()
    if word.isascii() and word.isdecimal():
        return int(word[:9])
    return 0 if word.casefold() in {"", "success", "none"} else -1


def _failure_reason(error_code: int, status: _Status, description: str | None) -> str:
    if not error_code:
        return ""
    given = text(status.failure_reason) or text(description)
    return result_code(error_code).meaning if given in {"", "Other."} else given


def _steps(raw: _SignIn) -> list[Step]:
    steps = raw.authentication_details
    if isinstance(steps, str):
        inner = embedded(steps)
        return [lenient(Step, each) for each in inner] if isinstance(inner, list) else []
    return steps or []


def _client_of(raw: _SignIn) -> Client:
    device = raw.device_detail
    if not isinstance(device, _Device):
        device = lenient(_Device, device)
    names = (
        bounded(raw.user_agent),
        bounded(device.browser),
        bounded(device.operating_system),
        bounded(device.device_id),
        bounded(device.display_name),
        bounded(device.trust_type),
        bounded(raw.client_app_used),
    )
    return _client(names, bool(device.is_compliant), bool(device.is_managed))


@lru_cache(_REMEMBERED)
def _client(names: tuple[str, ...], is_compliant: bool, is_managed: bool) -> Client:
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


def _network(raw: _SignIn) -> Network:
    """What the record itself says of the address's network."""
    named, trusted = "", False
    details = raw.network_location_details
    if isinstance(details, str):
        inner = embedded(details)
        details = [lenient(_NetworkLocation, each) for each in inner] if inner else []
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


@lru_cache(_REMEMBERED)
def _known_network(asn: int, named: str, trusted: bool) -> Network:
    return Network(asn=asn, named_location=named, trusted=trusted)


def _risk_level(raw: _SignIn) -> str:
    during = text(raw.risk_level_during_sign_in)
    return during if during not in {"", "none"} else text(raw.risk_level_aggregated) or during


def _risk_event_types(raw: _SignIn) -> tuple[str, ...]:
    if not raw.risk_event_types and not raw.risk_event_types_v2:
        return ()
    return tuple(sorted({*strings(raw.risk_event_types), *strings(raw.risk_event_types_v2)}))


FORMAT = Format(
    name="entra sign-in",
    hints=(b"SignInLogs", b"signinlogs", b'"createdDateTime"'),
    read=read,
)
