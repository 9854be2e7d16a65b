"""What an engine does, as Prometheus reads it."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import TypeAlias

import risktui
from risktui.store import outbox, queries
from risktui.store.lock import EngineLock

Sample: TypeAlias = tuple[Mapping[str, str], float]


def metrics(connection: sqlite3.Connection, database: Path, now: int) -> str:
    """The text of /metrics at wall clock `now` (ms)."""
    lines: list[str] = []
    for name, kind, words, samples in _families(connection, database, now):
        lines += [f"# HELP risktui_{name} {words}", f"# TYPE risktui_{name} {kind}"]
        for labels, value in samples:
            lines.append(f"risktui_{name}{_labelled(labels)} {value:.15g}")
    return "\n".join(lines) + "\n"


def _families(
    connection: sqlite3.Connection, database: Path, now: int
) -> Iterator[tuple[str, str, str, list[Sample]]]:
    status = queries.status(connection)
    counts = queries.counts(connection)
    running = EngineLock(database).holder() is not None
    yield "build_info", "gauge", "Version.", [({"version": risktui.__version__}, 1)]
    yield (
        "users_at_risk",
        "gauge",
        "People who are at risk now.",
        [({"level": level}, getattr(counts, level)) for level in ("high", "medium", "low")],
    )
    yield (
        "detections",
        "gauge",
        "Detections in the database.",
        [
            ({"type": kind, "level": level, "state": state}, number)
            for kind, level, state, number in connection.execute(
                "SELECT risk_event_type, risk_level, risk_state, count(*) FROM detections"
                " GROUP BY 1, 2, 3 ORDER BY 1, 2, 3"
            )
        ],
    )
    yield "engine_up", "gauge", "Whether an engine runs.", [({}, float(running))]
    yield from _of_the_engine(status, now)
    records, quarantined = connection.execute(
        "SELECT coalesce(sum(records), 0), coalesce(sum(quarantined), 0) FROM sources"
    ).fetchone()
    yield "records_total", "counter", "Records read from logs.", [({}, records)]
    yield "quarantined_total", "counter", "Records that could not be read.", [({}, quarantined)]
    (waiting,) = connection.execute(
        "SELECT count(*) FROM verdicts WHERE applied IS NULL"
    ).fetchone()
    yield "verdicts_waiting", "gauge", "Decisions the engine has not applied yet.", [({}, waiting)]
    yield (
        "outbox_waiting",
        "gauge",
        "Rows that a reader has not dealt with.",
        [({"reader": cursor.name}, cursor.waiting) for cursor in outbox.cursors(connection)],
    )


def _of_the_engine(
    status: Mapping[str, str], now: int
) -> Iterator[tuple[str, str, str, list[Sample]]]:
    numbers = (
        ("heartbeat", "engine_heartbeat_age_seconds", "Since the engine last committed."),
        ("newest", "engine_newest_event_age_seconds", "Since the latest event that was read."),
    )
    for key, name, words in numbers:
        text = status.get(f"engine.{key}", "")
        if text.isdigit() and int(text):
            yield name, "gauge", words, [({}, max(0, now - int(text)) / 1000)]
    events = status.get("engine.events", "")
    if events.isdigit():
        yield "engine_events_total", "counter", "Events of this run.", [({}, int(events))]
    blind: Iterable[tuple[str, str]] = json.loads(status.get("engine.blind") or "[]")
    yield (
        "detector_blind",
        "gauge",
        "Detectors that lack a feed.",
        [({"type": kind}, 1) for kind, _ in blind],
    )


def _labelled(labels: Mapping[str, str]) -> str:
    if not labels:
        return ""
    return "{" + ",".join(f'{name}="{_escaped(value)}"' for name, value in labels.items()) + "}"


def _escaped(text: str) -> str:
    return text.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n")
