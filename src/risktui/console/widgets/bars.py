"""The lines at the bottom: which keys there are, and what the console has to say."""

from __future__ import annotations

from collections.abc import Sequence

from textual.content import Content
from textual.events import Click
from textual.timer import Timer
from textual.widgets import Static

from risktui.console.keyboard import KEY_WORDS
from risktui.console.widgets.ink import cut, ink, line, stacked, wrapped
from risktui.language.choice import tr

KEY_OF = {words: key for key, words in KEY_WORDS.items()}
"""What Textual calls a key that one reads."""
SAID_FOR = 12.0
"""Seconds until a message goes away by itself."""
HINT_FOR = 4.0
"""The same of one that only says where one is."""


class KeyBar(Static):
    """`d dismiss  s safe  …`, as many as there is room for; a click presses the key."""

    DEFAULT_CSS = "KeyBar { height: 1; width: 1fr; text-wrap: nowrap; }"

    def __init__(self, keys: Sequence[tuple[str, str]], *, ascii_only: bool = False) -> None:
        super().__init__("", markup=False)
        self._keys = tuple(keys)
        self._ascii = ascii_only
        self._ends: list[tuple[int, str]] = []
        """Where the words of each key end, and the key."""

    def show(self, keys: Sequence[tuple[str, str]]) -> None:
        """These are the keys now."""
        if tuple(keys) != self._keys:
            self._keys = tuple(keys)
            self._paint()

    def speak(self) -> None:
        """The same keys in another language."""
        self._paint()

    def on_resize(self) -> None:
        """More keys, or fewer."""
        self._paint()

    def on_click(self, event: Click) -> None:
        """The key whose words are under the mouse."""
        event.stop()
        key = next((key for end, key in self._ends if event.x < end), None)
        if key is not None:
            self.app.simulate_key(KEY_OF.get(key, key))

    def _paint(self) -> None:
        width = self.size.width
        shown = Content(" ")
        self._ends = []
        for key, words in self._keys:
            longer = line(shown, ink(key, "accent"), " ", tr(words), "  ")
            if longer.rstrip().cell_length > width:
                break
            shown = longer
            self._ends.append((shown.cell_length, key))
        self.update(stacked([shown], ascii_only=self._ascii), layout=False)


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
