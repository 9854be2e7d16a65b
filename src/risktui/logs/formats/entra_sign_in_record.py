"""The fields that are read of Entra's sign-in records, as they stand there."""

from __future__ import annotations

from typing import TypeAlias

import msgspec

from risktui.logs.formats.access_policies import Policy
from risktui.logs.formats.second_factor import Step
from risktui.logs.formats.where import Place


class Status(msgspec.Struct, rename="camel", gc=False):
    """How it ended."""

    error_code: int | None = None
    failure_reason: str | None = None
    additional_details: str | None = None


class Device(msgspec.Struct, rename="camel", gc=False):
    """`deviceDetail`: keys are absent where nothing is known."""

    device_id: str | None = None
    display_name: str | None = None
    operating_system: str | None = None
    browser: str | None = None
    is_compliant: bool | None = None
    is_managed: bool | None = None
    trust_type: str | None = None


class NetworkLocation(msgspec.Struct, rename="camel", gc=False):
    """A named location that the address is in."""

    network_type: str | None = None
    network_names: list[str | None] | str | None = None


class SignInFields(msgspec.Struct, rename="camel", gc=False):
    """What is read of `properties`, and of Graph's `signIn`, which have the same names.

    In the order in which they stand there: each is looked for behind the one before.
    """

    id: str | None = None
    created_date_time: str | int | None = None
    user_display_name: str | None = None
    user_principal_name: str | None = None
    user_id: str | None = None
    app_id: str | None = None
    app_display_name: str | None = None
    ip_address: str | None = None
    client_app_used: str | None = None
    user_agent: str | None = None
    correlation_id: str | None = None
    conditional_access_status: str | None = None
    is_interactive: bool | None = None
    token_issuer_name: str | None = None
    token_issuer_type: str | None = None
    authentication_details: list[Step] | str | None = None
    authentication_requirement: str | None = None
    risk_detail: str | None = None
    risk_level_aggregated: str | None = None
    risk_level_during_sign_in: str | None = None
    risk_state: str | None = None
    risk_event_types: list[str | None] | str | None = None
    risk_event_types_v2: list[str | None] | str | None = msgspec.field(
        name="riskEventTypes_v2", default=None
    )
    resource_display_name: str | None = None
    resource_id: str | None = None
    resource_tenant_id: str | None = None
    home_tenant_id: str | None = None
    service_principal_id: str | None = None
    user_type: str | None = None
    autonomous_system_number: int | None = None
    cross_tenant_access_type: str | None = None
    unique_token_identifier: str | None = None
    incoming_token_type: str | None = None
    authentication_protocol: str | None = None
    session_id: str | None = None
    sign_in_event_types: list[str | None] | str | None = None
    service_principal_name: str | None = None
    service_principal_credential_key_id: str | None = None


class RawSignIn(SignInFields, rename="camel", gc=False):
    """The same with its objects and lists."""

    status: Status | str | None = None
    device_detail: Device | str | None = None
    location: Place | str | None = None
    applied_conditional_access_policies: list[Policy] | str | None = None
    network_location_details: list[NetworkLocation] | str | None = None


class PackedSignIn(SignInFields, rename="camel", gc=False):
    """The same with its objects and lists as they stand there, to be looked up."""

    status: msgspec.Raw = msgspec.Raw()
    device_detail: msgspec.Raw = msgspec.Raw()
    location: msgspec.Raw = msgspec.Raw()
    applied_conditional_access_policies: msgspec.Raw = msgspec.Raw()
    network_location_details: msgspec.Raw = msgspec.Raw()


AnySignIn: TypeAlias = RawSignIn | PackedSignIn


class Envelope(msgspec.Struct, rename="camel", gc=False):
    """The envelope of an Azure Monitor diagnostic record."""

    category: str | None = None
    time: str | int | None = None
    tenant_id: str | None = None
    operation_name: str | None = None
    result_type: str | int | None = None
    result_description: str | None = None
    caller_ip_address: str | None = None
    correlation_id: str | None = None
    location: str | None = None
    """A country; only read where the properties name no place."""


class Diagnostic(Envelope, rename="camel", gc=False):
    """The whole record."""

    properties: RawSignIn | str | None = None


class PackedDiagnostic(Envelope, rename="camel", gc=False):
    """The whole record, its objects and lists as they stand there."""

    properties: PackedSignIn | str | None = None
    risktui: msgspec.Raw | msgspec.UnsetType = msgspec.UNSET
    """Stands in what we wrote ourselves."""
