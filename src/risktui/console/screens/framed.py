"""A screen with lines above and below its panes, and words on the frames of these."""

from __future__ import annotations

import re
from typing import Any, ClassVar

from textual.app import App
from textual.content import Content
from textual.events import ScreenResume
from textual.screen import Screen
from textual.widget import Widget
from textual.widgets import Static

from risktui.console import actions, phrases
from risktui.console.display import OneSize
from risktui.console.session import Session
from risktui.console.widgets.bars import Said
from risktui.console.widgets.ink import cut, ink, line, stacked, wrapped
from risktui.console.widgets.status_line import StatusLine
from risktui.console.words import joined
from risktui.language.choice import tr

SHORTEST = 12
"""Cells of a name in the line below the first, however little room there is."""
CAPTION_LINES = 4
"""Lines that a demo may take for what it says."""
_CLAUSE = re.compile(r"\s*(?:[;,:.]\s|[。、(])(?:(?![;,:.]\s|[。、(]).)*$", re.DOTALL)
"""The last clause of a sentence, with what stands before it."""


class Framed(OneSize, Screen[None]):
    """What it says around its panes, cut to the width there is."""

    place: ClassVar[actions.Place]
    panes: ClassVar[tuple[str, ...]]
    """Ids of the panes, in the order of `tab`."""
    AUTO_FOCUS = ""

    def __init__(self, session: Session) -> None:
        look = session.ascii_only
        # All that is known already: afterwards each class restyles the whole screen.
        known = [f"-on-{self.panes[0]}", *_classes_of_size(self.app)]
        super().__init__(classes=" ".join(["-ascii", *known] if look else known))
        self.session = session
        self.status_line = StatusLine(
            title=session.title,
            label=session.label,
            read_only=session.read_only,
            ascii_only=look,
        )
        self.crumbs = Static("", markup=False, id="crumbs")
        self.said = Said(ascii_only=look)
        self.captions = Static("", markup=False, id="caption")
        self._resumed = False
        self._caption = ""
        self._beside: tuple[str, ...] = ()
        self._crumb = Content("")
        self._uncut: dict[Widget, Content] = {}
        self._titles: dict[Widget, tuple[str, tuple[object, ...]]] = {}

    def on_screen_resume(self, event: ScreenResume) -> None:
        """A screen that was just made is styled already."""
        if not self._resumed:
            self._resumed = True
            event.refresh_styles = False

    def on_idle(self) -> None:
        """What a key has changed is painted at once, the rest sixty times a second at most."""
        paint = getattr(self, "_on_timer_update", None)
        if paint is not None and self.session.keys_first.waiting:
            paint()

    def say(self, text: str, role: str = "") -> None:
        """Says something above the keys."""
        self.said.say(text, role)

    def caption(self, text: str) -> None:
        """Says what happens in a demo, in letters that are seen from afar."""
        if text != self._caption:
            self._caption = text
            rows = whole_clauses(text, max(20, self.app.size.width - 2))
            self.captions.update(stacked(rows, ascii_only=self.session.ascii_only))
            self.captions.set_class(bool(text), "-said")

    def entitle(self, pane: Widget, content: Content) -> None:
        """Writes on the frame of a pane; cut anew when the pane has another width."""
        self._uncut[pane] = content
        width = pane.outer_size.width or self.app.size.width  # not laid out yet
        shown = stacked([cut(content, max(4, width - 6))])
        shown = stacked([shown], ascii_only=self.session.ascii_only)
        if self._titles.get(pane) != (shown.plain, tuple(shown.spans)):
            self._titles[pane] = shown.plain, tuple(shown.spans)
            pane.border_title = shown

    def crumb(self, content: Content) -> None:
        """Writes the line below the first."""
        self._crumb = content
        if self._beside:
            also = tr(phrases.ALSO_HERE).format(places=joined(self._beside))
            content = line(ink(also, "warn"), "  ", content)
        shown = stacked([cut(content, max(10, self.app.size.width - 2))])
        self.crumbs.update(stacked([shown], ascii_only=self.session.ascii_only))

    def show_beside(self, places: tuple[str, ...]) -> None:
        """Says who else is looking at this person now."""
        if places != self._beside:
            self._beside = places
            self.crumb(self._crumb)

    def on_resize(self) -> None:
        """Cuts what stands on the frames to their new widths."""
        self.call_after_refresh(self._cut_titles)

    def _cut_titles(self) -> None:
        for pane, content in self._uncut.items():
            if pane.is_attached:
                self.entitle(pane, content)

    def pane(self, name: str) -> Widget:
        """The pane called `name`."""
        return self.query_one(f"#{name}")

    @property
    def is_whole(self) -> bool:
        """Whether its panes are there: one that is left, or ends with the console, loses them."""
        return self.is_attached and all(self.query(f"#{name}") for name in self.panes)

    def is_of(self, size: str) -> bool:
        """Whether the terminal has this size now: `-narrow`; its class may come a moment later."""
        return size in _classes_of_size(self.app)

    @property
    def is_too_small(self) -> bool:
        """Whether it says instead of its panes how large it has to be."""
        return self.is_of("-tiny") or self.is_of("-flat")

    @property
    def pane_in_use(self) -> str:
        """The pane that has the keys, the first where none has."""
        focused = self.focused
        return focused.id if focused is not None and focused.id in self.panes else self.panes[0]


def _classes_of_size(app: App[Any]) -> list[str]:
    """The classes that Textual will give a screen of the terminal's size."""
    width, height = app.size
    kinds = (width, app.HORIZONTAL_BREAKPOINTS or ()), (height, app.VERTICAL_BREAKPOINTS or ())
    found = ([name for least, name in steps if size >= least] for size, steps in kinds)
    return [names[-1] for names in found if names]


def whole_clauses(text: str, width: int) -> list[Content]:
    """`text` in at most four lines; what is too long ends with a clause, not in a word."""
    text = text.rstrip()
    rows = wrapped(ink(text, "strong"), width)
    while len(rows) > CAPTION_LINES:
        shorter = _CLAUSE.sub("", text)
        if shorter == text:
            return wrapped(ink(text, "strong"), width, limit=CAPTION_LINES)
        text = shorter
        end = "。" if "。" in text else "."
        rows = wrapped(ink(f"{text}{end}", "strong"), width)
    return rows
