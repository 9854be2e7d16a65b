"""Cuts comma-separated tables into records: one JSON object per row, keyed by the header."""

from __future__ import annotations

import csv
import re
from typing import Final, Literal

import msgspec

from risktui.logs.document import LONGEST_RECORD
from risktui.logs.records import Broken, Record, Records

LONGEST_HEADER = 64 * 1024
"""Bytes within which a table's header ends; the longest real one (78 columns) has 2 KB."""

MOST_COLUMNS = 1_000

_LEAST_COLUMNS = 3
_LONE_COLUMNS = frozenset({"auditdata", "_raw"})
"""Names that make a table of fewer columns: they hold a whole record each."""

_SPLUNK = "_raw"
"""Where Splunk keeps the record as it came; the other columns are taken from it."""

_DELIMITERS = (b",", b";", b"\t")
_NAME = re.compile(r"[\w$@.#][\w $@.#()\[\]/:&+*'-]*")
_PREAMBLE = re.compile(
    rb"(?:\xef\xbb\xbf)?(?:[ \t\r\0]*+(?:#TYPE [^\n]*+|sep=.\r?)?+\n)*+[ \t\r\0]*+",
    re.IGNORECASE,
)
"""What may stand before the header: a byte order mark, blank lines, PowerShell's type, Excel's
separator."""

csv.field_size_limit(LONGEST_RECORD)  # the audit data of one cell exceeds the default of 128 KB


class Header:
    """The column names of a table, and how its cells are separated."""

    def __init__(self, names: list[str], delimiter: bytes, length: int) -> None:
        self.delimiter: Final = delimiter.decode()
        self.columns: Final = _distinct(names)
        self.names: Final = names
        self.length: Final = length
        """Bytes of the text up to the first row."""
        any_cell = rb'(?:"(?:[^"]++|"")*+"[^%b\n]*+|[^"%b\n][^%b\n]*+|)'.replace(b"%b", delimiter)
        self._whole = re.compile(any_cell + b"(?:" + delimiter + any_cell + rb")*+\n")

    def row_end(self, text: bytes, at: int) -> int:
        """Where the row at `at` ends, its line break included; -1 where it is not complete."""
        match = self._whole.match(text, at)
        return match.end() if match else -1

    def cells(self, row: bytes) -> list[str]:
        """The cells of a row. Raises csv.Error where quotes and line breaks do not fit."""
        line = row.decode("utf-8", "replace").rstrip("\r\n")
        for cells in csv.reader([line], delimiter=self.delimiter):
            return cells
        return []


def begins_table(text: bytes) -> Header | Literal[False] | None:
    """The header that `text`, the start of a file, begins with; None where more has to be seen."""
    match = _PREAMBLE.match(text, 0, LONGEST_HEADER)
    start = match.end() if match else 0
    if text[start : start + 1] in {b"{", b"["}:
        return False
    end = text.find(b"\n", start, start + LONGEST_HEADER)
    if end < 0:
        return None if len(text) < LONGEST_HEADER else False
    line = text[start:end].rstrip(b"\r\0")
    found = [_split(line, delimiter) for delimiter in _DELIMITERS]
    names, delimiter = max(found, key=lambda each: len(each[0]))
    lone = any(name.casefold() in _LONE_COLUMNS for name in names)
    enough = lone or _LEAST_COLUMNS <= len(names) <= MOST_COLUMNS
    if enough and all(not name or _NAME.fullmatch(name) for name in names):
        return Header(names, delimiter, end + 1)
    return False


def _split(line: bytes, delimiter: bytes) -> tuple[list[str], bytes]:
    try:
        (cells,) = csv.reader([line.decode("utf-8", "replace")], delimiter=delimiter.decode())
    except (csv.Error, ValueError):
        cells = []
    return [" ".join(cell.split()) for cell in cells], delimiter


def _distinct(names: list[str]) -> list[str]:
    """Names without repetition: the second `x` is `x (2)`; a column without a name is ""."""
    counts: dict[str, int] = {}
    distinct = []
    for name in names:
        counts[name] = count = counts.get(name, 0) + 1
        distinct.append(f"{name} ({count})" if name and count > 1 else name)
    return distinct


class Table:
    """Cuts a table that arrives in pieces of any size into rows; the pieces do not matter.

    A row ends with a line break outside of quotes. One without it waits, because nobody can tell
    whether its last cell is complete; `finish` takes it.
    """

    def __init__(self, path: str, header: Header, offset: int, *, within_row: bool = False) -> None:
        self._records = Records(path)
        self._header = header
        self._offset = offset
        self._pending = bytearray()
        self._skipping = within_row
        """What is left of the line is thrown away."""

    @property
    def resume(self) -> int:
        """The first byte that is not done with."""
        return self._offset

    @property
    def unfinished(self) -> bool:
        """Whether the stream, as it is, stops inside a row."""
        return bool(self._pending.strip(b" \t\r\n\0"))

    def feed(self, data: bytes) -> list[Record | Broken]:
        """The rows that are complete with `data`."""
        block = bytes(self._pending) + data if self._pending else data
        at = 0
        if self._skipping:
            at = block.find(b"\n") + 1 or len(block)
            self._skipping = block[at - 1 : at] != b"\n"
        while (end := self._header.row_end(block, at)) > 0:
            self._row(block[at:end], self._offset + at)
            at = end
        self._pending = bytearray(block[at:])
        self._offset += at
        if len(self._pending) > LONGEST_RECORD:
            self._overlong()
        return self._records.taken()

    def finish(self) -> list[Record | Broken]:
        """The last row, where nothing but its line break is missing."""
        rest = bytes(self._pending)
        text = rest.strip(b" \t\r\n\0")
        if not text or self._skipping:
            return []
        whole = self._header.row_end(rest + b"\n", 0) == len(rest) + 1
        cells = self._cells(rest) if whole else None
        if cells is None or len(cells) < len(self._header.columns):
            self._records.broken(self._offset, "unfinished last row", text)
            return self._records.taken()
        self._row(rest, self._offset)
        self._offset += len(rest)
        self._pending.clear()
        return self._records.taken()

    def _row(self, row: bytes, offset: int) -> None:
        if not row.strip(b" \t\r\n\0"):
            return
        header = self._header
        cells = self._cells(row)
        if cells is None:
            self._records.broken(offset, "malformed CSV", row)
        elif len(cells) > len(header.columns) and any(cells[len(header.columns) :]):
            reason = f"a row of {len(cells)} cells under {len(header.columns)} columns"
            self._records.broken(offset, reason, row)
        elif [" ".join(cell.split()) for cell in cells] != header.names:  # else the header again
            self._record(dict(zip(header.columns, cells, strict=False)), offset)

    def _record(self, row: dict[str, str], offset: int) -> None:
        row.pop("", None)
        raw = row.get(_SPLUNK, "").strip().encode("utf-8", "replace")
        if not (raw.startswith(b"{") and self._records.value(raw, offset, offset)):
            self._records.value(msgspec.json.encode(row), offset, offset)

    def _cells(self, row: bytes) -> list[str] | None:
        try:
            return self._header.cells(row.strip(b"\0"))
        except csv.Error:
            return None

    def _overlong(self) -> None:
        """Gives up on a row that is too long, or whose quotes never end, and on its last line."""
        text = bytes(self._pending)
        self._records.broken(self._offset, "a row of more than 8 MB, or quotes without end", text)
        self._skipping = True
        self._offset += len(text)
        self._pending.clear()
