"""A line that asks for one thing: a span, a name, a moment."""

from __future__ import annotations

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

    def _title(self) -> Static:
        return self._label

    def ask(self, about: str, question: str, hint: str, answer: str = "") -> None:
        """Takes the keys; `answer` is what enter alone says."""
        self.about = about
        self.open(answer)
        self._label.update(ink(f"{question} "))
        self._input.placeholder = hint
