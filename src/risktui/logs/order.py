"""Reads many files side by side and hands out their events in the order of event time."""

from __future__ import annotations

import heapq
import itertools
from bisect import bisect_left
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from operator import itemgetter
from pathlib import Path
from statistics import median_low
from typing import NamedTuple, TypeAlias

from risktui.logs.batch import Batch, Position, Quarantined
from risktui.logs.clean import storable
from risktui.logs.discover import Unfound, discover, is_nothing
from risktui.logs.intake import Elsewhere, events_of
from risktui.logs.plan import Plan, plan
from risktui.logs.records import Broken, Record
from risktui.logs.source import Memory, Source
from risktui.logs.stream import PIECE
from risktui.logs.tail import Tail
from risktui.model.events import Event, SignIn

LATENESS_MS = 120_000
"""How far a record may stand behind a later one; 87 s was the most seen among live files."""

BATCH_EVENTS = 1_000
"""Events per batch while there is a backlog: few enough to stop, and for other processes to have
work while the next are read."""

FIRST_PIECE = 64 * 1024
"""Bytes that are read of each file before the first batch is handed out: whoever judges waits for
it, and nothing comes in order before something was read of every file that begins as early."""

MOST_AHEAD = 16
"""Pieces that are read ahead of the events, of all files together (16 MB)."""

BATCH_ODDITIES = 1_000
"""Quarantined records after which a batch is handed out too."""

_Waiting: TypeAlias = tuple[int, str, int, bool, int, Event, Record]
"""An event on its way, behind what it is put in order by: `Event.order` and two more."""


def scan(
    paths: Sequence[Path],
    positions: Mapping[str, Position] | None = None,
    *,
    lateness_ms: int = LATENESS_MS,
    apart: Callable[[str], bool] = is_nothing,
    elsewhere: Elsewhere | None = None,
) -> Iterator[Batch]:
    """Everything the files at and below `paths` hold beyond `positions`, merged by event time.

    Files that `apart` names are no logs and are not opened.

    Of the files only as much is held as falls within `lateness_ms`; one that runs backwards (newest
    first, as exports do) is turned round if it has at most 32 MB. The last batch is `caught_up`.
    """
    memory = Memory(positions or {})
    memory = Memory(positions or {})
    merged = Scan(paths, memory, lateness_ms=lateness_ms, apart=apart, elsewhere=elsewhere)
    yield from merged.batches()


