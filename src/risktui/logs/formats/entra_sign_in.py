"""Entra sign-ins: Azure Monitor diagnostic records and Microsoft Graph's `signIn`."""

from __future__ import annotations

from functools import lru_cache

import msgspec
from msgspec.structs import replace

from risktui.logs.formats.entra_sign_in_record import (
    AnySignIn,
    Diagnostic,
    Envelope,
    PackedDiagnostic,
    PackedSignIn,
    RawSignIn,
)
from risktui.logs.formats.fields import (
    embedded,
    folded,
    identifier,
    is_ours,
    is_wrapped,
    lenient,
    principal,
    record_id,
    reference,
    session_of,
    strings,
    text,
)
from risktui.logs.formats.registry import Format, NotRead, Reading
from risktui.logs.formats.second_factor import Step, factors
from risktui.logs.formats.sign_in_parts import (
    client_of,
    location_of,
    network_of,
    outcome_of,
    risk_policies_of,
)
from risktui.logs.formats.sign_in_verdicts import VERDICTS, verdicts_in
from risktui.logs.times import parse_time
from risktui.model.addresses import canonical_address
from risktui.model.events import Actor, SignIn

CATEGORIES: dict[str, tuple[Actor, bool]] = {
    "signinlogs": ("user", True),
    "noninteractiveusersigninlogs": ("user", False),
    "serviceprincipalsigninlogs": ("servicePrincipal", False),
    "managedidentitysigninlogs": ("managedIdentity", False),
    "adfssigninlogs": ("user", True),
}
"""Diagnostic categories in lower case: who signs in, and whether a person sits there."""

OF_FEDERATION = frozenset({"ADFSSignInLogs", "adfssigninlogs"})
"""What the company's own federation service writes, by way of Connect Health."""

REMEMBERED = 8_192
"""Different persons and settings whose cleaned form is kept: most records repeat them."""

SMALL = 32 * 1024
"""Bytes of a record up to which its texts may be kept, so that memory stays bounded."""

_diagnostic = msgspec.json.Decoder(PackedDiagnostic, strict=False).decode
_graph = msgspec.json.Decoder(PackedSignIn, strict=False).decode
_NOT_SAID = frozenset({b"", b"null", b'""'})


def read(record: bytes) -> Reading | None:
    """The sign-in in `record`; None where it is none."""
    if is_wrapped(record):
        return _wrapped(record)
    if b'"Properties"' in record:
        return _wrapped_leniently(record)
    if is_ours(record):
        return None
    try:
        return _unwrapped(_graph(record), record)
    except msgspec.ValidationError:  # its types drift
        return _unwrapped(lenient(RawSignIn, msgspec.json.decode(record)), record)


def _wrapped(record: bytes) -> Reading | None:
    try:
        envelope = _diagnostic(record)
        if envelope.category:
            is_signed = envelope.risktui is not msgspec.UNSET and is_ours(record)
            return None if is_signed else _in_envelope(envelope, record)
    except msgspec.ValidationError:
        pass  # its types drift
    return _wrapped_leniently(record)


def _wrapped_leniently(record: bytes) -> Reading | None:
    """The same where types drift, or where a pipeline has changed the casing of keys."""
    if is_ours(record):
        return None
    return _in_envelope(lenient(Diagnostic, msgspec.json.decode(record)), record)


def _in_envelope(envelope: Diagnostic | PackedDiagnostic, record: bytes) -> Reading | None:
    found = envelope.properties
    raw = lenient(RawSignIn, found) if isinstance(found, str) else found
    kind = CATEGORIES.get((envelope.category or "").strip().casefold())
    if raw is None or kind is None:
        return None
    return sign_in_events(envelope, raw, kind, record)


def _unwrapped(raw: AnySignIn, record: bytes) -> Reading | None:
    kind = _kind(raw)
    return None if kind is None else sign_in_events(Envelope(), raw, kind, record)


def _kind(raw: AnySignIn) -> tuple[Actor, bool] | None:
    """Who signs in according to Graph; None where the record is no `signIn`."""
    status = raw.status
    says = bytes(status) not in _NOT_SAID if isinstance(status, msgspec.Raw) else bool(status)
    if not raw.created_date_time or not (raw.app_display_name or says):
        return None
    kinds = strings(raw.sign_in_event_types)
    if "managedIdentity" in kinds:
        return "managedIdentity", False
    if "servicePrincipal" in kinds or (not raw.user_id and raw.service_principal_id):
        return "servicePrincipal", False
    return None if raw.user_id is None else ("user", "nonInteractiveUser" not in kinds)


