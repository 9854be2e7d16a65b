"""Reads rows of tables whose column names were decorated by whoever exported them."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Any

import msgspec

_DECORATED = re.compile(
    r"\s*\[(?:utc|local time)\]$|_(?:dynamic|string|datetime|double|s|d|g|t|b|l)$", re.IGNORECASE
)
"""What Log Analytics' portal puts behind the name of a time or of a column that changed its type,
and behind every name of a custom table."""

_NAMES_KEPT = frozenset({"riskeventtypes_v2"})


def row(record: bytes) -> dict[str, Any]:
    """The columns of a row by their names in lower case, without what was put behind them.

    Of several columns of one name the one that is not empty counts.
    """
    decoded = msgspec.json.decode(record)
    found: dict[str, Any] = {}
    for key, value in decoded.items() if isinstance(decoded, dict) else ():
        name = _plain(key) if len(key) <= 128 else key
        if value is not None and value != "":
            found.setdefault(name, value)
    return found


@lru_cache(4096)
def _plain(key: str) -> str:
    name = " ".join(key.split()).casefold()
    return name if name in _NAMES_KEPT else _DECORATED.sub("", name).rstrip("_")


def renamed(columns: dict[str, Any], names: dict[str, str]) -> dict[str, Any]:
    """`columns` where those named in `names` (both lower case) are called otherwise.

    A column that already has the new name stays, unless it comes by renaming.
    """
    moved = {new: columns[old] for old, new in names.items() if old in columns}
    return {**columns, **moved}
