"""Engines that live through the same logs side by side, each on a database of its own.

They are the real thing, so that what would happen is what would have happened: detectors, ledger,
the passing of time, and the decisions people made, at the time they made them.
"""

from __future__ import annotations

import copy
from collections.abc import Callable, Iterator, Sequence
from contextlib import AsyncExitStack, closing
from pathlib import Path

import msgspec

from risktui.engine.local import LocalEngine
from risktui.engine.setup import Parts
from risktui.logs.batch import Batch
from risktui.logs.order import scan
from risktui.model.events import Event
from risktui.store import verdicts
from risktui.store.database import writer


class Rehearsal:
    """One database for each of several ways to judge."""

    def __init__(self, folder: Path, parts: Sequence[Parts]) -> None:
        self._parts = [msgspec.structs.replace(each, group="") for each in parts]
        self.databases = [folder / f"{number}.db" for number in range(len(parts))]
        self.events = 0
        """Events read."""
        self.newest = 0
        """Time of the latest (ms)."""

    async def run(
        self,
        paths: Sequence[Path],
        *,
        lateness_ms: int,
        decisions: Sequence[verdicts.Request] = (),
        until: int | None = None,
        progress: Callable[[Batch], None] = lambda _: None,
    ) -> None:
        """Read everything below `paths`, up to time `until` (ms), and judge it in every way."""
        waiting = sorted(decisions, key=lambda each: each.time)
        async with AsyncExitStack() as stack:
            engines = [
                await stack.enter_async_context(await LocalEngine.open(database, parts))
                for database, parts in zip(self.databases, self._parts, strict=True)
            ]
            for batch in scan(paths, lateness_ms=lateness_ms):
                for due, events in _cut(batch.events, waiting):
                    await self._live(engines, due, events)
                progress(batch)
                if until is not None and batch.watermark is not None and batch.watermark > until:
                    break
            await self._live(engines, waiting, [])
            for engine in engines:
                await engine.flush()

    async def _live(
        self,
        engines: Sequence[LocalEngine],
        due: Sequence[verdicts.Request],
        events: Sequence[Event],
    ) -> None:
        self.events += len(events)
        self.newest = max(self.newest, max((event.time for event in events), default=0))
        for engine, database in zip(engines, self.databases, strict=True):
            if due:
                await engine.flush()
                with closing(writer(database)) as connection:
                    verdicts.append(connection, list(due))
                await engine.apply_verdicts()
            # Each engine completes what it is given, and so gets its own.
            await engine.take(Batch(events=[copy.copy(event) for event in events]))


def _cut(
    events: Sequence[Event], waiting: list[verdicts.Request]
) -> Iterator[tuple[list[verdicts.Request], Sequence[Event]]]:
    """(decisions, the events that follow them), in the order of time; takes from `waiting`."""
    start = 0
    due: list[verdicts.Request] = []
    for number, event in enumerate(events):
        if not waiting or waiting[0].time > event.time:
            continue
        yield due, events[start:number]
        start, due = number, []
        while waiting and waiting[0].time <= event.time:
            due.append(waiting.pop(0))
    yield due, events[start:]
