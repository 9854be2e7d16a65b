"""Tells records that were read before from those that are new, however old they are."""

from __future__ import annotations

import sqlite3
from hashlib import blake2b
from struct import Struct

from risktui.detect.state import HOUR
from risktui.engine.twins import KINDS, own_marks, twin_marks
from risktui.model.events import Event, SignIn
from risktui.model.names import object_id
from risktui.store.seen import holds, load

MOST = 100_000
"""Latest ids of this run that are kept in memory, 13 MB, and far more than one commit writes; those
before them are looked up where an event is as old, which few are."""
HOURS = 48
"""Hours of packed ids kept in memory, while files of that time are read again."""
_signed = Struct(">q").unpack


class Seen:
    """The ids of all events that were processed."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection
        self._recent: dict[int, int] = {}
        self._looked_up_until = _newest(connection)
        """Up to this event time ids may be rows that are not in memory."""
        self._packed_before = _packed_before(connection)
        """Ids of events before this time (ms) may be packed."""
        self._packed: dict[int, bytes] = {}
        self._asked: tuple[Event | None, int] = None, 0
        """The event that was asked about last, and its mark: it is the next to be noted."""

    def take(self, event: Event, digest: int) -> list[int] | None:
        """`note` what does not repeat anything; None where it `repeats` another.

        `digest` is what `digest_of` says of it.
        """
        recent, time = self._recent, event.time
        if (  # nearly all: later than all that is not at hand, and no other record tells of them
            digest not in recent
            and self._looked_up_until < time >= self._packed_before
            and type(event) not in KINDS
            and (type(event) is not SignIn or event.result == "success")
        ):
            recent[digest] = time
            if len(recent) > MOST:
                self._forget_oldest()
            return [digest]
        return None if self.repeats(event, digest) else self.note(event)

    def repeats(self, event: Event, digest: int | None = None) -> bool:
        """Whether the same record was processed, in this state of it or a later one.

        `digest` is what `digest_of` says of it, where somebody has asked already.

        A sign-in that was logged while it still went on, and again when it had succeeded, is news
        the second time; the other way round it is none. A change of the directory that another log
        told of is none either.
        """
        digest = digest_of(event) if digest is None else digest
        own = _opened(digest) if _is_open(event) else digest
        self._asked = event, own
        if self._knows(digest, event.time):
            return True
        if own != digest and self._knows(own, event.time):
            return True
        if type(event) not in KINDS:
            return False  # nearly all: no other log tells of them
        return any(self._knows(_hash(mark), time) for mark, time in twin_marks(event))

    def note(self, event: Event) -> list[int]:
        """Remember `event`; what to store of it."""
        asked, own = self._asked
        noted = _marks(event, own) if asked is event else marks_of(event)
        for each in noted:
            self._recent[each] = event.time
        while len(self._recent) > MOST:
            self._forget_oldest()
        return noted

    def _forget_oldest(self) -> None:
        oldest = next(iter(self._recent))
        self._looked_up_until = max(self._looked_up_until, self._recent.pop(oldest))

    def tidied(self) -> None:
        """Old ids were packed: what was looked up in them before may have changed."""
        self._packed.clear()
        self._packed_before = _packed_before(self._connection)

    def _knows(self, digest: int, time: int) -> bool:
        if digest in self._recent:
            return True
        if time <= self._looked_up_until and self._is_row(digest):
            return True
        return time < self._packed_before and holds(self._hour(time // HOUR), digest)

    def _is_row(self, digest: int) -> bool:
        query = "SELECT 1 FROM seen WHERE hash = ?"
        return self._connection.execute(query, (digest,)).fetchone() is not None

    def _hour(self, hour: int) -> bytes:
        pack = self._packed.get(hour)
        if pack is None:
            pack = self._packed[hour] = load(self._connection, hour)
            if len(self._packed) > HOURS:
                del self._packed[next(iter(self._packed))]
        return pack


def marks_of(event: Event) -> list[int]:
    """By what a repetition of `event` is known."""
    digest = digest_of(event)
    return _marks(event, _opened(digest) if _is_open(event) else digest)


def _marks(event: Event, own: int) -> list[int]:
    return [own, *map(_hash, own_marks(event))] if type(event) in KINDS else [own]


def digest_of(event: Event) -> int:
    """What makes two records one: kind and id; a GUID is the same in every tenant and source."""
    id_ = event.id
    tenant = "" if object_id(id_) else event.tenant_id
    text = f"{type(event).__name__}\x1f{id_}\x1f{event.sequence}\x1f{tenant}"
    return _hash(text)


def _is_open(event: Event) -> bool:
    """Whether a sign-in may be logged once more under its id when it has succeeded."""
    return type(event) is SignIn and event.result != "success"


def _opened(digest: int) -> int:
    return _hash(f"{digest}\x1fopen")


def _hash(text: str) -> int:
    found = _signed(blake2b(text.encode("utf-8", "replace"), digest_size=8).digest())
    number: int = found[0]
    return number


def _newest(connection: sqlite3.Connection) -> int:
    row = connection.execute("SELECT coalesce(max(time), 0) FROM seen").fetchone()
    return int(row[0])


def _packed_before(connection: sqlite3.Connection) -> int:
    row = connection.execute("SELECT coalesce(max(hour), -1) FROM seen_before").fetchone()
    return (int(row[0]) + 1) * HOUR
