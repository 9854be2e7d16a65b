"""What every place of the console has: status and key lines, panes, and the bar for verdicts."""

from __future__ import annotations

import asyncio
import sqlite3
from collections.abc import Sequence
from typing import Any, ClassVar

from textual import work
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Grid
from textual.content import Content
from textual.message import Message
from textual.screen import Screen
from textual.timer import Timer
from textual.widget import Widget
from textual.widgets import Static

from risktui.console import actions, phrases
from risktui.console import list_words as says
from risktui.console.exporting import Record
from risktui.console.judging import Prospect, Target, meanwhile, prospect, requests
from risktui.console.reading import Question
from risktui.console.session import Session
from risktui.console.widgets.bars import KeyBar, Said
from risktui.console.widgets.feed_table import FeedTable
from risktui.console.widgets.filter_bar import FilterBar
from risktui.console.widgets.ink import cut, ink, line, stacked, wrapped
from risktui.console.widgets.status_line import StatusLine
from risktui.console.widgets.text_bar import TextBar
from risktui.console.widgets.verdict_bar import VerdictBar
from risktui.console.words import joined
from risktui.language.choice import tr
from risktui.store import verdicts
from risktui.store.verdicts import Action

PREFIX_SECONDS = 2.0
"""How long `g` waits for its second key."""
WHILE_TYPING = frozenset({"repaint", "quit", "suspend_process", "leave", "stay"})
"""Actions that stay possible while a bar is open."""


def bindings_of(place: actions.Place) -> list[BindingType]:
    """The bindings of a place, from the list of actions."""
    return [_binding(action) for action in actions.actions_of(place) if action.function]


def _binding(action: actions.Action) -> Binding:
    """A key after another goes before all that the key means alone, while the first one holds.

    The first one has priority too: it must be known before a second that was typed quickly comes.
    """
    if not action.prefix:
        first = action.function.startswith("prefix(")
        return Binding(
            action.keys, action.function, action.words, show=False, priority=first, id=action.id
        )
    function = f"after({action.prefix!r}, {action.id!r})"
    keys = actions.own_keys(action)
    return Binding(keys, function, action.words, show=False, priority=True, id=action.id)


