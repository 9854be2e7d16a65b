"""Tables about the machinery itself: logs, detectors, policies, who did what."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import msgspec
from textual.content import Content

from risktui.console.asking import Asked, Facts
from risktui.console.widgets.breaking import fitting
from risktui.console.widgets.ink import Part, Veil, ink, line, padded, wrapped
from risktui.console.widgets.rows import Cell, Column, Row
from risktui.language.choice import tr
from risktui.logs.clean import clean

LABEL = 14
"""Cells for the name of a fact."""

Lines = Callable[[int], list[Content]]
"""Details for a width."""


class Board(msgspec.Struct, frozen=True):
    """A table, and what is behind each of its rows."""

    columns: tuple[Column, ...]
    title: str
    rows: tuple[Row, ...] = ()
    details: Mapping[str, Lines] = {}
    links: dict[str, tuple[str, str]] = {}
    """Where enter leads from a row: (place, key)."""
    facts: Mapping[str, tuple[Facts, ...]] = {}
    """What fields can be asked of, by row: of itself, or of each thing behind it."""
    all_rows: int = 0
    """How many there are where only the latest are listed."""
    warns: bool = False
    """Whether the title says that something is wrong."""
    brief: str = ""
    """The title where there is no room for the whole one."""


DEEP = 1_000
"""Rows up to which it is also looked at what is behind them."""
WIDE = 400
"""Cells for which that is drawn: no word is broken."""


def found_rows(board: Board, asked: Asked, now: int) -> list[Row]:
    """The rows that meet the fields, and have the words, in themselves or in what is behind."""
    deep = len(board.rows) <= DEEP

    def meets(row: Row) -> bool:
        facts = board.facts.get(row.key, ())
        if not asked.any_of(facts, now):
            return False
        if not asked.words:
            return True
        texts = [row.key, *(cell.text for cell in row.cells), *(each.text for each in facts)]
        draw = board.details.get(row.key) if deep else None
        if draw is not None:
            texts += (shown.plain for shown in draw(WIDE))
        return asked.has_words(" ".join(texts))

    return [row for row in board.rows if meets(row)] if asked else list(board.rows)


def facts(names: Mapping[str, str], values: Mapping[str, str], width: int) -> list[Content]:
    """Named values, one below the other, without those that say nothing."""
    rows: list[Content] = []
    for key, name in names.items():
        if value := values.get(key, ""):
            label = padded(ink(tr(name), "muted"), LABEL)
            said = ink(value)
            if " " in said.plain:
                rows += wrapped(line(label, said), width, indent=" " * LABEL)
            else:  # a path or a hash begins beside its name, wherever it has to be broken
                first, *more = _pieces(said, max(8, width - LABEL))
                rows += [line(label, first), *(line(" " * LABEL, piece) for piece in more)]
    return rows


def _pieces(word: Content, width: int) -> list[Content]:
    """A word without blanks, broken where the line ends."""
    pieces = []
    while word.cell_length > width:
        end = fitting(word.plain, width)
        pieces.append(word[:end])
        word = word[end:]
    return [*pieces, word]


def heading(text: str, note: str = "") -> list[Content]:
    """A blank line and the title of a section."""
    parts: list[Part] = [ink(text, "primary")]
    if note:
        parts += ["  ", ink(note, "muted")]
    return [Content(""), line(*parts)]


def cells(*parts: tuple[str, str]) -> tuple[Cell, ...]:
    """Cells of (text, role)."""
    return tuple(Cell(Veil.hide(clean(text)), role) for text, role in parts)
