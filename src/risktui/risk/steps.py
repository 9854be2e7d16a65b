"""What a person did, one step at a time and in plain words: what the story of a session is told of.

A step says by which ids it belongs to others: session, token, correlation. The id of a token is
that of the sign-in that issued it, only written otherwise.
"""

from __future__ import annotations

import binascii
from collections.abc import Callable
from functools import lru_cache
from typing import Any, Literal, TypeAlias
from uuid import UUID

import msgspec

from risktui.detect import words
from risktui.detect.uses import is_session, token_of
from risktui.model.events import (
    NO_CLIENT,
    NOWHERE,
    AccountChange,
    Activity,
    ApiCall,
    Client,
    CredentialLeak,
    DirectoryChange,
    Event,
    FileAccess,
    Location,
    MailboxRule,
    MailSent,
    PasswordChange,
    ProductAlert,
    SignIn,
    UserReport,
    outcome_of,
)

Kind: TypeAlias = Literal[
    "sign-in",
    "token",
    "api",
    "rule",
    "mail",
    "file",
    "directory",
    "password",
    "account",
    "alert",
    "report",
    "leak",
]
"""What sort of step it is; `token` is a sign-in without the person, by a token they had."""

LONGEST = 200
"""Characters of a step's text; names of files and addresses of calls are as long as others like."""
REMEMBERED = 8_192
"""Different tokens, programs and places that need not be put into words again."""


class Taken(msgspec.Struct, frozen=True, array_like=True, gc=False, kw_only=True):
    """One step as it is kept."""

    user_id: str
    time: int
    event_id: str
    kind: str
    text: str
    place: str = ""
    address: str = ""
    device: str = ""
    session_id: str = ""
    token: str = ""
    """The request id of the sign-in that issued it where that can be read, else as it is."""
    correlation_id: str = ""


def step_of(event: Event) -> Taken | None:
    """`event` as a step of its person; None for what is no step of theirs."""
    known = _TOLD.get(type(event))
    user = event.user_id or event.user_principal_name
    if known is None or not user or event.actor != "user":
        return None
    kind, text = known
    if type(event) is SignIn and not event.is_interactive:
        kind = "token"
    location, client = event.location, event.client
    session, correlation = event.session_id, event.correlation_id
    token = _token(event)
    return Taken(
        user_id=user,
        time=event.time,
        event_id=event.id,
        kind=kind,
        text=text(event)[:LONGEST],
        place=_place(location) if location is not NOWHERE else "",
        address=event.ip_address,
        device=_device(client) if client is not NO_CLIENT else "",
        session_id=session if session and is_session(session) else "",
        token=request_of(token) if token else "",
        correlation_id=correlation if correlation and is_session(correlation) else "",
    )


def step_of_activity(activity: Activity) -> Taken:
    """The same of what a detection remembers of an event."""
    kind = _KINDS.get(activity.kind, "alert")
    if kind == "sign-in" and not activity.is_interactive:
        kind = "token"
    app = f" to {activity.app_display_name}" if activity.app_display_name else ""
    return Taken(
        user_id=activity.user,
        time=activity.time,
        event_id=activity.id,
        kind=kind,
        text=f"{activity.outcome}{app}"[:LONGEST],
        place=_place(activity.location),
        address=activity.ip_address,
        device=_device(activity.client),
        session_id=activity.session_id if is_session(activity.session_id) else "",
        correlation_id=activity.correlation_id,
    )


def request_of(token: str) -> str:
    """The id of the sign-in in a token's id, else the token's id itself.

    Today 22 characters, base64url of the GUID's bytes; before 2023 base64 of its text.
    """
    if not token:
        return ""
    return _request_of(token) if len(token) <= LONGEST else _request_of.__wrapped__(token)


@lru_cache(REMEMBERED)
def _request_of(token: str) -> str:
    padded = token.replace("-", "+").replace("_", "/") + "=" * (-len(token) % 4)
    try:
        raw = binascii.a2b_base64(padded)  # as `base64.urlsafe_b64decode` does at twice the price
        if len(raw) == 16:
            return _guid(raw)
        if len(raw) == 36:
            return str(UUID(raw.decode("ascii")))
    except (binascii.Error, ValueError):
        pass
    return token


def _guid(raw: bytes) -> str:
    """The text of a GUID's 16 bytes, of which the first eight are three numbers, little end first.

    As `UUID(bytes_le=raw)` writes it, at a third of the price.
    """
    digits = (raw[3::-1] + raw[5:3:-1] + raw[7:5:-1] + raw[8:]).hex()
    return f"{digits[:8]}-{digits[8:12]}-{digits[12:16]}-{digits[16:20]}-{digits[20:]}"


