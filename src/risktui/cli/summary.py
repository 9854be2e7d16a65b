"""What a run says on stderr: progress while it lasts, and what it read when it ends."""

from __future__ import annotations

import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, Self

from risktui.cli.fitting import USUAL, cut, end_of, room
from risktui.cli.lines import Lines
from risktui.cli.options import say
from risktui.cli.table import counted
from risktui.detect import words
from risktui.engine.totals import Totals
from risktui.logs.batch import Batch, Position
from risktui.logs.clean import clean
from risktui.logs.discover import Found, discover
from risktui.store.sprays import Spray

EVERY_SECONDS = 0.25
NAME = 12
"""Cells below which no file is named: nobody would know it."""
NAMED = 10
"""Kinds of unread records that are named; the rest is counted."""
FILES = 3
"""Files with records in quarantine that are named."""
_FOUND = ("detection", "detections")
_CHANGES = ("detection or change of one", "detections and changes of them")
"""What a watch prints and counts: a detection that grows is a line again."""


class Progress:
    """One line that is written over, only where stderr is a terminal: how far, how fast, where.

    Wiped at the end of `with`, also where that is ctrl+c or an error: what follows has a line.
    `before` is how far an earlier run has come.
    """

    def __init__(self, paths: Sequence[Path], before: Mapping[str, Position] | None = None) -> None:
        self._started = self._shown = time.monotonic()
        self._on = sys.stderr.isatty()
        self._taken: dict[str, int] = {}
        self._before = self._size = self._records = 0
        if self._on:
            self._taken = {name: place.offset for name, place in (before or {}).items()}
            self._before = sum(self._taken.values())
            found = [each for each in discover(paths) if isinstance(each, Found)]
            self._size = sum(max(each.size, self._taken.get(each.name, 0)) for each in found)
            self._write(f"looking at {counted(len(found), 'file')}")

    def show(self, batch: Batch) -> None:
        """Say how far it is, a few times a second."""
        if not self._on:
            return
        for position in batch.positions:
            self._taken[position.path] = position.offset
        self._records += sum(batch.records.values())
        now = time.monotonic()
        if now - self._shown < EVERY_SECONDS:
            return
        self._shown = now
        records, seconds = self._records, max(0.001, now - self._started)
        done = sum(self._taken.values())
        words = [f"{counted(records, 'record')}, {records / seconds:,.0f}/s"]
        if done > self._before:
            left = (self._size - done) * seconds / (done - self._before)
            words = [f"{done / max(1, self._size):4.0%}", *words, f"{duration(left)} left"]
        self._write("  ".join(words), clean(batch.origins[-1][0]) if batch.origins else "")

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        if self._on:
            self._write("")

    def _write(self, text: str, path: str = "") -> None:
        """The line, and as much of a path as there is room for behind it: its end says most."""
        cells = (room(sys.stderr) or USUAL) - 3  # a terminal shows ctrl+c as ^C
        if path and cells > len(text) + NAME:
            text = f"{text}  {end_of(path, cells - len(text) - 2)}"
        sys.stderr.write(f"\r\x1b[K{cut(text, cells)}")
        sys.stderr.flush()


def duration(seconds: float) -> str:
    """`12 s`, `3 min`, `1 h 20 min`."""
    whole = max(0, round(seconds))
    if whole < 90:
        return f"{whole} s"
    minutes = round(whole / 60)
    return f"{minutes} min" if minutes < 90 else f"{minutes // 60} h {minutes % 60} min"


def tell_all(
    lines: Lines,
    totals: Totals,
    blind: Sequence[tuple[str, str]],
    *,
    prints: bool,
    options: Mapping[str, Any],
) -> None:
    """Print what a scan has found, leave the reader's place, and say what was read.

    `options` are the command's: where no reader is named the place is not kept.
    """
    resume = options["resume"] or ""
    try:
        lines.finish(print_it=prints)
    finally:
        lines.place.leave(passing=not resume)
    found, sprays, kept = lines.detections, lines.sprays, options["database"]
    for text in summary(totals, found, blind, reader=resume, sprays=sprays, kept=kept):
        say(text)


