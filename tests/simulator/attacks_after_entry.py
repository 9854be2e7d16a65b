"""Attacks that show in what is done: mail rules, files, Graph, the directory, alerts, leaks."""

from __future__ import annotations

from typing import Any

from risktui.model.events import (
    Event,
    FileAccess,
    MailboxRule,
    MailSent,
)
from simulator.alerts import OFFICE_365, alert
from simulator.company import MINUTE, SECOND, Person
from simulator.journal import Presence
from simulator.networks import Origin
from simulator.scene import Scene
from simulator.work import file_fields, when

LEARNING_FILES_DAYS = 22
"""What somebody usually reads is known after 21 days (Defender for Cloud Apps), and a margin."""
LEADING = ("investigationsThreatIntelligence",)
"""A chain of acts may be a known pattern as well."""


def inside(scene: Scene, person: Person, *, own: bool = False) -> tuple[int, Presence, list[Event]]:
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
    time, presence, acts = inside(scene, person)
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
    time, presence, acts = inside(scene, person)
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
    time, presence, acts = inside(scene, person, own=own)
    count, gap = rng.choice(((60, 5), (150, 2), (400, 1), (90, 25)))
    operation = rng.choice(("FileDownloaded", "FileAccessed", "FileSyncDownloadedFull"))
    for number in range(count):
        file = file_fields(rng, operation, sensitive=rng.random() < 0.85)
        acts.append(scene.does(FileAccess, time + number * gap * SECOND, presence, **file))
    variant = (
        f"{count} {operation} in {count * gap // 60} min, {'own' if own else 'foreign'} address"
    )
    kind = ("mcasFinSuspiciousFileAccess",)
    learnt = scene.witness.known_days(person, time) > LEARNING_FILES_DAYS
    must, may = (kind, LEADING) if learnt else ((), (*kind, *LEADING))
    scene.tell("mass access", person, acts, must, may, variant=variant)


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
        told = alert(scene.journal, scene.moment(), person, title, OFFICE_365)
        scene.tell("mass mail", person, [told], must, LEADING, variant=title)
        return
    time, presence, acts = inside(scene, person)
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
