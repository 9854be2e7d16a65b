"""Reads MISP: the manifest of a feed, and the addresses of its events."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from risktui.intel.entries import Entry
from risktui.logs.times import parse_time

ADDRESSES = {
    "ip-src": 0,
    "ip-dst": 0,
    "ip-src|port": 0,
    "ip-dst|port": 0,
    "domain|ip": 1,
    "hostname|ip": 1,
}
"""Types of attributes with an address, and which part of the value it is."""
ACTORS = frozenset({"threat-actor", "mitre-intrusion-set", "microsoft-activity-group"})
"""Galaxies whose clusters are actors."""
_ACTOR_TAG = re.compile(r'^misp-galaxy:([\w-]+)="([^"]+)"$')
_UUID = re.compile(r"[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}")


def manifest_of(document: Any) -> dict[str, int]:
    """When each event was last changed (s), by its id; ids that are none are left out."""
    if not isinstance(document, dict):
        return {}
    found: dict[str, int] = {}
    for uuid, about in document.items():
        stamp = str(about.get("timestamp", "")) if isinstance(about, dict) else ""
        if _UUID.fullmatch(str(uuid)) and stamp.isascii() and stamp.isdecimal():
            found[str(uuid)] = int(stamp[:12])
    return found


def entries_of_event(document: Any) -> Iterator[Entry]:
    """Addresses that the event's authors mark as good for detection (`to_ids`)."""
    event = document.get("Event", document) if isinstance(document, dict) else None
    if not isinstance(event, dict):
        return
    author = _dict(event.get("Orgc")).get("name") or _dict(event.get("Org")).get("name") or ""
    actor = _actor(event)
    attributes = _list(event.get("Attribute"))
    for thing in _list(event.get("Object")):
        attributes = [*attributes, *_list(_dict(thing).get("Attribute"))]
    for attribute in map(_dict, attributes):
        part = ADDRESSES.get(str(attribute.get("type")))
        if part is None or not attribute.get("to_ids") or attribute.get("deleted"):
            continue
        parts = str(attribute.get("value", "")).split("|")
        if len(parts) > part:
            yield Entry(
                network=parts[part],
                name=_actor(attribute) or actor,
                valid_from=parse_time(attribute.get("first_seen")) or 0,
                source=str(author),
            )


def _actor(thing: dict[str, Any]) -> str:
    """The actor named by a galaxy or a tag of an event or an attribute."""
    for galaxy in map(_dict, _list(thing.get("Galaxy"))):
        if galaxy.get("type") in ACTORS:
            for cluster in map(_dict, _list(galaxy.get("GalaxyCluster"))):
                return str(cluster.get("value", ""))
    for tag in map(_dict, _list(thing.get("Tag"))):
        found = _ACTOR_TAG.match(str(tag.get("name", "")))
        if found and found[1] in ACTORS:
            return found[2]
    return ""


def _dict(value: Any) -> dict[str, Any]:
    return value if isinstance(value, dict) else {}


def _list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else []
