"""One person: what was found, what happened, where, what is familiar, how their risk went."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from typing import ClassVar

from rich.cells import cell_len
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.content import Content
from textual.events import DescendantFocus

from risktui.console import list_words as says
from risktui.console import phrases
from risktui.console.completing import values_of
from risktui.console.hops import stops_of
from risktui.console.judging import Target
from risktui.console.marks import level_mark, level_style, state_word
from risktui.console.reader import Question
from risktui.console.reading import Story, story
from risktui.console.screens import rows
from risktui.console.screens.bindings import bindings_of
from risktui.console.screens.finding import Finding
from risktui.console.screens.framed import SHORTEST
from risktui.console.session import Session
from risktui.console.widgets.familiar import familiar_lines
from risktui.console.widgets.feed_messages import MarksChanged, RowHighlighted, RowSelected
from risktui.console.widgets.feed_table import FeedTable
from risktui.console.widgets.ink import cut, ink, line
from risktui.console.widgets.person import held_back_lines, history_lines
from risktui.console.widgets.reason import reason_lines
from risktui.console.widgets.sessions import session_lines
from risktui.console.widgets.sheet import Sheet
from risktui.console.widgets.story import story_lines
from risktui.console.widgets.veiled_input import veiled
from risktui.console.widgets.world_map import map_lines
from risktui.console.words import kind_of, name_of, place_of, plural, short_name
from risktui.language.choice import tr
from risktui.model.risk import Detection

FULL_FROM = 16
"""Lines from which the explanation is shown in full."""
GROUPS = {
    "-narrow": (("why", "sessions", "familiar", "map", "history", "held"),),
    "-middle": (("history", "held"), ("familiar", "map")),
}
"""Panes that share one place at a size, the one in front first; their frames name each other."""


class UserPlace(Finding):
    """Everything about one person."""

    place = "user"
    panes = ("why", "detections", "sessions", "familiar", "map", "history", "held")
    BINDINGS: ClassVar[list[BindingType]] = [
        *bindings_of("user"),
        # Where all of a text is in view, and it need not be scrolled.
        Binding("up,k", "step(-1)", "up", show=False, id="feed.up"),
        Binding("down,j", "step(1)", "down", show=False, id="feed.down"),
    ]

    def __init__(self, session: Session, user_id: str) -> None:
        super().__init__(session)
        look = session.ascii_only
        self._user_id = user_id
        self._story: Story | None = None
        self._by_id: dict[str, Detection] = {}
        self.detections = FeedTable(rows.FOUND, header=False, id="detections", ascii_only=look)
        self.sheets = {name: Sheet(ascii_only=look, id=name) for name in phrases.USER_TITLES}

    def compose_panes(self) -> ComposeResult:
        """Detections, then what is known of the person."""
        for pane in (self.detections, *self.sheets.values()):
            pane.add_class("pane")
            yield pane

    def question(self) -> Question[Story | None]:
        """Everything about this person."""
        return story(self._user_id, self.session.at)

    def answer(self, found: Story | None) -> None:
        """Shows it; the cursor stays with the detection it was on."""
        if found is None:
            self.crumb(
                line(
                    f"{tr(says.CRUMB)} › ",
                    ink(tr(phrases.NOT_KNOWN).format(user=self._user_id), "warn"),
                )
            )
            return
        self._story = found
        self.session.mask.learn((found.user, *found.detections))
        self.session.look_at(found.user)
        self._by_id = {one.id: one for one in found.detections}
        look, now = self.session.ascii_only, self.session.reference()
        asked = self.asked
        wanted = [
            one
            for one in found.detections
            if asked.any_of([one], now) and asked.has_words(_words(one))
        ]
        self.detections.empty = "" if asked else says.NO_DETECTIONS
        self.detections.show([rows.found_row(d, now, ascii_only=look) for d in wanted])
        self._draw()
        self.say_how_many(len(wanted), len(found.detections))
        if not self.session.mask.on:
            self.filter_bar.learn(partial(values_of, (), found.detections))

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

    def action_step(self, by: int) -> None:
        """To the next detection or the one before; the keys, and whom they judge, stay."""
        move = self.detections.action_cursor_down if by > 0 else self.detections.action_cursor_up
        move()

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

    def exported(self) -> Sequence[Detection]:
        """This person's detections, as they are listed."""
        return [self._by_id[row.key] for row in self.detections.rows if row.key in self._by_id]

    def looked_at(self) -> str:
        """This person."""
        return self._user_id

    def told(self) -> str:
        """This person, wherever the keys are."""
        return self._user_id

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
        look, now = self.session.ascii_only, self.session.reference()
        found = self.selected

        def why(width: int, height: int) -> list[Content]:
            if found is None:
                return [ink(tr(phrases.NOTHING_FOUND), "muted")]
            if height < FULL_FROM:
                return reason_lines(found, width, height)
            return story_lines(found, width, ascii_only=look)

        sheets = self.sheets
        sheets["why"].show(why, top=top)
        sheets["history"].show(lambda w, _h: history_lines(told.history, w, now, ascii_only=look))
        sheets["familiar"].show(
            lambda w, _h: familiar_lines(
                told.profile, found, told.detections, w, now, ascii_only=look
            )
        )
        stops = stops_of(told.profile, told.detections)
        sheets["map"].show(lambda w, h: map_lines(stops, w, h, ascii_only=look))
        sheets["sessions"].show(lambda w, _h: session_lines(told.sessions, w, now))
        sheets["held"].show(lambda w, _h: held_back_lines(told.suppressions, w, now))
        self._entitle()

    def _entitle(self) -> None:
        if self._story is None:
            return
        user, found = self._story.user, self.selected
        level = user.risk_level
        judged = kind_of(found) if found else ""
        judges = tr(phrases.JUDGES_PERSON)
        if self.pane_in_use == "detections" and found:
            judges = tr(phrases.JUDGES).format(whom=judged)
        if self.session.refusal():
            judges = ""
        mark = level_mark(level, ascii_only=self.session.ascii_only)
        chip = f"/{veiled(self.session.search.text)}" if self.session.search else ""
        front = line(
            ink(f"{tr(says.CRUMB)} ", "muted"),
            ink(f"{chip} " if chip else "", "accent"),
            ink("› ", "muted"),
        )
        end = line(
            "  ",
            ink(f"{mark} " if user.risk_state.active else "", level_style(level)),
            state_word(user.risk_state),
            ink(f"  {judges}", "muted"),
        )
        room = self.app.size.width - 3 - front.cell_length - end.cell_length
        whole, short = name_of(user), short_name(user.user_principal_name, name_of(user))
        called = ink(whole if cell_len(whole) <= room else short, "strong")
        start = line(front, cut(called, max(SHORTEST, room)))
        room = self.app.size.width - 3 - start.cell_length - end.cell_length
        display = cut(ink(user.user_display_name), room)
        self.crumb(line(start, " ", display, end) if room > 3 else line(start, end))
        marked = len(self.detections.marked)
        all_ = len(self._story.detections)
        some = tr(says.SOME_OF_ALL).format(shown=self.detections.row_count, all=all_)
        self.entitle(
            self.detections,
            line(
                plural(all_, "detection"),
                ink(f"  {tr(says.MARKED).format(count=marked)}", "accent") if marked else "",
                ink(f" {some}", "muted") if self.asked else "",
                " " if self.asked else "",
                ink(f" /{veiled(self.asked.text)} ", "chip") if self.asked else "",
            ),
        )
        for name, sheet in self.sheets.items():
            self.entitle(sheet, self._title(name, judged))

    def _title(self, name: str, judged: str) -> Content:
        """Where panes share a place, one frame names the others."""
        words = {name: tr(title) for name, title in phrases.USER_TITLES.items()}
        if judged:
            words["why"] = tr(phrases.WHY_OF).format(kind=judged)
        size = next((size for size in GROUPS if self.is_of(size)), "")
        group = next((group for group in GROUPS.get(size, ()) if name in group), (name,))
        if len(group) == 1:
            return ink(words[name])
        shown = [
            ink(words[other] if other == name else tr(phrases.USER_TITLES[other]), role)
            for other in group
            for role in ("strong" if other == name else "muted",)
        ]
        return ink(" · ", "muted").join(shown)

    def action_map(self) -> None:
        """The map comes forward."""
        self.show_pane("map")


def _words(found: Detection) -> str:
    """What one sees of `found`, and what else one might look for it by."""
    place, client = found.location, found.client
    return " ".join(
        (
            kind_of(found),
            found.risk_event_type,
            found.explanation.headline,
            tr(found.explanation.headline),
            state_word(found.risk_state),
            found.ip_address,
            place_of(place),
            place.country_or_region,
            client.browser,
            client.device_name,
            found.id,
            found.request_id,
            found.session_id,
        )
    )
