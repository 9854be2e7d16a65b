"""Prints what the engine has committed, one object a line, from the outbox."""

from __future__ import annotations

import os
import sqlite3
import time
from contextlib import closing
from pathlib import Path
from typing import Any

import msgspec

from risktui.cli.fitting import Layout, laid_out, room
from risktui.cli.options import Ago, counting_from, moment, say
from risktui.cli.pipe import Pipe
from risktui.cli.table import counted, headed, say_left_out, told
from risktui.engine.clock import now_ms
from risktui.engine.patience import passes
from risktui.model.risk import Detection, RiskLevel, RiskyUser, RiskyUserHistoryItem
from risktui.output.formats import TABLE, Form, Thing
from risktui.risk.licence import project, project_user, sees_everything
from risktui.store import outbox, queries
from risktui.store.database import reader, writer
from risktui.store.search import Search
from risktui.store.sprays import Spray, sprays

CHUNK = 200
"""Rows of the outbox that are held at once."""
STEP_SECONDS = 0.5
"""How often a reader's place is written down while it prints much; less is repeated after a kill
than it prints in this time."""
LONGEST = {"type": 36, "state": 20, "why": 500}
"""Cells that a terminal is asked for, where it has them, for what is mostly shorter."""

PASSING = "stdout of process "
"""How readers without a name are called while they live."""

_DECODE = {
    "detection": msgspec.json.Decoder(Detection).decode,
    "user": msgspec.json.Decoder(RiskyUser).decode,
    "history": msgspec.json.Decoder(RiskyUserHistoryItem).decode,
}


class Wanted(msgspec.Struct, frozen=True, kw_only=True):
    """Which lines are printed, and how."""

    kinds: tuple[str, ...] = ("detection",)
    min_level: RiskLevel = RiskLevel.NONE
    since: int | Ago | None = None
    until: int | Ago | None = None
    where: Search = Search()
    licence: str = "p2"
    form: Form = Form()


class Place:
    """Where a reader of the outbox stands: in memory, or under a name in the database."""

    def __init__(self, database: Path, name: str = "") -> None:
        self._database = database
        self.name = name
        self.fresh = True
        """Whether nobody of this name has read before."""
        self._written = 0.0
        with closing(reader(database)) as connection:
            known = outbox.cursor(connection, name) if name else None
            first = outbox.first(connection)
            if known is not None:
                self.fresh = False
                if known < first - 1:
                    gone = counted(first - 1 - known, "row")
                    say(f"{name}: {gone} cleared away unread; see [output] keep_days")
            begin = first - 1 if name else outbox.end(connection)
            self.number = max(known, first - 1) if known is not None else begin

    def reach(self, number: int, *, now: bool = False) -> None:
        """Everything up to row `number` has been dealt with."""
        self.number = number
        if self.name and (now or time.monotonic() - self._written >= STEP_SECONDS):
            self._written = time.monotonic()
            try:
                self._write_down()
            except sqlite3.Error as error:
                # It will be written with the next step; who is killed before repeats lines.
                if not passes(error):
                    raise

    def _write_down(self) -> None:
        with closing(writer(self._database)) as connection:
            outbox.move(connection, self.name, self.number, now_ms())

    def hold(self) -> None:
        """A reader without a name gets one for its life: nothing it waits for is cleared away."""
        if not self.name:
            self._forget_the_dead()
            self.name = f"{PASSING}{os.getpid()}"
            self.reach(self.number, now=True)

    def _forget_the_dead(self) -> None:
        """Readers that were killed could not say that they do not come back."""
        with closing(writer(self._database)) as connection:
            for cursor in outbox.cursors(connection):
                number = cursor.name.removeprefix(PASSING)
                if cursor.name.startswith(PASSING) and not _is_alive(number):
                    outbox.forget(connection, cursor.name)

    def leave(self, *, passing: bool) -> None:
        """Write the place down; a `passing` reader is forgotten."""
        if not self.name:
            return
        if passing:
            with closing(writer(self._database)) as connection:
                outbox.forget(connection, self.name)
        else:
            self._write_down()