class Scan:
    """One pass over the files; afterwards `tails` holds them for whoever reads on."""

    def __init__(
        self,
        paths: Sequence[Path],
        memory: Memory,
        *,
        lateness_ms: int = LATENESS_MS,
        goes_on: bool = False,
        apart: Callable[[str], bool] = is_nothing,
        elsewhere: Elsewhere | None = None,
    ) -> None:
        self.tails: dict[str, Tail] = {}
        self.unfound: list[Unfound] = []
        """Paths that could not be looked at."""
        self._paths = paths
        self._memory = memory
        self._apart = apart
        self._lateness_ms = lateness_ms
        self._goes_on = goes_on
        """Files may still grow: what is cut at their end is no fault."""
        self._elsewhere = elsewhere
        """Who makes events of records; else that is done here."""
        self._piece = FIRST_PIECE
        self._ahead = 0
        self._begun: dict[str, _Open] = {}
        """Files whose turn has not come, and of which the first piece is read ahead."""
        self._plans: list[Plan] = []
        self._open: list[tuple[int, int, _Open]] = []
        self._runs: list[tuple[int, int, _Run]] = []
        """A heap of what is on its way: (first moment, number, run)."""
        self._numbers = itertools.count()
        self._batch = Batch(enriched=elsewhere is not None)
        self._touched: dict[str, _Open] = {}

    def batches(self) -> Iterator[Batch]:
        """The events, in order."""
        self._look_around()
        while self._plans or self._open:
            while self._plans and (not self._open or self._plans[-1].first <= self._open[0][0]):
                self._start(self._plans.pop())
            if self._open:
                self._read_on()
            self._release(self._watermark())
            if self._full():
                yield self._hand_out()
        self._batch.caught_up = True
        yield self._hand_out()

    def _look_around(self) -> None:
        for found in discover(self._paths):
            if self._apart(found.name):
                continue
            if isinstance(found, Unfound):
                self._cannot(found.name, found.reason)
                continue
            position = self._memory.recall(found.name, found.inode)
            try:
                self._plans.append(plan(found, position, self._lateness_ms))
            except OSError as error:
                self._unreadable(found.name, error)
        self._plans.sort(key=lambda each: (each.first, each.found.name), reverse=True)

    def _start(self, planned: Plan) -> None:
        name = planned.found.name
        opened = self._begun.pop(name, None) or self._opened(planned)
        self._touched[name] = opened
        if planned.sort_whole:
            while self._take(opened):
                pass
        else:
            self._push(opened)

    def _opened(self, planned: Plan) -> _Open:
        source = Source(planned.found.name, planned.position, goes_on=self._goes_on)
        return _Open(source, planned.first)

    def _push(self, opened: _Open) -> None:
        heapq.heappush(self._open, (opened.front, next(self._numbers), opened))

    def _read_on(self) -> None:
        """Reads a piece of the file that is furthest behind."""
        _, _, opened = heapq.heappop(self._open)
        if self._take(opened):
            self._push(opened)

    def _take(self, opened: _Open) -> bool:
        """Reads a piece of one file; False at its end."""
        source = opened.source
        self._touched[source.name] = opened
        piece = self._next(opened)
        if isinstance(piece, OSError):
            self._unreadable(source.name, piece)
            return False
        readings = None
        if self._elsewhere is not None and piece.number:
            readings = self._elsewhere.end(piece.number)
        self._await(opened, events_of(piece.records, self._batch, readings))
        if piece.at_end and self._goes_on:
            self.tails[source.name] = Tail(source)
        return not piece.at_end

    def _next(self, opened: _Open) -> _Piece | OSError:
        """The next piece of a file; what comes after it is read ahead where others read it."""
        piece = opened.ahead
        if piece is None:
            piece = self._fetch(opened)
        else:
            opened.ahead, self._ahead = None, self._ahead - 1
        if self._elsewhere is not None:
            more = isinstance(piece, _Piece) and not piece.at_end
            if more and self._ahead < MOST_AHEAD:
                opened.ahead, self._ahead = self._fetch(opened), self._ahead + 1
            self._begin_next_files()
        return piece

    def _begin_next_files(self) -> None:
        for planned in self._plans[: -MOST_AHEAD - 1 : -1]:
            if self._ahead >= MOST_AHEAD:
                return
            name = planned.found.name
            if name not in self._begun:
                opened = self._begun[name] = self._opened(planned)
                opened.ahead, self._ahead = self._fetch(opened), self._ahead + 1

    def _fetch(self, opened: _Open) -> _Piece | OSError:
        source = opened.source
        opened.resume = source.resume
        try:
            records = source.read(self._piece)
            if source.at_end and not self._goes_on:
                records += source.finish()
        except OSError as error:
            return error
        raw = [r.raw for r in records if isinstance(r, Record)] if self._elsewhere else []
        number = self._elsewhere.begin(raw) if self._elsewhere and raw else 0
        return _Piece(records, source.at_end, number)

    def _await(self, opened: _Open, found: Iterable[tuple[Record, Event]]) -> None:
        """Keeps the events of one piece until it is their turn."""
        numbers, times = self._numbers, []
        run: list[_Waiting] = []
        for record, event in found:
            moment = event.time + event.coarse  # as `Event.order` has it
            # Of two records of one sign-in the one of its success says all that the other does.
            is_open = type(event) is SignIn and event.result != "success"
            run.append((moment, event.id, event.sequence, is_open, next(numbers), event, record))
            times.append(event.time)
        if not run:
            return
        # The middle one, so that a single record with a wrong clock does not move the file.
        opened.front = max(opened.front, median_low(times))
        run.sort()
        waiting = _Run(run)
        opened.runs.append(waiting)
        heapq.heappush(self._runs, (run[0][0], next(numbers), waiting))

    def _watermark(self) -> int | None:
        times = [self._open[0][0]] if self._open else []
        if self._plans:
            times.append(self._plans[-1].first)
        return min(times) - self._lateness_ms if times else None

    def _release(self, watermark: int | None) -> None:
        batch, runs = self._batch, self._runs
        batch.watermark = watermark
        due: list[_Waiting] = []
        while runs and (watermark is None or runs[0][0] < watermark):
            _, number, run = heapq.heappop(runs)
            due += run.until(watermark)
            if run.waiting:
                heapq.heappush(runs, (run.waiting[0][0], number, run))
        due.sort()  # a few runs, each in order already
        batch.events += [event for _, _, _, _, _, event, _ in due]
        batch.origins += [(record.path, record.offset) for _, _, _, _, _, _, record in due]

    def _full(self) -> bool:
        batch = self._batch
        return len(batch.events) >= BATCH_EVENTS or len(batch.quarantined) >= BATCH_ODDITIES

    def _hand_out(self) -> Batch:
        self._piece = PIECE
        batch, self._batch = self._batch, Batch(enriched=self._elsewhere is not None)
        for name, opened in list(self._touched.items()):
            safe = opened.safe()
            position = opened.source.position(safe)
            batch.positions.append(position)
            batch.taken[position.path] = opened.source.leave_behind(position)
            if safe is None:
                del self._touched[name]
        return batch

    def _unreadable(self, name: str, error: OSError) -> None:
        self._cannot(name, f"cannot be read: {(error.strerror or str(error)).lower()}")

    def _cannot(self, name: str, reason: str) -> None:
        self.unfound.append(Unfound(name, reason))
        if not self._goes_on:  # else whoever reads on says it, once
            self._batch.quarantined.append(Quarantined(storable(name), 0, reason))


class _Piece(NamedTuple):
    """What was read of a file in one go."""

    records: list[Record | Broken]
    at_end: bool
    number: int
    """What to ask `Elsewhere` for; 0 for nothing."""


class _Run:
    """Those events of one piece that are on their way, in order."""

    def __init__(self, waiting: list[_Waiting]) -> None:
        self.waiting = waiting

    def until(self, watermark: int | None) -> list[_Waiting]:
        """Lets those go that come before `watermark`."""
        waiting = self.waiting
        end = len(waiting) if watermark is None else bisect_left(waiting, watermark, key=_moment)
        self.waiting = waiting[end:]
        return waiting[:end]


_moment: Callable[[_Waiting], int] = itemgetter(0)


class _Open:
    """A file being read, with those of its events that are still on their way."""

    def __init__(self, source: Source, first: int) -> None:
        self.source = source
        self.front = first
        """How far its story has come (ms)."""
        self.ahead: _Piece | OSError | None = None
        """What was read already and is not yet among those on their way."""
        self.resume = 0
        """Where the piece began that was read last."""
        self.runs: list[_Run] = []

    def safe(self) -> int | None:
        """The lowest offset with events on their way; None where there are none."""
        self.runs = [run for run in self.runs if run.waiting]
        if self.runs:
            return min(record.resume for run in self.runs for *_, record in run.waiting)
        return self.resume if self.ahead is not None else None
