"""A table about the machinery and the details of its selected row."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Sequence
from functools import partial
from typing import TypeAlias

from rich.cells import cell_len
from textual.app import ComposeResult

from risktui.console import (
    board_audit,
    board_detectors,
    board_policies,
    board_sources,
    list_words,
    phrases,
)
from risktui.console.asking import Asked, language_of
from risktui.console.boards import Board, found_rows
from risktui.console.completing import values_of_facts
from risktui.console.judging import Target
from risktui.console.machinery import Machinery
from risktui.console.reader import Question
from risktui.console.reading import Pulse
from risktui.console.screens.bindings import bindings_of
from risktui.console.screens.finding import Finding
from risktui.console.session import Session
from risktui.console.widgets.feed_messages import RowHighlighted, RowSelected
from risktui.console.widgets.feed_table import FeedTable
from risktui.console.widgets.ink import ink, line
from risktui.console.widgets.rows import Row
from risktui.console.widgets.sheet import Sheet
from risktui.console.widgets.veiled_input import veiled
from risktui.language.choice import plainly, tr

COLUMNS = {
    "sources": board_sources.COLUMNS,
    "detectors": board_detectors.COLUMNS,
    "policies": board_policies.COLUMNS,
    "audit": board_audit.COLUMNS,
}
Maker: TypeAlias = Callable[[sqlite3.Connection, Machinery, int, Asked], Board]
MAKERS: dict[str, Maker] = {
    "sources": board_sources.board,
    "detectors": board_detectors.board,
    "policies": board_policies.board,
    "audit": board_audit.board,
}
"""What makes the board of each place, from the database as it is now (ms)."""


class BoardPlace(Finding):
    """Rows on the left or on top, what is behind the selected one beside or below."""

    panes = ("rows", "details")

    def __init__(self, session: Session, machinery: Machinery) -> None:
        super().__init__(session)
        look = session.ascii_only
        self._machinery = machinery
        self._board: Board | None = None
        self.table = FeedTable(
            COLUMNS[self.place],
            id="rows",
            ascii_only=look,
        )
        self.details = Sheet(ascii_only=look, id="details")

    def compose_panes(self) -> ComposeResult:
        """Rows, details."""
        for pane in (self.table, self.details):
            pane.add_class("pane")
            yield pane

    def question(self) -> Question[tuple[Board, list[Row]]]:
        """The whole board, and the rows of it that have what is looked for."""
        make, machinery, now = MAKERS[self.place], self._machinery, self.session.reference()
        asked = self.asked

        def ask(connection: sqlite3.Connection) -> tuple[Board, list[Row]]:
            board = make(connection, machinery, now, asked)
            return board, found_rows(board, asked, now)

        return ask

    def answer(self, found: tuple[Board, list[Row]]) -> None:
        """Shows it; the cursor stays with the row it was on."""
        board, shown = found
        self._board = board
        self.table.empty = "" if self.asked else phrases.NO_ROWS[self.place]
        self.table.show(shown)
        fits = cell_len(board.title) <= self.app.size.width - 2
        title = board.title if fits else board.brief or board.title
        self.crumb(ink(title, "warn" if board.warns else "strong"))
        self._show_details()
        self.say_how_many(len(shown), len(board.rows))
        if not self.session.mask.on:
            told = partial(values_of_facts, language_of(self.place), board.facts.values())
            self.filter_bar.learn(told)

    def on_resize(self) -> None:
        """Cuts what stands on the frames to their width."""
        self.call_after_refresh(self._show_details)

    def on_feed_table_row_highlighted(self, event: RowHighlighted) -> None:
        """Other details."""
        event.stop()
        self._show_details(top=True)

    def on_feed_table_row_selected(self, event: RowSelected) -> None:
        """Enter leads on where there is somewhere to go, else to the details."""
        event.stop()
        link = self._board.links.get(event.key) if self._board else None
        if link is not None and link[0] == "user":
            self.post_message(self.Opened("user", link[1]))
        else:
            self.show_pane("details")

    def action_open(self) -> None:
        """Enter in the details goes back to the rows."""
        self.show_pane("rows")

    def _show_details(self, *, top: bool = False) -> None:
        if self._board is None:
            return
        key = self.table.cursor_key or ""
        draw = self._board.details.get(key)
        self.details.show(None if draw is None else lambda width, _h: draw(width), top=top)
        self._entitle()

    def _entitle(self) -> None:
        title = ink(tr(phrases.BOARDS[self.place]))
        board = self._board
        if self.asked and board is not None:
            some = tr(list_words.SOME_OF_ALL).format(
                shown=self.table.row_count, all=len(board.rows)
            )
            title = line(
                title, " ", ink(some, "muted"), " ", ink(f" /{veiled(self.asked.text)} ", "chip")
            )
        elif board is not None and len(board.rows) < board.all_rows:
            some = tr(list_words.LATEST_OF).format(
                shown=len(board.rows), all=board.all_rows, key=self.key("find.start")
            )
            title = line(title, " ", ink(some, "muted"))
        self.entitle(self.table, title)
        self.entitle(self.details, ink(tr(phrases.DETAILS)))

    def targets(self) -> Sequence[Target]:
        """Nobody is judged here."""
        return []

    async def taken_out(self) -> Sequence[dict[str, str]]:
        """The rows that stand in the table, in English."""
        make, machinery, now = MAKERS[self.place], self._machinery, self.session.reference()
        shown, asked = {row.key for row in self.table.rows}, self.asked

        def ask(connection: sqlite3.Connection) -> Board:
            with plainly():
                return make(connection, machinery, now, asked)

        board = await self.session.reader.ask(ask)
        names = [column.title for column in COLUMNS[self.place]]
        return [
            dict(zip(names, (cell.text for cell in row.cells), strict=False))
            for row in board.rows
            if row.key in shown
        ]

    def copied(self) -> str:
        """The key of the row."""
        return self.table.cursor_key or ""


class SourcesPlace(BoardPlace):
    """What was read of the logs."""

    place = "sources"
    BINDINGS = bindings_of("sources")

    def heeds(self, pulse: Pulse) -> object:
        """Logs are read also where nothing is found in them."""
        engine = pulse.engine
        return pulse.news, engine.state, engine.events, engine.quarantined


class DetectorsPlace(BoardPlace):
    """What watches."""

    place = "detectors"
    BINDINGS = bindings_of("detectors")


class PoliciesPlace(BoardPlace):
    """What risk policies would have done."""

    place = "policies"
    BINDINGS = bindings_of("policies")


class AuditPlace(BoardPlace):
    """Who did what."""

    place = "audit"
    BINDINGS = bindings_of("audit")


BOARD_PLACES: dict[str, type[BoardPlace]] = {
    "sources": SourcesPlace,
    "detectors": DetectorsPlace,
    "policies": PoliciesPlace,
    "audit": AuditPlace,
}
