"""Attacks that show in what is done: mail rules, files, Graph, the directory, alerts, leaks."""

from __future__ import annotations

from typing import Any

from risktui.model.events import (
    AccountChange,
    ApiCall,
    Client,
    DirectoryChange,
    Event,
    FileAccess,
    MailboxRule,
    MailSent,
    PasswordChange,
    UserReport,
    Verdict,
)
from simulator.busy_days import alert, leak
from simulator.company import DAY, HOUR, MINUTE, SECOND, Person, new_id
from simulator.journal import HOME, MFA_FRAUD, PORTAL, Presence
from simulator.networks import Origin
from simulator.scene import Scene
from simulator.work import GRAPH, file_fields, when

LEADING = ("investigationsThreatIntelligence",)
"""A chain of acts may be a known pattern as well."""


def _inside(
    scene: Scene, person: Person, *, own: bool = False
) -> tuple[int, Presence, list[Event]]:
    """A stranger is in, by a sign-in of theirs; or (own) works through the person's machine."""
    if own:
        time, event = scene.awake(person)
        origin = Origin(event.ip_address, _provider_of(scene, event))
        return time, Presence(person, person.laptop, origin), []
    origin = scene.network(scene.rng.choice(("isp", "hosting"))).any_address(scene.rng)
    presence = scene.stranger(person, origin)
    time = scene.moment()
    return time + 5 * MINUTE, presence, [scene.signs_in(time, presence)]


def _provider_of(scene: Scene, event: Event) -> Any:
    return next(
        (p for p in scene.company.internet.providers if p.asn == event.network.asn),
        scene.company.offices[0].network,
    )


def forwarding(scene: Scene) -> None:
    """Mail is forwarded outside, by each of the ways there are."""
    person, rng = scene.victim(), scene.rng
    time, presence, acts = _inside(scene, person)
    target = rng.choice(("drop8841@freemail.example", "backup@mail-archive.example"))
    operation = rng.choice(("New-InboxRule", "Set-InboxRule", "Set-Mailbox", "UpdateInboxRules"))
    fields: dict[str, Any] = {
        "rule_name": rng.choice((".", "..", "fwd", "Mail")),
        "forward_to": (target,),
    }
    if operation == "Set-Mailbox":
        fields["rule_name"] = ""
    elif rng.random() < 0.4:
        fields |= when(SubjectContainsWords="invoice")
    fields["delete_message"] = operation != "Set-Mailbox" and rng.random() < 0.4
    acts.append(scene.does(MailboxRule, time, presence, operation=operation, **fields))
    may = ("mcasSuspiciousInboxManipulationRules", *LEADING)
    scene.tell("forwarding", person, acts, ["suspiciousInboxForwarding"], may, variant=operation)


def hiding(scene: Scene) -> None:
    """Mail about money or warnings is deleted or moved where nobody looks."""
    person, rng = scene.victim(), scene.rng
    time, presence, acts = _inside(scene, person)
    words = rng.choice(("invoice;payment;wire", "phish;hacked;suspicious", "password;security"))
    how: dict[str, Any] = rng.choice(
        (
            {"delete_message": True},
            {"move_to_folder": "RSS Feeds", "mark_as_read": True},
            {"move_to_folder": "Conversation History", "mark_as_read": True},
            {"move_to_folder": "Archive", "mark_as_read": True, "delete_message": True},
        )
    )
    name = rng.choice((".", "..", ",", "a"))
    operation = rng.choice(("New-InboxRule", "Set-InboxRule", "UpdateInboxRules"))
    acts.append(
        scene.does(
            MailboxRule,
            time,
            presence,
            operation=operation,
            rule_name=name,
            **when(SubjectOrBodyContainsWords=words),
            **how,
        )
    )
    must = ["mcasSuspiciousInboxManipulationRules"]
    scene.tell("hiding rule", person, acts, must, LEADING, variant=f"{operation} {how}")


