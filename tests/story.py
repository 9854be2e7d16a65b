"""Stories about people and their sign-ins, told to the real pipeline, and what came of them.

A story begins on Monday 2026-03-02 after everybody in it has lived quietly for a while:

    story = Story("impossible_travel", alice)
    story.signs_in(alice, TOKYO, "09:00")
    story.signs_in(alice, LAGOS, "11:00")
    assert story.only().risk_level == "medium"
"""

from __future__ import annotations

import tomllib
from collections.abc import Iterable, Sequence
from functools import lru_cache
from pathlib import Path
from typing import Any, Self

import msgspec

from risktui.detect import DAY, HOUR, Client, Event, FileAccess, MailboxRule, SignIn, Verdict
from risktui.detect.examples import (
    HQ,
    LONDON,
    MOBILE,
    NEW_YORK,
    PHONE,
    TOKYO,
    VPN,
    Place,
    at,
    does,
    laptop,
    reads,
    sets_rule,
    signs_in,
)
from risktui.detect.loader import load
from risktui.engine.given import built_in
from risktui.engine.memory import MemoryRows, latest
from risktui.engine.row import Row
from risktui.engine.stages import Pipeline
from risktui.model.events import AccountChange
from risktui.model.risk import Detection, Outcome, Suppression

DETECTORS = Path(__file__).parents[1] / "detectors"
TODAY = "2026-03-02"
BEGIN = at(f"{TODAY} 00:00")


class Person(msgspec.Struct, frozen=True):
    """Somebody, where they usually are, and since when."""

    name: str
    places: tuple[Place, ...]
    days: int = 60
    clients: tuple[Client, ...] = ()
    """The person's laptop unless others are given; used in turn."""
    until: int = 0
    """How many days before the story they were last seen."""

    def life(self) -> list[Event]:
        """Every day one sign-in from each place, an hour apart, before the story begins."""
        clients = self.clients or (laptop(self.name),)
        return [
            signs_in(
                self.name,
                place,
                BEGIN - (self.days - day) * DAY + (2 + 3 * index) * HOUR,
                clients[(day + index) % len(clients)],
            )
            for day in range(self.days - self.until)
            for index, place in enumerate(self.places)
        ]


alice = Person("alice", (TOKYO, HQ), clients=(laptop("alice"), laptop("alice"), PHONE))
"""Sixty days at home in Tokyo and at the headquarters, with a managed laptop and a phone."""
carol = Person("carol", (LONDON,))
"""At home in London."""
dave = Person("dave", (TOKYO,), days=2)
"""Here for two days."""
erin = Person("erin", (HQ,))
"""An administrator."""


def colleagues(count: int, *places: Place, days: int = 60) -> tuple[Person, ...]:
    """People without a story of their own."""
    return tuple(Person(f"colleague{number}", places or (HQ,), days) for number in range(count))


def neighbour(place: Place, last: int, **network: Any) -> Place:
    """Another address of the same network, its last part `last`."""
    return msgspec.structs.replace(
        place,
        ip_address=f"{place.ip_address.rsplit('.', 1)[0]}.{last}",
        network=msgspec.structs.replace(place.network, **network),
    )


def when(time: str) -> int:
    """`09:00` is on the story's first day, `2026-03-05 09:00` on any other (UTC)."""
    return at(time if len(time) > 5 else f"{TODAY} {time}")


