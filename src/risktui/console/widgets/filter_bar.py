"""The line in which a filter is typed; what it finds is seen above while it is typed."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import ClassVar

from textual.binding import Binding, BindingType
from textual.containers import Horizontal
from textual.message import Message
from textual.widgets import Input, Static

from risktui.console import list_words as says
from risktui.console.asking import Language
from risktui.console.completing import Completer
from risktui.console.widgets.ink import cut, ink, stacked
from risktui.console.widgets.veiled_input import VeiledInput
from risktui.language.choice import tr
from risktui.store.search import SearchError

WAIT = 0.15
"""Seconds without a key before a text is tried, so that typing is not answered letter by letter."""


SHARE = 65
"""Percent of the width that what is said may take of what is typed."""


class FilterBar(Horizontal):
    """Says at once what is wrong with a filter, and lets the lists follow a right one."""

    DEFAULT_CSS = """
    FilterBar {
        height: 1; display: none; padding: 0 1;
        & .word { width: auto; }
        & Input { width: 1fr; }
        & .says { width: auto; height: 1; text-wrap: nowrap; }
    }
    FilterBar.-open { display: block; }
    """
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "leave", "leave", show=False),
        Binding("ctrl+c", "leave", "leave", show=False, priority=True),
        Binding("tab", "complete", "complete", show=False),
        Binding("up", "typed(-1)", "what was typed before", show=False),
        Binding("down", "typed(1)", "what was typed after", show=False),
        Binding("shift+tab", "stay", "stay", show=False),
    ]

    class Tried(Message):
        """A filter that can be used; `kept` when enter was pressed."""

        def __init__(self, text: str, *, kept: bool) -> None:
            super().__init__()
            self.text, self.kept = text, kept

    class Left(Message):
        """Back to the filter that was there before."""

        def __init__(self, text: str) -> None:
            super().__init__()
            self.text = text

    def __init__(self, history: list[str], language: Language, *, ascii_only: bool = False) -> None:
        super().__init__()
        self._language = language
        self._history = history
        self._at = 0
        self._draft = ""
        self.completer = Completer(language.fields)
        self._ascii = ascii_only
        self._says = Static("", markup=False, classes="says")
        self._input: VeiledInput
        self._before = ""
        self._typed = 0

    def _furnish(self) -> None:
        """The text, and what is to be said about it: mounted when they are first needed."""
        if not self.children:
            self._input = VeiledInput(
                max_length=500, compact=True, select_on_focus=False, suggester=self.completer
            )
            self.mount(Static("/ ", markup=False, classes="word"), self._input, self._says)
            self.speak()

    def speak(self) -> None:
        """The same in the language that is spoken now."""
        if not self.children:
            return  # it will be said when it is first opened
        fields = " ".join(f"{field}:" for field in self._language.fields)
        self._input.placeholder = tr(says.FILTER_HINT).format(fields=fields)

    @property
    def is_open(self) -> bool:
        """Whether somebody is typing a filter."""
        return self.has_class("-open")

    def open(self, text: str) -> None:
        """Lets the filter that `text` is be changed."""
        self._furnish()
        self._before = text
        self._at = len(self._history)
        self._input.value = text
        self._input.cursor_position = len(text)
        self.add_class("-open")
        self.say("")
        self.screen.set_focus(self._input)

    def learn(self, values: Callable[[], Mapping[str, Sequence[str]]]) -> None:
        """`values` tells what can be looked for by each field in lists that are others now."""
        self.completer.learn(values)
        if self.is_open:
            self._input.ask_again()

    def close(self) -> None:
        """Nobody is typing any more."""
        self.remove_class("-open")

    def say(self, text: str, role: str = "muted") -> None:
        """What is to be said about the text: how many it finds, or what is wrong."""
        shown = cut(ink(text, role), max(10, self.app.size.width * SHARE // 100))
        self._says.update(stacked([shown], ascii_only=self._ascii))

    def on_input_changed(self, event: Input.Changed) -> None:
        """Tries the text once the typing pauses."""
        event.stop()
        self._typed += 1
        turn = self._typed
        self.set_timer(WAIT, lambda: self._try(turn))

    def on_input_submitted(self, event: Input.Submitted) -> None:
        """Keeps the filter, unless something is wrong with it."""
        event.stop()
        self._typed += 1
        if (text := self._checked()) is not None:
            self._keep(text)
            self.post_message(self.Tried(text, kept=True))

    def _keep(self, text: str) -> None:
        """The latest is last, and each stands there once."""
        if text:
            if text in self._history:
                self._history.remove(text)
            self._history.append(text)

    def action_complete(self) -> None:
        """Takes what is suggested, as the arrow to the right does."""
        self._input.cursor_position = len(self._input.value)
        self._input.action_cursor_right()

    def action_typed(self, step: int) -> None:
        """Through what was typed before; past the latest comes what is being typed."""
        if self._at == len(self._history):
            self._draft = self._input.value
        at = self._at + step
        if not 0 <= at <= len(self._history):
            return
        self._at = at
        text = self._draft if at == len(self._history) else self._history[at]
        self._input.value = text
        self._input.cursor_position = len(text)

    def action_leave(self) -> None:
        """Back to the filter there was."""
        self._typed += 1
        self.post_message(self.Left(self._before))

    def action_stay(self) -> None:
        """The text keeps the focus while the bar is open."""

    def _try(self, turn: int) -> None:
        if turn != self._typed or not self.is_open:
            return
        if (text := self._checked()) is not None:
            self.post_message(self.Tried(text, kept=False))

    def _checked(self) -> str | None:
        try:
            return self._language.check(self._input.value).text
        except SearchError as error:
            self.say(tr(str(error)), "bad")
            return None
