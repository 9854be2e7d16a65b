"""Reads one file as it is and as it grows, and remembers how far it has come."""

from __future__ import annotations

import errno
import hashlib
import os
from bisect import bisect_left
from collections.abc import Mapping
from contextlib import AbstractContextManager, suppress
from pathlib import Path
from typing import TypeVar

import msgspec

from risktui.logs.batch import Position
from risktui.logs.clean import storable
from risktui.logs.containers import resumed
from risktui.logs.records import Broken, Record
from risktui.logs.stream import (
    CHUNK,
    PIECE,
    ExchangedError,
    Stream,
    TruncatedStreamError,
    UnreadableStreamError,
)

HEAD = 1024
"""First bytes that tell one file from another; the first record with its id lies within."""

TAIL = 256
"""Bytes before the position that must still be there."""

REMEMBERED = 100_000
"""Files whose positions are remembered; those not heard of for longest are forgotten."""

K = TypeVar("K")


class Source:
    """One file that is being read.

    `resume` of a record and `offset` of a position are offsets in the file on disk where it can be
    read from the middle; in compressed files both are 0 until everything is read.
    """

    def __init__(
        self, path: Path | str, position: Position | None = None, *, goes_on: bool = False
    ) -> None:
        self.name = os.fsdecode(path)
        self._goes_on = goes_on
        """The file may still grow: what is cut at its end is no fault."""
        self.known = position
        start = 0
        self.finished_before = False
        """A compressed file that has not changed since it was read: there is nothing to do."""
        if position is not None and still_the_same(position, self.name):
            if position.whole:
                self.finished_before = position.offset > 0 and _unchanged(position, self.name)
            else:
                start = position.offset
        self._unproven = start > 0
        """What is read next need not be the file that `position` was noted of."""
        self._stream = Stream(self.name, start)
        self._splitter = resumed(self.name, start)
        self._dead = False
        self._resumes: list[int] = []
        """Of each record that no position has left behind, from where it is read again."""
        self.at_end = False
        """Everything the file holds now is read."""

    @property
    def whole(self) -> bool:
        """Whether the file can only be read from its start."""
        return self._stream.whole

    @property
    def unfinished(self) -> bool:
        """Whether the file, as it is now, stops inside a record or a compressed block."""
        return not self._dead and self._splitter.unfinished

    @property
    def taken(self) -> int:
        """Bytes of the file on disk that were read."""
        return self._stream.taken

    def read(self, limit: int = PIECE) -> list[Record | Broken]:
        """The records in the next piece of the file; sets `at_end` where there is no more.

        Raises OSError where the file cannot be read any more, `ExchangedError` where it is another.
        """
        if self._dead or self.finished_before:
            self.at_end = True
            return []
        try:
            data = self._read(min(limit, CHUNK))
        except UnreadableStreamError as error:
            self.at_end = True
            truncated = isinstance(error, TruncatedStreamError)
            self._dead = not truncated
            if truncated and self._goes_on:
                return []
            return [Broken(storable(self.name), self._splitter.resume, str(error))]
        if not data and self._stream.looking:
            self.at_end = False
            return []
        if not data:
            self.at_end = True
            return self._noted(self._splitter.take_complete_tail())
        self.at_end = False
        return self._noted(self._splitter.feed(data) + self._following(data, limit - len(data)))

    def _following(self, data: bytes, limit: int) -> list[Record | Broken]:
        """The records in what comes behind `data`, up to `limit` bytes."""
        found: list[Record | Broken] = []
        # What is wrong with the file is met again, and told, when it is read next.
        with suppress(OSError, UnreadableStreamError), self._stream.held():
            while data and limit > 0:
                data = self._stream.read(min(limit, CHUNK))
                found += self._splitter.feed(data) if data else []
                limit -= len(data)
        return found

    def _noted(self, found: list[Record | Broken]) -> list[Record | Broken]:
        self._resumes += [record.resume for record in found if isinstance(record, Record)]
        return found

    def _read(self, limit: int) -> bytes:
        if not self._unproven or self.known is None:
            return self._stream.read(limit)
        with self._stream.held() as handle:
            data = self._stream.read(limit)
            if not _stands(self.known, handle):
                raise ExchangedError(errno.ESTALE, "another file has taken its place", self.name)
        self._unproven = False
        return data

    def held(self) -> AbstractContextManager[int]:
        """The file, held open: what is read and described meanwhile is one file, renamed or not."""
        return self._stream.held()

    def finish(self) -> list[Record | Broken]:
        """What is left when nobody will append any more; the position stays before what was cut."""
        return [] if self._dead or self.finished_before else self._noted(self._splitter.finish())

    @property
    def resume(self) -> int:
        """The first byte that is not done with."""
        return self._splitter.resume

    def position(self, safe: int | None = None) -> Position:
        """How far the file is read; no further than `safe` where events are still on their way."""
        if self.finished_before and self.known is not None:
            return self.known
        offset = self._stream.taken if self._dead else self._splitter.resume
        if self.whole:
            done = self.at_end and not self.unfinished and safe is None
            offset = self._stream.taken if done else 0
        elif safe is not None:
            offset = min(offset, safe)
        return self.described(offset)

    def leave_behind(self, position: Position) -> int:
        """How many records that were not counted yet lie before `position`; counts each once."""
        if position.whole:
            count = len(self._resumes) if position.offset else 0
        else:
            count = bisect_left(self._resumes, position.offset)
        del self._resumes[:count]
        return count

    def described(self, offset: int) -> Position:
        """The position `offset` in the file that was read; an empty one where it is gone."""
        try:
            with self._stream.held() as handle:
                return _described(self.name, handle, offset, whole=self.whole)
        except OSError:
            return Position(path=storable(self.name), offset=offset, whole=self.whole)


