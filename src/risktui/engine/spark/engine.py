"""The driver: plans what is read, gives orders, hears operators, and holds the database."""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any, Self

from pyspark.errors import StreamingQueryException
from pyspark.sql import DataFrame

from risktui.engine.clock import now_ms
from risktui.engine.offspring import WorkerDiedError
from risktui.engine.opening import CHECKPOINT, EngineRunningError
from risktui.engine.setup import Parts, Recipe
from risktui.engine.spark.bundle import packed_up
from risktui.engine.spark.lake import Lake, Piece, pieces
from risktui.engine.spark.operators import judged, orders_read, values_read
from risktui.engine.spark.orders import File, Line, OrderLog
from risktui.engine.spark.packed import Add, Decide, Note, Until
from risktui.engine.spark.pulse import Pulse
from risktui.engine.spark.session import SparkOptions, broadcast, kafka_read, session_of
from risktui.engine.spark.sink import Sink
from risktui.engine.totals import Totals
from risktui.logs.clean import storable
from risktui.logs.leaks import Leaks
from risktui.logs.quarantine import Quarantined
from risktui.store import verdicts
from risktui.store.database import prepare, reader
from risktui.store.lock import EngineLock
from risktui.store.people import may_judge
from risktui.store.privacy import keep_private

BATCH_BYTES = 64 * 1024 * 1024
"""Of files in one micro-batch of a scan."""
BATCH_FILES = 400
REVIVALS = 5
"""How often a query is started again without having got on in between."""
PASSING = (
    "worker failed to connect back",
    "worker exited unexpectedly",
    "SocketTimeoutException",
    "ExecutorLostFailure",
)
"""What Spark says when a machine was too busy, or is gone: nothing is wrong with the query."""
LOOK_SECONDS = 1.0
"""How often a watching driver looks for files and verdicts."""


