"""What a run says on stderr: progress while it lasts, and what it read when it ends."""

from __future__ import annotations

import sys
import time
from collections.abc import Iterator, Sequence

from risktui.engine.local import LocalEngine, Totals

EVERY_SECONDS = 0.25
NAMED = 10
"""Kinds of unread records that are named; the rest is counted."""


class Progress:
    """One line that is written over, only where stderr is a terminal."""

    def __init__(self, engine: LocalEngine) -> None:
        self._engine = engine
        self._started = self._shown = time.monotonic()
        self._on = sys.stderr.isatty()

    def show(self) -> None:
        """Say how far it is, a few times a second."""
        now = time.monotonic()
        if not self._on or now - self._shown < EVERY_SECONDS:
            return
        self._shown = now
        totals = self._engine.totals
        rate = totals.records / max(0.001, now - self._started)
        sys.stderr.write(f"\r\x1b[K{totals.records:,} records, {rate:,.0f}/s")
        sys.stderr.flush()

    def done(self) -> None:
        """Wipe the line."""
        if self._on:
            sys.stderr.write("\r\x1b[K")
            sys.stderr.flush()


def summary(totals: Totals, detections: int, blind: Sequence[tuple[str, str]]) -> Iterator[str]:
    """What was read, what was not and why, what was found, and who could not see."""
    formats = ", ".join(f"{n:,} {name}" for name, n in sorted(totals.formats.items()))
    yield (
        f"{totals.records:,} records: {totals.events:,} events"
        + (f" ({formats})" if formats else "")
        + f", {totals.duplicates:,} duplicates, {totals.quarantined:,} quarantined"
    )
    for reason, count in _by_count(totals.quarantine_reasons):
        yield f"  quarantined {count:,}: {reason}"
    unread = sum(totals.not_read.values())
    if unread:
        yield f"{unread:,} records of formats that are not read:"
    reasons = _by_count(totals.not_read)
    for reason, count in reasons[:NAMED]:
        yield f"  not read {count:,}: {reason}"
    if len(reasons) > NAMED:
        rest = sum(count for _, count in reasons[NAMED:])
        yield f"  not read {rest:,}: {len(reasons) - NAMED} further kinds; `risktui doctor` has all"
    yield f"{detections:,} detections"
    for kind, lack in blind:
        yield f"{kind} is blind: {lack}"


def _by_count(counts: dict[str, int]) -> list[tuple[str, int]]:
    return sorted(counts.items(), key=lambda pair: (-pair[1], pair[0]))
