"""OneLogin's events, as its API and its webhooks give them."""

from __future__ import annotations

from typing import Any, Literal

import msgspec

from risktui.logs.formats.elsewhere import (
    LOCKED,
    SIGNED_IN,
    WRONG_PASSWORD,
    Outcome,
    actor_of,
    deed,
    first_time,
    known,
    person,
    program,
)
from risktui.logs.formats.fields import record_id, text, typed
from risktui.logs.formats.registry import Format, NotRead, Reading
from risktui.model.addresses import canonical_address
from risktui.model.events import AccountChange, DirectoryChange, PasswordChange, SignIn

SIGN_INS: dict[int, tuple[str, Outcome]] = {
    5: ("USER_LOGGED_INTO_ONELOGIN", SIGNED_IN),
    6: ("USER_FAILED_ONELOGIN_LOGIN", WRONG_PASSWORD),
    8: ("USER_LOGGED_INTO_APP", SIGNED_IN),
    19: ("USER_LOCKED", LOCKED),
}
ACCOUNT_CHANGES: dict[int, tuple[str, Literal["created", "disabled", "deleted"]]] = {
    13: ("CREATED_USER", "created"),
    15: ("DEACTIVATED_USER", "disabled"),
    17: ("DELETED_USER", "deleted"),
    551: ("SUSPENDED_USER_VIA_API", "disabled"),
}
PASSWORD = 11
CHANGES = {
    3: "USER_ASSUMED_USER",
    4: "USER_ASSIGNED_ROLE",
    12: "UNLOCKED_USER",
    24: "USER_REMOVED_OTP_DEVICE",
    532: "LOCKED_USER_VIA_API",
    553: "LOCKED_USER_VIA_API",
    72: "PRIVILEGE_GRANTED",
}
"""Ids and names of the event types that are read; the API's list of types has many more."""


class _Raw(msgspec.Struct, gc=False):
    id: str | None = None
    uuid: str | None = None
    event_type_id: int | None = None
    created_at: str | float | None = None
    event_timestamp: str | float | None = None
    account_id: str | None = None
    user_id: str | None = None
    user_name: str | None = None
    actor_user_id: str | None = None
    actor_user_name: str | None = None
    login_name: str | None = None
    ipaddr: str | None = None
    user_agent: str | None = None
    app_id: str | None = None
    app_name: str | None = None
    role_name: str | None = None
    privilege_name: str | None = None
    error_description: str | None = None
    resolution: str | None = None
    risk_score: int | None = None
    mfa_device_type: str | None = None
    otp_device_name: str | None = None


_exact = msgspec.json.Decoder(_Raw, strict=False).decode


def read(record: bytes) -> Reading | None:
    """What `record` tells; None where it is no event of OneLogin."""
    raw = typed(record, _Raw, _exact)
    kind = raw.event_type_id
    if kind is None or (raw.user_id is None and raw.user_name is None and raw.account_id is None):
        return None
    is_read = kind in SIGN_INS or kind in ACCOUNT_CHANGES or kind in CHANGES or kind == PASSWORD
    if not is_read:
        return NotRead(f"onelogin: event type {kind} is not read")
    time = first_time(raw.created_at, raw.event_timestamp)
    if time is None:
        return NotRead("onelogin: no readable time in created_at", broken=True)
    common: dict[str, Any] = {
        "time": time,
        "id": record_id(known(raw.uuid) or known(raw.id), record),
        "source": FORMAT.name,
        "tenant_id": known(raw.account_id).lower(),
        "ip_address": canonical_address(raw.ipaddr),
        "client": program(raw.user_agent),
    }
    if kind in SIGN_INS:
        name, outcome = SIGN_INS[kind]
        return [_sign_in(common | {"operation": name}, outcome, raw)]
    return _changes(kind, common, raw)


def _user(raw: _Raw) -> dict[str, Any]:
    """The user an event is about; OneLogin knows people by a number and a full name."""
    login = raw.login_name if known(raw.login_name) else raw.user_name
    return person(login, raw.user_name, "onelogin", raw.user_id)


def _doer(raw: _Raw) -> dict[str, Any]:
    if raw.actor_user_id is None and raw.actor_user_name is None:
        return _user(raw)
    return person(raw.actor_user_name, raw.actor_user_name, "onelogin", raw.actor_user_id)


def _sign_in(common: dict[str, Any], outcome: Outcome, raw: _Raw) -> SignIn:
    factor = known(raw.mfa_device_type) or known(raw.otp_device_name)
    fields = outcome.fields(raw.error_description)
    if factor and outcome is SIGNED_IN:
        fields["mfa"] = "fresh"
    return SignIn(
        **common,
        **_user(raw),
        **fields,
        actor=actor_of(raw.user_name),
        app_id=known(raw.app_id).lower(),
        app_display_name=known(raw.app_name) or "OneLogin",
        additional_details=text(raw.resolution),
        is_interactive=raw.event_type_id != 8,
    )


def _changes(kind: int, common: dict[str, Any], raw: _Raw) -> Reading:
    by = _doer(raw)
    initiated_by = by["user_principal_name"] or by["user_id"]
    target = known(raw.user_name)
    said = known(raw.role_name) or known(raw.privilege_name)
    name = CHANGES.get(kind) or ACCOUNT_CHANGES.get(kind, ("USER_CHANGED_PASSWORD", ""))[0]
    common["operation"] = name
    change = DirectoryChange(
        **common,
        **by,
        actor=actor_of(raw.actor_user_name),
        category="OneLogin",
        target_ids=(_user(raw)["user_id"],),
        target_names=(target,),
        target_types=("User",),
        changes=(("role", "", said),) if said else (),
    )
    if kind in ACCOUNT_CHANGES:
        what = ACCOUNT_CHANGES[kind][1]
        account = AccountChange(**common, **_user(raw), what=what, initiated_by=initiated_by)
        return [account, *deed(change, account)]
    if kind == PASSWORD:
        by_self = by == _user(raw)
        how: Literal["change", "admin reset"] = "change" if by_self else "admin reset"
        password = PasswordChange(**common, **_user(raw), how=how, initiated_by=initiated_by)
        return [password, *deed(change, password)]
    return [change]


FORMAT = Format(
    name="onelogin",
    hints=(b'"event_type_id"',),
    read=read,
)
