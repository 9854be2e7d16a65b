"""Attacks that Microsoft has no type for: prompts, codes, guesses, sleepers, methods, consents."""

from __future__ import annotations

from collections.abc import Callable

from risktui.model.events import AccountChange, DirectoryChange, Event, SignIn, Verdict
from simulator.company import DAY, HOUR, MINUTE, SECOND, Person, new_id
from simulator.journal import (
    BROKER,
    CLAIM,
    CLI,
    EXCHANGE,
    FRESH,
    HOME,
    LOCKED,
    MFA_ASKED,
    MFA_DENIED,
    MFA_IGNORED,
    OFFICE,
    PASSWORD,
    TEAMS,
    WEB_MAIL,
    WRONG,
    Presence,
)
from simulator.machines import STRANGERS, unknown
from simulator.networks import Provider
from simulator.scene import Scene

GUESSING = ("maliciousIPAddress", "passwordSpray", "suspiciousBrowser")
MAIL = "Mail.ReadWrite Mail.Send offline_access User.Read"
GRAND_SCOPES = (MAIL, "Files.ReadWrite.All offline_access", "Mail.Read offline_access openid")
CODE = {"authentication_protocol": "deviceCode"}


def _with_a_second_factor(scene: Scene) -> Person:
    for _ in range(8):
        person = scene.victim()
        if "nomfa" not in person.habits:
            return person
    raise LookupError("nobody has a second factor")


def _somewhere(scene: Scene, person: Person, kind: str = "isp") -> Provider:
    """Mostly in the person's own country: far strangers are the business of other attacks."""
    near = scene.rng.random() < 0.8
    return scene.network(kind, city=scene.nearby(person) if near else None)


def prompt_bombing(scene: Scene) -> None:
    """Prompts by the dozen or patiently, from one address or several, until one is accepted."""
    rng, person = scene.rng, _with_a_second_factor(scene)
    networks = [_somewhere(scene, person) for _ in range(rng.choice((1, 1, 3)))]
    program = rng.choice(STRANGERS)
    count, gap = rng.choice(((3, 60), (4, 400), (6, 45), (9, 240), (15, 25), (30, 20), (60, 30)))
    accepted = count < 15 or rng.random() < 0.6
    time, acts = scene.asleep(person), list[Event]()
    for number in range(count):
        origin = networks[number % len(networks)].any_address(rng)
        presence = scene.stranger(person, origin, program)
        acts.append(scene.signs_in(time, presence, HOME, rng.choice((MFA_DENIED, MFA_IGNORED))))
        time += int(gap * rng.uniform(0.7, 1.3)) * SECOND
    if accepted:
        last = scene.stranger(person, networks[0].any_address(rng), program)
        acts += scene.stays(scene.signs_in(time, last, HOME, FRESH), last)
    told = "accepted" if accepted else "refused to the end"
    variant = f"{count} prompts, {gap} s, {len(networks)} networks, {told}"
    scene.tell("prompt bombing", person, acts, ["x_mfaFatigue"], variant=variant)


def typed_code(scene: Scene) -> None:
    """A code that the person types for a stranger: seen at the stranger's, or only later there."""
    rng, person = scene.rng, scene.victim()
    time, own = scene.awake(person)
    app = rng.choice((BROKER, OFFICE, TEAMS, CLI))
    kind = rng.choice(("hosting", "isp"))
    program = rng.choice(("python", "linuxchrome", "axios", "oldchrome"))
    origin = _somewhere(scene, person, kind).any_address(rng)
    stranger = Presence(person, unknown(program), origin)
    session, at_home = new_id(rng), app is not CLI and rng.random() < 0.3
    acts: list[Event] = []
    if at_home:
        there = next(
            (p for p in scene.company.internet.providers if p.asn == own.network.asn),
            scene.company.offices[0].network,
        )
        mine = Presence(person, person.laptop, there.any_address(rng))
        acts.append(scene.signs_in(time, mine, app, CLAIM, session=session, **CODE))
        later = time + rng.randrange(1, 90) * MINUTE
        acts.append(
            scene.signs_in(later, stranger, WEB_MAIL, CLAIM, session=session, interactive=False)
        )
    else:
        first = scene.signs_in(time, stranger, app, CLAIM, session=session, **CODE)
        acts += scene.stays(first, stranger)
    if rng.random() < 0.4:
        last = max(act.time for act in acts)
        device = scene.does(
            DirectoryChange, last + 6 * MINUTE, stranger, operation="Register device"
        )
        acts.append(device)
    where = "typed at home" if at_home else f"redeemed on {kind}"
    variant = f"{app.name}, {where}, {program}"
    may = ("attackerinTheMiddle",)
    scene.tell("typed code", person, acts, ["x_deviceCodePhishing"], may, variant=variant)


