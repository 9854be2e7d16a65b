"""The parallel runner: workers read records and keep people's rows; one process writes it all.

This process cuts files into records, orders the events, knows people by their names and commits.
A single worker judges: it takes events through all stages, lets days begin and puts together who
turns out to be one. Of several some make events of records as well, the earlier stages stay here,
and each of the others takes the people whose rows it keeps through the user stage. What concerns
people of several workers, what happens to all of them, and every verdict is done here, with rows
that are borrowed for it.
So every step sees exactly the rows and the order that it would see in one process, and the result
is the same.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Sequence
from pathlib import Path

import msgspec

from risktui.engine import wire
from risktui.engine.crew import Crew
from risktui.engine.local import LocalEngine
from risktui.engine.mate import Mate
from risktui.engine.message import Message
from risktui.engine.opening import Opened
from risktui.engine.outcomes import as_it_is, says_anything
from risktui.engine.row import Row
from risktui.engine.rows import StoredRows
from risktui.engine.setup import Parts
from risktui.enrich.enrich import Enricher
from risktui.logs.formats.registry import NotRead, Reading, decode
from risktui.model.events import Event
from risktui.model.risk import Outcome
from risktui.store.commit import State


class ParallelEngine(LocalEngine):
    """A `LocalEngine` with worker processes."""

    def __init__(self, opened: Opened, parts: Parts, crew: Crew | None) -> None:
        super().__init__(opened, parts, crew)
        self._reading = RemoteReading(self._crew.readers, parts.enricher)
        if self._crew.readers:
            self.elsewhere = self._reading
        self._own: list[tuple[int, Outcome]] = []
        self._owing = False
        """Workers were given events and not yet asked what came of them."""
        self._is_asked = False
        """They were, and have not been heard."""

    @classmethod
    def _hire(cls, path: Path, parts: Parts) -> Crew | None:
        return Crew(parts, path)

    def _keep_rows(
        self, connection: sqlite3.Connection, parts: Parts, crew: Crew | None
    ) -> StoredRows:
        assert crew is not None  # `_hire` has made it
        self._crew = crew
        self._shared = SharedRows(connection, crew, parts.memory_mb)
        return self._shared

    @property
    def worker_pids(self) -> list[int]:
        """The worker processes, those who keep rows last."""
        return [mate.pid for mate in (*self._crew.readers, *self._crew.keepers)]

    async def close(self) -> None:
        """Let go of the database and of the workers."""
        self._crew.end()
        await super().close()

    async def replace(self, parts: Parts) -> None:
        """From the next event on `parts` judge, here and in the workers."""
        await super().replace(msgspec.structs.replace(parts, workers=self.parts.workers))
        self._begin_anew()

    async def relist(self, enricher: Enricher) -> None:
        """From the next event on lists are what `enricher` says, here and in the workers."""
        await super().relist(enricher)
        self._begin_anew()

    def _begin_anew(self) -> None:
        """Other workers, who read the configuration and its lists as they are now."""
        self._crew.end()
        self._crew = self._shared.crew = Crew(self.parts, self._path)
        self._reading.begin_anew(self._crew.readers, self.parts.enricher)

    def _submit(self, event: Event) -> None:
        if self._crew.is_single:
            self._run_there(event)
            return
        pipeline, rows = self.parts.pipeline, self._shared
        messages = pipeline.survey(event, rows)
        if not self._pass_on(messages, several=pipeline.concerns_several(event)):
            self._collect(pipeline.settle(messages, rows))

    def _run_there(self, event: Event) -> None:
        """Let the only worker take `event` through all stages."""
        try:
            body = wire.pack_event(self._number, event)
        except (ValueError, TypeError, OverflowError):  # a hostile record holds what no wire does
            self._collect(self.parts.pipeline.process(event, self._shared))
            return
        self._shared.give_back()
        self._owing = True
        self._crew.keepers[0].step(body)

    def _begin_day(self, time: int) -> None:
        """Let the only worker go on from one day to the next without being waited for."""
        if not self._crew.is_single or self._own or self._is_asked:
            super()._begin_day(time)
            return
        day = self._day_begun(time)
        if day is not None:
            self._number += 1
            self._order(wire.BeginDay(self._number, day))

    def _join(self, pair: tuple[str, str], time: int) -> None:
        """Let the only worker, who has all rows, look whether there is anything to put together."""
        if not self._crew.is_single:
            super()._join(pair, time)
            return
        self._number += 1
        self._order(wire.Join(self._number, pair, time))

    def _order(self, order: wire.Order) -> None:
        """Give the only worker an order among its events."""
        self._shared.give_back()
        self._owing = True
        self._crew.keepers[0].tell(order)

    def _pass_on(self, messages: Sequence[Message], *, several: bool) -> bool:
        """Give one event's messages to whom they concern; False where that is not one worker.

        `several` says that it may concern others besides those whom the messages name.
        """
        keepers = {self._crew.keeper_of(message.user) for message in messages if message.user}
        if several:
            keepers.update(self._crew.keepers)
        if len(keepers) > 1:
            return False
        for keeper in keepers:
            try:
                body = wire.pack_step(self._number, messages)
            except (ValueError, TypeError, OverflowError):
                return False  # a hostile record holds what no wire does
            self._shared.give_back()
            self._owing = True
            keeper.step(body)
        return True

    def _collect(self, outcome: Outcome) -> None:
        if says_anything(outcome):
            self._number += 1
            self._own.append((self._number, as_it_is(outcome)))

    def _ask(self) -> None:
        """Have workers say, when they have come so far, what came of the events."""
        if self._owing:
            for keeper in self._crew.keepers:
                keeper.tell(wire.Gather())
            self._owing, self._is_asked = False, True

    def _gather(self) -> None:
        """Everything that came of the events so far is in the work after this, in order."""
        found, self._own = self._own, []
        self._ask()
        if self._is_asked:
            for keeper in self._crew.keepers:
                gathered = keeper.answer(wire.Gathered)
                found += gathered.outcomes
                self.parts.failures.add(gathered.failures)
                self._work.joined += gathered.joined
            self._is_asked = False
        found.sort(key=lambda pair: pair[0])
        for _, outcome in found:
            super()._collect(outcome)

    async def _hand_over_soon(self) -> None:
        """When the next turn begins: what is next is read while workers come so far."""
        self._ask()
        self._shared.ask()
        self._turn.leave(self._hand_over)


class SharedRows(StoredRows):
    """Rows that no worker keeps, and those of workers where they lend them."""

    def __init__(self, connection: sqlite3.Connection, crew: Crew, memory_mb: int) -> None:
        super().__init__(connection, memory_mb)
        self.crew = crew
        self._kept = crew.kept
        """Stages whose rows are not here."""
        self._borrowed: dict[tuple[str, str], Row] = {}
        self._is_asked = False
        """Workers were asked for what has changed, and have not been heard."""

    def row(self, stage: str, key: str) -> Row:
        """The row of `key`, to be changed in place."""
        if stage not in self._kept:
            return super().row(stage, key)
        found = self.peek(stage, key)
        if found is None:
            found = self._borrowed[stage, key] = Row()
        found.changed = True
        return found

    def peek(self, stage: str, key: str) -> Row | None:
        """The row of `key`, only to be read; None where there is none."""
        if stage not in self._kept:
            return super().peek(stage, key)
        found = self._borrowed.get((stage, key))
        if found is None:
            lent = self.crew.keeper_of(key).ask(wire.Lend(stage, key), wire.Lent)
            if not lent.known:
                return None
            found = self._borrowed[stage, key] = Row(lent.blob, lent.last)
            found.changed = lent.changed
        return found

    def fetch(self, stages: Iterable[str], keys: Iterable[str]) -> None:
        """Read what will be asked for, unless workers keep it."""
        super().fetch((stage for stage in stages if stage not in self._kept), keys)

    def give_back(self) -> None:
        """What was borrowed goes back to its keepers."""
        if not self._borrowed:
            return
        for (stage, key), row in self._borrowed.items():
            order = wire.Give(stage, key, row.last, row.dump(), row.changed)
            self.crew.keeper_of(key).tell(order)
        self._borrowed = {}

    def ask(self) -> None:
        """Have workers say which rows have changed so far; nothing changes until `changes`."""
        self.give_back()
        for keeper in self.crew.keepers:
            keeper.tell(wire.Cut())
        self._is_asked = True

    def changes(self) -> list[State]:
        """Every row that changed since `settle`, everywhere."""
        if not self._is_asked:
            self.ask()
        self._is_asked = False
        found = super().changes()
        for keeper in self.crew.keepers:
            found += keeper.answer(wire.Changed).rows
        return found

    def settle(self) -> None:
        """The changes are taken over and being written; those before them are durable."""
        super().settle()
        for keeper in self.crew.keepers:
            keeper.tell(wire.Settle())


class RemoteReading:
    """Lets workers make events of records while this process does other things."""

    def __init__(self, readers: Sequence[Mate], enricher: Enricher) -> None:
        self._readers = readers
        self._enricher = enricher
        self._begun = 0
        self._asked: dict[int, tuple[Mate, list[bytes]]] = {}
        """Number of a question, who was asked, about what; in the order of asking."""
        self._answered: dict[int, list[Reading]] = {}

    def begin(self, records: list[bytes]) -> int:
        """Have `records` read; the number to ask for what they hold."""
        self._begun += 1
        self._ask(self._begun, records)
        return self._begun

    def begin_anew(self, readers: Sequence[Mate], enricher: Enricher) -> None:
        """Others read from now on, also what those before them were asked and have not answered."""
        self._readers, self._enricher = readers, enricher
        for number, (_, records) in self._asked.items():
            self._ask(number, records)

    def _ask(self, number: int, records: list[bytes]) -> None:
        mate = self._readers[number % len(self._readers)]
        self._asked[number] = mate, records
        mate.tell(wire.Read(records))

    def end(self, number: int) -> list[Reading]:
        """What they hold, in order."""
        mate, _ = self._asked.get(number, (None, None))
        while number not in self._answered and mate is not None:
            first = next(each for each, (asked, _) in self._asked.items() if asked is mate)
            _, records = self._asked.pop(first)
            found = mate.answer(wire.Readings).found
            self._answered[first] = list(map(self._taken, found, records))
        return self._answered.pop(number)

    def _taken(self, found: wire.Passable, record: bytes) -> Reading:
        if isinstance(found, NotRead):
            return found
        if found is not None:
            return list(found)
        reading = decode(record)  # what cannot be passed on is read here
        for event in reading if isinstance(reading, list) else ():
            self._enricher.enrich(event)
        return reading
