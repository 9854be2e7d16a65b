"""The local runner: one process, one event after the other, one transaction for all they led to."""

from __future__ import annotations

import asyncio
import os
import sqlite3
from collections.abc import Callable, Sequence
from contextlib import AsyncExitStack, closing
from pathlib import Path
from typing import TYPE_CHECKING, Self

import msgspec

from risktui.engine.aside import Aside
from risktui.engine.calendar import Calendar, DayBegun
from risktui.engine.census import Census, past
from risktui.engine.clock import Clock, now_ms
from risktui.engine.diary import Diary
from risktui.engine.docket import Docket
from risktui.engine.garbage import look_seldom
from risktui.engine.hearing import Hearing
from risktui.engine.identities import Identities
from risktui.engine.joining import join
from risktui.engine.opening import EngineRunningError, Opened, last_clock, newest, refuse_spark
from risktui.engine.outcomes import add, as_it_is, says_anything
from risktui.engine.retro import LookBack, look_again
from risktui.engine.rows import StoredRows
from risktui.engine.scribe import Scribe
from risktui.engine.seen import Seen, digest_of
from risktui.engine.setup import Parts
from risktui.engine.totals import Totals
from risktui.engine.turns import Turn, take_turns_often
from risktui.enrich.enrich import Enricher
from risktui.logs.batch import Batch, Position, Quarantined
from risktui.logs.intake import Elsewhere
from risktui.logs.leaks import Leaks
from risktui.model.events import Event, ReputationChange, TimePassed, Verdict
from risktui.model.risk import Outcome
from risktui.store import verdicts
from risktui.store.commit import Work
from risktui.store.database import async_writer, prepare, reader
from risktui.store.lock import EngineLock
from risktui.store.privacy import keep_private

if TYPE_CHECKING:
    from risktui.engine.crew import Crew

COMMIT_EVENTS = 20_000
"""In a backfill, events per transaction: four seconds of work that a kill takes, and a person's row
is packed once for all that the person did in them."""
TOGETHER = 250
"""Events that go through a part of the work one after the other: what a processor has at hand of
them and of the program is used before all that detectors look at drives it out. A scan in which
each went through everything before the next took 7 % longer."""
AT_A_STRETCH = 1_000
"""Events that wait and are judged before others get a turn, or ctrl+c is heard."""
VERDICTS_AT_ONCE = 256
"""Decisions per transaction: between two of them logs, heartbeats and other people get a turn."""
ALONE = frozenset({Verdict, TimePassed, ReputationChange})
"""Events that look at what all others have led to before."""


