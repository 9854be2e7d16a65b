"""Ordinary life that looks like an attack: passwords mistyped, guessed and old, kiosks."""

from __future__ import annotations

import random

from risktui.model.events import PasswordChange
from simulator.calendars import Plan
from simulator.company import DAY, HOUR, MINUTE, SECOND, Company, Person
from simulator.days import machines_on
from simulator.geography import DATA_CENTRES, ELSEWHERE
from simulator.journal import (
    EXCHANGE,
    EXPIRED,
    FRESH,
    HOME,
    IMAP,
    LOCKED,
    MFA_DENIED,
    MFA_IGNORED,
    OUTLOOK,
    PASSWORD,
    SHELL,
    STAY,
    WRONG,
    Journal,
    Presence,
)
from simulator.machines import STRANGERS, Machine, unknown
from simulator.networks import Provider
from simulator.truth import Ledger


def passwords(company: Company, journal: Journal, plans: dict[int, Plan], ledger: Ledger) -> None:
    """All that goes wrong with passwords without anybody being attacked with success."""
    rng = company.rng("look-alikes", "passwords")
    for person in rng.sample(company.everybody, max(1, len(company.people) // 25)):
        _old_password_on_the_phone(company, journal, person, rng)
    for day in range(7, company.days, 14):
        _office_after_a_reset(company, journal, plans, day, rng)
    for _ in range(max(1, company.days // 7)):
        _guessed_in_vain(company, journal, rng)
    for size in (rng.randrange(6, 12), rng.randrange(15, 40), len(company.people)):
        _spray_in_vain(company, journal, size, rng)
    _scanner(company, journal, rng)
    _own_vpn(company, ledger)


def _old_password_on_the_phone(
    company: Company, journal: Journal, person: Person, rng: random.Random
) -> None:
    """The password is new, and the mail program on the phone does not know it yet."""
    day = rng.randrange(person.first_day, company.days)
    begin = company.midnight(day) + int((10 - person.office.city.zone) * HOUR)
    phone = machines_on(company, person, day)[1] or Machine("iphone")
    home = person.home(day, rng)
    journal.does(
        PasswordChange,
        rng,
        begin,
        person,
        home,
        operation="Change password (self-service)",
        how="change",
        initiated_by=person.upn,
    )
    app = rng.choice((IMAP, OUTLOOK))
    for number in range(rng.choice((8, 30, 90))):
        time = begin + (number * 13 + rng.randrange(9)) * MINUTE
        origin = home if number % 3 else person.office.carriers[0].any_address(rng)
        outcome = LOCKED if number % 11 == 10 else WRONG
        journal.sign_in(rng, time, Presence(person, phone, origin), app, outcome, interactive=False)


def _office_after_a_reset(
    company: Company, journal: Journal, plans: dict[int, Plan], day: int, rng: random.Random
) -> None:
    """Monday after everybody's password had to be changed: one office, one address, many errors."""
    office = rng.choice(company.offices)
    begin = company.midnight(day) + int((8.6 - office.city.zone) * HOUR)
    for person in company.everybody:
        where = plans[person.number].get(day)
        if where is None or where.kind != "office" or where.office is not office:
            continue
        laptop = machines_on(company, person, day)[0]
        presence = Presence(person, laptop, office.network.address(rng.randrange(3)))
        time = begin + rng.randrange(40 * MINUTE)
        for attempt in range(rng.choice((0, 1, 1, 2, 3))):
            journal.sign_in(rng, time + attempt * 20 * SECOND, presence, HOME, WRONG)
        if rng.random() < 0.3:
            journal.sign_in(rng, time + 80 * SECOND, presence, HOME, EXPIRED)
            journal.does(
                PasswordChange,
                rng,
                time + 140 * SECOND,
                person,
                presence.origin,
                operation="Change password (self-service)",
                how="change",
                initiated_by=person.upn,
            )
        journal.sign_in(rng, time + 4 * MINUTE, presence, HOME, PASSWORD)


def _guessed_in_vain(company: Company, journal: Journal, rng: random.Random) -> None:
    """Somebody guesses at one to four people from a bad address, and guesses wrong."""
    city = rng.choice(ELSEWHERE)
    tag = rng.choice(("tor", "actor", "", "bad", "proxy"))
    origin = (
        company.tor.any_address(rng)
        if tag == "tor"
        else company.internet.rent("noise", "hosting", city, tag=tag).any_address(rng)
    )
    begin = company.midnight(rng.randrange(company.days)) + rng.randrange(DAY)
    machine = unknown(rng.choice(STRANGERS), rng.randrange(9))
    for person in rng.sample(company.people, rng.randint(1, 4)):
        for number in range(rng.randint(1, 6)):
            time = begin + number * rng.randrange(40, 900) * SECOND
            journal.sign_in(rng, time, Presence(person, machine, origin), HOME, WRONG)


def _spray_in_vain(company: Company, journal: Journal, size: int, rng: random.Random) -> None:
    """A spray that finds nothing; those who are tried go on with their life."""
    people = rng.sample(company.people, min(size, len(company.people)))
    provider = company.internet.rent("rented machines", "hosting", rng.choice(DATA_CENTRES))
    machine = unknown(rng.choice(("python", "bav2ropc", "powershell")))
    app = {"python": EXCHANGE, "bav2ropc": EXCHANGE, "powershell": SHELL}[machine.program]
    time = company.midnight(rng.randrange(4, max(5, company.days - 3))) + rng.randrange(DAY)
    gap = rng.choice((5 * SECOND, 40 * SECOND, 20 * MINUTE, 90 * MINUTE))
    many = rng.random() < 0.5
    for number, person in enumerate(people):
        time += int(gap * rng.uniform(0.5, 1.5))
        origin = provider.address(number if many else 7)
        outcome = LOCKED if rng.random() < 0.04 else WRONG
        journal.sign_in(
            rng,
            time,
            Presence(person, machine, origin),
            app,
            outcome,
            interactive=False,
            authentication_protocol="ropc",
        )


def _scanner(company: Company, journal: Journal, rng: random.Random) -> None:
    """A multifunction device behind an office goes on with one account's old password."""
    office = rng.choice(company.offices)
    person = rng.choice([each for each in company.everybody if each.office is office])
    begin = rng.randrange(company.days // 2)
    for hour in range(24 * min(9, company.days - begin)):
        time = company.midnight(begin) + hour * HOUR + rng.randrange(HOUR)
        presence = Presence(person, unknown("bav2ropc"), office.network.address(0))
        journal.sign_in(rng, time, presence, IMAP, WRONG, interactive=False)


def _own_vpn(company: Company, ledger: Ledger) -> None:
    """Whoever always used a privacy VPN may be noticed for it, but only lowly."""
    end = company.midnight(company.days)
    may = ("anonymizedIPAddress", "riskyIPAddress")
    for person in company.people:
        if "privacy" in person.habits:
            ledger.tolerate("own privacy VPN", person, company.first_ms, end, may, "low")


def second_factors(company: Company, journal: Journal, plans: dict[int, Plan]) -> None:
    """Prompts that people decline or miss, and pass a minute later."""
    rng = company.rng("look-alikes", "mfa")
    for person in company.everybody:
        for day, where in plans[person.number].items():
            if where.kind != "home" or rng.random() > 0.02 or "nomfa" in person.habits:
                continue
            time = company.midnight(day) + int((13 - person.office.city.zone) * HOUR)
            laptop = machines_on(company, person, day)[0]
            presence = Presence(person, laptop, person.home(day, rng))
            for number in range(rng.choice((1, 1, 1, 2))):
                outcome = rng.choice((MFA_DENIED, MFA_IGNORED))
                journal.sign_in(rng, time + number * 50 * SECOND, presence, HOME, outcome)
            journal.sign_in(rng, time + 3 * MINUTE, presence, HOME, FRESH)


def kiosks(company: Company, journal: Journal, plans: dict[int, Plan]) -> None:
    """Shared machines of one image in two offices: many accounts, one browser, two countries."""
    rng = company.rng("look-alikes", "kiosk")
    offices = company.offices[:2]
    image = Machine("firefox")
    for person in company.everybody:
        if person.office not in offices or person.number % 6:
            continue
        for day, where in plans[person.number].items():
            if where.kind == "office" and rng.random() < 0.25:
                time = company.midnight(day) + int((12.5 - where.office.city.zone) * HOUR)
                origin = where.office.network.address(2)
                presence = Presence(person, image, origin)
                minute = rng.randrange(60) * MINUTE
                journal.sign_in(rng, time + minute, presence, HOME, STAY)
                journal.sign_in(rng, time + minute + 9 * SECOND, presence, HOME, PASSWORD)


def conference(company: Company) -> tuple[dict[int, set[int]], Provider]:
    """Who works from a conference on which days: person's number to days."""
    rng = company.rng("look-alikes", "conference")
    guests: dict[int, set[int]] = {}
    for person in rng.sample(company.everybody, max(2, len(company.people) // 20)):
        if person.office is company.offices[0]:
            first = rng.randrange(max(1, company.days))
            guests[person.number] = {first, first + 1}
    return guests, company.conference


def half_indicators(company: Company, journal: Journal, ledger: Ledger) -> None:
    """The range of an indicator with another program, and its program from another place."""
    rng = company.rng("look-alikes", "indicator")
    day = rng.randrange(company.days)
    there = [p for p in company.everybody if p.phone and p.first_day <= day <= p.last_day]
    guest, *others = rng.sample(there, 4)
    time = company.midnight(day) + rng.randrange(DAY)
    assert guest.phone is not None
    away = Presence(guest, guest.phone, company.ti_range.any_address(rng))
    journal.sign_in(rng, time, away, OUTLOOK, FRESH, interactive=False)
    may = ("newCountry", "unlikelyTravel", "mcasImpossibleTravel")  # nobody flies that fast
    ledger.tolerate("half an indicator", guest, time - HOUR, time + DAY, may, "high")
    for person in others:
        origin = person.office.carriers[0].any_address(rng)
        own = Presence(person, unknown("androidold"), origin)
        journal.sign_in(rng, time, own, HOME, FRESH)
