"""The session that work is done in, and how our files reach its executors."""

from __future__ import annotations

import hashlib
import os
import sys
from pathlib import Path

import msgspec
from pyspark.errors import AnalysisException
from pyspark.sql import DataFrame, SparkSession


class SparkOptions(msgspec.Struct, frozen=True, kw_only=True):
    """How Spark is to work; what is fixed at a checkpoint's birth is marked."""

    master: str = "local[2]"
    checkpoint: Path | None = None
    """Folder of orders and state; default beside the database."""
    buckets: int = 16
    """Into how many parts people are divided (fixed)."""
    partitions: int = 0
    """Tasks that work side by side (fixed); 0 for as many as cores."""
    kafka: dict[str, str] = {}
    """Options of Spark's Kafka source: `kafka.bootstrap.servers`, `subscribe`."""
    conf: dict[str, str] = {}
    """Further settings of Spark."""


def broadcast(session: SparkSession, bundle: bytes, folder: Path) -> str:
    """Bring `bundle` to wherever Spark works, by way of `folder`; its name there.

    As a file: stateful operators know no broadcast variables.
    """
    name = f"risktui-{hashlib.blake2b(bundle, digest_size=8).hexdigest()}"
    folder.mkdir(parents=True, exist_ok=True)
    (folder / name).write_bytes(bundle)
    session.sparkContext.addFile(str(folder / name))
    return name


CONNECTOR = "org.apache.spark:spark-sql-kafka-0-10_2.13"
"""Spark's own package that reads Kafka; pip does not bring it."""


class SourceMissingError(Exception):
    """Spark cannot read from where it is told to; says what to add."""


def kafka_read(session: SparkSession, options: dict[str, str]) -> DataFrame:
    """Messages as a stream of one column of bytes. Raises `SourceMissingError`."""
    try:
        source = session.readStream.format("kafka").options(**options).load()
    except AnalysisException as error:
        if "kafka" not in str(error) or "find" not in str(error):
            raise
        package = f"{CONNECTOR}:{session.version}"
        raise SourceMissingError(
            "this Spark has no Kafka source; add"
            f" --spark-conf spark.jars.packages={package}, or its jars with spark.jars"
        ) from error
    return source.selectExpr("CAST(value AS BINARY) AS value")


def session_of(options: SparkOptions) -> SparkSession:
    """A session that is already there (a notebook's, a cluster's), or a new one of `master`."""
    os.environ.setdefault("PYSPARK_PYTHON", sys.executable)
    there = SparkSession.getActiveSession()
    if there is not None:
        return there
    provider = "org.apache.spark.sql.execution.streaming.state.RocksDBStateStoreProvider"
    settings = {
        "spark.ui.enabled": "false",
        "spark.ui.showConsoleProgress": "false",
        "spark.driver.memory": "1g",
        "spark.sql.session.timeZone": "UTC",
        "spark.sql.shuffle.partitions": str(options.partitions or os.cpu_count() or 2),
        "spark.sql.streaming.stateStore.providerClass": provider,
        "spark.sql.streaming.stateStore.rocksdb.changelogCheckpointing.enabled": "true",
        "spark.sql.streaming.noDataMicroBatches.enabled": "false",
        "spark.sql.streaming.metricsEnabled": "false",
        "spark.python.authenticate.socketTimeout": "120s",  # 15 s are little where others work
        **options.conf,
    }
    if options.master.startswith("local"):
        os.environ.setdefault("SPARK_LOCAL_IP", "127.0.0.1")  # whatever the host calls itself
        settings = {
            "spark.driver.host": "127.0.0.1",
            "spark.driver.bindAddress": "127.0.0.1",
            **settings,
        }
    builder = SparkSession.builder.master(options.master).appName("risktui")
    for name, value in settings.items():
        builder = builder.config(name, value)
    session = builder.getOrCreate()
    session.sparkContext.setLogLevel("ERROR")
    return session
