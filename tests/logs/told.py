"""What a record says, field by field: whatever of its event is not simply unknown."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import msgspec

from risktui.logs.containers import Record, read
from risktui.logs.formats.registry import NotRead, decode
from risktui.model.events import Event

DATA = Path(__file__).parent / "data"


def events_in(name: str) -> list[Event]:
    """The events of all records of a sample."""
    return [event for piece in read(DATA / name) for event in of(piece)]


def of(piece: object) -> list[Event]:
    """The events of one piece of a file; none where it is broken."""
    reading = decode(piece.raw) if isinstance(piece, Record) else []
    return [] if isinstance(reading, NotRead) else reading


def event_of(record: dict[str, Any]) -> Event:
    """The one event of a record."""
    (event,) = events_of(record)
    return event


def events_of(record: dict[str, Any]) -> list[Event]:
    """The events of a record."""
    reading = decode(msgspec.json.encode(record))
    assert not isinstance(reading, NotRead), reading.reason
    return reading


def refusal(record: dict[str, Any]) -> str:
    """Why a record is refused."""
    reading = decode(msgspec.json.encode(record))
    assert isinstance(reading, NotRead)
    return reading.reason


def told(event: msgspec.Struct) -> dict[str, Any]:
    """Fields that differ from their default, structs in them likewise."""
    found: dict[str, Any] = {}
    for field in msgspec.structs.fields(type(event)):
        value = getattr(event, field.name)
        default = field.default
        if value != default:
            found[field.name] = told(value) if isinstance(value, msgspec.Struct) else value
    return found
