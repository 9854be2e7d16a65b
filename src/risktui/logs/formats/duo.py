"""Duo's authentication log, and what its administrators' log says of people."""

from __future__ import annotations

from typing import Any

import msgspec

from risktui.logs.formats.elsewhere import (
    BLOCKED_AFTER_PASSWORD,
    BLOCKED_DEVICE,
    DISABLED,
    FAILED,
    LOCKED,
    MFA_DENIED,
    MFA_FAILED,
    MFA_FRAUD,
    MFA_TO_ENROL,
    MFA_UNANSWERED,
    SIGNED_IN,
    SIGNED_IN_WITH_MFA,
    Outcome,
    actor_of,
    first_time,
    known,
    person,
    program,
    spot,
)
from risktui.logs.formats.fields import embedded, record_id, text, typed
from risktui.logs.formats.registry import Format, NotRead, Reading
from risktui.model.addresses import canonical_address
from risktui.model.events import DirectoryChange, Event, SignIn, UserReport

FRAUD = "user_marked_fraud"

REFUSALS: dict[str, Outcome] = {
    FRAUD: MFA_FRAUD,
    "user_mistake": MFA_DENIED,
    "user_cancelled": MFA_DENIED,
    "no_response": MFA_UNANSWERED,
    "no_keys_pressed": MFA_UNANSWERED,
    "call_timed_out": MFA_UNANSWERED,
    "user_disabled": DISABLED,
    "locked_out": LOCKED,
    "frequent_attempts": LOCKED,
    "deny_unenrolled_user": MFA_TO_ENROL,
    "location_restricted": BLOCKED_AFTER_PASSWORD,
    "factor_restricted": BLOCKED_AFTER_PASSWORD,
    "anonymous_ip": BLOCKED_AFTER_PASSWORD,
    "denied_by_policy": BLOCKED_AFTER_PASSWORD,
    "denied_network": BLOCKED_AFTER_PASSWORD,
    "platform_restricted": BLOCKED_DEVICE,
    "version_restricted": BLOCKED_DEVICE,
    "software_restricted": BLOCKED_DEVICE,
    "out_of_date": BLOCKED_DEVICE,
    "rooted_device": BLOCKED_DEVICE,
    "no_screen_lock": BLOCKED_DEVICE,
    "no_disk_encryption": BLOCKED_DEVICE,
    "no_duo_certificate_present": BLOCKED_DEVICE,
    "invalid_device": BLOCKED_DEVICE,
    "could_not_determine_if_endpoint_was_trusted": BLOCKED_DEVICE,
}
"""`reason` of a denied authentication; `invalid_passcode` and its kin are failed factors.

Duo is asked after the password was checked, but does not see it: credentials are probable.
"""
WITHOUT_FACTOR = {
    *("allow_unenrolled_user", "bypass_user", "trusted_network", "trusted_location"),
    *("allowed_by_policy", "allow_unenrolled_user_on_trusted_network"),
}
"""`reason` of a success for which nobody was asked."""
REMEMBERED = {"remembered_device"}


class _Place(msgspec.Struct, gc=False):
    city: str | None = None
    state: str | None = None
    country: str | None = None


class _Device(msgspec.Struct, gc=False):
    ip: str | None = None
    os: str | None = None
    os_version: str | None = None
    browser: str | None = None
    hostname: str | None = None
    epkey: str | None = None
    location: _Place | None = None


class _Name(msgspec.Struct, gc=False):
    key: str | None = None
    name: str | None = None


class _Raw(msgspec.Struct, gc=False):
    txid: str | None = None
    isotimestamp: str | None = None
    timestamp: str | float | None = None
    event_type: str | None = None
    eventtype: str | None = None
    result: str | None = None
    reason: str | None = None
    factor: str | None = None
    email: str | None = None
    user: _Name | None = None
    username: str | None = None
    application: _Name | None = None
    access_device: _Device | None = None
    auth_device: _Device | None = None
    action: str | None = None
    object: str | None = None
    description: str | None = None


_exact = msgspec.json.Decoder(_Raw, strict=False).decode


