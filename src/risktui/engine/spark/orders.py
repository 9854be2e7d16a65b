"""The order log: what the driver tells a query to do, one small file a batch, in order.

It is the only streaming source of `scan` and `watch`: Spark's file source reads each of its files
exactly once, whatever dies. Logs themselves are named in it and read where there is room.
"""

from __future__ import annotations

import os
import threading
from collections.abc import Sequence
from pathlib import Path
from typing import Literal, TypeAlias

import msgspec

from risktui.engine.spark.packed import Note, Order

FIRST = 1_577_836_800
"""Modification time (s) of the first file: by it Spark knows their order, a second apart."""


class File(msgspec.Struct, tag="file", array_like=True):
    """A log that is to be read as a whole."""

    path: str
    size: int
    mtime_ns: int
    kind: Literal["log", "parquet"]
    now: int
    """The driver's wall clock (ms), by which events from the future are known."""


Line: TypeAlias = File | Order | Note
"""A note says what could not be found."""

lines_of = msgspec.json.Decoder(Line).decode
_encode = msgspec.json.Encoder().encode


class OrderLog:
    """A folder of numbered files; whoever writes to it is the engine of the database."""

    def __init__(self, folder: Path) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self.folder = folder
        self._turn = threading.Lock()
        self._last = max((int(path.stat().st_mtime) for path in self._files()), default=FIRST)
        self._number = self._last - FIRST

    def _files(self) -> list[Path]:
        return sorted(self.folder.glob("*.json"))

    @property
    def count(self) -> int:
        """Files so far."""
        return len(self._files())

    def next_number(self) -> int:
        """A number for an order, above all before."""
        with self._turn:
            self._number += 1
            return self._number

    def write(self, lines: Sequence[Line], name: str = "") -> bool:
        """Append a file; False where one of this `name` is there already."""
        with self._turn:
            self._last += 1
            path = self.folder / f"{name or f'{self._last - FIRST:012d}'}.json"
            if path.exists():
                return False
            beside = path.with_suffix(".tmp")
            beside.write_bytes(b"".join(_encode(line) + b"\n" for line in lines))
            os.utime(beside, (self._last, self._last))
            beside.rename(path)
            return True

    def named(self) -> dict[str, tuple[int, int]]:
        """Every log that was ordered to be read: size and time of change, as they were last."""
        found: dict[str, tuple[int, int]] = {}
        for path in sorted(self._files(), key=lambda each: each.stat().st_mtime):
            for text in path.read_bytes().splitlines():
                line = lines_of(text)
                if isinstance(line, File):
                    found[line.path] = line.size, line.mtime_ns
        return found
