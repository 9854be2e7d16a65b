"""Finds the log files below the paths a user named."""

from __future__ import annotations

import os
import stat
from collections.abc import Iterator, Sequence
from pathlib import Path

import msgspec

_TEMPORARY = (".tmp", ".temp", ".part", ".partial", ".swp", ".swx", ".crdownload", "~")
MISSING = "does not exist"
"""The reason for a path where nothing is (yet, or any more)."""

OUTSIDE = "a link that leads out of the named folders is not followed"

_DATABASE = ("-wal", "-shm", "-journal", ".db", ".sqlite", ".sqlite3", ".db.lock", ".db.engine.log")
"""SQLite's files, and what an engine keeps beside its own: no logs, though they may lie there."""

SETTINGS = ".toml"
"""Configurations, of risktui and of whatever else lies beside logs: no format of logs is TOML."""


def is_nothing(_: str) -> bool:
    """No file is kept apart from the logs."""
    return False


class Found(msgspec.Struct, frozen=True):
    """A file and what tells whether it has changed."""

    name: str
    """As `os.fsdecode` gives it."""
    device: int
    inode: int
    size: int
    mtime_ns: int


class Unfound(msgspec.Struct, frozen=True):
    """A path that cannot be looked at, and why."""

    name: str
    reason: str


def discover(
    paths: Sequence[Path], within: Sequence[Path] | None = None
) -> Iterator[Found | Unfound]:
    """Every log file at or below `paths`, each once, in the order of their names.

    Hidden and temporary names and settings are left out unless a file is named itself. Pipes,
    sockets and devices are no logs. `paths` themselves may be links, unless they were only met
    below the paths that are `within`. A link below them is followed where it stays below them: who
    may write into a folder of logs shall not read by it what only the engine may read. Loops are
    not.
    """
    roots = [os.path.realpath(path) for path in (paths if within is None else within)]
    seen: set[tuple[int, int]] = set()
    for path in paths:
        name = os.fsdecode(path)
        if within is not None and not _inside(name, roots):
            yield Unfound(name, OUTSIDE)
            continue
        try:
            status = os.stat(path)  # noqa: PTH116 - names may not be text, and this is the hot loop
        except OSError as error:
            yield Unfound(name, _why(error))
            continue
        if stat.S_ISDIR(status.st_mode):
            yield from _below(name, status, seen, roots)
        elif stat.S_ISREG(status.st_mode) and _new(status, seen):
            yield _found(name, status)


def spelt_out(paths: Sequence[Path]) -> list[Path]:
    """`paths` in one spelling, so that a folder named another way next time is the same folder.

    Links stay as they are named: what they lead to may change.
    """
    return [_spelt_out(path) for path in paths]


def _spelt_out(path: Path) -> Path:
    full = path.absolute()
    plain = Path(os.path.abspath(path))  # noqa: PTH100 - it also takes out `..`
    try:
        return plain if plain == full or full.samefile(plain) else full
    except OSError:
        return full


def is_log_name(name: str) -> bool:
    """Whether a file of this name is meant to be read: no hidden one, half written, or settings."""
    return not name.startswith(".") and not name.endswith((*_TEMPORARY, *_DATABASE, SETTINGS))


def _below(
    root: str, status: os.stat_result, seen: set[tuple[int, int]], roots: Sequence[str]
) -> Iterator[Found | Unfound]:
    waiting = [(root, status)]
    while waiting:
        directory, status = waiting.pop()
        if not _new(status, seen):
            continue
        try:
            with os.scandir(directory) as entries:
                listed = sorted(entries, key=lambda entry: entry.name)
        except OSError as error:
            yield Unfound(directory, _why(error))
            continue
        deeper = []
        for entry in listed:
            if not is_log_name(entry.name):
                continue
            try:
                status = entry.stat()
            except OSError as error:
                yield Unfound(entry.path, _why(error))
                continue
            if entry.is_symlink() and not _inside(entry.path, roots):
                yield Unfound(entry.path, OUTSIDE)
            elif stat.S_ISDIR(status.st_mode):
                deeper.append((entry.path, status))
            elif stat.S_ISREG(status.st_mode) and _new(status, seen):
                yield _found(entry.path, status)
        waiting.extend(reversed(deeper))


def _inside(name: str, roots: Sequence[str]) -> bool:
    real = os.path.realpath(name)
    return any(real == root or real.startswith(root.rstrip("/") + "/") for root in roots)


def _new(status: os.stat_result, seen: set[tuple[int, int]]) -> bool:
    key = (status.st_dev, status.st_ino)
    if key in seen:
        return False
    seen.add(key)
    return True


def _found(name: str, status: os.stat_result) -> Found:
    return Found(name, status.st_dev, status.st_ino, status.st_size, status.st_mtime_ns)


def _why(error: OSError) -> str:
    if isinstance(error, FileNotFoundError):
        return MISSING
    return (error.strerror or str(error)).lower()