def guessing(scene: Scene) -> None:
    """One account is guessed at: quickly, for days, from one network or many; and then right."""
    rng, person = scene.rng, scene.victim()
    count, gap = rng.choice(((12, 20), (25, 90), (60, 300), (180, 30), (40, 3_600), (15, 14_000)))
    kind = rng.choice(("isp", "hosting"))
    networks = [_somewhere(scene, person, kind) for _ in range(rng.choice((1, 1, 4)))]
    machine = unknown(rng.choice(("python", "bav2ropc", "linuxfirefox", "oldchrome", "opera")))
    app = EXCHANGE if machine.program in {"python", "bav2ropc"} else HOME
    time = scene.moment()
    if count * gap > 6 * HOUR // SECOND:
        time = scene.company.midnight(scene.first_day) + rng.randrange(2 * DAY)
    acts: list[Event] = []
    for number in range(count):
        presence = Presence(person, machine, networks[number % len(networks)].any_address(rng))
        outcome = LOCKED if rng.random() < 0.05 else WRONG
        acts.append(scene.signs_in(time, presence, app, outcome))
        time += int(gap * rng.uniform(0.6, 1.4)) * SECOND
    end = rng.choice((PASSWORD, PASSWORD, MFA_ASKED))
    presence = Presence(person, machine, networks[0].any_address(rng))
    acts.append(scene.signs_in(time, presence, app, end))
    scene.tell(
        "guessing",
        person,
        acts,
        ["x_bruteForce"],
        GUESSING,
        variant=f"{count} tries, {gap} s, {len(networks)} networks, code {end.code}",
    )


