"""One person: how their risk went, what was found, what is familiar, what was held back."""

from __future__ import annotations

from collections.abc import Sequence

from rich.cells import cell_len
from textual.app import ComposeResult
from textual.content import Content
from textual.events import DescendantFocus

from risktui.console.judging import Target
from risktui.console.marks import level_mark, level_style, state_word
from risktui.console.reading import Question, Story, story
from risktui.console.screens import rows
from risktui.console.screens.place import Place, bindings_of
from risktui.console.session import Session
from risktui.console.widgets.feed_messages import MarksChanged, RowHighlighted, RowSelected
from risktui.console.widgets.feed_table import FeedTable
from risktui.console.widgets.ink import cut, ink, line
from risktui.console.widgets.person import familiar_lines, held_back_lines, history_lines
from risktui.console.widgets.reason import reason_lines
from risktui.console.widgets.sheet import Sheet
from risktui.console.widgets.story import story_lines
from risktui.console.words import few_words, name_of, plural, short_name
from risktui.model.risk import Detection

FULL_FROM = 16
"""Lines from which the explanation is shown in full."""
TITLES = {
    "why": "Why",
    "history": "Risk history",
    "familiar": "Familiar",
    "held": "Held back",
}


class UserPlace(Place):
    """Everything about one person."""

    place = "user"
    panes = ("why", "detections", "history", "familiar", "held")
    BINDINGS = bindings_of("user")

    def __init__(self, session: Session, user_id: str) -> None:
        super().__init__(session)
        look = session.ascii_only
        self._user_id = user_id
        self._story: Story | None = None
        self._by_id: dict[str, Detection] = {}
        self.detections = FeedTable(
            rows.FOUND, header=False, empty="no detections", id="detections", ascii_only=look
        )
        self.sheets = {name: Sheet(ascii_only=look, id=name) for name in TITLES}

    def compose_panes(self) -> ComposeResult:
        """Detections, then what is known of the person."""
        for pane in (self.detections, *self.sheets.values()):
            pane.add_class("pane")
            yield pane

    def question(self) -> Question[Story | None]:
        """Everything about this person."""
        return story(self._user_id)

    def answer(self, found: Story | None) -> None:
        """Shows it; the cursor stays with the detection it was on."""
        if found is None:
            self.crumb(line("Users › ", ink(f"{self._user_id}: not known", "warn")))
            return
        self._story = found
        self.session.look_at(found.user)
        self._by_id = {one.id: one for one in found.detections}
        look, now = self.session.ascii_only, self.session.reference()
        self.detections.show([rows.found_row(d, now, ascii_only=look) for d in found.detections])
        self._draw()

    @property
    def selected(self) -> Detection | None:
        """The detection under the cursor."""
        return self._by_id.get(self.detections.cursor_key or "")

    def on_feed_table_row_highlighted(self, event: RowHighlighted) -> None:
        """Another detection is explained."""
        self._draw(top=True)

    def on_feed_table_row_selected(self, event: RowSelected) -> None:
        """Enter opens it."""
        self.post_message(self.Opened("detection", event.key))

    def on_feed_table_marks_changed(self, event: MarksChanged) -> None:
        """The frame says how many."""
        self._entitle()

    def on_descendant_focus(self, event: DescendantFocus) -> None:
        """What a verdict would be on depends on where the keys are."""
        self._entitle()

    def on_resize(self) -> None:
        """Cuts the frames' words to their width."""
        self.call_after_refresh(self._entitle)

    def action_open(self) -> None:
        """Enter anywhere opens the selected detection."""
        if (found := self.selected) is not None:
            self.post_message(self.Opened("detection", found.id))

    def action_mark_all(self) -> None:
        """Marks every detection."""
        for row in self.detections.rows:
            self.detections.mark(row.key)

    def clear_marks(self) -> bool:
        """Takes all marks away."""
        marked = bool(self.detections.marked)
        if marked:
            self.detections.clear_marks()
        return marked

    def targets(self) -> Sequence[Target]:
        """The detections that are marked or under the cursor in their list, else the person."""
        if self._story is None:
            return []
        user, marked = self._story.user, self.detections.marked
        if marked:
            return [Target(user, one) for one in self._story.detections if one.id in marked]
        if self.pane_in_use == "detections" and (found := self.selected) is not None:
            return [Target(user, found)]
        return [Target(user)]

    def undo_targets(self) -> Sequence[Target]:
        """The last verdict on this person, whatever it was on."""
        return [Target(self._story.user)] if self._story else []

    def copied(self) -> str:
        """The person's name, or the detection's id."""
        if self.pane_in_use == "detections":
            return self.detections.cursor_key or ""
        user = self._story.user if self._story else None
        return user.user_principal_name or user.id if user else ""

    # Drawing

    def _draw(self, *, top: bool = False) -> None:
        told = self._story
        if told is None:
            return
        look, now = self.session.ascii_only, self.session.now()
        past = self.session.reference()
        found = self.selected

        def why(width: int, height: int) -> list[Content]:
            if found is None:
                return [ink("nothing was found about this person", "muted")]
            if height < FULL_FROM:
                return reason_lines(found, width, height)
            return story_lines(found, width, ascii_only=look)

        sheets = self.sheets
        sheets["why"].show(why, top=top)
        sheets["history"].show(lambda w, _h: history_lines(told.history, w, now, ascii_only=look))
        sheets["familiar"].show(lambda w, _h: familiar_lines(told.profile, found, w, past))
        sheets["held"].show(lambda w, _h: held_back_lines(told.suppressions, w, now))
        self._entitle()

    def _entitle(self) -> None:
        if self._story is None:
            return
        user, found = self._story.user, self.selected
        level = user.risk_level
        judged = few_words(found.risk_event_type) if found else ""
        whom = judged if self.pane_in_use == "detections" and found else "the person"
        mark = level_mark(level, ascii_only=self.session.ascii_only)
        chip = f"/{self.session.search.text}" if self.session.search else ""
        front = line(
            ink("Users ", "muted"),
            ink(f"{chip} " if chip else "", "accent"),
            ink("› ", "muted"),
        )
        end = line(
            "  ",
            ink(f"{mark} " if user.risk_state.active else "", level_style(level)),
            state_word(user.risk_state),
            ink(f"  c d s judge {whom}", "muted"),
        )
        room = self.app.size.width - 3 - front.cell_length - end.cell_length
        whole, short = name_of(user), short_name(user.user_principal_name, name_of(user))
        start = line(front, ink(whole if cell_len(whole) <= room else short, "strong"))
        room = self.app.size.width - 3 - start.cell_length - end.cell_length
        display = cut(ink(user.user_display_name), room)
        self.crumb(line(start, " ", display, end) if room > 3 else line(start, end))
        marked = len(self.detections.marked)
        self.entitle(
            self.detections,
            line(
                plural(len(self._story.detections), "detection"),
                ink(f"  {marked} marked", "accent") if marked else "",
            ),
        )
        for name, sheet in self.sheets.items():
            self.entitle(sheet, self._tabs(name, judged))

    def _tabs(self, name: str, judged: str) -> Content:
        """In a narrow terminal one frame stands for all four, and names the others."""
        note = f"{TITLES[name]}: {judged}" if name == "why" and judged else TITLES[name]
        if not self.has_class("-narrow"):
            return ink(note)
        words = [
            ink(note if other == name else title, "strong" if other == name else "muted")
            for other, title in TITLES.items()
        ]
        return ink(" · ", "muted").join(words)
