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
from risktui.detect.state import DAY, NEVER, KeyedState, Users
from risktui.model.events import Client, DirectoryChange, Event, Lead, SignIn

WINDOW_DAYS = 30
"""What was used within this time counts as in use (M4, docs/detectors.md)."""


TOLD = (*ACTIVITY, DirectoryChange, Lead)
"""Events that facts are written on; only activity is counted."""


def is_success(event: Event) -> bool:
    """Whether `event` shows that its person was really there: a success of a human actor."""
    if type(event) is SignIn:
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
        user, days = event.user_id or event.user_principal_name, state.days
        day = event.time // DAY
        oldest = day - WINDOW_DAYS
        used = state.users.last_day.get(user, NEVER)
        managed = state.managed.last_day.get(user, NEVER)
        if days:  # somebody was here
            facts.egress_users = state.users.since_day(oldest) - (used >= oldest)
            facts.egress_managed_users = state.managed.since_day(oldest) - (managed >= oldest)
            facts.egress_days = (
                len(days) if days[0] >= oldest else sum([each >= oldest for each in days])
            )
        if used == day and (managed >= day or not event.client.managed):
            return ()  # counted today, as nearly always
        if type(event) in ACTIVITY and is_success(event):
            state.users.add(user, event.time)
            if event.client.managed:
                state.managed.add(user, event.time)
            if day not in days:
                state.days = sorted([*days, day])[-8:]
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

    def add(self, user: str, time: int, met: int, client: Client) -> None:
        """Count one success of `user`, who is there on a managed machine or on a second day.

        `met` is the day on which they were here last, if ever.
        """
        day = time // DAY
        if met == NEVER and not client.managed:
            first = self.visitors.last_day.get(user)
            if first is None:
                self.visitors.add(user, time)
            if first is None or first == day:
                return
        if met < day:
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
        time, user, people = event.time, event.user_id or event.user_principal_name, state.people
        day = time // DAY
        oldest = day - WINDOW_DAYS
        facts.active_users = people.since_day(oldest)
        facts.tenant_first_seen = state.first_seen or time
        code = event.location.country_or_region
        country, met = state.countries.get(code), NEVER
        if country is not None:
            met = country.users.last_day.get(user, NEVER)
            facts.country_users = country.users.since_day(oldest) - (met >= oldest)
            facts.country_last_seen = country.seen_by_others(user)
        if type(event) not in ACTIVITY or not is_success(event):
            return ()
        if not state.first_seen or time < state.first_seen:
            state.first_seen = time
        if people.last_day.get(user, NEVER) < day:
            people.add(user, time)
        if country is None and code:
            country = state.countries[code] = Country()
        if country is not None:
            country.add(user, time, met, event.client)
        return ()


BUILT_IN: tuple[type[Tracker], ...] = (SharedEgress, Organisation, AlertParts)
