"""A table for rows that keep coming: it draws lines, not widgets, and only those that changed."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import ClassVar, TypeAlias

from rich.segment import Segment
from rich.style import Style
from textual.binding import BindingType
from textual.geometry import Region, Size
from textual.strip import Strip

from risktui.console.theme import ROLES
from risktui.console.widgets import feed_messages as said
from risktui.console.widgets.feed_keys import KEYS
from risktui.console.widgets.feed_look import COMPONENTS, CSS
from risktui.console.widgets.feed_moves import FeedMoves
from risktui.console.widgets.ink import STYLES
from risktui.console.widgets.lines import GUTTER, Setter
from risktui.console.widgets.rows import Cell, Column, Row
from risktui.console.widgets.window import Follow, Window, find
from risktui.language.choice import tr

__all__ = ["Cell", "Column", "FeedTable", "Follow", "Row"]

SIGNED = 5_000  # more rows than these are not searched for signs at every tick

_BLANK = Segment(" ")

Painted: TypeAlias = tuple[Row | None, str, bool, bool, bool]
"""What a line shows: its row, its cursor's look or "", its mark, the bar's thumb and sign."""


class FeedTable(FeedMoves):
    """Keyed rows with a cursor, marks, and a view that follows new rows or holds still.

    Rows are finished words with the roles of their colours; the table knows nothing of risks. It
    must live in an app that gives `theme.VARIABLES` as its theme variables' defaults.
    """

    DEFAULT_CSS = CSS
    COMPONENT_CLASSES: ClassVar[set[str]] = COMPONENTS
    BINDINGS: ClassVar[list[BindingType]] = KEYS

    RowHighlighted: TypeAlias = said.RowHighlighted
    RowSelected: TypeAlias = said.RowSelected
    MarksChanged: TypeAlias = said.MarksChanged
    FollowChanged: TypeAlias = said.FollowChanged

    def __init__(
        self,
        columns: Sequence[Column],
        *,
        follow: Follow = "no",
        header: bool = True,
        empty: str = "",
        capacity: int = 100_000,
        ascii_only: bool = False,
        name: str | None = None,
        id: str | None = None,
        classes: str | None = None,
        disabled: bool = False,
    ) -> None:
        super().__init__(name=name, id=id, classes=classes, disabled=disabled)
        self._ascii_only = ascii_only
        self._setter = Setter(columns, ascii_only=ascii_only)
        self._window = Window(follow, capacity)
        self._header_lines = 1 if header else 0
        self._empty = empty
        self._marked: set[str] = set()
        self._painted: list[Painted] = []
        self._fitted: Size | None = None
        self._signs: frozenset[int] = frozenset()
        self._told: tuple[str | None, bool, int] = (None, self.following, 0)
        self._looks: dict[str, Style] = {}

    # What is shown

    def show(self, rows: Sequence[Row]) -> None:
        """These are the rows now, first on top. They are kept, not copied: do not change them."""
        self._window.show(rows)
        self._update()

    def append(self, rows: Iterable[Row]) -> None:
        """Adds newer rows, oldest first, at the edge that is followed (else at the bottom)."""
        self._window.append(rows)
        self._update()

    def clear(self) -> None:
        """Takes all rows and marks away."""
        self._marked.clear()
        self._window.following = self._window.follow != "no"
        self._window.new_count = 0
        self.show(())

    def set_columns(self, columns: Sequence[Column]) -> None:
        """Draws the cells of every row in other columns; nothing to do where they are the same."""
        if self._setter.columns == tuple(columns):
            return
        self._setter = Setter(columns, ascii_only=self._ascii_only)
        self._setter.resize(self.size.width)
        self._painted = []
        self._update()

    @property
    def header(self) -> bool:
        """Whether the columns' titles are shown; can be switched."""
        return bool(self._header_lines)

    @header.setter
    def header(self, on: bool) -> None:
        if on == self.header:
            return
        self._header_lines = int(on)
        self._window.resize(self.size.height - self._header_lines)
        self._painted = []
        self._update()

    @property
    def empty(self) -> str:
        """What stands there where there are no rows; other words are there with the next `show`."""
        return self._empty

    @empty.setter
    def empty(self, words: str) -> None:
        if words != self._empty:
            self._empty, self._painted = words, []

    # Where the cursor is

    @property
    def cursor_row(self) -> Row | None:
        """The row with the cursor; None in an empty table."""
        return self._window.cursor_row

    @property
    def cursor_key(self) -> str | None:
        """The key of the row with the cursor; setting a key that is not there does nothing."""
        row = self._window.cursor_row
        return None if row is None else row.key

    @cursor_key.setter
    def cursor_key(self, key: str) -> None:
        self.select(key)

    @property
    def on_first(self) -> bool:
        """Whether the cursor is on the first row, or there is none."""
        return self._window.cursor == 0

    def select(self, key: str) -> bool:
        """Puts the cursor on the row with `key`; whether there is one."""
        index = find(self.rows, key, self._window.cursor)
        if index is None:
            return False
        self._window.move_to(index)
        self._update()
        return True

    @property
    def following(self) -> bool:
        """Whether it stays with the newest row."""
        return self._window.following

    @property
    def new_count(self) -> int:
        """Rows that came while it held."""
        return self._window.new_count

    def follow_again(self) -> None:
        """Goes to the newest row and stays with it."""
        self._window.follow_again()
        self._update()

    def hold(self) -> None:
        """Stops following: what is on screen stays where it is."""
        self._window.hold()
        self._update()

    # Which rows are marked

    @property
    def marked(self) -> frozenset[str]:
        """The keys that are marked and still have a row."""
        if not self._marked:
            return frozenset()
        return frozenset(row.key for row in self.rows if row.key in self._marked)

    def mark(self, key: str, *, on: bool = True) -> None:
        """Marks the row with `key`, or takes its mark away."""
        (self._marked.add if on else self._marked.discard)(key)
        self.post_message(self.MarksChanged(self, self.marked))
        self._update()

    def mark_all(self, keys: Iterable[str], *, on: bool = True) -> None:
        """Marks the rows with `keys`, or takes their marks away; told once."""
        (self._marked.update if on else self._marked.difference_update)(keys)
        self.post_message(self.MarksChanged(self, self.marked))
        self._update()

    def clear_marks(self) -> None:
        """Takes all marks away."""
        self._marked.clear()
        self.post_message(self.MarksChanged(self, frozenset()))
        self._update()

    # Painting

    def on_resize(self) -> None:
        """Plans the columns for the new width."""
        self._fit()
        self._update()

    def render_lines(self, crop: Region) -> list[Strip]:
        """The strips within `crop`; the first frame is painted before it is told of its size."""
        self._fit()
        return super().render_lines(crop)

    def _fit(self) -> None:
        """Plans columns and lines for the size there is, unless that is done."""
        if self._fitted == self.size:
            return
        self._fitted = self.size
        self._setter.resize(self.size.width)
        self._window.resize(self.size.height - self._header_lines)
        self._signs = self._notable_lines()
        self._painted = [self._line(y) for y in range(self._window.height)]

    def on_focus(self) -> None:
        """The cursor looks different where keys go."""
        self._update()

    def on_blur(self) -> None:
        """The cursor looks different where keys do not go."""
        self._update()

    def notify_style_update(self) -> None:
        """The theme or the style sheet has changed."""
        super().notify_style_update()
        self._looks.clear()

    def _update(self) -> None:
        """Asks for the lines that changed to be painted, and tells who listens what changed."""
        if self.is_mounted:
            self._refresh_changed()
        told = (self.cursor_key, self.following, self.new_count)
        before, self._told = self._told, told
        if told[0] != before[0]:
            self.post_message(self.RowHighlighted(self, told[0]))
        if told[1:] != before[1:]:
            self.post_message(
                self.FollowChanged(self, following=self.following, new_count=self.new_count)
            )

    def _refresh_changed(self) -> None:
        self._signs = self._notable_lines()
        now = [self._line(y) for y in range(self._window.height)]
        before, self._painted = self._painted, now
        if len(before) != len(now):
            self.refresh()
            return
        width, header = self.size.width, self._header_lines
        changed = [y for y, (old, new) in enumerate(zip(before, now, strict=True)) if old != new]
        if changed:
            self.refresh(*(Region(0, y + header, width, 1) for y in changed))

    def _line(self, y: int) -> Painted:
        """What line `y` below the header shows."""
        window = self._window
        index = window.top + y
        row = window.rows[index] if index < len(window.rows) else None
        cursor = ""
        if row is not None and index == window.cursor:
            cursor = "feed--cursor" if self.has_focus else "feed--cursor-blurred"
        marked = row is not None and row.key in self._marked
        return row, cursor, marked, self._on_thumb(y), y in self._signs

    def _on_thumb(self, y: int) -> bool:
        """Whether the scroll bar's thumb is on line `y`; there is none where all rows are seen."""
        window = self._window
        count, height = len(window.rows), window.height
        if count <= height:
            return False
        size = max(1, height * height // count)
        start = (height - size) * window.top // (count - height)
        return start <= y < start + size

    def _notable_lines(self) -> frozenset[int]:
        """The lines of the scroll bar where there is a notable row; none if that takes too long."""
        rows, height = self.rows, self._window.height
        if not height < len(rows) <= SIGNED:
            return frozenset()
        return frozenset(y * height // len(rows) for y, row in enumerate(rows) if row.notable)

    def render_line(self, y: int) -> Strip:
        """The strip of screen line `y`."""
        y -= self._header_lines
        if y < 0:
            style = self._look("feed--header")
            return self._with_bar(self._setter.line(self._setter.titles(), _BLANK, style, None))
        row, cursor, marked, thumb, sign = self._line(y)
        if row is None:
            text = f" {tr(self.empty)}" if y == 0 and not self.rows else ""
            style = self._look("feed--muted")
            line = Strip([Segment(text, style)]).adjust_cell_length(
                self._setter.room + GUTTER, style
            )
            return self._with_bar(line)
        style = self._look(cursor) if cursor else self.rich_style
        # Reversed, every colour of a text would become a patch of that colour.
        over = None if style.reverse else self._over
        mark = "+" if marked else self._setter.cursor if cursor else " "
        gutter = Segment(mark, over(style, "mark") if over and mark != " " else style)
        line = self._setter.line(row.cells, gutter, style, over)
        return self._with_bar(line, thumb=thumb, sign=sign)

    def _with_bar(self, line: Strip, *, thumb: bool = False, sign: bool = False) -> Strip:
        setter = self._setter
        shape = setter.thumb if thumb else setter.sign if sign else " "
        bar = Segment(shape, self._look("feed--sign" if sign else "feed--thumb"))
        return Strip([*line, bar]).simplify()

    def _look(self, component: str) -> Style:
        """The style of one of our component classes."""
        look = self.get_component_rich_style(component)
        if self.app.no_color and component == "feed--cursor":
            look += Style(reverse=True)
        return look

    def _over(self, base: Style, role: str) -> Style:
        """`base` in the foreground and emphasis of `role`; raises ValueError for an unknown one."""
        if not role:
            return base
        if role not in self._looks:
            if role != "mark" and role not in ROLES:
                raise ValueError(f"no style {role!r}; there are {', '.join(ROLES[1:])}")
            # No component classes: a table styles all of those again whenever anything changes.
            text = STYLES["new" if role == "mark" else role]
            look = self.app.stylesheet.parse_style(text).rich_style
            self._looks[role] = Style(
                color=look.color,
                bold=look.bold or None,
                italic=look.italic or None,
                underline=look.underline or None,
            )
        return base + self._looks[role]
