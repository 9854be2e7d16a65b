"""Activities of Defender for Cloud Apps' own API: sign-ins, and what became of its alerts."""

from __future__ import annotations

import html
from typing import Any

import msgspec

from risktui.logs.formats.elsewhere import (
    FAILED,
    SIGNED_IN,
    first_time,
    known,
    network,
    program,
    spot,
)
from risktui.logs.formats.fields import identifier, lenient, principal, record_id, text, typed
from risktui.logs.formats.registry import Format, NotRead, Reading
from risktui.logs.formats.result_codes import result_code
from risktui.logs.formats.second_factor import second_factor
from risktui.model.addresses import canonical_address
from risktui.model.events import DirectoryChange, Event, SignIn

AZURE_AD = "11161"
"""The number of Microsoft 365's accounts in ids of entities: `11161|0|8ef1de18-…`."""


class _Actor(msgspec.Struct, rename="camel", gc=False):
    id: str | None = None
    name: str | None = None
    saas_id: str | None = None


class _User(msgspec.Struct, rename="camel", gc=False):
    user_name: str | None = None


class _Device(msgspec.Struct, rename="camel", gc=False):
    client_ip: str | None = msgspec.field(name="clientIP", default=None)
    user_agent: str | None = None


class _System(msgspec.Struct, gc=False):
    name: str | None = None
    version: str | None = None


class _Agent(msgspec.Struct, rename="camel", gc=False):
    browser: str | None = None
    operating_system: _System | None = None


class _Place(msgspec.Struct, rename="camel", gc=False):
    country_code: str | None = None
    region: str | None = None
    city: str | None = None
    latitude: float | None = None
    longitude: float | None = None
    organization_searchable: str | None = None


class _Session(msgspec.Struct, rename="camel", gc=False):
    session_id: str | None = None


class _Login(msgspec.Struct, gc=False):
    """Entra's own record, as the product got it."""

    Upn: str | None = None
    HomeTenantUserObjectId: str | None = None
    LoginErrorCode: int | None = None
    RequestId: str | None = None
    CorrelationId: str | None = None
    ApplicationId: str | None = None
    ApplicationName: str | None = None
    IpAddress: str | None = None
    IsInteractive: bool | None = None
    MfaResult: str | None = None
    HomeTenantId: str | None = msgspec.field(name="UserTenantId", default=None)
    TenantId: str | None = None
    TimeStamp: str | None = None


class _Alert(msgspec.Struct, rename="camel", gc=False):
    alert_title: str | None = None
    alert_actor: str | None = None


class _Raw(msgspec.Struct, rename="camel", gc=False):
    uid: str | None = None
    id: str | None = msgspec.field(name="_id", default=None)
    timestamp: int | str | None = None
    event_type_value: str | None = None
    event_type_name: str | None = None
    generic_event_type: str | None = None
    description: str | None = None
    app_name: str | None = None
    aad_tenant_id: str | None = None
    resolved_actor: _Actor | None = None
    user: _User | None = None
    device: _Device | None = None
    user_agent: _Agent | None = None
    location: _Place | None = None
    session: _Session | None = None
    raw_data_json: _Login | None = None
    adallom: _Alert | None = None


class _Wrapped(msgspec.Struct, gc=False):
    EntityResult: list[Any] | None = None


_exact = msgspec.json.Decoder(_Raw, strict=False).decode
_wrapped = msgspec.json.Decoder(_Wrapped).decode


def read(record: bytes) -> Reading | None:
    """What `record`, an activity or what an automation got for one entity, tells; None if none."""
    if b'"EntityResult"' in record:
        inner = typed(record, _Wrapped, _wrapped).EntityResult or []
        readings = [_read(lenient(_Raw, each), msgspec.json.encode(each)) for each in inner]
        events = [event for each in readings if isinstance(each, list) for event in each]
        refusals = [each for each in readings if isinstance(each, NotRead)]
        return events or (refusals[0] if refusals else None)
    return _read(typed(record, _Raw, _exact), record)