class Story:
    """What happened, in order, and what was made of it."""

    def __init__(
        self, detectors: str, *people: Person, quiet_before: bool = True, settings: str = ""
    ) -> None:
        """Load the files called `detectors` (several with spaces) and live everybody's life.

        `settings` is what would stand below `[detectors]`, as TOML.
        """
        self.pipeline = _pipeline(tuple(detectors.split()), settings)
        blobs, before = _lived(tuple(detectors.split()), people, settings)
        assert not (quiet_before and before), f"not a quiet life: {before[:3]}"
        self.rows = MemoryRows()
        self.rows.rows = {key: Row(blob, last) for key, (blob, last) in blobs.items()}
        self.outcome = Outcome()
        self.seen: set[str] = set()
        self.restarts = False
        """Whether the engine is stopped and started between any two events."""

    def tells(self, events: Iterable[Event]) -> Self:
        """Feed events as they come, leaving out ids already seen, as the engine does."""
        for event in events:
            if event.id in self.seen:
                continue
            self.seen.add(event.id)
            outcome = self.pipeline.process(event, self.rows)
            copy = msgspec.msgpack.decode(msgspec.msgpack.encode(outcome), type=Outcome)
            for field in Outcome.__struct_fields__:
                getattr(self.outcome, field).extend(getattr(copy, field))
            if self.restarts:
                self.rows.restart()
        return self

    def signs_in(
        self, who: Person, place: Place, time: str, client: Client | None = None, **fields: Any
    ) -> SignIn:
        """A sign-in with the right password, unless an error code says otherwise."""
        event = signs_in(who.name, place, when(time), client, **fields)
        self.tells([event])
        return event

    def reads(self, who: Person, place: Place, time: str, **fields: Any) -> FileAccess:
        """A file or a mail is read."""
        event = reads(who.name, place, when(time), **fields)
        self.tells([event])
        return event

    def sets_rule(self, who: Person, place: Place | None, time: str, **fields: Any) -> MailboxRule:
        """An inbox rule is made."""
        event = sets_rule(who.name, place, when(time), **fields)
        self.tells([event])
        return event

    def judges(self, who: Person, action: str, time: str, detection_id: str = "") -> None:
        """An operator's verdict on a detection, or on the whole person."""
        self.tells(
            [
                does(
                    Verdict,
                    who.name,
                    None,
                    when(time),
                    Client(),
                    action=action,
                    detection_id=detection_id,
                    author="operator",
                )
            ]
        )

    def account(self, who: Person, what: str, time: str) -> None:
        """The account is disabled, deleted, restored …"""
        self.tells([does(AccountChange, who.name, None, when(time), Client(), what=what)])

    def detections(self) -> list[Detection]:
        """All there are, as they are now."""
        return list(latest(self.outcome).values())

    def only(self) -> Detection:
        """The one detection there is."""
        found = self.detections()
        assert len(found) == 1, self.as_told()
        return found[0]

    def stays_quiet(self, because: str = "") -> None:
        """Nothing was detected; and where a rule is named, that rule held something back."""
        assert not self.detections(), self.as_told()
        if because:
            assert because in {held.rule for held in self.outcome.suppressions}, self.as_told()

    def held_back(self) -> list[Suppression]:
        """What was considered and left out."""
        return self.outcome.suppressions

    def as_told(self) -> str:
        """The outcome, for messages of failed tests."""
        lines = [
            f"{d.risk_level} {d.risk_state} {d.risk_event_type} x{d.count}: "
            f"{d.explanation.headline} {d.explanation.level.modifiers}"
            for d in self.detections()
        ]
        lines += [f"held back by {s.rule}: {s.reason}" for s in self.outcome.suppressions]
        return "\n".join(lines) or "nothing happened"


def rules(found: Detection, *, applied: bool = True) -> set[str]:
    """The gates and modifiers that were applied, or looked at and not applied."""
    return {c.rule for c in found.explanation.counter_evidence if c.applied is applied}


def told(detectors: str, people: Sequence[Person], events: Iterable[Event]) -> list[Any]:
    """What a story comes to when its events arrive in the order given: ids, levels, reasons."""
    story = Story(detectors, *people).tells(events)
    return sorted(
        (d.id, d.risk_level, d.risk_state, d.count, d.explanation.headline)
        for d in story.detections()
    )


@lru_cache
def _pipeline(names: tuple[str, ...], settings: str) -> Pipeline:
    files = [next(DETECTORS.rglob(f"{name}.py")) for name in names]
    return Pipeline(load(files, tomllib.loads(settings), built_in()))


@lru_cache(maxsize=64)
def _lived(
    names: tuple[str, ...], people: tuple[Person, ...], settings: str
) -> tuple[dict[tuple[str, str], tuple[bytes, int]], list[str]]:
    """Everybody's life, lived once for all stories that begin with it."""
    rows, headlines = MemoryRows(), []
    for event in sorted((e for p in people for e in p.life()), key=lambda e: e.order):
        outcome = _pipeline(names, settings).process(event, rows)
        headlines += [d.explanation.headline for d in outcome.detections]
    return {key: (row.dump(), row.last) for key, row in rows.rows.items()}, headlines


__all__ = [
    "HQ",
    "LONDON",
    "MOBILE",
    "NEW_YORK",
    "PHONE",
    "TOKYO",
    "VPN",
    "Person",
    "Story",
    "alice",
    "carol",
    "colleagues",
    "dave",
    "erin",
    "neighbour",
    "rules",
    "told",
    "when",
]
