"""Where everything that happens is noted, as events of the model with the truth about places."""

from __future__ import annotations

import base64
import random
import uuid
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, NamedTuple, TypeVar

import msgspec

from risktui.logs.formats.result_codes import result_code
from risktui.model.events import Event, Mfa, SignIn
from simulator.company import Company, Person, new_id
from simulator.machines import Machine
from simulator.networks import Origin

E = TypeVar("E", bound=Event)


class App(NamedTuple):
    """An application and what it opens."""

    id: str
    name: str
    resource: str = "Microsoft Graph"
    client_app: str = "Browser"


_RICH = "Mobile Apps and Desktop clients"
HOME = App("4765445b-32c6-49b0-83e6-1d93765276ca", "OfficeHome")
WEB_MAIL = App("9199bf20-a13f-4107-85dc-02114787ef48", "One Outlook Web", "Exchange Online")
PORTAL = App("c44b4083-3bb0-49c1-b47d-974e53cbdf3c", "Azure Portal", "Azure Management")
TICKETS = App("7b1fbc02-7f43-4d2c-9d0d-61f3c35b7c10", "Ticket Desk", "Ticket Desk")
TIMES = App("21d0a3c2-5b62-47a9-8d52-1d2c4f1b9a77", "Timesheets", "Timesheets")
TEAMS = App("1fec8e78-bce4-4aaf-ab1b-5451cc387264", "Microsoft Teams", "Exchange Online", _RICH)
SYNC = App("ab9b8c07-8f02-4f72-87fa-80105867a763", "OneDrive SyncEngine", "SharePoint", _RICH)
OFFICE = App("d3590ed6-52b3-4102-aeff-aad2292ab01c", "Microsoft Office", "Exchange Online", _RICH)
OUTLOOK = App("27922004-5251-4030-b22d-91ecd9a37ea4", "Outlook Mobile", "Exchange Online", _RICH)
SHELL = App("1b730954-1685-4b74-9bfd-dac224a7b894", "Azure Active Directory PowerShell", "", _RICH)
CLI = App("04b07795-8ddb-461a-bbee-02f9e1bf7b46", "Microsoft Azure CLI", "Azure Management", _RICH)
BROKER = App("29d9ed98-a469-4536-ade2-f981bc1d605e", "Microsoft Authentication Broker", "", _RICH)
IMAP = App("00000002-0000-0ff1-ce00-000000000000", "Exchange Online", "Exchange Online", "IMAP4")
EXCHANGE = App(IMAP.id, "Exchange Online", "Exchange Online", "Other clients")
IN_BROWSER = (HOME, WEB_MAIL, TICKETS, TIMES)
IN_BACKGROUND = (TEAMS, SYNC, OFFICE)


class Outcome(NamedTuple):
    """How a sign-in ends."""

    code: int = 0
    mfa: Mfa = ""
    access: str = "notApplied"
    """What became of Conditional Access: success, failure, notApplied."""


PASSWORD = Outcome()
FRESH = Outcome(0, "fresh", "success")
CLAIM = Outcome(0, "claim", "success")
WRONG = Outcome(50126)
LOCKED = Outcome(50053)
DISABLED = Outcome(50057)
EXPIRED = Outcome(50055)
STAY = Outcome(50140)
MFA_ASKED = Outcome(50076, "", "failure")
MFA_DENIED = Outcome(500121, "denied", "failure")
MFA_IGNORED = Outcome(500121, "unanswered", "failure")
MFA_FRAUD = Outcome(500121, "fraud", "failure")
BLOCKED = Outcome(53003, "", "failure")
SSO_ERRORS = (50008, 75011, 81004, 81009, 500212)
"""An application with a wrong certificate, a machine that is joined to two directories."""


class Presence(NamedTuple):
    """Somebody, or somebody in their name, at a machine on a network."""

    person: Person
    machine: Machine
    origin: Origin


@dataclass
class Journal:
    """All events of a simulation; `others` keeps those of kinds that the logs do not carry yet."""

    company: Company
    events: list[Event] = field(default_factory=list)

    def note(self, event: E) -> E:
        """Keep `event` when it falls into the simulated days."""
        if 0 <= self.company.day_of(event.time) < self.company.days:
            self.events.append(event)
        return event

    def sign_in(
        self,
        rng: random.Random,
        time: int,
        presence: Presence,
        app: App = HOME,
        outcome: Outcome = PASSWORD,
        *,
        session: str = "",
        interactive: bool = True,
        **extra: Any,
    ) -> SignIn:
        """A person, or somebody in their name, signs in."""
        person, machine, origin = presence
        day, code = self.company.day_of(time), result_code(outcome.code)
        request = new_id(rng)
        token = "primaryRefreshToken" if machine.id else "refreshToken"
        fields: dict[str, Any] = {
            "client": machine.client(day, app.client_app, background=not interactive),
            "session_id": session or new_id(rng),
            "correlation_id": new_id(rng),
            "incoming_token_type": "none" if interactive else token,
            "token_issuer_type": "ADFederationServices" if person.issuer else "AzureAD",
            "token_issuer_name": person.issuer,
        } | extra
        multi = outcome.access != "notApplied" or outcome.mfa
        return self.note(
            SignIn(
                **self.who(person, origin),
                **fields,
                time=time,
                id=request,
                app_id=app.id,
                app_display_name=app.name,
                resource_display_name=app.resource,
                operation="Sign-in activity",
                error_code=outcome.code,
                credentials=code.credentials,
                result=code.result,
                is_interactive=interactive,
                mfa=outcome.mfa,
                conditional_access_status=outcome.access,
                authentication_requirement=(
                    "multiFactorAuthentication" if multi else "singleFactorAuthentication"
                ),
                unique_token_identifier=token_of(request),
                home_tenant_id=self._home_tenant(person),
                resource_tenant_id=self.company.tenant_id,
                cross_tenant_access_type="b2bCollaboration" if person.guest else "none",
            )
        )

    def does(
        self,
        kind: type[E],
        rng: random.Random,
        time: int,
        person: Person,
        origin: Origin | None = None,
        **fields: Any,
    ) -> E:
        """Anything else that a person does, or that is done to them."""
        values: Mapping[str, Any] = self.who(person, origin) | fields
        return self.note(kind(time=time, id=new_id(rng), **values))

    def who(self, person: Person, origin: Origin | None) -> dict[str, Any]:
        """The fields that say who and where."""
        who: dict[str, Any] = {
            "tenant_id": self.company.tenant_id,
            "user_id": person.id,
            "user_principal_name": person.upn,
            "user_display_name": person.name,
            "user_type": "guest" if person.guest else "member",
        }
        if origin is None:
            return who
        return who | {
            "ip_address": origin.address,
            "location": origin.location,
            "network": origin.network,
        }

    def of(self, person: Person) -> list[Event]:
        """What happened to `person` so far, in order."""
        mine = [event for event in self.events if event.user_id == person.id]
        return sorted(mine, key=lambda event: event.order)

    def _home_tenant(self, person: Person) -> str:
        if not person.guest:
            return self.company.tenant_id
        return str(uuid.uuid5(uuid.NAMESPACE_DNS, "partner.example"))


def token_of(request_id: str) -> str:
    """The request's id as `uniqueTokenIdentifier` carries it: its bytes in base64url."""
    raw = uuid.UUID(request_id).bytes_le
    return base64.urlsafe_b64encode(raw).decode().rstrip("=")


def moved(event: E, **fields: Any) -> E:
    """A copy of `event` with other values."""
    return msgspec.structs.replace(event, **fields)