def summary(
    totals: Totals,
    detections: int,
    blind: Sequence[tuple[str, str]],
    *,
    changes: bool = False,
    reader: str = "",
    sprays: Sequence[Spray] = (),
    kept: Path | None = None,
) -> Iterator[str]:
    """What was read, what was not and why, what was found, and who could not see.

    `reader` is who had what was found printed that was new to them, whenever it was found; `kept`
    the database that doctor can look into.
    """
    if totals.records or totals.quarantined:
        yield _held(totals)
    else:
        yield "no new records"
    doctor = f"risktui doctor --db {kept}" if kept else "risktui doctor, where --db keeps them"
    if totals.quarantined:
        yield from _quarantined(totals, doctor)
    unread = sum(totals.not_read.values())
    if unread:
        yield f"{counted(unread, 'record')} of formats that are not read:"
    reasons = _by_count(totals.not_read)
    for reason, count in reasons[:NAMED]:
        yield f"  not read {count:,}: {reason}"
    if len(reasons) > NAMED:
        rest = sum(count for _, count in reasons[NAMED:])
        yield f"  not read {rest:,}: {len(reasons) - NAMED} further kinds; all with: {doctor}"
    found = counted(detections, *(_CHANGES if changes else _FOUND))
    yield f"{found} that {clean(reader)} had not got yet" if reader else found
    for spray in sprays[:NAMED]:
        yield (
            f"password spray: {counted(len(spray.people), 'person', 'people')} tried "
            f"from {spray.places} since {words.clock(spray.first)}, whose passwords held"
        )
    if len(sprays) > NAMED:
        yield f"password spray: {len(sprays) - NAMED:,} older ones"
    yield from blind_lines(blind)


def blind_lines(blind: Sequence[tuple[str, str]]) -> Iterator[str]:
    """Who cannot see and why, and what to do about it."""
    for kind, lack in blind:
        yield f"{kind} is blind: {lack}"
    if blind:
        yield "  such a list is named as [[intel]] in risktui.toml; see: risktui intel status"


def _held(totals: Totals) -> str:
    """How many records there were and what they hold; a record may hold several events, or none."""
    parts = [f"{n:,} {name}" for name, n in sorted(totals.formats.items())]
    parts.append(counted(totals.duplicates, "duplicate"))
    held = counted(totals.events + totals.duplicates, "event")
    records = f"{counted(totals.records, 'record')} {'holds' if totals.records == 1 else 'hold'}"
    return f"{records} {held}: {', '.join(parts)}; {totals.quarantined:,} quarantined"


def _quarantined(totals: Totals, doctor: str) -> Iterator[str]:
    """Why records were set aside, in which files they stand, and what shows each of them."""
    reasons, files = _by_count(totals.quarantine_reasons), dict(totals.quarantine_files)
    for reason, count in reasons[:NAMED]:
        yield f"  quarantined {count:,}: {reason}"
    if len(reasons) > NAMED:
        rest = sum(count for _, count in reasons[NAMED:])
        yield f"  quarantined {rest:,}: {counted(len(reasons) - NAMED, 'further reason')}"
    uncounted = files.pop("", 0)
    named = _by_count(files)
    for path, count in named[:FILES]:
        yield f"  in {path}: {count:,}"
    if rest := sum(count for _, count in named[FILES:]) + uncounted:
        further = counted(len(named) - FILES, "more file") if named[FILES:] else "other files"
        yield f"  in {further}{' at the least' if uncounted and named[FILES:] else ''}: {rest:,}"
    yield f"  see each with: {doctor}"


def _by_count(counts: dict[str, int]) -> list[tuple[str, int]]:
    return sorted(counts.items(), key=lambda pair: (-pair[1], pair[0]))
