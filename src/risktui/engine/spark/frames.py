"""`detect` and `results`: what a frame of log records leads to, for notebooks and pipelines."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator, Sequence
from functools import partial
from pathlib import Path

import msgspec
import pyarrow as pa
from pyspark.sql import DataFrame

from risktui import config as configuration
from risktui.engine.setup import Recipe, assemble
from risktui.engine.spark.bundle import packed_up
from risktui.engine.spark.operators import judged, values_read, verdicts_read
from risktui.engine.spark.packed import GATE, Result, Until, pack, unpack
from risktui.engine.spark.reading import SCHEMA
from risktui.engine.spark.session import broadcast
from risktui.engine.spark.table import COLUMNS as WRITTEN
from risktui.engine.spark.table import SCHEMA as LINES
from risktui.engine.spark.table import lines_of
from risktui.model.risk import Detection, Json
from risktui.output.graph import risk_detection

TEXTS = (
    "id",
    "requestId",
    "correlationId",
    "riskEventType",
    "riskState",
    "riskLevel",
    "riskDetail",
    "source",
    "detectionTimingType",
    "activity",
    "tokenIssuerType",
    "ipAddress",
    "userId",
    "userDisplayName",
    "userPrincipalName",
    "additionalInfo",
)
TIMES = {
    "activityDateTime": "activity_date_time",
    "detectedDateTime": "detected_date_time",
    "lastUpdatedDateTime": "last_updated_date_time",
}
COLUMNS = ", ".join(
    (
        *(f"{name} string" for name in TEXTS),
        *(f"{name} timestamp" for name in TIMES),
        "location string",
        "risktui string",
    )
)
"""Graph's `riskDetection`; `location` and what we know beyond Graph are JSON."""


def detect(
    frame: DataFrame,
    config: configuration.Config | Path | str | None = None,
    *,
    detectors: Sequence[Path | str] = (),
    buckets: int = 16,
    verdicts: Path | str | None = None,
) -> DataFrame:
    """The risk detections in `frame`, a row for each and for each change of one, latest state last.

    A record is a row: its JSON in the only column, or columns named as in a lake's table. A static
    frame is judged in the order of event time, whatever the order of its rows. Of a stream, what is
    `[sources] lateness_seconds` older than the newest event is judged, so that its end waits for
    more; a query needs RocksDB as state store and a checkpoint. People are divided into `buckets`;
    with 0 they are one, which no number of executors makes faster, but nothing is left out: with
    more, a stream does not say of whom an administrator changed what it says of the administrator,
    unless that one was an administrator from the first. Of whoever has changed federation it knows
    only whether they were confirmed compromised. `risktui watch --engine spark` has no such limits.
    Set `spark.sql.shuffle.partitions` to about the number of cores before: Spark's own 200
    makes four operators of 200 tasks each, most of them for nobody.

    `verdicts` is a folder of decisions that `risktui console --source` has written: in a static
    frame each is heard at its time, in a stream when it comes. What one of them does to an address,
    and so to other people's risk, only `risktui` with a database knows.
    """
    found = _judged(frame, config, detectors, buckets, verdicts)
    return found.mapInArrow(partial(_rows, batched=frame.isStreaming), COLUMNS)


def results(
    frame: DataFrame,
    config: configuration.Config | Path | str | None = None,
    *,
    detectors: Sequence[Path | str] = (),
    buckets: int = 16,
    verdicts: Path | str | None = None,
) -> DataFrame:
    """Everything that `frame` leads to, for a folder that `risktui console --source` opens.

    Detections, people at risk, their history, sign-ins, what was held back and why, answers to
    `verdicts`: the rows of `table.COLUMNS`. Parameters are those of `detect`.
    """
    return _judged(frame, config, detectors, buckets, verdicts).mapInArrow(_lines, LINES)


def _judged(
    frame: DataFrame,
    config: configuration.Config | Path | str | None,
    detectors: Sequence[Path | str],
    buckets: int,
    verdicts: Path | str | None,
) -> DataFrame:
    if not isinstance(config, configuration.Config):
        config = configuration.load(Path(config)) if config is not None else configuration.Config()
    recipe = Recipe(config, tuple(Path(each) for each in detectors))
    assemble(recipe.settings, recipe.folders)  # what is wrong with them is said here
    session, folder = frame.sparkSession, Path(tempfile.mkdtemp(prefix="risktui-"))
    bundle = broadcast(session, packed_up(recipe), folder)
    one = frame if len(frame.columns) == 1 else frame.selectExpr("to_json(struct(*)) AS value")
    items = values_read(one, bundle, "frame")
    lateness: int | None = round(config.sources.lateness_seconds * 1000)
    if verdicts is not None:
        items = items.unionByName(verdicts_read(frame, str(verdicts), bundle))
    if not frame.isStreaming:
        end = session.createDataFrame([(GATE, bytearray(pack(Until(0, None))))], SCHEMA)
        items, lateness = items.unionByName(end), None
    return judged(items, bundle, buckets, lateness, goes_round=False)


def _lines(tables: Iterator[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
    """Rows of `results` from the items of one task."""
    for table in tables:
        items = (unpack(body) for body in table.column(1).to_pylist())
        found = [line for item in items for line in lines_of(item)]
        if found:
            columns = [
                pa.array(column, pa.int64() if kind == "long" else pa.string())
                for column, kind in zip(zip(*found, strict=True), WRITTEN.values(), strict=True)
            ]
            yield pa.record_batch(columns, names=list(WRITTEN))


def _rows(tables: Iterator[pa.RecordBatch], *, batched: bool) -> Iterator[pa.RecordBatch]:
    """Detections among the items of one task; of a static frame each as it is in the end."""
    found: dict[tuple[str, int], Detection] = {}
    for table in tables:
        for body in table.column(1).to_pylist():
            item = unpack(body)
            if isinstance(item, Result):
                for each in item.outcome.detections:
                    found[each.id, len(found) if batched else 0] = each
    if found:
        rows = [_row(each) for each in found.values()]
        columns = [pa.array([row[name] for row in rows], kind) for name, kind in _KINDS.items()]
        yield pa.record_batch(columns, names=list(_KINDS))


_KINDS: dict[str, pa.DataType] = {
    **{name: pa.string() for name in TEXTS},
    **{name: pa.timestamp("us", "UTC") for name in TIMES},
    "location": pa.string(),
    "risktui": pa.string(),
}


def _row(detection: Detection) -> Json:
    row = risk_detection(detection)
    for name, field in TIMES.items():
        row[name] = getattr(detection, field) * 1000
    for name in ("location", "risktui"):
        row[name] = msgspec.json.encode(row[name]).decode()
    return row
