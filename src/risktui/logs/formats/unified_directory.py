"""Changes in the directory as the unified audit log tells them (record type 8)."""

from __future__ import annotations

from risktui.logs.formats.entra_audit import audit_events
from risktui.logs.formats.entra_audit_record import (
    App,
    Change,
    Detail,
    Diagnostic,
    Initiator,
    Person,
    RawAudit,
    Target,
)
from risktui.logs.formats.fields import embedded, text
from risktui.logs.formats.unified_doer import object_of, referred
from risktui.logs.formats.unified_record import Unified, named
from risktui.model.events import Event

KINDS_OF_OBJECTS = frozenset(
    "User Group Role Application ServicePrincipal Device Policy Other AdministrativeUnit".split()  # noqa: SIM905
)


def directory_change(record: Unified) -> list[Event]:
    """What `record` tells, as Entra's own audit log would tell it."""
    raw = record.raw
    details = named(raw.extended_properties)
    inner = embedded(details.get("additionaldetails", ""))
    more = [Detail(key=str(k), value=str(v)) for k, v in inner.items()] if _is(inner) else []
    audit = RawAudit(
        id=record.id,
        category=details.get("extendedauditeventcategory"),
        correlation_id=raw.inter_systems_id,
        result="success" if record.succeeded else "failure",
        activity_display_name=record.operation,
        initiated_by=_initiator(record),
        target_resources=[_target(record)],
        additional_details=more,
    )
    common = record.common()
    envelope = Diagnostic(
        tenant_id=raw.organization_id, caller_ip_address=common["ip_address"], properties=audit
    )
    events = audit_events(record.time, envelope, audit, b"", record.source)
    doer = record.doer()
    for event in events:
        event.coarse = common["coarse"]
        if event.user_principal_name == doer["user_principal_name"]:
            event.aliases = doer["aliases"]
    return events


def _is(inner: object) -> bool:
    return isinstance(inner, dict)


def _initiator(record: Unified) -> Initiator:
    doer = record.doer()
    if doer["actor"] == "user":
        return Initiator(
            user=Person(
                id=doer["user_id"],
                user_principal_name=doer["user_principal_name"],
                user_type=doer["user_type"],
            )
        )
    actor = record.raw.actor
    return Initiator(
        app=App(
            display_name=referred(actor, 1) or text(record.raw.user_id),
            service_principal_id=object_of(actor),
        )
    )


def _target(record: Unified) -> Target:
    raw = record.raw
    words = [text(each.ID) for each in raw.target or () if each.Type == 2]
    kind = next((word for word in words if word in KINDS_OF_OBJECTS), "")
    changes = [
        Change(
            display_name=pair.name,
            old_value=pair.old_value,
            new_value=pair.new_value,
        )
        for pair in raw.modified_properties or ()
    ]
    return Target(
        id=object_of(raw.target),
        display_name=referred(raw.target, 1) or text(raw.object_id),
        type=kind,
        user_principal_name=referred(raw.target, 5) or None,
        modified_properties=changes,
    )
