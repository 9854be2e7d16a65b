"""Where one starts: who is at risk, what was found, and why the selected one is there."""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence

import msgspec
from textual import work
from textual.app import ComposeResult
from textual.content import Content
from textual.events import DescendantFocus

from risktui.console.judging import Prospect, Target
from risktui.console.reading import Lists, Question, lists, strongest
from risktui.console.screens import rows, titles
from risktui.console.screens.place import Place, bindings_of
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
from risktui.console.widgets.reason import reason_lines, reason_title
from risktui.console.widgets.rows import Row
from risktui.console.widgets.sheet import Sheet
from risktui.console.widgets.story import story_lines
from risktui.console.words import plural, reference
from risktui.model.risk import Detection, RiskyUser
from risktui.store.search import Search

FULL_FROM = 16
"""Lines from which the reason pane shows the whole explanation."""


class Drawn(msgspec.Struct, frozen=True):
    """Lists with their rows, made where it holds nobody up."""

    lists: Lists
    people: list[Row]
    feed: list[Row]


class Overview(Place):
    """Users at risk, the feed, the reason of what is selected."""

    place = "overview"
    panes = ("users", "feed", "reason")
    BINDINGS = bindings_of("overview")

    def __init__(self, session: Session) -> None:
        super().__init__(session)
        look = session.ascii_only
        self.users = FeedTable(
            rows.PEOPLE, header=False, empty="nobody is at risk", id="users", ascii_only=look
        )
        self.feed = FeedTable(
            rows.FEED,
            follow="top",
            header=False,
            empty="no detections yet",
            id="feed",
            ascii_only=look,
        )
        self.reason = Sheet(ascii_only=look, id="reason")
        self._found = Lists()
        self._people: dict[str, RiskyUser] = {}
        self._detections: dict[str, Detection] = {}
        self._source = "users"
        self._shown = ""
        self._wanted = ""
        self._mine: set[str] = set()

    def compose_panes(self) -> ComposeResult:
        """People, feed, reason."""
        for pane in (self.users, self.feed, self.reason):
            pane.add_class("pane")
            yield pane

    def question(self) -> Question[Drawn]:
        """The lists, as far as the filter lets them through, and their rows."""
        session, look = self.session, self.session.ascii_only
        ask = lists(session.search, session.now())
        now = reference(session.now(), session.pulse.engine.newest)
        looked_at = frozenset({*self._mine, self.users.cursor_key or ""})

        def draw(connection: sqlite3.Connection) -> Drawn:
            found = ask(connection)
            people = [
                rows.person_row(
                    user,
                    now,
                    new=user.id not in looked_at and session.is_new(user),
                    ascii_only=look,
                )
                for user in found.users
            ]
            feed = [rows.feed_row(one, ascii_only=look) for one in found.detections]
            return Drawn(found, people, feed)

        return draw

    def answer(self, found: Drawn) -> None:
        """Shows the lists; the cursor stays with whom it was."""
        session, told = self.session, found.lists
        session.meet(told.users)
        self._found = told
        self._people = {user.id: user for user in told.users}
        self._detections = {detection.id: detection for detection in told.detections}
        for key in {*self._mine, self.users.cursor_key or ""} & self._people.keys():
            session.look_at(self._people[key])
        self._mine.clear()
        self.users.show(found.people)
        if self._wanted and self.users.select(self._wanted):
            self._wanted = ""
        self.feed.show(found.feed)
        self._entitle()
        self._explain()
        if self.filter_bar.is_open:
            self.filter_bar.say(self._how_many())

    def _how_many(self) -> str:
        found = self._found
        more = "" if found.complete else " or more"
        detections = plural(len(found.detections), "detection")
        return f"{plural(len(found.users), 'user')}, {detections}{more}"

    # The frames

    def _entitle(self) -> None:
        search = self.session.search
        self.entitle(self.users, titles.of_people(self._found, search, len(self.users.marked)))
        self.entitle(self.feed, titles.of_feed(self._found, search, self.feed))

    # The selection and its reason

    def on_descendant_focus(self, event: DescendantFocus) -> None:
        """The reason belongs to the list that has the keys."""
        if event.widget in (self.users, self.feed):
            self._source = event.widget.id or "users"
            self._explain()

    def on_feed_table_row_highlighted(self, event: RowHighlighted) -> None:
        """Another row, another reason."""
        if event.table.id != self._source:
            return
        if event.table is self.users and event.key in self._people and self.session.pulse.news:
            self.session.look_at(self._people[event.key])
        self._explain()

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
        """Cuts the frames' words to their width."""
        self.call_after_refresh(self._entitle)

    def _explain(self) -> None:
        self._ask_reason()

    @work(exclusive=True, group="reason")
    async def _ask_reason(self) -> None:
        key = (self.feed if self._source == "feed" else self.users).cursor_key
        if key is None:
            self.reason.show(None)
            self.entitle(self.reason, ink("nobody selected", "muted"))
            self._shown = ""
            return
        if self._source == "feed":
            found = self._detections.get(key)
        else:
            try:
                found = await self.session.reader.ask(strongest(key))
            except sqlite3.Error:
                return  # the status line says what is wrong; the reason there was stays
        if found is not None:
            self._show_reason(found)

    def _show_reason(self, found: Detection) -> None:
        look = self.session.ascii_only

        def draw(width: int, height: int) -> list[Content]:
            if height < FULL_FROM:
                return reason_lines(found, width, height)
            return story_lines(found, width, ascii_only=look)

        another = found.id != self._shown
        self._shown = found.id
        self.reason.show(draw, top=another)
        user = self._people.get(found.user)
        self.entitle(self.reason, reason_title(found, user, ascii_only=look))

    # Verdicts, filter, feed

    def targets(self) -> Sequence[Target]:
        """Marked rows, else the one under the cursor, of the list that has or had the keys."""
        table = self.feed if self._source == "feed" else self.users
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
        """Marks every row of the list."""
        table = self.feed if self._source == "feed" else self.users
        for row in table.rows:
            table.mark(row.key)
        self._entitle()

    def action_open(self) -> None:
        """Enter in the reason opens the detection that is explained there."""
        if self._shown:
            self.post_message(self.Opened("detection", self._shown))

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
        self.filter_bar.open(self.session.search)
        self.key_bar.show([("enter", "keep"), ("esc", "back to what it was")])

    def on_filter_bar_tried(self, event: FilterBar.Tried) -> None:
        """The lists follow while one types."""
        self._filter(event.search)
        if event.kept:
            self._close_bars()

    def on_filter_bar_left(self, event: FilterBar.Left) -> None:
        """Back to the filter there was."""
        self._filter(event.search)
        self._close_bars()

    def clear_filter(self) -> bool:
        """Takes the filter away."""
        if not self.session.search:
            return False
        self._filter(Search())
        return True

    def _filter(self, search: Search) -> None:
        self.session.search = search
        self.post_message(self.Changed())

    def can_come_forward(self, name: str) -> bool:
        """All panes do."""
        return name in self.panes

    def copied(self) -> str:
        """The person's name, or the detection's id."""
        if self.pane_in_use == "users":
            user = self._people.get(self.users.cursor_key or "")
            return user.user_principal_name or user.id if user else ""
        return self._shown if self.pane_in_use == "reason" else self.feed.cursor_key or ""
