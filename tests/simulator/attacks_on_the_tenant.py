"""Attacks on the directory and on accounts themselves: Graph, roles, alerts, leaks, reports."""

from __future__ import annotations

from typing import Any

from risktui.model.events import (
    AccountChange,
    ApiCall,
    Client,
    DirectoryChange,
    Event,
    PasswordChange,
    UserReport,
    Verdict,
)
from simulator.alerts import ENDPOINT, XDR, alert
from simulator.attacks_after_entry import LEADING, inside
from simulator.busy_days import leak
from simulator.company import DAY, HOUR, MINUTE, SECOND, Person, new_id
from simulator.journal import HOME, MFA_FRAUD, PORTAL, Presence
from simulator.scene import Scene
from simulator.work import GRAPH

CLASSES = (
    "/users?$top=999",
    "/groups?$top=999",
    "/roleManagement/directory/roleAssignments",
    "/directoryRoles",
    "/servicePrincipals?$top=999",
    "/applications?$top=999",
    "/devices?$top=999",
    "/policies/conditionalAccessPolicies",
    "/organization",
    "/subscribedSkus",
    "/oauth2PermissionGrants",
)


def enumeration(scene: Scene) -> None:
    """The directory is walked through Graph: by a hound, a script, fast or slowly."""
    rng, person = scene.rng, scene.victim()
    own = rng.random() < 0.25
    time, presence, acts = inside(scene, person, own=own)
    name, agent, count, gap = rng.choice(
        (
            ("hound", "azurehound/v2.4.1", 400, 1),
            ("script", "python-requests/2.32.3", 120, 1),
            ("small script", "python-requests/2.31.0", 40, 1),
            ("huge", "Go-http-client/2.0", 900, 1),
            ("slow", "aiohttp/3.9.5", 240, 20),
        )
    )
    session, app = new_id(rng), (new_id(rng), "Graph Helper")
    for number in range(count):
        uri = CLASSES[number % len(CLASSES)]
        if number >= len(CLASSES):
            uri = f"{uri.partition('?')[0]}/{new_id(rng)}/memberOf"
        acts.append(
            scene.does(
                ApiCall,
                time + number * gap * SECOND,
                presence,
                operation="Microsoft Graph Activity",
                app_id=app[0],
                app_display_name=app[1],
                client=Client(user_agent=agent),
                request_method="GET",
                request_uri=GRAPH + uri,
                response_status_code=403 if rng.random() < 0.1 else 200,
                session_id=session,
            )
        )
    variant = f"{name}: {count} calls, {'own' if own else 'foreign'} address"
    scene.tell("enumeration", person, acts, ["suspiciousAPITraffic"], LEADING, variant=variant)


def takeover(scene: Scene) -> None:
    """Privileged changes out of pattern: many at once, at night, from a strange place."""
    rng = scene.rng
    person = scene.victim(admin=True)
    time = scene.asleep(person)
    presence = scene.stranger(person, scene.network().any_address(rng))
    acts: list[Event] = [scene.signs_in(time, presence, PORTAL)]
    grand = (
        "Add member to role",
        "Add service principal credentials",
        "Update conditional access policy",
        "Consent to application",
        "Disable Strong Authentication",
    )
    for number in range(rng.choice((3, 6, 12))):
        operation = grand[number % len(grand)]
        later = time + (number + 2) * 90 * SECOND
        acts.append(_changes(scene, later, presence, operation))
    scene.tell("takeover", person, acts, ["anomalousUserActivity"], LEADING)


def upstart(scene: Scene) -> None:
    """Somebody who is no administrator makes privileged changes, from a strange place."""
    person = scene.victim()
    time, presence, acts = inside(scene, person)
    for number, operation in enumerate(
        ("Add member to role", "Add service principal credentials", "Add owner to application")
    ):
        acts.append(_changes(scene, time + number * 2 * MINUTE, presence, operation))
    scene.tell("upstart", person, acts, ["anomalousUserActivity"], LEADING)


