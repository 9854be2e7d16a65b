"""A display that writes only what changed, and nothing while the terminal is busy."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any, TypeVar

from rich.color import ColorSystem
from rich.console import RenderableType
from textual import events
from textual.app import App
from textual.geometry import Size
from textual.screen import Screen
from textual.timer import Timer

from risktui.console.keys_first import KeysFirst
from risktui.console.shadow import Parts, Shadow, cells_of

try:
    from textual._compositor import ChopsUpdate, LayoutUpdate
except ImportError:  # another Textual than the one we know: its own display does the work
    KNOWN = False
else:
    KNOWN = True

if TYPE_CHECKING:
    _Any = Screen[Any]
else:
    _Any = object  # of several classes Textual takes looks and keys from the first that is a node

T = TypeVar("T")

RETRY = 0.05  # seconds until we look again whether the terminal has caught up


class OneSize(_Any):
    """A screen that takes on no size but the terminal's present one; stands before its class.

    A layout of another size tells the screen of that size once more. Where two are waiting, while a
    window is drawn by its edge or where somebody else says another size, Textual would lay out the
    one and the other in turn, for ever.
    """

    def _screen_resized(self, size: Size) -> None:
        if size == self.app.size:
            super()._screen_resized(size)


class DifferentialDisplay(App[T]):
    """An app whose frames are compared with what the terminal shows before they are written.

    Textual writes every region that was repainted, 18 kB for one more row of a table. Here blocks
    that moved are scrolled by the terminal and only changed cells are written. While the terminal
    has not read the last frame, frames are dropped and the screen is painted once it has, so the
    event loop never waits for a slow or dead line. `RISKTUI_DISPLAY=stock` turns all of it off.
    """

    frames_sent = 0
    """Frames that wrote something."""
    frames_dropped = 0
    """Frames left out because the terminal had not read the one before."""
    keys_first = KeysFirst()
    """Is told that a key has been painted."""
    _shadow: Shadow | None = None
    _shadow_of: object = None
    _shadow_cursor: tuple[int, int] = (0, 0)
    _catching_up: Timer | None = None

    def repaint(self) -> None:
        """Forgets what the terminal shows and paints all of it."""
        self._shadow = None
        self.screen.refresh()

    def action_repaint(self) -> None:
        """Paints everything again, for when something else wrote on the terminal."""
        self.repaint()

    def on_resize(self, _event: events.Resize) -> None:
        """A terminal that changed its size has moved or cut what it showed."""
        self._shadow = None

    def on_driver_signal_resume(self) -> None:
        """We are in the foreground again, on a terminal that shows something else."""
        self.repaint()

    def _display(self, screen: Screen[Any], renderable: RenderableType | None) -> None:
        updates = self._updates(renderable) if self._differential else None
        if updates is None:
            super()._display(screen, renderable)
            return
        try:
            self._send(updates)
        finally:
            self.post_display_hook()

    @property
    def _differential(self) -> bool:
        """Whether this is a full screen on a terminal, with nothing in the way."""
        driver = self._driver
        return (
            KNOWN
            and driver is not None
            and not (driver.is_inline or driver.is_web or self.is_headless)
            and hasattr(driver, "_writer_thread")
            and self._running
            and not self._closed
            and not self._batch_count
            and os.environ.get("RISKTUI_DISPLAY") != "stock"
        )

    def _send(self, updates: dict[int, Parts]) -> None:
        """Writes what `updates` change; the event loop never waits for the terminal."""
        driver = self._driver
        assert driver is not None
        if getattr(driver, "busy", False):
            # The shadow stays as it is, so the next frame carries this one's difference too.
            self.frames_dropped += 1
            self._catch_up()
            return
        shadow = self._current_shadow()
        system = self.console._color_system or ColorSystem.TRUECOLOR  # noqa: SLF001
        text = shadow.frame(updates, system)
        # The hidden cursor is where an input method opens its window.
        cursor = self.screen.outer_size.clamp_offset(self.cursor_position)
        if not text and cursor == self._shadow_cursor:
            return
        self._shadow_cursor = cursor
        text += f"\x1b[{cursor.y + 1};{cursor.x + 1}H" if cursor else "\x1b[H"
        if self._sync_available:
            text = f"\x1b[?2026h{text}\x1b[?2026l"
        self.frames_sent += 1
        driver.write(text)
        driver.flush()
        self.keys_first.painted()

    def _current_shadow(self) -> Shadow:
        """The shadow of this terminal at this size; a new, empty one after a suspension."""
        width, height = self.size
        writer = getattr(self._driver, "_writer_thread", None)
        shadow = self._shadow
        if (
            shadow is None
            or writer is not self._shadow_of
            or (shadow.width, shadow.height) != (width, height)
        ):
            shadow = self._shadow = Shadow(width, height)
            self._shadow_of = writer
        return shadow

    def _catch_up(self) -> None:
        """Paints the whole screen as soon as the terminal has read what it was given."""
        if self._catching_up is None:
            self._catching_up = self.set_interval(RETRY, self._try_again)

    def _try_again(self) -> None:
        if getattr(self._driver, "busy", False):
            return
        if self._catching_up is not None:
            self._catching_up.stop()
            self._catching_up = None
        if self._running and self.screen_stack:
            self.screen.refresh()

    @staticmethod
    def _updates(renderable: RenderableType | None) -> dict[int, Parts] | None:
        """The pieces of each line that `renderable` paints, or None if we do not know its kind."""
        if isinstance(renderable, LayoutUpdate):
            return _of_layout(renderable)
        if isinstance(renderable, ChopsUpdate):
            return _of_chops(renderable)
        return None


def _of_layout(update: LayoutUpdate) -> dict[int, Parts]:
    updates: dict[int, Parts] = {}
    for y, strips in enumerate(update.strips, update.region.y):
        x = update.region.x
        parts = updates.setdefault(y, [])
        for strip in strips:
            cells = cells_of(strip)
            parts.append((x, cells))
            x += len(cells)
    return updates


def _of_chops(update: ChopsUpdate) -> dict[int, Parts]:
    """Only cells inside the spans count: beside them a chop can hold what lies underneath."""
    updates: dict[int, Parts] = {}
    for y, first, end in update.spans:
        parts = updates.setdefault(y, [])
        for x, strip in update.chops[y].items():
            if strip is None or x >= end:
                continue
            cells = cells_of(strip)
            low, high = max(first - x, 0), min(end - x, len(cells))
            if low < high:
                parts.append((x + low, cells[low:high]))
    return updates
