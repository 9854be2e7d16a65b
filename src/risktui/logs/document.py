"""Cuts a JSON value that goes over many lines, or is too long for one, into its records."""

from __future__ import annotations

import re
from collections.abc import Iterator

LONGEST_RECORD = 8 * 1024 * 1024
"""Bytes of one record; the longest real ones (a sign-in with 200 policies) have some 100 KB."""

LONGEST_TABLES = 64 * 1024 * 1024
"""Bytes of an answer of Log Analytics' query API, which is read as a whole: its own limit."""

_DEEPEST = 1_000
"""Levels of nesting; decoders give up at about the same."""

_LOOK_BACK = 64
"""Bytes before an array in which its key is looked for."""

# What lies between two brackets: anything but brackets and quotes, and whole strings. A JSON
# string has no line break, so a string that is broken ends with its line.
_BETWEEN = re.compile(rb'(?:[^"{}\[\]]++|"[^"\\\n]*+(?:\\[^\n][^"\\\n]*+)*+")*+')
_REST_OF_STRING = re.compile(rb'[^"\\\n]*+(?:\\[^\n][^"\\\n]*+)*+')
_TABLES = re.compile(rb'\{\s*"[tT]ables"\s*:')
_ENVELOPE_KEY = re.compile(rb'"(?:value|[rR]ecords)"\s*:\s*$')
_OPEN_OBJECT, _OPEN_ARRAY, _CLOSE_OBJECT, _CLOSE_ARRAY = b"{[}]"


