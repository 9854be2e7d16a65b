"""What the formats share: how raw fields become the texts, ids and names of events."""

from __future__ import annotations

import hashlib
import re
import typing
from collections.abc import Callable, Mapping
from functools import cache
from types import UnionType
from typing import Any, TypeVar

import msgspec

from risktui.logs.clean import LIMIT, clean
from risktui.model.events import Actor
from risktui.model.names import is_placeholder, shown_name

LONGEST_EMBEDDED = 64 * 1024
"""Characters of JSON inside a string that are still unwrapped."""

LARGEST = 2**53
"""Numbers from here on are no counts, and not exact in JSON either."""

MOST_STRINGS = 32
"""Elements kept of a list of words."""

_SYSTEM_NAMES = {
    *("not-found", "not available", "unknown", "anonymous", "certificate", "threatintel"),
    *("app@sharepoint", "sharepoint\\system", "securitycompliancealerts", "microsoft azure ad"),
}
_SYSTEM_PATTERN = re.compile(r"nt authority\\|nt service\\|s-1-\d|urn:spo:anon|i:0i\.t\|")

S = TypeVar("S", bound=msgspec.Struct)


def text(value: str | None) -> str:
    """`value` cleaned, "" for nothing."""
    return clean(value).strip() if value else ""


def bounded(value: str | None) -> str:
    """`value`, cut where it is so long that a cache should not hold it."""
    return "" if not value else value if len(value) <= LIMIT else clean(value)


def count(value: int | None) -> int:
    """A number of things, a status, a size: 0 for nothing and for what no database takes."""
    return value if value and 0 < value < LARGEST else 0


def identifier(value: str | None) -> str:
    """An id in lower case; "" for nothing, for all zeros and for words like `unknown`."""
    cleaned = text(value).lower()
    return "" if is_placeholder(cleaned) else cleaned


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
    """The record's own id; one made from its bytes where it has none."""
    return text(value) or "record-" + hashlib.blake2b(record, digest_size=16).hexdigest()


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
    by_name = {str(key).casefold(): each for key, each in value.items()}
    found: dict[str, Any] = {}
    for name, key, type_ in _fields_of(kind):
        raw = by_name.get(key)
        if raw is not None and (fitted := _fitted(type_, raw)) is not None:
            found[name] = fitted
    return kind(**found)


@cache
def _fields_of(kind: type[msgspec.Struct]) -> tuple[tuple[str, str, Any], ...]:
    """(name, key in lower case, type) of each field; working it out takes longer than a record."""
    fields = msgspec.structs.fields(kind)
    return tuple((field.name, field.encode_name.casefold(), field.type) for field in fields)


def _fitted(kind: Any, raw: Any) -> Any:
    for option in _options(kind):
        if option is str and type(raw) is str:
            return raw
        if isinstance(option, type) and issubclass(option, msgspec.Struct):
            if isinstance(raw, dict | str):
                return lenient(option, raw)
        elif typing.get_origin(option) is list:
            element = typing.get_args(option)[0]
            several = embedded(raw) if isinstance(raw, str) else raw
            if isinstance(several, list):
                fitted = [_fitted(element, each) for each in several if each is not None]
                return [each for each in fitted if each is not None]
        elif option is str and isinstance(raw, int | float):
            return str(raw)
        elif option is not type(None):
            try:
                return msgspec.convert(raw, option, strict=False)
            except msgspec.ValidationError:
                continue
    return None


@cache
def _options(kind: Any) -> tuple[Any, ...]:
    return (
        typing.get_args(kind) if typing.get_origin(kind) in {typing.Union, UnionType} else (kind,)
    )
