"""The two lines in which a verdict is given: what will happen, as whom, and a note."""

from __future__ import annotations

from typing import ClassVar

from textual.binding import Binding, BindingType
from textual.containers import Horizontal, Vertical
from textual.content import Content
from textual.message import Message
from textual.widgets import Input, Static

from risktui.console import list_words as says
from risktui.console.judging import Author, Prospect, verb_of
from risktui.console.widgets.ink import cut, ink, line, stacked, wrapped
from risktui.console.widgets.veiled_input import VeiledInput
from risktui.language.choice import tr
from risktui.store.verdicts import Action

NOTE_LENGTH = 500
ROLES: dict[Action, str] = {
    "confirmCompromised": "risk-high",
    "dismiss": "warn",
    "confirmSafe": "good",
    "undo": "accent",
}


class VerdictBar(Vertical):
    """Stands below the evidence and never over it."""

    DEFAULT_CSS = """
    VerdictBar {
        height: auto; display: none; padding: 0 1;
        & .what, & .warning { height: auto; max-height: 2; width: 1fr; }
        & .warning { display: none; }
        & .warning.-on { display: block; }
        & .note { height: 1; }
        & .word { width: auto; height: 1; }
        & Input { width: 1fr; }
    }
    VerdictBar.-open { display: block; }
    """
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "leave", "leave", show=False),
        Binding("ctrl+c", "leave", "leave", show=False, priority=True),
        Binding("tab,shift+tab,up,down", "stay", "stay", show=False),
    ]

    class Given(Message):
        """The verdict stands; `note` may be empty."""

        def __init__(self, prospect: Prospect, note: str) -> None:
            super().__init__()
            self.prospect, self.note = prospect, note

    class Left(Message):
        """No verdict."""

    def __init__(self, author: Author, *, ascii_only: bool = False) -> None:
        super().__init__()
        self._author = author
        self._ascii = ascii_only
        self._what = Static("", markup=False, classes="what")
        self._warning = Static("", markup=False, classes="warning")
        self._note: Input
        self._word = Static("", markup=False, classes="word")
        self.prospect: Prospect | None = None
        self._confirm = False
        self._warned = ""

    def _furnish(self) -> None:
        """A warning, what, the note: mounted when they are first needed."""
        if not self.children:
            self._note = VeiledInput(max_length=NOTE_LENGTH, compact=True, select_on_focus=False)
            self.mount(
                self._warning, self._what, Horizontal(self._word, self._note, classes="note")
            )
            self.speak()

    def speak(self) -> None:
        """The same in the language that is spoken now."""
        if not self.children:
            return
        self._word.update(f"{tr(says.NOTE)} ")
        self._note.placeholder = tr(says.NOTE_HINT)

    @property
    def is_open(self) -> bool:
        """Whether somebody is giving a verdict."""
        return self.has_class("-open")

    def begin(self, action: Action) -> None:
        """Takes the keys at once, so that what is typed on ahead is a note and not a command."""
        self._furnish()
        self.prospect, self._confirm, self._warned = None, False, ""
        self._note.value = ""
        self._warning.remove_class("-on")
        self._say(line(ink(verb_of(action), ROLES[action]), " …"))
        self.add_class("-open")
        self.screen.set_focus(self._note)

    def open(self, prospect: Prospect) -> None:
        """Asks for `prospect` to be confirmed."""
        self.prospect = prospect
        self._paint()

    def close(self) -> None:
        """No verdict is being given any more."""
        self.prospect = None
        self.remove_class("-open")

    def warn(self, text: str) -> bool:
        """Shows a warning above; whether it says something new."""
        if not text or text == self._warned:
            return False
        self._warned = text
        width = self._width
        rows = wrapped(line(ink("! ", "bad"), ink(text, "bad")), width, limit=2, indent="  ")
        self._warning.update(stacked(rows, ascii_only=self._ascii))
        self._warning.add_class("-on")
        return True

    def on_input_submitted(self, event: Input.Submitted) -> None:
        """Enter: written, or asked once more where it is about many."""
        event.stop()
        if self.prospect is None:
            return
        if self.prospect.asks_again and not self._confirm:
            self._confirm = True
            count = len(self.prospect.targets)
            self.warn(tr(says.ABOUT_MANY).format(count=count))
            return
        self.post_message(self.Given(self.prospect, event.value.strip()))

    def action_leave(self) -> None:
        """No verdict."""
        self.post_message(self.Left())

    def action_stay(self) -> None:
        """The note keeps the focus while the bar is open."""

    def on_resize(self) -> None:
        """Cuts what is said to the new width."""
        self._paint()

    @property
    def _width(self) -> int:
        return max(20, self.app.size.width - 2)

    def _paint(self) -> None:
        if self.prospect is None:
            return
        action = self.prospect.action
        verb = ink(verb_of(action), ROLES[action])
        self._say(line(verb, " ", self.prospect.words))

    def _say(self, said: Content) -> None:
        tail = line(ink(f"  {tr(says.JUDGED_AS)} ", "muted"), ink(self._author.place, "strong"))
        width = self._width
        rows = wrapped(said, width, limit=2, indent="  ")
        last = rows[-1]
        if last.cell_length + tail.cell_length <= width:
            rows[-1] = line(last, tail)
        elif len(rows) == 1:
            rows.append(cut(tail, width))
        else:
            # Who writes it is seen in one piece, as long as what will be done has half of a line.
            tail = cut(tail, max(width // 2, width - last.cell_length))
            rows[-1] = line(cut(last, width - tail.cell_length), tail)
        self._what.update(stacked(rows, ascii_only=self._ascii))
