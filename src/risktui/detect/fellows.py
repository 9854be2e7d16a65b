"""People who fit the same pattern: who has lately, and what tells the first of the next."""

from __future__ import annotations

from collections.abc import Iterator

import msgspec

from risktui.detect import words
from risktui.detect.detector import Addition
from risktui.detect.indicators import Fit
from risktui.detect.state import DAY, KeyedState
from risktui.model.events import Lead, SignIn
from risktui.model.risk import Evidence

MAX_RULES = 256
MAX_PEOPLE = 16
MAX_FOUND = 16
MAX_TOLD = 5
"""Of so many later people somebody is told who has fitted a pattern: more says no more."""


class Hit(msgspec.Struct, array_like=True):
    """Somebody who fitted a pattern: their key, when last, and of how many later they know."""

    user: str
    time: int
    told: int = 0


class Hits(msgspec.Struct, array_like=True):
    """Who fitted one pattern lately."""

    people: dict[str, Hit]
    """By principal name."""


class Memory(KeyedState):
    """Who of an organisation fitted which pattern: so many patterns, and people for each."""

    hits: dict[str, Hits] = {}

    def others(self, fit: Fit, event: SignIn) -> list[str]:
        """Who else fitted it within a day.

        Of a pattern of several steps the first is telling, the last may be everyday's.
        """
        hits = self.hits.get(fit.id)
        if hits is None:
            return []
        if not fit.step:
            hits.people = {n: hit for n, hit in hits.people.items() if event.time - hit.time <= DAY}
        near = (name for name, hit in hits.people.items() if hit.time - event.time <= DAY)
        return sorted(name for name in near if name != words.who(event))

    def met(self, fit: Fit, event: SignIn) -> Iterator[Lead]:
        """Remember this person for the next, and tell those before of somebody who is new."""
        hits, name = self.hits.pop(fit.id, None) or Hits({}), words.who(event)
        known = hits.people.pop(name, None)
        if known is None:
            for other, hit in hits.people.items():
                if hit.told < MAX_TOLD and abs(hit.time - event.time) <= DAY:
                    hit.told += 1
                    yield _of_another(fit, event, other, hit)
            known = Hit(event.user, event.time)
        hits.people[name] = Hit(event.user, max(event.time, known.time), known.told)
        hits.people = dict(list(hits.people.items())[-MAX_PEOPLE:])
        self.hits[fit.id] = hits
        while len(self.hits) > MAX_RULES:
            del self.hits[next(iter(self.hits))]


def _of_another(fit: Fit, event: SignIn, to: str, hit: Hit) -> Lead:
    """Word to somebody who fitted a pattern that another has fitted it, too."""
    return Lead(
        time=event.time,
        id=event.id,
        source=event.source,
        tenant_id=event.tenant_id,
        user_id=hit.user,
        user_principal_name=to if to != hit.user else "",
        topic="met",
        details={"pattern": fit.id, "who": words.who(event), "last": int(hit.told == MAX_TOLD)},
    )


class Found(msgspec.Struct, array_like=True):
    """A sign-in that was found to fit a pattern."""

    time: int
    key: str
    """Repeats of it are one detection."""


def remember(event: SignIn, numbers: list[str], found: dict[str, Found]) -> None:
    """Keep in which sign-in of the person these patterns were found, the first in its name."""
    for number in numbers:
        known = found.pop(number, None)
        later = known is not None and known.time > event.time
        found[number] = known if known is not None and later else Found(event.time, numbers[0])
    while len(found) > MAX_FOUND:
        del found[next(iter(found))]


def looked_back(before: dict[str, Found], now: dict[str, Found]) -> dict[str, Found]:
    """What is found `now` that a past sign-in was held against new patterns.

    One that was found by others `before` has its detection under their key.
    """
    keys = {known.time: known.key for known in before.values()}
    return {n: Found(known.time, keys.get(known.time, known.key)) for n, known in now.items()}


def as_well(lead: Lead, found: dict[str, Found]) -> Addition | None:
    """What the explanation says afterwards of somebody who fits the same pattern within a day."""
    known = found.get(str(lead.details["pattern"]))
    if known is None or abs(lead.time - known.time) > DAY:
        return None
    apart = words.duration(abs(lead.time - known.time))
    how = (
        f"{apart} after this"
        if lead.time >= known.time
        else f"{apart} before this, but known only later"
    )
    more = "; of further people nothing is added here" if lead.details["last"] else ""
    line = Evidence(
        label="Became known since",
        observed=f"{lead.details['who']} fitted {lead.details['pattern']} as well at "
        f"{words.clock(lead.time)}",
        baseline=f"{how}{more}",
        event_ids=(lead.id,),
    )
    return Addition(cooldown_key=known.key, about_time=known.time, evidence=line)