def _token(event: Event) -> str:
    if type(event) is ProductAlert:
        return event.request_id  # a verdict on a sign-in belongs to it
    return token_of(event)


@lru_cache(REMEMBERED)
def _device(client: Client) -> str:
    named = client.browser or client.operating_system or client.device_id or client.user_agent
    return words.client(client) if named else ""


@lru_cache(REMEMBERED)
def _place(location: Location) -> str:
    return words.place(location) if location.country_or_region else ""


def _sign_in(event: SignIn) -> str:
    app = event.app_display_name or event.app_id
    to = f" to {app}" if app else ""
    resource = event.resource_display_name
    if resource and resource != app:
        to += f" for {resource}"
    said = outcome_of(event)
    if said == "signed in" and not event.is_interactive:
        said = "used a token"
    protocol = event.authentication_protocol
    by = f" by {protocol}" if protocol not in {"", "none"} else ""
    mfa = {"fresh": ", MFA passed", "claim": ", MFA by an earlier claim"}.get(event.mfa, "")
    return f"{said}{to}{by}{mfa}"


def _directory(event: DirectoryChange) -> str:
    targets = ", ".join(filter(None, event.target_names[:3]))
    on = f": {targets}" if targets else ""
    return f"{event.operation or 'directory change'}{on}{_failed(event.succeeded)}"


def _password(event: PasswordChange) -> str:
    by = f" by {event.initiated_by}" if event.initiated_by else ""
    return f"password set ({event.how}){by}{_failed(event.succeeded)}"


def _account(event: AccountChange) -> str:
    by = f" by {event.initiated_by}" if event.initiated_by else ""
    return f"account {event.what}{by}{_failed(event.succeeded)}"


def _rule(event: MailboxRule) -> str:
    name = f" “{event.rule_name}”" if event.rule_name else ""
    does = []
    if event.forward_to:
        does.append(f"{'redirects' if event.redirects else 'forwards'} to {event.forward_to[0]}")
    if event.delete_message:
        does.append("deletes mail")
    if event.move_to_folder:
        does.append(f"moves mail to {event.move_to_folder}")
    if event.mark_as_read:
        does.append("marks it read")
    if event.keywords:
        does.append(f"where it says {', '.join(event.keywords[:3])}")
    what = f": {', '.join(does)}" if does else ""
    by = f" by {event.initiated_by}" if not event.by_the_person else ""
    return f"inbox rule{name} {event.action}{by}{what}{_failed(event.succeeded)}"


def _mail(event: MailSent) -> str:
    outside = f", {event.external_recipients} outside" if event.external_recipients else ""
    return f"sent a mail to {words.many(event.recipients, 'recipient')}{outside}"


_FILES = {"download": "downloaded", "sync": "synchronised", "preview": "looked at"}
_FILES |= {"change": "changed", "read": "read"}


def _file(event: FileAccess) -> str:
    what = event.item or event.operation or "an item"
    more = f" and {event.count - 1} more" if event.count > 1 else ""
    at = event.site or event.workload
    label = f", labelled {event.label}" if event.label else ""
    return f"{_FILES.get(event.how, event.how)} {what}{more}{f' in {at}' if at else ''}{label}"


def _call(event: ApiCall) -> str:
    uri = event.request_uri.partition("?")[0].removeprefix("https://")  # a query may hold secrets
    app = f" by {event.app_display_name}" if event.app_display_name else ""
    status = f" → {event.response_status_code}" if event.response_status_code else ""
    return f"{event.request_method or 'call'} {uri}{status}{app}"


def _alert(event: ProductAlert) -> str:
    what = event.title or event.risk_event_type or event.category or "alert"
    severity = f" ({event.severity})" if event.severity else ""
    return f"{event.product or 'a product'} says: {what}{severity}"


def _failed(succeeded: bool) -> str:
    return "" if succeeded else ", failed"


_TOLD: dict[type[Event], tuple[Kind, Callable[[Any], str]]] = {
    SignIn: ("sign-in", _sign_in),
    ApiCall: ("api", _call),
    MailboxRule: ("rule", _rule),
    MailSent: ("mail", _mail),
    FileAccess: ("file", _file),
    DirectoryChange: ("directory", _directory),
    PasswordChange: ("password", _password),
    AccountChange: ("account", _account),
    ProductAlert: ("alert", _alert),
    UserReport: ("report", lambda event: f"reported: {event.text or event.operation}"),
    CredentialLeak: ("leak", lambda event: f"password stands in {event.leak or 'a leak'}"),
}
_KINDS = {kind.__name__: name for kind, (name, _) in _TOLD.items()}
