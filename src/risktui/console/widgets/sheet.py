"""A pane of text that is drawn for the width it has, and scrolls."""

from __future__ import annotations

from collections.abc import Callable
from typing import ClassVar, TypeAlias

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import VerticalScroll
from textual.content import Content
from textual.geometry import Size
from textual.scrollbar import ScrollBarRender
from textual.widgets import Static

from risktui.console.widgets.ink import stacked

Draw: TypeAlias = Callable[[int, int], list[Content]]
"""Lines for (width, height); it is asked again when these change."""


class PlainBar(ScrollBarRender):
    """A scroll bar of whole cells, for terminals that cannot draw parts of one."""

    VERTICAL_BARS: ClassVar[list[str]] = [" "] * 8


class Lines(Static):
    """Text that is drawn as soon as it is asked for its height: the first frame has it."""

    def __init__(self, draw: Callable[[int, int], None]) -> None:
        super().__init__("", markup=False)
        self._draw_for = draw

    def get_content_height(self, container: Size, viewport: Size, width: int) -> int:
        """Its lines, where they are `width` cells wide."""
        self._draw_for(width, container.height)
        return super().get_content_height(container, viewport, width)


class Sheet(VerticalScroll, can_focus=True):
    """Shows what a function draws; takes the focus so that it can be scrolled and zoomed."""

    DEFAULT_CSS = """
    Sheet {
        scrollbar-size-vertical: 1;
        scrollbar-gutter: stable;
        & > Static { width: 1fr; height: auto; min-height: 100%; text-wrap: nowrap; }
    }
    """
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("k", "scroll_up", "up", show=False),
        Binding("j", "scroll_down", "down", show=False),
        Binding("G", "scroll_end", "last", show=False),
        Binding("ctrl+f", "page_down", "page down", show=False),
        Binding("ctrl+b", "page_up", "page up", show=False),
        Binding("ctrl+d", "half(1)", "half a page down", show=False),
        Binding("ctrl+u", "half(-1)", "half a page up", show=False),
    ]

    def __init__(self, *, ascii_only: bool = False, id: str = "", classes: str = "") -> None:
        super().__init__(id=id or None, classes=classes or None)
        self._ascii = ascii_only
        if ascii_only:
            self.vertical_scrollbar.renderer = PlainBar  # type: ignore[misc]  # as Textual says
        self._draw: Draw | None = None
        self._text = Lines(self._draw_first)
        self._shown: Content | None = None
        self._lines = 0

    def compose(self) -> ComposeResult:
        """The text, as high as it is."""
        yield self._text

    def show(self, draw: Draw | None, *, top: bool = False) -> None:
        """Draws with `draw` from now on; `top` for something else than before."""
        self._draw = draw
        self._paint()
        if top and self.scroll_y:
            self.scroll_home(animate=False)

    def on_resize(self) -> None:
        """Draws for the new size."""
        self._paint()

    def action_first(self) -> None:
        """To the top."""
        self.scroll_home(animate=False)

    def action_half(self, step: int) -> None:
        """Half a page down or up."""
        height = self.scrollable_content_region.height
        self.scroll_relative(y=step * max(1, height // 2), animate=False)

    def _draw_first(self, width: int, height: int) -> None:
        if self._shown is None and self._draw is not None:
            self._draw_lines(width, height)

    def _paint(self) -> None:
        region = self.scrollable_content_region
        if self.is_mounted:
            self._draw_lines(region.width, region.height)

    def _draw_lines(self, width: int, height: int) -> None:
        if width < 2 or height < 1:
            return
        rows = self._draw(width, height) if self._draw else []
        content = stacked(rows, ascii_only=self._ascii)
        if self._shown is None or not _same(self._shown, content):
            self._shown = content
            # Only more lines than there is room for make another layout of the whole screen.
            lines = max(len(rows), height)
            self._text.update(content, layout=lines != self._lines)
            self._lines = lines


def _same(one: Content, other: Content) -> bool:
    return one.plain == other.plain and one.spans == other.spans
