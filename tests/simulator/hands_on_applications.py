"""Applications changed by hands that should not, or changing others: and who may do the same.

They have never signed in: what is told of them is what is done to them, and what they do.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from risktui.model.events import Client, DirectoryChange, Event
from simulator.attacks_after_entry import LEADING
from simulator.calendars import Plan
from simulator.company import DAY, HOUR, MINUTE, SECOND, Company, Person, new_id
from simulator.days import machines_on
from simulator.journal import CLAIM, PORTAL, Journal, Presence
from simulator.networks import Origin
from simulator.scene import Scene

NAMES = (
    *("Expense Robot", "Shift Planner", "Invoice Scanner", "Door Manager", "Survey Mailer"),
    *("Lab Inventory", "Fleet Tracker", "Contract Archive", "Training Portal", "Parking App"),
)
ROTATOR = "Secret Rotator"
"""Renews other applications' secrets every week, since before anybody looked."""
SECRETS = "Update application \u2013 Certificates and secrets management"
"""As Entra writes it, with a dash."""
OF_A_HAND = (
    SECRETS,
    "Add service principal credentials",
    "Add owner to application",
    "Add owner to service principal",
    "Add app role assignment to service principal",
    "Add delegated permission grant",
)
OF_AN_APPLICATION = (
    "Add member to role",
    "Add app role assignment to service principal",
    "Add service principal credentials",
    "Add owner to application",
)


def identities(company: Company) -> list[Person]:
    """Applications in a person's shape, so that what is true of them can be written down."""
    rng = company.rng("hands on applications")
    one = company.people[0]
    return [replace(one, id=new_id(rng), upn=name, name=name) for name in (*NAMES, ROTATOR)]


def _target(identity: Person, operation: str) -> dict[str, object]:
    kind = "Application" if "application" in operation.casefold() else "ServicePrincipal"
    return {
        "operation": operation,
        "category": "ApplicationManagement",
        "target_ids": (identity.id,),
        "target_names": (identity.upn,),
        "target_types": (kind,),
    }


def foreign_hand(scene: Scene) -> None:
    """A stranger in somebody's account lets themselves into one application, or into several."""
    rng, person = scene.rng, scene.victim()
    kind = rng.choice(("isp", "hosting"))
    near = scene.nearby(person) if rng.random() < 0.5 else None
    presence = scene.stranger(person, scene.network(kind, city=near).any_address(rng))
    time, acts = scene.moment(), list[Event]()
    acts.append(scene.signs_in(time, presence, PORTAL))
    operation, several = rng.choice(OF_A_HAND), rng.choice((1, 1, 3))
    agent = rng.choice(("", "python-requests/2.32.3", "Mozilla/5.0 (compatible; MSAL)"))
    client = {"client": Client(user_agent=agent)} if agent else {}
    told = []
    for number in range(several):
        later = time + (6 + 2 * number) * MINUTE
        app = _unharmed(scene)
        act = scene.does(DirectoryChange, later, presence, **_target(app, operation), **client)
        told.append((app, act))
    variant = f"{operation}, {several} of them, {kind}"
    may = ("anomalousUserActivity", "x_riskyConsent", *LEADING)
    scene.tell("foreign hand", person, [*acts, *(act for _, act in told)], (), may, variant=variant)
    for app, act in told:
        must = ["anomalousServicePrincipalActivity"]
        scene.ledger.attack("foreign hand", app, [act], must, variant=variant)


def hand_at_home(scene: Scene) -> None:
    """The password was used from Tor; an hour later malware on the own laptop adds a secret."""
    rng, person = scene.rng, scene.victim()
    time, own = scene.awake(person)
    origin = scene.company.tor.any_address(rng)
    stranger = scene.stranger(person, origin, "tor")
    acts: list[Event] = [scene.signs_in(time, stranger, PORTAL, CLAIM)]
    provider = next(
        (p for p in scene.company.internet.providers if p.asn == own.network.asn),
        scene.company.offices[0].network,
    )
    mine = Presence(person, person.laptop, Origin(own.ip_address, provider))
    operation, app = rng.choice(OF_A_HAND[:4]), _unharmed(scene)
    later = time + rng.randrange(20, 200) * MINUTE
    secret = scene.does(DirectoryChange, later, mine, **_target(app, operation))
    may = ("anomalousUserActivity", *LEADING)
    scene.tell("hand at home", person, acts, (), may, tag="tor", variant=operation)
    must = ["anomalousServicePrincipalActivity"]
    scene.ledger.attack("hand at home", app, [secret], must, variant=operation)


