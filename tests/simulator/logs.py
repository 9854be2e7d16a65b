"""Writes simulated events as log files, in every format that the product reads by now."""

from __future__ import annotations

import datetime as dt
import json
from collections import defaultdict
from collections.abc import Iterable
from functools import cache
from pathlib import Path

from sample_logs.generator.clock import iso
from sample_logs.generator.records import Json

from risktui.logs.formats.registry import decode
from risktui.model.events import (
    AccountChange,
    ApiCall,
    DirectoryChange,
    Event,
    FileAccess,
    MailboxRule,
    MailSent,
    PasswordChange,
    ProductAlert,
    SignIn,
    UserReport,
    Verdict,
)
from simulator.activity_records import activity_records
from simulator.company import Company
from simulator.entra_records import TICKS, audit_record, sign_in_record

WRITTEN: tuple[type[Event], ...] = (
    SignIn,
    DirectoryChange,
    PasswordChange,
    AccountChange,
    UserReport,
    FileAccess,
    MailSent,
    MailboxRule,
    ApiCall,
    ProductAlert,
)
"""Kinds of events that there is a writer for."""
SPECIMENS: dict[type[Event], str] = {
    MailSent: "Send",
    MailboxRule: "New-InboxRule",
    PasswordChange: "Reset password (by admin)",
    AccountChange: "Add user",
    UserReport: "Suspicious activity reported",
}
"""Operations by which the kinds are tried."""
LATE_MS = 95_000
"""How long after it happened a record is delivered."""


def is_readable(event: Event) -> bool:
    """Whether there is a writer for `event`, and a reader of the product that understands it."""
    if isinstance(event, Verdict):
        return event.author_kind == "provider"
    if isinstance(event, SignIn) and event.actor != "user":
        return False
    return type(event) in _readable()


@cache
def _readable() -> frozenset[type[Event]]:
    return frozenset(kind for kind in WRITTEN if _is_read(kind))


def _is_read(kind: type[Event]) -> bool:
    """Try it on a specimen, whose last record completes it."""
    specimen = kind(time=1_767_571_200_000, id="00000000-0000-4000-8000-000000000000")
    specimen.user_id, specimen.user_principal_name = specimen.id, "ada@tenant.example"
    specimen.operation = SPECIMENS.get(kind, "FileAccessed")
    if isinstance(specimen, ProductAlert):
        specimen.title = "User compromised in AiTM phishing attack"
    read = [decode(json.dumps(record).encode()) for record in _records(specimen, {})]
    events = [event for reading in read if isinstance(reading, list) for event in reading]
    return any(isinstance(event, kind) for event in events)


def write_logs(folder: Path, events: Iterable[Event], company: Company) -> None:
    """Write `events`, which are in order, to a file for each kind of log and day."""
    names = {person.upn: (person.id, person.name) for person in company.people}
    lines: dict[Path, list[str]] = defaultdict(list)
    for event in events:
        for record in _records(event, names):
            late = {"time": iso((event.time + LATE_MS) * TICKS)} if "time" in record else {}
            line = json.dumps(record | late, ensure_ascii=False, separators=(",", ":"))
            lines[folder / _path(event, record)].append(line + "\n")
    for path, content in sorted(lines.items()):
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("".join(content), "utf-8")


def _records(event: Event, names: dict[str, tuple[str, str]]) -> list[Json]:
    if isinstance(event, SignIn):
        return [sign_in_record(event)]
    audit = audit_record(event, names)
    return activity_records(event) if audit is None else [audit]


def _path(event: Event, record: Json) -> str:
    day = dt.datetime.fromtimestamp(event.time / 1000, dt.UTC)
    container = str(record.get("category", "audit-general")).lower()
    return f"insights-logs-{container}/y={day:%Y}/m={day:%m}/d={day:%d}/P1D.json"
