"""Events that wait for the last stage, so that those of one person are judged one after the other.

What is remembered of a person lies all over the memory. Judged in the order in which events come
in, each event meets somebody of whom the processor has nothing at hand; of a backlog, two fifths
of the time of all detectors went into waiting for it. People do not see each other in the last
stage: only the order among the events of one person counts, and that is kept. Whatever asks for a
person - a finding about others, an earlier stage that asks for habits, an application's row - has
what waits of that person judged first.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import compress, count
from operator import not_

from risktui.engine.message import Message
from risktui.engine.outcomes import as_it_is, says_anything
from risktui.engine.passing import share_out
from risktui.engine.people import Numbered, Placed
from risktui.engine.row import RowsOfMany
from risktui.engine.stages import Pipeline
from risktui.model.events import Event

TOGETHER = 2_000
"""Events that go through the earlier stages together."""


class Docket:
    """What has come through the earlier stages, by the person whom it is about."""

    def __init__(self, pipeline: Pipeline, rows: RowsOfMany) -> None:
        self._pipeline = pipeline
        self._rows = rows
        self._waiting = defaultdict[str, list[Placed]](list)
        self._outcomes: list[Numbered] = []
        self._arrived: list[tuple[int, Event, str]] = []
        """Those that the earlier stages have not seen yet, and whose they are."""
        self._asking, self._several = pipeline.asking, pipeline.of_several
        self._surveyed = 0
        """Events that wait and have been there."""
        self._fault: Exception | None = None
        """What took events along that nobody has judged: nothing after it may be written."""

    @property
    def size(self) -> int:
        """Events that wait."""
        return self._surveyed + len(self._arrived)

    def take(self, number: int, event: Event) -> None:
        """Take an event through the earlier stages, and let it wait; `number` is its place."""
        actor = event.actor  # as `KEY_OF["user"]` has it, a call less
        user = (event.user_id or event.user_principal_name) if actor == "user" else ""
        if type(event) in self._asking and self._pipeline.asks_who(event):
            with self._wholly():
                self.catch_up(user)
                self.enter(number, self._pipeline.survey(event, self._rows))
            return
        if user not in self._waiting and user:
            self._waiting[user] = []
            self._rows.expect("user", user)
        arrived = self._arrived
        arrived.append((number, event, user))
        if len(arrived) >= TOGETHER:
            self._survey()

    def _survey(self) -> None:
        """Take those that have arrived through the earlier stages, which need no person for it."""
        if not self._arrived:
            return
        arrived, self._arrived = self._arrived, []
        numbers, events, users = zip(*arrived, strict=True)
        with self._wholly():
            passing = self._pipeline.survey_all(events, self._rows)
            led_to, first, begin = passing.led_to(), passing.first, 0
            several = compress(count(), map(self._several.__contains__, passing.kinds))
            nobodys = compress(count(), map(not_, users))
            for place in (*sorted({*led_to, *several, *nobodys}), len(arrived)):
                placed = zip(numbers[begin:place], first[begin:place], strict=True)
                # As `enter` does: each up to `place` is one person's alone, and led to nothing.
                share_out(self._waiting, users[begin:place], placed)
                self._surveyed += place - begin
                if place < len(arrived):
                    self.enter(numbers[place], [first[place], *led_to.get(place, ())])
                begin = place + 1

    def enter(self, number: int, messages: list[Message]) -> None:
        """Let an event wait that went through the earlier stages."""
        first = messages[0]
        if len(messages) > 1 or self._pipeline.concerns_several(first.event):
            self._judge_at_once(number, messages)
            return
        user = first.user
        if not user:
            return  # nobody's, and no application's: nothing comes of it
        self._waiting[user].append((number, first))
        self._surveyed += 1

    def knows(self, user: str) -> bool:
        """Whether anything is kept of `user`, or waits; what others did may, once surveyed."""
        if user not in self._waiting:
            self._survey()
        return user in self._waiting or self._rows.peek("user", user) is not None

    def catch_up(self, user: str) -> None:
        """Judge what waits of one person."""
        self._survey()
        self._judge(user)

    def _judge(self, user: str) -> None:
        waiting = self._waiting.pop(user, None)
        if waiting:
            self._surveyed -= len(waiting)
            self._outcomes += self._pipeline.meet_all(user, waiting, self._rows)

    def go_on(self, events: int = 1) -> None:
        """Judge what waits of those who wait longest: so many events, and the rest of the last."""
        self._survey()
        people, count = [], 0
        for user, waiting in self._waiting.items():
            people.append(user)
            count += len(waiting)
            if count >= events:
                break
        with self._wholly():
            if len(people) > 1:
                self._rows.fetch(("user",), people)
            for user in people:
                self._judge(user)

    @contextmanager
    def _wholly(self) -> Iterator[None]:
        """Do all of it. What was raised before, with events on their way, is so ever after."""
        if self._fault is not None:
            raise self._fault
        try:
            yield
        except Exception as fault:
            self._fault = fault
            raise

    def end(self) -> list[Numbered]:
        """Judge everything; what came of all events since the last time, in their order."""
        if self._waiting or self._arrived or self._fault is not None:
            self.go_on(self.size)
        found, self._outcomes = self._outcomes, []
        found.sort(key=_number)
        return found

    def _judge_at_once(self, number: int, messages: list[Message]) -> None:
        """An event that concerns several: what waits of each of them goes first."""
        for message in messages:
            self._judge(message.user)
        self._pipeline.tell_others(self._catch_up_with)
        outcome = self._pipeline.settle(messages, self._rows)
        if says_anything(outcome):
            self._outcomes.append((number, as_it_is(outcome)))

    def _catch_up_with(self, message: Message) -> bool:
        """Something was found about somebody else, who is to be judged up to this moment."""
        self._judge(message.user)
        return False


def _number(numbered: Numbered) -> int:
    return numbered[0]