def mass_access(scene: Scene) -> None:
    """Many sensitive files by somebody who never does that; fast or over a day."""
    rng = scene.rng
    person = scene.victim(reads_secrets=False)
    own = rng.random() < 0.3
    time, presence, acts = _inside(scene, person, own=own)
    count, gap = rng.choice(((60, 5), (150, 2), (400, 1), (90, 25)))
    operation = rng.choice(("FileDownloaded", "FileAccessed", "FileSyncDownloadedFull"))
    for number in range(count):
        file = file_fields(rng, operation, sensitive=rng.random() < 0.85)
        acts.append(scene.does(FileAccess, time + number * gap * SECOND, presence, **file))
    variant = (
        f"{count} {operation} in {count * gap // 60} min, {'own' if own else 'foreign'} address"
    )
    must = ["mcasFinSuspiciousFileAccess"]
    scene.tell("mass access", person, acts, must, LEADING, variant=variant)


def hidden_reader(scene: Scene) -> None:
    """Files or mail are read from Tor or a proxy, and no sign-in is logged there."""
    rng = scene.rng
    person, tag = scene.victim(), rng.choice(("tor", "proxy", "vpn"))
    provider = scene.company.tor if tag == "tor" else scene.network("hosting", tag)
    presence = scene.stranger(person, provider.any_address(rng), "tor")
    acts = _reads(scene, person, presence, scene.asleep(person))
    must = {"riskyIPAddress"}
    scene.tell("hidden reader", person, acts, must, LEADING, tag=tag, variant=tag)


def far_reader(scene: Scene) -> None:
    """Files or mail are read far away, minutes after the person worked here."""
    person = scene.victim()
    time, _ = scene.awake(person)
    presence = scene.stranger(person, scene.network().any_address(scene.rng))
    scene.tell("far reader", person, _reads(scene, person, presence, time), may=LEADING)


def _reads(scene: Scene, person: Person, presence: Presence, time: int) -> list[Event]:
    operation = scene.rng.choice(("MailItemsAccessed", "FileAccessed"))
    acts: list[Event] = []
    for number in range(scene.rng.randint(1, 5)):
        what = file_fields(scene.rng, operation, sensitive=False)
        if operation == "MailItemsAccessed":
            what = {"operation": operation, "item": "\\Inbox", "workload": "Exchange"}
        acts.append(scene.does(FileAccess, time + number * 50 * SECOND, presence, **what))
    return acts


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
    time, presence, acts = _inside(scene, person, own=own)
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


def mass_mail(scene: Scene) -> None:
    """Equal mails to many, by the hundred; or Defender says so."""
    rng, person = scene.rng, scene.victim()
    must = ["suspiciousSendingPatterns"]
    if rng.random() < 0.5:
        title = rng.choice(
            (
                "Suspicious email sending patterns detected",
                "User restricted from sending email",
                "Email sending limit exceeded",
            )
        )
        told = alert(
            scene.journal, scene.moment(), person, title, "Microsoft Defender for Office 365"
        )
        scene.tell("mass mail", person, [told], must, LEADING, variant=title)
        return
    time, presence, acts = _inside(scene, person)
    count, subject = rng.choice((120, 300, 700)), f"{rng.getrandbits(48):012x}"
    for number in range(count):
        acts.append(
            scene.does(
                MailSent,
                time + number * SECOND,
                presence,
                operation="Send",
                subject_hash=subject,
                recipients=rng.randint(1, 5),
                external_recipients=1,
            )
        )
    scene.tell("mass mail", person, acts, must, LEADING, variant=f"{count} equal mails")


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
    time, presence, acts = _inside(scene, person)
    for number, operation in enumerate(
        ("Add member to role", "Add service principal credentials", "Add owner to application")
    ):
        acts.append(_changes(scene, time + number * 2 * MINUTE, presence, operation))
    scene.tell("upstart", person, acts, ["anomalousUserActivity"], LEADING)


def _changes(scene: Scene, time: int, presence: Presence, operation: str) -> Event:
    target = scene.rng.choice(scene.company.everybody)
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
        title, product = "User compromised in AiTM phishing attack", "Microsoft 365 Defender"
        must = "attackerinTheMiddle"
    else:
        title = "Possible attempt to access Primary Refresh Token (PRT)"
        product, must = "Microsoft Defender for Endpoint", "attemptedPrtAccess"
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
