"""Rows that were drawn at the last look: most of them are the same at the next."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager

from risktui.console.widgets.rows import Row
from risktui.model.risk import Detection, RiskyUser

ALL_EVERY = 10_000
"""Milliseconds after which rows that nobody sees are drawn again for their ages."""


class KeptRows:
    """What was drawn of a person or a detection, as long as nothing it shows has changed."""

    def __init__(self) -> None:
        self._before: dict[str, tuple[object, object, Row]] = {}
        self._now: dict[str, tuple[object, object, Row]] = {}
        self._look: object = None
        self._all_at = 0
        self.all = True
        """Whether every row is to be drawn as it would be now, seen or not."""

    @contextmanager
    def turn(self, look: object, now: int) -> Iterator[None]:
        """One look: rows that nobody asks for in it are forgotten; all of them in another look."""
        same = look == self._look
        self.all = not same or not 0 <= now - self._all_at < ALL_EVERY
        self._all_at = now if self.all else self._all_at
        self._before = self._now if same else {}
        self._now, self._look = {}, look
        yield
        self._before = {}

    def row(self, one: RiskyUser | Detection, shows: object, draw: Callable[[], Row]) -> Row:
        """The row of `one`, drawn anew where `one` is another or `shows` is different."""
        kept = self._before.get(one.id)
        if kept is None or kept[0] is not one or kept[1] != shows:
            kept = one, shows, draw()
        self._now[one.id] = kept
        return kept[2]

    def same(self, one: RiskyUser | Detection) -> Row | None:
        """The row of `one` as it was drawn, whatever else it shows; None where `one` is another."""
        kept = self._before.get(one.id)
        if kept is None or kept[0] is not one:
            return None
        self._now[one.id] = kept
        return kept[2]
