"""Runs `risktui` on Spark with a stand-in for its Kafka source, which pip does not bring.

    python broker.py ARGUMENTS…

A topic is a file of lines in the folder that `kafka.bootstrap.servers` names, an offset a line's
number. Spark keeps offsets in its checkpoint as it does with Kafka's own.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from pyspark.sql import DataFrame, SparkSession
from pyspark.sql.datasource import DataSource, SimpleDataSourceStreamReader

from risktui.cli.main import main
from risktui.engine.spark import engine

Offset = dict[str, int]


class Topic(SimpleDataSourceStreamReader):  # type: ignore[misc]
    """Reads lines that were written completely."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def initialOffset(self) -> Offset:  # noqa: N802  # Spark's name
        return {"line": 0}

    def read(self, start: Offset) -> tuple[Iterator[tuple[bytes, bytes]], Offset]:
        end = {"line": max(start["line"], self.path.read_bytes().count(b"\n"))}
        return self.readBetweenOffsets(start, end), end

    def readBetweenOffsets(  # noqa: N802  # Spark's name
        self, start: Offset, end: Offset
    ) -> Iterator[tuple[bytes, bytes]]:
        lines = self.path.read_bytes().splitlines()
        return iter([(b"", line) for line in lines[start["line"] : end["line"]]])


class Broker(DataSource):  # type: ignore[misc]
    """Spark's Kafka source, as far as anybody here can tell."""

    @classmethod
    def name(cls) -> str:
        return "stand-in"  # Spark gives its own name away to nobody

    def schema(self) -> str:
        return "key binary, value binary"

    def simpleStreamReader(self, schema: Any) -> Topic:  # noqa: N802  # Spark's name
        return Topic(Path(self.options["kafka.bootstrap.servers"]) / self.options["subscribe"])


def stand_in(session: SparkSession, options: dict[str, str]) -> DataFrame:
    session.dataSource.register(Broker)
    source = session.readStream.format(Broker.name()).options(**options).load()
    return source.select("value")


if __name__ == "__main__":
    engine.kafka_read = stand_in  # type: ignore[attr-defined]
    sys.argv = ["risktui", *sys.argv[1:]]
    main()
