"""Which rows are seen and which has the cursor, while rows come, go and move."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Sequence
from typing import Literal, TypeAlias

from risktui.console.widgets.rows import Row

Follow: TypeAlias = Literal["no", "top", "bottom"]
"""Where new rows come: nowhere in particular, on top (newest first), at the bottom."""


class Window:
    """A view of `height` rows with a cursor that belongs to a row's key.

    A window that follows stays at the edge where new rows come. Moving the cursor away from the
    edge makes it hold: rows on screen keep their lines, and new ones are only counted.
    """

    def __init__(self, follow: Follow = "no", capacity: int = 100_000) -> None:
        self.follow = follow
        self.capacity = capacity
        self._own: deque[Row] = deque(maxlen=capacity)
        self.rows: Sequence[Row] = self._own
        self.height = 0
        self.top = 0
        """Index of the first row that is seen."""
        self.cursor = 0
        self.following = follow != "no"
        self.new_count = 0
        """Rows that came while it held."""

    @property
    def cursor_row(self) -> Row | None:
        """The row with the cursor; None in an empty table."""
        return self.rows[self.cursor] if self.rows else None

    def show(self, rows: Sequence[Row]) -> None:
        """Puts `rows` in the place of those there are."""
        before, count, old = self.cursor_row, len(self.rows), self.cursor
        self.rows = rows
        found = None if before is None else find(rows, before.key, old)
        if self.following or found is None:
            self.cursor = old
            self._settle()
            return
        self.cursor = found
        if self.follow == "top":
            self.new_count += max(0, found - old)
        elif self.follow == "bottom":
            self.new_count += max(0, (len(rows) - found) - (count - old))
        if self.follow != "no" or self.top > 0:
            self.top += found - old
        self._settle()

    def append(self, rows: Iterable[Row]) -> None:
        """Adds newer rows, oldest first, at the edge that is followed (else at the bottom)."""
        new = list(rows)
        if self.rows is not self._own:
            self.rows = self._own = deque(self.rows, self.capacity)
        if self.follow == "top":
            shift = len(new)
            self._own.extendleft(new)
        else:
            shift = -max(0, len(self._own) + len(new) - self.capacity)
            self._own.extend(new)
        if not self.following:
            self.cursor += shift
            self.top += shift if self.follow != "no" or self.top > 0 else 0
            self.new_count += len(new) if self.follow != "no" else 0
        self._settle()

    def resize(self, height: int) -> None:
        """So many rows can be seen from now on."""
        self.height = max(0, height)
        self._settle()

    def move_to(self, index: int) -> None:
        """Puts the cursor on row `index`; away from the edge this holds, at the edge it follows."""
        self.cursor = max(0, min(index, len(self.rows) - 1))
        if self.follow != "no":
            self.following = self.cursor == self._edge
            self.new_count = 0 if self.following else self.new_count
        self._settle()

    def move_by(self, step: int, *, scroll: bool = False) -> None:
        """Moves the cursor by `step` rows, the view with it if `scroll`."""
        if scroll:
            self.top += step
        self.move_to(self.cursor + step)

    def follow_again(self) -> None:
        """Goes to the edge and stays there."""
        self.move_to(self._edge)

    def hold(self) -> None:
        """Stops following where it is."""
        self.following = False

    @property
    def _edge(self) -> int:
        return max(0, len(self.rows) - 1) if self.follow == "bottom" else 0

    def _settle(self) -> None:
        """Brings cursor and view back to where there are rows."""
        count = len(self.rows)
        if self.following:
            self.cursor = self._edge
        self.cursor = max(0, min(self.cursor, count - 1))
        self.top = max(0, min(self.top, count - max(1, self.height)))
        if self.cursor < self.top:
            self.top = self.cursor
        elif self.height and self.cursor >= self.top + self.height:
            self.top = self.cursor - self.height + 1


def find(rows: Sequence[Row], key: str, near: int) -> int | None:
    """The index of the row with `key`; quick when it is not far from `near`."""
    count = len(rows)
    for distance in range(max(near + 1, count - near)):
        for index in (near + distance, near - distance):
            if 0 <= index < count and rows[index].key == key:
                return index
    return None
