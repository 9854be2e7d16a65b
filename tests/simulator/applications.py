"""Applications' identities: their even life, and those that use their secrets or add new ones."""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import dataclass, replace

from risktui.model.events import Client, DirectoryChange, Event, SignIn
from simulator.company import HOUR, MINUTE, Company, Person, new_id
from simulator.geography import DATA_CENTRES
from simulator.journal import PORTAL, Journal, Presence
from simulator.networks import Provider
from simulator.scene import Scene

NAMES = ("Backup", "Payroll Sync", "Ticket Bot", "Report Builder", "Badge Reader")
RESOURCES = ("Microsoft Graph", "Azure Key Vault", "Office 365 Exchange Online")
SECRET = "Add service principal credentials"


@dataclass(frozen=True)
class Application:
    """One of the company's applications."""

    identity: Person
    """A person's shape, so that what is true of it can be written down; it is nobody."""
    app_id: str
    network: Provider
    resource: str
    agent: str
    hours: int
    """How often it signs in."""


def applications(company: Company) -> list[Application]:
    """Those of a company: the same whenever asked."""
    rng, found = company.rng("applications"), []
    for number, name in enumerate(NAMES):
        office = rng.choice(company.offices)
        network = rng.choice((office.cloud, office.network, office.cloud))
        identity = replace(company.people[0], id=new_id(rng), upn=name, name=name)
        agent = rng.choice(("", "python-requests/2.32.3", "azsdk-net-Identity/1.13"))
        resource = RESOURCES[number % 2]
        found.append(
            Application(identity, new_id(rng), network, resource, agent, rng.choice((2, 6, 12)))
        )
    return found


def even_life(company: Company, journal: Journal) -> None:
    """They sign in day and night; secrets are renewed at the office, a resource is added."""
    for number, app in enumerate(applications(company)):
        rng = company.rng("application", app.identity.upn)
        renewal = _weekday(company.days // 3 + number * 3)
        key, resource = new_id(rng), app.resource
        for hour in range(0, company.days * 24, app.hours):
            if hour // 24 == renewal and hour % 24 < app.hours:
                key = new_id(rng)
                _renewed(company, journal, app, hour // 24)
            extra = rng.choice(RESOURCES) if rng.random() < 0.004 else resource
            time = company.midnight(0) + hour * HOUR + rng.randrange(20 * MINUTE)
            _signs_in(journal, app, time, app.network, rng, resource=extra, key=key)


def _weekday(day: int) -> int:
    """The day, or the Monday after it: offices are empty at weekends."""
    return day if day % 7 < 5 else day + 7 - day % 7


def _signs_in(
    journal: Journal,
    app: Application,
    time: int,
    network: Provider,
    rng: random.Random,
    *,
    resource: str = "",
    key: str = "",
    agent: str = "",
) -> SignIn:
    origin = network.address(rng.randrange(4))
    return journal.note(
        SignIn(
            time=time,
            id=new_id(rng),
            tenant_id=journal.company.tenant_id,
            actor="servicePrincipal",
            service_principal_id=app.identity.id,
            service_principal_name=app.identity.upn,
            app_id=app.app_id,
            app_display_name=app.identity.upn,
            resource_display_name=resource or app.resource,
            credential_key_id=key,
            credentials="none",
            is_interactive=False,
            operation="Sign-in activity",
            client=Client(user_agent=agent or app.agent),
            ip_address=origin.address,
            location=origin.location,
            network=origin.network,
        )
    )


def _renewed(company: Company, journal: Journal, app: Application, day: int) -> None:
    """An administrator renews the secret, at the office in the morning and on the own machine."""
    admin = company.people[0]
    time = company.midnight(day) + int((9.5 - admin.office.city.zone) * HOUR)
    rng = company.rng("renewed", app.identity.upn)
    agent = Client(user_agent=admin.laptop.agent(company.day_of(time)))
    origin = admin.office.network.address(0)
    journal.does(DirectoryChange, rng, time, admin, origin, client=agent, **_secret(app))


def _secret(app: Application) -> dict[str, object]:
    return {
        "operation": SECRET,
        "category": "ApplicationManagement",
        "target_ids": (app.identity.id,),
        "target_names": (app.identity.upn,),
        "target_types": ("ServicePrincipal",),
    }


def stolen_secret(scene: Scene) -> None:
    """Somebody signs in as an application, from a network of their own."""
    rng = scene.rng
    app = _unharmed(scene)
    kind = rng.choice(("isp", "hosting"))
    city = rng.choice(DATA_CENTRES) if rng.random() < 0.5 else None
    network = scene.network(kind, city=city)
    time, key = scene.moment(), new_id(rng) if rng.random() < 0.5 else ""
    resource = rng.choice(RESOURCES)
    acts: list[Event] = [
        _signs_in(
            scene.journal,
            app,
            time + number * 11 * MINUTE,
            network,
            rng,
            resource=resource,
            key=key,
            agent=rng.choice(("python-requests/2.31.0", "Go-http-client/2.0", app.agent)),
        )
        for number in range(rng.choice((1, 3)))
    ]
    variant = f"{kind}, {network.city.country}, {resource}"
    must = ["suspiciousSignins"]
    scene.ledger.attack("stolen secret", app.identity, acts, must, variant=variant)


def added_secret(scene: Scene) -> None:
    """A stranger in an administrator's account gives an application a secret of their own."""
    rng, person = scene.rng, scene.victim(admin=True)
    app = _unharmed(scene)
    time = scene.asleep(person)
    presence: Presence = scene.stranger(person, scene.network().any_address(rng))
    acts: list[Event] = [scene.signs_in(time, presence, PORTAL)]
    secret = scene.does(DirectoryChange, time + 7 * MINUTE, presence, **_secret(app))
    acts.append(secret)
    scene.tell("added secret", person, acts, may=["anomalousUserActivity"])
    must = ["anomalousServicePrincipalActivity"]
    scene.ledger.attack("added secret", app.identity, [secret], must)


def _unharmed(scene: Scene) -> Application:
    apps = applications(scene.company)
    start = len(scene.company.people)  # numbers that nobody has
    free = [n for n in range(len(apps)) if start + n not in scene.used]
    if not free:
        raise LookupError("every application has been attacked")
    number = scene.rng.choice(free)
    scene.used.add(start + number)
    return apps[number]


ON_APPLICATIONS: tuple[Callable[[Scene], None], ...] = (stolen_secret, added_secret)
