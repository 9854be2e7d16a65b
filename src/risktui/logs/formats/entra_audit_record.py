"""The fields that are read of Entra's audit records, as they stand there."""

from __future__ import annotations

import msgspec


class Person(msgspec.Struct, rename="camel", gc=False):
    """A user who acts."""

    id: str | None = None
    display_name: str | None = None
    user_principal_name: str | None = None
    ip_address: str | None = None
    user_type: str | None = None


class App(msgspec.Struct, rename="camel", gc=False):
    """An application that acts."""

    app_id: str | None = None
    display_name: str | None = None
    service_principal_id: str | None = None
    service_principal_name: str | None = None


class Initiator(msgspec.Struct, gc=False):
    """Who acts: a user or an application."""

    user: Person | None = None
    app: App | None = None


class Change(msgspec.Struct, rename="camel", gc=False):
    """One property that was changed; the values are JSON inside strings."""

    display_name: str | None = None
    old_value: str | None = None
    new_value: str | None = None


class Target(msgspec.Struct, rename="camel", gc=False):
    """What it was done to."""

    id: str | None = None
    display_name: str | None = None
    type: str | None = None
    old_type: str | None = msgspec.field(name="Type", default=None)
    user_principal_name: str | None = None
    modified_properties: list[Change] | str | None = None


class Detail(msgspec.Struct, gc=False):
    """A further detail."""

    key: str | None = None
    value: str | None = None


class RawAudit(msgspec.Struct, rename="camel", gc=False):
    """What is read of `properties`, and of Graph's `directoryAudit`, which have the same names."""

    id: str | None = None
    category: str | None = None
    correlation_id: str | None = None
    result: str | None = None
    result_reason: str | None = None
    activity_display_name: str | None = None
    activity_date_time: str | int | None = None
    logged_by_service: str | None = None
    user_agent: str | None = None
    initiated_by: Initiator | str | None = None
    target_resources: list[Target] | str | None = None
    additional_details: list[Detail] | str | None = None


class Diagnostic(msgspec.Struct, rename="camel", gc=False):
    """The envelope of an Azure Monitor diagnostic record."""

    category: str | None = None
    time: str | int | None = None
    tenant_id: str | None = None
    operation_name: str | None = None
    result: str | None = None
    caller_ip_address: str | None = None
    correlation_id: str | None = None
    properties: RawAudit | str | None = None
