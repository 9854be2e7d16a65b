"""Where a batch ends: one transaction in the database, and what has to go round once more.

Spark hands a batch over at least once. Its number is written in the same transaction as what it led
to, so that a batch that comes again is known; what goes round is written to the order log before,
under a name that is the batch's own.
"""

from __future__ import annotations

import asyncio
import sqlite3
import time
from collections.abc import Callable, Iterable
from contextlib import closing
from pathlib import Path

from risktui.engine import wire
from risktui.engine.clock import now_ms
from risktui.engine.hearing import Hearing, line_of
from risktui.engine.outcomes import add
from risktui.engine.scribe import TIDY_COMMITS
from risktui.engine.setup import Parts
from risktui.engine.spark import packed
from risktui.engine.spark.orders import OrderLog
from risktui.engine.spark.packed import Item
from risktui.engine.totals import Totals
from risktui.logs.batch import Position
from risktui.logs.clean import storable
from risktui.model.events import Event, Verdict
from risktui.model.risk import Outcome, VerdictResult
from risktui.store.commit import Committer, Held, Work
from risktui.store.database import async_writer, reader

BATCH = "spark.batch"
"""Under this name the database says which batch it has got last."""
LATE = "spark.late"
"""And how much reached people a batch after the one it belongs to."""


class Sink:
    """Writes batches into one database."""

    def __init__(self, database: Path, parts: Parts, orders: OrderLog | None) -> None:
        self._database = database
        self.parts = parts
        self._orders = orders
        self.totals = Totals()
        self.status: dict[str, str] = {}
        """Further values for the next commit."""
        self.went_round = 0
        """Orders that batches have led to."""
        self.waiting = 0
        """Events that wait for later ones, as of the last batch."""
        self.changed = time.monotonic()
        """When the last batch came (s)."""
        self.batches = 0
        """Batches that were made durable."""
        self.after: Callable[[], None] = lambda: None
        """Called when a batch is durable."""

    def take(self, bodies: Iterable[bytes], batch: int) -> None:
        """Make a batch durable, if it is not. Called by Spark in a thread of its own."""
        with closing(reader(self._database)) as connection:
            if batch <= _number(connection, BATCH, -1):
                return
            items = sorted(map(packed.unpack, bodies), key=_place)
            work, round_again = self._work(items, connection)
        if round_again and self._orders is not None:
            self._orders.write(round_again, f"after-{batch:012d}")
            self.went_round += len(round_again)
        work.status = {**self.status, **work.status, BATCH: str(batch)}
        work.status["engine.heartbeat"] = str(now_ms())
        asyncio.run(self._commit(work, batch))
        self.batches += 1
        self.after()

    async def _commit(self, work: Work, batch: int) -> None:
        connection = await async_writer(self._database)
        try:
            committer = Committer(connection)
            await committer.commit(work, now_ms())
            if batch % TIDY_COMMITS == 1:
                await committer.tidy(self.totals.newest, self.parts.retention)
                await committer.clear_outbox(now_ms() - self.parts.keep_outbox_ms)
        finally:
            await connection.close()

    def _work(
        self, items: Iterable[Item], connection: sqlite3.Connection
    ) -> tuple[Work, list[packed.Order]]:
        work, hearing, late = Work(), Hearing(connection), 0
        again: list[packed.Order] = []
        for item in items:
            match item:
                case packed.Result():
                    self._collect(item, work, again, hearing)
                case packed.Note():
                    self._account(item, work)
                case packed.Counted():
                    self._count(item, work)
                case packed.Person():
                    work.people.append((item.id, item.user_principal_name, item.user_display_name))
                case packed.Joined():
                    work.joined.append((item.old, item.new))
                case packed.Stepped():
                    work.steps.append(item.step)
                case packed.Tell() | packed.Give() | packed.Known():
                    again.append(item)
                    moves = isinstance(item, packed.Give) and item.old == item.new
                    waited = moves or isinstance(item, packed.Known)  # nobody went on before
                    late += 0 if waited else 1
                case _:
                    raise TypeError(f"{type(item).__name__} has lost its way")
        if late:
            work.status[LATE] = str(_number(connection, LATE, 0) + late)
        for order in again:
            order.number = self._orders.next_number() if self._orders is not None else 0
        return work, again

    def _collect(
        self, result: packed.Result, work: Work, again: list[packed.Order], hearing: Hearing
    ) -> None:
        outcome, verdict = result.outcome, result.verdict
        self.totals.detections += len(outcome.detections)
        add(work.outcome, outcome)
        if verdict is not None:
            self._hear(verdict, outcome, work, again, hearing)

    def _hear(
        self,
        verdict: Verdict,
        outcome: Outcome,
        work: Work,
        again: list[packed.Order],
        hearing: Hearing,
    ) -> None:
        """What a verdict means for addresses and other people; how the local engine would."""
        if verdict.author_kind == "operator":
            results = [r for r in outcome.verdicts if r.verdict_id == verdict.id]
            work.verdicts_done += results
        else:
            results = outcome.verdicts
        work.audit += [line_of(verdict, result) for result in results]
        made, gone = len(work.reputations), len(work.reputations_gone)

        def tell(event: Event) -> Outcome:
            again.append(packed.Tell(0, wire.known(event)))
            return Outcome()

        hearing.follow(verdict, outcome, tell, work)
        new, old = work.reputations[made:], work.reputations_gone[gone:]
        if new or old:
            again.append(packed.Repute(0, new, old))

    def refuse(self, verdict: Verdict, why: str) -> None:
        """Answer a verdict that is not to be heard."""
        result = VerdictResult(
            verdict_id=verdict.id,
            accepted=False,
            message=why,
            user_id=verdict.user_id,
            user_principal_name=verdict.user_principal_name,
        )
        work = Work(verdicts_done=[result], audit=[line_of(verdict, result)])
        asyncio.run(self._commit(work, 0))

    def _account(self, note: packed.Note, work: Work) -> None:
        totals, path = self.totals, storable(note.path)
        totals.records += note.records
        totals.set_aside(note.quarantined)
        for reason, count in note.not_read.items():
            totals.not_read[reason] = totals.not_read.get(reason, 0) + count
            work.not_read[reason] = work.not_read.get(reason, 0) + count
        work.records[path] = work.records.get(path, 0) + note.records
        work.quarantined += note.quarantined
        work.set_aside[path] = work.set_aside.get(path, 0) + len(note.quarantined)
        work.positions[path] = Position(
            path, note.size, size=note.size, mtime_ns=note.mtime_ns, whole=True
        )
        for source, (events, newest, ahead) in note.formats.items():
            held = work.held.setdefault((path, source), Held())
            held.events += events
            held.newest, held.ahead = max(held.newest, newest), max(held.ahead, ahead)

    def _count(self, counted: packed.Counted, work: Work) -> None:
        totals = self.totals
        self.waiting, self.changed = counted.waiting, time.monotonic()
        totals.events += counted.events
        totals.duplicates += counted.duplicates
        totals.newest = work.newest = max(totals.newest, counted.newest)
        for source, count in counted.formats.items():
            totals.formats[source] = totals.formats.get(source, 0) + count
        work.status["engine.newest"] = str(counted.newest)
        work.status["engine.events"] = str(totals.events)
        if counted.late:
            work.status["late.events"] = str(counted.late)
            work.status["late.most"] = str(counted.most_late)


def _place(item: Item) -> tuple[int, int, str]:
    """By what a batch's items are put in the order in which one process would have made them."""
    return getattr(item, "number", 0), getattr(item, "place", 0), getattr(item, "who", "")


def _number(connection: sqlite3.Connection, name: str, otherwise: int) -> int:
    row = connection.execute("SELECT value FROM meta WHERE name = ?", (name,)).fetchone()
    return int(row[0]) if row is not None else otherwise
