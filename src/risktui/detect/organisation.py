"""What is usual in the organisation: who shares an address, which countries are in use.

Built-in trackers. They run before the user stage and write `Facts` on every event, so that a
detector of the user key can know what is common without a look at other people's state.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import msgspec

from risktui.detect.alert_parts import AlertParts
from risktui.detect.countries import WINDOW_DAYS, CountriesOfDay, Country
from risktui.detect.detector import Facts, Met, Tracker
from risktui.detect.learning import ACTIVITY
from risktui.detect.state import DAY, NEVER, KeyedState, Users
from risktui.model.events import (
    ApiCall,
    DirectoryChange,
    Event,
    FileAccess,
    Lead,
    MailboxRule,
    MailSent,
    SignIn,
)

COUNTED = frozenset(ACTIVITY)
"""The same, to ask at every event: in a tuple each class is compared with, which takes longer."""
ALWAYS = frozenset({FileAccess, MailSent, ApiCall})
"""Of these whatever a person has done shows that they were there."""
TOLD = (*ACTIVITY, DirectoryChange, Lead)
"""Events that facts are written on; only activity is counted."""

NO_ROOM, NOT, ONCE, TODAY = -1, 0, 1, 2
"""Whether somebody was met on a managed machine: within `WINDOW_DAYS`, or on this very day; or was,
and there is no room for them among those who were. They are places in a table of four, the last of
which is `NO_ROOM`'s."""


def is_success(event: Event) -> bool:
    """Whether `event` shows that its person was really there: a success of a human actor."""
    if event.actor != "user" or not (event.user_id or event.user_principal_name):
        return False
    if type(event) is SignIn:
        return event.result == "success"
    return type(event) is not MailboxRule or event.by_the_person


def is_foreign_guest(event: Event) -> bool:
    """G4: a guest whose home tenant is another one, and judges them."""
    if event.user_type != "guest":
        return False
    home = event.home_tenant_id if isinstance(event, SignIn) else ""
    return home != event.tenant_id


class Exit(KeyedState):
    """Who has used a prefix: the last 256 people and the last 8 days of use."""

    users: Users = msgspec.field(default_factory=lambda: Users(256))
    managed: Users = msgspec.field(default_factory=lambda: Users(64))
    days: list[int] = []


class SharedEgress(Tracker):
    """Who uses a prefix with success: the exits of offices, VPNs and carriers (M4)."""

    name = "sharedEgress"
    keys = ("prefix",)
    watches = TOLD
    ttl = 60 * DAY

    class State(Exit, kw_only=True):
        """The same, counted once a day; packed behind it, where states had nothing before."""

        day: int = 0
        """On which day those of `today` were met; what stands below was counted then."""
        today: dict[str, int] = {}
        """Who was, and whether they are among the `managed`: `NOT`, `ONCE`, or met so `TODAY`."""
        known: int = 0
        known_managed: int = 0
        known_days: int = 0

    def track(self, event: Event, key: str, state: State, facts: Facts) -> Iterable[Lead]:
        """Write who else uses the prefix, then count this person."""
        user = event.user_id or event.user_principal_name
        managed = state.today.get(user)
        if managed is not None and event.time // DAY == state.day:  # as nearly always
            facts.egress_users = state.known - 1
            facts.egress_managed_users = state.known_managed - (managed > NOT)
            facts.egress_days = state.known_days
            if NOT <= managed < TODAY:
                self._may_be_managed(event, user, state)
            return ()
        self._met(event, user, state, facts)
        return ()

    def track_all(
        self, met: Sequence[Met[Event]], key: str, state: State
    ) -> Iterable[tuple[Met[Event], Lead]]:
        """The same, where what is known of the day is looked up once as long as it holds."""
        day = others = days = 0
        managed_others: tuple[int, ...] = ()
        today, stale = state.today, True
        for each in met:
            if stale:
                day, today, stale = state.day, state.today, False
                others, days, known = state.known - 1, state.known_days, state.known_managed
                managed_others = known, known - 1, known - 1, known
            event, facts = each.event, each.facts
            user = event.user_id or event.user_principal_name
            managed = today.get(user)
            if managed is None or event.time // DAY != day:
                self._met(event, user, state, facts)
                stale = True
                continue
            facts.egress_users, facts.egress_days = others, days
            facts.egress_managed_users = managed_others[managed]
            if managed < TODAY and managed != NO_ROOM:
                stale = self._may_be_managed(event, user, state)
        return ()

    def _met(self, event: Event, user: str, state: State, facts: Facts) -> None:
        """The first event of a person on a day, or one that counts for nothing."""
        day = event.time // DAY
        oldest = day - WINDOW_DAYS
        users, managers, days = state.users, state.managed, state.days
        if days:  # somebody was here
            known = users.known if users.since == oldest else users.since_day(oldest)
            facts.egress_users = known - (users.last_day.get(user, NEVER) >= oldest)
            known = managers.known if managers.since == oldest else managers.since_day(oldest)
            facts.egress_managed_users = known - (managers.last_day.get(user, NEVER) >= oldest)
            facts.egress_days = state.known_days if day == state.day else _since(oldest, days)
        if type(event) in COUNTED and is_success(event):
            self._count(event, user, state)

    def _may_be_managed(self, event: Event, user: str, state: State) -> bool:
        """Count somebody who was here today on other machines; whether this one is managed."""
        client = event.client
        if not (client.trust_type or client.is_managed or client.is_compliant):
            return False
        counts = client.managed and type(event) in COUNTED and is_success(event)
        if counts:
            self._count(event, user, state)
        return counts

    def _count(self, event: Event, user: str, state: State) -> None:
        """Count a person who was here with success, and keep what is asked for on that day."""
        time, day = event.time, event.time // DAY
        users, managers, days = state.users, state.managed, state.days
        users.add(user, time)
        managed = event.client.managed
        if managed:
            managers.add(user, time)
        fresh = day > state.day
        if fresh:
            state.day, state.today = day, {}
        today = state.day
        oldest = today - WINDOW_DAYS
        if fresh or day not in days:
            later = not days or day > days[-1]
            state.days = days = [*days[-7:], day] if later else sorted({*days, day})[-8:]
            state.known_days = _since(oldest, days)
        state.known = users.known if users.since == oldest else users.since_day(oldest)
        known = managers.known if managers.since == oldest else managers.since_day(oldest)
        state.known_managed = known
        if users.last_day.get(user) == today:  # there was room for them
            met = managers.last_day.get(user)
            if met is None:
                state.today[user] = NO_ROOM if managed and day == today else NOT
            else:
                state.today[user] = TODAY if met == today else ONCE if met >= oldest else NOT


