"""Microsoft's own risk: UserRiskEvents, RiskyUsers, Graph's risk objects, identityRiskEvents."""

from __future__ import annotations

import msgspec

from risktui.logs.formats.entra_risk_record import Diagnostic, RawRisk
from risktui.logs.formats.fields import is_wrapped, lenient, typed
from risktui.logs.formats.registry import Format, Reading
from risktui.logs.formats.risk_events import risk_events

CATEGORIES = frozenset({"userriskevents", "riskyusers"})
"""Diagnostic categories in lower case; those of service principals are not about people."""

_diagnostic = msgspec.json.Decoder(Diagnostic, strict=False).decode
_graph = msgspec.json.Decoder(RawRisk, strict=False).decode


def read(record: bytes) -> Reading | None:
    """The provider's verdict in `record`; None where it is none."""
    if not is_wrapped(record):
        raw = typed(record, RawRisk, _graph)
        return risk_events(raw, record, FORMAT.name, None) if _is_risk(raw) else None
    envelope = typed(record, Diagnostic, _diagnostic)
    if (envelope.category or "").strip().casefold() not in CATEGORIES:
        return None
    if isinstance(envelope.properties, str):
        envelope.properties = lenient(RawRisk, envelope.properties)
    raw = envelope.properties or RawRisk()
    raw.tenant_id = raw.tenant_id or envelope.tenant_id
    raw.ip_address = raw.ip_address or envelope.caller_ip_address
    return risk_events(raw, record, FORMAT.name, envelope.time)


def _is_risk(raw: RawRisk) -> bool:
    is_detection = bool(raw.risk_event_type or raw.risk_type) and bool(raw.detected_date_time)
    return is_detection or bool(raw.risk_last_updated_date_time or raw.risk_event_date_time)


FORMAT = Format(
    name="entra risk",
    hints=(
        b'"UserRiskEvents"',
        b'"RiskyUsers"',
        b'"detectedDateTime"',
        b'"riskLastUpdatedDateTime"',
        b'"riskEventDateTime"',
    ),
    read=read,
)
