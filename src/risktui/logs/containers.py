"""Cuts text into records: NDJSON, lists, envelopes, documents and tables, whole or growing."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

from risktui.logs.clean import storable
from risktui.logs.document import LONGEST_RECORD, Document
from risktui.logs.records import Broken, Record, Records, is_json
from risktui.logs.stream import CHUNK, Stream, UnreadableStreamError
from risktui.logs.table import LONGEST_HEADER, Header, Table, begins_table

__all__ = ["Broken", "Record", "Splitter", "read", "resumed"]

_CHATTY_UNTIL = 10
"""From here on a run of lines that are no JSON is told of only when it has doubled."""

_BLANK = b" \t\r\n\0"
_BETWEEN_VALUES = _BLANK + b","
_BYTE_ORDER_MARK = b"\xef\xbb\xbf"
_CONTINUED = re.compile(rb"(?:[ \t}\]][^\n]*+\n)++")
"""Lines that start as no record of its own does: indented, or with a closing bracket."""
_ENVELOPE_KEY = re.compile(rb'"(?:value|[rR]ecords)"\s*:\s*\[')


def read(path: Path, start: int = 0) -> Iterator[Record | Broken]:
    """Every record of the file at `path`, from offset `start` of its (decompressed) text on.

    Compressed files are recognised by their bytes. Reading never fails on what a file holds; an
    OSError says that there is no file to read.
    """
    stream = Stream(path, start)
    name = storable(stream.name)
    splitter = resumed(stream.name, start)
    try:
        while (data := stream.read(CHUNK)) or stream.looking:
            yield from splitter.feed(data)
    except UnreadableStreamError as error:
        yield Broken(name, splitter.resume, str(error))
    yield from splitter.finish()


def resumed(name: str, start: int) -> Splitter:
    """A splitter for the file `name` from `start` on: the header of a table stands before it."""
    splitter = Splitter(storable(name), start)
    if start:
        try:
            beginning = Stream(name).read(LONGEST_HEADER)
            before = Stream(name, start - 1).read(1)
        except (UnreadableStreamError, OSError):
            return splitter  # whoever reads the file is told
        header = begins_table(beginning)
        if header and start >= header.length:
            splitter.continue_table(header, within_row=before[:1] != b"\n")
    return splitter


class Splitter:
    """Cuts a stream that arrives in pieces of any size into records; the pieces do not matter."""

    def __init__(self, path: str, offset: int = 0) -> None:
        self._path = path
        self._records = Records(path)
        self._offset = offset
        """Where `_pending` starts."""
        self._pending = bytearray()
        self._document: Document | None = None
        self._table: Table | None = None
        self._may_be_table = offset == 0
        self._within_line = False
        """`_pending` does not start at a line's start."""
        self._skipping = False
        """What is left of the line is thrown away."""
        self._not_json_lines = 0

    def continue_table(self, header: Header, *, within_row: bool) -> None:
        """What comes are rows under `header`, the first from its middle if `within_row`."""
        self._table = Table(self._path, header, self._offset, within_row=within_row)

    @property
    def resume(self) -> int:
        """The first byte that is not done with: a reader starting there misses nothing."""
        if self._table is not None:
            return self._table.resume
        return self._document.offset if self._document else self._offset

    @property
    def unfinished(self) -> bool:
        """Whether the stream, as it is, stops inside something."""
        if self._table is not None:
            return self._table.unfinished
        return self._document is not None or bool(self._pending.strip(_BLANK))

    def feed(self, data: bytes) -> list[Record | Broken]:
        """The records that are complete with `data`."""
        if self._table is not None:
            return self._table.feed(data)
        if self._may_be_table:
            data = bytes(self._pending) + data
            self._pending.clear()
            if (begins := begins_table(data)) is None:
                self._pending += data
                return []
            self._may_be_table = False
            if begins:
                self._offset += begins.length
                self._table = Table(self._path, begins, self._offset)
                return self._table.feed(data[begins.length :])
        cut = data.rfind(b"\n") + 1
        if cut:
            block = bytes(self._pending) + data[:cut] if self._pending else data[:cut]
            self._pending = bytearray(data[cut:])
            self._lines(block)
        else:
            self._pending += data
        if len(self._pending) > LONGEST_RECORD:
            self._overlong()
        return self._records.taken()

    def _lines(self, block: bytes) -> None:
        """Goes through whole lines; through what cannot be but inside of a document in one go."""
        base, at, end = self._offset, 0, len(block)
        while at < end:
            self._offset = base + at
            if self._document is not None and not self._within_line:
                inside = _CONTINUED.match(block, at)
                if inside is not None:
                    piece = block[at : inside.end() - 1]
                    rest = self._in_document(piece, base + at, line_ends=True)
                    at = inside.end() - len(rest) - 1 if rest else inside.end()
                    continue
            line_end = block.find(b"\n", at)
            if self._document is None and not self._within_line and not self._skipping:
                self._values(block[at:line_end], base + at)  # nearly always
            elif line_end > at or self._within_line or self._skipping:
                self._line(block[at:line_end], base + at)
            at = line_end + 1
        self._offset = base + end

    def take_complete_tail(self) -> list[Record | Broken]:
        """The records of the last line, if it is complete without a line break to say so."""
        if self._table is not None:
            return []
        tail = bytes(self._pending).rstrip(_BLANK)
        if self._skipping or tail[-1:] not in {b"}", b"]"}:
            return []
        complete = self._document.closes_with(tail) if self._document else _is_balanced(tail)
        if complete:
            self._end_line()
        return self._records.taken()

    def finish(self) -> list[Record | Broken]:
        """The last records of a stream that has ended, and what is broken because it ends there.

        `resume` stays before what was cut, so that it can be read should the stream go on.
        """
        if self._table is not None:
            return self._table.finish()
        found = self.take_complete_tail()
        rest = bytes(self._pending).strip(_BLANK)
        if self._document is not None:
            if rest:
                self._end_line()
            if (document := self._document) is not None:
                sample = document.beginning() or rest
                self._records.broken(
                    document.record_offset, "the file ends inside a document", sample
                )
        elif rest and not self._skipping:
            self._records.broken(self._offset, "unfinished last line", rest)
        return found + self._records.taken()

    def _end_line(self) -> None:
        """Takes what is pending for a whole line."""
        line = bytes(self._pending)
        self._pending.clear()
        self._line(line, self._offset)
        self._offset += len(line)
        self._within_line = False

    def _line(self, line: bytes, offset: int) -> None:
        within, self._within_line = self._within_line, False
        if self._skipping:
            self._skipping = False
        elif self._document is None:
            self._values(line, offset)
        elif not within and self._document.between_records and self._element(line, offset):
            return
        elif not within and not self._document.between_records and _stands_alone(line):
            # The document never ended: its writer was cut off, and a new line begins here.
            cut = self._document
            self._document = None
            self._records.broken(cut.record_offset, "cut off", cut.beginning())
            self._values(line, offset)
        else:
            rest = self._in_document(line, offset, line_ends=True)
            if rest:
                self._values(rest, offset + len(line) - len(rest))

    def _element(self, line: bytes, offset: int) -> bool:
        """Takes a line that is one record of the open document; False where it is not just that."""
        text = line.strip(_BETWEEN_VALUES)
        if self._document is None or not (text.startswith(b"{") and text.endswith(b"}")):
            return False
        return self._records.value(
            text, offset + line.find(text), self._document.offset, mending=False
        )

    def _overlong(self) -> None:
        """Goes through a long line piece by piece, so that it is never held as a whole."""
        piece, offset = bytes(self._pending), self._offset
        self._pending.clear()
        self._offset += len(piece)
        self._within_line = True
        if self._skipping:
            return
        if self._document is None:
            text = piece.lstrip(_BLANK).removeprefix(_BYTE_ORDER_MARK)
            if not text:
                return
            if text[:1] not in {b"{", b"["}:
                self._records.broken(offset, "not JSON: a line of more than 8 MB", text[:1024])
                self._skipping = True
                return
            offset += len(piece) - len(text)
            piece = text
            self._document = Document(offset)
        rest = self._in_document(piece, offset, line_ends=False)
        self._pending += rest
        self._offset -= len(rest)

    def _values(self, line: bytes, offset: int) -> None:
        """The values on one line, which usually is one."""
        if self._records.line(line, offset):
            self._not_json_lines = 0
            return
        text = line.strip(_BLANK)
        if not text:
            return
        if text.startswith(_BYTE_ORDER_MARK):
            text = text[3:]
        if len(text) != len(line):
            offset += line.find(text)
        if self._records.value(text, offset, offset):
            self._not_json_lines = 0
            return
        rest, is_open = self._several(text, offset)
        at = offset + len(text) - len(rest)
        if is_open and _opens_document(rest):
            self._document = Document(at)
            self._in_document(rest, at, line_ends=True)
        elif rest and rest[0] in b"{[":
            self._records.broken(at, "cut off" if is_open else "malformed JSON", rest)
        elif rest:
            self._not_json(rest, at)

    def _several(self, text: bytes, offset: int) -> tuple[bytes, bool]:
        """Takes the values standing one behind the other; what is left, and whether it is open."""
        rest = text.lstrip(_BETWEEN_VALUES)
        while rest and rest[0] in b"{[":
            probe = Document(0)
            for _ in probe.scan(rest, 0, line_ends=True):
                pass
            if not probe.closed:
                return rest, not probe.spoiled
            at = offset + len(text) - len(rest)
            value = rest[: probe.consumed]
            if not self._records.value(value, at, at):
                self._records.broken(at, "malformed JSON", value)
            rest = rest[probe.consumed :].lstrip(_BETWEEN_VALUES)
        return rest, False

    def _in_document(self, piece: bytes, offset: int, *, line_ends: bool) -> bytes:
        """Takes the open document's records from `piece`; returns what follows the document."""
        document = self._document
        if document is None:
            return piece
        for at, text in document.scan(piece, offset, line_ends=line_ends):
            if not text:
                self._records.broken(at, "a record of more than 8 MB", b"")
            elif not self._records.value(text, at, document.offset):
                self._records.broken(at, "malformed JSON", text)
        if document.spoiled:
            self._records.broken(
                document.record_offset, "brackets do not match", document.beginning()
            )
            line_end = piece.find(b"\n", document.consumed)
            self._skipping = line_end < 0 and not line_ends
            document.consumed = line_end if line_end >= 0 else len(piece)
        if not (document.closed or document.spoiled):
            return b""
        self._document = None
        return piece[document.consumed :]

    def _not_json(self, text: bytes, offset: int) -> None:
        self._not_json_lines += 1
        count = self._not_json_lines
        if count <= _CHATTY_UNTIL:
            self._records.broken(offset, "not JSON", text)
        elif count & (count - 1) == 0:
            self._records.broken(offset, f"not JSON ({count} lines in a row)", text)


def _is_balanced(text: bytes) -> bool:
    """Whether `text` is one or several whole values, as far as their brackets tell."""
    rest = text.lstrip(_BLANK).removeprefix(_BYTE_ORDER_MARK)
    while rest:
        probe = Document(0)
        for _ in probe.scan(rest, 0, line_ends=True):
            pass
        if not probe.closed:
            return False
        rest = rest[probe.consumed :].lstrip(_BETWEEN_VALUES)
    return True


def _stands_alone(line: bytes) -> bool:
    """Whether `line` is a JSON object, or a list of some, that starts in the first column."""
    return (line.startswith((b'{"', b"[{"))) and is_json(line.rstrip(_BLANK))


def _opens_document(text: bytes) -> bool:
    """Whether an incomplete value goes on in the next line, or was cut off there.

    A pretty-printer breaks lines behind a bracket, a comma or a colon, or anywhere in a list of
    records; a writer that was cut off stops anywhere.
    """
    return text[0] == 0x5B or text[-1] in b"{[,:" or _ENVELOPE_KEY.search(text) is not None
