"""Compares events with the wall clock, and counts what each log file held."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import chain, repeat

from risktui.detect.state import DAY
from risktui.engine.totals import Totals
from risktui.logs.batch import Batch, Position, Quarantined
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


class Census:
    """What was read of each log file, by format.

    Events are handed out ahead of what is safe of their file, and whoever goes on from there meets
    them again: each counts as soon as its record is left behind.
    """

    def __init__(self) -> None:
        self._ahead: dict[tuple[str, str], list[int]] = {}
        """Where those begin that are not left behind yet, by path and format."""
        self._formats: dict[str, set[str]] = {}
        """By path, of which formats some are."""

    def take(self, batch: Batch, work: Work, totals: Totals, now: int) -> None:
        """Add what was read at wall clock `now` (ms) to what is to be written."""
        _count_records(batch, work, totals)
        times: dict[tuple[str, str], list[int]] = {}
        for event, (path, offset) in zip(batch.events, batch.origins, strict=False):
            key = path, event.source
            if key in times:
                times[key].append(event.time)
            else:
                times[key] = [event.time]
                self._formats.setdefault(path, set()).add(event.source)
                self._ahead.setdefault(key, [])
            self._ahead[key].append(offset)
        latest = now + MOST_AHEAD
        for key, found in times.items():
            held = _held(work, key)
            held.newest = max([held.newest, *[time for time in found if time <= latest]])
            held.ahead = max(held.ahead, max(found) - now)
        for position in batch.positions:
            if position.offset:
                self._leave_behind(position, work)

    def _leave_behind(self, position: Position, work: Work) -> None:
        left: set[str] = set()
        for format_ in self._formats.pop(position.path, ()):
            key = position.path, format_
            ahead = self._ahead.pop(key)
            # Where a file can only be read from its start, what counts is that it was.
            still = [] if position.whole else [at for at in ahead if at >= position.offset]
            _held(work, key).events += len(ahead) - len(still)
            if still:
                self._ahead[key] = still
                left.add(format_)
        if left:
            self._formats[position.path] = left


def _held(work: Work, key: tuple[str, str]) -> Held:
    held = work.held.get(key)
    if held is None:
        held = work.held[key] = Held()
    return held


def _count_records(batch: Batch, work: Work, totals: Totals) -> None:
    """Add what `batch` says of its files: how far they were taken, and what no format reads."""
    for position in batch.positions:
        work.positions[position.path] = position
    totals.records += sum(batch.records.values())
    for path, count in batch.taken.items():
        work.records[path] = work.records.get(path, 0) + count
    for reason, count in batch.not_read.items():
        totals.not_read[reason] = totals.not_read.get(reason, 0) + count
        work.not_read[reason] = work.not_read.get(reason, 0) + count
