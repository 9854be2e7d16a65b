"""Asks one detector what it answered about one person around one time."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import msgspec

from risktui.detect import Detector, Facts, Finding
from risktui.detect.detector import Answer
from risktui.detect.loader import Catalogue
from risktui.engine.message import Message
from risktui.engine.passing import Passing
from risktui.engine.row import PeekableRows, RowsOfMany
from risktui.engine.setup import Parts
from risktui.engine.stages import Pipeline
from risktui.model.activity import Activity
from risktui.model.events import Event, Lead

MOST_ALIKE = 3
"""Names that are proposed where one fits nobody."""


class Asked(msgspec.Struct, frozen=True):
    """An event and what the detector said of it."""

    event: Event
    answer: Answer


class Probe:
    """Stands between the pipeline and one detector and listens."""

    def __init__(self, parts: Parts, risk_event_type: str, user: str, begin: int, end: int) -> None:
        self.asked: list[Asked] = []
        """What the detector was shown of the person in the time, in order."""
        self.others: dict[str, int] = {}
        """Kinds of events of the person in the time, and how many there were."""
        self.alike: set[str] = set()
        """Some of those in the time whose name has what was typed within it."""
        self._user = user.casefold()
        self._window = begin, end
        self.parts = self._listening(parts, risk_event_type)
        """The parts of an engine that listens."""

    def _listening(self, parts: Parts, risk_event_type: str) -> Parts:
        detectors = [
            self._wrapped(each) if each.risk_event_type == risk_event_type else each
            for each in parts.catalogue.detectors
        ]
        catalogue = Catalogue(detectors, parts.catalogue.trackers)
        pipeline = _Listening(catalogue, parts, self)
        return msgspec.structs.replace(parts, catalogue=catalogue, pipeline=pipeline)

    def _wrapped(self, detector: Detector) -> Detector:
        """The same detector, its answers noted; a class of its own so that nothing else changes."""
        probe = self

        def observe(_: Detector, event: Any, state: Any, facts: Facts) -> Answer:
            answer = detector.observe(event, state, facts)
            if probe.concerns(event):
                said = answer.in_full() if isinstance(answer, Finding) else answer
                probe.asked.append(Asked(event, said))
            return answer

        kind = type(type(detector).__name__, (type(detector),), {"observe": observe})
        made: Detector = kind(detector.settings)
        vars(made).update(vars(detector))
        vars(made).pop("observe", None)  # what watches over a stranger's would hide ours
        made.only_tagged = made.quiet_at_home = False  # who asks is told of what is nothing to it
        return made

    def concerns(self, event: Event) -> bool:
        """Whether an event is about the person, in the time."""
        about = event.activity if isinstance(event, Lead) and event.activity else event
        name = about.user_principal_name.casefold()
        names = {about.user_id.casefold(), name, name.partition("@")[0]}
        return self._user in names and self._in_time(about)

    def _in_time(self, about: Event | Activity) -> bool:
        begin, end = self._window
        return begin <= about.time <= end

    def met(self, event: Event) -> None:
        """An event comes in."""
        if self.concerns(event):
            kind = type(event).__name__
            self.others[kind] = self.others.get(kind, 0) + 1
        elif (
            len(self.alike) < MOST_ALIKE
            and self._in_time(event)
            and self._user in event.user_principal_name.casefold()
        ):
            self.alike.add(event.user_principal_name)


class _Listening(Pipeline):
    """A pipeline that tells a probe of every event."""

    def __init__(self, catalogue: Catalogue, parts: Parts, probe: Probe) -> None:
        super().__init__(catalogue, parts.rules)
        self._probe = probe

    def survey(self, event: Event, rows: PeekableRows) -> list[Message]:
        """As the pipeline does."""
        self._probe.met(event)
        return super().survey(event, rows)

    def survey_all(self, events: Sequence[Event], rows: RowsOfMany) -> Passing:
        """As the pipeline does."""
        for event in events:
            self._probe.met(event)
        return super().survey_all(events, rows)
