"""Where one starts: who is at risk, what was found, and why the selected one is there."""

from __future__ import annotations

import asyncio
import sqlite3
from collections.abc import Sequence
from contextlib import suppress
from functools import partial

from textual import work
from textual.app import ComposeResult
from textual.content import Content
from textual.events import DescendantFocus

from risktui.console import list_words as says
from risktui.console.completing import values_of
from risktui.console.judging import Prospect, Target
from risktui.console.reader import Question
from risktui.console.reading import Lists, Pulse, strongest
from risktui.console.screens import rows, titles
from risktui.console.screens.arranging import Arranging
from risktui.console.screens.bindings import bindings_of
from risktui.console.screens.listing import Drawn, Wanted, drawn
from risktui.console.screens.reason_pane import ReasonPane
from risktui.console.session import Session
from risktui.console.widgets.feed_messages import (
    FollowChanged,
    MarksChanged,
    RowHighlighted,
    RowSelected,
)
from risktui.console.widgets.feed_table import FeedTable
from risktui.console.widgets.filter_bar import FilterBar
from risktui.console.widgets.ink import ink
from risktui.console.words import joined, plural
from risktui.language.choice import tr
from risktui.model.risk import Detection, RiskyUser
from risktui.store.search import Search, parse

CURSOR_FIRST = 0.03
"""Seconds that the cursor is painted before its reason is asked for; a held key asks for one."""
UNANSWERED = 0.2
"""Seconds that a slow database is waited for before frames are painted without anything in them."""
BESIDE = 100
"""Columns from which the reason stands beside the people."""
WIDE = 160
"""Columns from which there is room enough for the people in two fifths."""
WITH_TREND = 60
"""Cells of the list of people from which it says how risks went."""


