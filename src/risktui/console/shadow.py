"""A memory of what the terminal shows, and the shortest way from there to the next frame."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from functools import lru_cache
from typing import TypeAlias

from rich.cells import cell_len
from rich.color import ColorSystem
from rich.segment import Segment
from rich.style import Style

Cell: TypeAlias = tuple[str, Style]
"""What one column shows; the second column of a wide character has the text ""."""
Line: TypeAlias = list[Cell | None]
"""One cell per column; None where nobody knows what the terminal shows."""
Parts: TypeAlias = list[tuple[int, list[Cell]]]
"""Pieces of a line with the column they start in."""

GAP = 6  # writing this many unchanged cells again is cheaper than moving the cursor
SCROLL_FROM = 6  # fewer changed lines are not worth looking for a block that moved
SCROLL_LINES = 3  # and a block is worth moving from this many lines on

NULL = Style()
BIDI = frozenset("\u061c\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")
EMOJI = 0x1F000  # from here on, and in clusters, terminals disagree about widths


def cells_of(strip: Iterable[Segment]) -> list[Cell]:
    """The columns of `strip`; control characters and bidi overrides never get this far."""
    cells: list[Cell] = []
    for text, style, control in strip:
        if control:
            continue
        look = visible(style)
        if text.isascii() and text.isprintable():
            cells.extend([(character, look) for character in text])
        else:
            cells.extend([(cluster, look) for cluster in clusters(text)])
    return cells


@lru_cache(4096)
def clusters(text: str) -> tuple[str, ...]:
    """`text` by column, with "" after a wide character; agrees with `rich.cells.cell_len`."""
    columns: list[str] = []
    lead = -1
    for index, character in enumerate(text):
        if _never_drawn(character):
            continue
        width = cell_len(text[: index + 1]) - cell_len(text[:index]) if index else cell_len(text[0])
        if lead >= 0 and (width <= 0 or character == "\ufe0f"):
            columns[lead] += character
            columns.extend([""] * max(0, width))
        elif width > 0:
            lead = len(columns)
            columns.append(character)
            columns.extend([""] * (width - 1))
    return tuple(columns)


@lru_cache(8192)
def visible(style: Style | None) -> Style:
    """`style` without what cannot be seen: links and Textual's own notes."""
    return NULL if style is None else style.clear_meta_and_links()


@lru_cache(8192)
def sgr(style: Style, system: ColorSystem) -> str:
    """The escape sequence that switches from any style to `style`."""
    start = style.render("\0", color_system=system).partition("\0")[0]
    codes = [code for code in start[2:-1].split(";") if code not in {"", "39", "49"}]
    return "\x1b[0m" if not codes else f"\x1b[0;{';'.join(codes)}m"


