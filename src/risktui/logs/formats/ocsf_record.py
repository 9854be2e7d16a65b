"""The fields that are read of the Open Cybersecurity Schema Framework's events."""

from __future__ import annotations

from typing import Any

import msgspec


class Account(msgspec.Struct, gc=False):
    """An account of a user."""

    uid: str | None = None
    name: str | None = None
    type: str | None = None


class User(msgspec.Struct, gc=False):
    """A user; which field has the login depends on who mapped the event."""

    uid: str | None = None
    uid_alt: str | None = None
    name: str | None = None
    full_name: str | None = None
    email_addr: str | None = None
    type_id: int | None = None
    type: str | None = None
    account: Account | None = None


class Session(msgspec.Struct, gc=False):
    """A session."""

    uid: str | None = None
    is_mfa: bool | None = None


class Application(msgspec.Struct, gc=False):
    """An application or a service."""

    uid: str | None = None
    name: str | None = None


class Actor(msgspec.Struct, gc=False):
    """Who acts."""

    user: User | None = None
    session: Session | None = None
    app_name: str | None = None


class Place(msgspec.Struct, gc=False):
    """A place."""

    country: str | None = None
    region: str | None = None
    city: str | None = None
    coordinates: list[float] | None = None
    """Longitude first."""
    lat: float | None = None
    long: float | None = None


class System(msgspec.Struct, gc=False):
    """An autonomous system."""

    number: int | None = None
    name: str | None = None


class Endpoint(msgspec.Struct, gc=False):
    """The other end."""

    ip: str | None = None
    hostname: str | None = None
    name: str | None = None
    location: Place | None = None
    autonomous_system: System | None = None


class Os(msgspec.Struct, gc=False):
    """An operating system."""

    name: str | None = None


class Device(msgspec.Struct, gc=False):
    """A device."""

    uid: str | None = None
    name: str | None = None
    hostname: str | None = None
    ip: str | None = None
    os: Os | None = None
    location: Place | None = None


class Request(msgspec.Struct, gc=False):
    """A request."""

    user_agent: str | None = None


class Product(msgspec.Struct, gc=False):
    """Whose event it is."""

    name: str | None = None
    vendor_name: str | None = None


class Metadata(msgspec.Struct, gc=False):
    """What is said about the event itself."""

    uid: str | None = None
    correlation_uid: str | None = None
    tenant_uid: str | None = None
    event_code: str | None = None
    product: Product | None = None


class FindingInfo(msgspec.Struct, gc=False):
    """What was found."""

    uid: str | None = None
    title: str | None = None
    desc: str | None = None
    types: list[str | None] | None = None
    first_seen_time: int | str | None = None


class Evidence(msgspec.Struct, gc=False):
    """What a finding rests on."""

    actor: Actor | None = None
    user: User | None = None
    src_endpoint: Endpoint | None = None


class Resource(msgspec.Struct, gc=False):
    """What a finding is about."""

    owner: User | None = None


class RawOcsf(msgspec.Struct, gc=False):
    """An event of one of the three classes that are read."""

    class_uid: int | None = None
    activity_id: int | None = None
    activity_name: str | None = None
    time: int | str | float | None = None
    time_dt: str | None = None
    start_time: int | str | float | None = None
    severity: str | None = None
    severity_id: int | None = None
    status: str | None = None
    status_id: int | None = None
    status_code: str | None = None
    status_detail: str | None = None
    message: str | None = None
    is_mfa: bool | None = None
    auth_protocol: str | None = None
    auth_factors: list[Any] | None = None
    logon_type_id: int | None = None
    user: User | None = None
    actor: Actor | None = None
    session: Session | None = None
    service: Application | None = None
    dst_endpoint: Endpoint | None = None
    src_endpoint: Endpoint | None = None
    device: Device | None = None
    http_request: Request | None = None
    metadata: Metadata | None = None
    finding_info: FindingInfo | None = None
    evidences: list[Evidence] | None = None
    resources: list[Resource] | None = None
