"""Lists as Graph lists: filtered, ordered, counted, and page by page."""

from __future__ import annotations

import base64
import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import cmp_to_key
from typing import Any, TypeAlias

import msgspec

from risktui.model.risk import Json
from risktui.serve.odata import (
    Compare,
    Node,
    ODataError,
    at,
    bounds,
    comparable,
    meets,
    parse,
    paths,
)

PAGE = 20
"""Objects on a page unless $top says otherwise; Graph's default for risk detections."""
MOST = 500
"""Objects on a page at the most; Graph's limit."""

Key: TypeAlias = tuple[Any, ...]
"""Values of an object's place in the order; the last one tells equal ones apart."""

OPTIONS = ("$filter", "$top", "$skip", "$skiptoken", "$orderby", "$select", "$count")


class Order(msgspec.Struct, frozen=True):
    """`riskLastUpdatedDateTime desc`."""

    path: str
    down: bool = False


class Query(msgspec.Struct, frozen=True, kw_only=True):
    """What a caller asks of a list."""

    filter: Node | None = None
    order: tuple[Order, ...] = ()
    select: tuple[str, ...] = ()
    top: int = PAGE
    skip: int = 0
    after: Key | None = None
    """The place of the last object of the page before."""
    count: bool = False

    @property
    def bounds(self) -> list[Compare]:
        """What a database may narrow by."""
        return list(bounds(self.filter))

    @property
    def properties(self) -> set[str]:
        """The properties that filter and order ask for, without what is below them."""
        asked = (*paths(self.filter), *(each.path for each in self.order))
        return {path.split("/")[0] for path in asked}


class Page(msgspec.Struct, frozen=True):
    """Part of a list."""

    places: list[Key]
    """Where its objects stand; their last value is what tells them apart."""
    total: int
    more: str
    """The token of the next page; "" on the last."""


def read_query(options: Mapping[str, str], properties: Sequence[str], order: Order) -> Query:
    """The query options of a list whose objects have `properties`. Raises `ODataError`."""
    for name in options:
        if name.startswith("$") and name not in OPTIONS:
            raise ODataError(f"{name} is not supported; there are {', '.join(OPTIONS)}")
    text = options.get("$filter", "")
    return Query(
        filter=parse(text, properties) if text.strip() else None,
        order=_orders(options.get("$orderby", ""), properties) or (order,),
        select=_selected(options.get("$select", ""), properties),
        top=_number(options, "$top", PAGE, least=1),
        skip=_number(options, "$skip", 0, least=0),
        after=_place(options["$skiptoken"]) if "$skiptoken" in options else None,
        count=options.get("$count", "").casefold() == "true",
    )


def read_page(query: Query, things: Iterable[tuple[Any, Json]]) -> Page:
    """The part of a list that `query` asks for, of (what tells it apart, object) pairs.

    Only places in the order are held, not the objects.
    """
    places = [
        _place_of(query, tie, thing)
        for tie, thing in things
        if query.filter is None or meets(query.filter, thing)
    ]
    places.sort(key=cmp_to_key(_comparer(query.order)))
    total = len(places)
    if query.after is not None:
        compare, last = _comparer(query.order), query.after
        if len(last) != len(query.order) + 1:
            raise ODataError("$skiptoken belongs to another order")
        places = [place for place in places if compare(place, last) > 0]
    places = places[query.skip :]
    page = places[: query.top]
    return Page(page, total, _token(page[-1]) if len(places) > query.top else "")


def take_page(query: Query, things: Iterable[tuple[Any, Json]]) -> Page:
    """The same of pairs that come in order, from the place of `query` on; no more are asked for."""
    places: list[Key] = []
    skip = query.skip
    for tie, thing in things:
        if query.filter is not None and not meets(query.filter, thing):
            continue
        if skip:
            skip -= 1
            continue
        if len(places) == query.top:
            return Page(places, 0, _token(places[-1]))
        places.append(_place_of(query, tie, thing))
    return Page(places, 0, "")


def count_of(query: Query, things: Iterable[tuple[Any, Json]]) -> int:
    """How many objects meet the filter."""
    return sum(1 for _, thing in things if query.filter is None or meets(query.filter, thing))


def _place_of(query: Query, tie: Any, thing: Json) -> Key:
    return (*(comparable(each.path, at(thing, each.path)) for each in query.order), tie)


def selected(thing: Json, names: Sequence[str]) -> Json:
    """Only what $select names; the id and the type always come along, as in Graph."""
    if not names:
        return thing
    kept = {"@odata.type", "id", *names}
    return {key: value for key, value in thing.items() if key in kept}


def _comparer(order: Sequence[Order]) -> Callable[[Key, Key], int]:
    def compare(one: Key, other: Key) -> int:
        for number, each in enumerate(order):
            found = _compared(one[number], other[number])
            if found:
                return -found if each.down else found
        return _compared(one[-1], other[-1])

    return compare


def _compared(one: Any, other: Any) -> int:
    """Nothing comes first; what cannot be compared is compared as text."""
    if one is None or other is None:
        return (one is not None) - (other is not None)
    try:
        return int(one > other) - int(one < other)
    except TypeError:
        return int(str(one) > str(other)) - int(str(one) < str(other))


def _orders(text: str, properties: Sequence[str]) -> tuple[Order, ...]:
    found = []
    for part in filter(None, (part.strip() for part in text.split(","))):
        words = part.split()
        if words[0] not in properties:
            raise ODataError(f"$orderby: could not find a property named {words[0]!r}")
        if len(words) > 2 or words[-1] not in {words[0], "asc", "desc"}:
            raise ODataError(f"$orderby: {part!r}; write `{words[0]} desc`")
        found.append(Order(words[0], words[-1] == "desc"))
    return tuple(found)


def _selected(text: str, properties: Sequence[str]) -> tuple[str, ...]:
    names = tuple(filter(None, (part.strip() for part in text.split(","))))
    known = {name.split("/")[0] for name in properties}
    for name in names:
        if name not in known:
            raise ODataError(f"$select: could not find a property named {name!r}")
    return names


def _number(options: Mapping[str, str], name: str, default: int, *, least: int) -> int:
    text = options.get(name)
    if text is None:
        return default
    if not (text.isascii() and text.isdigit()) or len(text) > 9 or int(text) < least:
        raise ODataError(f"{name}: {text!r} is no number from {least} on")
    return min(int(text), MOST) if name == "$top" else int(text)


def _token(place: Key) -> str:
    return base64.urlsafe_b64encode(json.dumps(place).encode()).decode().rstrip("=")


def _place(token: str) -> Key:
    try:
        place = json.loads(base64.urlsafe_b64decode(token + "=" * (-len(token) % 4)))
    except (ValueError, RecursionError):
        raise ODataError("$skiptoken is none of ours") from None
    if not isinstance(place, list) or not all(
        value is None or isinstance(value, str | int | float) for value in place
    ):
        raise ODataError("$skiptoken is none of ours")
    return tuple(place)
