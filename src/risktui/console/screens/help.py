"""The keys of one place, made from the list of actions."""

from __future__ import annotations

from collections.abc import Mapping
from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.content import Content
from textual.screen import ModalScreen

from risktui.console import list_words as says
from risktui.console.actions import PLACE_WORDS, Place, actions_of
from risktui.console.asking import LANGUAGES
from risktui.console.display import OneSize
from risktui.console.keyboard import keys_of
from risktui.console.marks import level_mark, level_style, state_word
from risktui.console.screens.bindings import REPAINT
from risktui.console.widgets.ink import Part, ink, line, padded, wrapped
from risktui.console.widgets.sheet import Sheet
from risktui.language.choice import tr
from risktui.model.risk import RiskLevel, RiskState

KEYS = 18
"""Cells of the longest keys."""


class HelpScreen(OneSize, ModalScreen[None]):
    """Closes with any of the keys that leave."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape,q,Q,question_mark,enter,ctrl+c", "dismiss(None)", "close", show=False),
        REPAINT,
    ]

    def __init__(self, place: Place, keymap: Mapping[str, str], *, ascii_only: bool) -> None:
        super().__init__()
        self._place: Place = place
        self._keymap = keymap
        self._ascii = ascii_only
        self.sheet = Sheet(ascii_only=ascii_only, id="help")

    def compose(self) -> ComposeResult:
        """One sheet over the screen."""
        yield self.sheet

    def on_mount(self) -> None:
        """Draws the keys."""
        self.set_class(self._ascii, "-ascii")
        self.sheet.border_title = Content(
            tr(says.KEYS_TITLE).format(here=tr(PLACE_WORDS[self._place]))
        )
        self.sheet.show(lambda width, _h: help_lines(self._place, self._keymap, width))
        self.sheet.focus()


def help_lines(place: Place, keymap: Mapping[str, str], width: int) -> list[Content]:
    """Keys and sentences, the legend of levels, the language of filters."""
    rows: list[Content] = []
    for action in actions_of(place):
        keys = " ".join(keys_of(action, keymap)) or tr(says.UNBOUND)
        text = line(padded(ink(keys, "accent"), KEYS + 1), tr(action.help))
        rows += wrapped(text, width, indent=" " * (KEYS + 1))
    legend: list[Part] = []
    for level in (RiskLevel.HIGH, RiskLevel.MEDIUM, RiskLevel.LOW, RiskLevel.NONE):
        legend += [ink(level_mark(level), level_style(level)), "   "]
    confirmed = state_word(RiskState.CONFIRMED_COMPROMISED)
    legend += [ink("•", "new"), f" {tr(says.SIGN_NEW)}   ✓ {tr(says.SIGN_CLOSED)}   ✗ {confirmed}"]
    rows += [Content(""), ink(tr(says.SIGNS), "primary"), *wrapped(line(*legend), width)]
    if place not in LANGUAGES:
        return rows
    rows += [Content(""), ink(tr(says.FILTERS), "primary")]
    rows += wrapped(ink(tr(says.FILTERS_RULE), "muted"), width)
    for field, examples in LANGUAGES[place].fields.items():
        rows += wrapped(line(ink(f"{field:<{KEYS}} ", "accent"), examples), width)
    return rows