class LocalEngine:
    """Owns the database while it runs; an asynchronous context manager."""

    def __init__(self, opened: Opened, parts: Parts, crew: Crew | None) -> None:
        self._lock, self._connection, self._reader, self._path = opened
        self._rows = self._keep_rows(self._reader, parts, crew)
        self.parts = parts
        """What judges; another one takes over with `replace`."""
        self._seen = Seen(self._reader)
        self._hearing = Hearing(self._reader, lambda: self._scribe.handed.detections)
        self._calendar = Calendar(self._reader, newest(self._reader))
        self._identities = Identities(self._rows)
        self.elsewhere: Elsewhere | None = None
        """Who makes events of records in a scan; else that is done here."""
        self._work = Work()
        self._docket = Docket(parts.pipeline, self._rows)
        self._number = 0
        """Of the event, in the order of all."""
        self._aside = Aside()
        self._census = Census()
        self._pending = 0
        self._turn = Turn()
        self._leaks = Leaks(parts.leak_feeds, parts.domains)
        self._leaks.look()
        self._look_back = LookBack(self._reader, parts)
        self._clock = Clock(last_clock(self._reader), now_ms)
        self.totals = Totals(newest=newest(self._reader))
        self._diary = Diary(self._reader, self._look_back, self.totals)
        self._scribe = Scribe(
            opened.writer, opened.path, self._clock, self._seen, self._diary.directory
        )
        self.status: dict[str, str] = {}
        """Further `engine.*` values for the next commit."""

    @classmethod
    async def open(cls, path: Path, parts: Parts) -> Self:
        """Take the database. Raises `EngineRunningError`, or `DatabaseError` from the store."""
        prepare(path, parts.group)
        with closing(reader(path)) as asked:
            refuse_spark(asked, path)
        lock = EngineLock(path)
        if not lock.take():
            raise EngineRunningError(f"{path}: process {lock.holder()} is the engine already")
        async with AsyncExitStack() as undone:  # a thread left behind would keep the process alive
            undone.callback(lock.release)
            keep_private(path, parts.group)  # the lock, too
            look_seldom()
            take_turns_often()
            crew = cls._hire(path, parts)  # as long as there is neither thread nor connection
            if crew is not None:
                undone.callback(crew.end)
            connection = await async_writer(path)
            undone.push_async_callback(connection.close)
            looking = reader(path)
            undone.callback(looking.close)
            engine = cls(Opened(lock, connection, looking, path), parts, crew)
            undone.pop_all()
        return engine

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.close()

    async def close(self) -> None:
        """Let go of the database. What was not committed is read again next time."""
        await self._scribe.end()
        self._reader.close()
        await self._connection.close()  # the last one folds the log of the database in
        self._lock.release()

    async def be_patient(self, notice: Callable[[str], None]) -> None:
        """From now on outwait a database that cannot be written, and give `notice` of it."""
        await self._scribe.be_patient(self._lock, notice)

    def give_up(self) -> None:
        """Wait no longer for a database that cannot be written: raise what is wrong with it."""
        self._scribe.give_up()

    def positions(self) -> dict[str, Position]:
        """How far each log was taken, for `scan` and `Follower`."""
        rows = self._reader.execute("SELECT position FROM sources")
        found = [msgspec.msgpack.decode(row[0], type=Position) for row in rows]
        return {position.path: position for position in found}

    async def take(self, batch: Batch, *, commit: bool | None = None) -> None:
        """Process a batch; commit at once, never, or (None) when enough has come together."""
        async with self._turn:
            now = self._clock.latest()
            events = self._believed(batch, now)
            for start in range(0, len(events), TOGETHER):
                some = events[start : start + TOGETHER]
                await self._live_through(some, enriched=batch.enriched)
            # Its positions are safe now, and not in the middle of it, nor is it counted before.
            self._census.take(batch, self._work, self.totals, now)
            self._set_aside(batch.quarantined)
            self._pending += 1 + len(batch.quarantined)
            if commit or (commit is None and self._rows.is_full):
                await self._commit()
            elif commit is None and self._pending >= COMMIT_EVENTS:
                await self._hand_over_soon()  # written while the next events are read and judged
            elif self._pending >= COMMIT_EVENTS // 2:
                await self._scribe.written()

    def is_apart(self, path: str) -> bool:
        """Whether a file that may lie among the logs is none: a feed of leaks is not quoted."""
        return self._leaks.owns(path)

    async def look_for_leaks(self) -> bool:
        """Take what is new in the feeds of leaks; whether there was anything."""
        if not self._leaks.look():
            return False
        await self.take(Batch(caught_up=True))
        return True

    async def look_back(self) -> bool:
        """Hold some sign-ins of the last days against lists that have changed.

        False where there is nothing to do; to be called again where not.
        """
        if not self._look_back.waits:
            return False
        async with self._turn:
            await self._commit()  # what was kept so far is to be found
            for event, kept in self._look_back.next(self.parts, self.totals.newest):
                self._work.relisted.append(kept)
                if not self._seen.repeats(event):
                    self._work.seen += [(mark, event.time) for mark in self._seen.note(event)]
                    outcome = look_again(self.parts.pipeline, event, self._rows, self.parts.rules)
                    self._collect(outcome)
            await self._commit()
        return True

    async def relist(self, enricher: Enricher) -> None:
        """From the next event on lists are what `enricher` says; earlier sign-ins wait for them."""
        async with self._turn:
            await self._commit()
            self.parts = msgspec.structs.replace(self.parts, enricher=enricher)
            self._look_back.begin(self.parts)

    async def apply_verdicts(self) -> int:
        """Apply the decisions that wait; returns how many there were.

        While one batch of them is written the next is judged, and between any two others get a
        turn: many decisions of one person do not make the rest wait.
        """
        applied, last = 0, ""
        while waiting := verdicts.waiting(self._reader, VERDICTS_AT_ONCE, last):
            async with self._turn:
                await self._catch_up()
                self._rows.fetch(("user", "risk"), (verdict.user for verdict in waiting))
                for verdict in waiting:
                    self._hearing.hear(verdict, self.parts.people, self._run, self._work)
                await self._hand_over()
            applied, last = applied + len(waiting), waiting[-1].id
            await asyncio.sleep(0)
        if applied:
            await self.flush()
        return applied

    async def rest(self) -> None:
        """Do, at a moment when nothing waits to be committed, what would hold a commit up."""
        async with self._turn:
            await self._scribe.written()
            if not self._pending:
                await self._scribe.rest()

    async def flush(self) -> None:
        """Commit whatever is pending, the status included."""
        async with self._turn:
            await self._commit()

    async def replace(self, parts: Parts) -> None:
        """From the next event on `parts` judge, with everything that was learnt before."""
        async with self._turn:
            await self._commit()
            self._rows.forget()  # what is decoded belongs to the old detectors' classes
            self.parts = parts
            self._docket = Docket(parts.pipeline, self._rows)
            self._leaks = Leaks(parts.leak_feeds, parts.domains)
            self._look_back.begin(parts)

    async def _make_room(self) -> None:
        """Let go of the rows in memory; what was read of a batch is known by its ids.

        They may be smaller than was taken for granted: that is known once they are packed.
        """
        await self._commit()
        if self._rows.is_nearly_full:
            self._rows.forget()

    def _set_aside(self, records: Sequence[Quarantined]) -> None:
        self.totals.set_aside(records)
        self._work.quarantined += records
        self._aside.note(records)

    def _believed(self, batch: Batch, now: int) -> Sequence[Event]:
        events, ahead = past(batch, now)
        merged = self._leaks.merged(events, caught_up=batch.caught_up)
        self._set_aside(ahead)
        if len(merged) == len(events):
            return merged
        believed, leaks_ahead = past(Batch(events=merged), now)
        self._set_aside(leaks_ahead)
        return believed

    @classmethod
    def _hire(cls, path: Path, parts: Parts) -> Crew | None:
        """The processes that work with this one, in runners of several."""
        del path, parts
        return None

    def _keep_rows(
        self, connection: sqlite3.Connection, parts: Parts, crew: Crew | None
    ) -> StoredRows:
        """What this runner keeps rows in. `crew` is for runners of several."""
        del crew
        return StoredRows(connection, parts.memory_mb)

    async def _live_through(self, events: Sequence[Event], *, enriched: bool) -> None:
        """Process a few events; what needs no order is done for all of them at once."""
        if not enriched:
            for event in events:
                self.parts.enricher.enrich(event)
        self._rows.fetch(("alias",), self._identities.foresee(events))
        for event, digest in zip(events, list(map(digest_of, events)), strict=True):
            if self._rows.is_full:
                await self._make_room()
            self._process(event, digest)
        self._pending += self._diary.write_down(self._work)

    def _process(self, event: Event, digest: int) -> None:
        marks = self._seen.take(event, digest)
        if marks is None:
            self.totals.duplicates += 1
            return
        for pair in self._identities.recognise(event):
            self._join(pair, event.time)
        self._hearing.reputations.tag(event)
        if self._calendar.may_turn(event.time):
            self._begin_day(event.time)
        if type(event) in ALONE:
            outcome = self._run(event)
            if type(event) is Verdict:
                self._hearing.heard_elsewhere(event, outcome, self._run, self._work)
        else:
            self._number += 1
            self._submit(event)
        self._diary.note(event, marks)

    def _join(self, pair: tuple[str, str], time: int) -> None:
        """Two keys turn out to be one person's: mostly the first is a new name, and no more."""
        if not self._docket.knows(pair[0]):
            return
        self._gather()
        self._collect(join(self._rows, pair, time, self.parts.rules))
        self._work.joined.append(pair)

    def _run(self, event: Event) -> Outcome:
        """Process an event that is `ALONE`; what came of it comes back."""
        self._gather()
        outcome = self.parts.pipeline.process(event, self._rows)
        self._collect(outcome)
        self._gather()
        return outcome

    def _submit(self, event: Event) -> None:
        self._docket.take(self._number, event)

    def _gather(self) -> None:
        """Everything that came of the events so far is in the work after this, in order."""
        for _, outcome in self._docket.end():
            self._collect(outcome)

    def _begin_day(self, time: int) -> None:
        """Let those whose risk may be old by `time` hear that a day begins."""
        self._gather()
        day = self._day_begun(time)
        for passed in day.events() if day is not None else ():
            self._run(passed)

    def _day_begun(self, time: int) -> DayBegun | None:
        """Who is to hear it, by what was gathered so far."""
        pending = self._scribe.handed, self._work.outcome
        return self._calendar.turn(time, self.parts.rules, pending)

    def _collect(self, outcome: Outcome) -> None:
        """Take over what came of something, which nobody changes any more."""
        if says_anything(outcome):
            add(self._work.outcome, as_it_is(outcome))
            self.totals.detections += len(outcome.detections)

    async def _commit(self) -> None:
        """Write everything there is; when this returns, it is durable."""
        await self._hand_over()
        await self._scribe.written()

    async def _catch_up(self) -> None:
        """`_gather`, with others getting a turn now and then."""
        while self._docket.size:
            self._docket.go_on(AT_A_STRETCH)
            await asyncio.sleep(0)
        self._gather()

    async def _hand_over_soon(self) -> None:
        """`_hand_over`, now or when the next turn begins."""
        await self._hand_over()
        await asyncio.sleep(0)

    async def _hand_over(self) -> None:
        """Begin to write what there is, as soon as what was begun before is written."""
        await self._catch_up()
        work = self._work
        self._pending += self._diary.write_down(work)
        work.states = self._rows.changes()
        work.newest = self.totals.newest
        work.set_aside = self._aside.left_behind(work.positions)
        work.status = {**self.status, "engine.heartbeat": str(now_ms())}
        work.status |= self._diary.status() | self.parts.failures.status()
        work.status["engine.clock"] = str(self._clock.latest())
        await self._scribe.written()
        work.people += self._diary.directory.back(step.user_id for step in work.steps)
        self._rows.settle()
        self._work, self._pending = Work(), 0
        self._scribe.begin(work, self.parts)


def identity() -> dict[str, str]:
    """Who the engine is, for the status."""
    return {"engine.pid": str(os.getpid()), "engine.started": str(now_ms())}