class Place(Screen[None]):
    """A screen one can be at: it asks the database one question and shows the answer."""

    place: ClassVar[actions.Place]
    panes: ClassVar[tuple[str, ...]]
    """Ids of the panes, in the order of `tab`."""
    AUTO_FOCUS = ""

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
        super().__init__()
        self.session = session
        look = session.ascii_only
        self.status_line = StatusLine(
            title=session.title,
            label=session.label,
            read_only=session.read_only,
            ascii_only=look,
        )
        self.crumbs = Static("", markup=False, id="crumbs")
        self.said = Said(ascii_only=look)
        self.captions = Static("", markup=False, id="caption")
        self._caption = ""
        self.verdict_bar = VerdictBar(session.author, ascii_only=look)
        self.filter_bar = FilterBar(session.diary.kept.typed, ascii_only=look)
        self.text_bar: TextBar | None = None
        self.key_bar = KeyBar(self.keys(), ascii_only=look)
        # Before anything is mounted: afterwards each class restyles the whole screen.
        self.set_class(look, "-ascii")
        self.add_class(f"-on-{self.panes[0]}")
        self._beside: tuple[str, ...] = ()
        self._crumb = Content("")
        self._prefix = ""
        self._prefix_timer: Timer | None = None
        self._return_to: Widget | None = None
        self._uncut: dict[Widget, Content] = {}
        self._titles: dict[Widget, tuple[str, tuple[object, ...]]] = {}

    # What a place says of itself

    def question(self) -> Question[Any]:
        """What it wants to know."""
        raise NotImplementedError

    def answer(self, found: Any) -> None:
        """Shows what was found."""
        raise NotImplementedError

    def compose_panes(self) -> ComposeResult:
        """The panes between the lines."""
        raise NotImplementedError

    def compose_bars(self) -> ComposeResult:
        """Further lines above the keys, closed until they are needed."""
        yield from ()

    def targets(self) -> Sequence[Target]:
        """Whom a verdict would be on."""
        raise NotImplementedError

    def undo_targets(self) -> Sequence[Target]:
        """Whose verdict would be taken back."""
        return self.targets()

    def copied(self) -> str:
        """What `y` copies."""
        raise NotImplementedError

    def exported(self) -> Sequence[Record]:
        """What an export of this view holds."""
        return ()

    def looked_at(self) -> str:
        """The key of the person that is looked at closely here; "" where nobody is."""
        return ""

    def show_beside(self, places: tuple[str, ...]) -> None:
        """Says who else is looking at this person now."""
        if places != self._beside:
            self._beside = places
            self.crumb(self._crumb)

    def told(self) -> str:
        """The key of the person an incident report would be about; "" where there is none."""
        targets = self.targets()
        return targets[0].user.id if targets else ""

    def clear_marks(self) -> bool:
        """Takes marks away; whether there were any."""
        return False

    def judged(self, proposed: Prospect) -> None:
        """The engine has accepted a verdict."""

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

    def on_mount(self) -> None:
        """The first pane has the keys."""
        self.show_pane(self.panes[0])

    def keys(self) -> list[tuple[str, str]]:
        """What the key bar shows."""
        bar = actions.key_bar(self.place, self.session.keymap)
        if not self.session.refusal():
            return bar
        refused = {a.words for a in actions.ACTIONS if a.writes}
        return [(key, words) for key, words in bar if words not in refused]

    def say(self, text: str, role: str = "") -> None:
        """Says something above the keys."""
        self.said.say(text, role)

    def key(self, action_id: str) -> str:
        """The keys of an action, as one reads them."""
        action = next(one for one in actions.ACTIONS if one.id == action_id)
        return " ".join(actions.keys_of(action, self.session.keymap))

    def remember(self) -> None:
        """Writes down what the next watch should know."""
        if problem := self.session.diary.write():
            self.say(problem, "bad")

    def caption(self, text: str) -> None:
        """Says what happens in a demo, in letters that are seen from afar."""
        if text != self._caption:
            self._caption = text
            rows = wrapped(ink(text, "strong"), max(20, self.app.size.width - 2), limit=2)
            self.captions.update(stacked(rows, ascii_only=self.session.ascii_only))
            self.captions.set_class(bool(text), "-said")

    def entitle(self, pane: Widget, content: Content) -> None:
        """Writes on the frame of a pane; cut anew when the pane has another width."""
        self._uncut[pane] = content
        shown = stacked([cut(content, max(4, pane.outer_size.width - 6))])
        shown = stacked([shown], ascii_only=self.session.ascii_only)
        if self._titles.get(pane) != (shown.plain, tuple(shown.spans)):
            self._titles[pane] = shown.plain, tuple(shown.spans)
            pane.border_title = shown

    def speak(self) -> None:
        """Says what stands still in the language that is spoken now; the rest comes anew."""
        self.said.hush()
        for bar in (self.key_bar, self.verdict_bar, self.filter_bar):
            bar.speak()
        for table in self.query(FeedTable):
            table.refresh()

    def on_resize(self) -> None:
        """Cuts what stands on the frames to their new widths."""
        self.call_after_refresh(self._cut_titles)

    def _cut_titles(self) -> None:
        for pane, content in self._uncut.items():
            if pane.is_attached:
                self.entitle(pane, content)

    def crumb(self, content: Content) -> None:
        """Writes the line below the first."""
        self._crumb = content
        if self._beside:
            also = tr(phrases.ALSO_HERE).format(places=joined(self._beside))
            content = line(ink(also, "warn"), "  ", content)
        shown = stacked([cut(content, max(10, self.app.size.width - 2))])
        self.crumbs.update(stacked([shown], ascii_only=self.session.ascii_only))

    def pane(self, name: str) -> Widget:
        """The pane called `name`."""
        return self.query_one(f"#{name}")

    @property
    def pane_in_use(self) -> str:
        """The pane that has the keys, the first where none has."""
        focused = self.focused
        return focused.id if focused is not None and focused.id in self.panes else self.panes[0]

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
        self.key_bar.show(actions.after(key, self.place, self.session.keymap))
        if self._prefix_timer is not None:
            self._prefix_timer.stop()
        self._prefix_timer = self.set_timer(PREFIX_SECONDS, self._forget_prefix)

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

    # Verdicts

    def action_judge(self, action: Action) -> None:
        """Begins a verdict on the row under the cursor, or on the marked ones."""
        if refused := self.session.refusal():
            self.say(tr(refused), "warn")
            return
        targets = self.undo_targets() if action == "undo" else self.targets()
        self._return_to = self.focused
        self.said.hush()
        self.verdict_bar.begin(action)
        self.key_bar.show([("enter", says.WRITE), ("esc", says.LEAVE_IT)])
        self._propose(action, list(targets))

    @work(exclusive=True, group="propose")
    async def _propose(self, action: Action, targets: list[Target]) -> None:
        try:
            proposed = await self.session.reader.ask(prospect(action, targets))
        except sqlite3.Error as error:
            proposed = Prospect(action, refused=tr(says.NOT_JUDGED).format(error=error))
        if not self.verdict_bar.is_open:
            return  # left again before it could be said what it would do
        if proposed.refused:
            self._close_bars()
            self.say(proposed.refused, "warn")
            return
        self.verdict_bar.open(proposed)
        if self._beside:
            also = tr(phrases.ALSO_HERE).format(places=joined(self._beside))
            self.verdict_bar.warn(also)

    def on_verdict_bar_left(self) -> None:
        """No verdict."""
        self._close_bars()

    def on_verdict_bar_given(self, event: VerdictBar.Given) -> None:
        """Hands it in, unless somebody else was quicker."""
        self._write(event.prospect, event.note)

    async def watch_verdict(self) -> None:
        """Warns while the bar is open that somebody else has judged."""
        proposed = self.verdict_bar.prospect
        if proposed is not None:
            self.verdict_bar.warn(await self.session.reader.ask(meanwhile(proposed)))

    @work(exclusive=True, group="write")
    async def _write(self, proposed: Prospect, note: str) -> None:
        session = self.session
        wanted = requests(proposed, session.author, note, session.now())
        try:
            if self.verdict_bar.warn(await session.reader.ask(meanwhile(proposed))):
                return  # a second enter, with the warning in view, writes it all the same
            ids = await session.writer.ask(lambda c: verdicts.append(c, wanted))
        except sqlite3.Error as error:
            self.say(tr(says.NOT_WRITTEN).format(error=error), "bad")
            return
        self._close_bars()
        self.clear_marks()
        self.post_message(self.Written(proposed, ids))

    def _close_bars(self) -> None:
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