def awakened(scene: Scene) -> None:
    """The account of somebody who has left is switched on again and used."""
    rng, company = scene.rng, scene.company
    gone = [
        person
        for person in company.everybody
        if person.last_day < company.days - 6
        and person.number not in scene.used
        and scene.witness.established(person, company.midnight(person.last_day))
    ]
    if not gone:
        raise LookupError("nobody has left")
    person = rng.choice(gone)
    scene.used.add(person.number)
    admin = company.people[0]
    day = rng.randrange(person.last_day + 3, company.days - 1)
    time = company.midnight(day) + rng.randrange(DAY // 2)
    enabled = scene.journal.note(
        AccountChange(
            time=time,
            id=new_id(rng),
            operation="Enable account",
            what="enabled",
            initiated_by=admin.upn,
            **scene.journal.who(person, admin.office.network.address(1)),
        )
    )
    origin = _somewhere(scene, person, rng.choice(("isp", "hosting"))).any_address(rng)
    acts = [enabled, *scene.enters(person, time + rng.randrange(5, 600) * MINUTE, origin)]
    scene.tell("awakened", person, acts, ["x_dormantAccount"])


def method(scene: Scene) -> None:
    """Somebody gets in, and registers a second factor of their own."""
    rng, person = scene.rng, scene.victim()
    time = scene.moment()
    provider = _somewhere(scene, person, rng.choice(("isp", "hosting")))
    presence = scene.stranger(person, provider.any_address(rng))
    acts: list[Event] = [scene.signs_in(time, presence)]
    wait = rng.choice((3, 20, 90, 600))
    moved = presence._replace(origin=provider.any_address(rng))
    acts.append(_registers(scene, time + wait * MINUTE, rng.choice((presence, moved))))
    if rng.random() < 0.5:
        acts.append(scene.signs_in(time + (wait + 9) * MINUTE, presence, WEB_MAIL, FRESH))
    scene.tell("method", person, acts, ["x_newMfaMethodAfterRisk"], variant=f"after {wait} min")


def _registers(scene: Scene, time: int, presence: Presence) -> DirectoryChange:
    person = presence.person
    return scene.does(
        DirectoryChange,
        time,
        presence,
        operation="User registered security info",
        category="UserManagement",
        target_ids=(person.id,),
        target_names=(person.upn,),
        target_types=("User",),
    )


def consent(scene: Scene) -> None:
    """An application is let in: by an intruder, or by the person, who was asked to by mail."""
    rng, person = scene.rng, scene.victim()
    listed = rng.random() < 0.3
    if listed:
        time, _ = scene.awake(person)
        origin = person.home(scene.company.day_of(time), rng)
        presence, acts = Presence(person, person.laptop, origin), list[Event]()
        name = rng.choice(("PERFECTDATA SOFTWARE", "eM Client", "rclone"))
    else:
        time = scene.moment()
        origin = _somewhere(scene, person, rng.choice(("isp", "hosting"))).any_address(rng)
        presence = scene.stranger(person, origin)
        acts = [scene.signs_in(time, presence)]
        name = rng.choice(("Document Viewer", "Mailbox Upgrade", "O365 Access", "test app"))
    scopes = rng.choice(GRAND_SCOPES)
    acts.append(consents(scene, time + 4 * MINUTE, presence, name, scopes))
    may = ("anomalousUserActivity",)
    scene.tell("consent", person, acts, ["x_riskyConsent"], may, variant=f"{name}, {scopes}")


def consents(
    scene: Scene, time: int, presence: Presence, name: str, scopes: str
) -> DirectoryChange:
    """Somebody lets an application in."""
    fields = consent_fields(name, scopes, new_id(scene.rng))
    return scene.does(DirectoryChange, time, presence, **fields)


def consent_fields(
    name: str, scopes: str, app_id: str, *, for_all: bool = False
) -> dict[str, object]:
    """What the audit log says of a consent."""
    kind = "AllPrincipals" if for_all else "Principal"
    text = f"[] => [[Id: q9, ConsentType: {kind}, Scope: {scopes}, CreatedDateTime: ]]"
    return {
        "operation": "Consent to application",
        "category": "ApplicationManagement",
        "target_ids": (app_id,),
        "target_names": (name,),
        "target_types": ("ServicePrincipal",),
        "changes": (
            ("ConsentContext.IsAdminConsent", "", str(for_all)),
            ("ConsentAction.Permissions", "", text),
        ),
    }


def own_matter(scene: Scene) -> None:
    """An intruder in an administrator's account dismisses what was found about it."""
    rng, person = scene.rng, scene.victim(admin=True)
    time = scene.asleep(person)
    acts = scene.enters(
        person, time, scene.company.tor.any_address(rng), program="tor", outcome=CLAIM
    )
    if not any(isinstance(act, SignIn) and act.result == "success" for act in acts):
        raise LookupError("nobody got in")
    scene.journal.does(
        Verdict,
        rng,
        max(act.time for act in acts) + rng.randrange(5, 90) * MINUTE,  # before anybody repairs
        person,
        operation="DismissUser",
        action="dismiss",
        author=person.upn,
        author_kind="provider",
    )
    scene.tell("own matter", person, acts, ["x_selfDismissal"], tag="tor")


OTHERS: tuple[Callable[[Scene], None], ...] = (
    prompt_bombing,
    typed_code,
    guessing,
    awakened,
    method,
    consent,
    own_matter,
)
