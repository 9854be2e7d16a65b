"""The pure operators, dressed as Spark's stateful processors, and the query that they make."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from typing import Any

from pyspark.sql import DataFrame, Row
from pyspark.sql.streaming import StatefulProcessor

from risktui.engine.keys import KEY_OF
from risktui.engine.setup import Parts
from risktui.engine.spark.gate import Gate
from risktui.engine.spark.handed import SUFFIX, readable
from risktui.engine.spark.packed import ADMINISTRATORS, Act, Item, bucket_of, pack, unpack
from risktui.engine.spark.people import Applications, People
from risktui.engine.spark.reading import (
    SCHEMA,
    parts_of,
    read_orders,
    read_values,
    read_verdicts,
)

KEY, VALUE = "k string", "last long, blob binary"


class StoreBlobs:
    """`Blobs` in a map that Spark keeps for one bucket."""

    def __init__(self, kept: Any) -> None:
        self._kept = kept

    def get(self, key: str) -> tuple[int, bytes] | None:
        """What is kept under `key`."""
        found = self._kept.getValue((key,))
        return (found[0], bytes(found[1])) if found is not None else None

    def put(self, key: str, last: int, blob: bytes) -> None:
        """Keep it."""
        self._kept.updateValue((key,), (last, blob))

    def remove(self, key: str) -> None:
        """Forget `key`."""
        self._kept.removeKey((key,))

    def each(self) -> Iterator[tuple[str, int, bytes]]:
        """Every key, its time and its bytes."""
        for key, value in self._kept.iterator():
            yield key[0], value[0], bytes(value[1])


class _Operator(StatefulProcessor):  # type: ignore[misc]  # pyspark has no types where it is absent
    """What the three have in common."""

    def __init__(self, bundle: str) -> None:
        self.bundle = bundle
        """Name of the broadcast file with all that detectors are made of."""

    def init(self, handle: Any) -> None:
        """Called by Spark once for each task."""
        self.rows = StoreBlobs(handle.getMapState("rows", KEY, VALUE))

    def close(self) -> None:
        """Called by Spark."""

    @property
    def parts(self) -> Parts:
        """Detectors and lists; Spark also asks for state where there are none."""
        return parts_of(self.bundle)


class GateOperator(_Operator):
    """`Gate`, in the one bucket that everything goes through."""

    def __init__(
        self, bundle: str, buckets: int, lateness_ms: int | None, *, goes_round: bool
    ) -> None:
        super().__init__(bundle)
        self.buckets = buckets
        self.lateness_ms = lateness_ms
        self.goes_round = goes_round

    def init(self, handle: Any) -> None:
        """Called by Spark once for each task."""
        super().init(handle)
        self.seen = StoreBlobs(handle.getMapState("seen", KEY, VALUE))
        self.memory = handle.getValueState("memory", "blob binary")

    def handleInputRows(self, key: Any, rows: Iterator[Row], timerValues: Any) -> Iterator[Row]:  # noqa: N802, N803
        """Called by Spark with a batch."""
        kept = self.memory.get()
        memory = bytes(kept[0]) if kept else None
        gate = Gate(
            self.parts, memory, self.rows, self.seen, self.buckets, goes_round=self.goes_round
        )
        out = gate.take(_items(rows), self.lateness_ms)
        self.memory.update((gate.dump(),))
        return (Row(b=bucket, m=pack(item)) for bucket, item in out)


class PeopleOperator(_Operator):
    """`People`, a bucket a call."""

    def __init__(self, bundle: str, buckets: int, *, administrators: bool) -> None:
        super().__init__(bundle)
        self.buckets = buckets
        self.administrators = administrators
        """Whether it is the first of the two, which keeps one bucket."""

    def handleInputRows(self, key: Any, rows: Iterator[Row], timerValues: Any) -> Iterator[Row]:  # noqa: N802, N803
        """Called by Spark with a batch of a bucket."""
        bucket = key[0]
        if (bucket == ADMINISTRATORS) != self.administrators:
            return (Row(b=bucket, m=bytes(row.m)) for row in rows)
        out = People(self.parts, self.rows, bucket).take(_items(rows))
        return (Row(b=self._bucket(item, to), m=pack(item)) for to, item in out)

    def _bucket(self, item: Item, to: int) -> int:
        if isinstance(item, Act):
            return bucket_of(KEY_OF["principal"](item.event), max(1, self.buckets))
        return to


class ApplicationsOperator(_Operator):
    """`Applications`, a bucket a call."""

    def handleInputRows(self, key: Any, rows: Iterator[Row], timerValues: Any) -> Iterator[Row]:  # noqa: N802, N803
        """Called by Spark with a batch."""
        out = Applications(self.parts, self.rows).take(_items(rows))
        return (Row(b=key[0], m=pack(item)) for item in out)


def _items(rows: Iterator[Row]) -> Iterator[Item]:
    return (unpack(bytes(row.m)) for row in rows)


def orders_read(frame: DataFrame, bundle: str, partitions: int) -> DataFrame:
    """Items that lines of the order log lead to."""
    return frame.repartition(partitions).mapInArrow(partial(read_orders, bundle), SCHEMA)


def values_read(frame: DataFrame, bundle: str, name: str) -> DataFrame:
    """Items of a frame with one column, a JSON record a row."""
    return frame.mapInArrow(partial(read_values, bundle, name), SCHEMA)


def verdicts_read(frame: DataFrame, folder: str, bundle: str) -> DataFrame:
    """Items of the decisions in `folder`, to be heard with what `frame` holds, which may stream."""
    session = frame.sparkSession
    reader = session.readStream if frame.isStreaming else session.read
    text = (
        reader.format("text")
        .schema("value string")
        .option("pathGlobFilter", f"*{SUFFIX}")
        .load(readable(folder))
    )
    return text.mapInArrow(partial(read_verdicts, bundle, frame.isStreaming), SCHEMA)


def judged(
    items: DataFrame,
    bundle: str,
    buckets: int,
    lateness_ms: int | None,
    *,
    goes_round: bool = True,
) -> DataFrame:
    """Everything that items lead to, for the sink: the gate, people, applications.

    `goes_round` says that the sink hands orders back to the gate.
    """
    steps: list[StatefulProcessor] = [
        GateOperator(bundle, buckets, lateness_ms, goes_round=goes_round),
        PeopleOperator(bundle, buckets, administrators=True),
        PeopleOperator(bundle, buckets, administrators=False),
        ApplicationsOperator(bundle),
    ]
    frame = items
    for step in steps:
        frame = frame.groupBy("b").transformWithState(step, SCHEMA, "Append", "None")
    return frame
