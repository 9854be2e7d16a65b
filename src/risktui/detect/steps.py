"""How far somebody has come in a pattern whose steps follow each other.

The steps of an indicator are sign-ins, and it says itself what each must be. Those of a known
attack are of many kinds: whoever looks for it says which event is one.
"""

from __future__ import annotations

import msgspec

from risktui.detect import words
from risktui.detect.indicators import Indicator
from risktui.detect.learning import Profile
from risktui.detect.state import DAY, MINUTE, KeyedState
from risktui.model.events import Activity, Event, SignIn, activity_of
from risktui.model.risk import Evidence

MAX_BEGUN = 8


class Progress(msgspec.Struct, array_like=True):
    """How far a person has come in an indicator of several steps."""

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


class Begun(msgspec.Struct, array_like=True):
    """A known attack that has begun: its steps so far."""

    steps: list[Activity]


class Attacks(KeyedState):
    """Known attacks that have begun on one person."""

    progress: dict[str, Begun] = {}
    """By number."""

    def forget(self, event: Event) -> None:
        """Drop what began more than a day ago, whoever has done what happens now."""
        if event.by_the_person:
            for number, known in list(self.progress.items()):
                if event.time - known.steps[0].time > DAY:
                    del self.progress[number]

    def steps(self, number: str) -> int:
        """How many steps of an attack were taken."""
        known = self.progress.get(number)
        return len(known.steps) if known is not None else 0

    def begin(self, number: str, event: Event) -> None:
        """Take the event as the first step of an attack."""
        self.progress[number] = Begun([activity_of(event)])

    def go_on(self, number: str, event: Event) -> None:
        """Take the event as the next step of an attack that has begun."""
        self.progress[number].steps.append(activity_of(event))


def evidence_of(number: int, act: Activity) -> Evidence:
    """One step, `number` in the order of the attack."""
    app = f" to {act.app_display_name}" if act.app_display_name else ""
    where = f" from {words.place(act.location)}, {act.ip_address}" if act.ip_address else ""
    return Evidence(
        label=f"Step {number}",
        observed=f"{words.clock(act.time)}: {act.outcome or act.operation}{app}{where}",
        weight=1,
        event_ids=(act.id,),
    )
