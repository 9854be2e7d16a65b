"""Published records of other products, and what an event made of one says."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import msgspec

from risktui.logs.containers import Record, read
from risktui.logs.formats.registry import NotRead, decode
from risktui.model.events import Event, Location, Network

PRODUCTS = Path(__file__).parent / "data" / "products"


def records_of(name: str) -> list[dict[str, Any]]:
    """The records of the file `name` as they were published."""
    found = read(PRODUCTS / name)
    return [msgspec.json.decode(piece.raw) for piece in found if isinstance(piece, Record)]


def events_of(record: dict[str, Any]) -> list[Event]:
    """What `record` becomes; it must be read."""
    reading = decode(msgspec.json.encode(record))
    assert isinstance(reading, list), reading
    return reading


def event_of(record: dict[str, Any]) -> Event:
    """The one event that `record` becomes."""
    (event,) = events_of(record)
    return event


def refusal_of(record: dict[str, Any]) -> NotRead:
    """Why `record` is not read."""
    reading = decode(msgspec.json.encode(record))
    assert isinstance(reading, NotRead), reading
    return reading


def said(event: Event) -> dict[str, Any]:
    """Everything the event says: its fields that are not at their defaults, and its class."""
    silent = type(event)(time=0, id="")
    fields = {
        name: value
        for name in event.__struct_fields__
        if (value := getattr(event, name)) != getattr(silent, name)
    }
    return {"kind": type(event).__name__} | fields


def place(country: str, state: str, city: str, latitude: float, longitude: float) -> Location:
    """A city."""
    return Location(country, state, city, latitude, longitude, 50.0)


def owner(asn: int, organisation: str) -> Network:
    """Whose an address is."""
    return Network(asn=asn, organisation=organisation)
