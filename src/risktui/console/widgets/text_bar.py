"""A line in which a word is typed that is looked for on this screen."""

from __future__ import annotations

from typing import ClassVar

from textual.binding import Binding, BindingType
from textual.containers import Horizontal
from textual.message import Message
from textual.widgets import Input, Static

from risktui.console.widgets.veiled_input import VeiledInput
from risktui.language.choice import tr


class TextBar(Horizontal):
    """Opens above the keys; enter gives the text, escape leaves."""

    DEFAULT_CSS = """
    TextBar {
        height: 1; display: none; padding: 0 1;
        & .word { width: auto; }
        & Input { width: 1fr; }
    }
    TextBar.-open { display: block; }
    """
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "leave", "leave", show=False),
        Binding("ctrl+c", "leave", "leave", show=False, priority=True),
        Binding("tab,shift+tab,up,down", "stay", "stay", show=False),
    ]

    class Given(Message):
        """Enter was pressed."""

        def __init__(self, text: str) -> None:
            super().__init__()
            self.text = text

    class Typed(Message):
        """The text is another one."""

        def __init__(self, text: str) -> None:
            super().__init__()
            self.text = text

    class Left(Message):
        """Nothing is looked for."""

    def __init__(self, word: str, hint: str) -> None:
        super().__init__()
        self._word = word
        self._hint = hint
        self._input: Input

    def _furnish(self) -> None:
        """What it is for, and the text: mounted when they are first needed."""
        if not self.children:
            self._input = VeiledInput(placeholder=tr(self._hint), max_length=200, compact=True)
            self.mount(self._title(), self._input)

    def _title(self) -> Static:
        return Static(f"{tr(self._word)} ", markup=False, classes="word")

    @property
    def is_open(self) -> bool:
        """Whether somebody is typing."""
        return self.has_class("-open")

    def open(self, text: str = "") -> None:
        """Takes the keys; `text` is what stands there already."""
        self._furnish()
        self.add_class("-open")
        self._input.value = text
        self._input.cursor_position = len(text)
        self.screen.set_focus(self._input)

    def close(self) -> None:
        """Gives the keys back."""
        self.remove_class("-open")

    def on_input_changed(self, event: Input.Changed) -> None:
        """Whoever follows while one types may do so."""
        event.stop()
        if self.is_open:
            self.post_message(self.Typed(event.value.strip()))

    def on_input_submitted(self, event: Input.Submitted) -> None:
        """Enter."""
        event.stop()
        self.post_message(self.Given(event.value.strip()))

    def action_leave(self) -> None:
        """Escape."""
        self.post_message(self.Left())

    def action_stay(self) -> None:
        """The text keeps the focus while the line is open."""
