"""Federation services: what ordinary life does with them, and who forges their tokens."""

from __future__ import annotations

import random
from typing import Any

from risktui.model.events import DirectoryChange, Event
from simulator.attacks_after_entry import LEADING
from simulator.calendars import Plan
from simulator.company import DAY, HOUR, MINUTE, Company, Person
from simulator.days import machines_on
from simulator.journal import (
    CLAIM,
    FRESH,
    HOME,
    PORTAL,
    SSO_ERRORS,
    TICKETS,
    Journal,
    Outcome,
    Presence,
)
from simulator.networks import Origin
from simulator.scene import Scene
from simulator.truth import Ledger


def federation_life(
    company: Company, journal: Journal, plans: dict[int, Plan], ledger: Ledger
) -> None:
    """Single sign-on that fails at home, a second provider, partners with their own issuers."""
    rng = company.rng("federation life")
    moved = company.days // 4
    if company.issuers:
        _announced(company, journal, moved, rng, ledger)
    for person in company.people:
        for day, where in plans[person.number].items():
            if where.kind not in {"office", "home"}:
                continue
            at_office = where.kind == "office"
            origin = where.office.network.address(1) if at_office else person.home(day, rng)
            here = Presence(person, machines_on(company, person, day)[0], origin)
            time = company.midnight(day) + int((11 - where.office.city.zone) * HOUR)
            time += rng.randrange(2 * HOUR)
            if person.guest:
                _of_a_partner(journal, here, time, rng)
            elif rng.random() < 0.02:
                _misconfigured(journal, here, time, rng)
            elif person.issuer and person.number % 3 == 0 and day > moved:
                _by_the_second_provider(company, journal, here, time, rng)


def _announced(
    company: Company, journal: Journal, day: int, rng: random.Random, ledger: Ledger
) -> None:
    """An administrator who has never done so before changes a domain's federation."""
    admin = company.people[0]
    time = company.midnight(day) + int((9 - admin.office.city.zone) * HOUR)
    may = ("anomalousUserActivity",)
    ledger.tolerate("federation", admin, time - HOUR, time + DAY, may, "medium")
    journal.does(
        DirectoryChange,
        rng,
        time,
        admin,
        admin.office.network.address(1),
        operation="Set federation settings on domain",
        category="Directory",
        target_ids=(company.domains[1],),
        target_names=(company.domains[1],),
        target_types=("Other",),
    )


def _by_the_second_provider(
    company: Company, journal: Journal, here: Presence, time: int, rng: random.Random
) -> None:
    issuer = f"https://id.{company.domains[1]}/saml"
    journal.sign_in(rng, time, here, TICKETS, CLAIM, **_token(issuer, "saml20"))


def _of_a_partner(journal: Journal, here: Presence, time: int, rng: random.Random) -> None:
    if rng.random() < 0.3:
        issuer = "https://sts.partner.example/adfs/services/trust"
        journal.sign_in(rng, time, here, HOME, CLAIM, **_token(issuer, "saml11"))


def _misconfigured(journal: Journal, here: Presence, time: int, rng: random.Random) -> None:
    for number in range(rng.choice((3, 4, 6))):
        outcome = Outcome(rng.choice(SSO_ERRORS))
        journal.sign_in(rng, time + number * MINUTE, here, TICKETS, outcome)
    journal.sign_in(rng, time + 9 * MINUTE, here, TICKETS, FRESH)


def _token(issuer: str, kind: str) -> dict[str, Any]:
    return {
        "token_issuer_type": "ADFederationServices",
        "token_issuer_name": issuer,
        "incoming_token_type": kind,
    }


def stolen_key(scene: Scene) -> None:
    """Who has the key of the company's own service signs in as an administrator of its domain."""
    company, rng = scene.company, scene.rng
    admins = [p for p in company.everybody if p.role == "admin" and p.number not in scene.used]
    federated = [p for p in admins if p.issuer]
    if not federated:
        raise LookupError("no administrator comes with a token")
    person = rng.choice(federated)
    scene.used.add(person.number)
    time = scene.asleep(person)
    asked = [e for e in scene.witness.before(person, time) if getattr(e, "mfa", "") == "fresh"]
    if not asked:
        raise LookupError("the cloud has never asked for a second factor")
    presence = scene.stranger(person, scene.network("hosting").any_address(rng))
    token = _token(person.issuer, "saml11")
    acts: list[Event] = [scene.signs_in(time, presence, PORTAL, CLAIM, **token)]
    scene.tell("stolen signing key", person, acts, ["tokenIssuerAnomaly"], LEADING)


def anchored(scene: Scene) -> None:
    """A taken-over administrator ties somebody's account to a name of their own, and uses it."""
    rng, company = scene.rng, scene.company
    if not company.issuers:
        raise LookupError("the company has no federation service")
    person = scene.victim()
    time = scene.moment()
    change = _ties(scene, person, time - rng.randrange(1, 60) * HOUR)
    presence = scene.stranger(person, scene.network().any_address(rng))
    token = _token(company.issuers[0], "saml11")
    acts: list[Event] = [scene.signs_in(time, presence, HOME, CLAIM, **token)]
    may = ("anomalousUserActivity",)
    scene.tell("anchored", person, acts, ["tokenIssuerAnomaly"], may)
    admin = company.people[0]
    scene.ledger.tolerate("anchoring", admin, change.time - HOUR, change.time + DAY, may, "high")


def _ties(scene: Scene, person: Person, time: int) -> DirectoryChange:
    admin = scene.company.people[0]
    origin: Origin = admin.office.network.address(1)
    return scene.journal.does(
        DirectoryChange,
        scene.rng,
        time,
        admin,
        origin,
        operation="Update user",
        category="UserManagement",
        target_ids=(person.id,),
        target_names=(person.upn,),
        target_types=("User",),
        changes=(("SourceAnchor", "", "c3RyYW5nZXI="),),
    )


ON_FEDERATION = (stolen_key, anchored)
