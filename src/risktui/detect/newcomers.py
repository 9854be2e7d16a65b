"""Learning mode: while too little is known of somebody, nothing about them is unfamiliar."""

from __future__ import annotations

from functools import lru_cache

import msgspec

from risktui.detect.learning import Profile
from risktui.detect.state import DAY, KeyedState
from risktui.model.events import SignIn

LATEST = 10
"""Sign-ins whose novelty is remembered while learning."""


class Terms(msgspec.Struct, frozen=True, kw_only=True):
    """When learning ends, and after how long an absence it begins anew."""

    days: int
    """At the least, in milliseconds, and no more than `longest`."""
    sign_ins: int
    active_days: int
    settled_below: float
    """Mean novelty of the latest sign-ins."""
    longest: int
    """After which it ends anyhow, in milliseconds."""
    absence: int
    """In milliseconds."""


class Memory(KeyedState):
    """The end of learning, and the latest novelties while it goes on."""

    learnt_at: int = 0
    relearning_since: int = 0
    novelties: list[float] = []

    def has_learnt(self, time: int, person: Profile, terms: Terms) -> bool:
        """Whether learning is surely over; False says nothing."""
        learnt_at = self.learnt_at
        over = learnt_at > person.learning_since and learnt_at > self.relearning_since
        return over and time - person.last_seen < terms.absence

    def learns(
        self, event: SignIn, person: Profile, novelty: float, told: bool, terms: Terms
    ) -> str:
        """Whether learning goes on, and why, "" where it is over; the sign-in is learnt from.

        It is on until enough is known, and on again after an absence or a verdict. In words it is
        only where it will be `told`.
        """
        time, since = event.time, person.learning_since
        if self.learnt_at or self.relearning_since or time - person.last_seen >= terms.absence:
            since = self._begun(time, person, terms)
        if since and time - since < terms.days and not self.learnt_at:
            reason = "days"  # as nearly always while it goes on
        else:
            reason = self._missing(time, since, person, terms)
            if not reason:
                if not self.learnt_at:
                    self.learnt_at, self.novelties = time, []
                return ""
        if told:
            reason = self._in_words(reason, time, since, person, terms)
        if event.result == "success":
            latest = self.novelties
            latest.append(_rounded(novelty) if novelty else 0.0)
            if len(latest) > LATEST:
                del latest[0]
        return reason

    def _begun(self, time: int, person: Profile, terms: Terms) -> int:
        """Since when it is learnt what is familiar, which may begin anew with this sign-in."""
        if person.last_seen and time - person.last_seen >= terms.absence:
            self.relearning_since = time
        since = max(person.learning_since, self.relearning_since)
        if self.learnt_at <= since:
            self.learnt_at = 0
        return since

    def _missing(self, time: int, since: int, person: Profile, terms: Terms) -> str:
        """What but days is missing for an end of learning, "" when it has ended."""
        if not since:
            return "history"
        if self.learnt_at or time - since >= terms.longest:
            return ""
        if since > person.first_seen:
            return ""  # learnt anew, with what was familiar before
        if person.successes < terms.sign_ins:
            return "sign-ins"
        if person.active_days < terms.active_days:
            return "active days"
        return "rest" if _mean(self.novelties) > terms.settled_below else ""

    def _in_words(self, missing: str, time: int, since: int, person: Profile, terms: Terms) -> str:
        if missing == "history":
            return "never seen before"
        if missing == "rest":
            return f"still changing, novelty {_mean(self.novelties):.2f}"
        if missing == "days":
            return f"{(time - since) / DAY:.1f} days, at least {terms.days // DAY} needed"
        if missing == "sign-ins":
            return f"{person.successes} sign-ins, {terms.sign_ins} needed"
        return f"{person.active_days} active days, {terms.active_days} needed"


@lru_cache(1_024)
def _rounded(novelty: float) -> float:
    """There are few sums of weights: to know them is sooner done than to round them."""
    return round(novelty, 3)


def _mean(novelties: list[float]) -> float:
    return sum(novelties) / len(novelties) if novelties else 0.0
