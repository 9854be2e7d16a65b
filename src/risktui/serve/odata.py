"""OData's `$filter`, as far as Graph supports it on risky users and risk detections.

    riskLevel eq 'high' and (startswith(userPrincipalName, 'al') or ipAddress eq null)

`parse` makes a tree of it, `meets` asks an object, `bounds` tells the database what it may skip.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterator
from typing import Any, TypeAlias

import msgspec

from risktui.logs.times import parse_time
from risktui.model.risk import Json, RiskLevel
from risktui.output.graph import iso

LONGEST = 4_000
"""Characters of a filter; Graph's own limit on a URL is not far above."""
DEEPEST = 40
"""Parentheses and negations within each other."""

_TOKENS = re.compile(
    r"\s*(?:"
    r"(?P<text>(?:[A-Za-z][\w.]*)?'(?:[^']|'')*')"
    r"|(?P<time>\d{4}-\d\d-\d\d(?:T[\d:.]+(?:Z|[+-]\d\d:\d\d)?)?)"
    r"|(?P<number>-?\d+(?:\.\d+)?)"
    r"|(?P<word>@?[A-Za-z_][\w./]*)"
    r"|(?P<mark>[(),])"
    r")"
)
_ORDERS: dict[str, Callable[[Any, Any], bool]] = {
    "eq": lambda a, b: bool(a == b),
    "ne": lambda a, b: bool(a != b),
    "gt": lambda a, b: bool(a > b),
    "ge": lambda a, b: bool(a >= b),
    "lt": lambda a, b: bool(a < b),
    "le": lambda a, b: bool(a <= b),
}
_FUNCTIONS: dict[str, Callable[[str, str], bool]] = {
    "startswith": str.startswith,
    "endswith": str.endswith,
    "contains": lambda text, part: part in text,
}


class ODataError(ValueError):
    """A query option that cannot be understood; says which part and what would be."""


class Compare(msgspec.Struct, frozen=True):
    """`riskLevel eq 'high'`."""

    path: str
    order: str
    value: Any


class OneOf(msgspec.Struct, frozen=True):
    """`riskState in ('atRisk', 'confirmedCompromised')`."""

    path: str
    values: tuple[Any, ...]


class Text(msgspec.Struct, frozen=True):
    """`startswith(userPrincipalName, 'al')`."""

    function: str
    path: str
    part: str


class Not(msgspec.Struct, frozen=True):
    """`not …`."""

    inner: Node


class All(msgspec.Struct, frozen=True):
    """`… and …`."""

    parts: tuple[Node, ...]


class AnyOf(msgspec.Struct, frozen=True):
    """`… or …`."""

    parts: tuple[Node, ...]


Node: TypeAlias = Compare | OneOf | Text | Not | All | AnyOf


def parse(text: str, properties: Collection[str]) -> Node:
    """The tree of a filter over objects that have `properties` (paths with slashes).

    Raises `ODataError`.
    """
    if len(text) > LONGEST:
        raise ODataError(f"the filter is longer than {LONGEST:,} characters")
    return _Parser(text, properties).whole()


def meets(node: Node, thing: Json) -> bool:
    """Whether an object meets the filter. Texts are compared without regard to case."""
    match node:
        case All(parts):
            return all(meets(part, thing) for part in parts)
        case AnyOf(parts):
            return any(meets(part, thing) for part in parts)
        case Not(inner):
            return not meets(inner, thing)
        case OneOf(path, values):
            found = comparable(path, at(thing, path))
            return any(found == comparable(path, value) for value in values)
        case Text(function, path, part):
            found = at(thing, path)
            return isinstance(found, str) and _FUNCTIONS[function](
                found.casefold(), part.casefold()
            )
        case Compare(path, order, value):
            return _compared(comparable(path, at(thing, path)), order, comparable(path, value))


def at(thing: Json, path: str) -> Any:
    """What `location/city` names in an object; None where there is nothing."""
    found: Any = thing
    for part in path.split("/"):
        found = found.get(part) if isinstance(found, dict) else None
    return found


def comparable(path: str, value: Any) -> Any:
    """A value as it is compared and ordered: levels by rank, texts without regard to case."""
    if path == "riskLevel" and value in _LEVELS:
        return _LEVELS[value]
    return value.casefold() if isinstance(value, str) else value


_LEVELS = {level.value: level.rank for level in RiskLevel if level is not RiskLevel.HIDDEN}


def bounds(node: Node | None) -> Iterator[Compare]:
    """Comparisons that every object which meets the filter meets, for a database to narrow by."""
    if isinstance(node, Compare):
        yield node
    elif isinstance(node, All):
        for part in node.parts:
            yield from bounds(part)


