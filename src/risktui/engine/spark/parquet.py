"""Records of Parquet files: some rows at a time, whatever types their columns have."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from typing import Any
from urllib.parse import unquote

import msgspec
import pyarrow as pa
import pyarrow.parquet as pq

from risktui.logs.clean import clean
from risktui.logs.records import SAMPLE, Broken, Record

AT_ONCE = 2_000
"""Rows that are in memory together."""
BUFFER = 1 << 20
"""Bytes that are read of a column together; a row group may have a hundred times as many."""
NO_VALUE = "__HIVE_DEFAULT_PARTITION__"
"""What stands in a path for a column without value."""
_UNREADABLE = (ValueError, TypeError, OverflowError, LookupError, pa.ArrowException)
"""What Arrow raises for a value that Python has none for: the year 60,000, text that is none."""


def opened(path: str) -> pq.ParquetFile:
    """A file whose rows are to be read. Raises `OSError` and `pa.ArrowException`."""
    return pq.ParquetFile(path, buffer_size=BUFFER)


def rows(
    file: pq.ParquetFile, columns: Sequence[str] | None = None, at_once: int = AT_ONCE
) -> Iterator[dict[str, Any] | str]:
    """Rows by their columns' names; words where a row has a value that cannot be read.

    Raises `OSError` and `pa.ArrowException` where the file ends to be one.
    """
    for table in file.iter_batches(at_once, columns=list(columns) if columns else None):
        fields = [field.with_type(_type(field.type)) for field in table.schema]
        known = table.cast(pa.schema(fields), safe=False)
        try:
            found: list[dict[str, Any] | str] = known.to_pylist()
        except _UNREADABLE:
            found = [_row(known.slice(number, 1)) for number in range(known.num_rows)]
        yield from found


def records(path: str, more: dict[str, str], at_once: int = AT_ONCE) -> Iterator[Record | Broken]:
    """The rows of a file as records, each with the columns of `more`. Raises as `rows` does."""
    for number, row in enumerate(rows(opened(path), at_once=at_once)):
        if isinstance(row, str):
            yield Broken(path, number, f"a row cannot be read: {row}")
            continue
        try:
            yield Record(path, number, record_of(more | row), 0)
        except (*_UNREADABLE, msgspec.MsgspecError) as error:
            yield Broken(path, number, f"a row is no record: {clean(str(error), SAMPLE)}")


def partition_of(path: str) -> dict[str, str]:
    """Columns that a table is divided by, which stand in the path and not in the file."""
    pairs = (part.split("=", 1) for part in path.split("/")[:-1] if "=" in part)
    return {unquote(name): unquote(value) for name, value in pairs if value != NO_VALUE}


def record_of(row: dict[str, Any]) -> bytes:
    """A row of a table as the JSON record that it was made of: a column without value is none."""
    return msgspec.json.encode(_plain(row))


def _row(one: pa.RecordBatch) -> dict[str, Any] | str:
    try:
        (row,) = one.to_pylist()
    except _UNREADABLE as error:
        return clean(str(error), SAMPLE)
    return dict(row)


def _type(kind: pa.DataType) -> pa.DataType:
    """What `kind` is read as: Python knows microseconds, and UTC without asking anybody."""
    is_a = pa.types
    if is_a.is_timestamp(kind):
        return pa.timestamp(_unit(kind), "UTC" if kind.tz else None)
    if is_a.is_duration(kind):
        return pa.duration(_unit(kind))
    if is_a.is_time64(kind):
        return pa.time64("us")
    if is_a.is_struct(kind):
        parts = [kind.field(number) for number in range(kind.num_fields)]
        return pa.struct([part.with_type(_type(part.type)) for part in parts])
    if is_a.is_map(kind):
        return pa.map_(kind.key_type, _type(kind.item_type))
    if is_a.is_list(kind) or is_a.is_large_list(kind):
        part = kind.value_field
        of = pa.list_ if is_a.is_list(kind) else pa.large_list
        return of(part.with_type(_type(part.type)))
    return kind


def _unit(kind: Any) -> str:
    return "us" if kind.unit == "ns" else str(kind.unit)


def _plain(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _plain(each) for key, each in value.items() if each is not None}
    if isinstance(value, list):
        return [_plain(each) for each in value]
    if isinstance(value, datetime) and value.tzinfo is None:
        return value.replace(tzinfo=UTC)  # Spark writes UTC and does not say so
    return value
