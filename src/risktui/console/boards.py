"""Tables about the machinery itself: logs, detectors, policies, who did what."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import msgspec
from textual.content import Content

from risktui.console.widgets.ink import Part, Veil, ink, line, padded, wrapped
from risktui.console.widgets.rows import Cell, Column, Row
from risktui.language.choice import tr

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
    warns: bool = False
    """Whether the title says that something is wrong."""


def facts(names: Mapping[str, str], values: Mapping[str, str], width: int) -> list[Content]:
    """Named values, one below the other, without those that say nothing."""
    rows: list[Content] = []
    for key, name in names.items():
        if value := values.get(key, ""):
            label = padded(ink(tr(name), "muted"), LABEL)
            rows += wrapped(line(label, ink(value)), width, indent=" " * LABEL)
    return rows


def heading(text: str, note: str = "") -> list[Content]:
    """A blank line and the title of a section."""
    parts: list[Part] = [ink(text, "primary")]
    if note:
        parts += ["  ", ink(note, "muted")]
    return [Content(""), line(*parts)]


def cells(*parts: tuple[str, str]) -> tuple[Cell, ...]:
    """Cells of (text, role)."""
    return tuple(Cell(Veil.hide(text), role) for text, role in parts)
