"""Picks fields out of nested objects by dotted names: `userPrincipalName`, `location.city`."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from difflib import get_close_matches
from typing import Any

from risktui.model.risk import Json


class FieldError(ValueError):
    """A field that no object of the format has; says which is nearest."""


def value_at(thing: Json, name: str) -> Any:
    """What `thing` holds at a dotted name; None where it holds nothing.

    Names may hold dots themselves (`@odata.type`), and a number picks from a list.
    """
    if name in thing:
        return thing[name]
    found: Any = thing
    for part in name.split("."):
        if isinstance(found, dict):
            found = found.get(part)
        elif isinstance(found, list | tuple) and part.isdigit() and int(part) < len(found):
            found = found[int(part)]
        else:
            return None
    return found


def pick(thing: Json, names: Iterable[str]) -> Json:
    """Only the fields called `names`, nested as they were; one that is empty is null."""
    picked: Json = {}
    for name in names:
        parts = [name] if name in thing else name.split(".")
        place = picked
        for part in parts[:-1]:
            inner = place.setdefault(part, {})
            place = inner if isinstance(inner, dict) else {}
        place[parts[-1]] = value_at(thing, name)
    return picked


def flat(thing: Json, before: str = "") -> Iterator[tuple[str, Any]]:
    """(dotted name, value) of every leaf; lists are leaves."""
    for key, value in thing.items():
        if isinstance(value, dict) and value:
            yield from flat(value, f"{before}{key}.")
        else:
            yield before + key, value


def check(names: Iterable[str], specimens: Iterable[Json]) -> None:
    """Refuse a name that none of the `specimens` has. Raises `FieldError` with the nearest one."""
    leaves = [leaf for specimen in specimens for leaf, _ in flat(specimen)]
    groups = {leaf.rsplit(".", n)[0] for leaf in leaves for n in range(1, leaf.count(".") + 1)}
    known = sorted({*leaves, *groups})
    for name in names:
        inside_a_list = any(name.startswith(f"{leaf}.") for leaf in leaves)
        if name not in known and not inside_a_list:
            near = get_close_matches(name, known, 1, cutoff=0.5)
            hint = f"did you mean {near[0]}?" if near else f"there are {', '.join(known)}"
            raise FieldError(f"no field {name}: {hint}")
