"""A line that asks for one thing: a span, a name, a moment."""

from __future__ import annotations

from textual.app import ComposeResult
from textual.widgets import Static

from risktui.console.widgets.ink import ink
from risktui.console.widgets.text_bar import TextBar


class AskBar(TextBar):
    """One line for several questions; `about` says which is being asked."""

    DEFAULT_CSS = """
    AskBar { height: 1; display: none; padding: 0 1; }
    AskBar.-open { display: block; }
    """

    def __init__(self) -> None:
        super().__init__("", "")
        self.about = ""
        self._label = Static("", markup=False, classes="word")

    def compose(self) -> ComposeResult:
        """The question, and the answer."""
        yield self._label
        yield self._input

    def ask(self, about: str, question: str, hint: str, answer: str = "") -> None:
        """Takes the keys; `answer` is what enter alone says."""
        self.about = about
        self._label.update(ink(f"{question} "))
        self.open()
        self._input.placeholder = hint
        self._input.value = answer
        self._input.cursor_position = len(answer)
