"""What a console remembers of one watch for the next: where one was, and how it looked."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Mapping
from contextlib import suppress
from hashlib import blake2b
from pathlib import Path
from typing import Literal, TypeAlias, TypeVar

import msgspec
import platformdirs

Sorted: TypeAlias = Literal[
    "urgency", "name", "latest", "reason", "time", "level", "type", "user", "address"
]
"""What a list can be sorted by."""

MAX_SEEN = 5_000
"""People whose last look is remembered."""
MAX_TYPED = 50
"""Filters that can be had again by arrow up."""


class Order(msgspec.Struct, frozen=True):
    """How a list is sorted."""

    by: Sorted
    turned: bool = False
    """The other way round."""


class Snooze(msgspec.Struct, frozen=True):
    """Somebody, or a detection, that is out of sight for a while."""

    until: int
    """When it comes back by itself (ms)."""
    since: int
    """When it was put aside (ms)."""
    level: str
    """Its level then: a higher one wakes it."""
    updated: int
    """When its risk had last changed then (ms): something new wakes it."""
    name: str = ""


class View(msgspec.Struct, frozen=True):
    """A filter and an order that have a name."""

    text: str = ""
    people: Order = Order("urgency")
    feed: Order = Order("time")


class Memory(msgspec.Struct, kw_only=True):
    """Everything that survives; all of it may be missing."""

    search: str = ""
    been: list[tuple[str, str]] = []
    """Places one went to, and their keys."""
    selected: str = ""
    """Key of the person under the cursor."""
    people: Order = Order("urgency")
    feed: Order = Order("time")
    header: bool = False
    hidden: list[str] = []
    zoomed: str = ""
    masked: bool = False
    seen: dict[str, int] = {}
    """User id -> time of the last change that was looked at (ms)."""
    looked: bool = False
    """Whether anybody was ever looked at: until then nothing is new."""
    snoozed: dict[str, Snooze] = {}
    """By id of the user or the detection."""


class Kept(msgspec.Struct, kw_only=True):
    """What is the same for all databases."""

    views: dict[str, View] = {}
    typed: list[str] = []
    """Filters as they were typed, the latest last."""


class Diary:
    """The files of a `Memory` and of what is `Kept`; without a folder nothing is written.

    A file that cannot be read is as if there were none: memory is a comfort, never a reason not
    to start.
    """

    def __init__(self, folder: Path | None, database: Path) -> None:
        self._folder = folder
        name = blake2b(os.fsencode(database.absolute()), digest_size=8).hexdigest()
        self._file = folder / f"{name}.json" if folder else None
        self._common = folder / "views.json" if folder else None
        self.memory = _read(self._file, Memory) or Memory()
        self.kept = _read(self._common, Kept) or Kept()

    def write(self) -> str:
        """Writes both; what went wrong, "" for nothing."""
        if self._folder is None or self._file is None or self._common is None:
            return ""
        seen = sorted(self.memory.seen.items(), key=lambda pair: pair[1])[-MAX_SEEN:]
        self.memory.seen = dict(seen)
        del self.kept.typed[:-MAX_TYPED]
        try:
            self._folder.mkdir(parents=True, exist_ok=True, mode=0o700)
            _write(self._file, msgspec.json.encode(self.memory))
            _write(self._common, msgspec.json.encode(self.kept))
        except OSError as error:
            return f"{error.filename or self._folder}: {error.strerror}"
        return ""


def usual_folder(environ: Mapping[str, str] = os.environ) -> Path:
    """Where a person's consoles keep what they remember."""
    home = environ.get("XDG_STATE_HOME")
    base = Path(home) / "risktui" if home else Path(platformdirs.user_state_dir("risktui"))
    return base / "console"


M = TypeVar("M", Memory, Kept)


def _read(path: Path | None, kind: type[M]) -> M | None:
    if path is None:
        return None
    with suppress(OSError, msgspec.DecodeError):
        return msgspec.json.decode(path.read_bytes(), type=kind)
    return None


def _write(path: Path, body: bytes) -> None:
    """The whole file or none of it: a console can be cut off at any moment."""
    handle, name = tempfile.mkstemp(dir=path.parent)
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(body)
        Path(name).replace(path)
    except OSError:
        Path(name).unlink(missing_ok=True)
        raise
