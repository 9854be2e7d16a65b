"""Where the keys and the mouse take the cursor of a feed table, and its marks."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence

from textual import events
from textual.scroll_view import ScrollView

from risktui.console.widgets import feed_messages as said
from risktui.console.widgets.rows import Row
from risktui.console.widgets.window import Window

WHEEL = 3  # rows per notch


class FeedMoves(ScrollView, can_focus=True):
    """The actions of `FeedTable`, apart from what it shows and how it paints it."""

    _window: Window
    _marked: set[str]
    _header_lines: int

    @property
    def rows(self) -> Sequence[Row]:
        """All rows."""
        return self._window.rows

    @property
    def row_count(self) -> int:
        """How many rows there are, seen or not."""
        return len(self._window.rows)

    @property
    def near(self) -> range:
        """Rows that are seen, and as many above and below."""
        top, height = self._window.top, self._window.height
        return range(max(0, top - height), top + 2 * height)

    @property
    def cursor_key(self) -> str | None:
        """The key of the row with the cursor; setting a key that is not there does nothing."""
        raise NotImplementedError

    def mark(self, key: str, *, on: bool = True) -> None:
        """Marks the row with `key`, or takes its mark away."""
        raise NotImplementedError

    def mark_all(self, keys: Iterable[str], *, on: bool = True) -> None:
        """Marks the rows with `keys`, or takes their marks away; told once."""
        raise NotImplementedError

    def follow_again(self) -> None:
        """Goes to the newest row and stays with it."""
        raise NotImplementedError

    def _update(self) -> None:
        raise NotImplementedError

    def _move(self, step: int, *, scroll: bool = False) -> None:
        self._window.move_by(step, scroll=scroll)
        self._update()

    def action_cursor_up(self) -> None:
        """One row up."""
        self._move(-1)

    def action_cursor_down(self) -> None:
        """One row down."""
        self._move(1)

    def action_page_up(self) -> None:
        """A page up, with one row of the page before."""
        self._move(1 - max(2, self._window.height), scroll=True)

    def action_page_down(self) -> None:
        """A page down, with one row of the page before."""
        self._move(max(2, self._window.height) - 1, scroll=True)

    def action_half_up(self) -> None:
        """Half a page up."""
        self._move(-max(1, self._window.height // 2), scroll=True)

    def action_half_down(self) -> None:
        """Half a page down."""
        self._move(max(1, self._window.height // 2), scroll=True)

    def action_first(self) -> None:
        """To the first row; where new rows come on top, it follows them again."""
        self._move(-self.row_count)

    def action_last(self) -> None:
        """To the last row; where new rows come at the bottom, it follows them again."""
        self._move(self.row_count)

    def action_select(self) -> None:
        """Asks for the row with the cursor to be opened."""
        if (key := self.cursor_key) is not None:
            self.post_message(said.RowSelected(self, key))  # type: ignore[arg-type]  # a FeedTable

    def action_mark(self) -> None:
        """Marks the row with the cursor or takes its mark away, and goes on to the next."""
        if (key := self.cursor_key) is not None:
            self.mark(key, on=key not in self._marked)
            self._move(1)

    def action_mark_range(self) -> None:
        """Marks every row from the last one that was marked to the one with the cursor."""
        here = self._window.cursor
        marked = [i for i, row in enumerate(self.rows) if row.key in self._marked]
        if not marked:
            self.action_mark()
            return
        start = min(marked, key=lambda index: abs(index - here))
        span = range(min(start, here), max(start, here) + 1)
        self.mark_all([self.rows[index].key for index in span])

    def action_follow(self) -> None:
        """Goes to the newest row and stays with it."""
        self.follow_again()

    def action_next_notable(self) -> None:
        """To the next row that people look for."""
        self._go(self._after, lambda row: row.notable)

    def action_previous_notable(self) -> None:
        """To the one before."""
        self._go(self._before, lambda row: row.notable)

    def action_next_match(self) -> None:
        """To the next row that was searched for; after the last comes the first."""
        self._go([*self._after, *range(self._window.cursor)], lambda row: row.match)

    def action_previous_match(self) -> None:
        """To the one before; before the first comes the last."""
        rest = range(self.row_count - 1, self._window.cursor, -1)
        self._go([*self._before, *rest], lambda row: row.match)

    @property
    def _after(self) -> range:
        return range(self._window.cursor + 1, self.row_count)

    @property
    def _before(self) -> range:
        return range(self._window.cursor - 1, -1, -1)

    def _go(self, indices: Iterable[int], wanted: Callable[[Row], bool]) -> None:
        index = next((index for index in indices if wanted(self.rows[index])), None)
        if index is None:
            self.app.bell()
            return
        self._window.move_to(index)
        self._update()

    def on_click(self, event: events.Click) -> None:
        """The row that was clicked on gets the cursor; a second click opens it."""
        at = event.get_content_offset(self)
        if at is None:
            return  # on the frame
        index = self._window.top + at.y - self._header_lines
        if at.y >= self._header_lines and index < self.row_count:
            self._window.move_to(index)
            self._update()
            if event.chain > 1:
                self.action_select()

    def on_mouse_scroll_down(self, event: events.MouseScrollDown) -> None:
        """The wheel moves cursor and view."""
        event.stop()
        self._move(WHEEL, scroll=True)

    def on_mouse_scroll_up(self, event: events.MouseScrollUp) -> None:
        """The wheel moves cursor and view."""
        event.stop()
        self._move(-WHEEL, scroll=True)
