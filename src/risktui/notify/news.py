"""What a message says: who is at risk, how much, why, since when, and how to look."""

from __future__ import annotations

import shlex
from collections.abc import Iterable, Sequence
from typing import Literal

import msgspec

from risktui.model.risk import Detection, PolicyResult, RiskLevel, RiskState, RiskyUser
from risktui.risk.licence import project

TOP_REASONS = 3
"""Headlines named for one person; the rest is counted."""


class Item(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    """One person in a message."""

    user_id: str
    user_principal_name: str = ""
    user_display_name: str = ""
    risk_level: RiskLevel
    risk_state: RiskState
    risk_event_types: tuple[str, ...] = ()
    reasons: tuple[str, ...] = ()
    """Headlines of the strongest open detections."""
    open_detections: int = 0
    activity_date_time: int
    """When what caused the message happened."""
    detection_ids: tuple[str, ...] = ()
    ip_address: str = ""
    where: str = ""
    command: str = ""
    """What to type to see everything."""

    @property
    def name(self) -> str:
        """How the person is called."""
        return self.user_principal_name or self.user_id


class Week(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    """The numbers of a weekly digest."""

    since: int
    until: int
    open_by_level: dict[str, int]
    new_people: tuple[Item, ...]
    new_sign_ins: int
    """With risk that was known while they happened."""
    top_types: tuple[tuple[str, int], ...]
    aged_out: int
    long_open: tuple[Item, ...]
    """At risk for more than seven days."""
    more: int = 0
    """People beyond those named."""


class Message(msgspec.Struct, frozen=True, kw_only=True, rename="camel", omit_defaults=True):
    """One delivery's content."""

    id: str
    kind: Literal["risk", "digest", "action", "test"]
    items: tuple[Item, ...] = ()
    week: Week | None = None
    result: PolicyResult | None = None
    """What sets an action off."""
    language: str = "en"
    """What its readers speak."""


def item_of(
    user: RiskyUser,
    detections: Iterable[Detection],
    activity: int,
    *,
    licence: str = "p2",
    database: str = "",
) -> Item:
    """The person as a message tells of them, with what their licence's view shows."""
    open_ones = [project(d, licence) for d in detections if d.risk_state.active]
    open_ones.sort(key=lambda d: d.urgency)
    strongest = open_ones[0] if open_ones else None
    place = strongest.location if strongest else None
    where = ", ".join(filter(None, (place.city, place.country_or_region))) if place else ""
    looked_up = ["risktui", "show", user.user_principal_name or user.id]
    looked_up += ["--db", database] if database else []
    return Item(
        user_id=user.id,
        user_principal_name=user.user_principal_name,
        user_display_name=user.user_display_name,
        risk_level=user.risk_level,
        risk_state=user.risk_state,
        risk_event_types=tuple(dict.fromkeys(d.risk_event_type for d in open_ones)),
        reasons=tuple(d.explanation.headline for d in open_ones[:TOP_REASONS]),
        open_detections=len(open_ones),
        activity_date_time=activity,
        detection_ids=tuple(d.id for d in open_ones[:TOP_REASONS]),
        ip_address=strongest.ip_address if strongest else "",
        where=where,
        command=shlex.join(looked_up),
    )


def joined(old: Sequence[Item], new: Sequence[Item]) -> tuple[Item, ...]:
    """People of both, each once as they are now, the most urgent first."""
    people = {item.user_id: item for item in (*old, *new)}
    return tuple(
        sorted(
            people.values(),
            key=lambda item: (
                -item.risk_level.rank,
                -item.activity_date_time,
                item.name.casefold(),
                item.user_id,
            ),
        )
    )
