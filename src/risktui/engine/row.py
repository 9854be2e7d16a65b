"""The state of one key of one stage, and where runners keep such rows."""

from __future__ import annotations

import logging
from collections.abc import Iterable
from typing import Any, Protocol, TypeVar

import msgspec

from risktui.detect.state import KeyedState

S = TypeVar("S")


class Anew(msgspec.Struct, tag=True):
    """An observer begins anew: what rows hold of it has another shape than its state by now."""

    part: str
    """Its name in rows: `x_fromLagos@1`."""
    since: int
    """Event time (ms) of the first row that was found so."""
    why: str
    """What does not fit, in msgspec's words."""


_encode = msgspec.msgpack.Encoder().encode
_parts = msgspec.msgpack.Decoder(dict[str, msgspec.Raw]).decode

STRANGER = "?"
"""Stands first in the packed row of a person who has only ever failed to sign in (schema.sql)."""


class _Blanks(dict[type, Any]):
    """By class: a state that nothing has happened to; None for what is kept as it is."""

    def __missing__(self, kind: type) -> Any:
        self[kind] = found = kind() if issubclass(kind, KeyedState) else None
        return found


_BLANKS = _Blanks()
_UNREAD: set[str] = set()
"""Parts of which it was said that they cannot be read."""
_anew: dict[str, Anew] = {}
"""By part: those that have begun anew since somebody asked for them last."""
_log = logging.getLogger(__name__)


class Row:
    """The state of one key of one stage: a part for each observer, decoded when first asked for."""

    __slots__ = ("_raw", "changed", "last", "live", "memories", "number", "seated", "stranger")

    def __init__(self, blob: bytes | None = None, last: int = 0, number: int | None = None) -> None:
        self._raw: dict[str, msgspec.Raw] = _parts(blob) if blob else {}
        self.stranger = self._raw.pop(STRANGER, None) is not None
        """Whose it is has never done anything but fail to sign in."""
        self.live: dict[str, Any] = {}
        """The parts that are decoded."""
        self.seated: dict[Any, Any] = {}
        """What works with several parts at once, as long as none is replaced: the observers of a
        `Watch`, and who teaches a person's habits (`Lessons`)."""
        self.memories: dict[Any, Any] = {}
        """The same of the last stage (`Memories`), by class of event."""
        self.last = last
        """Latest event time (ms) that touched the row; that of no part of it is later."""
        self.changed = False
        """It is among the changes that are to be written; kept by whoever keeps the row."""
        self.number = number
        """Its number in the database, where that is known; kept by whoever keeps the row."""

    def part(self, name: str, kind: type[S]) -> S:
        """The part called `name`, as it was left, or fresh."""
        live = self.live.get(name)
        if live is None:
            raw = self._raw.get(name)
            live = kind() if raw is None else _read(name, raw, kind, self.last)
            self.live[name] = live
        found: S = live
        return found

    def reset(self, name: str, kind: type[S]) -> S:
        """A fresh part in place of the old one."""
        self.live[name] = fresh = kind()
        self._unseat()
        return fresh

    def catch_up(self) -> None:
        """Write into states the time of events that their observers were not shown."""
        for memories in self.memories.values():
            memories.catch_up()

    def _unseat(self) -> None:
        self.catch_up()
        self.memories.clear()
        self.seated.clear()

    def names(self) -> set[str]:
        """The parts there are."""
        return self._raw.keys() | self.live.keys()

    def adopt(self, other: Row) -> None:
        """Take over the parts of `other` that are not here, or say nothing here."""
        self._unseat()
        other.catch_up()
        for name in [name for name, live in self.live.items() if _is_blank(live)]:
            del self.live[name]  # as it would be after a restart
            self._raw.pop(name, None)
        mine = self.names()
        self.stranger = other.stranger and (self.stranger or not mine)
        self._raw |= {name: raw for name, raw in other._raw.items() if name not in mine}
        self.live |= {name: live for name, live in other.live.items() if name not in mine}
        self.last = max(self.last, other.last)

    def clear(self) -> None:
        """Forget every part."""
        self._raw.clear()
        self.live.clear()
        self._unseat()
        self.stranger = False

    def dump(self) -> bytes:
        """All parts that say something, also those of observers that are not in force today.

        In the order of their names: a restart in between does not show.
        """
        self.catch_up()
        parts: dict[str, Any] = {**self._raw, **self.live}
        for name, live in self.live.items():
            if _is_blank(live):  # most people have met few of an observer's matters
                del parts[name]
        ordered = dict(sorted(parts.items()))
        return _encode({STRANGER: True, **ordered} if self.stranger else ordered)


def _is_blank(live: Any) -> bool:
    """Whether a part is an observer's to whom nothing has happened but time."""
    blank = _BLANKS[type(live)]
    if blank is None:
        return False
    blank.last = live.last
    blank_still: bool = live == blank
    return blank_still


def _read(name: str, raw: msgspec.Raw, kind: type[S], last: int) -> S:
    """A part as it was packed; fresh, and said, where its class means something else by now."""
    try:
        return msgspec.msgpack.decode(raw, type=kind)
    except msgspec.ValidationError as error:
        note_anew(Anew(name, last, str(error)))
        if name not in _UNREAD:
            _UNREAD.add(name)
            _log.error(
                "%s: what it remembers has another shape than its State (%s): it begins anew;"
                " raise its version when State changes",
                name,
                error,
            )
        return kind()


def note_anew(anew: Anew) -> None:
    """Remember that an observer begins anew, here or in another process, until it is asked for."""
    known = _anew.setdefault(anew.part, anew)
    if anew.since < known.since:
        _anew[anew.part] = anew


def begun_anew() -> list[Anew]:
    """Who has begun anew since this was asked last, in this process."""
    found = [anew for _, anew in sorted(_anew.items())]
    _anew.clear()
    return found


class Rows(Protocol):
    """Where a runner keeps rows."""

    def row(self, stage: str, key: str) -> Row:
        """The row of `key`, to be changed in place; asking for it marks it as changed."""


class PeekableRows(Rows, Protocol):
    """Rows that can be looked at without being marked as changed."""

    def peek(self, stage: str, key: str) -> Row | None:
        """The row of `key`, only to be read; None where there is none."""


class RowsOfMany(PeekableRows, Protocol):
    """Rows that like to know beforehand which of them will be asked for."""

    def expect(self, stage: str, key: str) -> None:
        """The row of `key` will be asked for: leave room for it."""

    def fetch(self, stages: Iterable[str], keys: Iterable[str]) -> None:
        """The rows of `keys` are asked for now."""
