"""The fields that are read of Microsoft's own risk detections and risky users."""

from __future__ import annotations

import msgspec

from risktui.logs.formats.where import Place


class RiskActivity(msgspec.Struct, rename="camel", gc=False):
    """What a step of a risky user's history is about."""

    event_types: list[str | None] | None = None
    risk_event_types: list[str | None] | None = None
    detail: str | None = None


class RawRisk(msgspec.Struct, rename="camel", gc=False):
    """What is read of `riskDetection`, `riskyUser`, `riskyUserHistoryItem` and older forms."""

    id: str | None = None
    type: str | None = msgspec.field(name="@odata.type", default=None)
    request_id: str | None = None
    correlation_id: str | None = None
    risk_event_type: str | None = None
    risk_type: str | None = None
    risk_state: str | None = None
    risk_level: str | None = None
    risk_detail: str | None = None
    risk_event_status: str | None = None
    source: str | None = None
    detection_timing_type: str | None = None
    activity: str | RiskActivity | None = None
    ip_address: str | None = None
    location: Place | str | None = None
    activity_date_time: str | int | None = None
    detected_date_time: str | int | None = None
    last_updated_date_time: str | int | None = None
    risk_last_updated_date_time: str | int | None = None
    risk_event_date_time: str | int | None = None
    created_date_time: str | int | None = None
    user_id: str | None = None
    user_display_name: str | None = None
    user_principal_name: str | None = None
    user_type: str | None = None
    user_agent: str | None = None
    additional_info: str | None = None
    token_issuer_type: str | None = None
    tenant_id: str | None = None
    resource_tenant_id: str | None = None
    home_tenant_id: str | None = None
    initiated_by: str | None = None
    is_deleted: bool | None = None
    is_guest: bool | None = None


class Diagnostic(msgspec.Struct, rename="camel", gc=False):
    """The envelope of an Azure Monitor diagnostic record."""

    category: str | None = None
    time: str | int | None = None
    tenant_id: str | None = None
    caller_ip_address: str | None = None
    properties: RawRisk | str | None = None
