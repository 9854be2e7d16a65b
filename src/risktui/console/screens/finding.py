"""A place whose rows can be looked through for words, while one types them."""

from __future__ import annotations

from textual.app import ComposeResult

from risktui.console import list_words as says
from risktui.console import phrases
from risktui.console.screens.place import Place
from risktui.console.session import Session
from risktui.console.widgets.text_bar import TextBar


class Finding(Place):
    """`/` opens a line; enter keeps the rows that are left, escape brings back the others."""

    def __init__(self, session: Session) -> None:
        super().__init__(session)
        self.finder = TextBar(phrases.BOARD_FIND, phrases.BOARD_FIND_HINT)
        self.text_bar = self.finder
        self.words = ""
        """What rows are looked for."""
        self._words_before = ""

    def compose_bars(self) -> ComposeResult:
        """The line for what is looked for."""
        yield self.finder

    def action_find(self) -> None:
        """Opens the line for words; the rows follow while one types."""
        self._return_to = self.focused
        self._words_before = self.words
        self.finder.open(self.words)
        self.key_bar.show([("enter", says.KEEP), ("esc", says.BACK_TO)])

    def on_text_bar_typed(self, event: TextBar.Typed) -> None:
        """The rows follow."""
        event.stop()
        self._look_for(event.text)

    def on_text_bar_given(self, event: TextBar.Given) -> None:
        """These rows stay."""
        event.stop()
        self._look_for(event.text)
        self.close_bars()

    def on_text_bar_left(self) -> None:
        """Back to the rows there were."""
        self._look_for(self._words_before)
        self.close_bars()

    def clear_filter(self) -> bool:
        """All rows again; whether there were fewer."""
        some = bool(self.words)
        self._look_for("")
        return some

    def _look_for(self, words: str) -> None:
        if words != self.words:
            self.words = words
            self.post_message(self.Changed())
