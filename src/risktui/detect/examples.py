"""A small world for examples: a few networks, and what people do there, told in one line each.

All addresses lie in documentation ranges (RFC 5737, RFC 3849), all networks in documentation ASNs
(RFC 5398). The same world is in the tests, as files of a geo database.
"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any, TypeVar

import msgspec

from risktui.detect.state import DAY, HOUR
from risktui.model.events import (
    NO_CLIENT,
    ApiCall,
    Client,
    CredentialLeak,
    DirectoryChange,
    Event,
    FileAccess,
    Location,
    MailboxRule,
    Network,
    PasswordChange,
    ProductAlert,
    SignIn,
    UserReport,
)

E = TypeVar("E", bound=Event)


class Place(msgspec.Struct, frozen=True):
    """An address, where it is and whose it is."""

    ip_address: str
    location: Location
    network: Network


def place(
    address: str,
    owner: tuple[int, str, str],
    where: tuple[str, str, float, float],
    *,
    radius_km: float = 20.0,
    **network: Any,
) -> Place:
    """A place for examples; `owner` is (ASN, name, kind), `where` (country, city, lat, lon)."""
    short = address.rsplit(".", 1)[0] + ".0/24"
    prefix = ":".join(address.split(":")[:3]) + "::/48" if ":" in address else short
    asn, organisation, kind = owner
    country, city, latitude, longitude = where
    return Place(
        address,
        Location(country, "", city, latitude, longitude, radius_km),
        Network(prefix, asn, organisation, kind, **network),
    )


IN_TOKYO = ("JP", "Tokyo", 35.6762, 139.6503)
IN_AMSTERDAM = ("NL", "Amsterdam", 52.3676, 4.9041)

TOKYO = place("198.51.100.7", (64500, "Edo Fibre", "isp"), IN_TOKYO)
MOBILE = place(
    "198.51.100.140",
    (64501, "Naniwa Mobile", "mobile"),
    ("JP", "Osaka", 34.6937, 135.5023),
    radius_km=200.0,
)
HQ = place(
    "203.0.113.10", (64502, "Contoso HQ", "corp"), IN_TOKYO, named_location="HQ", trusted=True
)
VPN = place(
    "203.0.113.70",
    (64503, "Main Edge", ""),
    ("DE", "Frankfurt", 50.1109, 8.6821),
    tags=("vpn",),
    feeds=("vpn_ranges.csv@example",),
)
HOSTING = place("203.0.113.140", (64504, "Gracht Hosting", "hosting"), IN_AMSTERDAM)
TOR = place(
    "203.0.113.200",
    (64505, "Onion Relays", ""),
    IN_AMSTERDAM,
    tags=("tor",),
    feeds=("tor_exit_nodes.txt@example",),
)
LONDON = place("192.0.2.10", (64506, "Thames Broadband", "isp"), ("GB", "London", 51.5074, -0.1278))
LAGOS = place("192.0.2.70", (64507, "Lagoon Net", "isp"), ("NG", "Lagos", 6.5244, 3.3792))
NEW_YORK = place(
    "192.0.2.140", (64508, "Hudson Cable", "isp"), ("US", "New York", 40.7128, -74.006)
)
PARIS = place("192.0.2.200", (64509, "Seine Telecom", "isp"), ("FR", "Paris", 48.8566, 2.3522))

APP = "89bee1f7-5e6e-4d8a-9f3d-ecd601259da7"
"""The application id of the Office 365 portal, which sign-ins are to unless they say otherwise."""

STRANGER = Client(
    user_agent="Mozilla/5.0 (X11; Linux x86_64) Chrome/120",
    browser="Chrome",
    operating_system="Linux",
    client_app="Browser",
)
"""Somebody else's machine."""

PHONE = Client(
    user_agent="Mozilla/5.0 (iPhone; CPU iPhone OS 18_2) Safari/604.1",
    browser="Safari",
    operating_system="iOS 18",
    client_app="Browser",
)
"""A private phone, which has no device id in the logs."""


def laptop(who: str) -> Client:
    """The managed laptop of a person."""
    return Client(
        user_agent="Mozilla/5.0 (Windows NT 10.0; Win64; x64) Edg/132",
        browser="Edge",
        operating_system="Windows 11",
        device_id=f"laptop-{who}",
        device_name=f"LAPTOP-{who.upper()}",
        is_compliant=True,
        trust_type="Azure AD joined",
        client_app="Browser",
    )


def at(when: str) -> int:
    """A time in UTC, `2026-03-02 09:00`, as milliseconds."""
    return round(datetime.fromisoformat(when).replace(tzinfo=UTC).timestamp() * 1000)