def _changes(scene: Scene, time: int, presence: Presence, operation: str) -> Event:
    target = scene.rng.choice(scene.company.everybody)
    may = ("anomalousUserActivity",)  # said of whoever was changed as well
    scene.ledger.tolerate("changed", target, time - HOUR, time + HOUR, may, "high")
    role = (("Role.DisplayName", "", "Global Administrator"),) if "role" in operation else ()
    return scene.does(
        DirectoryChange,
        time,
        presence,
        operation=operation,
        category="RoleManagement" if role else "ApplicationManagement",
        target_ids=(target.id,),
        target_names=(target.upn,),
        target_types=("User",),
        changes=role,
    )


def verdicts_of_defender(scene: Scene) -> None:
    """Defender's own verdicts: an adversary in the middle, a grab at the refresh token."""
    person = scene.victim()
    if scene.rng.random() < 0.5:
        title, product = "User compromised in AiTM phishing attack", XDR
        must = "attackerinTheMiddle"
    else:
        title = "Possible attempt to access Primary Refresh Token (PRT)"
        product, must = ENDPOINT, "attemptedPrtAccess"
    told = alert(scene.journal, scene.moment(), person, title, product)
    scene.tell("Defender's verdict", person, [told], [must], variant=title)


def leaked(scene: Scene) -> None:
    """The password stands in a leak that is newer than its last change."""
    rng, person = scene.rng, scene.victim()
    time = scene.moment()
    changes = [e.time for e in scene.journal.of(person) if isinstance(e, PasswordChange)]
    last = max((t for t in changes if t < time), default=time - 200 * DAY)
    told = leak(scene.journal, time, person, max(last + HOUR, time - rng.randrange(1, 30) * DAY))
    scene.tell("leak", person, [told], ["leakedCredentials"])


def reported(scene: Scene) -> None:
    """A prompt that the person did not ask for is denied and reported."""
    rng, person = scene.rng, scene.victim()
    time = scene.moment()
    presence = scene.stranger(person, scene.network().any_address(rng))
    how, acts = rng.choice(("sign-in", "audit", "both")), list[Event]()
    if how != "audit":
        acts.append(scene.signs_in(time, presence, HOME, MFA_FRAUD))
    if how != "sign-in":
        acts.append(_report(scene, time + 20 * SECOND, person))
    scene.tell(
        "fraud report", person, acts, ["userReportedSuspiciousActivity"], LEADING, variant=how
    )


def _report(scene: Scene, time: int, person: Person) -> UserReport:
    text = "Suspicious activity reported"
    return scene.journal.does(UserReport, scene.rng, time, person, operation=text, text=text)


def confirmed(scene: Scene) -> None:
    """After an attack an administrator confirms it: in the console, or at the provider."""
    rng, person = scene.rng, scene.victim()
    acts = scene.enters(person, scene.moment(), scene.network().any_address(rng))
    provider = rng.random() < 0.5
    fields: dict[str, Any] = (
        {"author_kind": "provider", "operation": "ConfirmAccountCompromised"} if provider else {}
    )
    verdict = scene.journal.does(
        Verdict,
        rng,
        max(act.time for act in acts) + rng.randrange(1, 9) * HOUR,
        person,
        action="confirmCompromised",
        author="soc@" + scene.company.domains[0],
        **fields,
    )
    variant = "at the provider" if provider else "in the console"
    must = ["adminConfirmedUserCompromised"]
    scene.tell("confirmed", person, [*acts, verdict], must, variant=variant)


def sleeper(scene: Scene) -> None:
    """A disabled account is enabled by a taken-over administrator, and used."""
    person = scene.victim()
    time = scene.moment()
    admin = scene.company.people[0]
    who = scene.journal.who(person, admin.office.network.address(1))
    scene.journal.note(
        AccountChange(
            time=time - 3 * DAY,
            id=new_id(scene.rng),
            operation="Disable account",
            what="disabled",
            initiated_by=admin.upn,
            **who,
        )
    )
    acts = scene.enters(person, time, scene.network("hosting", "proxy").any_address(scene.rng))
    scene.tell("sleeper", person, acts, tag="proxy")
