"""The pane that says why the selected one is at risk: in a few lines, where it is tall in full."""

from __future__ import annotations

from textual.content import Content

from risktui.console.session import Session
from risktui.console.widgets.reason import reason_lines, reason_title
from risktui.console.widgets.sheet import Sheet
from risktui.console.widgets.story import story_lines
from risktui.language.choice import chosen
from risktui.model.risk import Detection, RiskyUser

FULL_FROM = 16
"""Lines from which it shows the whole explanation."""


class ReasonPane(Sheet):
    """Explains one detection after the other."""

    def __init__(self, session: Session) -> None:
        super().__init__(ascii_only=session.ascii_only, id="reason", classes="pane")
        self._session = session
        self.about = ""
        """Id of the detection that is explained; "" where none is."""
        self._explained: tuple[object, ...] = ()

    def explain_nothing(self) -> None:
        """Shows that nobody is selected."""
        self.show(None)
        self.about, self._explained = "", ()

    def explain(self, found: Detection, user: RiskyUser | None) -> Content | None:
        """Shows why; the title comes back, None where all of it stands there already."""
        look = self._session.ascii_only

        def draw(width: int, height: int) -> list[Content]:
            if height < FULL_FROM:
                return reason_lines(found, width, height)
            return story_lines(found, width, ascii_only=look)

        explained = found, user, self._session.mask.on, chosen()
        if explained == self._explained:
            return None  # four times a second it is the same
        another, self._explained = found.id != self.about, explained
        self.about = found.id
        self.show(draw, top=another)
        return reason_title(found, user, ascii_only=look)
