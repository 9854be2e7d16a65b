"""One detection, explained so that it can be believed or not."""

from __future__ import annotations

import asyncio
import sqlite3
from collections.abc import Sequence

from rich.cells import cell_len
from textual import work
from textual.app import ComposeResult
from textual.content import Content
from textual.events import DescendantFocus

from risktui.console import list_words as says
from risktui.console import phrases
from risktui.console.judging import Target
from risktui.console.marks import level_mark, level_style, state_word
from risktui.console.raw import log_files, search
from risktui.console.reader import Question
from risktui.console.reading import Case, case
from risktui.console.screens.bindings import bindings_of
from risktui.console.screens.framed import SHORTEST
from risktui.console.screens.place import Place
from risktui.console.screens.related_rows import columns, related_row
from risktui.console.session import Session
from risktui.console.widgets.feed_messages import RowSelected
from risktui.console.widgets.feed_table import FeedTable
from risktui.console.widgets.ink import cut, ink, line
from risktui.console.widgets.record import RecordTable
from risktui.console.widgets.sheet import Sheet
from risktui.console.widgets.story import story_lines, what_lines, why_lines
from risktui.console.widgets.text_bar import TextBar
from risktui.console.widgets.veiled_input import veiled
from risktui.console.words import date_and_clock, kind_of, name_of, offset, plural, short_name
from risktui.language.choice import tr
from risktui.model.risk import Detection, RiskyUser
from risktui.store.verdicts import is_decision