class Shadow:
    """What the terminal shows, by line; told of a frame, it says what must be written."""

    def __init__(self, width: int, height: int) -> None:
        self.width, self.height = width, height
        self.lines: list[Line] = [[None] * width for _ in range(height)]

    def frame(self, updates: Mapping[int, Parts], system: ColorSystem) -> str:
        """What turns the terminal's picture into the one with `updates`; "" if it is the same."""
        changed = self._changed(updates)
        if not changed:
            return ""
        out: list[str] = []
        if len(changed) >= SCROLL_FROM:
            self._move_block(changed, out)
        pen = _Pen(system)
        for y in sorted(changed):
            for start, end in _runs(self.lines[y], changed[y]):
                pen.write(y, start, changed[y][start:end])
            self.lines[y] = changed[y]
        out.append(pen.finish())
        return "".join(out)

    def _changed(self, updates: Mapping[int, Parts]) -> dict[int, Line]:
        changed: dict[int, Line] = {}
        for y, parts in updates.items():
            if not 0 <= y < self.height:
                continue
            line = list(self.lines[y])
            for x, cells in parts:
                line[x : x + len(cells)] = cells
            del line[self.width :]
            if line != self.lines[y]:
                changed[y] = line
        return changed

    def _move_block(self, changed: dict[int, Line], out: list[str]) -> None:
        """If most changed lines are old lines further up or down, let the terminal move them."""
        shift = self._shift(changed)
        lines = self.lines
        within = range(self.height)
        targets = [y for y in changed if y - shift in within and changed[y] == lines[y - shift]]
        if not shift or not targets:
            return
        top = min(targets) - max(0, shift)
        bottom = max(targets) - min(0, shift)
        block = range(top, bottom + 1)
        wanted = {y: changed.get(y, lines[y]) for y in block}
        unknown: Line = [None] * self.width
        moved = {y: lines[y - shift] if y - shift in block else unknown for y in block}
        before = sum(y in changed for y in block)
        after = sum(wanted[y] != moved[y] for y in block)
        if after >= before or any(None in line for line in wanted.values()):
            return  # the move would spoil more than it saves, or what we could not mend
        # Colours off first: what is scrolled in takes the colour that is set.
        order = f"{shift}L" if shift > 0 else f"{-shift}M"
        out.append(f"\x1b[0m\x1b[{top + 1};{bottom + 1}r\x1b[{top + 1};1H\x1b[{order}\x1b[r")
        for y in block:
            lines[y] = list(moved[y])
            changed.pop(y, None)
            if wanted[y] != lines[y]:
                changed[y] = wanted[y]

    def _shift(self, changed: dict[int, Line]) -> int:
        """By how many lines most of the changed lines have moved down (negative: up), or 0."""
        top, bottom = min(changed), max(changed)
        where: dict[tuple[Cell | None, ...], list[int]] = {}
        for y in range(top, bottom + 1):
            if None not in self.lines[y]:
                where.setdefault(tuple(self.lines[y]), []).append(y)
        votes: dict[int, int] = {}
        for y, line in changed.items():
            for before in where.get(tuple(line), ()):
                votes[y - before] = votes.get(y - before, 0) + 1
        if not votes:
            return 0
        shift, count = max(votes.items(), key=lambda vote: (vote[1], -abs(vote[0])))
        return shift if count >= max(SCROLL_LINES, len(changed) // 2) else 0


class _Pen:
    """Writes cells, and remembers the style it left the terminal in."""

    def __init__(self, system: ColorSystem) -> None:
        self.system = system
        self.style: Style | None = None
        self.out: list[str] = []

    def write(self, y: int, x: int, cells: Iterable[Cell | None]) -> None:
        out = self.out
        astray = True
        for column, cell in enumerate(cells, x):
            if cell is None:
                continue
            text, style = cell
            if not text:
                continue
            if astray:
                out.append(f"\x1b[{y + 1};{column + 1}H")
            if style is not self.style and style != self.style:
                out.append(sgr(style, self.system))
                self.style = style
            out.append(text)
            # The terminal may think this one wider or narrower than we do: say where the next is.
            astray = len(text) > 1 or ord(text) >= EMOJI

    def finish(self) -> str:
        if self.style is not None and self.style != NULL:
            self.out.append("\x1b[0m")
        return "".join(self.out)


def _runs(old: Line, new: Line) -> Iterable[tuple[int, int]]:
    """Where `new` must be written over `old`: (first, one behind the last), no half characters."""
    width = len(new)
    x = 0
    while x < width:
        if new[x] is None or old[x] == new[x]:
            x += 1
            continue
        start = last = x
        while x < width and x - last <= GAP and new[x] is not None:
            if old[x] != new[x]:
                last = x
            x += 1
        while start > 0 and _is_second_half(new[start]):
            start -= 1
        while last + 1 < width and _is_second_half(new[last + 1]):
            last += 1
        x = last + 1
        yield start, x


def _is_second_half(cell: Cell | None) -> bool:
    return cell is not None and cell[0] == ""


def _never_drawn(character: str) -> bool:
    return character < " " or "\x7f" <= character < "\xa0" or character in BIDI