class Lines:
    """A reader of the outbox. Belongs to the thread that made it."""

    def __init__(self, database: Path, wanted: Wanted, place: Place, pipe: Pipe) -> None:
        self._connection = reader(database)
        self.wanted = wanted
        self.place = place
        self._pipe = pipe
        self._headed = not place.fresh
        self._now = 0
        """What spans of time are counted back from (ms)."""
        self.highest = RiskLevel.NONE
        """The highest level among the detections met, for --fail-on."""
        self.detections = 0
        self.sprays: list[Spray] = []
        """Password sprays that were recognised; known once all is finished."""

    def close(self) -> None:
        """Let go of the database."""
        self._connection.close()

    def print_new(self) -> None:
        """Print every change since the last time, each as it was then; spans count from now."""
        self._now = now_ms()
        while True:
            end = outbox.end(self._connection)
            rows = outbox.rows(self._connection, self.place.number, self.wanted.kinds, CHUNK)
            for row in rows:
                self._print(row)
            if len(rows) < CHUNK:
                break
        if end > self.place.number or rows:  # also past what this reader does not want
            self.place.reach(max(end, self.place.number), now=True)

    def finish(self, *, print_it: bool) -> None:
        """Take what changed since the last time, each thing once as it is now; perhaps print it."""
        after, kinds = self.place.number, self.wanted.kinds
        spans = self.wanted.since, self.wanted.until, self.wanted.where
        self._now = counting_from(self._connection, *spans)
        end = outbox.end(self._connection)
        if self.place.fresh:  # else they have been told already
            self.sprays = sprays(self._connection)
        for row in outbox.latest_rows(self._connection, after, kinds):
            if print_it:
                self._print(row)
            else:
                self._line(row)
        if print_it:
            self.place.reach(max(end, self.place.number), now=True)

    def _print(self, row: outbox.Row) -> None:
        line = self._line(row)
        if line is not None:
            self._head(row.kind)
            self._pipe.write(line)
        self.place.reach(row.number)

    def _head(self, kind: str) -> None:
        form = self.wanted.form
        if self._headed or form.format not in {"csv", "table"}:
            return
        self._headed = True
        for line in heading(form, kind):
            self._pipe.write(line)
        if form.format == "table":
            say_left_out(_layout(form, kind).left_out)

    def _line(self, row: outbox.Row) -> str | None:
        """The line of a row, None where it is not wanted."""
        thing: Any = _DECODE[row.kind](row.body)
        thing = _as_seen(thing, self.wanted.licence)
        if thing is None or not self._is_wanted(thing):
            return None
        ingested = None
        if isinstance(thing, Detection):
            self.detections += 1
            if thing.risk_level.rank > self.highest.rank:
                self.highest = thing.risk_level
            ingested = queries.ingested(self._connection, thing.id)
        form = self.wanted.form
        if form.format == "table":
            cells = told(form.columns(row.kind), form.cells(thing))
            return _layout(form, row.kind).line(cells)
        return form.line(thing, ingested=ingested)

    def _is_wanted(self, thing: Thing) -> bool:
        wanted, now = self.wanted, self._now
        if isinstance(thing, Detection):
            return (
                _within(wanted, thing.activity_date_time, now)
                and thing.risk_level.rank >= wanted.min_level.rank
                and wanted.where.detection(thing, now)
            )
        if isinstance(thing, RiskyUser):
            high_enough = thing.risk_level.rank >= wanted.min_level.rank
            return high_enough and self._meets(thing)
        if not _within(wanted, thing.time, now):
            return False
        if not wanted.where:
            return True
        user = queries.user(self._connection, thing.user_id)
        return user is not None and self._meets(user)

    def _meets(self, user: RiskyUser) -> bool:
        """Whether somebody meets --where, if need be by one of their detections."""
        return self.wanted.where.person(
            user, lambda: queries.detections(self._connection, user_id=user.id), self._now
        )


def heading(form: Form, kind: str) -> list[str]:
    """What stands above the lines of a format that has columns."""
    names = form.headings(kind)
    if form.format == "csv":
        return [",".join(names)]
    return [_layout(form, kind).line(headed(names))]


def _layout(form: Form, kind: str) -> Layout:
    """For lines that come one after the other: what is longer than usual pushes the rest.

    On a terminal it is cut, and the sentence at the end has the room that there is.
    """
    cells = room()
    if form.fields:
        usual = {name: width for _, name, width in TABLE[kind]}
        widths = [max(usual.get(name, 16), len(name)) for name in form.fields]
    else:
        widths = [width for _, _, width in TABLE[kind]]
        if cells is not None:
            widths = [LONGEST.get(heading, width) for heading, _, width in TABLE[kind]]
    return laid_out(tuple(form.headings(kind)), tuple(widths), cells)


def _as_seen(thing: Thing, licence: str) -> Thing | None:
    """What a tenant with `licence` is shown of it; None where nothing."""
    if isinstance(thing, Detection):
        return project(thing, licence)
    if isinstance(thing, RiskyUser):
        return project_user(thing, licence)
    return thing if sees_everything(licence) else None


def _within(wanted: Wanted, time_of_it: int, now: int) -> bool:
    since, until = moment(wanted.since, now), moment(wanted.until, now)
    return (since is None or time_of_it >= since) and (until is None or time_of_it < until)


def _is_alive(process: str) -> bool:
    try:
        os.kill(int(process), 0)
    except (ProcessLookupError, ValueError):
        return False
    except PermissionError:
        return True  # somebody else's
    return True
