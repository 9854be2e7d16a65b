"""Makes a table as narrow as the terminal it is read on; what goes into a pipe stays whole."""

from __future__ import annotations

import os
import re
import sys
from collections.abc import Mapping, Sequence
from contextlib import suppress
from functools import lru_cache
from types import MappingProxyType
from typing import TextIO

import msgspec
from rich.cells import cell_len

GAP = "  "
USUAL = 80
"""Cells of a terminal that does not say how wide it is."""
LEFT_OUT_FIRST = ("why", "", "detail", "note", "from", "open", "state")
"""Headings of columns that can be done without where there is no room, the least needed first.

The beginning of a sentence says less than a whole address; who, what, when and the id stay.
"""
LEFT_OUT_OF_STEPS = ("detail", "note", "type")
"""The same of a history: what became of whom, and who decided it, is what it is read for."""
COMFORTABLE = MappingProxyType({"why": 30, "type": 18, "user": 18, "state": 13})
"""Cells below which a column is only cut where nothing is left that could be left out."""
LEAST = 12
"""Cells that are left of a column in any case."""
WHOLE = frozenset({"level", "name", "id", "from", "riskLevel", "ipAddress"})
"""What would be of no use cut: it is read at a glance, or typed into the next command."""
TIMES = frozenset({"activity", "updated", "time", "last sent"})
"""Headings of columns with times, beside those that Graph calls `…DateTime`."""
TIME = 17
"""Cells of a time to the minute, which is how it is written where there is no room."""
_TIME = re.compile(r"(\d{4}-\d\d-\d\dT\d\d:\d\d):\d\d(?:\.\d+)?Z")
_NONE: Mapping[str, int] = MappingProxyType({})


def room(stream: TextIO | None = None) -> int | None:
    """Cells of a line on the terminal that reads `stream`, or stdout; None where none does."""
    stream = sys.stdout if stream is None else stream
    if not stream.isatty():
        return None
    told = os.environ.get("COLUMNS", "")
    if told.isdecimal() and int(told):
        return int(told)
    with suppress(OSError, ValueError):
        # `shutil` asks stdout alone, which may be a file while stderr is a narrow terminal.
        return os.get_terminal_size(stream.fileno()).columns or USUAL
    return USUAL


class Layout(msgspec.Struct, frozen=True):
    """Which columns of a table are shown, and in how many cells."""

    kept: tuple[int, ...]
    widths: tuple[int, ...]
    cells: int | None = None
    """Of a line; None where there are as many as it takes."""
    whole: frozenset[int] = frozenset()
    """Columns that push the rest where they are too long, and are not cut."""
    left_out: tuple[str, ...] = ()
    """Headings of the columns there is no room for."""

    def line(self, row: Sequence[str]) -> str:
        """One line of the table."""
        parts = []
        for number, width in zip(self.kept, self.widths, strict=True):
            cell = row[number]
            if self.cells is not None and number not in self.whole:
                cell = cut(cell, width)
            parts.append(cell + " " * (width - cell_len(cell)))
        line = GAP.join(parts).rstrip()
        return line if self.cells is None else cut(line, self.cells)


@lru_cache(8)
def laid_out(
    headings: tuple[str, ...],
    widths: tuple[int, ...],
    cells: int | None,
    known: tuple[str, ...] = (),
) -> Layout:
    """The columns with these headings and usual widths, in a line of so many cells.

    Where there is no room those go first whose heading is `known`: what the reader has asked for.
    """
    every = tuple(range(len(widths)))
    whole = frozenset(number for number in every if headings[number] in WHOLE)
    if cells is None or _length(widths) <= cells:
        return Layout(every, widths, cells, whole)
    least_needed = LEFT_OUT_OF_STEPS if "by" in headings else LEFT_OUT_FIRST
    there = [heading for heading in (*known, *least_needed) if heading in headings]
    gone: list[str] = []
    while True:
        kept = tuple(number for number in every if headings[number] not in gone)
        wanted = {number: widths[number] for number in kept}
        least = COMFORTABLE if len(gone) < len(there) else _NONE
        found = _squeezed(headings, wanted, cells, least)
        if _length(found) <= cells or len(gone) == len(there):
            left_out = tuple(heading for heading in headings if heading and heading in gone)
            return Layout(kept, found, cells, whole, left_out)
        gone.append(there[len(gone)])


def cut(text: str, width: int) -> str:
    """`text` in at most `width` cells: a time without its seconds, else with an ellipsis."""
    if cell_len(text) <= width:
        return text
    if width >= TIME and (time := _TIME.fullmatch(text)):
        return f"{time[1]}Z"
    more = ellipsis()
    while text and cell_len(text) + len(more) > width:
        text = text[:-1]
    return text + more


def end_of(path: str, width: int) -> str:
    """The end of a path in at most `width` cells: as many folders before the name as fit."""
    if cell_len(path) <= width:
        return path
    more, parts = ellipsis(), path.split("/")
    for number in range(1, len(parts)):
        shown = "/".join((more, *parts[number:]))
        if cell_len(shown) <= width:
            return shown
    name = parts[-1]
    while name and cell_len(name) + len(more) > width:
        name = name[1:]
    return more + name if name else ""


def ellipsis() -> str:
    """What stands for what was cut, in letters that the terminal has."""
    try:
        "…".encode(sys.stdout.encoding or "ascii")
    except (UnicodeEncodeError, LookupError):
        return "..."
    return "…"


def _length(widths: Sequence[int]) -> int:
    return sum(widths) + len(GAP) * (len(widths) - 1)


def _squeezed(
    headings: Sequence[str], widths: Mapping[int, int], cells: int, least: Mapping[str, int]
) -> tuple[int, ...]:
    """Widths that fit into `cells` together, as far as none becomes smaller than its `least`."""
    found = dict(widths)
    smallest = {number: _smallest(headings[number], widths[number], least) for number in widths}
    while _length(tuple(found.values())) > cells:
        wide = [number for number, width in found.items() if width > smallest[number]]
        if not wide:
            break
        # Seconds give way first, then sentences, then whatever is widest.
        found[max(wide, key=lambda n: (_first(headings[n]), found[n], -n))] -= 1
    return tuple(found.values())


def _smallest(heading: str, width: int, least: Mapping[str, int]) -> int:
    if heading in WHOLE:
        return width
    if _is_time(heading):
        return min(width, TIME)
    return min(width, least.get(heading, LEAST))


def _first(heading: str) -> int:
    return 2 if _is_time(heading) else int(heading == "why")


def _is_time(heading: str) -> bool:
    return heading in TIMES or heading.endswith("DateTime")
