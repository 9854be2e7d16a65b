"""Calls to Microsoft Graph: MicrosoftGraphActivityLogs and AzureADGraphActivityLogs."""

from __future__ import annotations

from functools import lru_cache

import msgspec
from msgspec.structs import replace

from risktui.logs.formats.fields import (
    count,
    identifier,
    is_ours,
    is_wrapped,
    lenient,
    record_id,
    reference,
    session_of,
    text,
)
from risktui.logs.formats.registry import Format, NotRead, Reading
from risktui.logs.times import parse_time
from risktui.model.addresses import canonical_address
from risktui.model.events import NO_CLIENT, Actor, ApiCall, Client

CATEGORIES = frozenset({"microsoftgraphactivitylogs", "azureadgraphactivitylogs"})
MOST_SCOPES = 64
REMEMBERED, SMALL = 2_048, 16 * 1_024
"""Different callers that are kept, of 2 KB each with their scopes, and the bytes of a record up to
which one is: 32 MB at the worst."""
PROVED = frozenset({"1", "2"})
"""clientAuthMethod of applications that have a secret or a certificate; 0 is a public client."""


class RawCall(msgspec.Struct, rename="camel", gc=False):
    """What is read of `properties`, and of a row, in the names of both logs."""

    time_generated: str | int | None = None
    request_id: str | None = None
    operation_id: str | None = None
    client_request_id: str | None = None
    correlation_id: str | None = None
    request_method: str | None = None
    http_method: str | None = None
    request_uri: str | None = None
    response_status_code: int | None = None
    http_status_code: int | None = None
    ip_address: str | None = None
    caller_ip_address: str | None = None
    user_agent: str | None = None
    app_id: str | None = None
    user_id: str | None = None
    user_principal_object_id: str | None = msgspec.field(name="UserPrincipalObjectID", default=None)
    service_principal_id: str | None = None
    actor_type: str | None = None
    scopes: str | None = None
    roles: str | None = None
    sign_in_activity_id: str | None = None
    session_id: str | None = None
    sid: str | None = msgspec.field(name="C_Sid", default=None)
    device: str | None = msgspec.field(name="C_DeviceId", default=None)
    device_id: str | None = None
    kind: str | None = msgspec.field(name="C_Idtyp", default=None)
    token_issued_at: str | int | None = None
    issued_at: str | int | None = None
    iat: str | int | None = msgspec.field(name="C_Iat", default=None)
    client_auth_method: str | int | None = None


class Diagnostic(msgspec.Struct, rename="camel", gc=False):
    """The envelope of an Azure Monitor diagnostic record; its location is the serving region."""

    category: str | None = None
    time: str | int | None = None
    tenant_id: str | None = None
    correlation_id: str | None = None
    caller_ip_address: str | None = None
    result_signature: str | int | None = None
    properties: RawCall | str | None = None
    risktui: msgspec.Raw | msgspec.UnsetType = msgspec.UNSET
    """Stands in what we wrote ourselves."""


_diagnostic = msgspec.json.Decoder(Diagnostic, strict=False).decode


def read(record: bytes) -> Reading | None:
    """The call in `record`; None where it is none."""
    drifts = False
    try:
        envelope = _diagnostic(record)
    except msgspec.ValidationError:
        envelope, drifts = lenient(Diagnostic, msgspec.json.decode(record)), True
    if (envelope.category or "").strip().casefold() not in CATEGORIES:
        return None
    if (drifts or envelope.risktui is not msgspec.UNSET) and is_ours(record):
        return None
    raw = envelope.properties
    if (drifts or raw is None) and not is_wrapped(record):
        return None
    raw = raw if isinstance(raw, RawCall) else lenient(RawCall, raw)
    raw.time_generated = raw.time_generated or envelope.time
    raw.caller_ip_address = raw.caller_ip_address or envelope.caller_ip_address
    raw.correlation_id = raw.correlation_id or envelope.correlation_id
    if raw.response_status_code is None and raw.http_status_code is None:
        status = text(str(envelope.result_signature or ""))
        raw.response_status_code = (
            int(status[:9]) if status.isascii() and status.isdecimal() else None
        )
    return call_events(raw, record, FORMAT.name, envelope.tenant_id)


def call_events(raw: RawCall, record: bytes, source: str, tenant_id: str | None) -> Reading:
    """The call in the fields of a record, wherever they were found."""
    time = parse_time(raw.time_generated)
    if time is None:
        return NotRead("Graph activity without a readable time", broken=True)
    caller = _caller if len(record) <= SMALL else _caller.__wrapped__
    shared = caller(
        source,
        tenant_id,
        raw.user_id or raw.user_principal_object_id,
        raw.kind or raw.actor_type,
        raw.service_principal_id,
        raw.app_id,
        raw.user_agent,
        raw.device_id or raw.device,
        raw.scopes,
        raw.request_method or raw.http_method,
        raw.client_auth_method,
    )
    return [
        replace(
            shared,
            time=time,
            id=record_id(raw.request_id or raw.operation_id, record),
            ip_address=canonical_address(raw.ip_address)
            or canonical_address(raw.caller_ip_address),
            session_id=session_of(raw.sid) or session_of(raw.session_id),
            correlation_id=reference(raw.client_request_id) or reference(raw.correlation_id),
            request_uri=text(raw.request_uri),
            response_status_code=count(raw.response_status_code or raw.http_status_code),
            unique_token_identifier=reference(raw.sign_in_activity_id).rstrip("="),
            token_issued_at=parse_time(raw.iat)
            or parse_time(raw.token_issued_at)
            or parse_time(raw.issued_at)
            or 0,
        )
    ]


@lru_cache(REMEMBERED)
def _caller(
    source: str,
    tenant_id: str | None,
    user: str | None,
    kind: str | None,
    service_principal_id: str | None,
    app_id: str | None,
    user_agent: str | None,
    device_id: str | None,
    scopes: str | None,
    method: str | None,
    proof: str | int | None,
) -> ApiCall:
    """A call with the fields that those of one program for one person have in common."""
    user_id = identifier(user)
    by_app = (kind or "").casefold() in {"app", "application"}
    actor: Actor = "servicePrincipal" if by_app or not user_id else "user"
    agent, device = text(user_agent), identifier(device_id)
    return ApiCall(
        time=0,
        id="",
        source=source,
        tenant_id=identifier(tenant_id),
        actor=actor,
        user_id=user_id if actor == "user" else "",
        client=Client(user_agent=agent, device_id=device) if agent or device else NO_CLIENT,
        app_id=identifier(app_id),
        operation=f"{text(method)} call".strip(),
        request_method=text(method).upper(),
        scopes=tuple(sorted(set(text(scopes).split())))[:MOST_SCOPES],
        service_principal_id=identifier(service_principal_id) if actor != "user" else "",
        by_a_server=str(proof or "").strip() in PROVED,
    )


FORMAT = Format(
    name="graph activity",
    hints=(b"GraphActivityLogs", b"graphactivitylogs"),
    read=read,
    heads=(b'GraphActivityLogs"',),
)
