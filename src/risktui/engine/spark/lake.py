"""Which files there are: logs, Parquet files, and those that a Delta table has now."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from itertools import islice
from pathlib import Path
from typing import Literal

import msgspec
import pyarrow as pa

from risktui.engine.spark.parquet import partition_of, records
from risktui.logs.clean import clean
from risktui.logs.discover import Found, Unfound, discover, spelt_out
from risktui.logs.formats.registry import decode
from risktui.logs.plan import AT_ONCE, plan
from risktui.logs.records import Record

DELTA = "_delta_log"
PEEKED = 64
"""Rows of a Parquet file that are looked at for its first time."""


class LakeError(Exception):
    """A table cannot be read; says which and why."""


class Piece(msgspec.Struct, frozen=True):
    """A file that is to be read."""

    first: int
    """Time of its first event, as far as anybody looked (ms)."""
    path: str
    size: int
    mtime_ns: int
    kind: Literal["log", "parquet"]


class Lake:
    """Files below some paths that were not ordered to be read before, as they are now."""

    def __init__(
        self,
        paths: Sequence[Path | str],
        *,
        apart: Callable[[str], bool],
        known: Mapping[str, tuple[int, int]],
    ) -> None:
        self._paths = [Path(path) for path in paths]
        self._apart = apart
        self._known = known
        self.unfound: list[Unfound] = []

    def files(self) -> list[Found]:
        """Those files; `unfound` says what could not be looked at."""
        self.unfound = []
        found: list[Found] = []
        for each in self._all():
            if isinstance(each, Unfound):
                self.unfound.append(each)
            elif not self._apart(each.name) and self._is_new(each):
                found.append(each)
        return found

    def _all(self) -> Iterator[Found | Unfound]:
        tables = [path for path in self._paths if (path / DELTA).is_dir()]
        for table in tables:
            yield from map(_found, active_files(table))
        others = [path for path in self._paths if path not in tables]
        if others:
            yield from discover(spelt_out(others))

    def _is_new(self, found: Found) -> bool:
        return self._known.get(found.name) != (found.size, found.mtime_ns)


def pieces(lake: Lake, lateness_ms: int) -> list[Piece]:
    """New files in the order in which their stories begin."""
    return sorted(
        (_piece(found, lateness_ms) for found in lake.files()),
        key=lambda piece: (piece.first, piece.path),
    )


def _piece(found: Found, lateness_ms: int) -> Piece:
    if found.name.endswith(".parquet"):
        first, kind = _first_row(found.name), "parquet"
    else:
        first, kind = _first_record(found, lateness_ms), "log"
    known: Literal["log", "parquet"] = "parquet" if kind == "parquet" else "log"
    return Piece(first, found.name, found.size, found.mtime_ns, known)


def _first_record(found: Found, lateness_ms: int) -> int:
    try:
        return plan(found, None, lateness_ms).first
    except OSError:
        return AT_ONCE  # whoever reads it says why it cannot be read


def _first_row(path: str) -> int:
    try:
        some = list(islice(records(path, partition_of(path), PEEKED), PEEKED))
    except (OSError, pa.ArrowException):
        return AT_ONCE  # whoever reads it says why it cannot be read
    readings = [decode(each.raw) for each in some if isinstance(each, Record)]
    times = [event.time for found in readings if isinstance(found, list) for event in found]
    return min(times, default=AT_ONCE)


def active_files(table: Path) -> list[str]:
    """The files of a Delta table's latest version. Raises `LakeError`."""
    try:
        from deltalake import DeltaTable  # only where a table of this kind is read
        from deltalake.exceptions import DeltaError
    except ImportError as error:
        raise LakeError(f"{table}: is a Delta table; `pip install deltalake` to read it") from error
    try:
        opened = DeltaTable(str(table))
        files = sorted(opened.file_uris())
    except DeltaError as error:
        raise LakeError(f"{table}: cannot be read as a Delta table: {clean(str(error))}") from error
    features = opened.protocol().reader_features or []
    if "deletionVectors" in features:
        raise LakeError(
            f"{table}: has deletion vectors, which are not understood; turn them off with"
            " `ALTER TABLE … SET TBLPROPERTIES ('delta.enableDeletionVectors' = false)`,"
            " `REORG TABLE … APPLY (PURGE)` and `DROP FEATURE deletionVectors`"
        )
    mapping = opened.metadata().configuration.get("delta.columnMapping.mode", "none")
    if mapping != "none":
        raise LakeError(
            f"{table}: has column mapping ({clean(mapping)}), so that its files do not say what"
            " their columns are called; write it once more without, or read it with Spark and"
            " `risktui.engine.spark.detect`"
        )
    return files


def _found(path: str) -> Found | Unfound:
    name = path.removeprefix("file://")
    try:
        status = Path(name).stat()
    except OSError as error:  # cleared away since the table was looked at, or too early
        return Unfound(name, (error.strerror or str(error)).lower())
    return Found(name, status.st_dev, status.st_ino, status.st_size, status.st_mtime_ns)
