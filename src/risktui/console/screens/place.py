"""What every place of the console has: panes, bars, and keys that mean the same everywhere."""

from __future__ import annotations

import asyncio
import sqlite3
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from textual import work
from textual.app import ComposeResult
from textual.containers import Grid
from textual.events import Key
from textual.message import Message
from textual.timer import Timer
from textual.widgets import Static

from risktui.console import actions, keyboard, phrases
from risktui.console import list_words as says
from risktui.console.asking import language_of
from risktui.console.judging import Prospect
from risktui.console.reader import Question
from risktui.console.screens.judged import Judged
from risktui.console.session import Session
from risktui.console.widgets.bars import KeyBar
from risktui.console.widgets.feed_table import FeedTable
from risktui.console.widgets.filter_bar import FilterBar
from risktui.console.widgets.text_bar import TextBar
from risktui.language.choice import tr

if TYPE_CHECKING:
    from risktui.console.exporting import Record
    from risktui.console.reading import Pulse

PREFIX_SECONDS = 2.0
"""How long `g` waits for its second key."""
WHILE_TYPING = frozenset({"repaint", "quit", "suspend_process", "leave", "stay"})
"""Actions that stay possible while a bar is open."""


class Place(Judged):
    """A screen one can be at: it asks the database one question and shows the answer."""

    class Opened(Message):
        """Somebody wants to see a user or a detection."""

        def __init__(self, place: actions.Place, key: str) -> None:
            super().__init__()
            self.place, self.key = place, key

    class Written(Message):
        """A verdict has been handed in; the engine's answer is to be waited for."""

        def __init__(self, prospect: Prospect, ids: list[str]) -> None:
            super().__init__()
            self.prospect, self.ids = prospect, ids

    class Leaving(Message):
        """Back to where one came from."""

    class Changed(Message):
        """What this place asks has changed: it wants to be answered now."""

    def __init__(self, session: Session) -> None:
        super().__init__(session)
        look = session.ascii_only
        self.filter_bar = FilterBar(
            session.typed(self.place), language_of(self.place), ascii_only=look
        )
        self.text_bar: TextBar | None = None
        self.has_panes = asyncio.Event()
        """Set once it can show an answer."""
        self.key_bar = KeyBar(self.keys(), ascii_only=look)
        self._prefix = ""
        self._prefix_timer: Timer | None = None
        self.untouched = True
        """Nobody has done anything here yet."""

    # What a place says of itself

    def question(self) -> Question[Any]:
        """What it wants to know."""
        raise NotImplementedError

    def answer(self, found: Any) -> None:
        """Shows what was found."""
        raise NotImplementedError

    def heeds(self, pulse: Pulse) -> object:
        """What of `pulse` it shows: when that differs, it is asked anew."""
        return pulse.news

    def compose_panes(self) -> ComposeResult:
        """The panes between the lines."""
        raise NotImplementedError

    def compose_bars(self) -> ComposeResult:
        """Further lines above the keys, closed until they are needed."""
        yield from ()

    def copied(self) -> str:
        """What `y` copies."""
        raise NotImplementedError

    def exported(self) -> Sequence[Record]:
        """What an export of this view holds."""
        return ()

    async def taken_out(self) -> Sequence[Record]:
        """The same in English, whatever is spoken here. Raises `sqlite3.Error`."""
        return self.exported()

    def looked_at(self) -> str:
        """The key of the person that is looked at closely here; "" where nobody is."""
        return ""

    def told(self) -> str:
        """The key of the person an incident report would be about; "" where there is none."""
        targets = self.targets()
        return targets[0].user.id if targets else ""

    def judged(self, proposed: Prospect) -> None:
        """The engine has accepted a verdict."""

    def handed_in(self, proposed: Prospect, ids: list[str]) -> None:
        """The app waits for the engine's answer."""
        self.post_message(self.Written(proposed, ids))

    def show_keys(self, keys: Sequence[tuple[str, str]]) -> None:
        """In the line at the bottom."""
        self.key_bar.show(keys)

    # What all have in common

    def compose(self) -> ComposeResult:
        """Lines above and below, panes between."""
        yield self.status_line
        yield self.crumbs
        with Grid(id="body"):
            yield from self.compose_panes()
        yield Static(tr(says.TOO_SMALL), markup=False, id="small")
        yield self.captions
        yield self.said
        yield self.verdict_bar
        yield self.filter_bar
        yield from self.compose_bars()
        yield self.key_bar

    async def on_mount(self) -> None:
        """The first pane has the keys."""
        self.show_pane(self.panes[0])
        self.has_panes.set()

    def keys(self) -> list[tuple[str, str]]:
        """What the key bar shows."""
        bar = keyboard.key_bar(self.place, self.session.keymap)
        if not self.session.refusal():
            return bar
        refused = {a.words for a in actions.ACTIONS if a.writes}
        return [(key, words) for key, words in bar if words not in refused]

    def key(self, action_id: str) -> str:
        """The keys of an action, as one reads them."""
        action = next(one for one in actions.ACTIONS if one.id == action_id)
        return " ".join(keyboard.keys_of(action, self.session.keymap))

    def remember(self) -> None:
        """Writes down what the next watch should know."""
        if problem := self.session.diary.write():
            self.say(problem, "bad")

    def speak(self) -> None:
        """Says what stands still in the language that is spoken now; the rest comes anew."""
        self.said.hush()
        for bar in (self.key_bar, self.verdict_bar, self.filter_bar):
            bar.speak()
        for table in self.query(FeedTable):
            table.refresh()

    def show_pane(self, name: str) -> None:
        """Brings a pane to where it is seen, and gives it the keys."""
        for other in self.panes:
            self.set_class(other == name, f"-on-{other}")
            self.pane(other).set_class(other == name, "-zoomed")
        self.set_focus(self.pane(name))  # at once: the next key may be here already

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """While a bar is open, keys belong to it."""
        if action == "after":
            return not self.typing and parameters[0] == self._prefix
        if action == "prefix":  # twice the same key is the key after itself
            return not self.typing and parameters[0] != self._prefix
        return not self.typing or action.rpartition(".")[2] in WHILE_TYPING

    @property
    def typing(self) -> bool:
        """Whether a bar is open, and the keys belong to it."""
        bars = (self.verdict_bar, self.filter_bar, self.text_bar)
        return self.is_mounted and any(bar.is_open for bar in bars if bar is not None)

    def action_pane(self, step: int) -> None:
        """To the pane after, or before; panes there is no room for come forward."""
        names = [n for n in self.panes if not self.pane(n).has_class("-never")]
        names = [n for n in names if self.can_come_forward(n)]
        at = names.index(self.pane_in_use) if self.pane_in_use in names else 0
        self.show_pane(names[(at + step) % len(names)])

    def can_come_forward(self, name: str) -> bool:
        """Whether a pane takes part at this size."""
        return bool(self.pane(name).id)

    def action_zoom(self) -> None:
        """The pane in use takes all the room, or gives it back."""
        self.toggle_class("-zoom")
        self.zoom_changed()

    def action_leave(self) -> None:
        """Out of the innermost thing that is open."""
        if self._prefix:
            self._forget_prefix()
        elif self.has_class("-zoom"):
            self.remove_class("-zoom")
            self.zoom_changed()
        elif not self.clear_marks() and not self.clear_filter() and not self.leave_past():
            self.said.hush()
            self.post_message(self.Leaving())

    def clear_filter(self) -> bool:
        """Takes the filter away; whether there was one that belongs here."""
        return False

    def leave_past(self) -> bool:
        """Back to now; whether one was elsewhere and can go back here."""
        return False

    def zoom_changed(self) -> None:
        """A pane takes the whole screen, or does not any more."""

    def action_prefix(self, key: str) -> None:
        """The first of two keys; the bar shows what may follow."""
        self._prefix = key
        self.key_bar.show(keyboard.after(key, self.place, self.session.keymap))
        if self._prefix_timer is not None:
            self._prefix_timer.stop()
        self._prefix_timer = self.set_timer(PREFIX_SECONDS, self._forget_prefix)

    def on_key(self, event: Key) -> None:
        """A second key that is none does not do what it does alone: `g c` judges nobody."""
        self.untouched = False
        if self._prefix and event.key != "escape":
            event.stop()
            keys = keyboard.in_words([self._prefix, event.key])
            self._forget_prefix()
            self.say(tr(says.NO_SUCH_KEYS).format(keys=keys))

    def on_click(self) -> None:
        """Somebody is here."""
        self.untouched = False

    async def action_after(self, prefix: str, name: str) -> None:
        """The second of two keys."""
        del prefix  # `check_action` has looked at it
        self._forget_prefix()
        await self.run_action(actions.action_called(name).function)

    def _forget_prefix(self) -> None:
        if self._prefix:
            self._prefix = ""
            self.key_bar.show(self.keys())

    def action_top(self) -> None:
        """To the top of what has the keys."""
        first = getattr(self.focused, "action_first", None)
        if first is not None:
            first()

    def action_copy(self) -> None:
        """Copies the name or the id under the cursor."""
        text = self.copied()
        if not text:
            self.say(tr(says.NOTHING_TO_COPY))
            return
        self._copy(text)

    @work(group="copy")
    async def _copy(self, text: str) -> None:
        from risktui.console.copying import CopyError, copy  # subprocess only when asked for

        try:
            in_tmux = await asyncio.to_thread(copy, self.app, text)
        except (OSError, CopyError) as error:
            self.say(tr(says.NOT_COPIED).format(error=error), "bad")
            return
        self.say(tr(says.COPIED_TO_TMUX if in_tmux else says.COPIED_TO).format(text=text))

    async def action_home(self) -> None:
        """To where one starts, from however far."""
        places = [screen for screen in self.app.screen_stack if isinstance(screen, Place)]
        for _ in places[1:]:
            await self.run_action("app.go_back")

    def action_export(self, kind: str) -> None:
        """Writes the view, or the report about the person, to a file in the current folder."""
        self._export(kind)

    @work(group="export")
    async def _export(self, kind: str) -> None:
        from risktui.console import export_writing  # only when asked for

        try:
            said = await export_writing.export(self, kind)
        except (OSError, sqlite3.Error) as error:
            self.say(tr(phrases.NOT_EXPORTED).format(error=error), "bad")
            return
        self.say(said)

    def close_bars(self) -> None:
        """Nobody types any more; the keys go back to the pane that had them."""
        self.verdict_bar.close()
        self.filter_bar.close()
        if self.text_bar is not None:
            self.text_bar.close()
        self.key_bar.show(self.keys())
        back = self._return_to
        if back is not None and back.is_attached:
            self.set_focus(back)
        else:
            self.show_pane(self.panes[0])