class DetectionPlace(Place):
    """Evidence, counter-evidence, thresholds, level, timeline, what to do, who else, the record."""

    place = "detection"
    panes = ("all", "why", "what", "related", "raw")
    BINDINGS = bindings_of("detection")

    def __init__(self, session: Session, detection_id: str) -> None:
        super().__init__(session)
        look = session.ascii_only
        self._detection_id = detection_id
        self._case: Case | None = None
        self.sheets = {name: Sheet(ascii_only=look, id=name) for name in ("all", "why", "what")}
        self.related = FeedTable(
            columns(), header=False, empty=phrases.NOBODY_ELSE, id="related", ascii_only=look
        )
        self.record = RecordTable(ascii_only=look, id="raw")
        self.finder = TextBar(phrases.RAW_FIND, phrases.RAW_FIND_HINT)
        self.text_bar = self.finder

    def compose_panes(self) -> ComposeResult:
        """One column, or two or three where there is room."""
        for pane in (*self.sheets.values(), self.related, self.record):
            pane.add_class("pane")
            yield pane

    def compose_bars(self) -> ComposeResult:
        """The line for what is looked for in the record."""
        yield self.finder

    async def on_mount(self) -> None:
        """The keys go to what is seen first."""
        await super().on_mount()
        self.call_after_refresh(self._choose)

    def on_resize(self) -> None:
        """One column or more; the keys stay with what is seen."""
        self.call_after_refresh(self._choose)

    def _choose(self) -> None:
        if not self.is_whole:
            return
        if not self.can_come_forward(self.pane_in_use):
            self.show_pane("all" if self.has_class("-narrow") else "why")
        self._entitle()

    def can_come_forward(self, name: str) -> bool:
        """The one column in a narrow terminal, the others in another; lists at any size."""
        return name in {"related", "raw"} or (name == "all") == self.has_class("-narrow")

    def question(self) -> Question[Case | None]:
        """This detection and its person."""
        return case(self._detection_id, self.session.at)

    def answer(self, found: Case | None) -> None:
        """Shows it."""
        if found is None:
            self.crumb(line(f"{tr(says.CRUMB)} › ", ink(tr(phrases.GONE), "warn")))
            return
        self._case = found
        self.session.mask.learn((found.detection, *(each.detection for each in found.related)))
        one, look, others = found.detection, self.session.ascii_only, found.others
        self.sheets["all"].show(
            lambda width, _h: story_lines(one, width, ascii_only=look, others=others)
        )
        self.sheets["why"].show(lambda width, _h: why_lines(one, width, ascii_only=look))
        self.sheets["what"].show(lambda width, _h: what_lines(one, width, others))
        now = self.session.reference()
        self.related.show([related_row(each, now, ascii_only=look) for each in found.related])
        self._entitle()

    # What is written on the frames

    def on_descendant_focus(self, event: DescendantFocus) -> None:
        """The frames name each other; the record is looked for when one comes to it."""
        self._entitle()

    def _entitle(self) -> None:
        if self._case is None or not self.is_whole:
            return
        width, look = self.app.size.width - 2, self.session.ascii_only
        self.crumb(_crumb(self._case, self.session.reference(), width, ascii_only=look))
        count = sum(each.shares != "person" for each in self._case.related)
        related = tr(phrases.RELATED_COUNT).format(count=count) if count else tr(phrases.RELATED)
        titles = {
            "all": tr(phrases.WHY_AND_WHAT),
            "why": tr(phrases.WHY),
            "what": tr(phrases.WHAT),
            "related": related,
            "raw": tr(phrases.RAW),
        }
        shown: tuple[str, ...] = ("all", "related", "raw") if self.is_of("-narrow") else ()
        shown = ("what", "raw") if self.is_of("-middle") else shown
        for name in self.panes:
            group = shown if name in shown else (name,)
            words = [ink(titles[each], "strong" if each == name else "muted") for each in group]
            title = ink(" · ", "muted").join(words) if len(group) > 1 else ink(titles[name])
            self.entitle(self.pane(name), title)

    # Rows that open, and the record

    def on_feed_table_row_selected(self, event: RowSelected) -> None:
        """Enter opens a related detection, looks for the record, or folds a line of it."""
        event.stop()
        if event.table is self.related:
            self.post_message(self.Opened("detection", event.key))
        elif self.record.found is None:
            self.action_raw()
        else:
            self.record.fold(event.key)

    def action_open(self) -> None:
        """Enter: in the empty record's pane it begins to look."""
        if self.pane_in_use == "raw":
            self.action_raw()

    def action_related(self) -> None:
        """To who else was concerned."""
        self.show_pane("related")

    def action_raw(self) -> None:
        """To the record, which is looked for when it was not yet."""
        self.show_pane("raw")
        if self.record.found is not None or self._case is None:
            return
        one = self._case.detection
        if one.event_ids and all(map(is_decision, one.event_ids)):
            self.record.say(tr(phrases.RAW_DECISION).format(key=self.key("go.audit")))
            return
        self.record.say(tr(phrases.RAW_LOOKING))
        self._look_for_record(one)

    @work(exclusive=True, group="record")
    async def _look_for_record(self, one: Detection) -> None:
        ids = tuple(dict.fromkeys(name for name in (*one.event_ids, one.request_id) if name))
        try:
            files = await self.session.reader.ask(log_files)
            found = await asyncio.to_thread(search, files, ids)
        except (sqlite3.Error, OSError) as error:
            self.record.say(str(error))
            return
        self.record.tell(found, ", ".join(ids))

    def action_find_raw(self) -> None:
        """Opens the line for what is looked for in the record."""
        self._return_to = self.record
        self.action_raw()
        self.finder.open()
        self.key_bar.show([("enter", says.FIND), ("esc", says.LEAVE_IT)])

    def on_text_bar_given(self, event: TextBar.Given) -> None:
        """Looks for it in the record."""
        self.close_bars()
        count = self.record.seek(event.text)
        said = tr(phrases.IN_RECORD) if count else tr(phrases.NOT_IN_RECORD)
        if event.text:
            lines = plural(count, "line")
            self.say(said.format(lines=lines, text=veiled(event.text)), "" if count else "warn")

    def on_text_bar_left(self) -> None:
        """Looks for nothing."""
        self.close_bars()

    def action_next_hit(self, step: int) -> None:
        """To the next line of the record with what is looked for."""
        if not self.record.next_hit(step):
            self.say(tr(phrases.NOTHING_TO_FIND))

    # Verdicts

    def targets(self) -> Sequence[Target]:
        """This detection."""
        if self._case is None:
            return []
        one = self._case.detection
        user = self._case.user or RiskyUser(
            id=one.user, user_principal_name=one.user_principal_name
        )
        return [Target(user, one)]

    def undo_targets(self) -> Sequence[Target]:
        """The last verdict on its person, whatever it was on."""
        return [Target(target.user) for target in self.targets()]

    def looked_at(self) -> str:
        """Whose detection it is."""
        return self._case.detection.user if self._case else ""

    def exported(self) -> Sequence[Detection]:
        """This detection, or those that belong to it where the keys are with them."""
        if self._case is None:
            return ()
        if self.pane_in_use == "related":
            return [each.detection for each in self._case.related]
        return [self._case.detection]

    def copied(self) -> str:
        """The detection's id; in the lists what is under the cursor."""
        if self.pane_in_use == "related":
            return self.related.cursor_key or self._detection_id
        if self.pane_in_use == "raw" and (row := self.record.cursor_row) is not None:
            return row.cells[1].text
        return self._detection_id


def _crumb(found: Case, now: int, width: int, *, ascii_only: bool) -> Content:
    """Whose, what, how strong, when; what matters least is left out where there is no room."""
    one, user = found.detection, found.user
    level = one.risk_level
    front = ink(f"{tr(says.CRUMB)} › ", "muted")
    what = line(
        ink(" › ", "muted"),
        ink(kind_of(one), "strong"),
        "  ",
        ink(level_mark(level, ascii_only=ascii_only), level_style(level)),
        f" {state_word(one.risk_state)}",
    )
    room = max(SHORTEST, width - front.cell_length - what.cell_length)
    whole = name_of(user) if user else one.user_principal_name or one.user_id
    name = ink(whole if cell_len(whole) <= room else short_name(whole, whole))
    crumb = line(front, cut(name, room), what)
    for more in (
        f"{date_and_clock(one.happened, now)} {offset(one.happened)}",
        one.risk_event_type,
    ):
        longer = line(crumb, ink(f"  {more}", "muted"))
        if longer.cell_length > width:
            break
        crumb = longer
    return crumb
