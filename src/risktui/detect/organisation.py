"""What is usual in the organisation: who shares an address, which countries are in use.

Built-in trackers. They run before the user stage and write `Facts` on every event, so that a
detector of the user key can know what is common without a look at other people's state.
"""

from __future__ import annotations

from collections.abc import Iterable

import msgspec

from risktui.detect.alert_parts import AlertParts
from risktui.detect.detector import Facts, Tracker
from risktui.detect.learning import ACTIVITY
from risktui.detect.state import DAY, KeyedState, Users
from risktui.model.events import DirectoryChange, Event, Lead, SignIn

WINDOW_DAYS = 30
"""What was used within this time counts as in use (M4, docs/detectors.md)."""


TOLD = (*ACTIVITY, DirectoryChange, Lead)
"""Events that facts are written on; only activity is counted."""


def is_success(event: Event) -> bool:
    """Whether `event` shows that its person was really there: a success of a human actor."""
    if not event.by_the_person or not event.user:
        return False
    return event.result == "success" if isinstance(event, SignIn) else True


def is_foreign_guest(event: Event) -> bool:
    """G4: a guest whose home tenant is another one, and judges them."""
    home = event.home_tenant_id if isinstance(event, SignIn) else ""
    return event.user_type == "guest" and home != event.tenant_id


class SharedEgress(Tracker):
    """Who uses a prefix with success: the exits of offices, VPNs and carriers (M4)."""

    name = "sharedEgress"
    keys = ("prefix",)
    watches = TOLD
    ttl = 60 * DAY

    class State(KeyedState):
        """Bounded: the last 256 people and the last 8 days of use."""

        users: Users = msgspec.field(default_factory=lambda: Users(256))
        managed: Users = msgspec.field(default_factory=lambda: Users(64))
        days: list[int] = []

    def track(self, event: Event, key: str, state: State, facts: Facts) -> Iterable[Lead]:
        """Write who else uses the prefix, then count this person."""
        oldest = event.time // DAY - WINDOW_DAYS
        facts.egress_users = state.users.count(event.time, days=WINDOW_DAYS, without=event.user)
        facts.egress_managed_users = state.managed.count(
            event.time, days=WINDOW_DAYS, without=event.user
        )
        facts.egress_days = sum(1 for day in state.days if day >= oldest)
        if is_success(event) and isinstance(event, ACTIVITY):
            state.users.add(event.user, event.time)
            if event.client.managed:
                state.managed.add(event.user, event.time)
            if event.time // DAY not in state.days:
                state.days = sorted([*state.days, event.time // DAY])[-8:]
        return ()


class Country(KeyedState):
    """Who was seen in one country, and when the last two people were."""

    users: Users = msgspec.field(default_factory=lambda: Users(64))
    last_seen: int = 0
    last_user: str = ""
    before: int = 0
    """When somebody other than `last_user` was last seen."""

    def seen_by_others(self, user: str) -> int:
        """When anybody but `user` was last seen (ms), 0 for never."""
        return self.before if user == self.last_user else self.last_seen

    def add(self, user: str, time: int) -> None:
        """Count one success of `user`."""
        self.users.add(user, time)
        if time < self.last_seen:
            if user != self.last_user:
                self.before = max(self.before, time)
            return
        if user != self.last_user:
            self.before, self.last_user = self.last_seen, user
        self.last_seen = time


class Organisation(Tracker):
    """The organisation's countries and how many people it has. One key, small and slow."""

    name = "organisation"
    keys = ("tenant",)
    watches = TOLD
    ttl = 400 * DAY

    class State(KeyedState):
        """Bounded: 250 countries of 64 people, 2,000 people.

        Where more are active the share of the organisation is taken of 2,000.
        """

        first_seen: int = 0
        people: Users = msgspec.field(default_factory=lambda: Users(2_000))
        countries: dict[str, Country] = {}

    def track(self, event: Event, key: str, state: State, facts: Facts) -> Iterable[Lead]:
        """Write what the organisation knows of the event's country, then count it."""
        facts.active_users = state.people.count(event.time, days=WINDOW_DAYS)
        facts.tenant_first_seen = state.first_seen or event.time
        code = event.location.country_or_region
        country = state.countries.get(code)
        if country is not None:
            facts.country_users = country.users.count(
                event.time, days=WINDOW_DAYS, without=event.user
            )
            facts.country_last_seen = country.seen_by_others(event.user)
        if is_success(event) and isinstance(event, ACTIVITY):
            self._count(event, code, state)
        return ()

    def _count(self, event: Event, code: str, state: State) -> None:
        state.first_seen = min(state.first_seen or event.time, event.time)
        state.people.add(event.user, event.time)
        if code:
            state.countries.setdefault(code, Country()).add(event.user, event.time)


BUILT_IN: tuple[type[Tracker], ...] = (SharedEgress, Organisation, AlertParts)
