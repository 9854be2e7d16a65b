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
    if isinstance(event, SignIn):
        return event.result == "success" and event.actor == "user" and bool(event.user)
    return event.by_the_person and bool(event.user)


def is_foreign_guest(event: Event) -> bool:
    """G4: a guest whose home tenant is another one, and judges them."""
    if event.user_type != "guest":
        return False
    home = event.home_tenant_id if isinstance(event, SignIn) else ""
    return home != event.tenant_id


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
        time, user, days = event.time, event.user, state.days
        if days:  # somebody was here
            facts.egress_users = state.users.count(time, days=WINDOW_DAYS, without=user)
            if state.managed.last_day:
                facts.egress_managed_users = state.managed.count(
                    time, days=WINDOW_DAYS, without=user
                )
            oldest = time // DAY - WINDOW_DAYS
            recent = days if days[0] >= oldest else [day for day in days if day >= oldest]
            facts.egress_days = len(recent)
        if type(event) in ACTIVITY and is_success(event):
            state.users.add(user, time)
            if event.client.managed:
                state.managed.add(user, time)
            if time // DAY not in days:
                state.days = sorted([*days, time // DAY])[-8:]
        return ()


class Country(KeyedState):
    """Who was seen in one country, and when the last two people were."""

    users: Users = msgspec.field(default_factory=lambda: Users(64))
    last_seen: int = 0
    last_user: str = ""
    before: int = 0
    """When somebody other than `last_user` was last seen."""
    visitors: Users = msgspec.field(default_factory=lambda: Users(64))
    """Seen on one day only, on no machine of the organisation: perhaps strangers in their name."""

    def seen_by_others(self, user: str) -> int:
        """When anybody but `user` was last seen (ms), 0 for never."""
        return self.before if user == self.last_user else self.last_seen

    def add(self, user: str, time: int, *, managed: bool) -> None:
        """Count one success of `user`, who is there on a managed machine or on a second day."""
        if not managed and user not in self.users.last_day:
            first = self.visitors.last_day.get(user)
            if first is None:
                self.visitors.add(user, time)
            if first is None or first == time // DAY:
                return
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
        time, user = event.time, event.user
        facts.active_users = state.people.count(time, days=WINDOW_DAYS)
        facts.tenant_first_seen = state.first_seen or time
        code = event.location.country_or_region
        country = state.countries.get(code)
        if country is not None:
            facts.country_users = country.users.count(time, days=WINDOW_DAYS, without=user)
            facts.country_last_seen = country.seen_by_others(user)
        if type(event) in ACTIVITY and is_success(event):
            if not state.first_seen or time < state.first_seen:
                state.first_seen = time
            state.people.add(user, time)
            if country is None and code:
                country = state.countries[code] = Country()
            if country is not None:
                country.add(user, time, managed=event.client.managed)
        return ()


BUILT_IN: tuple[type[Tracker], ...] = (SharedEgress, Organisation, AlertParts)
