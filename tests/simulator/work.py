"""What people do once they are signed in: files, mail, rules, Graph, administration."""

from __future__ import annotations

import random
import uuid
from typing import Any

from risktui.model.events import (
    ApiCall,
    Client,
    FileAccess,
    MailboxRule,
    MailSent,
)
from simulator.administration import administration
from simulator.company import HOUR, SECOND
from simulator.days import Today
from simulator.journal import OFFICE, PORTAL, TEAMS

SENSITIVE = (
    "Finance/Payroll/payroll-{n}.xlsx",
    "Finance/Budget/budget-2026-{n}.xlsx",
    "Finance/Invoices/invoice-{n}.pdf",
    "HR/Contracts/contract-{n}.docx",
    "HR/Salaries/salary-review-{n}.xlsx",
    "IT/Network/vpn-config-{n}.ovpn",
    "IT/Secrets/passwords-{n}.kdbx",
    "Legal/Confidential/merger-{n}.docx",
)
HARMLESS = (
    "Projects/{w}/notes-{n}.docx",
    "Marketing/Images/photo-{n}.png",
    "Projects/{w}/slides-{n}.pptx",
    "Team/Lunch/menu-{n}.pdf",
    "Design/Icons/icon-{n}.svg",
)
PROJECTS = ("apollo", "birch", "cobalt", "delta", "elm")
GRAPH = "https://graph.microsoft.com/v1.0"
DAILY = ("/me", "/me/messages?$top=10", "/me/calendarView", "/me/drive/recent", "/me/people")
REPORT = ("/users?$top=999&$select=id,displayName", "/groups?$top=999", "/subscribedSkus")


HOW = {
    "FileDownloaded": "download",
    "FileSyncDownloadedFull": "sync",
    "FileModified": "change",
    "FilePreviewed": "preview",
}
"""What an operation does to a file; the others read it."""


def file_fields(rng: random.Random, operation: str, *, sensitive: bool) -> dict[str, Any]:
    """The fields of an event about some file."""
    template = rng.choice(SENSITIVE if sensitive else HARMLESS)
    path = template.format(n=rng.randrange(4000), w=rng.choice(PROJECTS))
    folder, _, name = path.rpartition("/")
    return {
        "operation": operation,
        "how": HOW.get(operation, "read"),
        "workload": "SharePoint",
        "app_display_name": "SharePoint Online",
        "site": f"https://tenant.sharepoint.example/sites/{path.split('/', maxsplit=1)[0]}/",
        "path": f"Shared Documents/{folder}",
        "item": name,
        "item_id": str(uuid.uuid5(uuid.NAMESPACE_URL, path)),
        "size": rng.randrange(20_000, 4_000_000),
    }


def work(today: Today) -> None:
    """A working day behind the sign-ins."""
    if today.where.kind not in {"office", "home", "trip"} or today.person.guest:
        return
    _files(today)
    _mail(today)
    _rules(today)
    _graph(today)
    if today.person.role == "admin":
        administration(today)


def touch(
    today: Today, time: int, *, sensitive: bool, operation: str = "", **extra: object
) -> FileAccess:
    """One file is opened at the laptop."""
    rng = today.rng
    name = operation or rng.choice(("FileAccessed", "FileAccessed", "FileModified"))
    fields = file_fields(rng, name, sensitive=sensitive) | {
        "client": Client(user_agent=today.laptop.agent(today.day)),
        "session_id": today.session(today.laptop),
        **extra,
    }
    origin = today.origin(time)
    return today.journal.does(FileAccess, rng, time, today.person, origin, **fields)


def _files(today: Today) -> None:
    rng, person = today.rng, today.person
    for _ in range(rng.randint(2, 6)):
        touch(today, today.between(5), sensitive=rng.random() < 0.08)
    if rng.random() < 0.5:
        touch(today, today.between(5), sensitive=False, operation="FileDownloaded")
    if person.role in {"finance", "people"}:
        busy = 2 if today.day % 30 > 26 else 1
        begin = today.between(10)
        for number in range(rng.randint(12, 40) * busy):
            operation = "FileDownloaded" if number % 5 == 0 else "FileAccessed"
            touch(today, begin + number * 50 * SECOND, sensitive=True, operation=operation)


def _mail(today: Today) -> None:
    rng, person = today.rng, today.person
    for _ in range(rng.randint(1, 4)):
        send(today, today.between(10), f"{rng.getrandbits(48):012x}", external=rng.random() < 0.4)
    for _ in range(rng.randint(1, 2)):
        today.journal.does(
            FileAccess,
            rng,
            today.between(10),
            person,
            today.origin(today.start + HOUR),
            operation="MailItemsAccessed",
            client=Client(user_agent=today.laptop.agent(today.day)),
            session_id=today.session(today.laptop),
            app_display_name="Exchange Online",
            item="\\Inbox",
            workload="Exchange",
            count=rng.randint(1, 20),
        )


