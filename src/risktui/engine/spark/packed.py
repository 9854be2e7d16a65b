"""What passes between the operators of a Spark query: one union, packed, observers by name."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeAlias
from zlib import crc32

import msgspec

from risktui.engine.wire import Found, Passed
from risktui.logs.quarantine import Quarantined
from risktui.model.events import AnyEvent, Verdict
from risktui.model.risk import Outcome
from risktui.risk.reputation import Reputation
from risktui.risk.steps import Taken

GATE = 0
"""The bucket of the first operator, which sees everything in order."""


ADMINISTRATORS = -1
"""The bucket of those who change others: it comes before all other people's."""


class Arrived(msgspec.Struct, tag="event", array_like=True):
    """An event as it was read; what lists say of its address is on it."""

    event: AnyEvent
    path: str = ""
    offset: int = 0


class Note(msgspec.Struct, tag="note", array_like=True):
    """What a file held, for the account that the sink keeps."""

    path: str
    size: int = 0
    mtime_ns: int = 0
    records: int = 0
    formats: dict[str, tuple[int, int, int]] = {}
    """By format: events, the latest time (ms), how far ahead of the clock (ms)."""
    quarantined: list[Quarantined] = []
    not_read: dict[str, int] = {}


class Until(msgspec.Struct, tag="until", array_like=True):
    """Nothing before `time` (ms) comes any more; None: nothing at all."""

    number: int
    time: int | None


class Add(msgspec.Struct, tag="add", array_like=True):
    """Events that the driver has itself: they are put in order with those of files."""

    number: int
    events: list[AnyEvent]


class Decide(msgspec.Struct, tag="decide", array_like=True):
    """An operator's verdict, to be heard before anything that comes later."""

    number: int
    verdict: Verdict


class Tell(msgspec.Struct, tag="tell", array_like=True):
    """An event for one person, which follows from others."""

    number: int
    event: AnyEvent
    found: Found | None = None
    """What was found about the person with it."""
    place: int = 0


class Repute(msgspec.Struct, tag="repute", array_like=True):
    """What is thought of addresses from now on."""

    number: int
    made: list[Reputation] = []
    gone: list[str] = []


class Step(msgspec.Struct, tag="step", array_like=True):
    """Messages of one event for the people of one bucket, each with its place among all."""

    number: int
    parts: list[tuple[int, Passed]]
    principal: bool = False
    """The event, the last of the parts, concerns an application, too."""
    homes: dict[str, int] = {}
    """Where those live whom the event may say something of: a bucket, or `ADMINISTRATORS`."""


class Join(msgspec.Struct, tag="join", array_like=True):
    """Two keys turn out to be one person."""

    number: int
    place: int
    old: str
    new: str
    time: int


class Tick(msgspec.Struct, tag="tick", array_like=True):
    """A day begins at `time` (ms)."""

    number: int
    time: int


class Lend(msgspec.Struct, tag="lend", array_like=True):
    """Give up the rows of a person whose new key lives in another bucket."""

    number: int
    old: str
    new: str
    time: int


class Give(msgspec.Struct, tag="give", array_like=True):
    """Rows that were given up, on their way to the other bucket."""

    number: int
    old: str
    new: str
    time: int
    rows: list[tuple[str, int, bytes]]
    """Stage, last and blob."""


class Ask(msgspec.Struct, tag="ask", array_like=True):
    """Say what a person is like now: the gate waits for it, with an event of theirs."""

    number: int
    user: str


class Known(msgspec.Struct, tag="known", array_like=True):
    """What a person was like when the gate asked."""

    number: int
    user: str
    profile: bytes
    """Their habits and their risk, packed; empty where nothing was known."""


class Act(msgspec.Struct, tag="act", array_like=True):
    """An event on its way to the application that it concerns."""

    number: int
    event: AnyEvent
    facts: msgspec.Raw
    profile: bytes
    """The habits of whoever did it, packed."""


class Result(msgspec.Struct, tag="result", array_like=True):
    """What came of something; results are put in the order of number and place."""

    number: int
    place: int
    who: str
    outcome: Outcome
    verdict: Verdict | None = None
    """The verdict that it answers."""


class Person(msgspec.Struct, tag="person", array_like=True):
    """Somebody new, or with a new name."""

    number: int
    id: str
    user_principal_name: str
    user_display_name: str


class Joined(msgspec.Struct, tag="joined", array_like=True):
    """The pair of a `Join`, for the tables of the database."""

    number: int
    old: str
    new: str


class Counted(msgspec.Struct, tag="counted", array_like=True):
    """What the gate has let through in one batch."""

    events: int = 0
    duplicates: int = 0
    newest: int = 0
    waiting: int = 0
    """Events that wait for their time."""
    late: int = 0
    most_late: int = 0
    formats: dict[str, int] = {}


class Stepped(msgspec.Struct, tag="stepped", array_like=True):
    """What a person at risk did, for the stories of sessions."""

    number: int
    step: Taken


Order: TypeAlias = Until | Add | Decide | Tell | Repute | Give | Known
"""What the driver says to the gate."""
Item: TypeAlias = (
    Order
    | Arrived
    | Note
    | Step
    | Join
    | Tick
    | Lend
    | Ask
    | Act
    | Result
    | Person
    | Joined
    | Counted
    | Stepped
)

_encoder = msgspec.msgpack.Encoder()
pack: Callable[[Any], bytes] = _encoder.encode
unpack: Callable[[bytes], Item] = msgspec.msgpack.Decoder(Item).decode
order_of: Callable[[bytes], Order] = msgspec.json.Decoder(Order).decode


def bucket_of(key: str, buckets: int) -> int:
    """Where the rows of a key are kept, for as long as the checkpoint lasts."""
    return crc32(key.encode("utf-8", "replace")) % buckets
