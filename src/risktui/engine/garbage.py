"""Spares Python's collector of cycles the long ways through everything that an engine remembers."""

from __future__ import annotations

import gc

THRESHOLDS = 200_000, 20, 20
"""New containers before the youngest are looked at, and how often that happens before the older
ones and all are. By default (700, 10, 10) that took 0.5 s of the 2.5 s of 10,000 decisions with
10,000 people in memory, in few long pauses; cycles are seldom made here. With 20,000 most events of
a scan were still waiting for their turn when they were looked at (2.6 µs each); they have gone
before 200,000."""


def look_seldom() -> None:
    """From now on, in all of this process."""
    gc.set_threshold(*THRESHOLDS)
