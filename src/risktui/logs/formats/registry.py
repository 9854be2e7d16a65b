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
from risktui.logs.mend import mend
from risktui.model.events import Event

KEYS_SHOWN = 8
"""Keys named of a record that nobody reads."""

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


_Hinted: TypeAlias = tuple[Format, frozenset[bytes], tuple[bytes, ...]]
"""A format, those of its hints that are a whole word in quotation marks, and the others."""


@cache
def _by_rank() -> tuple[tuple[Format, ...], tuple[_Hinted, ...]]:
    """The formats of rank 0, and the rest: looking for their many hints takes one pass."""
    ranked = sorted(formats(), key=lambda each: (each.rank, each.name))
    first = tuple(each for each in ranked if not each.rank)
    return first, tuple(_hinted(each) for each in ranked if each.rank)


def _hinted(each: Format) -> _Hinted:
    quoted = tuple(hint for hint in each.hints if _QUOTED.fullmatch(hint))
    words = frozenset(hint[1:-1] for hint in quoted)
    others = tuple(hint for hint in each.hints if hint not in quoted)
    return each, words, others


class _Signed(msgspec.Struct, gc=False):
    """The key that all our lines have but OCSF's, whose format knows its product's name."""

    risktui: dict[str, msgspec.Raw] | None = None


_signed = msgspec.json.Decoder(_Signed).decode


def decode(record: bytes) -> Reading:
    """The events of one record (a JSON object), or why there are none."""
    if b'"risktui"' in record and _is_own(record):
        return NotRead(OWN)
    for each in _by_rank()[0]:
        if any(hint in record for hint in each.hints):
            reading = _read(each, record)
            if reading is not None:
                return reading
    words = frozenset(record.split(b'"'))  # what stands between two quotation marks, and more
    for each, quoted, others in _by_rank()[1]:
        if not quoted.isdisjoint(words) or any(hint in record for hint in others):
            reading = _read(each, record)
            if reading is not None:
                return reading
    return NotRead(_unrecognised(record))


def _is_own(record: bytes) -> bool:
    try:
        return _signed(record).risktui is not None
    except _REFUSED:
        return False


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
