"""Busy days that look like an attack: bulk downloads, newsletters, alerts, leaks, migrations."""

from __future__ import annotations

import msgspec

from risktui.model.events import ApiCall, Client, CredentialLeak, Event, SignIn
from simulator.administration import change
from simulator.alerts import ENDPOINT, OFFICE_365, XDR, alert
from simulator.company import DAY, HOUR, MINUTE, SECOND, Company, Person, new_id
from simulator.days import Today
from simulator.geography import RESORTS
from simulator.journal import Journal
from simulator.truth import Ledger
from simulator.work import GRAPH, REPORT, send, touch

SYNC_AGENT = "Microsoft SkyDriveSync 25.100.0526.0003 ship; Windows NT 10.0 (26100)"
MAC_SYNC_AGENT = "Microsoft SkyDriveSync 25.100.0526.0003 ship; Mac OS X 15.5"
OTHER_ALERTS = (
    ("Email reported by user as malware or phish", OFFICE_365),
    ("Suspicious PowerShell command line", ENDPOINT),
    ("'EICAR_Test_File' malware was prevented", ENDPOINT),
    ("Mimikatz credential theft tool", ENDPOINT),
    ("A potentially malicious URL click was detected", OFFICE_365),
    ("Possible AiTM phishing attempt", XDR),
)


def busy(today: Today) -> None:
    """Whatever makes this day of this person a busy one."""
    person, day = today.person, today.day
    if today.where.kind not in {"office", "home"} or person.guest:
        return
    rng = today.journal.company.rng("busy", person.number, day)
    if person.role == "sales" and person.number % 4 == 0 and day % 7 == 1:
        _newsletter(today, rng.choice((40, 80, 150)))
    if person.role == "engineer" and rng.random() < 0.01:
        _many_pictures(today, rng.choice((60, 150, 300)))
    if rng.random() < 0.003:
        _new_sync(today)


def _newsletter(today: Today, size: int) -> None:
    subject = f"newsletter{today.day:04d}"
    begin = today.between(60)
    for number in range(size):
        send(today, begin + number * 2 * SECOND, subject, external=True, to=1)


def _many_pictures(today: Today, size: int) -> None:
    begin = today.between(30)
    for number in range(size):
        touch(today, begin + number * 3 * SECOND, sensitive=False, operation="FileDownloaded")


def _new_sync(today: Today) -> None:
    begin = today.between(30)
    is_mac = "Mac" in today.laptop.agent(today.day)
    agent = MAC_SYNC_AGENT if is_mac else SYNC_AGENT
    for number in range(180):
        touch(
            today,
            begin + number * 4 * SECOND,
            sensitive=number % 3 == 0,
            operation="FileSyncDownloadedFull",
            client=Client(user_agent=agent, device_id=today.laptop.id),
        )


def other_alerts(company: Company, journal: Journal) -> None:
    """Alerts of Defender that are no verdict on an account."""
    rng = company.rng("busy", "alerts")
    for _ in range(max(2, len(company.people) // 12)):
        title, product = rng.choice(OTHER_ALERTS)
        person = rng.choice(company.everybody)
        time = company.first_ms + rng.randrange(company.days * DAY)
        alert(journal, time, person, title, product)


def old_leaks(company: Company, journal: Journal) -> None:
    """Leaks that are older than the password, and of people who are not here."""
    rng = company.rng("busy", "leaks")
    changes = [e for e in journal.events if type(e).__name__ == "PasswordChange"]
    rng.shuffle(changes)
    for change_ in changes[: max(2, len(company.people) // 15)]:
        if change_.time + 2 * DAY < company.midnight(company.days):
            person = next((p for p in company.people if p.id == change_.user_id), None)
            if person:
                leaked = change_.time - rng.randrange(5, 900) * DAY
                leak(journal, change_.time + rng.randrange(1, 48) * HOUR, person, leaked)
    for number in range(4):
        event = CredentialLeak(
            time=company.first_ms + rng.randrange(company.days * DAY),
            id=new_id(rng),
            tenant_id=company.tenant_id,
            user_principal_name=f"gone{number}@{company.domains[0]}",
            leak="combo list",
            leaked_at=company.first_ms - 100 * DAY,
        )
        journal.note(event)


def leak(journal: Journal, time: int, person: Person, leaked_at: int) -> CredentialLeak:
    """The person stands in a leak."""
    rng = journal.company.rng("leak", person.number, time)
    return journal.does(
        CredentialLeak, rng, time, person, operation="leak", leak="paste", leaked_at=leaked_at
    )


def services(company: Company, journal: Journal) -> None:
    """A service reads the whole directory every night, as it should."""
    rng = company.rng("busy", "services")
    principal, app = new_id(rng), new_id(rng)
    origin = company.offices[0].cloud.address(5)
    for day in range(company.days):
        for number in range(30):
            journal.note(
                ApiCall(
                    time=company.midnight(day) + 2 * HOUR + number * 3 * SECOND,
                    id=new_id(rng),
                    tenant_id=company.tenant_id,
                    actor="servicePrincipal",
                    user_id=principal,
                    ip_address=origin.address,
                    location=origin.location,
                    network=origin.network,
                    client=Client(user_agent="inventory/2.0"),
                    app_id=app,
                    app_display_name="Inventory",
                    operation="Microsoft Graph Activity",
                    request_method="GET",
                    request_uri=f"{GRAPH}{REPORT[number % 3]}&$skiptoken={number}",
                    response_status_code=200,
                )
            )


def migration(company: Company, journal: Journal, today: Today, ledger: Ledger) -> None:
    """An administrator moves some people to the company's own federation service."""
    time = today.between(60)
    deed = change(
        today, time, "Set domain authentication", company.domains[0], category="Directory"
    )
    may = ("anomalousUserActivity",)
    ledger.tolerate("federation", today.person, deed.time - HOUR, deed.time + DAY, may, "medium")
    moved = {person.id for person in company.everybody if person.number % 7 == 3}
    journal.events = [
        _federated(event, company.issuers[0])
        if event.user_id in moved and event.time > time
        else event
        for event in journal.events
    ]


def _federated(event: Event, issuer: str) -> Event:
    if not isinstance(event, SignIn):
        return event
    fields = {"token_issuer_type": "ADFederationServices", "token_issuer_name": issuer}
    return msgspec.structs.replace(event, **fields)


def holidays_abroad(company: Company, journal: Journal, ledger: Ledger) -> None:
    """A private trip to a new country may be noticed, lowly."""
    resorts = {city.country for city in RESORTS}
    abroad: dict[str, list[int]] = {}
    for event in journal.events:
        if event.location.country_or_region in resorts:
            abroad.setdefault(event.user_id, []).append(event.time)
    for person in company.people:
        if times := abroad.get(person.id):
            may = ("newCountry",)
            ledger.tolerate("holiday", person, min(times), max(times) + MINUTE, may, "low")