class Overview(Arranging):
    """Users at risk, the feed, the reason of what is selected."""

    place = "overview"
    panes = ("users", "feed", "reason")
    BINDINGS = bindings_of("overview")

    def __init__(self, session: Session) -> None:
        super().__init__(session)
        look = session.ascii_only
        self.users = FeedTable(
            rows.people_columns(0),
            header=False,
            empty=says.NOBODY_AT_RISK,
            id="users",
            classes="pane -zoomed",
            ascii_only=look,
        )
        self.feed = FeedTable(
            rows.feed_columns(0),
            follow="top",
            header=False,
            empty=says.NO_DETECTIONS,
            id="feed",
            classes="pane",
            ascii_only=look,
        )
        self.reason = ReasonPane(session)
        self._found = Lists()
        self._snoozed = 0
        self._first = True
        self._read = False
        self._answered = asyncio.Event()
        self._people: dict[str, RiskyUser] = {}
        self._detections: dict[str, Detection] = {}
        self._source = "users"
        self._wanted = session.memory.selected
        self._left = ""
        self._mine: set[str] = set()

    def compose_panes(self) -> ComposeResult:
        """People, why the selected one is there, everything that is found."""
        yield self.users
        yield self.reason
        yield self.feed

    async def on_mount(self) -> None:
        """As it was left; what is painted first is what the database holds, not empty frames."""
        await super().on_mount()
        self.as_left()
        with suppress(TimeoutError):
            async with asyncio.timeout(UNANSWERED):
                await self._answered.wait()

    @property
    def table(self) -> FeedTable:
        """The list that has or had the keys."""
        return self.feed if self._source == "feed" else self.users

    def question(self) -> Question[Drawn]:
        """The lists, as far as the filter lets them through, and their rows."""
        looked_at = frozenset({*self._mine, self.users.cursor_key or ""})
        # From a past moment one would see in it how the risk went on.
        trend = self._room_for_people() >= WITH_TREND and self.session.at is None
        wanted = Wanted(
            looked_at,
            trend,
            self.session.before,
            few=self._first,
            people_near=self.users.near,
            feed_near=self.feed.near,
        )
        return drawn(self.session, wanted)

    def heeds(self, pulse: Pulse) -> object:
        """An empty list says whether logs are still being read."""
        return pulse.news, pulse.engine.reads, pulse.engine.newest > 0

    def answer(self, found: Drawn) -> None:
        """Shows the lists; a cursor that somebody has put somewhere stays with whom it was."""
        session, told = self.session, found.lists
        if not self._first:
            session.meet(told.users)
        self._found, self._snoozed = told, found.snoozed
        self._people = {user.id: user for user in told.users}
        self._detections = {detection.id: detection for detection in told.detections}
        for key in {*self._mine, self.users.cursor_key or ""} & self._people.keys():
            session.look_at(self._people[key])
        self._mine.clear()
        self.users.set_columns(found.people_columns)
        self.feed.set_columns(found.feed_columns)
        reads = session.pulse.engine.reads
        self.users.empty = self._when_empty(self._nobody())
        self.feed.empty = self._when_empty(says.NONE_SO_FAR if reads else says.NO_DETECTIONS)
        leads = self.untouched and (reads or self._read) and self.users.on_first
        self.users.show(found.people)
        self._read = reads
        if leads:  # who waits for a backlog wants the most urgent, not whom it met first
            self.users.action_first()
        if self._wanted and self.users.select(self._wanted):
            self._wanted = ""
        self.feed.show(found.feed)
        if not session.mask.on:
            self.filter_bar.learn(partial(values_of, told.users, told.detections))
        self._entitle()
        if self._first:
            self._first = False
            if found.reason is not None and found.reason.user == self.users.cursor_key:
                self._show_reason(found.reason)
            self._answered.set()
            self.call_after_refresh(self.post_message, self.Changed())  # now for all of them
        else:
            self._explain()
        if self.filter_bar.is_open:
            self.filter_bar.say(self._how_many())

    def _nobody(self) -> str:
        """That nobody is at risk can only be said of logs that are read."""
        engine = self.session.pulse.engine
        if engine.reads:
            return says.NOBODY_SO_FAR
        return says.NOBODY_AT_RISK if engine.newest else says.NOBODY_YET

    def _when_empty(self, nothing: str) -> str:
        """What an empty list says: where rows are kept back it is not that there are none."""
        if self.session.search:
            return says.NONE_MEETS
        return "" if self._snoozed else nothing

    def _room_for_people(self) -> int:
        """Cells of their list at this size (console.tcss), known before anything is laid out."""
        width = self.app.size.width
        if width < BESIDE or self.has_class("-zoom"):
            return width
        return width // 2 if width < WIDE else width * 2 // 5

    def _how_many(self) -> str:
        found = self._found
        detections = plural(len(found.detections), "detection")
        if not found.complete:
            detections = tr(says.OR_MORE).format(count=detections)
        people = found.met if self.session.search else len(found.users)
        return joined((plural(people, "user"), detections))

    # The frames

    def _entitle(self) -> None:
        search = self.session.search
        self.entitle(self.users, self._people_title())
        self.entitle(self.feed, titles.of_feed(self._found, search, self._find, self.feed))

    def _people_title(self) -> Content:
        marked = len(self.users.marked)
        search = self.session.search
        return titles.of_people(self._found, search, self._find, marked, self._snoozed)

    @property
    def _find(self) -> str:
        """The key that finds."""
        return self.key("find.start")

    # The selection and its reason

    def on_descendant_focus(self, event: DescendantFocus) -> None:
        """The reason belongs to the list that has the keys."""
        if event.widget in (self.users, self.feed):
            self._source = event.widget.id or "users"
            self._explain()

    def on_feed_table_row_highlighted(self, event: RowHighlighted) -> None:
        """Another row, another reason."""
        if event.table is self.users and event.key and not self._wanted:
            self.session.memory.selected = event.key
        if event.table.id != self._source:
            return
        if event.table is self.users and event.key in self._people and self.session.pulse.news:
            self.session.look_at(self._people[event.key])
        self._explain(CURSOR_FIRST)

    def on_feed_table_row_selected(self, event: RowSelected) -> None:
        """Enter opens it."""
        opened = self.Opened("user" if event.table is self.users else "detection", event.key)
        self.post_message(opened)

    def on_feed_table_marks_changed(self, event: MarksChanged) -> None:
        """The frame says how many."""
        self._entitle()

    def on_feed_table_follow_changed(self, event: FollowChanged) -> None:
        """The frame says whether it follows."""
        self._entitle()

    def on_resize(self) -> None:
        """How risks went is asked for where there is room for it."""
        self.post_message(self.Changed())

    def _explain(self, after: float = 0.0) -> None:
        self._ask_reason(after)

    @work(exclusive=True, group="reason")
    async def _ask_reason(self, after: float) -> None:
        if after:
            await asyncio.sleep(after)
        key = self.table.cursor_key
        if key is None:
            self.reason.explain_nothing()
            self.entitle(self.reason, ink(tr(says.NOBODY_SELECTED), "muted"))
            return
        if self._source == "feed":
            found = self._detections.get(key)
        else:
            try:
                found = await self.session.reader.ask(strongest(key, self.session.at))
            except sqlite3.Error:
                return  # the status line says what is wrong; the reason there was stays
        if found is not None:
            self._show_reason(found)

    def _show_reason(self, found: Detection) -> None:
        title = self.reason.explain(found, self._people.get(found.user))
        if title is not None:
            self.entitle(self.reason, title)

    # Verdicts, filter, feed

    def targets(self) -> Sequence[Target]:
        """Marked rows, else the one under the cursor, of the list that has or had the keys."""
        table = self.table
        marked = table.marked
        keys = [row.key for row in table.rows if row.key in marked] or [table.cursor_key or ""]
        if table is self.users:
            return [Target(self._people[key]) for key in keys if key in self._people]
        return [
            Target(self._owner(self._detections[key]), self._detections[key])
            for key in keys
            if key in self._detections
        ]

    def undo_targets(self) -> Sequence[Target]:
        """What was judged last from here, else the selection."""
        return self.session.last_judged or self.targets()

    def judged(self, proposed: Prospect) -> None:
        """Whoever is at risk again has the cursor; what one has done oneself is nothing new."""
        self._mine |= {target.user.id for target in proposed.targets}
        if proposed.action == "undo" and self._source == "users":
            self._wanted = proposed.targets[0].user.id

    def _owner(self, found: Detection) -> RiskyUser:
        known = self._people.get(found.user)
        return known or RiskyUser(id=found.user, user_principal_name=found.user_principal_name)

    def clear_marks(self) -> bool:
        """Takes all marks away."""
        marked = bool(self.users.marked or self.feed.marked)
        for table in (self.users, self.feed):
            if table.marked:
                table.clear_marks()
        return marked

    def action_mark_all(self) -> None:
        """Marks every row of the list; takes the marks away where all are marked."""
        table = self.table
        keys = [row.key for row in table.rows]
        table.mark_all(keys, on=len(table.marked) < len(keys))

    def selection(self) -> Sequence[RiskyUser | Detection]:
        """The marked rows of the list, else the one under the cursor."""
        if self.table is self.users:
            return [target.user for target in self.targets()]
        return [target.detection for target in self.targets() if target.detection]

    def action_open(self) -> None:
        """Enter in the reason opens the detection that is explained there."""
        if self.reason.about:
            self.post_message(self.Opened("detection", self.reason.about))

    def action_pause(self) -> None:
        """Holds the feed, or lets it follow again."""
        if self.feed.following:
            self.feed.hold()
        else:
            self.feed.follow_again()
        self._entitle()

    def action_find(self) -> None:
        """Opens the line for the filter."""
        self._return_to = self.focused
        self._left = self.users.cursor_key or ""
        self.filter_bar.open(self.session.search.text)
        self.key_bar.show([("enter", says.KEEP), ("esc", says.BACK_TO)])

    def on_filter_bar_tried(self, event: FilterBar.Tried) -> None:
        """The lists follow while one types."""
        self._filter(parse(event.text))
        if event.kept:
            self.close_bars()

    def on_filter_bar_left(self, event: FilterBar.Left) -> None:
        """Back to the filter there was, and to whom the cursor was on."""
        self._wanted = self._left
        self._filter(parse(event.text))
        self.close_bars()

    def clear_filter(self) -> bool:
        """Takes the filter away."""
        if not self.session.search:
            return False
        self._filter(Search())
        return True

    def _filter(self, search: Search) -> None:
        self.session.before = search or self.session.before
        self.session.search = search
        self.post_message(self.Changed())

    def can_come_forward(self, name: str) -> bool:
        """All panes do."""
        return name in self.panes

    def zoom_changed(self) -> None:
        """The next watch begins with it."""
        self.session.memory.zoomed = self.pane_in_use if self.has_class("-zoom") else ""

    def exported(self) -> Sequence[Detection] | Sequence[RiskyUser]:
        """The list that has or had the keys, as the filter lets it through."""
        return self._found.detections if self._source == "feed" else self._found.users

    def copied(self) -> str:
        """The person's name, or the detection's id."""
        if self.pane_in_use == "users":
            user = self._people.get(self.users.cursor_key or "")
            return user.user_principal_name or user.id if user else ""
        return self.reason.about if self.pane_in_use == "reason" else self.feed.cursor_key or ""
