"""Reads STIX 2.1: indicators of addresses, and the actors they indicate."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from risktui.intel.entries import Entry
from risktui.logs.times import parse_time

KEPT = {
    "indicator": (
        "pattern",
        "pattern_type",
        "valid_from",
        "valid_until",
        "confidence",
        "revoked",
        "name",
    ),
    "relationship": ("relationship_type", "source_ref", "target_ref", "revoked"),
    "threat-actor": ("name", "revoked"),
    "intrusion-set": ("name", "revoked"),
}
"""What is looked at, by type of object."""
INDICATES = frozenset({"indicates", "attributed-to"})

_ADDRESS = re.compile(
    r"(?:ipv[46]-addr:value|network-traffic:(?:src|dst)_ref\.value)\s*"
    r"(?:=|ISSUBSET)\s*'([^']+)'",
    re.IGNORECASE,
)
_SEVERAL = re.compile(r"ipv[46]-addr:value\s+IN\s*\(([^)]*)\)", re.IGNORECASE)
_MORE = re.compile(r"\b(AND|FOLLOWEDBY|NOT|LIKE|MATCHES)\b|!=", re.IGNORECASE)
"""An address that is a part of a pattern only is no indicator by itself."""


def trimmed(thing: Any) -> dict[str, Any] | None:
    """An object with what is looked at; None for other types."""
    if not isinstance(thing, dict) or not isinstance(thing.get("id"), str):
        return None
    wanted = KEPT.get(str(thing.get("type")))
    if wanted is None:
        return None
    return {key: thing[key] for key in ("id", "type", *wanted) if key in thing}


def entries_of_objects(objects: Iterable[Any], source: str = "") -> Iterator[Entry]:
    """The addresses of all indicators, with the actor's name where a relationship tells it."""
    known = {kept["id"]: kept for thing in objects if (kept := trimmed(thing)) is not None}
    actors = _actors(known)
    for thing in known.values():
        if thing["type"] != "indicator" or thing.get("revoked") is True:
            continue
        if str(thing.get("pattern_type", "stix")).casefold() != "stix":
            continue
        confidence = thing.get("confidence")
        sure = isinstance(confidence, int) and 0 <= confidence <= 100  # STIX's own scale
        for address in _addresses(str(thing.get("pattern", ""))):
            yield Entry(
                network=address,
                name=actors.get(thing["id"], ""),
                confidence=confidence if sure else None,
                valid_from=parse_time(thing.get("valid_from")) or 0,
                valid_until=parse_time(thing.get("valid_until")) or 0,
                source=source or str(thing.get("name", "")),
            )


def _addresses(pattern: str) -> list[str]:
    bare = re.sub(r"'[^']*'", "''", pattern)
    if _MORE.search(bare):
        return []
    found = _ADDRESS.findall(pattern)
    for group in _SEVERAL.findall(pattern):
        found += re.findall(r"'([^']+)'", group)
    return list(dict.fromkeys(found))


def _actors(known: Mapping[str, Mapping[str, Any]]) -> dict[str, str]:
    """Names of actors by the indicator that indicates them."""
    named: dict[str, str] = {}
    for thing in known.values():
        if thing["type"] != "relationship" or thing.get("revoked") is True:
            continue
        actor = known.get(str(thing.get("target_ref")))
        if (
            thing.get("relationship_type") in INDICATES
            and actor is not None
            and actor["type"] in {"threat-actor", "intrusion-set"}
            and actor.get("revoked") is not True
        ):
            named.setdefault(str(thing.get("source_ref")), str(actor.get("name", "")))
    return named
