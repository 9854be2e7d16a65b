"""Puts together what events led to, each thing as it was when it happened."""

from __future__ import annotations

from operator import attrgetter

import msgspec

from risktui.model.risk import Outcome

FIELDS = Outcome.__struct_fields__
_all_of = attrgetter(*FIELDS)
MOVING = ("detections", "sign_ins")
"""Of these the ledger keeps the very objects that it hands out, and changes them later."""


def says_anything(outcome: Outcome) -> bool:
    """Whether the event led to anything; most do not."""
    return any(_all_of(outcome))


def as_it_is(outcome: Outcome) -> Outcome:
    """`outcome` with copies of what may still move."""
    for field in MOVING:
        things = getattr(outcome, field)
        if things:
            setattr(outcome, field, [msgspec.structs.replace(thing) for thing in things])
    return outcome


def add(total: Outcome, outcome: Outcome) -> None:
    """What `outcome` holds goes behind what `total` holds; answers to verdicts go another way."""
    for field in FIELDS:
        if field != "verdicts" and (things := getattr(outcome, field)):
            getattr(total, field).extend(things)
