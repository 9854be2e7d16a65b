"""How the overview's lists are arranged: sorted, put aside, named, hidden, or of a past moment."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime

import msgspec
from textual.app import ComposeResult

from risktui.console import list_words as says
from risktui.console import past, sorting
from risktui.console.memory import Order, View
from risktui.console.screens.place import Place
from risktui.console.session import Session
from risktui.console.snoozing import USUAL, SnoozeError, span
from risktui.console.widgets.ask_bar import AskBar
from risktui.console.widgets.feed_table import FeedTable
from risktui.console.widgets.veiled_input import veiled
from risktui.console.words import date_and_clock, name_of, plural
from risktui.language.choice import tr
from risktui.model.risk import Detection, RiskyUser
from risktui.store.search import SearchError, parse
from risktui.store.search_terms import moment_before


class Arranging(Place):
    """What can be done to lists without changing anybody's risk."""

    users: FeedTable
    feed: FeedTable

    def __init__(self, session: Session) -> None:
        super().__init__(session)
        self.asking = self.text_bar = AskBar()

    def compose_bars(self) -> ComposeResult:
        """The line for questions."""
        yield self.asking

    @property
    def table(self) -> FeedTable:
        """The list that has or had the keys."""
        raise NotImplementedError

    def selection(self) -> Sequence[RiskyUser | Detection]:
        """The marked rows of that list, else the one under the cursor."""
        raise NotImplementedError

    def as_left(self) -> None:
        """Brings what is remembered to the screen."""
        memory = self.session.memory
        self.users.header = self.feed.header = memory.header
        for name in self.panes:
            gone = name in memory.hidden
            self.pane(name).set_class(gone, "-never")
            self.set_class(gone, f"-no-{name}")
        if memory.zoomed in self.panes and memory.zoomed not in memory.hidden:
            self.show_pane(memory.zoomed)
            self.add_class("-zoom")

    # Order

    def action_sort(self) -> None:
        """The next order of the list."""
        memory = self.session.memory
        if self.table is self.feed:
            self._sort(sorting.after(memory.feed, sorting.FEED))
        else:
            self._sort(sorting.after(memory.people, sorting.PEOPLE))

    def action_turn(self) -> None:
        """The same order the other way round."""
        memory = self.session.memory
        order = memory.feed if self.table is self.feed else memory.people
        self._sort(msgspec.structs.replace(order, turned=not order.turned))

    def _sort(self, order: Order) -> None:
        if self.table is self.feed:
            self.session.memory.feed = order
        else:
            self.session.memory.people = order
        text = tr(says.SORTED_TURNED) if order.turned else tr(says.SORTED)
        what = tr(says.DETECTIONS) if self.table is self.feed else tr(says.USERS)
        self.say(text.format(what=what, order=tr(sorting.ORDER_WORDS[order.by])))
        self.post_message(self.Changed())

    def action_header(self) -> None:
        """Titles of columns, or a row more."""
        memory = self.session.memory
        memory.header = not memory.header
        self.as_left()

    # Matches

    def action_match(self, step: int) -> None:
        """To the next row that meets what was looked for last, or the one before."""
        text = self.session.before.text
        if not text:
            self.say(tr(says.NO_SEARCH_YET).format(key=self.key("find.start")))
        elif not any(row.match for row in self.table.rows):
            self.say(tr(says.NO_MATCH).format(text=veiled(text)))
        elif step > 0:
            self.table.action_next_match()
        else:
            self.table.action_previous_match()

    # Out of sight

    def action_snooze(self) -> None:
        """Asks how long the selection is to be out of sight."""
        if chosen := self.selection():
            self._ask(
                "snooze", tr(says.SNOOZE_ASK).format(who=_who(chosen)), tr(says.SNOOZE_HINT), USUAL
            )

    def _snooze(self, text: str) -> None:
        chosen, session = self.selection(), self.session
        try:
            length = span(text)
        except SnoozeError as error:
            self.say(tr(str(error)), "bad")
            return
        now = session.now()
        for one in chosen:
            session.snoozes.put(one, now, length)
        session.snoozes.together([one.id for one in chosen])
        until = date_and_clock(now + length, now)
        key = self.key("snooze.undo")
        self.close_bars()
        self.clear_marks()
        self.say(tr(says.SNOOZE_DONE).format(who=_who(chosen), until=until, key=key), "good")
        self.remember()
        self.post_message(self.Changed())

    def action_wake(self) -> None:
        """Brings back what was put aside last, then everything."""
        count = self.session.snoozes.undo()
        self.say(tr(says.SNOOZE_BACK).format(count=count) if count else tr(says.SNOOZE_NONE))
        self.remember()
        self.post_message(self.Changed())

    # Views

    def action_views(self) -> None:
        """A list of views to choose from."""
        known = self.session.diary.kept.views
        if not known:
            self.say(tr(says.VIEW_NONE).format(key=self.key("view.save")))
            return
        from risktui.console.screens.views import ViewsScreen  # nobody waits for it at the start

        self.app.push_screen(ViewsScreen(self.session), self.wear)

    def wear(self, name: str | None) -> None:
        """Shows the view called `name`."""
        view = self.session.diary.kept.views.get(name or "")
        if view is None:
            return
        try:
            self.session.search = parse(view.text)
        except SearchError as error:
            self.say(tr(str(error)), "bad")
            return
        self.session.before = self.session.search
        self.session.memory.people, self.session.memory.feed = view.people, view.feed
        self.say(tr(says.VIEW_WORN).format(name=name))
        self.post_message(self.Changed())

    def action_save_view(self) -> None:
        """Asks for a name for what is seen."""
        self._ask("view", tr(says.VIEW_ASK), tr(says.VIEW_HINT))

    def _save_view(self, name: str) -> None:
        self.close_bars()
        if not name:
            return
        memory, text = self.session.memory, self.session.search.text
        self.session.diary.kept.views[name] = View(text, memory.people, memory.feed)
        self.say(
            tr(says.VIEW_SAVED).format(
                name=name, text=f"/{veiled(text)}" if text else tr(says.EVERYTHING)
            ),
            "good",
        )
        self.remember()

    # Panes

    def action_hide(self) -> None:
        """The pane in use makes room for the others."""
        memory = self.session.memory
        hidden = {*memory.hidden, self.pane_in_use}
        if hidden >= set(self.panes):
            self.say(tr(says.PANE_LAST))
            return
        memory.hidden = sorted(hidden)
        self.remove_class("-zoom")
        self.as_left()
        self.show_pane(next(name for name in self.panes if name not in hidden))
        self.say(tr(says.PANE_HIDDEN).format(key=self.key("pane.show")))

    def action_show_all(self) -> None:
        """All panes are back."""
        self.session.memory.hidden = []
        self.as_left()
        self.said.hush()  # how to bring them back

    # The past

    def action_past(self) -> None:
        """Asks for a past moment."""
        session = self.session
        hint = tr(says.PAST_HINT)
        if session.replaying():  # of old logs the newest event is what time is counted from
            hint = tr(says.PAST_HINT_OF).format(when=date_and_clock(self._end(), session.now()))
        self._ask("past", tr(says.PAST_ASK), hint)

    def _end(self) -> int:
        """The present (ms) that a past is before: now, or the end of what is replayed."""
        session = self.session
        return session.pulse.engine.newest if session.replaying() else session.now()

    def _go_to(self, text: str) -> None:
        if not text:
            self.close_bars()
            self.go_to(None)
            return
        end = self.session.now()
        try:
            at = moment_before(text, self._end())
        except SearchError:
            at = end
        if at >= end:
            self.say(tr(says.PAST_NOT).format(text=repr(text)), "bad")
            return
        self.close_bars()
        self.go_to(at)

    def go_to(self, at: int | None) -> None:
        """Stands at the moment `at` (ms), None for now."""
        self.session.at = at
        self.key_bar.show(self.keys())
        if at is not None:
            time = datetime.fromtimestamp(at / 1000, UTC).astimezone().strftime("%Y-%m-%d %H:%M:%S")
            before, after = self.key("past.before"), self.key("past.after")
            self.say(tr(says.PAST_STEP).format(when=time, before=before, after=after))
        else:
            self.said.hush()
        self.post_message(self.Changed())

    async def action_step(self, direction: int) -> None:
        """To the change of anybody's risk before this moment, or after it."""
        session = self.session
        at = session.at or session.now()
        ask = past.step_before if direction < 0 else past.step_after
        found = await session.reader.ask(lambda connection: ask(connection, at))
        if found is None or (found >= session.now()):
            where = tr(says.PAST_BEFORE) if direction < 0 else tr(says.PAST_AFTER)
            self.say(tr(says.PAST_NO_STEP).format(where=where))
            if direction > 0 and session.at is not None:
                self.go_to(None)
            return
        self.go_to(found)

    def leave_past(self) -> bool:
        """Back to now; whether one was elsewhere."""
        if self.session.at is None:
            return False
        self.go_to(None)
        return True

    # The line for questions

    def _ask(self, about: str, question: str, hint: str, answer: str = "") -> None:
        self._return_to = self.focused
        self.said.hush()
        self.asking.ask(about, question, hint, answer)
        self.key_bar.show([("enter", says.DO_IT), ("esc", says.LEAVE_IT)])

    def on_text_bar_given(self, event: AskBar.Given) -> None:
        """An answer."""
        event.stop()
        {"snooze": self._snooze, "view": self._save_view, "past": self._go_to}[self.asking.about](
            event.text
        )

    def on_text_bar_left(self) -> None:
        """No answer."""
        self.close_bars()


def _who(chosen: Sequence[RiskyUser | Detection]) -> str:
    """`carol@contoso.com`, `3 users`."""
    if len(chosen) > 1:
        return plural(len(chosen), "user" if isinstance(chosen[0], RiskyUser) else "detection")
    one = chosen[0]
    return name_of(one) if isinstance(one, RiskyUser) else one.risk_event_type
