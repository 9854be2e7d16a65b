"""What passes between processes: plain data, in which observers are named and never carried."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any, TypeAlias

import msgspec

from risktui.detect import Facts, Finding
from risktui.detect.loader import name_of
from risktui.engine.calendar import DayBegun
from risktui.engine.failing import News
from risktui.engine.message import Message
from risktui.engine.setup import Recipe
from risktui.engine.stages import Pipeline
from risktui.logs.formats.registry import NotRead
from risktui.model.events import AnyEvent, Event
from risktui.model.risk import Outcome
from risktui.store.commit import State


class Found(msgspec.Struct, array_like=True):
    """What an observer has raised, by the observer's name."""

    finding: Finding
    observer: str
    at: AnyEvent


class Passed(msgspec.Struct, array_like=True):
    """A message on its way to the stages of a worker."""

    event: AnyEvent
    facts: Facts
    found: Found | None = None


Step: TypeAlias = tuple[int, list[Passed]]
"""One event's number in the order of all, and its messages, the event itself first."""


Numbered: TypeAlias = tuple[int, AnyEvent]
"""An event, and its number in the order of all."""


class Hello(msgspec.Struct, tag=True):
    """Begin: with these detectors, on this database."""

    recipe: Recipe
    database: Path


class Read(msgspec.Struct, tag=True):
    """Make events of records; answered with `Readings`."""

    records: list[bytes]


class Steps(msgspec.Struct, tag=True):
    """Take messages through the user stage; each event with its number in the order of all."""

    events: list[msgspec.Raw]
    """Each a `Step`, packed."""


class Judge(msgspec.Struct, tag=True):
    """Take events through all stages; each with its number in the order of all."""

    events: list[msgspec.Raw]
    """Each a `Numbered`, packed."""


class BeginDay(msgspec.Struct, tag=True):
    """Let a day begin for those whose risk may be old, after all events before it."""

    number: int
    """Its place in the order of all events."""
    day: DayBegun


class Join(msgspec.Struct, tag=True):
    """Two keys turn out to be one person's: what was the first's is the second's."""

    number: int
    """Its place in the order of all events."""
    pair: tuple[str, str]
    time: int


class Gather(msgspec.Struct, tag=True):
    """Say what came of everything so far; answered with `Gathered`."""


class Cut(msgspec.Struct, tag=True):
    """Hand out the rows that changed since the last `Settle`; answered with `Changed`."""


class Settle(msgspec.Struct, tag=True):
    """What the last `Cut` gave is being written, and everything before it is durable."""


class Lend(msgspec.Struct, tag=True):
    """Give up a row until it is given back; answered with `Lent`."""

    stage: str
    key: str


class Give(msgspec.Struct, tag=True):
    """Take a row back."""

    stage: str
    key: str
    last: int
    blob: bytes
    changed: bool


Order: TypeAlias = (
    Hello | Read | Steps | Judge | BeginDay | Join | Gather | Cut | Settle | Lend | Give
)


Passable: TypeAlias = list[AnyEvent] | NotRead | None
"""The events of a record, or why there are none; None where they cannot be passed on."""


class Readings(msgspec.Struct, tag=True):
    """For each record what it holds."""

    found: list[Passable]


class Gathered(msgspec.Struct, tag=True):
    """What came of the events that led to anything, by their numbers."""

    outcomes: list[tuple[int, Outcome]]
    failures: list[News] = []
    """What detectors that are not ours have raised since the last time, and who began anew."""
    joined: list[tuple[str, str]] = []
    """Keys of one person that were put together, in order."""


class Changed(msgspec.Struct, tag=True):
    """Rows that have changed, as they are written."""

    rows: list[State]


class Lent(msgspec.Struct, tag=True):
    """A row; `known` is False where there is none."""

    known: bool
    last: int = 0
    blob: bytes = b""
    changed: bool = False


class Failed(msgspec.Struct, tag=True):
    """The worker cannot go on, and why."""

    reason: str


Answer: TypeAlias = Readings | Gathered | Changed | Lent | Failed

LENGTH = 4
"""Bytes that say how long a frame is."""


def _plain(value: Any) -> Any:
    if isinstance(value, Path):
        return str(value)
    raise NotImplementedError(f"{type(value).__name__} cannot be passed on")


def _path(kind: type[Any], value: Any) -> Any:
    if kind is Path:
        return Path(value)
    raise NotImplementedError(kind.__name__)


_encoder = msgspec.msgpack.Encoder(enc_hook=_plain)
_order = msgspec.msgpack.Decoder(Order, dec_hook=_path)
_answer = msgspec.msgpack.Decoder(Answer, dec_hook=_path)
order_of: Callable[[bytes], Order] = _order.decode
step_of: Callable[[msgspec.Raw], Step] = msgspec.msgpack.Decoder(Step).decode
"""What `pack_step` has packed."""
event_of: Callable[[msgspec.Raw], Numbered] = msgspec.msgpack.Decoder(Numbered).decode
"""What `pack_event` has packed."""
answer_of: Callable[[bytes], Answer] = _answer.decode


def pack(thing: Order | Answer) -> bytes:
    """`thing` as bytes. Raises what msgspec raises for what cannot be passed on."""
    return _encoder.encode(thing)


def frame(body: bytes) -> bytes:
    """`body` with its length before it."""
    return len(body).to_bytes(LENGTH, "big") + body


def pack_step(number: int, messages: Iterable[Message]) -> bytes:
    """One event's `Step`. Raises what msgspec raises for what cannot be passed on."""
    step = number, [passed(message) for message in messages]
    return _encoder.encode(step)


def pack_event(number: int, event: Event) -> bytes:
    """One event's `Numbered`. Raises what msgspec raises for what cannot be passed on."""
    return _encoder.encode((number, event))


def passed(message: Message) -> Passed:
    """A message by names."""
    raised = message.raised
    found = None
    if raised is not None:
        found = Found(raised.finding, name_of(raised.detector), known(raised.at))
    return Passed(known(message.event), message.facts, found)


def messages_of(parts: Iterable[Passed], pipeline: Pipeline) -> list[Message]:
    """The messages that `parts` name."""
    return [
        Message(
            part.event,
            part.facts,
            pipeline.raised(part.found.observer, part.found.finding, part.found.at)
            if part.found is not None
            else None,
        )
        for part in parts
    ]


def known(event: Event) -> AnyEvent:
    """`event` as one of those there are."""
    return event  # type: ignore[return-value]  # every event there is belongs to the union
