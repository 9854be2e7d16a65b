"""What somebody does in a notebook, in one session: a stream, the same as a table, decisions.

    python notebook.py FOLDER

FOLDER holds `first` and `second`, logs of JSON lines, and `verdicts`, decisions.
"""

from __future__ import annotations

import json
import shutil
import sys
from pathlib import Path

from pyspark.sql import DataFrame, SparkSession

from risktui.engine.spark import detect, results
from risktui.engine.spark.session import SparkOptions, session_of

BUCKETS = 0


def main() -> None:
    folder = Path(sys.argv[1])
    spark = session_of(SparkOptions(partitions=2))
    logs = folder / "logs"
    for part in ("first", "second"):  # it is ended and goes on, as a job that runs by the hour
        shutil.copytree(folder / part, logs, dirs_exist_ok=True)
        _stream(spark, folder, logs)
    table = spark.read.text(str(logs), recursiveFileLookup=True)
    found = detect(table, buckets=BUCKETS)
    (folder / "columns.json").write_text(json.dumps(found.columns))
    _keep([row.asDict() for row in found.collect()], folder / "batch.jsonl")
    judged = results(table, buckets=BUCKETS, verdicts=folder / "verdicts")
    judged.write.mode("overwrite").parquet(str(folder / "judged"))


def _stream(spark: SparkSession, folder: Path, logs: Path) -> None:
    """The same stream for two sinks: one's own function, and a folder for the console."""
    reader = spark.readStream.option("recursiveFileLookup", True)

    def keep(frame: DataFrame, _: int) -> None:
        _keep([row.asDict() for row in frame.collect()], folder / "stream.jsonl")

    (
        detect(reader.text(str(logs)), buckets=BUCKETS)
        .writeStream.foreachBatch(keep)
        .option("checkpointLocation", str(folder / "checkpoint-1"))
        .trigger(availableNow=True)
        .start()
        .awaitTermination()
    )
    (
        results(reader.text(str(logs)), buckets=BUCKETS)
        .writeStream.format("parquet")
        .option("path", str(folder / "lake"))
        .option("checkpointLocation", str(folder / "checkpoint-2"))
        .trigger(availableNow=True)
        .start()
        .awaitTermination()
    )


def _keep(rows: list[dict[str, object]], path: Path) -> None:
    with path.open("a") as lines:
        lines.writelines(json.dumps(row, default=str) + "\n" for row in rows)


if __name__ == "__main__":
    main()
