"""Rows that were drawn at the last look: most of them are the same at the next."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager

from risktui.console.widgets.rows import Row
from risktui.model.risk import Detection, RiskyUser


class KeptRows:
    """What was drawn of a person or a detection, as long as nothing it shows has changed."""

    def __init__(self) -> None:
        self._before: dict[str, tuple[object, object, Row]] = {}
        self._now: dict[str, tuple[object, object, Row]] = {}
        self._look: object = None

    @contextmanager
    def turn(self, look: object) -> Iterator[None]:
        """One look: rows that nobody asks for in it are forgotten; all of them in another look."""
        self._before = self._now if look == self._look else {}
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
