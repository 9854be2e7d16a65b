"""An ordinary day: people come, mistype, work, look at their phones and go."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, field

from sample_logs.generator.clients import Device
from sample_logs.generator.clock import HOUR, MINUTE, TICKS, TODAY, at
from sample_logs.generator.journal import Chapter
from sample_logs.generator.networks import CORPORATE_VPN, PRIVACY_VPN, Origin, leased
from sample_logs.generator.outcomes import (
    BY_CLAIM,
    FRESH_MFA,
    PASSWORD_ONLY,
    SILENT,
    SILENT_TRUSTED,
    STAY_SIGNED_IN,
    WRONG_PASSWORD,
    Outcome,
)
from sample_logs.generator.people import Person, machine
from sample_logs.generator.records import Presence
from sample_logs.generator.tenant import (
    IN_BACKGROUND,
    IN_BROWSER,
    OUTLOOK_MOBILE,
    PORTAL,
    App,
    new_id,
)
from sample_logs.generator.whereabouts import YESTERDAY, Where, february, whereabouts

OCCASIONAL_VPN_FROM = february(9)  # by then the daily users have made the exit familiar
NEW_PHONES = {"mei": february(12)}
LATE_TODAY = {"james": "11:30", "mia": "13:30"}


def ordinary_day(chapter: Chapter, person: Person, day: dt.date) -> None:
    """Note what `person` does on `day` when nothing special happens."""
    where = whereabouts(person, day)
    if where is None:
        return
    today = Today(chapter, person, day, where)
    if where.kind == "off":
        today.glance_at_phone()
        return
    today.work()


def home_of(chapter: Chapter, person: Person, day: dt.date) -> Origin:
    """The address that somebody at home comes from."""
    if "privacy" in person.habits:
        return PRIVACY_VPN.address(chapter.rng.randrange(10, 40))
    if "guest" in person.habits:
        return person.office.network.address(24)
    if "ipv6" in person.habits and chapter.rng.random() < 0.6:
        return person.home.address6(chapter.rng.getrandbits(64))
    return leased(person.home, day)


def new_phone(chapter: Chapter, person: Person) -> Device:
    """The phone that replaced somebody's first one."""
    return machine(chapter.journal.seed, person.key, "iphone", generation=2)


def office_of(chapter: Chapter, where: Where) -> Origin:
    """One of the few addresses behind which an office hides."""
    return where.office.network.address(10 + chapter.rng.randrange(3))


def vpn_exit(chapter: Chapter) -> Origin:
    """One of the addresses of the company's VPN."""
    return CORPORATE_VPN.address(chapter.rng.randrange(5, 13))


