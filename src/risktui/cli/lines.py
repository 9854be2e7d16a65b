"""Prints what the engine has committed: one JSON object a line, from the outbox."""

from __future__ import annotations

import sqlite3
import sys
from pathlib import Path

import msgspec

from risktui.model.risk import Detection, RiskLevel, RiskyUser, RiskyUserHistoryItem
from risktui.output import graph
from risktui.risk.licence import project
from risktui.store import queries
from risktui.store.database import reader


class Wanted(msgspec.Struct, frozen=True, kw_only=True):
    """Which lines are printed."""

    kinds: tuple[str, ...] = ("detection",)
    min_level: RiskLevel = RiskLevel.NONE
    since: int | None = None
    until: int | None = None
    licence: str = "p2"


class Lines:
    """A reader of the outbox that remembers how far it has printed."""

    def __init__(self, database: Path, wanted: Wanted) -> None:
        self._connection: sqlite3.Connection = reader(database)
        self._wanted = wanted
        self._printed = queries.outbox_end(self._connection)
        self.highest = RiskLevel.NONE
        """The highest level among the detections printed, for --fail-on."""
        self.detections = 0

    def print_new(self) -> None:
        """Print what came since the last time, as it was then."""
        while True:
            rows = list(queries.outbox(self._connection, self._printed, self._wanted.kinds))
            for number, kind, body in rows:
                self._print(kind, body)
                self._printed = number
            if not rows:
                break
        sys.stdout.flush()

    def finish(self, *, print_it: bool) -> None:
        """Take what came since the last time, each thing once as it is now; perhaps print it."""
        final: dict[tuple[str, str], tuple[str, bytes]] = {}
        for number, kind, subject, body in queries.outbox_subjects(
            self._connection, self._printed, self._wanted.kinds
        ):
            final[kind, subject] = kind, body
            self._printed = number
        for kind, body in final.values():
            if print_it:
                self._print(kind, body)
            else:
                self._line(kind, body)
        sys.stdout.flush()

    def _print(self, kind: str, body: bytes) -> None:
        line = self._line(kind, body)
        if line is not None:
            sys.stdout.write(line + "\n")

    def _line(self, kind: str, body: bytes) -> str | None:
        wanted = self._wanted
        if kind == "detection":
            detection = msgspec.json.decode(body, type=Detection)
            if not _within(wanted, detection.activity_date_time):
                return None
            if detection.risk_level.rank < wanted.min_level.rank:
                return None
            self.detections += 1
            if detection.risk_level.rank > self.highest.rank:
                self.highest = detection.risk_level
            ingested = queries.ingested(self._connection, detection.id)
            shown = project(detection, wanted.licence)
            return graph.line(graph.risk_detection(shown, ingested=ingested))
        if kind == "user":
            user = msgspec.json.decode(body, type=RiskyUser)
            below = user.risk_level.rank < wanted.min_level.rank
            return None if below else graph.line(graph.risky_user(user))
        item = msgspec.json.decode(body, type=RiskyUserHistoryItem)
        return graph.line(graph.history_item(item)) if _within(wanted, item.time) else None


def _within(wanted: Wanted, time: int) -> bool:
    after = wanted.since is None or time >= wanted.since
    return after and (wanted.until is None or time < wanted.until)
