"""A JSON value as rows that fold: names and values, one a line."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from typing import Any

import msgspec
from rich.cells import chop_cells

from risktui.logs.clean import clean

LONGEST = 4_000
"""Characters of one value that are shown."""
DEEPEST = 40
"""Levels of nesting that are taken apart."""
STEP = "  "


class JsonRow(msgspec.Struct, frozen=True):
    """One line of a value."""

    key: str
    """Where it is: stable, whatever is folded."""
    name: str
    """With its indentation."""
    value: str
    folds: bool = False
    """Whether there is more to see or to hide."""


def json_rows(value: Any, root: str, unfolded: Collection[str], width: int) -> list[JsonRow]:
    """The lines of `value`; what is in `unfolded` shows what it holds, long texts in `width`.

    The keys of all lines begin with `root` and a dot.
    """
    return list(_rows(value, root, 0, unfolded, max(8, width)))


def _rows(
    value: Any, path: str, depth: int, unfolded: Collection[str], width: int
) -> Iterator[JsonRow]:
    for name, part in _parts(value):
        key = f"{path}.{name}"
        label = STEP * depth + clean(str(name), 200)
        if isinstance(part, dict | list) and part and depth < DEEPEST:
            open_ = key in unfolded
            yield JsonRow(key, label, "" if open_ else _folded(part), folds=True)
            if open_:
                yield from _rows(part, key, depth + 1, unfolded, width)
            continue
        text = clean(_text(part), LONGEST)
        lines = chop_cells(text, width) or [""]
        if len(lines) == 1 or key not in unfolded:
            yield JsonRow(key, label, text, folds=len(lines) > 1)
            continue
        for number, line in enumerate(lines):
            yield JsonRow(f"{key}#{number}" if number else key, "" if number else label, line, True)


def matches(value: Any, root: str, text: str) -> list[str]:
    """The keys of the lines in whose name or value `text` stands, capitals or not."""
    wanted = text.casefold()
    return [key for key, words in _leaves(value, root, 0) if wanted in words.casefold()]


def parents(value: Any, root: str, key: str) -> list[str]:
    """What has to be unfolded for `key` to be seen."""
    found: list[str] = []
    _seek(value, root, key, found)
    return found


def _seek(value: Any, path: str, key: str, found: list[str]) -> bool:
    for name, part in _parts(value):
        here = f"{path}.{name}"
        if here == key:
            return True
        if isinstance(part, dict | list) and key.startswith(f"{here}.") and len(found) < DEEPEST:
            found.append(here)
            if _seek(part, here, key, found):
                return True
            found.pop()
    return False


def _leaves(value: Any, path: str, depth: int) -> Iterator[tuple[str, str]]:
    for name, part in _parts(value):
        key = f"{path}.{name}"
        if isinstance(part, dict | list) and part and depth < DEEPEST:
            yield key, str(name)
            yield from _leaves(part, key, depth + 1)
        else:
            yield key, f"{name} {_text(part)}"


def _parts(value: Any) -> list[tuple[Any, Any]]:
    if isinstance(value, dict):
        return list(value.items())
    if isinstance(value, list):
        return list(enumerate(value))
    return [("", value)]


def _folded(part: Any) -> str:
    """What a folded value holds, in brief: `{3} city, state, geoCoordinates`."""
    if isinstance(part, list):
        return f"[{len(part)}]"
    return clean(f"{{{len(part)}}} {', '.join(map(str, part))}", 200)


def _text(part: Any) -> str:
    if isinstance(part, str):
        return part
    return msgspec.json.encode(part).decode("utf-8", "replace")