class SparkEngine:
    """Owns the database and a query while it runs; a context manager."""

    def __init__(self, database: Path, parts: Parts, options: SparkOptions) -> None:
        if parts.recipe is None:
            raise ValueError(
                "executors cannot make these parts: nobody knows what they are made of"
            )
        self.parts = parts
        self._options = options
        self._database = database
        prepare(database, parts.group)
        self._lock = EngineLock(database)
        if not self._lock.take():
            holder = self._lock.holder()
            raise EngineRunningError(f"{database}: process {holder} is the engine already")
        keep_private(database, parts.group)
        self._reader = reader(database)
        self._folder = (
            options.checkpoint or database.with_name(database.name + ".spark")
        ).absolute()
        try:
            _own(self._reader, database, self._folder)
            self._orders = OrderLog(self._folder / "orders")
            self._sink = Sink(database, parts, self._orders)
            self._sink.status = {CHECKPOINT: str(self._folder)}
            self._leaks = Leaks(parts.leak_feeds, parts.domains)
            self._heard = ""
            self._unfound: set[str] = set()
            self._revivals, self._revived_at = 0, -1
            self._session = session_of(options)
            self._query = self._start(parts.recipe)
        except BaseException:
            self._lock.release()
            raise
        self._pulse = Pulse(database)

    def __enter__(self) -> Self:
        self._pulse.__enter__()
        return self

    def __exit__(self, *_: object) -> None:
        self._pulse.__exit__()
        self.close()

    def close(self) -> None:
        """End the query and let go of the database."""
        try:
            self._query.stop()
        finally:
            self._reader.close()
            self._lock.release()

    @property
    def totals(self) -> Totals:
        """What this run has done so far."""
        return self._sink.totals

    def scan(self, paths: Sequence[Path | str], lateness_ms: int) -> None:
        """Read what was not read before, in the order of event time, and commit it."""
        self.hear()
        for lines in self._manifests(paths, lateness_ms):
            self._orders.write(lines)
        self.settle()

    def settle(self) -> None:
        """Wait until everything that was ordered is durable, and what it led to as well.

        A source that never ends is not waited for. Raises `WorkerDiedError` where Spark has given
        up.
        """
        seen = -1
        while seen != self._sink.went_round:
            seen = self._sink.went_round
            try:
                if self._options.kafka:
                    if (error := self._query.exception()) is not None:
                        raise error
                else:
                    self._query.processAllAvailable()
            except StreamingQueryException as error:
                self._revive(error)
                seen = -1

    def _revive(self, error: StreamingQueryException) -> None:
        """Start the query again where only something around it has failed, a few times."""
        if self._revived_at != self._sink.batches:
            self._revivals, self._revived_at = 0, self._sink.batches
        self._revivals += 1
        recipe = self.parts.recipe
        if recipe is None or self._revivals > REVIVALS or not _is_passing(error):
            raise WorkerDiedError(_why(error)) from error
        self._query = self._start(recipe)

    def replace(self, parts: Parts) -> None:
        """From the next batch on `parts` judge, with everything that was learnt before."""
        if parts.recipe is None:
            raise ValueError("executors cannot make these parts")
        self._query.stop()  # a batch that it interrupts is done again
        self.parts = self._sink.parts = parts
        self._leaks = Leaks(parts.leak_feeds, parts.domains)
        self._query = self._start(parts.recipe)

    def hear(self) -> int:
        """Order the verdicts that wait to be heard; how many there were."""
        count = 0
        for verdict in verdicts.waiting(self._reader, -1, self._heard):
            self._heard, count = verdict.id, count + 1
            refused = may_judge(verdict.author, self.parts.people)
            if refused:
                self._sink.refuse(verdict, refused)
                continue
            self._orders.write([Decide(self._orders.next_number(), verdict)], verdict.id)
            self.settle()
        return count

    def watch(
        self,
        paths: Sequence[Path | str],
        *,
        stop: Callable[[], bool],
        after_commit: Callable[[], None],
        lateness_ms: int,
        renewed: Callable[[], Parts | None] = lambda: None,
    ) -> None:
        """Go on with what comes until `stop` says so.

        Parts that `renewed` gives judge from then on.
        """
        self._sink.after = after_commit
        while not stop():
            if (parts := renewed()) is not None:
                self.replace(parts)
            found = self.hear() + self._let_through()
            for lines in self._manifests(paths, lateness_ms):
                found += 1
                self._orders.write(lines)
            self.settle()
            self._pulse.say(state="live")
            if not found:
                time.sleep(LOOK_SECONDS)

    def _let_through(self) -> int:
        """What waits for later events of a stream that has fallen silent waits no longer."""
        if not self._options.kafka or not self._sink.waiting:
            return 0
        if time.monotonic() - self._sink.changed < max(LOOK_SECONDS, self._lateness()):
            return 0
        self._sink.changed = time.monotonic()
        self._orders.write([Until(self._orders.next_number(), None)])
        return 1

    def _manifests(self, paths: Sequence[Path | str], lateness_ms: int) -> Iterator[list[Line]]:
        """What is new, in portions; each says until when nothing earlier comes after it."""
        lake = Lake(paths, apart=self._leaks.owns, known=self._orders.named())
        planned = pieces(lake, lateness_ms)
        lines = self._others(lake)
        if not planned and not lines:
            return
        now, at = now_ms(), 0
        while at < len(planned):
            size, start = 0, at
            while at < len(planned) and size < BATCH_BYTES and at - start < BATCH_FILES:
                size += planned[at].size
                at += 1
            lines += [_file(piece, now) for piece in planned[start:at]]
            if at < len(planned):
                until = max(0, planned[at].first - lateness_ms)
                yield [*lines, Until(self._orders.next_number(), until)]
                lines = []
        yield [*lines, Until(self._orders.next_number(), None)]

    def _others(self, lake: Lake) -> list[Line]:
        """Entries of leaks, and what is to be said of files that are none."""
        lines: list[Line] = []
        self._leaks.look()
        if leaks := self._leaks.waiting():
            lines.append(Add(self._orders.next_number(), list(leaks)))
        for each in lake.unfound:
            if each.name not in self._unfound:
                self._unfound.add(each.name)
                broken = Quarantined(storable(each.name), 0, each.reason)
                lines.append(Note(each.name, quarantined=[broken]))
        return lines

    def _start(self, recipe: Recipe) -> Any:
        options, session = self._options, self._session
        partitions = options.partitions or session.sparkContext.defaultParallelism
        session.conf.set("spark.sql.shuffle.partitions", str(partitions))
        carried = broadcast(session, packed_up(recipe), self._folder / "bundles")
        text = (
            session.readStream.format("text")
            .option("maxFilesPerTrigger", 1)
            .option("pathGlobFilter", "*.json")
            .load(str(self._orders.folder))
        )
        items = orders_read(text, carried, partitions)
        lateness = None
        if options.kafka:
            lateness = round(self._lateness() * 1000)
            values = kafka_read(session, options.kafka)
            items = items.unionByName(values_read(values, carried, "kafka"))
        frame = judged(items, carried, options.buckets, lateness)
        return (
            frame.writeStream.foreachBatch(self._take)
            .option("checkpointLocation", str(self._folder / "checkpoint"))
            .start()
        )

    def _lateness(self) -> float:
        """Seconds that events of a stream wait for earlier ones."""
        recipe = self.parts.recipe
        return recipe.settings.sources.lateness_seconds if recipe is not None else 120.0

    def _take(self, frame: DataFrame, batch: int) -> None:
        self._sink.take((bytes(row.m) for row in frame.select("m").collect()), batch)


def _is_passing(error: StreamingQueryException) -> bool:
    text = str(error)
    return any(words in text for words in PASSING)


def _why(error: StreamingQueryException) -> str:
    """The last line of a Python trace among a hundred of Java's, else the first line."""
    lines = [line.strip() for line in str(error).splitlines()]
    ours = [line for line in lines if re.match(r"[\w.]+(Error|Exception): ", line)]
    reason = next((line for line in ours if not line.startswith("org.")), lines[0])
    return f"Spark's query ended: {reason}; what was not committed is read again by the next run"


def _file(piece: Piece, now: int) -> File:
    return File(piece.path, piece.size, piece.mtime_ns, piece.kind, now)


def _own(connection: Any, database: Path, folder: Path) -> None:
    """A database goes with one checkpoint, for what is remembered of people lies there."""
    row = connection.execute("SELECT value FROM meta WHERE name = ?", (CHECKPOINT,)).fetchone()
    if row is not None and row[0] != str(folder):
        raise EngineRunningError(
            f"{database}: goes with the checkpoint {row[0]}; name it with --checkpoint"
        )
    if row is None and connection.execute("SELECT 1 FROM states LIMIT 1").fetchone():
        raise EngineRunningError(
            f"{database}: was filled by a local engine, which goes on with it; choose another --db"
        )
