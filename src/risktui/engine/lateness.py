"""Counts the events that came when later ones had been judged, for whoever wonders about order."""

from __future__ import annotations

import sqlite3

import msgspec

from risktui.logs.order import LATENESS_MS

EVENTS, MOST = "late.events", "late.most"
"""Names in the table `meta`."""


class Late(msgspec.Struct):
    """How many events came late so far, in all runs, and by how much (ms) at the most."""

    events: int = 0
    most: int = 0

    def note(self, time: int, newest: int) -> None:
        """An event of `time` is judged when one of `newest` was (both ms)."""
        behind = newest - time
        if behind > LATENESS_MS:
            self.events += 1
            self.most = max(self.most, behind)

    def status(self) -> dict[str, str]:
        """What is kept of it."""
        return {EVENTS: str(self.events), MOST: str(self.most)} if self.events else {}


def late(connection: sqlite3.Connection) -> Late:
    """What was kept in the database."""
    rows = connection.execute("SELECT name, value FROM meta WHERE name IN (?, ?)", (EVENTS, MOST))
    kept = {name: int(value) for name, value in rows}
    return Late(kept.get(EVENTS, 0), kept.get(MOST, 0))
