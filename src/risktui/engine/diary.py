"""Writes down of every event that was processed what is kept of it, besides what it led to."""

from __future__ import annotations

import sqlite3

from risktui.engine.directory import Directory
from risktui.engine.failing import Relearning
from risktui.engine.flood import Flood
from risktui.engine.lateness import late
from risktui.engine.retro import LISTS, LookBack
from risktui.engine.totals import Totals
from risktui.logs.order import LATENESS_MS
from risktui.model.events import Event, SignIn
from risktui.risk.steps import step_of
from risktui.store.commit import Work


class Diary:
    """One engine's: marks, steps of sessions, names, sign-ins for the look back, counts."""

    def __init__(self, connection: sqlite3.Connection, look_back: LookBack, totals: Totals) -> None:
        self.directory = Directory()
        self._look_back = look_back
        self._totals = totals
        self._flood = Flood()
        self._late = late(connection)
        self._relearning = Relearning(connection)
        self._lived: list[tuple[Event, list[int]]] = []
        """Events that were processed, and their marks, of which nothing is written down yet."""

    def note(self, event: Event, marks: list[int]) -> None:
        """`event` was processed; by `marks` it is known again."""
        self._lived.append((event, marks))

    def write_down(self, work: Work) -> int:
        """Put into `work` what is kept of the events that were noted; how many there were."""
        lived, totals = self._lived, self._totals
        self._lived = []
        totals.events += len(lived)
        seen, steps, formats = work.seen, work.steps, totals.formats
        keep, meet = self._look_back.keep, self.directory.meet
        newest = totals.newest
        for event, marks in lived:
            time = event.time
            for mark in marks:
                seen.append((mark, time))
            if (step := step_of(event)) is not None:
                steps.append(step)
            if type(event) is SignIn and (kept := keep(event)) is not None:
                work.looked_at.append(kept)
            if (met := meet(event)) is not None:
                work.people.append(met)
            source = event.source
            formats[source] = formats.get(source, 0) + 1
            if time > newest:
                newest = time
            elif newest - time > LATENESS_MS:
                self._late.note(time, newest)
        totals.newest = newest
        self._flood.note([event for event, _ in lived])
        return len(lived)

    def status(self) -> dict[str, str]:
        """Who came late, who floods, who learns again, and up to which lists was looked back."""
        status = self._late.status() | self._relearning.status()
        if self._flood.said:
            status["engine.flood"] = self._flood.said
        if not self._look_back.waits:
            status[LISTS] = self._look_back.lists
        return status
