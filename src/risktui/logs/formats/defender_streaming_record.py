"""The columns that are read of Defender XDR's hunting tables, as they stand there."""

from __future__ import annotations

from typing import Any

import msgspec

from risktui.logs.formats.fields import embedded, typed


class Row(msgspec.Struct, rename="pascal", gc=False):
    """Columns of several tables; none has all of them."""

    timestamp: str | float | None = None
    time_generated: str | float | None = None
    report_id: str | None = None
    report_number: int | None = msgspec.field(name="ReportId_long", default=None)
    action_type: str | None = None
    # AlertInfo, AlertEvidence
    alert_id: str | None = None
    title: str | None = None
    category: str | None = None
    categories: list[str | None] | str | None = None
    severity: str | None = None
    service_source: str | None = None
    entity_type: str | None = None
    evidence_role: str | None = None
    remote_ip: str | None = msgspec.field(name="RemoteIP", default=None)
    # accounts
    account_upn: str | None = None
    account_object_id: str | None = None
    account_name: str | None = None
    account_domain: str | None = None
    account_display_name: str | None = None
    # IdentityLogonEvents
    application: str | None = None
    application_id: str | None = None
    logon_type: str | None = None
    protocol: str | None = None
    failure_reason: str | None = None
    target_device_name: str | None = None
    destination_device_name: str | None = None
    device_id: str | None = None
    device_name: str | None = None
    logon_device: str | None = msgspec.field(name="Device", default=None)
    os_platform: str | None = msgspec.field(name="OSPlatform", default=None)
    ip_address: str | None = msgspec.field(name="IPAddress", default=None)
    location: str | None = None
    isp: str | None = msgspec.field(name="ISP", default=None)
    # DeviceProcessEvents
    file_name: str | None = None
    process_command_line: str | None = None
    initiating_process_file_name: str | None = None
    initiating_process_account_upn: str | None = None
    initiating_process_account_object_id: str | None = None
    # CloudAppEvents, IdentityDirectoryEvents
    activity_type: str | None = None
    country_code: str | None = None
    city: str | None = None
    user_agent: str | None = None
    user_agent_string: str | None = msgspec.field(name="UserAgent_string", default=None)
    object_name: str | None = None
    target_account_upn: str | None = None
    raw_event_data: Any = None
    additional_fields: Any = None

    @property
    def report(self) -> str:
        """The row's own id; a number where it is of a device's events."""
        return self.report_id or ("" if self.report_number is None else str(self.report_number))

    @property
    def is_logon(self) -> bool:
        """Whether the row can be of IdentityLogonEvents, and not of a device's logons."""
        return self.application is not None and self.logon_type is not None

    @property
    def agent(self) -> str | None:
        """The user agent, under either of its names."""
        return self.user_agent or self.user_agent_string

    def additional(self) -> dict[str, Any]:
        """AdditionalFields, which are JSON in a string when streamed."""
        fields = self.additional_fields
        fields = embedded(fields) if isinstance(fields, str) else fields
        found = fields if isinstance(fields, dict) else {}
        return {key: value for key, value in found.items() if isinstance(value, str)}

    def inner(self) -> bytes | None:
        """The record of the product that the activity was in; None where it is not there."""
        data = self.raw_event_data
        data = embedded(data) if isinstance(data, str) else data
        return msgspec.json.encode(data) if isinstance(data, dict) and data else None


class Envelope(msgspec.Struct, rename="camel", gc=False):
    """What the streaming puts around a row."""

    time: str | float | None = None
    tenant_id: str | None = None
    category: str | None = None
    properties: Row = msgspec.field(default_factory=Row)

    @classmethod
    def of(cls, record: bytes) -> Envelope:
        """`record` in its envelope; a row without one gets an empty one."""
        if b"AdvancedHunting-" in record:
            return typed(record, Envelope, _envelope)
        return cls(properties=typed(record, Row, _row))


_row = msgspec.json.Decoder(Row, strict=False).decode
_envelope = msgspec.json.Decoder(Envelope, strict=False).decode
