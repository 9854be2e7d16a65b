"""Finds the format of a record among the modules of this folder, and lets it make the events."""

from __future__ import annotations

import importlib
import pkgutil
import re
from collections.abc import Callable
from functools import cache
from typing import TypeAlias

import msgspec

from risktui.logs import formats as _package
from risktui.logs.clean import clean
from risktui.logs.formats.fields import is_ours
from risktui.logs.mend import mend
from risktui.model.events import Event

KEYS_SHOWN = 8
"""Keys named of a record that nobody reads."""

HEAD = 512
"""Bytes in which a record's first keys stand, its category among them."""

MOST_MIXTURES = 1_024
"""Different sets of hints in one record that are remembered; real logs have a few dozen."""

UNEXPECTED = "unexpected"
"""Stands in the reason where a format stumbled: a mistake of ours, not of the record's."""

OWN = "risktui's own output"
"""Why what we wrote ourselves is not read: it would confirm itself in the provider's name."""

_QUOTED = re.compile(rb'"[^"]+"')

_REFUSED = (msgspec.DecodeError, UnicodeDecodeError, RecursionError)


class NotRead(msgspec.Struct, frozen=True):
    """Why a record gave no events."""

    reason: str
    broken: bool = False
    """It is of a known format but cannot be used: for the quarantine, not for the statistics."""


Reading: TypeAlias = list[Event] | NotRead


class Format(msgspec.Struct, frozen=True):
    """What a module of this folder declares as its `FORMAT`."""

    name: str
    """As it is shown and stored as `Event.source`."""
    hints: tuple[bytes, ...]
    """At least one of them stands in the bytes of every record of this format."""
    read: Callable[[bytes], Reading | None]
    """The events of a record that is valid JSON; None where it is not of this format.

    May raise msgspec.DecodeError: then the record is mended and comes once more.
    """
    rank: int = 1
    """0 for what most records are: tried first, so that they do not wait for everybody's hints."""
    heads: tuple[bytes, ...] = ()
    """Hints that stand among the first `HEAD` bytes of nearly every record of this format, and of
    no other's; those that begin with `{` at the very start. They spare looking through the rest.
    Where `read` says None, hints decide; it has to say so of what we wrote ourselves (`is_ours`),
    for which nobody has looked yet."""


@cache
def formats() -> tuple[Format, ...]:
    """Every format there is, by name."""
    found = []
    for file in pkgutil.iter_modules(_package.__path__):
        module = importlib.import_module(f"{_package.__name__}.{file.name}")
        declared = getattr(module, "FORMAT", None)
        if isinstance(declared, Format):
            found.append(declared)
    return tuple(sorted(found, key=lambda each: each.name))


class _Hints:
    """The formats by their hints, so that looking for all of them takes one pass of a record."""

    def __init__(self, known: tuple[Format, ...]) -> None:
        ranked = sorted(known, key=lambda each: (each.rank, each.name))
        heads = [(head, each) for each in ranked for head in each.heads]
        self.starts = tuple(pair for pair in heads if pair[0].startswith(b"{"))
        """How most records of some formats begin, each with its format."""
        self.heads = tuple(pair for pair in heads if pair not in self.starts)
        """What stands near the start of most records of others."""
        self.first = tuple((hint, each) for each in ranked if not each.rank for hint in each.hints)
        """Hints of the formats of rank 0, each with its format."""
        self._rest = tuple(each for each in ranked if each.rank)
        hints = {hint for each in self._rest for hint in each.hints}
        self._words = frozenset(hint[1:-1] for hint in hints if _QUOTED.fullmatch(hint))
        """Those that are a whole word in quotation marks."""
        self._others = tuple(sorted(hint for hint in hints if not _QUOTED.fullmatch(hint)))
        self._known: dict[frozenset[bytes], tuple[Format, ...]] = {}

    def rest(self, record: bytes) -> tuple[Format, ...]:
        """The formats of other ranks that `record` may be of, in the order of trying them."""
        # What stands between two quotation marks, and more: a superset of the record's words.
        found = self._words.intersection(record.split(b'"'))
        for hint in self._others:
            if hint in record:
                found |= {hint}
        known = self._known.get(found)
        if known is None:
            known = tuple(each for each in self._rest if not found.isdisjoint(_bare(each.hints)))
            if len(self._known) < MOST_MIXTURES:
                self._known[found] = known
        return known


def _bare(hints: tuple[bytes, ...]) -> set[bytes]:
    return {hint[1:-1] if _QUOTED.fullmatch(hint) else hint for hint in hints}


@cache
def _hints() -> _Hints:
    return _Hints(formats())


def decode(record: bytes) -> Reading:
    """The events of one record (a JSON object), or why there are none."""
    hints, tried = _hints(), None
    for start, each in hints.starts:
        if record.startswith(start):
            reading = _read(each, record)
            if reading is not None:
                return reading
    for head, each in hints.heads:
        if record.find(head, 0, HEAD) >= 0:
            reading = _read(each, record)
            if reading is not None:
                return reading
    if is_ours(record):
        return NotRead(OWN)
    for hint, each in hints.first:
        if hint in record and each is not tried:
            tried = each
            reading = _read(each, record)
            if reading is not None:
                return reading
    for each in hints.rest(record):
        reading = _read(each, record)
        if reading is not None:
            return reading
    return NotRead(_unrecognised(record))


def _read(candidate: Format, record: bytes) -> Reading | None:
    try:
        try:
            return candidate.read(record)
        except _REFUSED:
            mended = mend(record)
        return candidate.read(mended) if mended is not None else None
    except _REFUSED as error:
        return NotRead(f"{candidate.name}: {clean(str(error), 120)}", broken=True)
    except Exception as error:  # noqa: BLE001  # a format's mistake costs one record, not the run
        what = f"{type(error).__name__}: {clean(str(error), 100)}"
        return NotRead(f"{candidate.name}: {UNEXPECTED} {what}", broken=True)


def _unrecognised(record: bytes) -> str:
    try:
        members = msgspec.json.decode(record, type=dict[str, msgspec.Raw])
    except _REFUSED:
        return "unrecognised record: keys that are no text"
    keys = ", ".join(clean(key, 40) for key in sorted(members)[:KEYS_SHOWN])
    more = ", …" if len(members) > KEYS_SHOWN else ""
    category = bytes(members.get("category", b""))
    if category.startswith(b'"') and len(category) < 80:
        named = clean(category.decode(errors="replace"))
        return f"unrecognised record: category {named}, keys {keys}{more}"
    return f"unrecognised record: keys {keys}{more}"