def sign_in_events(
    envelope: Envelope,
    raw: AnySignIn,
    kind: tuple[Actor, bool],
    record: bytes,
    source: str = "",
) -> Reading:
    """The sign-in in the fields of a record, wherever they were found."""
    time = parse_time(raw.created_date_time)
    if time is None and (time := parse_time(envelope.time)) is None:
        return NotRead("sign-in without a readable time", broken=True)
    actor, interactive = kind
    small = len(record) <= SMALL
    outcome = outcome_of(raw, envelope)
    for_sign_in, for_user = risk_policies_of(raw)
    mfa, passwordless = factors(outcome.error_code, outcome.details, _steps(raw), small=small)
    names, settings = (_names, _settings) if small else (_names.__wrapped__, _settings.__wrapped__)
    user_id, principal_name, display_name, user_type = names(
        raw.user_id, raw.user_principal_name, raw.user_display_name, raw.user_type
    )
    shared = settings(_setting_fields(envelope, raw, risk=actor == "user"))
    # A copy with some fields changed: to make an event of all its fields takes eight times as long.
    sign_in = replace(
        shared,
        time=time,
        id=record_id(raw.id, record),
        source=source or FORMAT.name,
        actor=actor,
        user_id=user_id,
        user_principal_name=principal_name,
        user_display_name=display_name,
        user_type=user_type,
        ip_address=canonical_address(raw.ip_address)
        or canonical_address(envelope.caller_ip_address),
        location=location_of(raw, envelope.location),
        network=network_of(raw),
        client=client_of(raw),
        session_id=session_of(raw.session_id),
        correlation_id=reference(raw.correlation_id or envelope.correlation_id),
        error_code=outcome.error_code,
        failure_reason=outcome.failure_reason,
        additional_details=outcome.additional_details,
        credentials=outcome.credentials,
        result=outcome.result,
        is_interactive=interactive if raw.is_interactive is None else raw.is_interactive,
        mfa=mfa,
        passwordless=passwordless,
        unique_token_identifier=reference(raw.unique_token_identifier),
        provider_risk_event_types=_risk_event_types(raw) if actor == "user" else (),
        applied_risk_policies=for_sign_in,
        applied_user_risk_policies=for_user,
        of_federation=envelope.category in OF_FEDERATION,
    )
    if sign_in.provider_risk_state not in VERDICTS:
        return [sign_in]
    return [sign_in, *verdicts_in(sign_in, raw.risk_detail)]


@lru_cache(REMEMBERED)
def _names(
    user_id: str | None, upn: str | None, display_name: str | None, user_type: str | None
) -> tuple[str, str, str, str]:
    """The fields of an event that are the same for all sign-ins of a person."""
    return identifier(user_id), principal(upn), text(display_name), folded(user_type)


def _setting_fields(envelope: Envelope, raw: AnySignIn, *, risk: bool) -> tuple[str | None, ...]:
    return (
        envelope.tenant_id or raw.resource_tenant_id,
        raw.home_tenant_id,
        raw.resource_tenant_id,
        raw.app_id,
        raw.service_principal_id,
        raw.resource_id,
        raw.service_principal_credential_key_id,
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
def _settings(raw: tuple[str | None, ...]) -> SignIn:
    """A sign-in with the fields that few do not share with others, from `_setting_fields`."""
    tenant, home, resource_tenant, app_id, principal_id = map(identifier, raw[:5])
    resource_id, key_id = map(identifier, raw[5:7])
    operation, app, resource, principal_name = map(text, raw[7:11])
    requirement, protocol, access, token, issuer_type, issuer, cross = map(text, raw[11:18])
    during, aggregated, state = map(text, raw[18:])
    return SignIn(
        time=0,
        id="",
        tenant_id=tenant,
        home_tenant_id=home,
        resource_tenant_id=resource_tenant,
        app_id=app_id,
        service_principal_id=principal_id,
        resource_id=resource_id,
        credential_key_id=key_id,
        operation=operation or "Sign-in activity",
        app_display_name=app,
        resource_display_name=resource,
        service_principal_name=principal_name,
        authentication_requirement=requirement,
        authentication_protocol=protocol,
        conditional_access_status=access,
        incoming_token_type=token,
        token_issuer_type=issuer_type or "AzureAD",
        token_issuer_name=issuer,
        cross_tenant_access_type=cross,
        provider_risk_level=during if during not in {"", "none"} else aggregated or during,
        provider_risk_state=state,
    )


def _steps(raw: AnySignIn) -> list[Step]:
    steps = raw.authentication_details
    if isinstance(steps, str):
        inner = embedded(steps)
        return [lenient(Step, each) for each in inner] if isinstance(inner, list) else []
    return steps or []


def _risk_event_types(raw: AnySignIn) -> tuple[str, ...]:
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
