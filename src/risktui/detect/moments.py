"""What happened to a person lately, in few words: what timelines tell, and what was refused."""

from __future__ import annotations

from functools import lru_cache

import msgspec

from risktui.model.events import SignIn

REFUSED = frozenset({"wrong", "denied", "unanswered", "fraud", "failed"})
SAID = 4_096
"""Sentences that need not be put together again."""


class Moment(msgspec.Struct, frozen=True, array_like=True, gc=False):
    """An entry of a timeline: when, what, which event."""

    time: int
    text: str
    event_id: str


class Failure(msgspec.Struct, frozen=True, array_like=True, gc=False):
    """A wrong password or an MFA prompt that was not passed."""

    time: int
    what: str
    """wrong, denied, unanswered, fraud or failed."""
    prefix: str
    event_id: str = ""


def failure_of(event: SignIn) -> Failure:
    """What is to be remembered of a sign-in that was refused."""
    what = "wrong" if event.credentials == "wrong" else event.mfa
    return Failure(event.time, what, event.network.subnet, event.id)


@lru_cache(SAID)
def said(what: str, app: str, where: str) -> str:
    """In words, and in the same ones for all moments that say the same."""
    to, origin = f" to {app}" if app else "", f" from {where}" if where else ""
    return f"{what}{to}{origin}"
