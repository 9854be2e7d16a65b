"""What the demo says while it plays: what happens now, to whom, and where to look."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

import msgspec

from risktui.console.words import few_words
from risktui.language.choice import tr

QUIET = "quiet"
"""What the story calls an event on which nothing must be found."""
OPENING = "A month of a small company lies in the logs; now comes the day it is attacked."
ENDING = "That was the day. Q leaves; everything that was written is gone then."
ATTACK = "{clock}  {name}: {what}. Watch: {kind}, because {why}."
CALM = "{clock}  {name}: {what}. Nothing must be found: {why}."


class Caption(msgspec.Struct, frozen=True):
    """One sentence, and the moment of the story it belongs to."""

    time: int
    """Event time (ms UTC)."""
    text: str
    loud: bool
    """Whether something is to be found."""


class _Event(msgspec.Struct):
    user_principal_name: str
    risk_event_type: str
    activity_date_time: str
    what: str
    why: str
    user_display_name: str = ""


def captions_of(story: Path, shift: timedelta) -> list[Caption]:
    """The captions of a story file, moved by `shift` as its logs are. Raises OSError."""
    found = []
    for event in msgspec.json.decode(story.read_bytes(), type=list[_Event]):
        moment = datetime.fromisoformat(event.activity_date_time[:19]).replace(tzinfo=UTC) + shift
        loud = event.risk_event_type != QUIET
        text = tr(ATTACK if loud else CALM).format(
            clock=moment.strftime("%H:%M"),
            name=event.user_display_name or event.user_principal_name,
            what=tr(event.what),
            kind=few_words(event.risk_event_type),
            why=tr(event.why),
        )
        found.append(Caption(int(moment.timestamp() * 1000), text, loud))
    return sorted(found, key=lambda caption: (caption.time, caption.text))


def caption_at(captions: list[Caption], position: int) -> str:
    """What is said at `position` (event time, ms); 0 before anything has happened."""
    if not position:
        return tr(OPENING)
    said = [caption for caption in captions if caption.time <= position]
    return said[-1].text if said else tr(OPENING)
