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
    DirectoryChange,
    Event,
    PasswordChange,
    SignIn,
    UserReport,
)
from simulator.company import Company
from simulator.entra_records import TICKS, audit_record, sign_in_record

WRITTEN: tuple[type[Event], ...] = (
    SignIn,
    DirectoryChange,
    PasswordChange,
    AccountChange,
    UserReport,
)
"""Kinds of events that there is a writer for."""
LATE_MS = 95_000
"""How long after it happened a record is delivered."""


@cache
def readable() -> frozenset[type[Event]]:
    """The kinds of events that are written and that some reader of the product understands."""
    return frozenset(kind for kind in WRITTEN if _is_read(kind))


def _is_read(kind: type[Event]) -> bool:
    specimen = kind(time=1_767_571_200_000, id="00000000-0000-4000-8000-000000000000")
    specimen.user_id, specimen.user_principal_name = specimen.id, "ada@tenant.example"
    record = _record(specimen, {})
    reading = decode(json.dumps(record).encode()) if record else None
    return isinstance(reading, list) and any(isinstance(event, kind) for event in reading)


def write_logs(folder: Path, events: Iterable[Event], company: Company) -> None:
    """Write `events`, which are in order, to a file for each kind of log and day."""
    names = {person.upn: (person.id, person.name) for person in company.people}
    lines: dict[Path, list[str]] = defaultdict(list)
    for event in events:
        record = _record(event, names)
        assert record is not None, f"no writer for {type(event).__name__}"
        late = {"time": iso((event.time + LATE_MS) * TICKS)} if "time" in record else {}
        line = json.dumps(record | late, ensure_ascii=False, separators=(",", ":"))
        lines[folder / _path(event, record)].append(line + "\n")
    for path, content in sorted(lines.items()):
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("".join(content), "utf-8")


def _record(event: Event, names: dict[str, tuple[str, str]]) -> Json | None:
    if isinstance(event, SignIn):
        return sign_in_record(event)
    return audit_record(event, names)


def _path(event: Event, record: Json) -> str:
    day = dt.datetime.fromtimestamp(event.time / 1000, dt.UTC)
    container = str(record.get("category", "audit-general")).lower()
    return f"insights-logs-{container}/y={day:%Y}/m={day:%m}/d={day:%d}/P1D.json"
