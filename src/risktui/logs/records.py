"""What is cut out of files: records; and how JSON values are taken apart into them."""

from __future__ import annotations

import msgspec

from risktui.logs.clean import clean
from risktui.logs.mend import mend

SAMPLE = 200
"""Characters of a broken record that are shown."""

_WRAPPED_AT_MOST = 4
"""Envelopes in envelopes; two is the most that was seen."""


class Record(msgspec.Struct, frozen=True, gc=False):
    """One record as it was found: a JSON object."""

    path: str
    offset: int
    """Where it starts in the file's (decompressed) text."""
    raw: bytes
    resume: int
    """From where the text must be read again to meet this record: the start of what wraps it."""


class Broken(msgspec.Struct, frozen=True, gc=False):
    """Something in a file that is no record."""

    path: str
    offset: int
    reason: str
    sample: str = ""
    """Its first characters, cleaned."""


class _Envelope(msgspec.Struct, gc=False):
    records: msgspec.Raw | msgspec.UnsetType = msgspec.UNSET
    Records: msgspec.Raw | msgspec.UnsetType = msgspec.UNSET
    value: msgspec.Raw | msgspec.UnsetType = msgspec.UNSET
    tables: msgspec.Raw | msgspec.UnsetType = msgspec.UNSET
    Tables: msgspec.Raw | msgspec.UnsetType = msgspec.UNSET
    result: msgspec.Raw | msgspec.UnsetType = msgspec.UNSET


_WRAPS_NOTHING = _Envelope()
_envelope = msgspec.json.Decoder(_Envelope).decode
_elements = msgspec.json.Decoder(list[msgspec.Raw]).decode
_members = msgspec.json.Decoder(dict[str, msgspec.Raw]).decode
_NOT_JSON = (msgspec.DecodeError, UnicodeDecodeError, RecursionError)


class _Column(msgspec.Struct, gc=False):
    name: str = ""
    ColumnName: str = ""


class _Table(msgspec.Struct, gc=False):
    """What Log Analytics' query API answers with, and Kusto's in its older spelling."""

    columns: list[_Column] = []
    rows: list[list[msgspec.Raw]] = []
    Columns: list[_Column] = []
    Rows: list[list[msgspec.Raw]] = []


class _Splunk(msgspec.Struct, gc=False):
    raw: str = msgspec.field(name="_raw", default="")


_tables = msgspec.json.Decoder(list[_Table]).decode


