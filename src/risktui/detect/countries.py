"""Who of the organisation was seen in which country, and what of that holds for a whole day."""

from __future__ import annotations

import msgspec

from risktui.detect.state import DAY, NEVER, KeyedState, Users
from risktui.model.events import Client

WINDOW_DAYS = 30
"""What was used within this time counts as in use (M4, docs/detectors.md)."""


class Country(KeyedState):
    """Who was seen in one country, and when the last two people were."""

    users: Users = msgspec.field(default_factory=lambda: Users(64))
    last_seen: int = 0
    last_user: str = ""
    before: int = 0
    """When somebody other than `last_user` was last seen."""
    visitors: Users = msgspec.field(default_factory=lambda: Users(64))
    """Seen on one day only, on no machine of the organisation: perhaps strangers in their name."""

    def add(self, user: str, time: int, met: int, client: Client) -> None:
        """Count one success of `user`, who is there on a managed machine or on a second day.

        `met` is the day on which they were here last, if ever.
        """
        day = time // DAY
        if met == NEVER:
            first = self.visitors.last_day.get(user)
            if (first is None or first == day) and not client.managed:
                if first is None and self.visitors.has_room(day):
                    self.visitors.add(user, time)
                return
        if met < day and (met != NEVER or self.users.has_room(day)):
            self.users.add(user, time)
        self.see(user, time)

    def see(self, user: str, time: int) -> None:
        """Note when somebody who is there was seen, for whom that is nothing new."""
        if time < self.last_seen:
            if user != self.last_user:
                self.before = max(self.before, time)
            return
        if user != self.last_user:
            self.before, self.last_user = self.last_seen, user
        self.last_seen = time


class CountryOfDay:
    """What is known of a country on a day, until somebody is counted there who was not yet.

    Who was seen there meanwhile is only in here until it is settled.
    """

    __slots__ = (
        "before",
        "country",
        "crowded",
        "day",
        "full",
        "known",
        "last_day",
        "last_seen",
        "last_user",
        "others",
        "visited",
    )

    def __init__(self, country: Country, day: int) -> None:
        self.country, self.day = country, day
        users, visitors = country.users, country.visitors
        self.last_day, self.visited = users.last_day, visitors.last_day
        self.known = users.since_day(day - WINDOW_DAYS)
        self.others = self.known - 1
        """How many are known, to one of them."""
        self.full, self.crowded = not users.has_room(day), not visitors.has_room(day)
        """There is no room for another person; for another visitor."""
        self.last_seen, self.last_user = country.last_seen, country.last_user
        self.before = country.before

    def has_stayed(self, user: str, client: Client) -> bool:
        """Whether somebody who is not counted is no visitor any more, as `Country.add` has it."""
        return client.is_managed or client.managed or self.visited.get(user, self.day) != self.day

    def settle(self) -> None:
        """Let the country know when people were seen there."""
        country = self.country
        country.last_seen, country.last_user = self.last_seen, self.last_user
        country.before = self.before


class CountriesOfDay(dict[str, CountryOfDay]):
    """What is known of countries on a day, as far as somebody has asked."""

    def __init__(self, countries: dict[str, Country], day: int) -> None:
        super().__init__()
        self._countries, self._day = countries, day

    def __missing__(self, code: str) -> CountryOfDay:
        found = self[code] = CountryOfDay(self._countries.get(code) or Country(), self._day)
        return found

    def settle(self) -> None:
        """Let all of them know."""
        for here in self.values():
            here.settle()
