"""How far somebody has come in a pattern whose steps follow each other."""

from __future__ import annotations

import msgspec

from risktui.detect.indicators import Indicator
from risktui.detect.learning import Profile
from risktui.detect.state import MINUTE
from risktui.model.events import Activity, SignIn, activity_of

MAX_BEGUN = 8


class Progress(msgspec.Struct, array_like=True):
    """How far a person has come in a pattern of several steps."""

    step: int
    began: int
    activities: list[Activity]


def taken(
    indicator: Indicator, step: int, event: SignIn, person: Profile, progress: dict[str, Progress]
) -> list[Activity] | None:
    """The acts before, where this sign-in completes the pattern; else how far it is is kept."""
    pattern = (*indicator.after, indicator.where)[step]
    if not pattern.is_new(event, person):
        return None
    within = indicator.within_minutes * MINUTE
    known = progress.get(indicator.id)
    if known is not None and event.time - known.began > within:
        del progress[indicator.id]
        known = None
    if step == len(indicator.after):
        if not step:
            return []
        if known is None or known.step != step:
            return None
        del progress[indicator.id]
        return known.activities
    if step == 0 or (known is not None and known.step == step):
        before = known.activities if known is not None and step else []
        began = known.began if known is not None and step else event.time
        progress[indicator.id] = Progress(step + 1, began, [*before, activity_of(event)])
        while len(progress) > MAX_BEGUN:
            del progress[next(iter(progress))]
    return None
