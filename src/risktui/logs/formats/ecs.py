"""Authentication events of the Elastic Common Schema, whatever product they come from."""

from __future__ import annotations

from typing import Any

import msgspec

from risktui.logs.formats.elsewhere import (
    FAILED,
    MFA_FAILED,
    SIGNED_IN,
    WRONG_PASSWORD,
    Outcome,
    actor_of,
    first_time,
    known,
    microsofts,
    network,
    person,
    program,
    spot,
)
from risktui.logs.formats.fields import lenient, record_id, strings, text, typed
from risktui.logs.formats.registry import Format, NotRead, Reading
from risktui.model.addresses import canonical_address
from risktui.model.events import SignIn


class _Event(msgspec.Struct, gc=False):
    id: str | None = None
    kind: str | None = None
    category: list[str | None] | str | None = None
    type: list[str | None] | str | None = None
    action: str | None = None
    outcome: str | None = None
    reason: str | None = None
    module: str | None = None
    dataset: str | None = None


class _User(msgspec.Struct, gc=False):
    id: str | None = None
    name: str | None = None
    email: str | None = None
    full_name: str | None = None
    domain: str | None = None


class _Point(msgspec.Struct, gc=False):
    lat: float | None = None
    lon: float | None = None


class _Geo(msgspec.Struct, gc=False):
    country_iso_code: str | None = None
    country_name: str | None = None
    region_name: str | None = None
    city_name: str | None = None
    location: _Point | str | list[float] | None = None


class _Organisation(msgspec.Struct, gc=False):
    name: str | None = None


class _System(msgspec.Struct, gc=False):
    number: int | None = None
    organization: _Organisation | None = None


class _Source(msgspec.Struct, gc=False):
    ip: list[str | None] | str | None = None
    address: str | None = None
    geo: _Geo | None = None
    autonomous: _System | None = msgspec.field(name="as", default=None)


class _Os(msgspec.Struct, gc=False):
    name: str | None = None
    full: str | None = None


class _Agent(msgspec.Struct, gc=False):
    original: str | None = None
    name: str | None = None
    os: _Os | None = None


class _Named(msgspec.Struct, gc=False):
    id: str | None = None
    name: str | None = None


class _Error(msgspec.Struct, gc=False):
    code: str | None = None
    message: str | None = None


class _Raw(msgspec.Struct, gc=False):
    timestamp: str | float | None = msgspec.field(name="@timestamp", default=None)
    event: _Event | None = None
    user: _User | None = None
    source: _Source | None = None
    client: _Source | None = None
    user_agent: _Agent | None = None
    host: _Named | None = None
    service: _Named | None = None
    organization: _Named | None = None
    error: _Error | None = None
    message: str | None = None
    hit: Any = msgspec.field(name="_source", default=None)
    hit_id: str | None = msgspec.field(name="_id", default=None)


_exact = msgspec.json.Decoder(_Raw, strict=False).decode

_PASSWORD_WORDS = ("password", "credential", "50126")
_FACTOR_WORDS = ("mfa", "second factor", "otp", "multi-factor")


def read(record: bytes) -> Reading | None:
    """The sign-in in `record`; None where it is no ECS event."""
    raw = typed(record, _Raw, _exact)
    hit_id = raw.hit_id
    if isinstance(raw.hit, dict):
        raw = lenient(_Raw, raw.hit)
    event = raw.event or _Event()
    if raw.timestamp is None or (raw.event or raw.source or raw.user) is None:
        return None
    categories = [each.casefold() for each in strings(event.category)]
    if text(event.kind).casefold() in {"alert", "signal", "state", "metric"}:
        return NotRead(f"ecs: an event of kind {text(event.kind)}")
    types = {each.casefold() for each in strings(event.type)}
    if "authentication" not in categories:
        return NotRead(f"ecs: an event of category {', '.join(categories) or 'none'}, no sign-in")
    if "end" in types and "start" not in types:
        return NotRead("ecs: the end of a session")
    time = first_time(raw.timestamp)
    if time is None:
        return NotRead("ecs: no readable time in @timestamp", broken=True)
    return [_sign_in(time, known(event.id) or known(hit_id), raw, event, record)]


def _sign_in(time: int, id_: str, raw: _Raw, event: _Event, record: bytes) -> SignIn:
    user, agent = raw.user or _User(), raw.user_agent or _Agent()
    login = user.email or user.name
    said = event.reason or (raw.error.message or raw.error.code if raw.error else None)
    app = raw.service or raw.host or _Named()
    system = agent.os or _Os()
    return SignIn(
        time=time,
        id=record_id(id_, record),
        source=FORMAT.name,
        tenant_id=known(raw.organization.id).lower() if raw.organization else "",
        actor=actor_of(login),
        operation=text(event.action) or "authentication",
        client=program(agent.original, agent.name, system.full or system.name),
        app_id=known(app.id).lower(),
        app_display_name=known(app.name) or known(event.dataset or event.module),
        **_who(user, event),
        **_whence(raw),
        **_outcome(event, text(said)).fields(said),
    )


def _who(user: _User, event: _Event) -> dict[str, Any]:
    """By the name; an id is somebody only within its product, and a host's 0 within the host."""
    who = person(user.email or user.name or user.id, user.full_name)
    is_entra = text(event.dataset or event.module).startswith(("azure", "o365", "entra"))
    return microsofts(who, user.id) if is_entra else who


def _whence(raw: _Raw) -> dict[str, Any]:
    source = raw.source or raw.client or _Source()
    geo, owner = source.geo or _Geo(), source.autonomous or _System()
    addresses = [canonical_address(each) for each in (*strings(source.ip), source.address)]
    country = geo.country_iso_code or geo.country_name
    return {
        "ip_address": next(filter(None, addresses), ""),
        "location": spot(country, geo.region_name, geo.city_name, _point(geo.location)),
        "network": network(owner.number, owner.organization.name if owner.organization else None),
    }


def _point(raw: _Point | str | list[float] | None) -> tuple[float | None, float | None]:
    """Elasticsearch's geo points: an object, `lat,lon` as text, or a list of lon and lat."""
    if isinstance(raw, _Point):
        return raw.lat, raw.lon
    if isinstance(raw, list) and len(raw) == 2:
        return raw[1], raw[0]
    if isinstance(raw, str):
        latitude, comma, longitude = raw.partition(",")
        try:
            return (float(latitude), float(longitude)) if comma else (None, None)
        except ValueError:
            pass
    return None, None


def _outcome(event: _Event, said: str) -> Outcome:
    """ECS knows success and failure; only a reason can tell what failed."""
    result = text(event.outcome).casefold()
    if result == "success":
        return SIGNED_IN
    words = f"{said} {text(event.action)}".casefold()
    if any(word in words for word in _FACTOR_WORDS):
        return MFA_FAILED
    return WRONG_PASSWORD if any(word in words for word in _PASSWORD_WORDS) else FAILED


FORMAT = Format(
    name="ecs authentication",
    hints=(b'"@timestamp"',),
    read=read,
)
