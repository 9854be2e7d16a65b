"""Ordinary days: people come, mistype, work, look at their phones and go."""

from __future__ import annotations

import random
from dataclasses import dataclass, field

from simulator.calendars import Where
from simulator.company import HOUR, MINUTE, SECOND, Company, Person, new_id
from simulator.journal import (
    CLAIM,
    FRESH,
    IN_BACKGROUND,
    IN_BROWSER,
    OUTLOOK,
    PASSWORD,
    PORTAL,
    STAY,
    WRONG,
    App,
    Journal,
    Outcome,
    Presence,
)
from simulator.machines import Machine
from simulator.networks import Origin, Provider

SESSION_DAYS = 7
"""A browser's session lasts a working week, whatever network the laptop is on."""
PHONE_SESSION_DAYS = 90


@dataclass
class Today:
    """Somebody's day."""

    journal: Journal
    person: Person
    day: int
    where: Where
    laptop: Machine
    phone: Machine | None
    desk: Provider | None = None
    """Where somebody who is neither at home nor in an office works: a conference, a cloud PC."""
    rng: random.Random = field(init=False)
    start: int = 0
    end: int = 0

    def __post_init__(self) -> None:
        company = self.journal.company
        self.rng = company.rng("day", self.person.number, self.day)
        hour = 21.0 if "night" in self.person.habits and self.rng.random() < 0.5 else 9.0
        local = hour - self.where.office.city.zone + self.rng.gauss(0, 0.6)
        self.start = company.midnight(self.day) + int(local * HOUR)
        self.end = self.start + int(self.rng.uniform(7.5, 9.8) * HOUR)

    def live(self) -> None:
        """Everything that the logs of sign-ins show of the day."""
        if self.where.kind in {"off", "holiday"}:
            self._free_day()
            return
        self._begin()
        for _ in range(self.rng.randint(2, 4)):
            self.renew(self.between(5))
        if self.rng.random() < 0.6:
            app = PORTAL if self.person.role == "admin" else self.rng.choice(IN_BROWSER)
            self.browse(self.between(30), app)
        self._phone_day()

    def between(self, minutes: int) -> int:
        """Some time of the day's work, `minutes` after its start if it lasts twice as long."""
        wait = min(minutes * MINUTE, (self.end - self.start) // 2)
        return self.rng.randrange(self.start + wait, self.end)

    def origin(self, time: int = 0) -> Origin:
        """Where the laptop comes from; after some minutes at home the VPN may be on."""
        company, kind = self.journal.company, self.where.kind
        if kind == "office":
            return self.where.office.network.address(self.rng.randrange(3))
        if company.exits and self._by_vpn() and time > self.start + 3 * MINUTE:
            number = self.rng.randrange(12)
            return company.exits[(self.person.number + number) % len(company.exits)].address(number)
        if kind == "trip" and self.where.lodging:
            if (self.day + self.person.number) % 3 and time > self.start + HOUR:
                return self.where.office.network.address(self.rng.randrange(3))
            return self.where.lodging.address(self.person.number)
        if self.desk is not None:
            return self.desk.address(self.person.number)
        if "privacy" in self.person.habits:
            abroad = self.person.number % 2
            exits = [e for e in company.privacy_vpns if abroad or e.city == self.person.office.city]
            return exits[-1].address(self.rng.randrange(8))
        return self.person.home(self.day, self.rng)

    def _by_vpn(self) -> bool:
        if "vpn" in self.person.habits:
            return True
        return "occasional" in self.person.habits and (self.day * 7 + self.person.number) % 6 == 0

    def session(self, machine: Machine, days: int = SESSION_DAYS) -> str:
        """The session of a machine; it moves with the machine from network to network."""
        rng = self.journal.company.rng(
            "session", self.person.number, machine.program, machine.id, self.day // days
        )
        return new_id(rng)

    def browse(self, time: int, app: App, outcome: Outcome | None = None) -> None:
        """An interactive sign-in at the laptop."""
        presence = Presence(self.person, self.laptop, self.origin(time))
        end = outcome or self._outcome(presence.origin, first=False)
        self.journal.sign_in(self.rng, time, presence, app, end, session=self.session(self.laptop))

    def renew(self, time: int, app: App | None = None, machine: Machine | None = None) -> None:
        """A program at the laptop renews its token."""
        if "kiosk" in self.person.habits or self.person.guest:
            return
        machine = machine or self.laptop
        presence = Presence(self.person, machine, self.origin(time))
        self._silently(time, presence, app or self.rng.choice(IN_BACKGROUND))

    def _silently(self, time: int, presence: Presence, app: App, days: int = SESSION_DAYS) -> None:
        end = self._outcome(presence.origin, first=False)
        session = self.session(presence.machine, days)
        self.journal.sign_in(self.rng, time, presence, app, end, session=session, interactive=False)

    def _outcome(self, origin: Origin, *, first: bool) -> Outcome:
        """A second factor is asked for away from trusted networks, afresh on Mondays and trips."""
        if origin.provider.trusted or "nomfa" in self.person.habits:
            return PASSWORD
        fresh = first and (self.day % 7 == 0 or self.where.kind == "trip")
        return FRESH if fresh else CLAIM

    def _begin(self) -> None:
        presence = Presence(self.person, self.laptop, self.origin(self.start))
        app, session = self.rng.choice(IN_BROWSER), self.session(self.laptop)
        chance = 0.45 if "mistypes" in self.person.habits else 0.03
        if self.rng.random() < chance:
            for attempt in range(self.rng.randint(1, 4 if chance > 0.1 else 2)):
                wrong = self.start - (20 + 12 * attempt) * SECOND
                self.journal.sign_in(self.rng, wrong, presence, app, WRONG, session=session)
        end = self._outcome(presence.origin, first=True)
        correlation = new_id(self.rng)
        if end is PASSWORD and self.rng.random() < 0.06:
            self.journal.sign_in(
                self.rng,
                self.start - 5 * SECOND,
                presence,
                app,
                STAY,
                session=session,
                correlation_id=correlation,
            )
        self.journal.sign_in(
            self.rng, self.start, presence, app, end, session=session, correlation_id=correlation
        )

    def _phone_day(self) -> None:
        if self.phone is None:
            return
        commute = self.start - self.rng.randrange(15, 50) * MINUTE
        moments = [(commute, self._mobile()), (self.between(60), self._wifi())]
        evening = self.end + self.rng.randrange(30, 200) * MINUTE
        moments.append((evening, self._evening()))
        for time, origin in moments:
            if self.rng.random() < 0.8:
                presence = Presence(self.person, self.phone, origin)
                self._silently(time, presence, OUTLOOK, PHONE_SESSION_DAYS)

    def _mobile(self) -> Origin:
        """The carrier's hub, far away now and then; abroad most phones roam through home."""
        carriers = self.person.office.carriers
        if self.where.kind == "trip" and self.person.number % 3 == 0:
            carriers = self.where.office.carriers
        hub = carriers[0] if self.rng.random() < 0.85 else self.rng.choice(carriers)
        return hub.any_address(self.rng)

    def _wifi(self) -> Origin:
        if self.where.kind in {"office", "trip"}:
            return self.where.office.network.address(self.rng.randrange(3))
        return self._mobile() if self.rng.random() < 0.3 else self._evening()

    def _evening(self) -> Origin:
        if self.where.lodging:
            return self.where.lodging.address(self.person.number)
        return self.person.home(self.day, self.rng)

    def _free_day(self) -> None:
        company = self.journal.company
        noon = company.midnight(self.day) + int((12 - self.where.office.city.zone) * HOUR)
        if self.phone and (self.where.kind == "holiday" or self.rng.random() < 0.3):
            time = noon + self.rng.randrange(-4 * HOUR, 6 * HOUR)
            origin = self._evening() if self.rng.random() < 0.7 else self._mobile()
            presence = Presence(self.person, self.phone, origin)
            self._silently(time, presence, OUTLOOK, PHONE_SESSION_DAYS)
        if self.where.kind == "off" and self.rng.random() < 0.04:
            self.start, self.end = noon, noon + HOUR
            self.browse(noon, self.rng.choice(IN_BROWSER))


def cloud_pc(company: Company, person: Person) -> Machine:
    """The machine that some engineers have in the cloud."""
    rng = company.rng("cloud pc", person.number)
    return Machine("edge11", new_id(rng), f"CPC-{person.number}", "Azure AD joined", compliant=True)


def machines_on(company: Company, person: Person, day: int) -> tuple[Machine, Machine | None]:
    """The laptop and the phone in use: some people get new ones on the way."""
    dates = company.rng("new machines", person.number)
    laptop, phone = person.laptop, person.phone
    if day >= dates.randrange(5, 400) and laptop.id:
        rng = company.rng("new laptop", person.number)
        program, name = rng.choice(("edge11", laptop.program)), f"LT-{person.number:05d}B"
        laptop = Machine(program, new_id(rng), name, laptop.trust, compliant=True)
    if day >= dates.randrange(5, 250) and phone:
        rng = company.rng("new phone", person.number)
        program, trust = rng.choice((phone.program, "iphone", "android")), "Azure AD registered"
        known = bool(phone.id)
        phone = Machine(program, new_id(rng) if known else "", compliant=known)
        phone = Machine(phone.program, phone.id, "MOB" * known, trust * known, compliant=known)
    return laptop, phone
