"""The first operator: everything that is about the whole organisation, seen once and in order.

Duplicates, people who turn out to be one, the day, what is thought of addresses, and the stages
before the user's all look at events of everybody, in the order in which they happened. So they are
one key of one operator; what follows from an event goes to the bucket of the person it concerns.
The gate waits until nothing earlier comes, which files say by `Until` and streams by their newest
event, and then lets events through as the local engine would have met them.
"""

from __future__ import annotations

import heapq
from collections.abc import Iterable, Iterator, Sequence

import msgspec

from risktui.detect import Facts
from risktui.detect.state import DAY
from risktui.engine import wire
from risktui.engine.calendar import Days
from risktui.engine.directory import Directory
from risktui.engine.identities import STAGE as ALIAS
from risktui.engine.identities import Identities
from risktui.engine.keys import KEY_OF
from risktui.engine.lateness import Late as Lateness
from risktui.engine.message import Message
from risktui.engine.row import PeekableRows
from risktui.engine.setup import Parts
from risktui.engine.spark import packed
from risktui.engine.spark.homes import STAGE as HOME
from risktui.engine.spark.homes import Homes
from risktui.engine.spark.hourly import HourlySeen
from risktui.engine.spark.packed import Arrived, Item, bucket_of
from risktui.engine.spark.rows import SEPARATOR, AskedRows, BlobRows, Blobs
from risktui.model.events import AnyEvent, CredentialLeak, Event, SignIn, Verdict
from risktui.risk.reputation import Reputation, Reputations
from risktui.store import strangers
from risktui.store.commit import STATES_FOR
from risktui.store.seen import SEEN_BEFORE_FOR

TIDY_DAYS = 7
"""How often (days of event time) rows that nobody touched are looked for."""
KEPT = frozenset({ALIAS, HOME, "tenant"})
"""Stages whose rows stay, however old."""


class Memory(msgspec.Struct, array_like=True):
    """What the gate keeps besides rows."""

    number: int = 0
    newest: int = 0
    until: int = 0
    """Everything before this time (ms) was let through."""
    days: Days = msgspec.field(default_factory=Days)
    tidied: int = 0
    reputations: list[Reputation] = []
    pending: list[Arrived] = []
    """Events whose time has not come."""
    undated: list[CredentialLeak] = []
    all: bool = False
    """Everything that waits may be let through: nothing earlier comes."""
    moving: list[str] = []
    """People whose rows are on their way to the administrators; everybody waits for them."""
    late: int = 0
    most_late: int = 0
    held: AnyEvent | None = None
    """An event that waits for what its person is like; everybody waits with it."""
    unknown: int = 0
    """Rows written, since some were forgotten, of what nobody ever got in with."""


_memory = msgspec.msgpack.Decoder(Memory).decode