class Document:
    """One JSON value being read; gives its records as soon as each is complete.

    A record is an object that stands at the top, in an array at the top, or in the `value`,
    `records` or `Records` array of another; such wrappers may be nested and mixed. No more than
    one record is held at a time.
    """

    def __init__(self, offset: int) -> None:
        self.offset = offset
        """Where the value starts."""
        self.closed = False
        self.consumed = 0
        """How many bytes of the piece scanned last belong to the value."""
        self.spoiled = False
        """Brackets do not match: what follows cannot be told apart any more."""
        self._stack = bytearray()
        self._unwrapped = 0
        """How many of the open brackets are wrappers, not part of a record."""
        self._wrapper_at = 0
        """Height of the stack where an array was opened that may be a wrapper; 0 for none."""
        self._record = bytearray()
        self._longest = LONGEST_RECORD
        self._record_offset = -1
        self._before = b""
        self._in_string = False
        self._escaped = False

    @property
    def in_record(self) -> bool:
        """Whether a record has begun that is not complete."""
        return self._record_offset >= 0

    def closes_with(self, piece: bytes) -> bool:
        """Whether the value would be complete exactly at the end of `piece`."""
        height, at = len(self._stack), 0
        if self._in_string:
            return False
        while (match := _BETWEEN.match(piece, at)) and (end := match.end()) < len(piece):
            if piece[end] == 0x22:
                return False
            height += 1 if piece[end] in b"{[" else -1
            at = end + 1
            if height <= 0:
                return at == len(piece)
        return False

    @property
    def record_offset(self) -> int:
        """Where the incomplete record started, or the document."""
        return self._record_offset if self.in_record else self.offset

    @property
    def between_records(self) -> bool:
        """Whether the next thing to come is a record."""
        return not self.in_record and self._stack[-1:] == b"["

    def beginning(self) -> bytes:
        """The start of the incomplete record, to show."""
        return bytes(self._record[:1024])

    def scan(self, piece: bytes, offset: int, *, line_ends: bool) -> Iterator[tuple[int, bytes]]:
        """The records that `piece` completes, with their offsets; b"" for one that is too long.

        `piece` is one or several lines, or a part of a line.

        Stops behind the value's last bracket; `consumed` tells where that was. `line_ends` says
        that a line break follows, which no string survives.
        """
        start = 0 if self.in_record else -1  # of the current record within this piece
        at = self._skip_string(piece) if self._in_string else 0
        self.consumed = len(piece)
        while True:
            match = _BETWEEN.match(piece, at)
            end = match.end() if match else at
            if self._wrapper_at and piece[at:end].strip():
                self._wrapper_at = 0
            if end >= len(piece):
                break
            bracket = piece[end]
            if bracket == 0x22:  # a string that does not end here
                if (line_end := piece.find(b"\n", end)) >= 0:
                    at = line_end  # or anywhere in its line, which makes the record malformed
                    continue
                self._in_string = True
                tail = _REST_OF_STRING.match(piece, end + 1)
                self._escaped = tail is not None and tail.end() < len(piece)
                break
            at = end + 1
            if bracket in b"{[":
                if self._open(bracket, piece, end):
                    start = end
                    self._record_offset = offset + end
                elif not self.in_record:
                    start = -1
                if len(self._stack) > _DEEPEST:
                    self.spoiled = True
            else:
                done = self._close(bracket)
                if done and start >= 0:
                    yield self._completed(piece[start:at])
                    start = -1
            if self.closed or self.spoiled:
                self.consumed = at
                return
        if start >= 0:
            self._keep(piece[start:] + (b"\n" if line_ends else b""))
        self._before = (self._before + piece)[-_LOOK_BACK:]
        if line_ends:
            self._in_string = self._escaped = False

    def _skip_string(self, piece: bytes) -> int:
        match = _REST_OF_STRING.match(piece, 1 if self._escaped else 0)
        end = match.end() if match else 0
        self._escaped = end == len(piece) - 1 and piece[end] == 0x5C
        if end >= len(piece) or self._escaped:
            return len(piece)
        self._in_string = False
        return end + 1

    def _open(self, bracket: int, piece: bytes, at: int) -> bool:
        """Notes an opening bracket; True where a record starts with it."""
        height = len(self._stack)
        parent = self._stack[-1] if self._stack else _OPEN_ARRAY
        wrapper, self._wrapper_at = self._wrapper_at, 0
        starts_record = False
        if bracket == _OPEN_OBJECT:
            if wrapper and wrapper == height:  # objects in the array of a wrapper: records
                self._unwrapped = height
                self._forget_record()
            starts_record = height == self._unwrapped and self._stack[-1:] != b"{"
        elif height == self._unwrapped and parent == _OPEN_ARRAY:
            self._unwrapped += 1  # an array at the top, or directly in one
        elif parent == _OPEN_OBJECT and height <= self._unwrapped + 1:
            before = (self._before + piece[:at]) if at < _LOOK_BACK else piece[at - _LOOK_BACK : at]
            if _ENVELOPE_KEY.search(before):
                self._wrapper_at = height + 1
        self._stack.append(bracket)
        return starts_record

    def _close(self, bracket: int) -> bool:
        """Notes a closing bracket; True where it completes a record."""
        self._wrapper_at = 0
        opened = self._stack.pop() if self._stack else 0
        if bracket != opened + 2:  # in ASCII "}" is "{" + 2, and "]" is "[" + 2
            self.spoiled = True
            return False
        height = len(self._stack)
        complete = self.in_record and height == self._unwrapped and bracket == _CLOSE_OBJECT
        self._unwrapped = min(self._unwrapped, height)
        self.closed = not self._stack
        return complete

    def _keep(self, part: bytes) -> None:
        if len(self._record) <= self._longest:
            self._record += part
            if len(self._record) > LONGEST_RECORD and _TABLES.match(self._record):
                self._longest = LONGEST_TABLES

    def _completed(self, last: bytes) -> tuple[int, bytes]:
        offset = self._record_offset
        self._keep(last)
        text = b"" if len(self._record) > self._longest else bytes(self._record)
        self._forget_record()
        return offset, text

    def _forget_record(self) -> None:
        self._record = bytearray()
        self._longest = LONGEST_RECORD
        self._record_offset = -1
