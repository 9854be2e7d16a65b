"""Where everybody is on every day: offices, homes, trips, holidays, leave, weekends."""

from __future__ import annotations

from dataclasses import dataclass

from simulator.company import Company, Office, Person
from simulator.geography import RESORTS
from simulator.networks import Provider


@dataclass(frozen=True)
class Where:
    """A person's day."""

    kind: str
    """office, home, trip (work in another city), holiday (abroad, phone only), off (a weekend)."""
    office: Office
    """Whose clock and networks apply."""
    lodging: Provider | None = None


Plan = dict[int, Where]
"""Day to whereabouts; a day that is not in it passes without a sign-in."""


def plans(company: Company) -> dict[int, Plan]:
    """The plan of every person, by their number."""
    hotels = {
        office.city.name: company.internet.build(f"{office.city.name} Hotel", "isp", office.city, 1)
        for office in company.offices
    }
    return {person.number: _plan(company, person, hotels) for person in company.people}


def _plan(company: Company, person: Person, hotels: dict[str, Provider]) -> Plan:
    rng = company.rng("plan", person.number)
    last = min(company.days, person.last_day + 1)
    plan = {day: _ordinary(person, day, rng.random()) for day in range(person.first_day, last)}
    if person.guest:
        return plan
    if person.role == "sales" or rng.random() < 0.06:
        _travel(company, person, plan, hotels)
    if rng.random() < 0.25:
        _holiday(company, person, plan)
    return plan


def _ordinary(person: Person, day: int, chance: float) -> Where:
    if day % 7 >= 5:
        return Where("off", person.office)
    if "remote" in person.habits:
        return Where("home", person.office)
    at_home = (person.number + day) % 7 in {1, 4} or chance < 0.05
    return Where("home" if at_home else "office", person.office)


def _travel(company: Company, person: Person, plan: Plan, hotels: dict[str, Provider]) -> None:
    """Some days at another office; a day in the air each way when it is far."""
    others = [office for office in company.offices if office is not person.office]
    rng = company.rng("travel", person.number)
    day = person.first_day + rng.randrange(3, 25)
    while others and day < company.days - 6:
        there = rng.choice(others)
        stay = rng.randrange(2, 5)
        for offset in range(-1, stay + 1):
            plan.pop(day + offset, None)
        for offset in range(stay):
            kind = "off" if (day + offset) % 7 >= 5 else "trip"
            plan[day + offset] = Where(kind, there, hotels[there.city.name])
        day += stay + rng.randrange(12, 30)


def _holiday(company: Company, person: Person, plan: Plan) -> None:
    """One to five weeks away; some go abroad and look at their mail."""
    rng = company.rng("holiday", person.number)
    first = person.first_day + rng.randrange(2, max(3, company.days))
    length = rng.choice((4, 7, 7, 12, 14, 21, 35))
    for day in range(first, first + length):
        plan.pop(day, None)
    if rng.random() < 0.25:
        place = rng.choice(RESORTS)
        wifi = company.internet.rent(f"{place.name} Guest Wifi", "isp", place)
        for day in range(first + 2, min(first + length - 1, company.days)):
            if rng.random() < 0.6:
                plan[day] = Where("holiday", person.office, wifi)
