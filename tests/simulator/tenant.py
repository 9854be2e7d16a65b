"""A whole simulated tenant: its people's ordinary weeks, the attacks on them, and what is true."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass

from risktui.model.events import AccountChange, Event
from simulator import attacks_after_entry as after
from simulator import attacks_by_sign_in as entry
from simulator import attacks_on_the_tenant as tenant
from simulator import busy_days, look_alikes, sprays
from simulator.applications import ON_APPLICATIONS, even_life
from simulator.attacks_of_other_types import OTHERS
from simulator.attacks_on_machines import ON_MACHINES, machines_at_work
from simulator.calendars import plans
from simulator.company import HOUR, Company, found, new_id
from simulator.days import Today, cloud_pc, machines_on
from simulator.federation import ON_FEDERATION, federation_life
from simulator.hands_on_applications import BY_HANDS, hands_at_work
from simulator.journal import Journal
from simulator.other_look_alikes import other_life
from simulator.scene import Scene
from simulator.truth import ESTABLISHED_DAYS, Ledger, Truth, Witness
from simulator.work import work

ATTACKS: tuple[Callable[[Scene], None], ...] = (
    entry.anonymiser,
    entry.actor,
    entry.stranger_abroad,
    entry.stranger_nearby,
    entry.impossible_trip,
    entry.mfa_fatigue,
    sprays.spray,
    sprays.stuffing,
    sprays.one_browser,
    entry.stolen_session,
    entry.sleeping_session,
    entry.forged_token,
    entry.proxy_phishing,
    entry.indicator,
    entry.device_code,
    after.forwarding,
    after.hiding,
    after.mass_access,
    after.hidden_reader,
    after.far_reader,
    tenant.enumeration,
    after.mass_mail,
    tenant.takeover,
    tenant.upstart,
    tenant.verdicts_of_defender,
    tenant.leaked,
    tenant.reported,
    tenant.confirmed,
    tenant.sleeper,
)
QUIET_SHARE = 0.55
"""Attacks begin after this share of the days, when habits have been learnt."""


@dataclass(frozen=True)
class Tenant:
    """What a simulation gives: events in order, and what should be found among them."""

    company: Company
    events: list[Event]
    truths: list[Truth]

    @property
    def user_days(self) -> int:
        """People times days: what false alerts are counted against."""
        return len(self.company.people) * self.company.days


def simulate(seed: int, *, people: int = 150, days: int = 40, density: float = 1.0) -> Tenant:
    """The tenant of `seed`. Each kind of attack happens `density` times on average."""
    company = found(seed, people, days)
    journal, ledger = Journal(company), Ledger()
    _ordinary_life(company, journal, ledger)
    _attacks(company, journal, ledger, density)
    federation_life(company, journal, plans(company), ledger)  # last: attacks stay what they were
    events = sorted(journal.events, key=lambda event: event.order)
    return Tenant(company, events, ledger.truths)


def _ordinary_life(company: Company, journal: Journal, ledger: Ledger) -> None:
    calendar = plans(company)
    attending, hall = look_alikes.conference(company)
    for person in company.people:
        laptop, phone = person.laptop, person.phone
        for day, where in sorted(calendar[person.number].items()):
            if where.kind in {"office", "home"}:  # nobody gets a new machine on a trip
                laptop, phone = machines_on(company, person, day)
            today = Today(journal, person, day, where, laptop, phone)
            if where.kind == "home" and day in attending.get(person.number, ()):
                today.desk = hall
            elif where.kind == "home" and "cloudpc" in person.habits and day % 2:
                today.desk, today.laptop = person.office.cloud, cloud_pc(company, person)
            today.live()
            work(today)
            busy_days.busy(today)
            if person.number == 0 and day == company.days // 2 and company.issuers:
                busy_days.migration(company, journal, today, ledger)
        _leaves(company, journal, person.number)
    look_alikes.passwords(company, journal, calendar, ledger)
    look_alikes.second_factors(company, journal, calendar)
    look_alikes.kiosks(company, journal, calendar)
    look_alikes.half_indicators(company, journal, ledger)
    busy_days.other_alerts(company, journal)
    busy_days.old_leaks(company, journal)
    busy_days.services(company, journal)
    busy_days.holidays_abroad(company, journal, ledger)
    other_life(company, journal, calendar, ledger)
    even_life(company, journal)
    hands_at_work(company, journal, calendar)
    machines_at_work(company, journal)


def _leaves(company: Company, journal: Journal, number: int) -> None:
    """Whoever has left is disabled the day after."""
    person, admin = company.people[number], company.people[0]
    if person.last_day >= company.days:
        return
    rng = company.rng("leaves", number)
    journal.note(
        AccountChange(
            time=company.midnight(person.last_day + 1) + 9 * HOUR,
            id=new_id(rng),
            operation="Disable account",
            what="disabled",
            initiated_by=admin.upn,
            **journal.who(person, admin.office.network.address(1)),
        )
    )


def _attacks(company: Company, journal: Journal, ledger: Ledger, density: float) -> None:
    witness = Witness(company, journal)
    used: set[int] = {0}  # whoever repairs what attacks have broken
    first_day = max(ESTABLISHED_DAYS + 1, int(company.days * QUIET_SHARE))
    order = []
    for name, kinds in (
        ("attacks", ATTACKS),
        ("other attacks", OTHERS),
        ("on applications", ON_APPLICATIONS),
        ("on federation", ON_FEDERATION),
        ("by hands", BY_HANDS),
        ("on machines", ON_MACHINES),
    ):
        rng = company.rng(name)
        some = [attack for attack in kinds for _ in range(_times(density, rng.random()))]
        rng.shuffle(some)
        order += some
    counts: Counter[str] = Counter()
    for attack in order:
        counts[attack.__name__] += 1
        own = company.rng("attack", attack.__name__, counts[attack.__name__])
        try:
            attack(Scene(company, journal, ledger, witness, own, first_day, used))
        except LookupError:
            continue  # a small company has no more people to attack


def _times(density: float, chance: float) -> int:
    whole = int(density)
    return whole + (chance < density - whole)
