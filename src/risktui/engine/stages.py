"""The pipeline: keyed stages, one after the other, pure and synchronous.

Every runner does the same with it: hand over an event in order and the rows of its keys, take the
outcome. State rows are found by (stage, key); who keeps them, and where, is the runner's business.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence

from risktui.detect import KEYS, Facts, Finding, Tracker
from risktui.detect.learning import Profile
from risktui.detect.loader import Catalogue, name_of
from risktui.detect.organisation import BUILT_IN
from risktui.engine.keys import KEY_OF
from risktui.engine.message import Message
from risktui.engine.passing import Passing
from risktui.engine.people import Numbered, People, Placed
from risktui.engine.principals import Principals
from risktui.engine.row import PeekableRows, Rows, RowsOfMany
from risktui.engine.seats import Seat, plan
from risktui.engine.stage import Stage
from risktui.model.events import Event, Lead, SignIn
from risktui.model.risk import Outcome
from risktui.risk.raising import Raised
from risktui.risk.rules import PLAIN, Rules


class Pipeline:
    """All observers of a catalogue, arranged in stages."""

    def __init__(self, catalogue: Catalogue, rules: Rules = PLAIN) -> None:
        trackers: list[Tracker] = [built_in() for built_in in BUILT_IN]
        trackers += catalogue.trackers
        self.catalogue = catalogue
        self._stages = [
            Stage(
                number,
                key,
                [t for t in trackers if key in t.keys],
                [d for d in catalogue.detectors if d.key == key],
            )
            for number, key in enumerate(KEYS[: KEYS.index("user")])
        ]
        self._stages = [stage for stage in self._stages if stage.watches]
        self._earlier = {stage.key: stage for stage in self._stages}
        self._named = {name_of(d): Seat(d) for d in catalogue.detectors}
        self._users = People(
            [t for t in trackers if "user" in t.keys],
            [d for d in catalogue.detectors if d.key == "user"],
            rules,
        )
        principals = [d for d in catalogue.detectors if d.key == "principal"]
        self._principals = Principals(plan(principals))
        self.asking = {
            kind: [t for t in trackers if kind in t.asks_who]
            for kind in dict.fromkeys(kind for t in trackers for kind in t.asks_who)
        }
        """Trackers that may have to know whose an event of a class is: `asks_who`."""
        telling = [d for d in catalogue.detectors if d.tells_of_others]
        self._of_others = {kind for detector in telling for kind in detector.watches} - {Lead}
        self._of_several = self._of_others | self._principals.kinds
        self.of_several = self._of_others | (self._principals.kinds - {SignIn})
        """Classes of events of which some that are a person's may concern others besides, or an
        application: `concerns_several`. People's sign-ins are no application's."""

    def process(self, event: Event, rows: PeekableRows) -> Outcome:
        """Take one event through all stages; what it led to comes back, in order."""
        return self.settle(self.survey(event, rows), rows)

    def survey(self, event: Event, rows: PeekableRows) -> list[Message]:
        """What all stages but the last make of an event: first itself, with the facts about it."""
        messages = [Message(event, Facts())]
        facts, user = messages[0].facts, KEY_OF["user"](event) if self.asks_who(event) else ""
        person = rows.peek("user", user) if user else None
        facts.profile = person.part("profile", Profile) if person is not None else None
        for stage in self._stages:
            stage.visit(messages, rows)
        facts.profile = None  # it does not travel
        return messages

    def survey_all(self, events: Sequence[Event], rows: RowsOfMany) -> Passing:
        """The same for several events none of which `asks_who`: all of them stage by stage.

        What a stage makes of an event does not depend on what later ones make of those before.
        """
        passing = Passing(events)
        for stage in self._stages:
            stage.visit_all(passing, rows)
        return passing

    def settle(self, messages: Sequence[Message], rows: Rows) -> Outcome:
        """Take what `survey` gave for one event through the last stage."""
        outcome, first = Outcome(), messages[0]
        if len(messages) > 1:
            for message in messages[1:]:
                self._users.step(message, rows, outcome)
        self._users.step(first, rows, outcome)  # the event last: judge first, learn after
        self._principals.step(first.event, first.facts, rows, outcome)
        return outcome

    def meet(self, message: Message, rows: Rows, outcome: Outcome) -> None:
        """Take one message to its person: a part of `settle`, for runners that divide it."""
        self._users.step(message, rows, outcome)

    def meet_all(self, user: str, waiting: Iterable[Placed], rows: Rows) -> list[Numbered]:
        """Take messages that are all about one person to them, one after the other."""
        return self._users.step_by_step(user, waiting, rows)

    def meet_principal(self, event: Event, facts: Facts, rows: Rows, outcome: Outcome) -> None:
        """Take an event to the application that it is about: the last part of `settle`."""
        self._principals.step(event, facts, rows, outcome)

    def tell_others(self, tell: Callable[[Message], bool]) -> None:
        """Ask `tell` first, who may know a better way to others than their rows here."""
        self._users.tell = tell

    def asks_who(self, event: Event) -> bool:
        """Whether an earlier stage has to know the habits and the risk of whose event it is."""
        asking = self.asking.get(type(event))
        return asking is not None and any(tracker.asks(event) for tracker in asking)

    def concerns_principal(self, event: Event) -> bool:
        """Whether the last stage looks at an application's row, too."""
        return self._principals.concerns(event)

    def concerns_others(self, event: Event) -> bool:
        """Whether the last stage may look at other people's rows, too."""
        return type(event) in self._of_others

    def concerns_several(self, event: Event) -> bool:
        """Whether the last stage may look at more than the row of the event's person."""
        kind = type(event)
        return kind in self._of_several and (
            kind in self._of_others or self._principals.concerns(event)
        )

    @property
    def earlier(self) -> tuple[str, ...]:
        """Keys of the stages before the last, in order."""
        return tuple(stage.key for stage in self._stages)

    def key_at(self, stage: str, message: Message) -> str:
        """The key of `message` in an earlier stage; "" where it passes by."""
        found = self._earlier[stage]
        if message.raised is not None or type(message.event) not in found.watches:
            return ""
        return KEY_OF[stage](message.event)

    def pass_on(self, stage: str, message: Message, rows: Rows) -> list[Message]:
        """`message` after an earlier stage, and behind it what it gave rise to there."""
        messages = [message]
        self._earlier[stage].visit(messages, rows)
        return messages

    def raised(self, name: str, finding: Finding, at: Event) -> Raised:
        """What the detector called `name` has found."""
        seat = self._named[name]
        return Raised(finding, seat.observer, seat.rule, at)

    def judges(self, kind: type[Event]) -> Sequence[Seat]:
        """The detectors of the last stage that watch events of a kind."""
        return self._users.judges(kind)
