"""One detection, explained so that it can be believed or not."""

from __future__ import annotations

from collections.abc import Sequence

from textual.app import ComposeResult

from risktui.console.judging import Target
from risktui.console.marks import level_mark, level_style, state_word
from risktui.console.reading import Case, Question, case
from risktui.console.screens.place import Place, bindings_of
from risktui.console.session import Session
from risktui.console.widgets.ink import ink, line
from risktui.console.widgets.sheet import Sheet
from risktui.console.widgets.story import story_lines, what_lines, why_lines
from risktui.console.words import date_and_clock, few_words, name_of, offset
from risktui.model.risk import RiskyUser


class DetectionPlace(Place):
    """Evidence, counter-evidence, thresholds, level, timeline, what to do."""

    place = "detection"
    panes = ("all", "why", "what")
    BINDINGS = bindings_of("detection")

    def __init__(self, session: Session, detection_id: str) -> None:
        super().__init__(session)
        self._detection_id = detection_id
        self._case: Case | None = None
        self.sheets = {name: Sheet(ascii_only=session.ascii_only, id=name) for name in self.panes}

    def compose_panes(self) -> ComposeResult:
        """One column, or two where there is room."""
        for sheet in self.sheets.values():
            sheet.add_class("pane")
            yield sheet

    def on_mount(self) -> None:
        """The keys go to what is seen first."""
        super().on_mount()
        self.call_after_refresh(self._choose)

    def on_resize(self) -> None:
        """One column or two; the keys stay with what is seen."""
        self.call_after_refresh(self._choose)

    def _choose(self) -> None:
        if not self.can_come_forward(self.pane_in_use):
            self.show_pane("all" if self.has_class("-narrow") else "why")
        self._entitle()

    def can_come_forward(self, name: str) -> bool:
        """The one column in a narrow terminal, the two in another."""
        return (name == "all") == self.has_class("-narrow")

    def question(self) -> Question[Case | None]:
        """This detection and its person."""
        return case(self._detection_id)

    def answer(self, found: Case | None) -> None:
        """Shows it."""
        if found is None:
            self.crumb(line("Users › ", ink("this detection is gone", "warn")))
            return
        self._case = found
        one, look, others = found.detection, self.session.ascii_only, found.others
        self.sheets["all"].show(
            lambda width, _h: story_lines(one, width, ascii_only=look, others=others)
        )
        self.sheets["why"].show(lambda width, _h: why_lines(one, width, ascii_only=look))
        self.sheets["what"].show(lambda width, _h: what_lines(one, width, others))
        self._entitle()

    def _entitle(self) -> None:
        if self._case is None:
            return
        one, user = self._case.detection, self._case.user
        level = one.risk_level
        who = name_of(user) if user else one.user_principal_name
        mark = level_mark(level, ascii_only=self.session.ascii_only)
        when = f"{date_and_clock(one.activity_date_time, self.session.now())} "
        self.crumb(
            line(
                ink("Users › ", "muted"),
                f"{who} ",
                ink("› ", "muted"),
                ink(few_words(one.risk_event_type), "strong"),
                "  ",
                ink(mark, level_style(level)),
                f" {state_word(one.risk_state)}  ",
                ink(f"{when}{offset(one.activity_date_time)}  {one.risk_event_type}", "muted"),
            )
        )
        self.entitle(self.sheets["all"], ink("Why, and what to do"))
        self.entitle(self.sheets["why"], ink("Why"))
        self.entitle(self.sheets["what"], ink("What happened, what to do"))

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

    def copied(self) -> str:
        """The detection's id."""
        return self._detection_id
