"""Alerts in the unified audit log: Defender for Cloud Apps (98) and Purview compliance (40)."""

from __future__ import annotations

from typing import Any

from risktui.logs.formats.alert_titles import risk_event_type_of
from risktui.logs.formats.fields import embedded, principal, text
from risktui.logs.formats.unified_record import Unified
from risktui.logs.times import parse_time
from risktui.model.addresses import canonical_address
from risktui.model.events import Event, ProductAlert
from risktui.model.names import name_of, object_id

CLOUD_APPS = "Microsoft Defender for Cloud Apps"
EXCHANGE = "Exchange Online Protection"
COMPLIANCE = "Office 365 Security & Compliance"


def cloud_app_alert(record: Unified) -> list[Event]:
    """An alert of Defender for Cloud Apps, at the time of what it is about."""
    raw = record.raw
    addresses = filter(None, map(canonical_address, raw.client_ips or ()))
    common = record.common()
    title = text(raw.alert_display_name) or record.operation
    return [
        ProductAlert(
            **common
            | {
                "id": text(raw.alert_id) or record.id,
                "time": parse_time(raw.activity_start_time) or record.time,
                "ip_address": common["ip_address"] or next(addresses, ""),
            },
            **record.doer(),
            product=CLOUD_APPS,
            title=title,
            severity=text(raw.alert_severity or raw.severity).casefold(),
            category=text(raw.alert_category or raw.category),
            risk_event_type=risk_event_type_of(title, record.operation),
        )
    ]


def compliance_alert(record: Unified) -> list[Event]:
    """An alert of the compliance portal; the person stands in `Data`, which is JSON in a string."""
    raw = record.raw
    inner = embedded(raw.data or "")
    data: dict[str, Any] = inner if isinstance(inner, dict) else {}
    candidates = (data.get("f3u"), data.get("suid"), raw.alert_entity_id)
    about = next(filter(None, map(_person, candidates)), "")
    common = record.common()
    return [
        ProductAlert(
            **common
            | {
                "time": parse_time(data.get("ts")) or record.time,
                "ip_address": canonical_address(data.get("sip")) or common["ip_address"],
            },
            actor="user" if about else "system",
            user_principal_name=principal(about) if "@" in about else "",
            user_id=object_id(about),
            product=text(raw.source) or COMPLIANCE,
            title=text(raw.name) or text(data.get("an")) or record.operation,
            severity=text(raw.severity or data.get("sev")).casefold(),
            category=text(raw.category),
            risk_event_type=risk_event_type_of(text(raw.name), record.operation),
        )
    ]


def restriction(record: Unified) -> list[Event]:
    """A mailbox that outbound spam protection has put on its list, with the numbers it gives."""
    raw = record.raw
    about = next(filter(None, map(_person, (raw.event_value, raw.user_id, raw.object_id))), "")
    if not about or text(raw.event).casefold() not in {"", "listed"}:
        return []
    return [
        ProductAlert(
            **record.common(),
            user_principal_name=principal(about) if "@" in about else "",
            user_id=object_id(about),
            product=EXCHANGE,
            title="User restricted from sending email",
            severity="medium",
            category=text(raw.reason),
            about="user",
        )
    ]


def _person(value: object) -> str:
    """`value` where it is a principal name or an object id, else ""."""
    return value if isinstance(value, str) and (name_of(value) or object_id(value)) else ""
