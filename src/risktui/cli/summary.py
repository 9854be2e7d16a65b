"""What a run says on stderr: progress while it lasts, and what it read when it ends."""

from __future__ import annotations

import shutil
import sys
import time
from collections.abc import Iterator, Sequence
from pathlib import Path

from risktui.cli.lines import Lines, Place
from risktui.cli.options import say
from risktui.cli.table import counted
from risktui.detect import words
from risktui.engine.local import LocalEngine, Totals
from risktui.logs.batch import Batch
from risktui.logs.clean import clean
from risktui.logs.discover import Found, discover
from risktui.store.sprays import Spray

EVERY_SECONDS = 0.25
NAMED = 10
"""Kinds of unread records that are named; the rest is counted."""
_FOUND = ("detection", "detections")
_CHANGES = ("detection or change of one", "detections and changes of them")
"""What a watch prints and counts: a detection that grows is a line again."""


class Progress:
    """One line that is written over, only where stderr is a terminal: how far, how fast, where."""

    def __init__(self, engine: LocalEngine, paths: Sequence[Path]) -> None:
        self._engine = engine
        self._started = self._shown = time.monotonic()
        self._on = sys.stderr.isatty()
        self._taken: dict[str, int] = {}
        self._before = self._size = 0
        if self._on:
            before = engine.positions()
            self._taken = {name: place.offset for name, place in before.items()}
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
        now = time.monotonic()
        if now - self._shown < EVERY_SECONDS:
            return
        self._shown = now
        records, seconds = self._engine.totals.records, max(0.001, now - self._started)
        done = sum(self._taken.values())
        words = [f"{records:,} records, {records / seconds:,.0f}/s"]
        if done > self._before:
            left = (self._size - done) * seconds / (done - self._before)
            words = [f"{done / max(1, self._size):4.0%}", *words, f"{duration(left)} left"]
        if batch.origins:
            words.append(short_name(batch.origins[-1][0]))
        self._write("  ".join(words))

    def done(self) -> None:
        """Wipe the line."""
        if self._on:
            self._write("")

    def _write(self, text: str) -> None:
        room = shutil.get_terminal_size().columns - 1
        sys.stderr.write(f"\r\x1b[K{text[:room]}")
        sys.stderr.flush()


def duration(seconds: float) -> str:
    """`12 s`, `3 min`, `1 h 20 min`."""
    whole = max(0, round(seconds))
    if whole < 90:
        return f"{whole} s"
    minutes = round(whole / 60)
    return f"{minutes} min" if minutes < 90 else f"{minutes // 60} h {minutes % 60} min"


def short_name(path: str) -> str:
    """The end of a path, enough to know the file; file names are nobody's to trust."""
    return clean("/".join(path.split("/")[-5:]))


def tell_all(
    lines: Lines,
    place: Place,
    totals: Totals,
    blind: Sequence[tuple[str, str]],
    *,
    resume: str,
    prints: bool,
) -> None:
    """Print what a scan has found, leave the reader's place, and say what was read.

    `resume` is the reader's name, "" where it has none and its place is not kept.
    """
    try:
        lines.finish(print_it=prints)
    finally:
        lines.close()
        place.leave(passing=not resume)
    for text in summary(totals, lines.detections, blind, reader=resume, sprays=lines.sprays):
        say(text)


def summary(
    totals: Totals,
    detections: int,
    blind: Sequence[tuple[str, str]],
    *,
    changes: bool = False,
    reader: str = "",
    sprays: Sequence[Spray] = (),
) -> Iterator[str]:
    """What was read, what was not and why, what was found, and who could not see.

    `reader` is who had what was found printed that was new to them, whenever it was found.
    """
    formats = ", ".join(f"{n:,} {name}" for name, n in sorted(totals.formats.items()))
    if totals.records or totals.quarantined:
        yield (
            f"{counted(totals.records, 'record')}: {counted(totals.events, 'event')}"
            + (f" ({formats})" if formats else "")
            + f", {counted(totals.duplicates, 'duplicate')}, {totals.quarantined:,} quarantined"
        )
    else:
        yield "no new records"
    for reason, count in _by_count(totals.quarantine_reasons):
        yield f"  quarantined {count:,}: {reason}"
    unread = sum(totals.not_read.values())
    if unread:
        yield f"{counted(unread, 'record')} of formats that are not read:"
    reasons = _by_count(totals.not_read)
    for reason, count in reasons[:NAMED]:
        yield f"  not read {count:,}: {reason}"
    if len(reasons) > NAMED:
        rest = sum(count for _, count in reasons[NAMED:])
        kinds = f"{len(reasons) - NAMED} further kinds"
        yield f"  not read {rest:,}: {kinds}; with --db `risktui doctor` has all"
    found = counted(detections, *(_CHANGES if changes else _FOUND))
    yield f"{found} that {clean(reader)} had not got yet" if reader else found
    for spray in sprays[:NAMED]:
        yield (
            f"password spray: {counted(len(spray.people), 'person', 'people')} tried "
            f"from {spray.places} since {words.clock(spray.first)}, whose passwords held"
        )
    if len(sprays) > NAMED:
        yield f"password spray: {len(sprays) - NAMED:,} older ones"
    for kind, lack in blind:
        yield f"{kind} is blind: {lack}"


def _by_count(counts: dict[str, int]) -> list[tuple[str, int]]:
    return sorted(counts.items(), key=lambda pair: (-pair[1], pair[0]))
