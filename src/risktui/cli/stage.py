"""Sets the sample logs up as a live tenant: the history lies there, the last day is written now."""

from __future__ import annotations

import gzip
import re
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import msgspec

from risktui.logs.formats.registry import NotRead, decode

_DAY_OF_PATH = re.compile(r"y=(\d{4})/m=(\d{2})/d=(\d{2})")
_DAY_OF_TIME = re.compile(rb"(\d{4})-(\d{2})-(\d{2})(?=T\d)")


class Cue(msgspec.Struct, frozen=True):
    """One line of the last day, and where and when it is written."""

    time: int
    path: Path
    line: bytes


class Stage:
    """A folder of logs that is a month old and still being written."""

    def __init__(self, folder: Path, cues: list[Cue]) -> None:
        self.folder = folder
        self._cues = cues

    @contextmanager
    def playing(self, speed: float) -> Iterator[None]:
        """Write the last day, `speed` times faster than life, while the block runs."""
        stop = threading.Event()
        player = threading.Thread(target=self._play, args=(speed, stop), daemon=True)
        player.start()
        try:
            yield
        finally:
            stop.set()
            player.join(2)

    def _play(self, speed: float, stop: threading.Event) -> None:
        before = self._cues[0].time if self._cues else 0
        for cue in self._cues:
            if stop.wait(max(0, cue.time - before) / 1000 / speed):
                return
            before = cue.time
            cue.path.parent.mkdir(parents=True, exist_ok=True)
            with cue.path.open("ab") as log:
                log.write(cue.line + b"\n")


def set_the_stage(samples: Path, folder: Path) -> Stage:
    """Copy the history of `samples` to `folder`, moved by whole days so that it ends yesterday."""
    source = samples / "logs"
    files = sorted(path for path in source.rglob("*") if path.is_file())
    last = max((day for path in files if (day := _day_of(path))), default=None)
    shift = timedelta(0) if last is None else datetime.now(UTC).date() - timedelta(1) - last
    cues: list[Cue] = []
    for path in files:
        target = folder / _moved_path(path.relative_to(source), shift)
        text = _moved(_text_of(path), shift)
        if last is not None and _day_of(path) == last:
            cues += _cues(target, text)
            continue
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(text)
    cues.sort(key=lambda cue: (cue.time, cue.line))
    return Stage(folder, cues)


def _cues(target: Path, text: bytes) -> Iterator[Cue]:
    for line in text.splitlines():
        events = decode(line)
        if not isinstance(events, NotRead) and events:
            yield Cue(events[0].time, target, line)


def _text_of(path: Path) -> bytes:
    raw = path.read_bytes()
    return gzip.decompress(raw) if path.suffix == ".gz" else raw


def _day_of(path: Path) -> date | None:
    found = _DAY_OF_PATH.search(path.as_posix())
    return date(int(found[1]), int(found[2]), int(found[3])) if found else None


def _moved_path(path: Path, shift: timedelta) -> Path:
    plain = path.with_suffix("") if path.suffix == ".gz" else path
    return Path(
        _DAY_OF_PATH.sub(
            lambda found: (_date(*found.groups()) + shift).strftime("y=%Y/m=%m/d=%d"),
            plain.as_posix(),
        )
    )


def _moved(text: bytes, shift: timedelta) -> bytes:
    known: dict[bytes, bytes] = {}

    def move(found: re.Match[bytes]) -> bytes:
        old = found[0]
        if old not in known:
            parts = (part.decode() for part in found.groups())
            known[old] = (_date(*parts) + shift).isoformat().encode()
        return known[old]

    return _DAY_OF_TIME.sub(move, text)


def _date(*parts: str) -> date:
    year, month, day = (int(part) for part in parts)
    return date(year, month, day)
