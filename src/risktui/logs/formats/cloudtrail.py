"""AWS CloudTrail: sign-ins to the console and to IAM Identity Center.

Also as the lookup API gives them, with the record as JSON in `CloudTrailEvent`.
"""

from __future__ import annotations

from typing import Any

import msgspec

from risktui.logs.formats.elsewhere import (
    FAILED,
    MFA_FAILED,
    NO_SUCH_USER,
    SIGNED_IN,
    SIGNED_IN_WITH_MFA,
    WRONG_PASSWORD,
    Outcome,
    first_time,
    known,
    person,
    program,
)
from risktui.logs.formats.fields import lenient, record_id, text, typed
from risktui.logs.formats.registry import Format, NotRead, Reading
from risktui.model.addresses import canonical_address
from risktui.model.events import SignIn

HIDDEN = "hidden_due_to_security_reasons"
"""What stands for a name that does not exist: it may be a password typed into the wrong field."""

SIGN_INS = ("ConsoleLogin", "CheckMfa", "UserAuthentication")


class _Identity(msgspec.Struct, rename="camel", gc=False):
    type: str | None = None
    arn: str | None = None
    user_name: str | None = None
    principal_id: str | None = None
    account_id: str | None = None


class _Response(msgspec.Struct, gc=False):
    ConsoleLogin: str | None = None
    CheckMfa: str | None = None


class _Service(msgspec.Struct, gc=False):
    UserAuthentication: str | None = None


class _Additional(msgspec.Struct, gc=False):
    MFAUsed: str | None = None
    LoginTo: str | None = None
    SamlProviderArn: str | None = None
    UserName: str | None = None
    CredentialType: str | None = None


class _Raw(msgspec.Struct, rename="camel", gc=False):
    event_id: str | None = msgspec.field(name="eventID", default=None)
    event_time: str | float | None = None
    event_name: str | None = None
    event_source: str | None = None
    recipient_account_id: str | None = None
    source_ip_address: str | None = msgspec.field(name="sourceIPAddress", default=None)
    user_agent: str | None = None
    user_identity: _Identity | None = None
    error_message: str | None = None
    response_elements: _Response | None = None
    additional_event_data: _Additional | None = None
    service_event_details: _Service | None = None
    looked_up: str | None = msgspec.field(name="CloudTrailEvent", default=None)


_exact = msgspec.json.Decoder(_Raw, strict=False).decode


def read(record: bytes) -> Reading | None:
    """The sign-in in `record`; None where it is no CloudTrail record."""
    raw = typed(record, _Raw, _exact)
    if raw.looked_up:
        raw = lenient(_Raw, raw.looked_up)
    source, name = text(raw.event_source), text(raw.event_name)
    if not source.endswith(".amazonaws.com") or not name:
        return None
    if name not in SIGN_INS:
        return NotRead(f"aws cloudtrail: {source} {name} is no sign-in")
    time = first_time(raw.event_time)
    if time is None:
        return NotRead("aws cloudtrail: no readable time in eventTime", broken=True)
    return [_sign_in(time, name, raw, record)]


def _sign_in(time: int, name: str, raw: _Raw, record: bytes) -> SignIn:
    more = raw.additional_event_data or _Additional()
    account = known(raw.recipient_account_id)
    return SignIn(
        time=time,
        coarse=999,
        id=record_id(known(raw.event_id), record),
        source=FORMAT.name,
        tenant_id=account.lower(),
        operation=name,
        ip_address=canonical_address(raw.source_ip_address),
        client=program(raw.user_agent),
        app_display_name="AWS IAM Identity Center"
        if name == "UserAuthentication"
        else "AWS Management Console",
        authentication_protocol="saml" if more.SamlProviderArn else "",
        **_who(raw, more, account),
        **_outcome(name, raw, more).fields(raw.error_message),
    )


def _who(raw: _Raw, more: _Additional, account: str) -> dict[str, Any]:
    """The person: by an e-mail address where the session or the user has one, else by the ARN."""
    identity = raw.user_identity or _Identity()
    arn, login = known(identity.arn), known(identity.user_name) or known(more.UserName)
    if text(identity.type).casefold() in {"awsservice", "awsaccount"}:
        return {"actor": "system"}
    if login.casefold() == HIDDEN:
        return {}
    session = arn.rpartition("/")[2]
    if "@" in session and "@" not in login:
        login = session
    if not arn and login:
        kind = "root" if text(identity.type).casefold() == "root" else f"user/{login}"
        arn = f"arn:aws:iam::{known(identity.account_id) or account}:{kind}"
    return person(login or session, None, id=arn)


def _outcome(name: str, raw: _Raw, more: _Additional) -> Outcome:
    response, service = raw.response_elements, raw.service_event_details
    if name == "CheckMfa":
        passed = text(response.CheckMfa if response else None).casefold() == "success"
        return SIGNED_IN_WITH_MFA if passed else MFA_FAILED
    if name == "UserAuthentication":
        passed = text(service.UserAuthentication if service else None).casefold() == "success"
        with_password = text(more.CredentialType).casefold() in {"password", "external_idp", ""}
        if passed:
            return SIGNED_IN if with_password else SIGNED_IN_WITH_MFA
        return WRONG_PASSWORD if with_password else MFA_FAILED
    with_mfa = text(more.MFAUsed).casefold() == "yes"
    result = text(response.ConsoleLogin if response else None).casefold()
    if result == "success":
        return SIGNED_IN_WITH_MFA if with_mfa else SIGNED_IN
    if result != "failure":
        return FAILED
    if "no username found" in text(raw.error_message).casefold():
        return NO_SUCH_USER
    return MFA_FAILED if with_mfa else WRONG_PASSWORD


FORMAT = Format(
    name="aws cloudtrail",
    hints=(b".amazonaws.com",),
    read=read,
)
