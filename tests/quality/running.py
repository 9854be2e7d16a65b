"""Runs the whole product over a simulated tenant: its files where there are readers, its events."""

from __future__ import annotations

import heapq
from collections.abc import Iterable, Iterator
from pathlib import Path

import msgspec

from risktui.config import load
from risktui.engine.memory import MemoryRows
from risktui.engine.setup import assemble
from risktui.logs.order import scan
from risktui.model.events import Event
from risktui.model.risk import Detection, Suppression
from simulator.feeds import write_feeds
from simulator.logs import is_readable, write_logs
from simulator.tenant import Tenant


class Findings(msgspec.Struct):
    """What the product says of a tenant."""

    detections: list[Detection]
    """Each as it was last."""
    suppressions: list[Suppression]
    detectors: list[str]
    """The types that there is a detector for."""


def findings_of(tenant: Tenant, folder: Path) -> Findings:
    """Everything the product finds.

    The tenant's logs and lists are written below `folder`. What no reader understands yet goes to
    the pipeline as events.
    """
    config = write_feeds(folder, tenant.company)
    parts = assemble(load(config))
    write_logs(folder / "logs", filter(is_readable, tenant.events), tenant.company)
    direct = [event for event in tenant.events if not is_readable(event)]
    rows, found, held = MemoryRows(), dict[str, Detection](), list[Suppression]()
    for event in _in_order(folder / "logs", direct):
        parts.enricher.enrich(event)
        outcome = parts.pipeline.process(event, rows)
        found |= {detection.id: detection for detection in outcome.detections}
        found |= {detection.id: detection for detection in outcome.principal_detections}
        held += outcome.suppressions
    names = [detector.risk_event_type for detector in parts.catalogue.detectors]
    return Findings(list(found.values()), held, sorted(names))


def _in_order(logs: Path, direct: Iterable[Event]) -> Iterator[Event]:
    read = (event for batch in scan([logs]) for event in batch.events)
    return heapq.merge(read, direct, key=lambda event: event.order)