class Gate:
    """One batch's way through the gate."""

    def __init__(
        self,
        parts: Parts,
        memory: bytes | None,
        rows: Blobs,
        seen: Blobs,
        buckets: int,
        *,
        goes_round: bool = True,
    ) -> None:
        self._pipeline = parts.pipeline
        self._memory = _memory(memory) if memory else Memory()
        self._row_blobs, self._seen_blobs = rows, seen
        self._rows = BlobRows(rows)
        self._seen = HourlySeen(seen)
        self._homes = Homes(self._rows, buckets)
        self._identities = Identities(self._rows)
        self._directory = Directory()
        self._reputations = Reputations(self._memory.reputations)
        self._late = Lateness(self._memory.late, self._memory.most_late)
        self._buckets = buckets
        self._goes_round = goes_round
        """Whether what people's buckets give up comes back as an order."""
        self._out: list[tuple[int, Item]] = []
        self._counted = packed.Counted()

    def take(self, items: Iterable[Item], lateness_ms: int | None = None) -> list[tuple[int, Item]]:
        """What a batch leads to: items, each with the bucket it goes to.

        With `lateness_ms` everything so much older than the newest event is let through; else what
        orders say.
        """
        memory, orders = self._memory, []
        waiting = [_waiting(arrived) for arrived in memory.pending]
        for item in items:
            match item:
                case Arrived():
                    waiting.append(_waiting(item))
                case packed.Note() | packed.Result():
                    self._send(packed.GATE, item)
                case _:
                    orders.append(item)
        heapq.heapify(waiting)
        if lateness_ms is not None and waiting:
            newest = max(memory.newest, *(each[0][0] for each in waiting))
            memory.until = max(memory.until, newest - lateness_ms)
        orders.sort(key=lambda order: getattr(order, "number", 0))
        for order in orders:
            self._obey(order, waiting)
        self._release(waiting)
        memory.pending = [each[-1] for each in waiting]
        self._count(len(waiting) + (memory.held is not None))
        return self._out

    def dump(self) -> bytes:
        """Hand rows to the state store; the rest of the state comes back."""
        memory = self._memory
        memory.unknown += self._rows.strangers()
        self._rows.write()
        self._seen.write()
        memory.reputations = self._reputations.known
        memory.late, memory.most_late = self._late.events, self._late.most
        if memory.unknown >= strangers.KEEP_UNKNOWN // 4:
            memory.unknown = 0
            self._forget_unknown()
        if memory.days.today - memory.tidied >= TIDY_DAYS:
            memory.tidied = memory.days.today
            self._forget(memory.newest)
        return packed.pack(memory)

    def _obey(self, order: Item, waiting: list[_Waiting]) -> None:
        match order:
            case packed.Until(_, None):
                self._date(waiting)
                self._memory.all = True
                self._release(waiting)
            case packed.Until(_, int(time)):
                self._memory.until = max(self._memory.until, time)
                self._release(waiting)
            case packed.Add():
                for event in order.events:
                    if isinstance(event, CredentialLeak) and not event.time:
                        self._memory.undated.append(event)
                    else:
                        heapq.heappush(waiting, _waiting(Arrived(event)))
            case packed.Decide():
                self._forward(order.verdict)
            case packed.Tell():
                self._tell(order)
            case packed.Known():
                held, self._memory.held = self._memory.held, None
                if held is not None:
                    self._go_on(held, AskedRows(self._rows, order.user, order.profile))
                    self._release(waiting)
            case packed.Repute():
                self._reputations.know(order.made, order.gone)
            case packed.Give():
                if order.new in self._memory.moving:
                    self._memory.moving.remove(order.new)
                self._send(self._homes.bucket(order.new), order)
            case _:
                raise TypeError(f"{type(order).__name__} is no order")

    def _date(self, waiting: list[_Waiting]) -> None:
        """What does not say when it was found counts as found when everything was read."""
        newest = max(self._memory.newest, *(each[0][0] for each in waiting), 0)
        for leak in self._memory.undated if newest else ():
            leak.time = newest
            heapq.heappush(waiting, _waiting(Arrived(leak)))
        if newest:
            self._memory.undated = []

    def _release(self, waiting: list[_Waiting]) -> None:
        """Let through what nothing can come before any more."""
        memory = self._memory
        if not memory.moving and memory.held is None:
            self._call_administrators(waiting)
        if memory.moving:
            return
        while memory.held is None and waiting and (memory.all or waiting[0][0][0] < memory.until):
            self._process(heapq.heappop(waiting)[-1].event)
        if memory.all and memory.held is None:
            memory.until, memory.all = max(memory.until, memory.newest), False

    def _call_administrators(self, waiting: list[_Waiting]) -> None:
        """Whoever is about to change others has to be where the others come later."""
        memory = self._memory
        for (time, _, _), _, _, _, arrived in waiting:
            event = arrived.event
            if not (memory.all or time < memory.until) or not self._may_tell(event):
                continue
            home = self._homes.of(event.user)
            if home is None:
                self._homes.expect(event.user)
            elif self._goes_round and not home.administrator and self._buckets:
                bucket = bucket_of(home.key, self._buckets)
                self._homes.settle_in(event.user, event.user, administrator=True)
                memory.moving.append(event.user)
                lend = packed.Lend(self._next(), event.user, event.user, event.time)
                self._send(bucket, lend)

    def _may_tell(self, event: Event) -> bool:
        """Whether something may be found in an event about others than its person."""
        if not self._pipeline.concerns_others(event) or not event.user or event.actor != "user":
            return False
        return any(self._others(event))

    def _others(self, event: Event) -> Iterator[str]:
        kinds = getattr(event, "target_types", ())
        for place, target in enumerate(getattr(event, "target_ids", ())):
            kind = kinds[place].casefold() if place < len(kinds) else ""
            if target and target != event.user and kind in {"", "user"}:
                yield target

    def _process(self, event: AnyEvent) -> None:
        counted, memory = self._counted, self._memory
        if isinstance(event, Verdict) and event.author_kind == "operator":
            self._forward(event)  # it stands in no log
            return
        if self._seen.repeats(event):
            counted.duplicates += 1
            return
        self._seen.note(event)
        for place, pair in enumerate(self._identities.recognise(event)):
            self._join(place, *pair, event.time)
        self._reputations.tag(event)
        if memory.days.turn(event.time):
            tick = packed.Tick(self._next(), memory.days.today * DAY)
            for bucket in range(packed.ADMINISTRATORS, self._buckets):
                self._send(bucket, tick)
        if not self._asks_who(event):
            self._go_on(event, self._rows)

    def _asks_who(self, event: AnyEvent) -> bool:
        """Ask what the person was like, where the earlier stages have to know and somebody does."""
        if not (self._goes_round and event.user and self._pipeline.asks_who(event)):
            return False
        home = self._homes.of(event.user)
        if home is None:
            return False
        self._memory.held = event
        self._send(self._homes.place(home), packed.Ask(self._next(), event.user))
        return True

    def _go_on(self, event: AnyEvent, rows: PeekableRows) -> None:
        """Let through an event of which everything is known."""
        counted, memory = self._counted, self._memory
        self._forward(event, rows)
        met = self._directory.meet(event)
        if met is not None:
            self._send(packed.GATE, packed.Person(memory.number, *met))
        counted.events += 1
        counted.formats[event.source] = counted.formats.get(event.source, 0) + 1
        self._late.note(event.time, memory.newest)
        memory.newest = max(memory.newest, event.time)

    def _forward(self, event: AnyEvent, rows: PeekableRows | None = None) -> None:
        """Take an event through the earlier stages, and its messages to whom they concern."""
        messages = self._pipeline.survey(event, rows or self._rows)
        number = self._next()
        to: dict[int, list[tuple[int, wire.Passed]]] = {}
        for place, message in enumerate(messages[1:]):
            self._pass(to, place, message)
        self._pass(to, len(messages) - 1, messages[0])  # the event itself last
        principal = self._pipeline.concerns_principal(event)
        home = self._homes.bucket(event.user) if messages[0].user else None
        if home is None and principal:
            home = bucket_of(KEY_OF["principal"](event), max(1, self._buckets))
            to.setdefault(home, []).append((len(messages) - 1, wire.passed(messages[0])))
        homes = {}
        if self._may_tell(event):
            homes = {other: self._homes.bucket(other) for other in self._others(event)}
        for bucket in sorted(to):
            mine = bucket == home
            step = packed.Step(number, to[bucket], principal and mine, homes if mine else {})
            self._send(bucket, step)

    def _pass(
        self, to: dict[int, list[tuple[int, wire.Passed]]], place: int, message: Message
    ) -> None:
        if message.user:
            bucket = self._homes.bucket(message.user)
            to.setdefault(bucket, []).append((place, wire.passed(message)))

    def _tell(self, order: packed.Tell) -> None:
        found = order.found
        raised = (
            self._pipeline.raised(found.observer, found.finding, found.at)
            if found is not None
            else None
        )
        message = Message(order.event, Facts(), raised)
        to: dict[int, list[tuple[int, wire.Passed]]] = {}
        self._pass(to, 0, message)
        number = self._next()
        for bucket, parts in to.items():
            self._send(bucket, packed.Step(number, parts))

    def _join(self, place: int, old: str, new: str, time: int) -> None:
        """Whoever has no history yet moves in with the other; two that have one are united."""
        number = self._next()
        known_old, known_new = self._homes.of(old), self._homes.of(new)
        self._send(packed.GATE, packed.Joined(number, old, new))
        if known_old is None:
            return
        before = self._homes.place(known_old)
        if known_new is None:
            self._homes.settle_in(new, known_old.key, administrator=known_old.administrator)
        bucket = self._homes.bucket(new)
        if bucket == before:
            self._send(bucket, packed.Join(number, place, old, new, time))
        elif self._goes_round:
            self._send(before, packed.Lend(number, old, new, time))

    def _next(self) -> int:
        self._memory.number += 1
        return self._memory.number

    def _send(self, bucket: int, item: Item) -> None:
        self._out.append((bucket, item))

    def _count(self, waiting: int) -> None:
        counted = self._counted
        counted.newest, counted.waiting = self._memory.newest, waiting
        counted.late, counted.most_late = self._late.events, self._late.most
        self._send(packed.GATE, counted)

    def _forget(self, newest: int) -> None:
        """Let go of rows of addresses that nobody touched, as the local engine does."""
        for name, last in [each[:2] for each in self._row_blobs.each()]:
            if last < newest - STATES_FOR and name.partition(SEPARATOR)[0] not in KEPT:
                self._row_blobs.remove(name)
        for hour, last in [each[:2] for each in self._seen_blobs.each()]:
            if last < newest - SEEN_BEFORE_FOR:
                self._seen_blobs.remove(hour)

    def _forget_unknown(self) -> None:
        """Of what somebody can make up without end keep the latest, as the local engine does."""
        found: dict[str, list[tuple[int, str]]] = {stage: [] for stage in strangers.UNKNOWN}
        for name, last, blob in self._row_blobs.each():
            stage = name.partition(SEPARATOR)[0]
            if stage in found and strangers.is_one(blob):
                found[stage].append((last, name))
        for unknown in found.values():
            unknown.sort(reverse=True)
            for _, name in unknown[strangers.KEEP_UNKNOWN :]:
                self._row_blobs.remove(name)


_Waiting = tuple[tuple[int, str, int], bool, str, int, Arrived]


def _waiting(arrived: Arrived) -> _Waiting:
    """By what events are put in order: as files are merged by the local engine."""
    event = arrived.event
    is_open = isinstance(event, SignIn) and event.result != "success"
    return event.order, is_open, arrived.path, arrived.offset, arrived


def arrivals(events: Sequence[Event]) -> Iterator[Arrived]:
    """Events that come from no file."""
    return (Arrived(wire.known(event)) for event in events)
