"""Gives the bytes of a file, decompressed, piece by piece, without holding it open."""

from __future__ import annotations

import codecs
import errno
import os
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Protocol

import zstandard

PIECE = 1024 * 1024
"""Bytes that are read of one file before it is the next one's turn."""

CHUNK = 256 * 1024
"""Bytes of these that are read and cut at once: they stay in the processor's cache. With 1 MB, new
memory each time, reading and cutting takes a third longer."""

LOOK_AHEAD = 16 * 1024 * 1024
"""Bytes of zeros that one read looks behind; the next one goes on there."""

MOST_WINDOW = 128 * 1024 * 1024
"""Memory one zstd file may ask for: what `zstd --long` writes by default."""

FREE_EXPANSION = 64 * 1024 * 1024
"""Decompressed bytes before the ratio is looked at."""

MOST_RATIO = 400
"""Decompressed to compressed bytes; logs have 10 to 100, a bomb 1,000 and more."""

STANDS_FIRST, STANDS_BEFORE = 1024, 256
"""Bytes at the start of a file, and before those that are read, which must be what they were."""

_GZIP = b"\x1f\x8b"
_ZSTD = b"\x28\xb5\x2f\xfd"
_UTF_16 = {codecs.BOM_UTF16_LE: "utf-16-le", codecs.BOM_UTF16_BE: "utf-16-be"}
_REFUSED = {
    b"SQLite format 3\0": "an SQLite database",
    b"BZh": "compressed with bzip2, which is not read",
    b"\xfd7zXZ\0": "compressed with xz, which is not read",
    b"PK\x03\x04": "a zip archive, which is not read",
    b"PAR1": "a Parquet file, which is not read",
    b"\x7fELF": "a program",
    b"\x89PNG": "a picture",
}
_MAGICS = (_GZIP, _ZSTD, *_UTF_16, *_REFUSED)


class UnreadableStreamError(Exception):
    """The file holds bytes that cannot be turned into text; the message says why."""


class TruncatedStreamError(UnreadableStreamError):
    """The compressed file ends early; it may still be being written."""


class ExchangedError(OSError):
    """Another file has taken the place of the one that was being read, or it was written anew."""


class _Decoder(Protocol):
    def decode(self, data: bytes, limit: int) -> bytes:
        """At most about `limit` bytes of text; b"" where more data is needed."""

    @property
    def complete(self) -> bool:
        """Whether the data may end here."""


class Stream:
    """The text of the file at `path` from `start` on; what is appended later is read later.

    The file is opened for each piece and closed again, so that thousands can be read side by
    side. Meanwhile it may have been renamed and its name be another file's: pieces of two files
    are never put together. `start` counts decompressed bytes.
    """

    def __init__(self, path: Path | str, start: int = 0) -> None:
        self.name = os.fsdecode(path)
        self.taken = 0
        """Bytes of the file on disk that are read."""
        self.looking = False
        """Zeros were read, and not yet all that stands behind them: read again."""
        self._zeros_until = 0
        """How far the zeros behind what is taken were looked at."""
        self._holds_until = 0
        """Something other than zeros is known to stand right before."""
        self._produced = 0
        self._skip = start
        self._decoder: _Decoder | None = None
        self._sniffed = False
        self._handle: int | None = None
        self._file: tuple[int, int] | None = None
        """Device and inode of what was read."""
        self._first = b""
        self._before = b""
        """What was read first and last."""

    @contextmanager
    def held(self) -> Iterator[int]:
        """The file, held open: whatever is read meanwhile is of one file, renamed or not.

        Raises `ExchangedError` where the name leads to another file than the one that was read.
        """
        if self._handle is not None:
            yield self._handle
            return
        handle = os.open(os.fsencode(self.name), os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)
        try:
            status = os.fstat(handle)
            file = status.st_dev, status.st_ino
            if self.taken and self._file not in {None, file}:
                raise ExchangedError(errno.ESTALE, "another file has taken its place", self.name)
            self._handle, self._file = handle, file
            yield handle
        finally:
            self._handle = None
            os.close(handle)

    @property
    def whole(self) -> bool:
        """Whether the file is compressed or recoded."""
        return self._decoder is not None

    def read(self, limit: int = PIECE) -> bytes:
        """The next bytes of text; b"" at the end of what is there, or `looking`.

        Raises UnreadableStreamError where there is no text, TruncatedStreamError where the
        compressed data ends early, OSError where the file cannot be read.
        """
        if not self._sniffed:
            self._sniff()
        if not self._sniffed:
            return b""
        if self._decoder is None:
            return self._plain(limit)
        while text := self._decoded(self._decoder, limit):
            kept = text[self._skip :]
            self._skip -= min(self._skip, len(text))
            if kept:
                return kept
        return b""

    def _sniff(self) -> None:
        head = self._raw(STANDS_FIRST)
        if not head or any(len(head) < len(m) and m.startswith(head) for m in _MAGICS):
            return  # too little to tell
        self._sniffed = True
        for magic, what in _REFUSED.items():
            if head.startswith(magic):
                raise UnreadableStreamError(f"no log: {what}")
        if head.startswith(_GZIP):
            self._decoder = _Gzip()
        elif head.startswith(_ZSTD):
            self._decoder = _Zstd()
        elif head[:2] in _UTF_16 and self._skip == 0:
            self._decoder = _Recoder(_UTF_16[head[:2]])
        else:
            self.taken, self._skip = self._skip, 0
            self._first = head[: self.taken]

    def _plain(self, limit: int) -> bytes:
        """The next bytes but for zeros at the end: space that is reserved and will be filled."""
        data = self._raw(limit)
        text = data.rstrip(b"\0")
        self.looking = False
        if not text and data and self._goes_on_behind(self.taken + len(data)):
            text = data  # a hole, as crashes leave them
        self._take(text)
        return text

    def _goes_on_behind(self, start: int) -> bool:
        """Whether anything but zeros is known to follow; see `looking`."""
        if start < self._holds_until:
            return True
        start = self._behind_hole(max(start, self._zeros_until))
        end = start + LOOK_AHEAD
        self._zeros_until = 0  # looked at anew next time: reserved space is filled meanwhile
        while data := self._raw(PIECE, start):
            start += len(data)
            if text := data.rstrip(b"\0"):
                self._holds_until = start - len(data) + len(text)
                return True
            if start >= end:
                self._zeros_until, self.looking = start, True
                return False
        return False

    def _behind_hole(self, start: int) -> int:
        """Where data goes on that takes place on the disk: sparse files hold nothing before."""
        with self.held() as handle:
            try:
                return os.lseek(handle, start, os.SEEK_DATA)
            except OSError as error:
                nothing = error.errno == errno.ENXIO
                return max(start, os.fstat(handle).st_size) if nothing else start

    def _raw(self, limit: int, start: int | None = None) -> bytes:
        with self.held() as handle:
            data = os.pread(handle, limit, self.taken if start is None else start)
            # Looked at afterwards: what is written over meanwhile is noticed, too.
            if not self._stands(handle):
                raise ExchangedError(errno.ESTALE, "it was written anew", self.name)
            return data

    def _stands(self, handle: int) -> bool:
        first, before = self._first, self._before
        if os.pread(handle, len(first), 0) != first:
            return False
        return os.pread(handle, len(before), self.taken - len(before)) == before

    def _take(self, data: bytes) -> None:
        if self.taken == len(self._first) < STANDS_FIRST:
            self._first = (self._first + data)[:STANDS_FIRST]
        self.taken += len(data)
        self._before = (data if len(data) > STANDS_BEFORE else self._before + data)[-STANDS_BEFORE:]

    def _decoded(self, decoder: _Decoder, limit: int) -> bytes:
        text = decoder.decode(b"", limit)
        while not text:
            data = self._raw(limit)
            if not data:
                if not decoder.complete:
                    raise TruncatedStreamError("the compressed file ends early")
                return b""
            self._take(data)
            text = decoder.decode(data, limit)
        self._produced += len(text)
        if self._produced > FREE_EXPANSION and self._produced > MOST_RATIO * self.taken:
            raise UnreadableStreamError(f"decompresses to more than {MOST_RATIO} times its size")
        return text


