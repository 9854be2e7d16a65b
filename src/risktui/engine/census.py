"""Compares events with the wall clock, and counts what each log file held."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import chain, repeat

from risktui.detect.state import DAY
from risktui.engine.totals import Totals
from risktui.logs.batch import Batch, Quarantined
from risktui.model.events import Event
from risktui.store.commit import Held, Work

MOST_AHEAD = DAY
"""How far an event may be ahead of the wall clock (ms): more than any time zone left out.

Habits take over any time they are told. With one event of the year 2150 a person would count as new
until then, and nothing about them would be found.
"""
FUTURE = "time in the future"


def past(batch: Batch, now: int) -> tuple[Sequence[Event], list[Quarantined]]:
    """The events of `batch` to be judged at wall clock `now` (ms), and those from the future."""
    latest = now + MOST_AHEAD
    if not [True for event in batch.events if event.time > latest]:
        return batch.events, []
    origins = chain(batch.origins, repeat(("", 0)))
    ahead = [
        Quarantined(path, offset, FUTURE, event.id)
        for event, (path, offset) in zip(batch.events, origins, strict=False)
        if event.time > latest
    ]
    return [event for event in batch.events if event.time <= latest], ahead


def take_census(batch: Batch, work: Work, now: int) -> None:
    """Add the events of `batch`, read at wall clock `now` (ms), to what is to be written."""
    times: dict[tuple[str, str], list[int]] = {}
    for event, (path, _) in zip(batch.events, batch.origins, strict=False):
        key = path, event.source
        if key in times:
            times[key].append(event.time)
        else:
            times[key] = [event.time]
    latest = now + MOST_AHEAD
    for key, found in times.items():
        held = work.held.get(key)
        if held is None:
            held = work.held[key] = Held()
        held.events += len(found)
        held.newest = max([held.newest, *[time for time in found if time <= latest]])
        held.ahead = max(held.ahead, max(found) - now)


def count_records(batch: Batch, work: Work, totals: Totals) -> None:
    """Add what `batch` says of its files: how far they were taken, and what no format reads."""
    for position in batch.positions:
        work.positions[position.path] = position
    totals.records += sum(batch.records.values())
    for path, count in batch.taken.items():
        work.records[path] = work.records.get(path, 0) + count
    for reason, count in batch.not_read.items():
        totals.not_read[reason] = totals.not_read.get(reason, 0) + count
        work.not_read[reason] = work.not_read.get(reason, 0) + count