def risen_application(scene: Scene) -> None:
    """An application whose secret was stolen gives rights to others: it never did before."""
    rng, app = scene.rng, _unharmed(scene)
    origin = scene.network(rng.choice(("isp", "hosting"))).any_address(rng)
    operation, count = rng.choice(OF_AN_APPLICATION), rng.choice((1, 2, 7))
    time, acts = scene.moment(), list[Event]()
    for number in range(count):
        other = rng.choice(identities(scene.company)[:-1])
        person = rng.choice(scene.company.everybody)
        fields = _target(other, operation)
        if operation == "Add member to role":
            fields |= {"category": "RoleManagement", "target_types": ("User",)}
            fields |= {"target_ids": (person.id,), "target_names": (person.upn,)}
            fields |= {"changes": (("Role.DisplayName", "", "Global Administrator"),)}
        acts.append(_does(scene.journal, app, time + number * 40 * SECOND, origin, fields))
    variant = f"{operation}, {count} times"
    must = ["anomalousServicePrincipalActivity"]
    scene.ledger.attack("risen application", app, acts, must, variant=variant)


def _does(
    journal: Journal, app: Person, time: int, origin: Origin, fields: dict[str, object]
) -> DirectoryChange:
    """An application changes something, as an audit record with `initiatedBy.app` says it."""
    rng = journal.company.rng("act of", app.upn, time)
    return journal.note(
        DirectoryChange(
            time=time,
            id=new_id(rng),
            tenant_id=journal.company.tenant_id,
            actor="servicePrincipal",
            user_id=app.id,
            service_principal_id=app.id,
            app_display_name=app.upn,
            ip_address=origin.address,
            location=origin.location,
            network=origin.network,
            **fields,  # type: ignore[arg-type]
        )
    )


def _unharmed(scene: Scene) -> Person:
    apps = identities(scene.company)[:-1]
    start = len(scene.company.people) + 100  # numbers that nobody has
    free = [n for n in range(len(apps)) if start + n not in scene.used]
    if not free:
        raise LookupError("every application has been attacked")
    number = scene.rng.choice(free)
    scene.used.add(start + number)
    return apps[number]


def hands_at_work(company: Company, journal: Journal, plans: dict[int, Plan]) -> None:
    """What looks like it: a rotator, and people who look after applications wherever they are."""
    *apps, rotator = identities(company)
    rng = company.rng("hands at work")
    cloud = company.offices[0].cloud.address(7)
    for day in range(company.days):
        if day % 7 == 1:
            for number in range(3):
                time = company.midnight(day) + 3 * HOUR + number * MINUTE
                fields = _target(rng.choice(apps), "Add service principal credentials")
                _does(journal, rotator, time, cloud, fields)
    keepers = [p for p in company.everybody if p.role in {"engineer", "admin"}]
    for person in rng.sample(keepers, min(4, len(keepers))):
        days = [d for d, w in plans[person.number].items() if w.kind in {"home", "office", "trip"}]
        for day in rng.sample(days, min(2, len(days))):
            where = plans[person.number][day]
            laptop = machines_on(company, person, day)[0]
            origin = person.home(day, rng)
            if where.kind == "trip" and where.lodging:
                origin = where.lodging.address(person.number)
            elif where.kind == "office":
                origin = where.office.network.address(rng.randrange(3))
            time = company.midnight(day) + int((14 - where.office.city.zone) * HOUR)
            if not journal.company.midnight(0) <= time < company.midnight(0) + company.days * DAY:
                continue
            agent = Client(user_agent=laptop.agent(day))
            fields = _target(rng.choice(apps), rng.choice(OF_A_HAND))
            journal.does(DirectoryChange, rng, time, person, origin, client=agent, **fields)


BY_HANDS: tuple[Callable[[Scene], None], ...] = (foreign_hand, hand_at_home, risen_application)
