"""Many programs and applications at one address within minutes: a kit that tries a token out."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Protocol, TypeAlias

from risktui.detect.indicators import Indicator
from risktui.detect.state import MINUTE
from risktui.model.events import SignIn

MAX_MOMENTS = 24

Moment: TypeAlias = tuple[int, str, str, str, str]
"""(time, address, program, application, event id)"""


class Lately(Protocol):
    """What is kept of the last minutes of a person."""

    moments: list[Moment]
    newest: int
    """No moment is later (ms)."""


class Crowds:
    """The patterns that ask for a crowd, made once; what a person did is given with each event."""

    def __init__(self, indicators: Iterable[Indicator]) -> None:
        self._asking = [(each, each.many) for each in indicators if each.many is not None]
        crowds = [many for _, many in self._asking]
        self._longest = MINUTE * max((many.minutes for many in crowds), default=0)
        self._fewest = min((max(many.user_agents, many.apps) for many in crowds), default=0)
        """With fewer moments at one address no crowd is one."""

    def may_be(self, event: SignIn, lately: Lately) -> bool:
        """Note this moment, unless program and application go on; whether it makes a crowd."""
        if not self._fewest:
            return False
        time, program = event.time, event.client.user_agent[:80]
        if lately.newest < time - self._longest:  # nothing else of late, as nearly always
            lately.moments = [(time, event.ip_address, program, event.app_id, event.id)]
            lately.newest = time
            return self._fewest == 1
        address, app, oldest = event.ip_address, event.app_id, time - self._longest
        kept = []
        for moment in lately.moments:
            if moment[0] >= oldest and moment[1] == address:
                if moment[3] == app and moment[2] == program:
                    return False
                kept.append(moment)
        kept.append((time, address, program, app, event.id))
        lately.moments = kept if len(kept) <= MAX_MOMENTS else kept[-MAX_MOMENTS:]
        lately.newest = max(lately.newest, time)
        return len(kept) >= self._fewest

    def fitting(self, event: SignIn, lately: Lately) -> list[Indicator]:
        """The patterns whose crowd the last minutes are."""
        found: list[Indicator] = []
        for indicator, many in self._asking:
            near = [m for m in lately.moments if event.time - m[0] <= many.minutes * MINUTE]
            programs = {m[2] for m in near if m[2]}
            apps = {m[3] for m in near if m[3]}
            if len(programs) >= many.user_agents and len(apps) >= many.apps:
                found.append(indicator)
        return found