def paths(node: Node | None) -> Iterator[str]:
    """The properties that a filter asks for."""
    match node:
        case All(parts) | AnyOf(parts):
            for part in parts:
                yield from paths(part)
        case Not(inner):
            yield from paths(inner)
        case Compare(path=path) | OneOf(path=path) | Text(path=path):
            yield path


def _compared(found: Any, order: str, wanted: Any) -> bool:
    if found is None or wanted is None:
        return order in {"eq", "ne"} and _ORDERS[order](found, wanted)
    if type(found) is not type(wanted) and not _numbers(found, wanted):
        return order == "ne"
    return _ORDERS[order](found, wanted)


def _numbers(*values: Any) -> bool:
    return all(isinstance(value, int | float) and not isinstance(value, bool) for value in values)


class _Parser:
    """Recursive descent over the tokens."""

    def __init__(self, text: str, properties: Collection[str]) -> None:
        self._properties = properties
        self._tokens = list(_tokens(text))
        self._at = 0
        self._depth = 0

    def whole(self) -> Node:
        node = self._either()
        if self._at < len(self._tokens):
            raise ODataError(f"unexpected {self._tokens[self._at][1]!r} in the filter")
        return node

    def _either(self) -> Node:
        parts = [self._both()]
        while self._takes("or"):
            parts.append(self._both())
        return parts[0] if len(parts) == 1 else AnyOf(tuple(parts))

    def _both(self) -> Node:
        parts = [self._one()]
        while self._takes("and"):
            parts.append(self._one())
        return parts[0] if len(parts) == 1 else All(tuple(parts))

    def _one(self) -> Node:
        self._depth += 1
        if self._depth > DEEPEST:
            raise ODataError(f"the filter is nested more than {DEEPEST} deep")
        try:
            if self._takes("not"):
                return Not(self._one())
            if self._takes("("):
                node = self._either()
                self._needs(")")
                return node
            return self._condition()
        finally:
            self._depth -= 1

    def _condition(self) -> Node:
        kind, word = self._next()
        if kind == "word" and word in _FUNCTIONS:
            return self._function(word)
        path = self._property(kind, word)
        kind, order = self._next()
        if order == "in":
            self._needs("(")
            values = [self._literal(path)]
            while self._takes(","):
                values.append(self._literal(path))
            self._needs(")")
            return OneOf(path, tuple(values))
        if kind != "word" or order not in _ORDERS:
            raise ODataError(f"{order!r} compares nothing; there are {', '.join(_ORDERS)}, in")
        return Compare(path, order, self._literal(path))

    def _function(self, name: str) -> Node:
        self._needs("(")
        path = self._property(*self._next())
        self._needs(",")
        part = self._literal(path)
        self._needs(")")
        if not isinstance(part, str):
            raise ODataError(f"{name} needs a text in quotation marks")
        found = Text(name, path, part)
        if self._at < len(self._tokens) and self._tokens[self._at][1] == "eq":
            self._at += 1
            return found if self._literal("") is True else Not(found)
        return found

    def _property(self, kind: str, word: str) -> str:
        if kind != "word" or word not in self._properties:
            raise ODataError(f"could not find a property named {word!r}")
        return word

    def _literal(self, path: str) -> Any:
        kind, word = self._next()
        if kind == "text":
            text = word[word.index("'") + 1 : -1].replace("''", "'")
            return _moment(text) if path.endswith("DateTime") else text
        if kind == "time":
            return _moment(word)
        if kind == "number":
            return float(word) if "." in word else int(word)
        if word in {"true", "false", "null"}:
            return {"true": True, "false": False, "null": None}[word]
        raise ODataError(f"{word!r} is no value; texts are written 'so'")

    def _takes(self, word: str) -> bool:
        if self._at < len(self._tokens) and self._tokens[self._at] in {
            ("word", word),
            ("mark", word),
        }:
            self._at += 1
            return True
        return False

    def _needs(self, mark: str) -> None:
        kind, word = self._next()
        if (kind, word) != ("mark", mark):
            raise ODataError(f"expected {mark!r} where {word!r} is")

    def _next(self) -> tuple[str, str]:
        if self._at >= len(self._tokens):
            raise ODataError("the filter ends too early")
        self._at += 1
        return self._tokens[self._at - 1]


def _tokens(text: str) -> Iterator[tuple[str, str]]:
    place, text = 0, text.rstrip()
    while place < len(text):
        found = _TOKENS.match(text, place)
        if found is None or found.lastgroup is None:
            raise ODataError(f"cannot read the filter at {text[place : place + 20]!r}")
        yield found.lastgroup, found[found.lastgroup]
        place = found.end()


def _moment(text: str) -> str:
    """A time as our objects write it, so that it compares as text."""
    moment = parse_time(text)
    if moment is None:
        raise ODataError(f"{text!r} is no time; write 2026-11-25T09:00:00Z")
    return iso(moment)