def _since(oldest: int, days: list[int]) -> int:
    """How many of `days`, in order, are not before `oldest`."""
    return len(days) if days[0] >= oldest else sum([each >= oldest for each in days])


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
        time, people, first = event.time, state.people, state.first_seen
        day = time // DAY
        oldest = day - WINDOW_DAYS
        facts.active_users = people.known if people.since == oldest else people.since_day(oldest)
        facts.tenant_first_seen = first or time
        user, met = event.user_id or event.user_principal_name, NEVER
        code = event.location.country_or_region
        country = state.countries.get(code)
        if country is not None:
            users, last_seen, same = country.users, country.last_seen, user == country.last_user
            met = users.last_day.get(user, NEVER)
            known = users.known if users.since == oldest else users.since_day(oldest)
            facts.country_users = known - 1 if met >= oldest else known
            facts.country_last_seen = country.before if same else last_seen
        if event.actor != "user" or not user:
            return ()
        if type(event) is SignIn:
            if event.result != "success":
                return ()
        elif type(event) not in ALWAYS and (
            type(event) is not MailboxRule or not is_success(event)
        ):
            return ()
        if met == day and 0 < first <= time and country is not None:
            if time < last_seen:
                country.see(user, time)
                return ()
            if not same:  # counted today, as nearly always: as `see` has it
                country.before, country.last_user = last_seen, user
            country.last_seen = time
            return ()
        self._count(event, user, state, met)
        return ()

    def track_all(
        self, met: Sequence[Met[Event]], key: str, state: State
    ) -> Iterable[tuple[Met[Event], Lead]]:
        """The same, where what holds for a day and a country is looked up once."""
        people, first, day, oldest, active = state.people, state.first_seen, NEVER, NEVER, 0
        there, known_people = CountriesOfDay(state.countries, day), people.last_day
        for each in met:
            event, facts = each.event, each.facts
            time = event.time
            if time // DAY != day:
                there.settle()
                day = time // DAY
                oldest = day - WINDOW_DAYS
                there, active = CountriesOfDay(state.countries, day), people.since_day(oldest)
            user = event.user_id or event.user_principal_name
            here = there[event.location.country_or_region]
            last_met, same = here.last_day.get(user, NEVER), user == here.last_user
            facts.active_users, facts.tenant_first_seen = active, first or time
            facts.country_users = here.others if last_met >= oldest else here.known
            facts.country_last_seen = here.before if same else here.last_seen
            if type(event) is SignIn:
                if event.result != "success":
                    continue
            elif type(event) not in ALWAYS and (
                type(event) is not MailboxRule or not is_success(event)
            ):
                continue
            if event.actor != "user" or not user:
                continue
            if (
                last_met == NEVER
                and here.full
                and time >= here.last_seen
                and known_people.get(user, NEVER) >= day
            ):
                if here.has_stayed(user, event.client):
                    last_met = day  # as one who was counted, for whom there is no room
                elif here.crowded or user in here.visited:
                    continue
            if last_met == day and time >= first:  # as `see` has it
                if time >= here.last_seen:
                    if not same:
                        here.before, here.last_user = here.last_seen, user
                    here.last_seen = time
                elif not same:
                    here.before = max(here.before, time)
                continue
            here.settle()
            self._count(event, user, state, last_met)
            first, active, known_people = state.first_seen, people.known, people.last_day
            del there[event.location.country_or_region]
        there.settle()
        return ()

    def _count(self, event: Event, user: str, state: State, met: int) -> None:
        """Count one success of a person, who was met in the event's country on the day `met`."""
        time, people = event.time, state.people
        if not state.first_seen or time < state.first_seen:
            state.first_seen = time
        if people.last_day.get(user, NEVER) < time // DAY:
            people.add(user, time)
        code = event.location.country_or_region
        country = state.countries.get(code)
        if country is None:
            if not code:
                return
            country = state.countries[code] = Country()
        country.add(user, time, met, event.client)


BUILT_IN: tuple[type[Tracker], ...] = (SharedEgress, Organisation, AlertParts)
