"""Auth0's tenant log, from its API and from log streams (which wrap it in `data`)."""

from __future__ import annotations

from typing import Any

import msgspec

from risktui.logs.formats.auth0_types import (
    ACCOUNT_CHANGES,
    ALERTS,
    CHANGES,
    OUTCOMES,
    PASSWORD_CHANGES,
    TOKENS,
)
from risktui.logs.formats.elsewhere import actor_of, first_time, known, person, program, spot
from risktui.logs.formats.fields import record_id, text, typed
from risktui.logs.formats.registry import Format, NotRead, Reading
from risktui.model.addresses import canonical_address
from risktui.model.events import (
    AccountChange,
    DirectoryChange,
    Event,
    PasswordChange,
    ProductAlert,
    SignIn,
)


class _Place(msgspec.Struct, gc=False):
    country_code: str | None = None
    country_name: str | None = None
    city_name: str | None = None
    latitude: float | None = None
    longitude: float | None = None


class _User(msgspec.Struct, gc=False):
    email: str | None = None
    name: str | None = None
    user_id: str | None = None


class _Auth(msgspec.Struct, gc=False):
    user: _User | None = None


class _Request(msgspec.Struct, gc=False):
    auth: _Auth | None = None
    method: str | None = None
    path: str | None = None


class _Details(msgspec.Struct, gc=False):
    session_id: str | None = None
    request: _Request | None = None


class _Entry(msgspec.Struct, gc=False):
    log_id: str | None = None
    id: str | None = msgspec.field(name="_id", default=None)
    date: str | float | None = None
    type: str | None = None
    description: str | None = None
    ip: str | None = None
    user_agent: str | None = None
    user_id: str | None = None
    user_name: str | None = None
    client_id: str | None = None
    client_name: str | None = None
    connection: str | None = None
    strategy_type: str | None = None
    hostname: str | None = None
    tenant_name: str | None = None
    session_id: str | None = None
    location_info: _Place | None = None
    details: _Details | None = None


class _Stream(msgspec.Struct, gc=False):
    log_id: str | None = None
    data: _Entry | None = None


_stream = msgspec.json.Decoder(_Stream, strict=False).decode
_entry = msgspec.json.Decoder(_Entry, strict=False).decode


def read(record: bytes) -> Reading | None:
    """What `record` tells; None where it is no entry of a tenant log."""
    stream = typed(record, _Stream, _stream)
    raw = stream.data or typed(record, _Entry, _entry)
    kind = text(raw.type)
    is_entry = raw.client_id is not None and (stream.data or raw.log_id) is not None
    if not kind or not is_entry or raw.date is None:
        return None
    time = first_time(raw.date)
    if time is None:
        return NotRead("auth0: no readable time in date", broken=True)
    details = raw.details or _Details()
    place = raw.location_info or _Place()
    common: dict[str, Any] = {
        "time": time,
        "id": record_id(known(raw.log_id) or known(raw.id) or known(stream.log_id), record),
        "source": FORMAT.name,
        "tenant_id": known(raw.tenant_name or raw.hostname).lower(),
        "operation": kind,
        "ip_address": canonical_address(raw.ip),
        "location": spot(
            place.country_code or place.country_name,
            None,
            place.city_name,
            (place.latitude, place.longitude),
        ),
        "client": program(raw.user_agent),
        "session_id": known(raw.session_id) or known(details.session_id),
        "app_id": known(raw.client_id).lower(),
        "app_display_name": known(raw.client_name),
    }
    return _events(kind, common, raw) or NotRead(f"auth0: {kind} is not read")


def _who(raw: _Entry) -> dict[str, Any]:
    """The user: by the name signed in with, which databases of users have as e-mail address."""
    user = _administrator(raw)
    own = raw.user_id or (user.user_id if user else None)
    email = user.email if user and user.email and own in {user.user_id, raw.user_id} else None
    return person(raw.user_name or email or own, user.name if user else None, "auth0", own)


def _administrator(raw: _Entry) -> _User | None:
    """Who used the management API."""
    request = raw.details.request if raw.details else None
    return request.auth.user if request and request.auth else None


def _events(kind: str, common: dict[str, Any], raw: _Entry) -> list[Event]:
    who = _who(raw)
    if (outcome := OUTCOMES.get(kind)) is not None:
        fields = outcome.fields(raw.description)
        sign_in = SignIn(
            **common,
            **who,
            **fields,
            actor="servicePrincipal" if not any(who.values()) and kind in TOKENS else "user",
            is_interactive=kind not in TOKENS,
            authentication_protocol=known(raw.strategy_type),
        )
        return [sign_in]
    if (alert := ALERTS.get(kind)) is not None:
        title, severity, risk_event_type = alert
        found = ProductAlert(
            **common,
            **who,
            product="Auth0",
            title=title,
            severity=severity,
            category=kind,
            risk_event_type=risk_event_type,
            about="user",
        )
        return [found]
    if (how := PASSWORD_CHANGES.get(kind)) is not None:
        return [PasswordChange(**common, **who, how=how)]
    if (what := ACCOUNT_CHANGES.get(kind)) is not None:
        return [AccountChange(**common, **who, what=what)]
    return [_change(kind, common, raw, who)] if kind in CHANGES else []


def _change(kind: str, common: dict[str, Any], raw: _Entry, who: dict[str, Any]) -> DirectoryChange:
    request = raw.details.request if raw.details else None
    path = f"{text(request.method)} {text(request.path)}".strip() if request else ""
    return DirectoryChange(
        **common | {"operation": text(raw.description) or kind},
        **who,
        actor=actor_of(raw.user_name) if any(who.values()) else "servicePrincipal",
        category=kind,
        succeeded=not kind.startswith("f"),
        target_names=(path,) if path else (),
    )


FORMAT = Format(
    name="auth0",
    hints=(b'"log_id"', b'"client_id"'),
    read=read,
)
