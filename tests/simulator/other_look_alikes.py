"""Ordinary life that looks like an attack of our own types: prompts, codes, new phones, apps."""

from __future__ import annotations

import random

from risktui.model.events import AccountChange, DirectoryChange, Verdict
from simulator.attacks_of_other_types import MAIL, consent_fields
from simulator.calendars import Plan
from simulator.company import DAY, HOUR, MINUTE, SECOND, Company, new_id
from simulator.days import machines_on
from simulator.journal import (
    CLAIM,
    CLI,
    FRESH,
    HOME,
    MFA_DENIED,
    MFA_IGNORED,
    TEAMS,
    WRONG,
    Journal,
    Presence,
)
from simulator.machines import unknown
from simulator.truth import Ledger

HARMLESS = ("Whiteboard", "Room Finder", "Lunch Menu", "Survey Box")
SMALL = ("User.Read openid profile", "User.Read offline_access", "Calendars.Read User.Read")


def other_life(company: Company, journal: Journal, plans: dict[int, Plan], ledger: Ledger) -> None:
    """All of it."""
    rng = company.rng("other look-alikes")
    for person in company.everybody:
        for day, where in plans[person.number].items():
            if where.kind not in {"home", "office", "trip"} or rng.random() > 0.03:
                continue
            noon = company.midnight(day) + int((12.2 - where.office.city.zone) * HOUR)
            laptop = machines_on(company, person, day)[0]
            origin = (
                where.lodging.address(person.number)
                if where.kind == "trip" and where.lodging
                else where.office.network.address(rng.randrange(3))
                if where.kind == "office"
                else person.home(day, rng)
            )
            act = rng.choice((_missed_prompts, _new_phone, _small_consent, _forgotten, _terminal))
            act(journal, Presence(person, laptop, origin), noon + rng.randrange(HOUR), rng)
    _engineers(company, journal, plans, rng)
    _bought_application(company, journal, plans, ledger, rng)
    _switched_off_by_mistake(company, journal, plans, rng)
    _judged_by_a_colleague(company, journal, rng)


def _missed_prompts(journal: Journal, here: Presence, time: int, rng: random.Random) -> None:
    """The phone lies in the next room: three to twelve prompts without an answer."""
    if "nomfa" in here.person.habits:
        return
    for number in range(rng.choice((3, 4, 6, 12))):
        outcome = rng.choice((MFA_IGNORED, MFA_IGNORED, MFA_DENIED))
        journal.sign_in(rng, time + number * 45 * SECOND, here, HOME, outcome)
    journal.sign_in(rng, time + 12 * MINUTE, here, HOME, FRESH)


def _new_phone(journal: Journal, here: Presence, time: int, rng: random.Random) -> None:
    """A new phone is registered for the second factor, by laptop."""
    person = here.person
    journal.sign_in(rng, time, here, HOME, FRESH)
    _does(
        journal,
        here,
        time + 3 * MINUTE,
        rng,
        operation="User registered security info",
        category="UserManagement",
        target_ids=(person.id,),
        target_names=(person.upn,),
        target_types=("User",),
    )


def _small_consent(journal: Journal, here: Presence, time: int, rng: random.Random) -> None:
    """An application wants to know who signs in."""
    name, scopes = rng.choice(HARMLESS), rng.choice(SMALL)
    _does(journal, here, time, rng, **consent_fields(name, scopes, f"app-{name}"))


def _forgotten(journal: Journal, here: Presence, time: int, rng: random.Random) -> None:
    """After a holiday nobody knows their password; at the fifteenth try it comes back."""
    for number in range(rng.choice((6, 11, 15))):
        journal.sign_in(rng, time + number * 30 * SECOND, here, HOME, WRONG)
    journal.sign_in(rng, time + 11 * MINUTE, here, HOME)


