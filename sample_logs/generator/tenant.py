"""The tenant of Contoso Works: its ids, its policies, and the applications people use."""

from __future__ import annotations

import random
import uuid
from dataclasses import dataclass

TENANT_ID = "6c1f3a52-8b0e-4d67-9a41-2f7e5d90c3b8"
PARTNER_TENANT_ID = "b94d27b9-934e-4e08-a52e-52d7da7dabfa"
DOMAIN = "contosoworks.example"
EUROPEAN_DOMAIN = "eu.contosoworks.example"
PARTNER_DOMAIN = "partner.example"

MFA_POLICY = ("2d1c7f0a-94b3-4f7e-8a56-0c5be1f3a9d2", "Require MFA outside trusted locations")
LEGACY_POLICY = ("f0a6e4c8-1b57-49d3-b2e9-7c4d8a3f6152", "Block legacy authentication")


@dataclass(frozen=True)
class App:
    """An application and what it opens."""

    id: str
    name: str
    resource_id: str = "00000003-0000-0000-c000-000000000000"
    resource_name: str = "Microsoft Graph"
    client_app: str = "Browser"


_EXCHANGE = ("00000002-0000-0ff1-ce00-000000000000", "Office 365 Exchange Online")
_SHAREPOINT = ("00000003-0000-0ff1-ce00-000000000000", "Office 365 SharePoint Online")
_AZURE = ("797f4846-ba00-4fd7-ba43-dac1f8f63013", "Windows Azure Service Management API")
_DIRECTORY = ("00000002-0000-0000-c000-000000000000", "Windows Azure Active Directory")
_RICH = "Mobile Apps and Desktop clients"

OFFICE_HOME = App("4765445b-32c6-49b0-83e6-1d93765276ca", "OfficeHome")
WEB_MAIL = App("9199bf20-a13f-4107-85dc-02114787ef48", "One Outlook Web", *_EXCHANGE)
PORTAL = App("c44b4083-3bb0-49c1-b47d-974e53cbdf3c", "Azure Portal", *_AZURE)
MY_SIGN_INS = App("19db86c3-b2b9-44cc-b339-36da233a3be2", "My Signins")
EXPENSES = App(
    "5a7c9e10-3b42-4f6d-8c21-9e0d4b7fa613",
    "Contoso Expenses",
    "5a7c9e10-3b42-4f6d-8c21-9e0d4b7fa613",
    "Contoso Expenses",
)
WIKI = App(
    "e83b5d47-6f19-4c02-a7d8-1b94c6e0f235",
    "Contoso Wiki",
    "e83b5d47-6f19-4c02-a7d8-1b94c6e0f235",
    "Contoso Wiki",
)
TEAMS = App("1fec8e78-bce4-4aaf-ab1b-5451cc387264", "Microsoft Teams", *_EXCHANGE, client_app=_RICH)
ONEDRIVE = App(
    "ab9b8c07-8f02-4f72-87fa-80105867a763", "OneDrive SyncEngine", *_SHAREPOINT, client_app=_RICH
)
OFFICE = App(
    "d3590ed6-52b3-4102-aeff-aad2292ab01c", "Microsoft Office", *_EXCHANGE, client_app=_RICH
)
OUTLOOK_MOBILE = App(
    "27922004-5251-4030-b22d-91ecd9a37ea4", "Outlook Mobile", *_EXCHANGE, client_app=_RICH
)
POWERSHELL = App(
    "1b730954-1685-4b74-9bfd-dac224a7b894",
    "Azure Active Directory PowerShell",
    *_DIRECTORY,
    client_app=_RICH,
)
EXCHANGE_MAIL = App(
    "00000002-0000-0ff1-ce00-000000000000",
    "Office 365 Exchange Online",
    *_EXCHANGE,
    client_app="Other clients",
)

IN_BROWSER = (OFFICE_HOME, WEB_MAIL, EXPENSES, WIKI)
IN_BACKGROUND = (TEAMS, ONEDRIVE, OFFICE)


@dataclass(frozen=True)
class Workload:
    """A service principal or managed identity: an account without a person."""

    name: str
    app_id: str
    id: str
    credential_id: str
    resource_id: str
    resource_name: str
    managed: bool = False


_VAULT = ("cfa8b339-82a2-471a-a3c9-0fc0be7a4093", "Azure Key Vault")
_STORAGE = ("e406a681-f3d4-42a8-90b6-c2b029497af1", "Azure Storage")
_GRAPH = ("00000003-0000-0000-c000-000000000000", "Microsoft Graph")


def workloads(seed: int) -> list[Workload]:
    """The accounts of the company's automation."""
    names = (
        ("contoso-backup", _STORAGE, False),
        ("contoso-payroll-sync", _GRAPH, False),
        ("contoso-deploy", _AZURE, False),
        ("vm-build-01", _VAULT, True),
        ("func-invoices", _STORAGE, True),
    )
    found = []
    for name, (resource_id, resource_name), managed in names:
        rng = random.Random(f"{seed}/{name}")
        app_id, id, credential_id = new_id(rng), new_id(rng), new_id(rng)
        found.append(Workload(name, app_id, id, credential_id, resource_id, resource_name, managed))
    return found


def new_id(rng: random.Random) -> str:
    """A GUID out of the seeded randomness."""
    return str(uuid.UUID(int=rng.getrandbits(128), version=4))