class Memory:
    """The positions that were come to, found again after files were renamed or copied."""

    def __init__(self, positions: Mapping[str, Position]) -> None:
        self._by_path: dict[str, Position] = {}
        self._by_inode: dict[int, Position] = {}
        self._by_head: dict[str, Position] = {}
        for position in positions.values():
            self.add(position)

    def add(self, position: Position) -> None:
        """Remembers `position`, instead of what was known of its file."""
        _keep(self._by_path, position.path, position)
        if position.offset:
            _keep(self._by_inode, position.inode, position)
            if position.fingerprint_length == HEAD:
                _keep(self._by_head, position.fingerprint, position)

    def recall(self, name: str, inode: int) -> Position | None:
        """How far the file that is now called `name` was read, under whatever name it had."""
        own = self._by_path.get(storable(name))
        if own is not None and own.offset and still_the_same(own, name):
            return own
        other = self._by_inode.get(inode)
        if other is None or not still_the_same(other, name):
            other = self._by_head.get(_head_of(name)) if self._by_head else None
            if other is None or not still_the_same(other, name):
                return None
        return msgspec.structs.replace(other, path=storable(name))


def _keep(known: dict[K, Position], key: K, position: Position) -> None:
    known.pop(key, None)
    known[key] = position
    if len(known) > REMEMBERED:
        del known[next(iter(known))]


def _described(name: str, handle: int, offset: int, *, whole: bool) -> Position:
    status = os.fstat(handle)
    # Only what is taken can identify the file: what lies behind may still be written over.
    head = os.pread(handle, min(HEAD, offset), 0)
    start = max(0, offset - TAIL)
    tail = os.pread(handle, offset - start, start)
    return Position(
        path=storable(name),
        offset=offset,
        inode=status.st_ino,
        size=status.st_size,
        mtime_ns=status.st_mtime_ns,
        fingerprint=_digest(head),
        fingerprint_length=len(head),
        tail=_digest(tail),
        whole=whole,
    )


def still_the_same(position: Position, name: str) -> bool:
    """Whether the file `name` still begins with what was taken when `position` was noted."""
    try:
        handle = os.open(os.fsencode(name), os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)
    except OSError:
        return False
    try:
        return _stands(position, handle)
    finally:
        os.close(handle)


def _stands(position: Position, handle: int) -> bool:
    if os.fstat(handle).st_size < position.offset:
        return False
    head = os.pread(handle, position.fingerprint_length, 0)
    start = max(0, position.offset - TAIL)
    tail = os.pread(handle, position.offset - start, start)
    return _digest(head) == position.fingerprint and _digest(tail) == position.tail


def _head_of(name: str) -> str:
    try:
        with Path(name).open("rb") as file:
            return _digest(file.read(HEAD))
    except OSError:
        return ""


def _unchanged(position: Position, name: str) -> bool:
    status = Path(name).stat()
    return (status.st_size, status.st_mtime_ns) == (position.size, position.mtime_ns)


def _digest(data: bytes) -> str:
    return hashlib.blake2b(data, digest_size=8).hexdigest()
