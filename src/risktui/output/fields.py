"""Picks fields out of nested objects by dotted names: `userPrincipalName`, `location.city`."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from difflib import get_close_matches
from typing import Any

from risktui.model.risk import Json

SURE, LIKE = 0.85, 0.5
"""How alike (of 1) two names are where one is the other misspelt, and where it may be meant."""
NEAREST = 3
"""Names that are proposed for one that there is not."""
_INITIALS = re.compile(r"(?<!^)[^A-Z]")


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


def known(specimens: Iterable[Json]) -> list[str]:
    """Every name that one of the `specimens` has something at: leaves, and groups of them."""
    leaves = _leaves(specimens)
    groups = {leaf.rsplit(".", n)[0] for leaf in leaves for n in range(1, leaf.count(".") + 1)}
    return sorted(leaves | groups)


def check(names: Iterable[str], specimens: Sequence[Json]) -> None:
    """Refuse a name that none of the `specimens` has. Raises `FieldError` with the nearest ones."""
    there, leaves = known(specimens), _leaves(specimens)
    for name in names:
        inside_a_list = any(name.startswith(f"{leaf}.") for leaf in leaves)
        if name not in there and not inside_a_list:
            near = _nearest(name, there)
            some = [each for each in there if each.isalpha()][:NEAREST]
            rest = f"there are {', '.join(some)} and {len(there) - len(some)} more;"
            hint = f"did you mean {' or '.join(near)}?" if near else rest
            raise FieldError(f"no field {name}: {hint}")


def _leaves(specimens: Iterable[Json]) -> set[str]:
    return {leaf for specimen in specimens for leaf, _ in flat(specimen)}


def _nearest(name: str, there: Iterable[str]) -> list[str]:
    """`ipadress` as ipAddress, `city` as location.city, `upn` as userPrincipalName."""
    wanted = name.casefold()
    by_small = {each.casefold(): each for each in there}
    ends = [small for small in by_small if small.endswith(f".{wanted}") or small == wanted]
    initials = [
        small for small, each in by_small.items() if _INITIALS.sub("", each).casefold() == wanted
    ]
    sure = ends or initials or get_close_matches(wanted, by_small, 1, cutoff=SURE)
    inside = [small for small in by_small if len(wanted) >= NEAREST and wanted in small]
    ordered = dict.fromkeys((*inside, *get_close_matches(wanted, by_small, NEAREST, cutoff=LIKE)))
    return [by_small[small] for small in sure or ordered][:NEAREST]
