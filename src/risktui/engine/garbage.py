"""Spares Python's collector of cycles the long ways through everything that an engine remembers."""

from __future__ import annotations

import gc

THRESHOLDS = 20_000, 20, 20
"""New containers before the youngest are looked at, and how often that happens before the older
ones and all are. By default (700, 10, 10) a look at all came every few thousand events and held an
engine that remembers 10,000 people up for half a second each; cycles are seldom made here."""


def look_seldom() -> None:
    """From now on, in all of this process."""
    gc.set_threshold(*THRESHOLDS)