def _terminal(journal: Journal, here: Presence, time: int, rng: random.Random) -> None:
    """A screen in a meeting room, signed in by a code from where the person is."""
    screen = here._replace(machine=unknown("android"))
    journal.sign_in(rng, time, screen, TEAMS, CLAIM, authentication_protocol="deviceCode")


def _engineers(
    company: Company, journal: Journal, plans: dict[int, Plan], rng: random.Random
) -> None:
    """Command lines signed in by a code: on the laptop, and some on a server in the cloud."""
    for person in company.everybody:
        if person.role != "engineer" or person.number % 3:
            continue
        for day, where in plans[person.number].items():
            if where.kind not in {"office", "home"} or rng.random() > 0.25:
                continue
            time = company.midnight(day) + int((10 - where.office.city.zone) * HOUR)
            at_office = where.kind == "office"
            origin = where.office.network.address(0) if at_office else person.home(day, rng)
            if "cloudpc" in person.habits and day > 5:
                origin = person.office.cloud.address(person.number)
            here = Presence(person, unknown("python"), origin)
            journal.sign_in(rng, time, here, CLI, CLAIM, authentication_protocol="deviceCode")


def _bought_application(
    company: Company,
    journal: Journal,
    plans: dict[int, Plan],
    ledger: Ledger,
    rng: random.Random,
) -> None:
    """A customer database that reads mail: the first colleague to let it in may be noticed."""
    day, name = rng.randrange(8, max(9, company.days - 4)), "Customer Desk"
    team = rng.sample(company.everybody, 6)
    first = True
    for person in team:
        where = plans[person.number].get(day)
        if where is None or where.kind != "office":
            continue
        time = company.midnight(day) + int((10 - where.office.city.zone) * HOUR)
        time += rng.randrange(5 * HOUR)
        here = Presence(
            person, machines_on(company, person, day)[0], where.office.network.address(0)
        )
        _does(journal, here, time, rng, **consent_fields(name, MAIL, "app-customer-desk"))
        if first or day < 9:
            begin, end = company.midnight(day), company.midnight(day + 2)
            for each in team:
                ledger.tolerate("new application", each, begin, end, ("x_riskyConsent",), "low")
            first = False


def _switched_off_by_mistake(
    company: Company, journal: Journal, plans: dict[int, Plan], rng: random.Random
) -> None:
    """Two accounts are switched off for a weekend, and on again on Monday."""
    admin = company.people[0]
    for person in rng.sample(company.everybody, 2):
        monday = rng.randrange(1, max(2, company.days // 7)) * 7
        where = plans[person.number].get(monday)
        if where is None or person.last_day < company.days or person.number == 0:
            continue
        morning = company.midnight(monday) + int((8 - person.office.city.zone) * HOUR)
        common = journal.who(person, admin.office.network.address(1))
        common |= {"initiated_by": admin.upn}
        off, on = new_id(rng), new_id(rng)
        journal.note(
            AccountChange(
                time=morning - 2 * DAY,
                id=off,
                operation="Disable account",
                what="disabled",
                **common,
            )
        )
        journal.note(
            AccountChange(time=morning, id=on, operation="Enable account", what="enabled", **common)
        )


def _judged_by_a_colleague(company: Company, journal: Journal, rng: random.Random) -> None:
    """Administrators close what was found about others."""
    admin = company.people[0]
    for person in rng.sample(company.people[1:], 4):
        time = company.midnight(rng.randrange(company.days)) + rng.randrange(DAY)
        journal.does(
            Verdict,
            rng,
            time,
            person,
            operation="DismissUser",
            action="dismiss",
            author=admin.upn,
            author_kind="provider",
        )


def _does(
    journal: Journal, here: Presence, time: int, rng: random.Random, **fields: object
) -> None:
    day = journal.company.day_of(time)
    client = here.machine.client(day)
    values = {"client": type(client)(user_agent=client.user_agent)} | fields
    journal.does(DirectoryChange, rng, time, here.person, here.origin, **values)
