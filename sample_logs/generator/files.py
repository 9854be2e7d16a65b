"""Writes the journal in the layout of a storage account, and two pages as Graph gives them."""

from __future__ import annotations

import datetime as dt
import gzip
import json
import random
from collections import defaultdict
from collections.abc import Iterable
from pathlib import Path

from sample_logs.generator.clock import FIRST_DAY, HOUR, MINUTE, TICKS, TODAY, day_of, iso, midnight
from sample_logs.generator.journal import Entry, Journal
from sample_logs.generator.records import CATEGORIES, INTERACTIVE, NON_INTERACTIVE, Json
from sample_logs.generator.tenant import TENANT_ID
from sample_logs.generator.whereabouts import YESTERDAY

_CONTEXT = "https://graph.microsoft.com/beta/$metadata#auditLogs"


def log_files(journal: Journal) -> dict[str, bytes]:
    """Path to content, ready to be written."""
    files = {}
    for category in CATEGORIES:
        entries = sorted(entry for entry in journal.entries if entry.record["category"] == category)
        for path, lines in _delivered(category, entries, journal.seed).items():
            text = "".join(lines).encode()
            files[path] = gzip.compress(text, 9, mtime=0) if path.endswith(".gz") else text
    return files | _graph_pages(journal)


def _delivered(category: str, entries: list[Entry], seed: int) -> dict[str, list[str]]:
    """Lines by file. Records arrive a minute or two late, those of five minutes together."""
    files: dict[str, list[str]] = defaultdict(list)
    delivery = 0
    for entry in entries:
        batch = random.Random(f"{seed}/{category}/{entry.time // (5 * MINUTE)}")
        late = batch.randrange(70 * TICKS, 130 * TICKS)
        end_of_day = midnight(day_of(entry.time) + dt.timedelta(days=1)) - TICKS
        delivery = max(delivery, min(entry.time + late, end_of_day))
        line = entry.record | {"time": iso(delivery)}
        files[_path(category, delivery)].append(_json(line) + "\n")
    return files


def _path(category: str, delivery: int) -> str:
    """Hourly files on the last day; before, a file for each week and one for yesterday."""
    container = f"logs/insights-logs-{category.lower()}/tenantId={TENANT_ID}"
    day = day_of(delivery)
    if day == TODAY:
        hour = (delivery - midnight(day)) // HOUR
        # The busiest category is compressed, the others are left readable.
        end = "json.gz" if category == NON_INTERACTIVE else "json"
        return f"{container}/y={day:%Y}/m={day:%m}/d={day:%d}/h={hour:02d}/m=00/PT1H.{end}"
    name = "P1D" if day == YESTERDAY else "P7D"
    first = day if day == YESTERDAY else day - (day - FIRST_DAY) % dt.timedelta(days=7)
    return f"{container}/y={first:%Y}/m={first:%m}/d={first:%d}/{name}.json.gz"


def _graph_pages(journal: Journal) -> dict[str, bytes]:
    """Yesterday's morning in London once more, as `GET /auditLogs/…` returns it: newest first."""
    start, end = midnight(YESTERDAY) + 9 * HOUR, midnight(YESTERDAY) + 10 * HOUR
    entries = sorted(journal.entries, reverse=True)
    signs = (e for e in entries if e.record["category"] == INTERACTIVE and start <= e.time < end)
    audits = (
        entry
        for entry in entries
        if entry.record["category"] == "AuditLogs" and day_of(entry.time) == YESTERDAY
    )
    return {
        "logs/graph/signIns.json": _page("signIns", map(_graph_sign_in, signs)),
        "logs/graph/directoryAudits.json": _page("directoryAudits", map(_graph_audit, audits)),
    }


def _page(name: str, values: Iterable[Json]) -> bytes:
    page = {"@odata.context": f"{_CONTEXT}/{name}", "value": list(values)}
    return (json.dumps(page, ensure_ascii=False, indent=1) + "\n").encode()


def _graph_sign_in(entry: Entry) -> Json:
    left_out = {"tenantId", "clientCredentialType", "rngcStatus", "ssoExtensionVersion"}
    properties = _properties(entry)
    sign_in = {key: value for key, value in properties.items() if key not in left_out}
    sign_in |= {
        "createdDateTime": iso(entry.time),
        "signInEventTypes": ["interactiveUser"],
        "servicePrincipalName": None,
        "mfaDetail": properties["mfaDetail"] or None,
    }
    return sign_in


def _graph_audit(entry: Entry) -> Json:
    properties = _properties(entry)
    left_out = {"userAgent"}
    audit = {key: value for key, value in properties.items() if key not in left_out}
    initiated = properties["initiatedBy"]
    assert isinstance(initiated, dict)
    return audit | {"activityDateTime": iso(entry.time), "initiatedBy": {"app": None, **initiated}}


def _properties(entry: Entry) -> Json:
    properties = entry.record["properties"]
    assert isinstance(properties, dict)
    return properties


def _json(record: Json) -> str:
    return json.dumps(record, ensure_ascii=False, separators=(",", ":"))


def write(folder: Path, files: dict[str, bytes]) -> None:
    """Write `files` below `folder`."""
    for path, content in sorted(files.items()):
        target = folder / path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(content)