def does(
    kind: type[E], who: str, where: Place | None, when: str | int, client: Client, **fields: Any
) -> E:
    """Any event of a person; `who` is the part of the principal name before the @."""
    time = at(when) if isinstance(when, str) else when
    known: dict[str, Any] = {
        "time": time,
        "id": f"{kind.__name__}-{who}-{time}-{where.ip_address if where else ''}",
        "source": "example",
        "tenant_id": "contoso",
        "user_id": f"id-of-{who}",
        "user_principal_name": f"{who}@contoso.com",
        "user_type": "member",
        "client": client,
    }
    if where is not None:
        known |= {
            "ip_address": where.ip_address,
            "location": where.location,
            "network": where.network,
        }
    return kind(**(known | fields))


def signs_in(
    who: str, where: Place, when: str | int, client: Client | None = None, **fields: Any
) -> SignIn:
    """A sign-in with the right password, from the person's laptop unless another client is given.

    `fields` are those of `SignIn`: `error_code=50126` makes it a wrong password.
    """
    outcome: dict[str, Any] = {"credentials": "ok"}
    code = fields.get("error_code", 0)
    if code:
        wrong = code in {50126, 50034, 50056, 50064}
        outcome["credentials"] = "unknown" if code == 50053 else "wrong" if wrong else "ok"
        outcome["result"] = "interrupt" if code in {50074, 50076} else "failure"
    outcome |= {"app_id": APP, "app_display_name": "Office 365", "operation": "Sign-in activity"}
    return does(SignIn, who, where, when, client or laptop(who), **(outcome | fields))


def reads(
    who: str, where: Place | None, when: str | int, client: Client = NO_CLIENT, **fields: Any
) -> FileAccess:
    """A file or mail that was read; such records seldom say with what."""
    outcome = {"operation": "FileAccessed", "app_display_name": "SharePoint", "item": "plan.docx"}
    return does(FileAccess, who, where, when, client, **(outcome | fields))


def sets_rule(
    who: str, where: Place | None, when: str | int, client: Client = NO_CLIENT, **fields: Any
) -> MailboxRule:
    """An inbox rule that hides mail."""
    outcome = {"operation": "New-InboxRule", "rule_name": "..", "delete_message": True}
    return does(MailboxRule, who, where, when, client, **(outcome | fields))


def alerted(who: str, when: str | int, title: str, product: str, **fields: Any) -> ProductAlert:
    """Another product's alert about a person."""
    outcome = {"operation": "alert", "title": title, "product": product, "severity": "medium"}
    return does(ProductAlert, who, None, when, NO_CLIENT, **(outcome | {"about": "user"} | fields))


def reports(who: str, when: str | int, text: str) -> UserReport:
    """The person reports something that was not theirs."""
    return does(UserReport, who, None, when, NO_CLIENT, operation=text, text=text)


def changes(
    who: str,
    where: Place | None,
    when: str | int,
    operation: str,
    client: Client = NO_CLIENT,
    *,
    targets: tuple[str, ...] = (),
    **fields: Any,
) -> DirectoryChange:
    """A change in the directory; `targets` are people, by the names before the @."""
    outcome = {
        "operation": operation,
        "target_ids": tuple(f"id-of-{target}" for target in targets),
        "target_names": tuple(f"{target}@contoso.com" for target in targets),
        "target_types": ("User",) * len(targets),
    }
    return does(DirectoryChange, who, where, when, client, **(outcome | fields))


def leaks(who: str, when: str | int, **fields: Any) -> CredentialLeak:
    """The person's password is found in a leak."""
    outcome = {"operation": "leak", "leak": "paste"}
    return does(CredentialLeak, who, None, when, NO_CLIENT, **(outcome | fields))


def sets_password(who: str, when: str | int, **fields: Any) -> PasswordChange:
    """The person sets a new password."""
    outcome = {"operation": "Change password (self-service)"}
    return does(PasswordChange, who, None, when, NO_CLIENT, **(outcome | fields))


GRAPH_APP = "0f1e2d3c-0000-4000-8000-00000000a001"
"""An application that calls Microsoft Graph."""


def calls(
    who: str, where: Place, begin: int, client: Client, *paths: str, agent: str = "", **fields: Any
) -> list[Event]:
    """Calls to Microsoft Graph, one a second, by `agent` or the client's own."""
    outcome: dict[str, Any] = {
        "operation": "GET call",
        "request_method": "GET",
        "response_status_code": 200,
        "app_id": GRAPH_APP,
        "app_display_name": "Graph Helper",
    }
    program = Client(user_agent=agent) if agent else client
    return [
        does(
            ApiCall,
            who,
            where,
            begin + number * 1000,
            program,
            **(outcome | {"request_uri": f"https://graph.microsoft.com/v1.0{path}"} | fields),
        )
        for number, path in enumerate(paths)
    ]


def habits(
    who: str,
    *where: Place,
    until: str | int = "2026-03-02 00:00",
    days: int = 30,
    client: Client | None = None,
) -> list[Event]:
    """Quiet weeks: every day before `until` one sign-in from each place, in the morning (UTC)."""
    end = at(until) if isinstance(until, str) else until
    return [
        signs_in(who, there, end - (days - day) * DAY + (index + 1) * HOUR, client)
        for day in range(days)
        for index, there in enumerate(where)
    ]