class Records:
    """Collects the records of one file, and what is broken in it."""

    def __init__(self, path: str) -> None:
        self._path = path
        self._found: list[Record | Broken] = []

    def taken(self) -> list[Record | Broken]:
        """What was collected since the last time."""
        found, self._found = self._found, []
        return found

    def broken(self, offset: int, reason: str, text: bytes) -> None:
        """Notes that `text` is no record."""
        sample = clean(text[: 4 * SAMPLE].decode("utf-8", "replace"), SAMPLE)
        self._found.append(Broken(self._path, offset, reason, sample))

    def line(self, line: bytes, offset: int) -> bool:
        """Takes a line that is one object and nothing else, as nearly all; False for any other."""
        if line[:1] != b"{" or line[-1:] != b"}":
            return False
        try:
            return self._object(line, offset, offset, 0)
        except _NOT_JSON:
            return False

    def value(
        self, text: bytes, offset: int, resume: int, depth: int = 0, *, mending: bool = True
    ) -> bool:
        """Takes the records of one JSON value; False where `text` is none."""
        try:
            if text.startswith(b"{"):
                return self._object(text, offset, resume, depth)
            if text.startswith(b"["):
                elements = _elements(text)
                return self._list(elements, text, offset, resume, depth)
        except _NOT_JSON:
            mended = mend(text) if mending and text[-1:] in {b"}", b"]"} else None
            if mended is not None and mended != text:
                return self.value(mended, offset, resume, depth)
        return False

    def _object(self, text: bytes, offset: int, resume: int, depth: int) -> bool:
        envelope = _envelope(text)
        if envelope != _WRAPS_NOTHING and depth < _WRAPPED_AT_MOST:
            for wrapped in (envelope.records, envelope.Records, envelope.value):
                if wrapped is msgspec.UNSET:
                    continue
                inside = bytes(wrapped)
                elements = _wrapped(inside, text)
                if elements is not None:
                    offset += text.find(inside)
                    return self._list(elements, inside, offset, resume, depth + 1)
            unwrapped = _rows(envelope.tables, envelope.Tables)
            if unwrapped is None and envelope.result is not msgspec.UNSET:
                unwrapped = _as_it_came(bytes(envelope.result))
            if unwrapped is not None:
                return self._rewritten(unwrapped, offset, resume, depth + 1)
        self._found.append(Record(self._path, offset, text, resume))
        return True

    def _rewritten(self, rows: list[msgspec.Raw], offset: int, resume: int, depth: int) -> bool:
        """Takes records that stand in another form in the text: each is said to be where it is."""
        for row in rows:
            if not self.value(bytes(row), offset, resume, depth):
                self.broken(offset, "malformed JSON", bytes(row))
        return True

    def _list(
        self, elements: list[msgspec.Raw], text: bytes, offset: int, resume: int, depth: int
    ) -> bool:
        cursor = 0
        for element in elements:
            inner = bytes(element)
            cursor = max(text.find(inner, cursor), cursor)
            if inner[:1] not in {b"{", b"["} or depth > _WRAPPED_AT_MOST:
                self.broken(offset + cursor, "not an object", inner)
            elif not self.value(inner, offset + cursor, resume, depth + 1):
                self.broken(offset + cursor, "malformed JSON", inner)
            cursor += len(inner)
        return True


def is_json(text: bytes) -> bool:
    """Whether `text` is one JSON value."""
    try:
        msgspec.json.decode(text, type=msgspec.Raw)
    except _NOT_JSON:
        return False
    return True


def _wrapped(inside: bytes, text: bytes) -> list[msgspec.Raw] | None:
    """What an envelope's `value` or `records` holds; None where `text` is no envelope."""
    if inside.startswith(b"["):
        elements = _elements(inside)
        if all(bytes(element)[:1] == b"{" for element in elements):
            return elements if elements or _only_wraps(text) else None
    elif inside.startswith(b"{") and _only_wraps(text):
        return [msgspec.Raw(inside)]
    return None


def _rows(*candidates: msgspec.Raw | msgspec.UnsetType) -> list[msgspec.Raw] | None:
    """The rows of tables as objects; None where there are no tables."""
    for candidate in candidates:
        if candidate is msgspec.UNSET:
            continue
        try:
            tables = _tables(candidate)
        except msgspec.ValidationError:
            continue
        if any(table.columns or table.Columns for table in tables):
            return [row for table in tables for row in _objects(table)]
    return None


def _objects(table: _Table) -> list[msgspec.Raw]:
    names = [each.name or each.ColumnName for each in table.columns or table.Columns]
    return [
        msgspec.Raw(msgspec.json.encode(dict(zip(names, row, strict=False))))
        for row in table.rows or table.Rows
    ]


def _as_it_came(result: bytes) -> list[msgspec.Raw] | None:
    """The record in a result of a Splunk search; None where `result` is none."""
    if b'"_raw"' not in result:
        return None
    try:
        raw = msgspec.json.decode(result, type=_Splunk).raw.strip().encode()
    except msgspec.ValidationError:
        return None
    return [msgspec.Raw(raw)] if raw.startswith(b"{") and is_json(raw) else None


def _only_wraps(text: bytes) -> bool:
    """Whether an object holds nothing but its wrapped records and OData's own keys."""
    return all(key in {"value", "records", "Records"} or key[:1] == "@" for key in _members(text))
