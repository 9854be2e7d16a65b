"""Events that go through the earlier stages together, each followed by what it gave rise to."""

from __future__ import annotations

from collections import defaultdict, deque
from collections.abc import Collection, Iterable, Sequence
from itertools import compress, count
from typing import TypeAlias, TypeVar

from risktui.detect import Facts
from risktui.engine.message import Message
from risktui.model.events import Event

T = TypeVar("T")
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


class Watched:
    """What some observers watch of what is on its way."""

    __slots__ = ("events", "in_order", "latest", "messages", "span")

    def __init__(self, messages: list[Message], events: list[Event], times: list[int]) -> None:
        self.messages, self.events = messages, events
        in_order = sorted(times)
        self.in_order = times == in_order
        """No event is earlier than the one before it."""
        self.latest = in_order[-1] if times else 0
        self.span = self.latest - in_order[0] if times else 0
        """Time from the earliest to the latest of them (ms)."""


class Passing:
    """Messages of several events, in order."""

    def __init__(self, events: Sequence[Event]) -> None:
        self.first = [Message(event, Facts()) for event in events]
        """Those of the events themselves."""
        self.kinds: list[type] = list(map(type, events))
        """Their classes."""
        self._raised = set[int]()
        """By their `id`: those that others gave rise to."""
        self._messages, self._events, self._kinds = self.first, list(events), self.kinds
        """All there are, their events and classes: `Raised` of what was found in an event."""
        self._times = [event.time for event in events]
        self._present = set(self.kinds)
        self._watched: dict[Kinds, Watched] = {}

    def watched(self, kinds: Kinds) -> Watched:
        """Events of some classes, in order; most stages and many observers ask for the same ones.

        They share them wherever what only one of them watches does not occur.
        """
        found = self._watched.get(kinds)
        if found is None:
            met = kinds & self._present
            found = self._watched.get(met) or self._of(met)
            self._watched[kinds] = self._watched[met] = found
        return found

    def _of(self, kinds: Kinds) -> Watched:
        if len(kinds) == len(self._present):
            return Watched(self._messages, self._events, self._times)
        wanted = list(map(kinds.__contains__, self._kinds))
        return Watched(
            list(compress(self._messages, wanted)),
            list(compress(self._events, wanted)),
            list(compress(self._times, wanted)),
        )

    def follow(self, raising: Raising) -> None:
        """Let each message be followed by what it gave rise to."""
        behind = raising.behind
        if not behind:
            return
        messages, events, kinds = list(self._messages), list(self._events), list(self._kinds)
        times, new = list(self._times), set[type]()
        for place in reversed(_places(behind, messages)):
            raised, here = behind[id(messages[place])], slice(place + 1, place + 1)
            messages[here] = raised
            events[here] = [message.event for message in raised]
            times[here] = [message.event.time for message in raised]
            kinds[here] = theirs = list(map(_kind_of, raised))
            self._raised.update(map(id, raised))
            new.update(theirs)
        self._messages, self._events, self._kinds = messages, events, kinds
        self._times = times
        self._present |= new
        self._watched = {k: watched for k, watched in self._watched.items() if not k & new}

    def led_to(self) -> dict[int, list[Message]]:
        """What events gave rise to, by the place of each of those that did."""
        found: dict[int, list[Message]] = {}
        for number, place in enumerate(_places(self._raised, self._messages)):
            found.setdefault(place - number - 1, []).append(self._messages[place])
        return found


def share_out(among: defaultdict[str, list[T]], keys: Iterable[str], messages: Iterable[T]) -> None:
    """Put each message into the list of its key: without byte code, since every event passes."""
    deque(map(list[T].append, map(among.__getitem__, keys), messages), maxlen=0)


def _places(wanted: Collection[int], messages: Iterable[Message]) -> list[int]:
    """Where those stand whose `id` is wanted."""
    return list(compress(count(), map(wanted.__contains__, map(id, messages))))


def _kind_of(message: Message) -> type:
    return type(message.event if message.raised is None else message.raised)
