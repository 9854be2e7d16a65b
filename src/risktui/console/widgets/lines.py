"""Sets cells in columns, and makes one line of the terminal of them."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import TypeAlias

from rich.cells import cell_len
from rich.segment import Segment
from rich.style import Style
from textual.strip import Strip

from risktui.console.widgets.rows import GAP, Cell, Column, fit, plan, written
from risktui.language.choice import tr

NARROW = 2  # cells of a column from which it has a title
GUTTER = 1  # the column of the cursor's bar and of the marks
BAR = 1  # the column of the scroll bar

Over: TypeAlias = Callable[[Style, str], Style]
"""A style in the colour and emphasis of a role."""


class Setter:
    """Columns at a width, and the characters that this terminal can draw."""

    def __init__(self, columns: Sequence[Column], *, ascii_only: bool = False) -> None:
        self.columns = tuple(columns)
        self.room = 0
        """Cells for the columns, without gutter and scroll bar."""
        self.widths: list[int] = []
        self.ellipsis, self.cursor, self.thumb, self.sign = "~>|-" if ascii_only else "…▌▐╴"

    def resize(self, width: int) -> None:
        """Plans the columns for a line of `width` cells."""
        self.room = max(0, width - GUTTER - BAR)
        self.widths = plan(self.columns, self.room)

    def titles(self) -> list[Cell]:
        """The cells of the header; of a column too narrow for its title, the sign at most."""
        return [
            Cell(_titled(column, width))
            for column, width in zip(self.columns, self.widths, strict=False)
        ]

    def line(self, cells: Iterable[Cell], sign: Segment, style: Style, over: Over | None) -> Strip:
        """`sign` in the gutter, then the cells in their columns; without `over`, in one colour."""
        segments = [sign]
        used = 0
        for cell, column, width in zip(cells, self.columns, self.widths, strict=False):
            if not width:
                continue
            text = fit(written(cell, width, self.ellipsis), width, column.align, self.ellipsis)
            if used:
                segments.append(Segment(" " * GAP, style))
                used += GAP
            segments.append(Segment(text, over(style, cell.style) if over else style))
            used += width
        return Strip(segments).adjust_cell_length(self.room + GUTTER, style)


def _titled(column: Column, width: int) -> str:
    title = tr(column.title) + column.sign
    return title if width >= min(NARROW, cell_len(title)) else column.sign
