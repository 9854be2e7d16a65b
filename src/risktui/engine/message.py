"""What travels from stage to stage."""

from __future__ import annotations

from risktui.detect import Met
from risktui.engine.keys import KEY_OF
from risktui.model.events import Event
from risktui.risk.raising import Raised

_person_of = KEY_OF["user"]


class Message(Met[Event], gc=False):
    """An event on its way through the stages, with what is known about it so far."""

    raised: Raised | None = None
    """Instead of the event itself: what an earlier stage found about its person."""

    @property
    def user(self) -> str:
        """The key of the last stage: whom it is about; "" where that is nobody."""
        return self.raised.finding.about.user if self.raised else _person_of(self.event)
