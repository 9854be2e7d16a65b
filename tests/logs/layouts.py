"""The same records in the layouts of different exports."""

from __future__ import annotations

import csv
import gzip
import io
import json
from collections.abc import Callable, Iterable
from datetime import datetime
from pathlib import Path
from typing import Any

Record = dict[str, Any]

SIGN_IN_TABLES = {
    "SignInLogs": "SigninLogs",
    "NonInteractiveUserSignInLogs": "AADNonInteractiveUserSignInLogs",
    "ServicePrincipalSignInLogs": "AADServicePrincipalSignInLogs",
    "ManagedIdentitySignInLogs": "AADManagedIdentitySignInLogs",
}
RENAMED = {
    "location": "LocationDetails",
    "appliedConditionalAccessPolicies": "ConditionalAccessPolicies",
    "ipAddress": "IPAddress",
    "riskEventTypes_v2": "RiskEventTypes_V2",
}
KINDS = {
    "SignInLogs": "interactiveUser",
    "NonInteractiveUserSignInLogs": "nonInteractiveUser",
    "ServicePrincipalSignInLogs": "servicePrincipal",
    "ManagedIdentitySignInLogs": "managedIdentity",
}


def diagnostic(folder: Path) -> list[Record]:
    """Every Azure Monitor record below `folder`."""
    found = []
    for path in sorted(folder.rglob("*")):
        if path.is_file():
            raw = path.read_bytes()
            text = gzip.decompress(raw) if path.suffix == ".gz" else raw
            found += [json.loads(line) for line in text.splitlines()]
    return found


def as_lines(records: Iterable[Record]) -> bytes:
    """A storage account's lines."""
    return "".join(json.dumps(record) + "\n" for record in records).encode()


def as_event_hub(records: Iterable[Record]) -> bytes:
    """Event Hub's envelope, written for people to read."""
    return json.dumps({"records": list(records)}, indent=2).encode()


def as_graph(records: Iterable[Record]) -> bytes:
    """Pages of Microsoft Graph, one behind the other."""
    sign_ins, audits = [], []
    for record in records:
        properties = record["properties"] | {"tenantId": record["tenantId"]}
        if record["category"] in KINDS:
            kinds = [KINDS[record["category"]]]
            sign_ins.append(properties | {"signInEventTypes": kinds})
        else:
            audits.append(properties)
    newest_first = (sign_ins[::-1], audits[::-1])
    return b"\n".join(
        json.dumps({"@odata.context": "x", "value": v}).encode() for v in newest_first
    )


def row(record: Record) -> Record:
    """A row of Log Analytics, with dynamic columns as text."""
    properties = record["properties"]
    table = SIGN_IN_TABLES.get(record["category"], "AuditLogs")
    columns: Record = {
        "Type": table,
        "TenantId": "workspace",
        "AADTenantId": record["tenantId"],
        "Category": record["category"],
        "OperationName": record["operationName"],
        "ResultType": str(record.get("resultType") or ""),
        "TimeGenerated": properties.get("createdDateTime") or properties.get("activityDateTime"),
    }
    for name, value in properties.items():
        if name == "location":
            columns["Location"] = value.get("countryOrRegion", "")
        column = RENAMED.get(name, name[:1].upper() + name[1:])
        dynamic = isinstance(value, dict | list)
        columns[column] = json.dumps(value, indent=1) if dynamic else value
    return columns


def as_rows(records: Iterable[Record]) -> bytes:
    """Sentinel's export: one row a line."""
    return as_lines(map(row, records))


def as_tables(records: Iterable[Record]) -> bytes:
    """An answer of the query API: columns, and rows below them."""
    rows = list(map(row, records))
    names = sorted({name for each in rows for name in each})
    table = {
        "name": "PrimaryResult",
        "columns": [{"name": name, "type": "string"} for name in names],
        "rows": [[each.get(name) for name in names] for each in rows],
    }
    return json.dumps({"tables": [table]}).encode()


def as_portal_csv(records: Iterable[Record]) -> bytes:
    """The portal's download: a byte order mark, US times, TRUE and FALSE."""
    rows = [
        {_header(name): _cell(name, value) for name, value in row(record).items()}
        for record in records
    ]
    names = sorted({name for each in rows for name in each})
    text = io.StringIO(newline="")
    writer = csv.DictWriter(text, names, restval="")
    writer.writeheader()
    writer.writerows(rows)
    return b"\xef\xbb\xbf" + text.getvalue().encode()


def _header(name: str) -> str:
    return f"{name} [UTC]" if name.endswith("DateTime") or name == "TimeGenerated" else name


def _cell(name: str, value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, bool):
        return str(value).upper()
    if "DateTime" in name or name == "TimeGenerated":
        moment = datetime.fromisoformat(str(value))
        clock = moment.strftime("%I:%M:%S").lstrip("0")
        millis = moment.microsecond // 1000
        day = f"{moment.month}/{moment.day}/{moment.year}"
        return f"{day}, {clock}.{millis:03d} {moment.strftime('%p')}"
    return str(value)


LAYOUTS: dict[str, Callable[[Iterable[Record]], bytes]] = {
    "lines of Azure Monitor": as_lines,
    "an envelope of Event Hub": as_event_hub,
    "pages of Microsoft Graph": as_graph,
    "rows of Sentinel": as_rows,
    "an answer of the query API": as_tables,
    "the portal's CSV": as_portal_csv,
}
