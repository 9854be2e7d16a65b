"""Microsoft 365's unified audit log: Management API, Purview, PowerShell, OfficeActivity."""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache
from typing import Any, TypeAlias

import msgspec

from risktui.logs.formats.fields import embedded, is_ours, lenient, record_id, text, typed
from risktui.logs.formats.registry import Format, NotRead, Reading
from risktui.logs.formats.rows import renamed, row
from risktui.logs.formats.unified_alerts import cloud_app_alert, compliance_alert, restriction
from risktui.logs.formats.unified_directory import directory_change
from risktui.logs.formats.unified_doer import REMEMBERED
from risktui.logs.formats.unified_files import file_access
from risktui.logs.formats.unified_mail import mail_items, mailbox_act
from risktui.logs.formats.unified_record import (
    SMALL,
    RawUnified,
    Unified,
    event_time,
)
from risktui.logs.formats.unified_rules import exchange_command
from risktui.logs.formats.unified_sign_in import sign_in
from risktui.model.events import Event

KINDS: dict[int, Callable[[Unified], list[Event]]] = {
    1: exchange_command,
    2: mailbox_act,
    3: mailbox_act,
    4: file_access,
    6: file_access,
    7: file_access,
    8: directory_change,
    9: sign_in,
    14: file_access,
    15: sign_in,
    40: compliance_alert,
    50: mail_items,
    98: cloud_app_alert,
}
"""RecordType (AuditLogRecordType of the Management Activity API) and what reads it."""

OPERATIONS: dict[str, Callable[[Unified], list[Event]]] = {"hygienetenantevents": restriction}
"""Operations (in lower case) that are known whatever the number of their type."""

NAMES = {
    "exchangeadmin": 1,
    "exchangeitem": 2,
    "exchangeitemgroup": 3,
    "sharepoint": 4,
    "sharepointfileoperation": 6,
    "onedrive": 7,
    "azureactivedirectory": 8,
    "azureactivedirectoryaccountlogon": 9,
    "sharepointsharingoperation": 14,
    "azureactivedirectorystslogon": 15,
    "securitycompliancealerts": 40,
    "exchangeitemaggregated": 50,
    "microsoftcloudappsecurity": 98,
    "cloudappsecurity": 98,
}
"""The same as PowerShell and OfficeActivity write them."""

_WRAPPER = {"operations": "operation", "userids": "userid", "identity": "id", "recordid": "id"}
"""Columns around AuditData, for a row in which that is empty."""

_OFFICE_ACTIVITY = {
    "officeworkload": "workload",
    "officeobjectid": "objectid",
    "client_ipaddress": "clientipaddress",
    "site_url": "siteurl",
    "officeid": "id",
    "start_time": "creationtime",
    "machineid": "machineid",
    "aadtarget": "target",
}

_decode = msgspec.json.Decoder(RawUnified, strict=False).decode


def read(record: bytes) -> Reading | None:
    """The events of an audit record; None where `record` is none."""
    try:
        raw = _decode(record)
    except msgspec.ValidationError:
        return _read_otherwise(record)  # its types drift
    if not raw.is_plain or (raw.operation is None and b'"operation"' in record):
        return _read_otherwise(record)
    return _events(raw, record, ()) if _is_audit(raw) else None


def _read_otherwise(record: bytes) -> Reading | None:
    """The same of rows of tables, and of a record that is not quite what it should be."""
    if is_ours(record):
        return None
    others: tuple[object, ...] = ()
    if b'"AuditData"' in record or b'"auditdata"' in record:
        columns = renamed(row(record), _WRAPPER)
        if "auditdata" not in columns and "operation" not in columns:
            return None
        raw = _unwrapped(columns)
        others = (columns.get("creationdate"),)
    elif b'"OfficeWorkload"' in record:
        columns = renamed(row(record), _OFFICE_ACTIVITY)
        raw = lenient(RawUnified, columns)
        others = (columns.get("timegenerated"), columns.get("elevationtime"))
    else:
        raw = typed(record, RawUnified, _decode)
        if raw.operation is None and b'"operation"' in record:
            raw = lenient(RawUnified, msgspec.json.decode(record))
    return _events(raw, record, others) if _is_audit(raw) else None


def _is_audit(raw: RawUnified) -> bool:
    return bool(raw.operation and (raw.record_type or raw.workload))


def _unwrapped(columns: dict[str, Any]) -> RawUnified:
    inside = columns.get("auditdata")
    if isinstance(inside, str):
        try:
            return typed(inside.encode(), RawUnified, _decode)
        except msgspec.DecodeError:
            inside = embedded(inside)
    return lenient(RawUnified, inside if isinstance(inside, dict) else columns)


def _events(raw: RawUnified, record: bytes, others: tuple[object, ...]) -> Reading:
    time = event_time(raw, *others)
    if time is None:
        return NotRead("unified audit record without a readable time", broken=True)
    small = len(record) <= SMALL
    named = _named if small else _named.__wrapped__
    kind, operation, reader = named(raw.record_type, raw.operation)
    if reader is None:
        what = text(str(raw.record_type)) if raw.record_type else text(raw.workload)
        return NotRead(f"unified audit record of type {what}: {operation}")
    unified = Unified(
        raw=raw,
        time=time,
        id=record_id(raw.id, record),
        operation=operation,
        source=FORMAT.name,
        kind=kind,
        small=small,
    )
    return reader(unified)


_Reader: TypeAlias = Callable[[Unified], list[Event]]


@lru_cache(REMEMBERED)
def _named(record_type: int | str | None, operation: str | None) -> tuple[int, str, _Reader | None]:
    """The type as a number, the operation cleaned, and who reads such records."""
    kind = _kind(record_type)
    name = text(operation).removesuffix(".").strip()
    return kind, name, KINDS.get(kind) or OPERATIONS.get(name.casefold())


def _kind(kind: int | str | None) -> int:
    if isinstance(kind, int):
        return kind
    word = text(kind).replace(" ", "").casefold()
    return int(word[:6]) if word.isdecimal() and word.isascii() else NAMES.get(word, 0)


FORMAT = Format(
    name="unified audit",
    hints=(b'"CreationTime"', b'"AuditData"', b'"OfficeWorkload"', b'"creationtime"'),
    read=read,
    heads=(b'{"CreationTime":"', b'{"AppAccessContext":{'),
)
