"""What the formats share: how raw fields become the texts, ids and names of events."""

from __future__ import annotations

import hashlib
import re
import typing
from collections.abc import Callable, Mapping
from functools import cache, lru_cache
from types import UnionType
from typing import Any, TypeAlias, TypeVar

import msgspec

from risktui.logs.clean import LIMIT, clean
from risktui.model.events import Actor
from risktui.model.names import LONGEST_PLACEHOLDER, is_placeholder, shown_name

LONGEST_EMBEDDED = 64 * 1024
"""Characters of JSON inside a string that are still unwrapped."""

LARGEST = 2**53
"""Numbers from here on are no counts, and not exact in JSON either."""

MOST_KEYS, LONGEST_KEY = 1_024, 64
"""Different keys of one kind of object that are remembered, and how long they may be."""

MOST_SESSIONS, LONGEST_SESSION = 8_192, 64
"""Ids of sessions that are remembered, and how long they may be."""

MOST_STRINGS = 32
"""Elements kept of a list of words."""

_SYSTEM_NAMES = {
    *("not-found", "not available", "unknown", "anonymous", "certificate", "threatintel"),
    *("app@sharepoint", "sharepoint\\system", "securitycompliancealerts", "microsoft azure ad"),
}
_SYSTEM_PATTERN = re.compile(r"nt authority\\|nt service\\|s-1-\d|urn:spo:anon|i:0i\.t\|")

_is_plain = re.compile(
    rf"[1-9A-Za-z][ -~]{{{LONGEST_PLACEHOLDER - 1},{LIMIT - 2}}}[0-9A-Za-z]"
).fullmatch
"""Says of nearly all ids that nothing has to be cleaned of them, nor looked up whether they are."""

S = TypeVar("S", bound=msgspec.Struct)


def text(value: str | None) -> str:
    """`value` cleaned, "" for nothing."""
    if not value:
        return ""
    if len(value) <= LIMIT and value.isascii() and value.isprintable():
        return value.strip()  # nearly all: spares the call
    return clean(value).strip()


def bounded(value: str | None) -> str:
    """`value`, cut where it is so long that a cache should not hold it."""
    return "" if not value else value if len(value) <= LIMIT else clean(value)


def count(value: int | None) -> int:
    """A number of things, a status, a size: 0 for nothing and for what no database takes."""
    return value if value and 0 < value < LARGEST else 0


def identifier(value: str | None) -> str:
    """An id in lower case; "" for nothing, for all zeros and for words like `unknown`."""
    if not value:
        return ""
    if _is_plain(value):
        return value.lower()
    cleaned = text(value).lower()
    return "" if is_placeholder(cleaned) else cleaned


def reference(value: str | None) -> str:
    """An id that may tell upper from lower case (a session, a token); "" as for `identifier`."""
    if not value:
        return ""
    if _is_plain(value):
        return value
    cleaned = text(value)
    return "" if is_placeholder(cleaned) else cleaned


def session_of(value: str | None) -> str:
    """The id of a session, as `reference` has it: one text for all its events, which is at hand."""
    if value and len(value) <= LONGEST_SESSION:
        return _session(value)
    return reference(value)


_session = lru_cache(maxsize=MOST_SESSIONS)(reference)


def folded(value: str | None) -> str:
    """A name as it stands there, without regard to case."""
    return text(value).casefold()


def principal(value: str | None) -> str:
    """A principal name without regard to case, claim and issuer; "" for words like `unknown`."""
    name = shown_name(folded(value))
    return "" if is_placeholder(name) else name


def actor_named(name: str) -> Actor:
    """Who a principal `name` (casefolded) stands for, where the record does not say it."""
    if name.startswith("serviceprincipal_"):
        return "servicePrincipal"
    if name in _SYSTEM_NAMES or _SYSTEM_PATTERN.match(name):
        return "system"
    return "user"


def record_id(value: str | None, record: bytes) -> str:
    """The record's own id; one made from its bytes where it has none, or only zeros or `N/A`."""
    return reference(value) or "record-" + hashlib.blake2b(record, digest_size=16).hexdigest()


def strings(value: list[str | None] | str | None) -> tuple[str, ...]:
    """A list of words, which may come as JSON inside a string or as one word."""
    if not value:
        return ()
    if isinstance(value, str):
        inner = embedded(value)
        value = [str(each) for each in inner] if isinstance(inner, list) else [value]
    return tuple(text(each) for each in value[:MOST_STRINGS] if each)


def embedded(value: str) -> Any:
    """What the JSON inside the string `value` says; None where it is none or too long."""
    start = value[:16].lstrip()[:1]
    if len(value) > LONGEST_EMBEDDED or start not in {"{", "[", '"'}:
        return None
    try:
        return msgspec.json.decode(value)
    except (msgspec.DecodeError, UnicodeError, RecursionError):
        return None


def typed(record: bytes, kind: type[S], decode: Callable[[bytes], S]) -> S:
    """`record` as `kind`: by `decode`, or field by field where the record's types drift."""
    try:
        return decode(record)
    except msgspec.ValidationError:
        return lenient(kind, msgspec.json.decode(record))


