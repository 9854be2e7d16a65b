"""Rows as a table is given them: finished words with the role of their colour, and columns."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal, TypeAlias

import msgspec
from rich.cells import cell_len

from risktui.console.widgets.breaking import fitting

Align: TypeAlias = Literal["left", "right"]

GAP = 1  # blank cells between two columns
SMALLEST = 4  # cells of a flexible column that has given way
CONTROLS = dict.fromkeys([*range(32), *range(127, 160)], " ")


class Cell(msgspec.Struct, frozen=True, gc=False):
    """One finished text; never markup."""

    text: str
    style: str = ""
    """A role of `risktui.console.theme.ROLES`: `risk-high`, `muted`; "" is plain text."""
    short: str = ""
    """What is written where `text` does not fit; "" cuts `text`."""
    middle: bool = False
    """Whether a cut takes the middle out: of paths the beginning and the end say which it is."""


class Row(msgspec.Struct, frozen=True):
    """One line of a table."""

    key: str
    """What the cursor and the marks hold on to: the id of a user or a detection."""
    cells: tuple[Cell, ...]
    """In the order of the columns; missing ones are blank."""
    notable: bool = False
    """A row that people look for: the table can jump from one to the next."""
    match: bool = False
    """A row that somebody has searched for: the same, with other keys."""


class Column(msgspec.Struct, frozen=True):
    """How wide a column is, and when it is left out."""

    title: str
    width: int = 0
    """In cells; 0: flexible, it takes what the others leave."""
    minimum: int = 6
    """In cells, of a flexible column."""
    maximum: int = 0
    """In cells, of a flexible column; it takes this much before others share. 0: no end."""
    share: int = 1
    """Of what is left, among the flexible columns."""
    sign: str = ""
    """What stands behind the title: which way the list is sorted by it."""
    drop: int = 0
    """0: never; where there is not enough room, the highest is left out first."""
    align: Align = "left"

    @property
    def least(self) -> int:
        """The fewest cells it makes sense with."""
        return self.width or self.minimum


def plan(columns: Sequence[Column], width: int) -> list[int]:
    """How many of `width` cells each column gets; 0 where it is left out."""
    kept = list(range(len(columns)))
    while _needed(columns, kept) > width:
        droppable = [index for index in kept if columns[index].drop]
        if not droppable:
            break
        kept.remove(max(droppable, key=lambda index: (columns[index].drop, index)))
    widths = [columns[index].least if index in kept else 0 for index in range(len(columns))]
    left = width - _needed(columns, kept)
    while left < 0:  # nothing can be left out any more: the widest of the flexible ones give way
        most = max((i for i in kept if not columns[i].width), key=lambda i: widths[i], default=None)
        if most is None or widths[most] <= SMALLEST:
            break
        widths[most], left = widths[most] - 1, left + 1
    for index in kept:  # first come those that know how much they need, in their order
        if left > 0 and columns[index].maximum:
            part = max(0, min(left, columns[index].maximum - widths[index]))
            widths[index] += part
            left -= part
    flexible = [i for i in kept if not (columns[i].width or columns[i].maximum)]
    shares = sum(columns[index].share for index in flexible)
    for index in flexible if left > 0 else []:
        part = left * columns[index].share // shares
        widths[index] += part
        left, shares = left - part, shares - columns[index].share
    return widths


def fit(text: str, width: int, align: Align = "left", ellipsis: str = "…") -> str:
    """`text` in exactly `width` cells, wide characters counted as two; cut texts say so."""
    text = text.translate(CONTROLS)
    length = _cells(text)
    if length > width:
        if width < 2:
            return ellipsis[:width]
        text = text[: fitting(text, width - 1)] + ellipsis
        length = cell_len(text)
    blank = " " * (width - length)
    return blank + text if align == "right" else text + blank


def written(cell: Cell, width: int, ellipsis: str = "…") -> str:
    """The text of `cell` that is shown in `width` cells: the short one where the other is cut."""
    if not cell.short and not cell.middle:
        return cell.text
    if _cells(cell.text) <= width:
        return cell.text
    short = cell.short or cell.text
    return without_middle(short, width, ellipsis) if cell.middle else short


def without_middle(text: str, width: int, ellipsis: str = "…") -> str:
    """`text` in at most `width` cells: a third of what there is room for from its beginning."""
    if _cells(text) <= width:
        return text
    front = fitting(text, max(0, width - 1) // 3)
    rest = width - 1 - _cells(text[:front])
    start = front
    while start < len(text) and _cells(text[start:]) > rest:
        start += max(1, (_cells(text[start:]) - rest) // 2)
    return text[:front] + ellipsis + text[start:]


def _cells(text: str) -> int:
    return len(text) if text.isascii() else cell_len(text)


def _needed(columns: Sequence[Column], kept: Sequence[int]) -> int:
    return sum(columns[index].least for index in kept) + GAP * max(0, len(kept) - 1)
