"""An app where everything moves at once: each `x` is a burst of seeded changes, then a bell."""

from __future__ import annotations

import asyncio
import random
import sys
from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal, Vertical
from textual.coordinate import Coordinate
from textual.screen import ModalScreen
from textual.widgets import DataTable, Footer, Input, Log, Static

from risktui.console import theme
from risktui.console.display import DifferentialDisplay
from risktui.console.driver import console_driver
from risktui.console.widgets.feed_table import Cell, Column, FeedTable, Row

WORDS = ("alice", "bob", "日本太郎", "Zoë", "контора", "🙂ok", "naïve", "x" * 30, "e\u0301té", "▲…")
STYLES = ("", "muted", "risk-high", "risk-low", "match", "strong")
THEMES = ("night-shift", "daylight", "terminal", "nord")


class Ask(ModalScreen[None]):
    """Something over the middle of the screen."""

    DEFAULT_CSS = "Ask { align: center middle; & Static { width: 30; border: round red; } }"

    def compose(self) -> ComposeResult:
        yield Static("Confirm compromised? 日本 y/n")


class Busy(DifferentialDisplay[None]):
    """Tables, logs, a form and a dialog, changed at random."""

    CSS = "#side { width: 40%; } Log { height: 5; } DataTable { height: 1fr; }"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("x", "burst", priority=True),
        Binding("ctrl+l", "repaint_and_ring", priority=True),
    ]

    def __init__(self, seed: int) -> None:
        super().__init__(driver_class=console_driver(), ansi_color=theme.ansi_colour())
        self.random = random.Random(seed)
        self.number = 0
        columns = (Column("when", 5), Column("who"), Column("what", share=2, drop=1))
        self.top = FeedTable(columns, follow="top", capacity=60)
        self.plain = FeedTable(columns, empty="nothing")
        self.data: DataTable[str] = DataTable(cursor_type="row")
        self.log_pane = Log()
        self.said = Static("side", markup=False)
        theme.install(self)

    def get_theme_variable_defaults(self) -> dict[str, str]:
        return theme.VARIABLES

    def compose(self) -> ComposeResult:
        with Horizontal():
            yield self.data
            with Vertical(id="side"):
                yield self.top
                yield self.plain
                yield self.said
        yield self.log_pane
        yield Input(placeholder="filter")
        yield Footer()

    def on_mount(self) -> None:
        self.data.add_columns("when", "who", "what")
        self.query_one(Input).cursor_blink = False
        self.top.focus()

    async def action_burst(self) -> None:
        for _ in range(40):
            self.step()
            await asyncio.sleep(0.003)
        self.ring_when_quiet()

    def ring_when_quiet(self, frames: int = -1, quiet: int = 0) -> None:
        """Rings when nothing was painted for a few turns of the loop, dropped frames included.

        One turn is not enough: a new theme keeps the loop busy for longer than that.
        """
        now = self.frames_sent + self.frames_dropped
        quiet = quiet + 1 if now == frames and self._catching_up is None else 0
        if quiet == 4:
            self.bell()
            return
        self.set_timer(0.06, lambda: self.ring_when_quiet(now, quiet))

    def action_repaint_and_ring(self) -> None:
        self.repaint()
        self.ring_when_quiet()

    def row(self) -> Row:
        self.number += 1
        some = self.random.choice
        cells = (
            Cell(f"{self.number:05d}", some(STYLES)),
            Cell(some(WORDS), some(STYLES)),
            Cell(some(WORDS) + some(WORDS), some(STYLES)),
        )
        return Row(str(self.number), cells, notable=self.number % 4 == 0)

    def step(self) -> None:
        some = self.random.choice
        some(
            (
                self.step_feed,
                self.step_feed,
                self.step_plain,
                self.step_data,
                self.step_data,
                self.step_text,
                self.step_screen,
            )
        )()

    def step_feed(self) -> None:
        some = self.random.choice
        if some((True, True, False)):
            self.top.append([self.row() for _ in range(some((1, 1, 1, 3)))])
        else:
            some((self.top.action_cursor_down, self.top.action_page_down, self.top.action_follow))()

    def step_plain(self) -> None:
        rows = [self.row() for _ in range(self.random.randrange(4))] + list(self.plain.rows)
        if self.random.random() < 0.3:
            self.random.shuffle(rows)
        self.plain.show(rows[: self.random.randrange(1, 40)])

    def step_data(self) -> None:
        table, some = self.data, self.random.choice
        self.number += 1
        what = some(("add", "add", "end", "update", "move", "scroll"))
        if what == "add" or table.row_count < 3:
            table.add_row(f"{self.number:05d}", some(WORDS), some(WORDS), key=str(self.number))
        elif what == "end":
            table.scroll_end(animate=False)
        elif what == "update":
            row = self.random.randrange(table.row_count)
            table.update_cell_at(Coordinate(row, 1), some(WORDS))
        elif what == "move":
            table.move_cursor(row=self.random.randrange(table.row_count))
        else:
            table.scroll_to(y=self.random.randrange(table.row_count), animate=False)

    def step_text(self) -> None:
        some = self.random.choice
        if some((True, False)):
            self.log_pane.write_line(" ".join(some(WORDS) for _ in range(4)))
        else:
            self.said.update(some(WORDS) * 3)

    def step_screen(self) -> None:
        what = self.random.randrange(8)
        if what == 0:
            self.theme = self.random.choice(THEMES)
        elif what < 3 and isinstance(self.screen, Ask):
            self.pop_screen()
        elif what == 3 and len(self.screen_stack) == 1:
            self.push_screen(Ask())


if __name__ == "__main__":
    Busy(int(sys.argv[1])).run(mouse=False)
