"""Rows of Log Analytics and Sentinel: sign-ins, audit, risk and Graph activity as tables."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from risktui.logs.formats.entra_audit import audit_events
from risktui.logs.formats.entra_audit_record import Diagnostic as AuditEnvelope
from risktui.logs.formats.entra_audit_record import RawAudit
from risktui.logs.formats.entra_risk_record import RawRisk
from risktui.logs.formats.entra_sign_in import sign_in_events
from risktui.logs.formats.entra_sign_in_record import Diagnostic, RawSignIn
from risktui.logs.formats.fields import lenient, text
from risktui.logs.formats.graph_activity import RawCall, call_events
from risktui.logs.formats.registry import Format, NotRead, Reading
from risktui.logs.formats.risk_events import risk_events
from risktui.logs.formats.rows import renamed, row
from risktui.logs.times import parse_time
from risktui.model.events import Actor

SIGN_INS: dict[str, tuple[Actor, bool]] = {
    "signinlogs": ("user", True),
    "noninteractiveusersigninlogs": ("user", False),
    "serviceprincipalsigninlogs": ("servicePrincipal", False),
    "managedidentitysigninlogs": ("managedIdentity", False),
    "adfssigninlogs": ("user", True),
}
"""Names of tables, without the AAD before them, and of the category in every row."""

Columns = dict[str, Any]


def read(record: bytes) -> Reading | None:
    """The events of a row; None where `record` is none of these tables."""
    columns = row(record)
    if "properties" in columns:  # a diagnostic record is no row
        return None
    table = text(str(columns.get("type") or columns.get("$table") or ""))
    name = table.casefold().removeprefix("aad")
    reader = _TABLES.get(name) or _by_columns(columns)
    return None if reader is None else reader(columns, record)


def _by_columns(columns: Columns) -> Callable[[Columns, bytes], Reading | None] | None:
    """What a row is that does not name its table, as after a query that picked columns."""
    has = columns.keys()
    if "createddatetime" in has and "@odata.type" not in has and _is_pascal(columns):
        return _sign_in if has & {"resulttype", "status", "appdisplayname"} else None
    if "aadoperationtype" in has or {"activitydatetime", "initiatedby"} <= has:
        return _audit if _is_pascal(columns) else None
    if {"timegenerated", "requesturi", "requestmethod"} <= has:
        return _api_call
    if "timegenerated" in has and has & {"riskeventtype", "risklastupdateddatetime"}:
        return _risk
    if {"timegenerated", "userprincipalname", "resulttype", "appdisplayname"} <= has:
        return _sign_in
    return None


def _is_pascal(columns: Columns) -> bool:
    """Whether the row has a column that Microsoft Graph's objects of the same names have not."""
    return bool(columns.keys() & {"resulttype", "timegenerated", "aadoperationtype", "category"})


def _sign_in(columns: Columns, record: bytes) -> Reading | None:
    category = text(str(columns.get("category") or "")).casefold()
    table = text(str(columns.get("type") or "")).casefold().removeprefix("aad")
    kind = SIGN_INS.get(category) or SIGN_INS.get(table) or ("user", True)
    if table in SIGN_INS and table != "signinlogs":
        kind = SIGN_INS[table]
    columns = renamed(columns, {"resourceidentity": "resourceid"})
    if "resourceidentity" not in columns:
        columns.pop("resourceid", None)  # the tenant's, not the resource's
    country = columns.pop("location", None)  # which only stands in for the place
    columns["location"] = columns.get("locationdetails")
    columns.setdefault("appliedconditionalaccesspolicies", columns.get("conditionalaccesspolicies"))
    columns.setdefault("createddatetime", columns.get("timegenerated"))
    said = {name: columns.get(column) for name, column in _ENVELOPE.items()}
    said["category"] = category or table
    said["location"] = country if isinstance(country, str) else None
    said["tenantid"] = said["tenantid"] or columns.get("resourcetenantid")
    envelope = lenient(Diagnostic, said)
    return sign_in_events(envelope, lenient(RawSignIn, columns), kind, record, FORMAT.name)


_ENVELOPE = {
    "time": "timegenerated",
    "tenantid": "aadtenantid",
    "operationname": "operationname",
    "resulttype": "resulttype",
    "resultdescription": "resultdescription",
    "correlationid": "correlationid",
}
"""Fields of a diagnostic record's envelope, and the columns that hold them."""


def _audit(columns: Columns, record: bytes) -> Reading | None:
    columns = dict(columns)
    columns.setdefault("activitydisplayname", columns.get("operationname"))
    audit = lenient(RawAudit, columns)
    if not audit.activity_display_name:
        return None
    time = parse_time(columns.get("activitydatetime"))
    if time is None and (time := parse_time(columns.get("timegenerated"))) is None:
        return NotRead("audit row without a readable time", broken=True)
    said = {
        "tenantid": columns.get("aadtenantid"),
        "correlationid": columns.get("correlationid"),
        "calleripaddress": columns.get("initiatingipaddress"),
        "result": columns.get("resulttype"),
    }
    envelope = lenient(AuditEnvelope, said)
    return list(audit_events(time, envelope, audit, record, FORMAT.name))


def _risk(columns: Columns, record: bytes) -> Reading | None:
    raw = lenient(RawRisk, columns)
    raw.tenant_id = _tenant(columns) or raw.tenant_id
    return risk_events(raw, record, FORMAT.name, columns.get("timegenerated"))


def _api_call(columns: Columns, record: bytes) -> Reading | None:
    raw = lenient(RawCall, columns)
    return call_events(raw, record, FORMAT.name, _tenant(columns))


def _tenant(columns: Columns) -> str | None:
    tenant = columns.get("aadtenantid")
    return tenant if isinstance(tenant, str) else None


_TABLES: dict[str, Callable[[Columns, bytes], Reading | None]] = {
    **dict.fromkeys(SIGN_INS, _sign_in),
    "auditlogs": _audit,
    "userriskevents": _risk,
    "riskyusers": _risk,
    "microsoftgraphactivitylogs": _api_call,
    "graphactivitylogs": _api_call,
}

FORMAT = Format(
    name="log analytics",
    hints=(
        b'"TimeGenerated',
        b'"CreatedDateTime',
        b'"Type"',
        b'"$table"',
        b'"AADOperationType"',
        b'"ActivityDateTime',
    ),
    read=read,
)