class _Gzip:
    """One or more gzip members, one behind the other."""

    def __init__(self) -> None:
        self._inflater = zlib.decompressobj(wbits=31)
        self._waiting = b""
        self._started = False

    def decode(self, data: bytes, limit: int) -> bytes:
        self._waiting += data
        while self._waiting:
            if self._inflater.eof:
                self._waiting = self._waiting.lstrip(b"\0")  # padding between members
                self._inflater = zlib.decompressobj(wbits=31)
                self._started = False
                if not self._waiting:
                    break
            self._started = True
            try:
                text = self._inflater.decompress(self._waiting, limit)
            except zlib.error as error:
                raise UnreadableStreamError(f"damaged gzip: {error}") from None
            ended = self._inflater.eof
            self._waiting = self._inflater.unused_data if ended else self._inflater.unconsumed_tail
            if text:
                return text
        return b"" if self._inflater.eof or not self._started else self._flushed(limit)

    def _flushed(self, limit: int) -> bytes:
        """What zlib still holds back though all its input is consumed."""
        return self._inflater.decompress(b"", limit)

    @property
    def complete(self) -> bool:
        return self._inflater.eof or not self._started


class _Zstd:
    """One or more zstd frames, fed in small steps so that no step grows out of hand."""

    _STEP = 512  # a block of 4 bytes can stand for 128 KB: 16 MB per step at the worst

    def __init__(self) -> None:
        self._context = zstandard.ZstdDecompressor(max_window_size=MOST_WINDOW)
        self._frame = self._context.decompressobj()
        self._data = b""
        self._at = 0
        self._started = False

    def decode(self, data: bytes, limit: int) -> bytes:
        if data:
            self._data, self._at = self._data[self._at :] + data, 0
        parts: list[bytes] = []
        size = 0
        while self._at < len(self._data) and size < limit:
            if self._frame.eof:
                self._frame = self._context.decompressobj()
            step = self._data[self._at : self._at + self._STEP]
            self._started = True
            try:
                text = self._frame.decompress(step)
            except zstandard.ZstdError as error:
                raise UnreadableStreamError(f"damaged zstd: {error}") from None
            self._at += len(step) - len(self._frame.unused_data)
            parts.append(text)
            size += len(text)
        return b"".join(parts)

    @property
    def complete(self) -> bool:
        return self._frame.eof or not self._started


class _Recoder:
    """UTF-16, as PowerShell writes it, as UTF-8."""

    def __init__(self, encoding: str) -> None:
        self._decoder = codecs.getincrementaldecoder(encoding)("replace")

    def decode(self, data: bytes, limit: int) -> bytes:
        return self._decoder.decode(data).lstrip("\ufeff").encode()

    @property
    def complete(self) -> bool:
        return True
