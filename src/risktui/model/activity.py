"""Events in brief, as state, timelines and detections remember them."""

from __future__ import annotations

import msgspec

from risktui.model.origin import NO_CLIENT, NO_NETWORK, NOWHERE, Client, Location, Network
from risktui.model.sign_in import Event, Mfa, Result, SignIn


class Activity(msgspec.Struct, frozen=True, array_like=True, gc=False):
    """An event in brief: what state, timelines and detections remember of it."""

    time: int
    id: str
    kind: str = "SignIn"
    """Name of the event's class."""
    operation: str = ""
    user_id: str = ""
    user_principal_name: str = ""
    user_display_name: str = ""
    ip_address: str = ""
    location: Location = NOWHERE
    network: Network = NO_NETWORK
    client: Client = NO_CLIENT
    session_id: str = ""
    correlation_id: str = ""
    app_display_name: str = ""
    outcome: str = ""
    """In words: `signed in`, `password right, MFA not passed (50076)`, `wrong password (50126)`."""
    is_interactive: bool = True
    mfa: Mfa = ""
    token_issuer_type: str = "AzureAD"
    result: Result = "success"
    """What became of a sign-in; anything else that is remembered has succeeded."""
    app_id: str = ""
    """Of the application that acted, where no person did."""

    @property
    def user(self) -> str:
        """The key of the person, as in `Event.user`."""
        return self.user_id or self.user_principal_name


def activity_of(event: Event) -> Activity:
    """`event` in brief."""
    if type(event) is SignIn:
        kind, outcome = "SignIn", outcome_of(event)
        interactive, mfa = event.is_interactive, event.mfa
        issuer, result = event.token_issuer_type, event.result
    else:
        kind = type(event).__name__
        outcome = event.operation or kind
        interactive, mfa, issuer, result = _OF_ANYTHING_ELSE
    return Activity(  # by place, in the order of the fields: by name it takes ten times as long
        event.time,
        event.id,
        kind,
        event.operation,
        event.user_id,
        event.user_principal_name,
        event.user_display_name,
        event.ip_address,
        event.location,
        event.network,
        event.client,
        event.session_id,
        event.correlation_id,
        event.app_display_name,
        outcome,
        interactive,
        mfa,
        issuer,
        result,
        "" if event.actor == "user" else event.app_id,
    )


_OF_ANYTHING_ELSE: tuple[bool, Mfa, str, Result] = (True, "", "AzureAD", "success")
"""What an activity that is no sign-in says of interaction, second factor, issuer and result."""


def outcome_of(event: Event) -> str:
    """What became of `event`, in words a timeline can print."""
    if type(event) is not SignIn:  # `isinstance` takes several times as long to say no
        return event.operation or type(event).__name__
    if event.credentials == "wrong":
        return f"wrong password ({event.error_code})"
    if event.mfa in {"denied", "unanswered", "fraud", "failed"}:
        return f"password right, MFA {event.mfa} ({event.error_code})"
    if not event.error_code and event.result == "success":
        return "signed in"
    if event.error_code in {50072, 50074, 50076, 50079, 50158}:
        return f"password right, MFA not passed ({event.error_code})"
    if event.error_code in {53000, 53001, 53003, 50131}:
        return f"password right, blocked by Conditional Access ({event.error_code})"
    if event.result == "success":
        return "signed in"
    if event.result == "interrupt":
        return f"interrupted ({event.error_code})"
    return f"failed ({event.error_code})"
