"""The lines at the bottom: which keys there are, and what the console has to say."""

from __future__ import annotations

from collections.abc import Sequence

from textual.content import Content
from textual.timer import Timer
from textual.widgets import Static

from risktui.console.widgets.ink import cut, ink, line, stacked, wrapped

SAID_FOR = 12.0
"""Seconds until a message goes away by itself."""
HINT_FOR = 4.0
"""The same of one that only says where one is."""


class KeyBar(Static):
    """`d dismiss  s safe  …`, as many as there is room for."""

    DEFAULT_CSS = "KeyBar { height: 1; width: 1fr; text-wrap: nowrap; }"

    def __init__(self, keys: Sequence[tuple[str, str]], *, ascii_only: bool = False) -> None:
        super().__init__("", markup=False)
        self._keys = tuple(keys)
        self._ascii = ascii_only

    def show(self, keys: Sequence[tuple[str, str]]) -> None:
        """These are the keys now."""
        if tuple(keys) != self._keys:
            self._keys = tuple(keys)
            self._paint()

    def on_resize(self) -> None:
        """More keys, or fewer."""
        self._paint()

    def _paint(self) -> None:
        width = self.size.width
        shown = Content(" ")
        for key, words in self._keys:
            longer = line(shown, ink(key, "accent"), " ", words, "  ")
            if longer.rstrip().cell_length > width:
                break
            shown = longer
        self.update(stacked([shown], ascii_only=self._ascii))


class Said(Static):
    """A message in full width above the keys; it takes lines instead of covering any."""

    DEFAULT_CSS = """
    Said { height: auto; max-height: 3; width: 1fr; display: none; padding: 0 1; }
    Said.-said { display: block; }
    """

    def __init__(self, *, ascii_only: bool = False) -> None:
        super().__init__("", markup=False)
        self._ascii = ascii_only
        self._timer: Timer | None = None
        self._last: tuple[str, str] = ("", "")

    @property
    def words(self) -> str:
        """What is being said; "" for nothing."""
        return self._last[0]

    def say(self, text: str, role: str = "", seconds: float = 0.0) -> None:
        """Shows `text` until the next message, a while, or `hush`."""
        self._last = text, role
        self._paint()
        self.add_class("-said")
        if self._timer is not None:
            self._timer.stop()
        self._timer = self.set_timer(seconds or (SAID_FOR if role else HINT_FOR), self.hush)

    def hush(self) -> None:
        """Nothing to say any more."""
        self._last = "", ""
        self.remove_class("-said")

    def on_resize(self) -> None:
        """Breaks the lines anew."""
        if self._last[0]:
            self._paint()

    def _paint(self) -> None:
        text, role = self._last
        width = max(20, self.app.size.width - 2)
        rows = wrapped(ink(text, role), width, limit=3)
        self.update(stacked([cut(row, width) for row in rows], ascii_only=self._ascii))
