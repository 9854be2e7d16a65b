"""A worker process of the parallel engine: reads records, or keeps people's rows and judges.

It is a copy of the engine, or started by it (`python -m risktui.engine.worker`). It obeys what
comes in on a pipe, answers on another, and ends when the engine has gone. It writes nothing to
disk: what changed is handed to the engine, which commits everything in one transaction.
"""

from __future__ import annotations

import os
import select
import signal
from collections.abc import Callable
from pathlib import Path
from typing import BinaryIO

from risktui.engine import wire
from risktui.engine.docket import Docket
from risktui.engine.garbage import look_seldom
from risktui.engine.joining import join
from risktui.engine.offspring import THE_ENGINES
from risktui.engine.outcomes import as_it_is, says_anything
from risktui.engine.row import Row
from risktui.engine.rows import StoredRows
from risktui.engine.setup import Parts, assemble
from risktui.logs.formats.registry import NotRead, decode
from risktui.model.risk import Outcome
from risktui.store.database import reader

TOGETHER = 4_000
"""Events that wait for each other here, at the most: the engine goes on meanwhile."""


def main() -> None:
    """Obey until the engine says no more."""
    orders, answers = os.fdopen(os.dup(0), "rb"), os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)  # whatever prints does not come between
    serve(orders, answers, None)


def serve(orders: BinaryIO, answers: BinaryIO, begin: Callable[[], Worker] | None) -> None:
    """Obey what comes in on `orders` until no more does; as `begin` or a `Hello` says."""
    for number in THE_ENGINES:
        signal.signal(number, signal.SIG_IGN)
    try:
        _obey(orders, answers, begin)
    except BrokenPipeError:
        return
    except Exception as error:  # noqa: BLE001  # the engine says it, and ends
        reason = f"{type(error).__name__}: {error}"
        _answer(answers, wire.Failed(reason))


def _obey(orders: BinaryIO, answers: BinaryIO, begin: Callable[[], Worker] | None) -> None:
    look_seldom()
    worker = begin() if begin is not None else None
    while head := _next(orders, worker):
        order = wire.order_of(orders.read(int.from_bytes(head, "big")))
        if isinstance(order, wire.Hello):
            parts = assemble(order.recipe.settings, order.recipe.folders)
            worker = worker_on(order.database, parts)
        elif worker is not None and (answer := worker.obey(order)) is not None:
            _answer(answers, answer)


def _next(orders: BinaryIO, worker: Worker | None) -> bytes:
    """How long the next order is; "" where there will be none. Until it comes something is done."""
    while worker is not None and worker.has_to_do and not select.select([orders], [], [], 0)[0]:
        worker.go_on()
    return orders.read(wire.LENGTH)


def worker_on(database: Path, parts: Parts) -> Worker:
    """One that begins with the rows of `database`."""
    parts.failures.news()  # what is old is known to the engine
    return Worker(parts, StoredRows(reader(database), parts.memory_mb))


def _answer(answers: BinaryIO, answer: wire.Answer) -> None:
    try:
        body = wire.pack(answer)
    except (ValueError, TypeError, OverflowError):
        if not isinstance(answer, wire.Readings):
            raise
        body = wire.pack(wire.Readings([each if _passes(each) else None for each in answer.found]))
    answers.write(wire.frame(body))
    answers.flush()


def _passes(reading: wire.Passable) -> bool:
    """Whether a record's events can be passed on: a hostile one may hold what no wire does."""
    try:
        wire.pack(wire.Readings([reading]))
    except (ValueError, TypeError, OverflowError):
        return False
    return True


class Worker:
    """Keeps the rows of the people that are its own."""

    def __init__(self, parts: Parts, rows: StoredRows) -> None:
        self._parts = parts
        self._rows = rows
        self._docket = Docket(parts.pipeline, rows)
        self._outcomes: list[tuple[int, Outcome]] = []
        self._joined: list[tuple[str, str]] = []

    @property
    def has_to_do(self) -> bool:
        """Whether there is work besides the next order."""
        return self._docket.size > 0

    def go_on(self) -> None:
        """Do a little of it."""
        self._docket.go_on()

    def obey(self, order: wire.Order) -> wire.Answer | None:  # one each
        """Do what is asked; None where nothing is to be said."""
        match order:
            case wire.Judge():
                self._judge(order)
            case wire.Steps():
                self._step(order)
            case wire.Read():
                return wire.Readings([self._read(record) for record in order.records])
            case wire.Gather():
                return self._gathered()
            case wire.BeginDay():
                self._begin_day(order)
            case wire.Join():
                self._join(order)
            case wire.Cut():
                self._catch_up()
                return wire.Changed(self._rows.changes())
            case wire.Settle():
                self._rows.settle()
            case wire.Lend():
                return self._lend(order)
            case wire.Give():
                row = Row(order.blob, order.last)
                self._rows.take_back(order.stage, order.key, row, changed=order.changed)
        return None

    def _read(self, record: bytes) -> wire.Passable:
        reading = decode(record)
        if isinstance(reading, NotRead):
            return reading
        for event in reading:
            self._parts.enricher.enrich(event)
        return [wire.known(event) for event in reading]

    def _step(self, order: wire.Steps) -> None:
        pipeline, docket = self._parts.pipeline, self._docket
        for packed in order.events:
            number, parts = wire.step_of(packed)
            docket.enter(number, wire.messages_of(parts, pipeline))
        self._see_to_it()

    def _judge(self, order: wire.Judge) -> None:
        for packed in order.events:
            number, event = wire.event_of(packed)
            self._docket.take(number, event)
        self._see_to_it()

    def _see_to_it(self) -> None:
        if self._docket.size >= TOGETHER or self._rows.is_full:
            self._catch_up()

    def _catch_up(self) -> None:
        self._outcomes += self._docket.end()

    def _collect(self, number: int, outcome: Outcome) -> None:
        if says_anything(outcome):
            self._outcomes.append((number, as_it_is(outcome)))

    def _gathered(self) -> wire.Gathered:
        self._catch_up()
        outcomes, self._outcomes = self._outcomes, []
        joined, self._joined = self._joined, []
        return wire.Gathered(outcomes, self._parts.failures.news(), joined)

    def _begin_day(self, order: wire.BeginDay) -> None:
        self._catch_up()
        order.day.heed(outcome for _, outcome in self._outcomes)
        for passed in order.day.events():
            self._collect(order.number, self._parts.pipeline.process(passed, self._rows))

    def _join(self, order: wire.Join) -> None:
        old, _ = order.pair
        if not self._docket.knows(old):
            return
        self._catch_up()
        joined = join(self._rows, order.pair, order.time, self._parts.rules)
        self._collect(order.number, joined)
        self._joined.append(order.pair)

    def _lend(self, order: wire.Lend) -> wire.Lent:
        self._docket.catch_up(order.key)
        row = self._rows.lend(order.stage, order.key)
        if row is None:
            return wire.Lent(known=False)
        return wire.Lent(known=True, last=row.last, blob=row.dump(), changed=row.changed)


if __name__ == "__main__":
    main()