def read(record: bytes) -> Reading | None:
    """What `record` tells; None where it is not from Duo."""
    raw = typed(record, _Raw, _exact)
    kind = text(raw.event_type or raw.eventtype).casefold()
    authenticates = raw.access_device is not None and bool(raw.result)
    administers = bool(raw.action) and raw.username is not None and raw.isotimestamp is not None
    if not authenticates and not administers:
        return None
    time = first_time(raw.isotimestamp, raw.timestamp)
    if time is None:
        return NotRead("duo: no readable time in isotimestamp and timestamp", broken=True)
    if not authenticates:
        return _administration(time, raw, record)
    if kind == "enrollment":
        return NotRead("duo: an enrollment is not read")
    return _authentication(time, raw, record)


def _authentication(time: int, raw: _Raw, record: bytes) -> list[Event]:
    result, reason = text(raw.result).casefold(), text(raw.reason).casefold()
    common = _common(time, raw, record)
    application = raw.application or _Name()
    login = _login(raw)
    sign_in = SignIn(
        **common,
        **person(login, None, "duo", raw.user.key if raw.user else None),
        **_outcome(result, reason).fields(raw.reason),
        actor=actor_of(login),
        operation="authentication",
        app_id=known(application.key).lower(),
        app_display_name=known(application.name),
        additional_details=known(raw.factor),
        authentication_requirement="" if reason in WITHOUT_FACTOR else "multiFactorAuthentication",
    )
    if result != "fraud" and reason != FRAUD:
        return [sign_in]
    report = UserReport(
        **common | {"id": f"{sign_in.id}:report"},
        user_id=sign_in.user_id,
        user_principal_name=sign_in.user_principal_name,
        operation="authentication",
        text=f"marked as fraud: {sign_in.app_display_name or 'a Duo prompt'}",
    )
    return [sign_in, report]


def _login(raw: _Raw) -> str | None:
    """The e-mail address where there is one: a Duo name may be a short one."""
    name = raw.user.name if raw.user else raw.username
    return name if name and "@" in name else known(raw.email) or name


def _common(time: int, raw: _Raw, record: bytes) -> dict[str, Any]:
    device = raw.access_device or _Device()
    place = device.location or _Place()
    system = f"{known(device.os)} {known(device.os_version)}".strip()
    return {
        "time": time,
        "id": record_id(known(raw.txid), record),
        "source": FORMAT.name,
        "ip_address": canonical_address(device.ip),
        "location": spot(place.country, place.state, place.city),
        "client": program(None, device.browser, system, (device.epkey, device.hostname)),
    }


def _outcome(result: str, reason: str) -> Outcome:
    if result in {"success", "allow", "allowed"}:
        if reason in WITHOUT_FACTOR:
            return SIGNED_IN
        return Outcome(0, "claim") if reason in REMEMBERED else SIGNED_IN_WITH_MFA
    if result == "fraud":
        return MFA_FRAUD
    if result == "error":
        return FAILED
    return REFUSALS.get(reason, MFA_FAILED)


def _administration(time: int, raw: _Raw, record: bytes) -> Reading:
    action = text(raw.action)
    details = embedded(raw.description) if raw.description else None
    details = details if isinstance(details, dict) else {}
    common: dict[str, Any] = {
        "time": time,
        "id": record_id(None, record),
        "source": FORMAT.name,
        "operation": action,
        "ip_address": canonical_address(details.get("ip_address")),
    }
    email = details.get("email") if action.startswith("admin_login") else None
    login = email if isinstance(email, str) else raw.username
    who = person(login, raw.username)
    actor = "system" if text(raw.username).casefold() in {"system", "api"} else actor_of(login)
    if action.casefold() in {"admin_login", "admin_login_error"}:
        failed = action.casefold() == "admin_login_error"
        outcome = (FAILED if failed else SIGNED_IN_WITH_MFA).fields(text(raw.description))
        return [SignIn(**common, **who, **outcome, actor=actor, app_display_name="Duo Admin Panel")]
    target = known(raw.object)
    return [
        DirectoryChange(
            **common,
            **who,
            actor=actor,
            category="Duo administration",
            succeeded=not action.casefold().endswith(("error", "lockout")),
            target_names=(target.casefold() if "@" in target else target,) if target else (),
            changes=tuple(
                (text(str(key)), "", text(str(value)))
                for key, value in sorted(details.items())[:16]
                if isinstance(value, str | int | float)
            ),
        )
    ]


FORMAT = Format(
    name="duo",
    hints=(b'"access_device"', b'"isotimestamp"'),
    read=read,
)
