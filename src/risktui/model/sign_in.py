"""What every event carries, and what is said of an attempt to sign in."""

from __future__ import annotations

from typing import Literal, TypeAlias

import msgspec

from risktui.model.origin import NO_CLIENT, NO_NETWORK, NOWHERE, Client, Location, Network

Credentials: TypeAlias = Literal["ok", "probable", "wrong", "unknown", "none"]
"""Was the password right? `probable`: the account is disabled, so the product may not have looked;
`none`: the attempt was not about a password (a token, single sign-on)."""

Result: TypeAlias = Literal["success", "failure", "interrupt"]
"""`interrupt`: the sign-in goes on after a step (MFA, consent, keep-me-signed-in)."""

Mfa: TypeAlias = Literal["", "fresh", "claim", "denied", "unanswered", "failed", "fraud"]
"""`fresh`: passed now; `claim`: an earlier pass, satisfied by a claim in the token; `fraud`: denied
and reported by the user; "": no second factor in this sign-in."""

Actor: TypeAlias = Literal["user", "servicePrincipal", "managedIdentity", "system"]


class Event(msgspec.Struct, kw_only=True, array_like=True, tag=True, gc=False):
    """What every event carries; `order` is its place in the total order."""

    time: int
    """When it happened (ms UTC); never when it was delivered."""
    id: str
    """The source's own id of the record; the same record read twice has the same id."""
    sequence: int = 0
    """0 for what a log says; counts up for what an observer derives from it."""
    source: str = ""
    """The format that produced it, as in `risktui formats`."""
    tenant_id: str = ""
    actor: Actor = "user"
    user_id: str = ""
    """Object id, lower case; the person this event is about."""
    user_principal_name: str = ""
    """Casefolded."""
    user_display_name: str = ""
    user_type: str = ""
    """member or guest."""
    ip_address: str = ""
    """Canonical text of the address, without port; "" where the record has none that is valid."""
    location: Location = NOWHERE
    network: Network = NO_NETWORK
    client: Client = NO_CLIENT
    session_id: str = ""
    correlation_id: str = ""
    app_id: str = ""
    app_display_name: str = ""
    resource_display_name: str = ""
    operation: str = ""
    """The source's own name of the act: `Sign-in activity`, `New-InboxRule`."""
    aliases: tuple[str, ...] = ()
    """Further ids of the person besides object id and principal name: `puid:10032001020a3408`."""
    coarse: int = 0
    """How much later than `time` it may have happened (ms): 999 where a source cuts seconds."""

    @property
    def user(self) -> str:
        """The key of the person: the object id where it is known, else the principal name."""
        return self.user_id or self.user_principal_name

    @property
    def order(self) -> tuple[int, str, int]:
        """The place of this event in the total order.

        Of two records of one second the one that tells more exactly when comes first.
        """
        return self.time + self.coarse, self.id, self.sequence

    @property
    def by_the_person(self) -> bool:
        """Whether the person did it: address and client are theirs, not an administrator's."""
        return self.actor == "user"


class SignIn(Event, kw_only=True, array_like=True, tag=True, gc=False):
    """An attempt to sign in, interactive or not, that succeeded, failed or was interrupted."""

    error_code: int = 0
    failure_reason: str = ""
    additional_details: str = ""
    credentials: Credentials = "unknown"
    result: Result = "success"
    is_interactive: bool = True
    mfa: Mfa = ""
    authentication_requirement: str = ""
    authentication_protocol: str = ""
    conditional_access_status: str = ""
    incoming_token_type: str = ""
    token_issuer_type: str = "AzureAD"
    token_issuer_name: str = ""
    unique_token_identifier: str = ""
    home_tenant_id: str = ""
    resource_tenant_id: str = ""
    cross_tenant_access_type: str = ""
    service_principal_id: str = ""
    service_principal_name: str = ""
    provider_risk_level: str = ""
    provider_risk_state: str = ""
    provider_risk_event_types: tuple[str, ...] = ()
    applied_risk_policies: tuple[str, ...] = ()
    """Conditional Access policies on the sign-in's risk whose second factor was passed."""
    resource_id: str = ""
    """Application id of what the sign-in is for."""
    passwordless: bool = False
    """Whether the first factor was no password: a key, a certificate, the phone."""
    credential_key_id: str = ""
    """Which secret or certificate an application has proved itself by."""
    applied_user_risk_policies: tuple[str, ...] = ()
    """Conditional Access policies on the user's risk that asked for a new password."""
    of_federation: bool = False
    """Written by the federation service when it issued the token, not by the cloud."""

    @property
    def password_was_right(self) -> bool:
        """Gate G1: the product only judges attempts with correct credentials."""
        return self.credentials in {"ok", "probable"}