def _read(raw: _Raw, record: bytes) -> Reading | None:
    if raw.event_type_value is None or raw.resolved_actor is None:
        return None
    time = first_time(raw.timestamp)
    if time is None:
        return NotRead("cloud app activity without a readable time", broken=True)
    kind = text(raw.generic_event_type) or text(raw.event_type_name)
    if kind.endswith("LOGIN"):
        return [_sign_in(time, raw, failed=kind.endswith("FAILED_LOGIN"), record=record)]
    if raw.adallom is not None:
        return [_change(time, raw, record)]
    return NotRead(f"cloud app activity: {text(raw.event_type_value)} is not read")


def _common(time: int, raw: _Raw, record: bytes) -> dict[str, Any]:
    place, device = raw.location or _Place(), raw.device or _Device()
    agent = raw.user_agent or _Agent()
    system = agent.operating_system or _System()
    agent_text = None if known(device.user_agent).startswith(";") else known(device.user_agent)
    version = f"{known(system.name)} {known(system.version)}".strip()
    browser = known(agent.browser).capitalize()
    return {
        "time": time,
        "id": record_id(known(raw.uid) or known(raw.id), record),
        "source": FORMAT.name,
        "tenant_id": identifier(raw.aad_tenant_id),
        "ip_address": canonical_address(device.client_ip),
        "location": spot(
            place.country_code, place.region, place.city, (place.latitude, place.longitude)
        ),
        "network": network(None, place.organization_searchable),
        "client": program(agent_text, browser, version),
        "session_id": known(raw.session.session_id) if raw.session else "",
    }


def _who(raw: _Raw) -> dict[str, Any]:
    actor, login = raw.resolved_actor or _Actor(), raw.raw_data_json or _Login()
    object_id = identifier(login.HomeTenantUserObjectId)
    if not object_id and known(actor.saas_id) == AZURE_AD:
        object_id = identifier(actor.id)
    name = login.Upn or (raw.user.user_name if raw.user else None)
    return {
        "user_id": object_id,
        "user_principal_name": principal(known(name)),
        "user_display_name": known(actor.name),
    }


def _sign_in(time: int, raw: _Raw, *, failed: bool, record: bytes) -> SignIn:
    login = raw.raw_data_json or _Login()
    said = html.unescape(text(raw.description))
    common = _common(time, raw, record)
    code = login.LoginErrorCode
    if code is None:
        fields = (FAILED if failed else SIGNED_IN).fields(said)
    else:
        meaning = result_code(code)
        with_mfa = not code and "done" in text(login.MfaResult).casefold()
        fields = {
            "error_code": code,
            "failure_reason": said if code else "",
            "credentials": meaning.credentials,
            "result": meaning.result,
            "mfa": "fresh" if with_mfa else second_factor(code, said, ()),
        }
        common["id"] = identifier(login.RequestId) or common["id"]
        common["time"] = first_time(login.TimeStamp) or time
    return SignIn(
        **common,
        **_who(raw),
        **fields,
        operation=text(raw.event_type_value),
        correlation_id=identifier(login.CorrelationId),
        app_id=identifier(login.ApplicationId),
        app_display_name=known(login.ApplicationName) or known(raw.app_name),
        home_tenant_id=identifier(login.HomeTenantId),
        resource_tenant_id=identifier(login.TenantId),
        is_interactive=login.IsInteractive is not False,
    )


def _change(time: int, raw: _Raw, record: bytes) -> Event:
    """An administrator dismissed or resolved an alert of the product about somebody."""
    alert = raw.adallom or _Alert()
    parts = text(alert.alert_actor).split("|")
    about = identifier(parts[-1]) if parts[0] == AZURE_AD else ""
    return DirectoryChange(
        **_common(time, raw, record),
        **_who(raw),
        operation=text(raw.event_type_value),
        app_display_name=known(raw.app_name),
        category="Cloud app alert",
        target_ids=(about,),
        target_names=(known(alert.alert_title),),
        target_types=("Alert",),
    )


FORMAT = Format(
    name="cloud app activities",
    hints=(b'"resolvedActor"',),
    read=read,
)
