"""Patterns that stand in no pack: what a spray, or a list that is not sure, says of a sign-in."""

from __future__ import annotations

from risktui.detect.indicators import Indicator, Pattern
from risktui.detect.lists import holds, listings_of
from risktui.model.events import SignIn
from risktui.model.risk import RiskLevel

SPRAYED = "TI_RI_9010"
"""The one pattern that is no condition on a sign-in: tried in a spray, then let in elsewhere."""
REPUTE = "TI_RI_9009"
"""An address of ill repute: also one that a list of actors has, but not for sure (card S18)."""


def after_spray(people: int, address: str) -> Indicator:
    """Tried in a spray on so many `people` from an address, and let in from elsewhere."""
    return Indicator(
        id=SPRAYED,
        title=f"Tried in a spray on {people} people from {address}, then a right password from "
        "elsewhere",
        level=RiskLevel.LOW,
        attack=("T1110.003",),
        source="failures of this organisation",
        reason="passwordSpray",
    )


def doubtful_actor(event: SignIn, least: int) -> Indicator | None:
    """An actor's address that is not verified, or that others use as well; None for any other.

    With a confidence of `least` on an entry is verified, and nationStateIP's.
    """
    entries = [e for e in listings_of(event.network, "actor") if holds(e, event.time)]
    unsure = [e for e in entries if e.confidence is not None and e.confidence < least]
    doubtful = [*unsure, *(e for e in entries if e.is_shared)]
    if not doubtful or len({*doubtful}) < len({*entries}):
        return None
    entry = doubtful[0]
    said = f"confidence {entry.confidence}" if unsure else "shared with others"
    return Indicator(
        id=REPUTE,
        title=f"An address of {entry.name or 'an actor'}, {said}",
        level=RiskLevel.MEDIUM if unsure else RiskLevel.LOW,
        where=Pattern(tag=("actor",)),
        source=entry.source or entry.feed,
        reason="suspiciousIP",
    )
