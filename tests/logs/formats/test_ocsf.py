from __future__ import annotations

from typing import Any

import pytest

from logs.product_samples import event_of, events_of, owner, place, refusal_of, said
from risktui.model.events import AccountChange, Client, PasswordChange, ProductAlert, SignIn

USER = {"name": "Alice", "email_addr": "Alice@Contoso.com", "uid": "00u1", "type_id": 1}
ADMIN = {"name": "ada@contoso.com", "uid": "00u2", "type_id": 2}


def logon(**more: Any) -> dict[str, Any]:
    """Alice signs in."""
    return {
        "class_uid": 3002,
        "activity_id": 1,
        "activity_name": "Logon",
        "time": 1740992400000,
        "status_id": 1,
        "user": USER,
        "is_mfa": True,
        "auth_protocol": "SAML",
        "session": {"uid": "s-1"},
        "service": {"name": "Shop", "uid": "APP"},
        "src_endpoint": {
            "ip": "203.0.113.7",
            "location": {"city": "Berlin", "country": "DE", "coordinates": [13.4, 52.5]},
            "autonomous_system": {"number": 64500, "name": "Edo Fibre"},
        },
        "http_request": {"user_agent": "Mozilla/5.0"},
        "device": {"uid": "D-1", "name": "laptop", "os": {"name": "Windows 11"}},
        "metadata": {
            "uid": "e-1",
            "correlation_uid": "c-1",
            "tenant_uid": "T-1",
            "product": {"name": "Okta", "vendor_name": "Okta"},
            "version": "1.5.0",
        },
    } | more


def change(activity_id: int, **more: Any) -> dict[str, Any]:
    """Ada changes Alice's account."""
    return logon(class_uid=3001, activity_id=activity_id, actor={"user": ADMIN}, **more)


def test_a_sign_in_says_everything() -> None:
    assert said(event_of(logon())) == {
        "kind": "SignIn",
        "time": 1740992400000,
        "id": "e-1",
        "source": "ocsf",
        "tenant_id": "t-1",
        "user_principal_name": "alice@contoso.com",
        "user_display_name": "Alice",
        "ip_address": "203.0.113.7",
        "location": place("DE", "", "Berlin", 52.5, 13.4),
        "network": owner(64500, "Edo Fibre"),
        "client": Client(
            user_agent="Mozilla/5.0",
            operating_system="Windows 11",
            device_id="d-1",
            device_name="laptop",
        ),
        "session_id": "s-1",
        "correlation_id": "c-1",
        "app_id": "app",
        "app_display_name": "Shop",
        "operation": "Logon",
        "credentials": "ok",
        "mfa": "fresh",
        "authentication_protocol": "SAML",
        "token_issuer_type": "UnknownFutureValue",
    }


@pytest.mark.parametrize(
    ("more", "expected"),
    [
        ({"is_mfa": False}, ("ok", "success", "", 0)),
        ({"status_id": 2, "status_code": "50126"}, ("wrong", "failure", "", 50126)),
        ({"status_id": 2, "status_detail": "Invalid Password"}, ("wrong", "failure", "", 50126)),
        ({"status_id": 2, "status_detail": "OTP wrong"}, ("probable", "failure", "failed", 500121)),
        ({"status_id": 2}, ("unknown", "failure", "", -1)),
        ({"status_id": None, "status": "Success", "is_mfa": None}, ("ok", "success", "", 0)),
    ],
)
def test_status_tells_of_password_and_factor(
    more: dict[str, Any], expected: tuple[str, str, str, int]
) -> None:
    event = event_of(logon(**more))
    assert isinstance(event, SignIn)
    assert (event.credentials, event.result, event.mfa, event.error_code) == expected


def test_a_user_of_entras_keeps_the_object_id() -> None:
    guid = "57E4BD36-0000-4000-8000-000000000001"
    product = {"product": {"name": "Entra ID", "vendor_name": "Microsoft"}}
    assert event_of(logon(user=USER | {"uid": guid}, metadata=product)).user == guid.lower()


def test_who_is_no_person() -> None:
    assert event_of(logon(user={"name": "backup", "type_id": 4})).actor == "servicePrincipal"


def test_an_account_that_somebody_disabled() -> None:
    disabled, deed = events_of(change(5))
    assert isinstance(disabled, AccountChange)
    assert (disabled.user, disabled.what, disabled.initiated_by) == (
        "alice@contoso.com",
        "disabled",
        "ada@contoso.com",
    )
    assert (deed.user, deed.id) == ("ada@contoso.com", "e-1:by")


def test_passwords_are_changed_by_oneself_and_reset_by_others() -> None:
    own = event_of(change(3) | {"actor": None})
    others = events_of(change(4))[0]
    assert isinstance(own, PasswordChange)
    assert isinstance(others, PasswordChange)
    assert (own.how, others.how) == ("change", "admin reset")


def finding(**more: Any) -> dict[str, Any]:
    """A product found something about Alice."""
    return {
        "class_uid": 2004,
        "activity_id": 1,
        "time": 1740992700000,
        "severity_id": 4,
        "finding_info": {
            "uid": "f-1",
            "title": "Console access from Tor",
            "types": ["UnauthorizedAccess"],
            "first_seen_time": 1740992400000,
        },
        "evidences": [{"actor": {"user": USER}, "src_endpoint": {"ip": "203.0.113.7"}}],
        "metadata": {"uid": "e-2", "product": {"name": "GuardDuty", "vendor_name": "AWS"}},
    } | more


def test_a_finding_is_an_alert_about_each_user() -> None:
    event = event_of(finding())
    assert isinstance(event, ProductAlert)
    assert said(event) == {
        "kind": "ProductAlert",
        "time": 1740992400000,
        "id": "e-2:alice@contoso.com",
        "source": "ocsf",
        "user_principal_name": "alice@contoso.com",
        "user_display_name": "Alice",
        "ip_address": "203.0.113.7",
        "operation": "finding",
        "product": "AWS GuardDuty",
        "title": "Console access from Tor",
        "severity": "high",
        "category": "UnauthorizedAccess",
        "alert_id": "f-1",
        "detected_at": 1740992700000,
        "about": "user",
    }


def test_what_is_not_read_says_why() -> None:
    own = {"uid": "x", "product": {"name": "risktui"}}
    for record, reason in (
        (logon(class_uid=4003), "ocsf: class 4003 is not read"),
        (logon(activity_id=2), "ocsf: authentication activity 2, no sign-in"),
        (finding(evidences=[]), "ocsf: a finding about no user: AWS GuardDuty"),
        (finding(metadata=own), "ocsf: a finding of risktui's own"),
    ):
        assert refusal_of(record).reason == reason
    assert refusal_of(logon(time="soon")).broken
