"""Failures of single sign-on before it succeeds: a forged token is seldom right at once."""

from __future__ import annotations

from typing import Protocol, TypeAlias

from risktui.detect.explain import Check
from risktui.detect.state import DAY, HOUR
from risktui.model.events import SignIn

ERRORS = frozenset(
    {20001, 20012, 20033, 40008, 40009, 40015, 50006, 50008, 50012, 50013, 50027, 50048, 50099}
    | {75005, 75008, 75011, 75016, 81004, 81009, 500212, 500213, 700005, 5000819}
)
"""Codes of failed single sign-on (Elastic)."""
MAX_ERRORS = 8

Failed: TypeAlias = tuple[int, int, str, str]
"""(time, code, network, event id)"""


class Lately(Protocol):
    """What is kept of a person's failures."""

    errors: tuple[Failed, ...]
    erred: int
    """The last such error."""
    erred_before: int
    """The last one of an earlier day."""


def remember(event: SignIn, lately: Lately) -> None:
    """Keep a failure for an hour, and that there was one for longer."""
    if lately.erred // DAY < event.time // DAY:
        lately.erred_before = lately.erred
    lately.erred = event.time
    kept = [e for e in lately.errors if event.time - e[0] <= HOUR]
    place = event.network.subnet or event.ip_address
    lately.errors = (*kept, (event.time, event.error_code, place, event.id))[-MAX_ERRORS:]


def burst(
    event: SignIn, lately: Lately, least: int, *, outage: bool
) -> tuple[Check, tuple[str, ...]]:
    """Whether `least` failures came before this success in the same network, and their ids.

    Neither somebody who fails again and again is odd, nor anybody in an `outage`, where others
    fail as well. The failures are forgotten with the success.
    """
    near = [e for e in lately.errors if 0 <= event.time - e[0] <= HOUR]
    near = [e for e in near if e[2] == (event.network.subnet or event.ip_address)]
    lately.errors = ()
    habit = bool(lately.erred_before) and event.time - lately.erred_before <= 30 * DAY
    odd = len(near) >= least and not habit and not outage
    codes = ", ".join(sorted({str(e[1]) for e in near}))
    reason = f"{len(near)} failed single sign-ons ({codes or 'none'}) in the hour before"
    ids = tuple(e[3] for e in near) if odd else ()
    return Check("R4", "failed single sign-ons first", odd, reason), ids
