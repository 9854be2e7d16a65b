"""Events that go through the earlier stages together, each followed by what it gave rise to."""

from __future__ import annotations

from collections.abc import Iterable
from operator import le
from typing import NamedTuple, TypeAlias

from risktui.detect import Facts
from risktui.engine.message import Message
from risktui.model.events import Event

Kinds: TypeAlias = frozenset[type[Event]]


class Raising:
    """What messages have given rise to in a stage."""

    def __init__(self) -> None:
        self.behind: dict[int, list[Message]] = {}
        """By the `id` of the message that has led to it, in order."""

    def add(self, before: Message, raised: Message) -> int:
        """Put `raised` behind the message that has led to it, and say how many are there before."""
        behind = self.behind.setdefault(id(before), [])
        behind.append(raised)
        return len(behind) - 1


class Due(NamedTuple):
    """What some observers watch of what is on its way."""

    messages: list[Message]
    in_order: bool
    """No event is earlier than the one before it."""


class Passing:
    """Messages of several events, in order."""

    def __init__(self, events: Iterable[Event]) -> None:
        self._first = [Message(event, Facts()) for event in events]
        """Those of the events themselves."""
        self._messages = self._first
        self._due: dict[Kinds, Due] = {}

    def due(self, kinds: Kinds) -> Due:
        """Events of some classes, in order; most stages ask for the same ones."""
        found = self._due.get(kinds)
        if found is None:
            some = [m for m in self._messages if type(m.event) in kinds and m.raised is None]
            times = [message.event.time for message in some]
            self._due[kinds] = found = Due(some, all(map(le, times, times[1:])))
        return found

    def follow(self, raising: Raising) -> None:
        """Let each message be followed by what it gave rise to."""
        behind = raising.behind
        if not behind:
            return
        longer = list[Message]()
        for message in self._messages:
            longer.append(message)
            if id(message) in behind:
                longer += behind[id(message)]
        self._messages = longer
        raised = {type(message.event) for some in behind.values() for message in some}
        for kinds in [kinds for kinds in self._due if kinds & raised]:
            del self._due[kinds]

    def by_event(self) -> list[list[Message]]:
        """The messages of each event, first itself."""
        if self._messages is self._first:
            return [[message] for message in self._first]
        found, firsts = list[list[Message]](), iter([*self._first[1:], None])
        upcoming: Message | None = self._first[0]
        for message in self._messages:
            if message is upcoming:
                found.append([message])
                upcoming = next(firsts)
            else:
                found[-1].append(message)
        return found