@dataclass
class Today:
    """Somebody's day, as it goes on."""

    chapter: Chapter
    person: Person
    day: dt.date
    where: Where
    sessions: dict[str, str] = field(default_factory=dict)

    def work(self) -> None:
        """From the first sign-in in the morning to the last look at the phone."""
        start = self._start()
        self._sign_in_to_laptop(start)
        end = start + int(self.chapter.rng.uniform(8.2, 9.6) * HOUR)
        for _ in range(self.chapter.rng.randint(3, 6)):
            self._laptop_renews(self._between(start + 5 * MINUTE, end))
        if self.chapter.rng.random() < 0.5:
            self._open_something(self._between(start + HOUR, end))
        self._vpn(start, end)
        self._phone(start, end)

    def glance_at_phone(self) -> None:
        """A Saturday look at the mail, by a few."""
        if self.phone and self.chapter.rng.random() < 0.2:
            time = self.chapter.about(at(self.day, "11:00", self.where.office.zone), 180)
            self._phone_renews(time, home_of(self.chapter, self.person, self.day))

    @property
    def phone(self) -> Device | None:
        """The phone in use on the day."""
        changed = NEW_PHONES.get(self.person.key)
        if changed and self.day >= changed and self.person.phone:
            return new_phone(self.chapter, self.person)
        return self.person.phone

    def _start(self) -> int:
        clock = LATE_TODAY.get(self.person.key, "") if self.day == TODAY else ""
        usual = at(self.day, clock or "09:05", self.where.office.zone)
        return self.chapter.about(usual, 8 if clock else 38)

    def _between(self, start: int, end: int) -> int:
        return self.chapter.rng.randrange(start, end)

    def place(self) -> Origin:
        """The network of the moment."""
        if self.where.hotel:
            return self.where.hotel.address(40 + len(self.person.key))
        if self.where.kind == "office":
            return office_of(self.chapter, self.where)
        return home_of(self.chapter, self.person, self.day)

    def _sign_in_to_laptop(self, time: int) -> None:
        origin, app = self.place(), self.chapter.rng.choice(IN_BROWSER)
        if self.chapter.rng.random() < 0.05:
            for attempt in range(self.chapter.rng.randint(1, 2)):
                wrong = time - (25 - 11 * attempt) * TICKS
                self._browser(wrong, origin, app, WRONG_PASSWORD)
        first = first_outcome(self.person, origin, self.day, self.where)
        if first.password and self.chapter.rng.random() < 0.08:
            one = new_id(self.chapter.rng)
            self._browser(time - 6 * TICKS, origin, app, STAY_SIGNED_IN, one)
            self._browser(time, origin, app, first, one)
        else:
            self._browser(time, origin, app, first)

    def _open_something(self, time: int) -> None:
        technical = "engineer" in self.person.role or "administrator" in self.person.role
        app = PORTAL if technical else self.chapter.rng.choice(IN_BROWSER)
        origin = self.place()
        private = "privacy" in self.person.habits
        later = PASSWORD_ONLY if origin.network.trusted else FRESH_MFA if private else BY_CLAIM
        self._browser(time, origin, app, later)

    def _browser(
        self, time: int, origin: Origin, app: App, outcome: Outcome, correlation: str = ""
    ) -> None:
        presence = Presence(self.person, self.person.laptop, origin)
        session = self._session(self.person.laptop, origin)
        self.chapter.sign_in(time, presence, app, outcome, session, correlation=correlation)

    def _laptop_renews(self, time: int) -> None:
        if self.person.habits & {"privacy", "kiosk", "guest"}:
            return  # they only use the browser
        app = self.chapter.rng.choice(IN_BACKGROUND)
        self._silently(time, self.person.laptop, self.place(), app)

    def _vpn(self, start: int, end: int) -> None:
        habits, rng = self.person.habits, self.chapter.rng
        sometimes = "occasional" in habits and self.day >= OCCASIONAL_VPN_FROM
        connects = "vpn" in habits or (sometimes and rng.random() < 0.4)
        if self.where.kind == "office" or not connects:
            return
        for _ in range(rng.randint(1, 3)):
            time, app = self._between(start + HOUR, end), rng.choice(IN_BACKGROUND)
            origin = vpn_exit(self.chapter)
            self._silently(time, self.person.laptop, origin, app)

    def _phone(self, start: int, end: int) -> None:
        if not self.phone or (self.person.key, self.day) == ("kenta", YESTERDAY):
            return
        rng, person = self.chapter.rng, self.person
        on_the_way = self.where.office.carrier.address(rng.randrange(10, 240))
        if self.where.kind == "office" and rng.random() < 0.6:
            self._phone_renews(start - rng.randrange(20 * MINUTE, 50 * MINUTE), on_the_way)
        for _ in range(rng.randint(0, 2)):
            self._phone_renews(self._between(start + HOUR, end), self.place())
        if rng.random() < 0.6:
            at_night = self.where.hotel.address(90) if self.where.hotel else None
            evening = end + rng.randrange(90 * MINUTE, 200 * MINUTE)
            self._phone_renews(evening, at_night or home_of(self.chapter, person, self.day))

    def _phone_renews(self, time: int, origin: Origin) -> None:
        if self.phone:
            self._silently(time, self.phone, origin, OUTLOOK_MOBILE)

    def _session(self, device: Device, origin: Origin) -> str:
        """A session lasts a day and moves with the device, but not into the VPN."""
        settled = self.day >= OCCASIONAL_VPN_FROM and origin.network != CORPORATE_VPN
        name = device.program if settled else f"{device.program} on {origin.network.name}"
        return self.sessions.setdefault(name, new_id(self.chapter.rng))

    def _silently(self, time: int, device: Device, origin: Origin, app: App) -> None:
        outcome = SILENT_TRUSTED if origin.network.trusted else SILENT
        presence = Presence(self.person, device, origin)
        session = self._session(device, origin)
        self.chapter.sign_in(time, presence, app, outcome, session, interactive=False)


def first_outcome(person: Person, origin: Origin, day: dt.date, where: Where) -> Outcome:
    """How the first sign-in of a day ends: a second factor is asked away from the offices."""
    if origin.network.trusted:
        return PASSWORD_ONLY
    prompted = day.weekday() == 0 or where.hotel is not None or "privacy" in person.habits
    return FRESH_MFA if prompted else BY_CLAIM