def send(today: Today, time: int, subject: str, *, external: bool, to: int = 0) -> None:
    """One mail goes out."""
    people = to or today.rng.choice((1, 1, 1, 2, 3, 6))
    today.journal.does(
        MailSent,
        today.rng,
        time,
        today.person,
        today.origin(time),
        operation="Send",
        client=Client(user_agent=today.laptop.agent(today.day)),
        session_id=today.session(today.laptop),
        subject_hash=subject,
        recipients=people,
        external_recipients=people if external else 0,
    )


def when(**conditions: str) -> dict[str, Any]:
    """The conditions of a rule, as an event has them; several words stand between semicolons."""
    words = [value for name, value in conditions.items() if name.endswith("Words")]
    keywords = tuple(word for value in words for word in value.split(";"))
    return {"conditions": tuple(conditions.items()), "keywords": keywords}


def rule(today: Today, time: int, operation: str = "New-InboxRule", **fields: Any) -> None:
    """The person sets up an inbox rule."""
    today.journal.does(
        MailboxRule,
        today.rng,
        time,
        today.person,
        today.origin(time),
        operation=operation,
        client=Client(user_agent=today.laptop.agent(today.day)),
        session_id=today.session(today.laptop),
        **fields,
    )


def _rules(today: Today) -> None:
    """A rule now and then, as people make them: to folders, to colleagues, against bots."""
    rng, company = today.rng, today.journal.company
    if rng.random() > 0.02:
        return
    colleague = rng.choice(company.everybody).upn
    other = f"archive@{company.domains[1]}"
    kinds: tuple[dict[str, object], ...] = (
        {
            "rule_name": "Newsletters",
            "move_to_folder": "Newsletters",
            **when(SubjectOrBodyContainsWords=rng.choice(("newsletter", "unsubscribe"))),
        },
        {"rule_name": "boss", "move_to_folder": "Important", **when(From=colleague)},
        {
            "rule_name": "build bot",
            "delete_message": True,
            **when(SubjectContainsWords="build passed"),
        },
        {"rule_name": "while I am away", "forward_to": (colleague,)},
        {"rule_name": "to the archive", "forward_to": (other,)},
        {
            "rule_name": "calendar noise",
            "move_to_folder": "Calendar replies",
            "mark_as_read": True,
            **when(SubjectContainsWords="Accepted:"),
        },
        {
            "rule_name": "shop",
            "delete_message": True,
            **when(FromAddressContainsWords="news@shop.example"),
        },
    )
    operation = rng.choice(("New-InboxRule", "Set-InboxRule", "UpdateInboxRules"))
    rule(today, today.between(20), operation, **rng.choice(kinds))


def call(
    today: Today, time: int, uri: str, app: tuple[str, str], agent: str, **extra: Any
) -> ApiCall:
    """One call to Graph on the person's behalf."""
    fields: dict[str, Any] = {
        "operation": "Microsoft Graph Activity",
        "app_id": app[0],
        "app_display_name": app[1],
        "client": Client(user_agent=agent),
        "request_method": "GET",
        "request_uri": GRAPH + uri,
        "response_status_code": 200,
        "session_id": today.session(today.laptop),
    } | extra
    origin = today.origin(time)
    return today.journal.does(ApiCall, today.rng, time, today.person, origin, **fields)


def _graph(today: Today) -> None:
    rng, person, laptop = today.rng, today.person, today.laptop.agent(today.day)
    for _ in range(rng.randint(0, 2)):
        used = rng.choice((TEAMS, OFFICE))
        call(today, today.between(5), rng.choice(DAILY), (used.id, used.name), laptop)
    if person.role == "engineer" and person.number % 9 == 0:
        # The report that somebody runs every morning.
        app = ("5f0c1e7a-6d5e-4c8f-8f5d-8f3a1b2c3d4e", "Daily Report")
        own = {"session_id": str(uuid.uuid5(uuid.NAMESPACE_URL, f"report {person.id}"))}
        for number in range(24):
            uri = REPORT[number % 3] + ("" if number < 3 else f"&$skiptoken={number}")
            time = today.start + number * 2 * SECOND
            call(today, time, uri, app, "python-requests/2.32.3", **own)
    if person.role == "admin" and rng.random() < 0.6:
        begin = today.between(30)
        for number in range(rng.randint(5, 16)):
            pages = ("/users?$top=25", "/groups?$top=25", "/devices?$top=25", "/organization")
            uri = f"{pages[number % 4]}&page={rng.randrange(99)}"
            call(today, begin + number * 11 * SECOND, uri, (PORTAL.id, PORTAL.name), laptop)
