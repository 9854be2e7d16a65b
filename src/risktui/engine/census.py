"""Counts what each log file held, by format, for `risktui doctor`."""

from __future__ import annotations

from risktui.logs.batch import Batch
from risktui.store.commit import Held, Work


def take_census(batch: Batch, work: Work, now: int) -> None:
    """Add the events of `batch`, read at wall clock `now` (ms), to what is to be written."""
    for event, (path, _) in zip(batch.events, batch.origins, strict=False):
        key = path, event.source
        held = work.held.get(key)
        if held is None:
            held = work.held[key] = Held()
        held.events += 1
        if event.time > held.newest:
            held.newest = event.time
            held.ahead = max(held.ahead, event.time - now)
