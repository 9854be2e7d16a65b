"""A feed in a console: `a` adds a row, `k…` as in any table, beats go to a file if one is named.

usage: feed.py [FOLLOW [BEATS]]
"""

from __future__ import annotations

import sys
from pathlib import Path
from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.widgets import Static

from risktui.console import theme
from risktui.console.display import DifferentialDisplay
from risktui.console.driver import console_driver
from risktui.console.widgets.feed_table import Cell, Column, FeedTable, Follow, Row

LEVELS = (("▲ HIGH", "risk-high"), ("■ MEDIUM", "risk-medium"), ("● LOW", "risk-low"))
USERS = ("alice", "日本太郎", "bob", "zoë")
COLUMNS = (
    Column("when", 5),
    Column("level", 8),
    Column("who", share=2),
    Column("what", share=3),
    Column("from", 2, drop=1),
)


def row(number: int) -> Row:
    """The row with this number, always the same."""
    word, style = LEVELS[number % 3]
    cells = (
        Cell(f"{number // 60 % 24:02d}:{number % 60:02d}", "muted"),
        Cell(word, style),
        Cell(USERS[number % 4]),
        Cell(f"passwordSpray {number}"),
        Cell("NG"),
    )
    return Row(str(number), cells, notable=number % 3 == 0)


class Feed(DifferentialDisplay[None]):
    """A feed and a line that says what happened."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("a", "add", priority=True),
        Binding("t", "next_theme"),
        *(Binding(key, f"note('{key}')", priority=True) for key in "dqyz"),
        Binding("ctrl+l", "repaint"),
        Binding("ctrl+z", "suspend_process"),
        Binding("ctrl+q", "quit"),
    ]

    def __init__(self, follow: Follow, beats: Path | None) -> None:
        super().__init__(driver_class=console_driver(), ansi_color=theme.ansi_colour())
        self.table = FeedTable(COLUMNS, follow=follow)
        self.said = Static("added 0", markup=False)
        self.count = 100
        self.beats = beats
        self.keys = ""
        self.problems = theme.install(self)

    def get_theme_variable_defaults(self) -> dict[str, str]:
        return theme.VARIABLES

    def compose(self) -> ComposeResult:
        yield self.said
        yield self.table

    def on_mount(self) -> None:
        self.table.append(row(number) for number in range(self.count))
        self.table.focus()
        if self.beats:
            self.set_interval(0.02, self.beat)

    def beat(self) -> None:
        """Says that the loop is alive, and gives the terminal a whole screen to read."""
        assert self.beats
        with self.beats.open("a") as file:
            file.write(".")
        self.action_add()
        self.repaint()

    def action_note(self, key: str) -> None:
        self.keys += key

    def action_add(self) -> None:
        self.table.append([row(self.count)])
        self.count += 1
        self.said.update(f"added {self.count - 100} keys {self.keys}")

    def action_next_theme(self) -> None:
        names = sorted(self.available_themes)
        self.theme = names[(names.index(self.theme) + 1) % len(names)]
        self.said.update(f"theme {self.theme}")


if __name__ == "__main__":
    follow: Follow = "bottom" if "bottom" in sys.argv[1:2] else "top"
    app = Feed(follow, Path(sys.argv[2]) if len(sys.argv) > 2 else None)
    app.run(mouse=False)
    sys.exit(app.return_code)
