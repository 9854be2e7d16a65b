"""A memory of what the terminal shows, and the shortest way from there to the next frame."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from functools import lru_cache
from typing import NamedTuple, TypeAlias
from unicodedata import east_asian_width

from rich.cells import cell_len
from rich.color import Color, ColorSystem
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
ON_SPACES = frozenset({"4", "7", "9", "21", "53"})  # attributes that a space shows too
BIDI = frozenset("\u061c\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")
EMOJI = 0x1F000  # from here on terminals disagree about widths
BOXES = frozenset(map(chr, range(0x2500, 0x25A0)))  # lines of frames: too many to be careful with


def cells_of(strip: Iterable[Segment]) -> list[Cell]:
    """The columns of `strip`; control characters and bidi overrides never get this far."""
    cells: list[Cell] = []
    for text, style, control in strip:
        if control:
            continue
        look, gap = visible(style), blank(style)
        columns = text if text.isascii() and text.isprintable() else clusters(text)
        cells.extend([(column, gap if column == " " else look) for column in columns])
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


@lru_cache(1024)
def disputed(cluster: str) -> bool:
    """Whether terminals disagree about the width of `cluster`: emoji, and ▲ or … in East Asia."""
    if len(cluster) > 1 or ord(cluster) >= EMOJI:
        return True
    return east_asian_width(cluster) == "A" and cluster not in BOXES


@lru_cache(8192)
def visible(style: Style | None) -> Style:
    """`style` without what cannot be seen: links and Textual's own notes."""
    return NULL if style is None else style.clear_meta_and_links()


@lru_cache(8192)
def blank(style: Style | None) -> Style:
    """What can be seen of `style` on a space: often its background alone."""
    look = visible(style)
    if any((look.reverse, look.underline, look.underline2, look.strike, look.overline)):
        return look
    return Style(bgcolor=look.bgcolor)


class Ink(NamedTuple):
    """A style as the numbers a terminal is told it by."""

    attributes: frozenset[str]
    foreground: str
    background: str

    def after(self, before: Ink | None) -> str:
        """The shortest sequence from `before` (None: unknown) to this."""
        if before is None or self == PLAIN:
            codes = ["0", *sorted(self.attributes), self.foreground, self.background]
        else:
            # What is off by the same number goes off together: bold and dim.
            off = {OFF[code] for code in before.attributes - self.attributes}
            again = {code for code in self.attributes if OFF[code] in off}
            codes = [*sorted(off), *sorted(self.attributes - before.attributes | again)]
            if self.foreground != before.foreground:
                codes.append(self.foreground or "39")
            if self.background != before.background:
                codes.append(self.background or "49")
        return f"\x1b[{';'.join(code for code in codes if code)}m"


OFF = {"1": "22", "2": "22", "3": "23", "4": "24", "5": "25", "6": "25", "7": "27", "8": "28"}
OFF |= {"9": "29", "21": "24", "51": "54", "52": "54", "53": "55"}
"""What turns each attribute off again, shorter than to begin anew with all colours."""
PLAIN = Ink(frozenset(), "", "")


@lru_cache(8192)
def ink(style: Style, system: ColorSystem) -> Ink:
    """`style` in the numbers of a terminal with the colours of `system`."""
    start = style.without_color.render("\0", color_system=system).partition("\0")[0]
    attributes = frozenset(code for code in start[2:-1].split(";") if code)
    return Ink(
        attributes,
        _numbers(style.color, system, foreground=True),
        _numbers(style.bgcolor, system, foreground=False),
    )


def _numbers(color: Color | None, system: ColorSystem, *, foreground: bool) -> str:
    if color is None or color.is_default:
        return ""
    return ";".join(color.downgrade(system).get_ansi_codes(foreground=foreground))


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
        runs = [
            (y, start, changed[y][start:end])
            for y in sorted(changed)
            for start, end in _runs(self.lines[y], changed[y])
        ]
        self.lines = [changed.get(y, line) for y, line in enumerate(self.lines)]
        pen = _Pen(system)
        # What has one colour together: to say a colour takes more than to go to another line.
        for y, start, cells in sorted(runs, key=lambda run: _colours(run[2])):
            pen.write(y, start, cells)
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
        self.ink: Ink | None = None
        self.line = -1
        self.out: list[str] = []

    def write(self, y: int, x: int, cells: Iterable[Cell | None]) -> None:
        astray = True
        for column, cell in enumerate(cells, x):
            if cell is None or not cell[0]:
                continue
            text, style = cell
            if astray:
                # Never wrapped: the terminal is still on the line that was written last.
                here = y == self.line
                self.out.append(f"\x1b[{column + 1}G" if here else f"\x1b[{y + 1};{column + 1}H")
                self.line = y
            self._take(ink(style, self.system), space=text == " ")
            self.out.append(text)
            # The terminal may think this one wider or narrower than we do: say where the next is.
            astray = text > "\u1fff" and disputed(text)

    def finish(self) -> str:
        if self.ink not in {None, PLAIN}:
            self.out.append("\x1b[0m")
        return "".join(self.out)

    def _take(self, wanted: Ink, *, space: bool) -> None:
        now = self.ink
        if now == wanted:
            return
        same = now is not None and not (now.attributes | wanted.attributes) & ON_SPACES
        if space and same and now and now.background == wanted.background:
            return  # the colour of a space cannot be seen
        self.out.append(wanted.after(now))
        self.ink = wanted


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


def _colours(cells: Iterable[Cell | None]) -> tuple[int, str]:
    """Sorts runs of one colour behind those of several, and by that colour."""
    styles = {cell[1] for cell in cells if cell is not None and cell[0]}
    if len(styles) != 1:
        return 0, ""
    return 1, str(styles.pop())


def _is_second_half(cell: Cell | None) -> bool:
    return cell is not None and cell[0] == ""


def _never_drawn(character: str) -> bool:
    return character < " " or "\x7f" <= character < "\xa0" or character in BIDI