class _Signed(msgspec.Struct, gc=False):
    """The key that all our lines have but OCSF's, whose format knows its product's name."""

    risktui: dict[str, msgspec.Raw] | None = None


_signed = msgspec.json.Decoder(_Signed).decode


def is_ours(record: bytes) -> bool:
    """Whether we wrote `record` ourselves."""
    if b'"risktui"' not in record:
        return False
    try:
        return _signed(record).risktui is not None
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return False


def is_wrapped(record: bytes) -> bool:
    """Whether `record` is an Azure Monitor diagnostic record: an envelope around `properties`."""
    return b'"properties"' in record


def lenient(kind: type[S], value: Any) -> S:
    """`value` (decoded JSON) as `kind`, field by field: what does not fit stays at its default.

    Keys are matched without regard to case, numbers are read from texts and the other way round,
    JSON inside strings is unwrapped where an object or a list is expected.
    """
    if isinstance(value, str):
        value = embedded(value)
    if not isinstance(value, Mapping):
        return kind()
    fields = _fields_of(kind)
    found: dict[str, Any] = {}
    for key, raw in value.items():
        if raw is None:
            continue
        field = fields.get(key, _NEW)
        if field is _NEW:
            field = _met(fields, key)
        if field is not None:
            name, type_, fit = field
            fitted = raw if type(raw) is type_ else fit(raw)
            if fitted is not None:
                found[name] = fitted
    return kind(**found)


_Fit: TypeAlias = Callable[[Any], Any]
"""Makes a value fit; None where it does not."""
_Field: TypeAlias = tuple[str, Any, _Fit]
"""A field's name, the type of values that need no fitting, and how others are made to fit."""
_NEW: _Field = ("", None, str)
"""Stands for a key that was not met yet."""


def _met(fields: dict[str, _Field | None], key: str) -> _Field | None:
    """The field that a key means, remembered for the next record: few keys are new for long."""
    field = fields.get(key.casefold())
    if len(fields) < MOST_KEYS and len(key) < LONGEST_KEY:
        fields[key] = field
    return field


@cache
def _fields_of(kind: type[msgspec.Struct]) -> dict[str, _Field | None]:
    """The fields by their keys in lower case, and further keys that were met; None: no field's."""
    fields: dict[str, _Field | None] = {}
    for field in msgspec.structs.fields(kind):
        first = _options(field.type)[0]
        plain = first if first in {str, int, float, bool} else None
        fields[field.encode_name.casefold()] = (field.name, plain, _fitting(field.type))
    return fields


def _fitting(kind: Any) -> _Fit:
    """How a value is made to fit `kind`: the first of a union's types that takes it counts."""
    steps = [_step(option) for option in _options(kind)]
    return steps[0] if len(steps) == 1 else _first_of(steps)


def _first_of(steps: list[_Fit]) -> _Fit:
    def fit(raw: Any) -> Any:
        for step in steps:
            fitted = step(raw)
            if fitted is not None:
                return fitted
        return None

    return fit


def _step(option: Any) -> _Fit:
    if option is str:
        return _word
    if _is_struct(option):
        return _object(option)
    if typing.get_origin(option) is list:
        element = typing.get_args(option)[0]
        return _several(_fitting(element), _fast(option) if _is_struct(element) else None)
    return lambda raw: _converted(raw, option)


def _word(raw: Any) -> str | None:
    return raw if type(raw) is str else str(raw) if isinstance(raw, int | float) else None


def _is_struct(option: Any) -> bool:
    return isinstance(option, type) and issubclass(option, msgspec.Struct)


def _object(option: Any) -> _Fit:
    fast, empty = _fast(option), option()

    def fit(raw: Any) -> Any:
        if isinstance(raw, str):
            found = fast(raw)
            return found if found is not None and found != empty else lenient(option, raw)
        return lenient(option, raw) if isinstance(raw, dict) else None

    return fit


def _fast(kind: Any) -> Callable[[str], Any]:
    """Decodes JSON inside a string at once; None where its types or keys drift, or it is none."""
    decode = msgspec.json.Decoder(kind, strict=False).decode

    def fast(raw: str) -> Any:
        if len(raw) > LONGEST_EMBEDDED:
            return None
        try:
            return decode(raw)
        except (msgspec.DecodeError, UnicodeError, RecursionError):
            return None

    return fast


def _several(fit: _Fit, fast: Callable[[str], Any] | None) -> _Fit:
    empty = fit({}) if fast else None

    def several(raw: Any) -> list[Any] | None:
        if fast is not None and isinstance(raw, str):
            found = fast(raw)
            if found is not None and empty not in found:
                return list(found)
        inner = embedded(raw) if isinstance(raw, str) else raw
        if not isinstance(inner, list):
            return None
        fitted = [fit(each) for each in inner if each is not None]
        return [each for each in fitted if each is not None]

    return several


def _converted(raw: Any, option: Any) -> Any:
    try:
        return msgspec.convert(raw, option, strict=False)
    except msgspec.ValidationError:
        return None


def _options(kind: Any) -> tuple[Any, ...]:
    """The types of a union but None."""
    is_union = typing.get_origin(kind) in {typing.Union, UnionType}
    options = typing.get_args(kind) if is_union else (kind,)
    return tuple(option for option in options if option is not type(None))
