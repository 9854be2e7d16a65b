"""Sets the sample logs up as a live tenant: the history lies there, the last day is written now."""

from __future__ import annotations

import gzip
import re
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import msgspec

from risktui.cli.captions import ENDING, Caption, caption_at, captions_of
from risktui.cli.pacing import Pace, even, within
from risktui.language.choice import tr
from risktui.logs.formats.registry import NotRead, decode

_DAY_OF_PATH = re.compile(r"y=(\d{4})/m=(\d{2})/d=(\d{2})")
_DAY_OF_TIME = re.compile(rb"(\d{4})-(\d{2})-(\d{2})(?=T\d)")


QUIET_ENDS = 4.0
"""Seconds before the first and after the last moment of a replay that ends by itself."""
PATIENCE = 60.0
"""Seconds after which a replay begins, whether or not the month before it is read."""


class Cue(msgspec.Struct, frozen=True):
    """One line of the last day, and where and when it is written."""

    time: int
    path: Path
    line: bytes


class Stage:
    """A folder of logs that is a month old and still being written."""

    def __init__(
        self, folder: Path, cues: list[Cue], captions: list[Caption] | None = None
    ) -> None:
        self.folder = folder
        self._cues = cues
        self._captions = captions or []
        self._position = 0
        self._over = False

    def caption(self) -> str:
        """What is to be said now."""
        return tr(ENDING) if self._over else caption_at(self._captions, self._position)

    @contextmanager
    def playing(
        self,
        speed: float,
        seconds: float | None = None,
        *,
        is_read: Callable[[], bool] = lambda: True,
    ) -> Iterator[None]:
        """Write the last day, `speed` times faster than life, while the block runs.

        It begins once the month before `is_read`: what is written meanwhile may be read in another
        order. With `seconds`, all of it in that time: nothing is waited for, and what lies between
        the scenes is hurried through.
        """
        stop = threading.Event()
        pace = self._pace(speed, seconds)
        player = threading.Thread(target=self._play, args=(pace, stop, is_read), daemon=True)
        player.start()
        try:
            yield
        finally:
            stop.set()
            player.join(2)

    def _pace(self, speed: float, seconds: float | None) -> Pace:
        if not self._cues:
            return Pace(())
        begin, end = self._cues[0].time, self._cues[-1].time
        if seconds is None:
            return even(begin, end, speed)
        moments = [caption.time for caption in self._captions if caption.loud]
        # Reading the month that lies there, and the last picture, need a part of the time.
        return within(begin, end, speed, max(1.0, seconds - 2 * QUIET_ENDS), moments)

    def _play(self, pace: Pace, stop: threading.Event, is_read: Callable[[], bool]) -> None:
        begun = time.monotonic()
        if len(pace.stretches) > 1:
            start = begun + QUIET_ENDS
        else:
            while not is_read() and time.monotonic() - begun < PATIENCE:
                if stop.wait(0.1):
                    return
            start = time.monotonic()
        for cue in self._cues:
            if stop.wait(max(0.0, start + pace.offset(cue.time) - time.monotonic())):
                return
            self._position = cue.time
            with cue.path.open("ab") as log:
                log.write(cue.line + b"\n")
        self._over = True


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
        # A folder made while the day is played is found a moment later, which is a minute of that
        # day: what lies in it would come after what happened later.
        target.parent.mkdir(parents=True, exist_ok=True)
        if last is not None and _day_of(path) == last:
            cues += _cues(target, text)
        else:
            target.write_bytes(text)
    cues.sort(key=lambda cue: (cue.time, cue.line))
    story = samples / "story.json"
    return Stage(folder, cues, captions_of(story, shift) if story.is_file() else [])


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
