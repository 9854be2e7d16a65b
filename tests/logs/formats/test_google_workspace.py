from __future__ import annotations

from typing import Any

import pytest

from logs.product_samples import event_of, events_of, records_of, refusal_of, said
from risktui.model.events import (
    AccountChange,
    MailboxRule,
    PasswordChange,
    ProductAlert,
    SignIn,
)


def test_a_wrong_password() -> None:
    record = records_of("google_workspace/gws_reports_admin.ndjson")[0]
    event = event_of(record)
    assert said(event) == {
        "kind": "SignIn",
        "time": 1665536735119,
        "id": "1665536735119:720229394436:login_failure",
        "source": "google workspace",
        "tenant_id": "c046r85ir",
        "user_principal_name": "user29@daftpunk.com",
        "ip_address": "141.254.89.27",
        "app_display_name": "Google Workspace",
        "operation": "login_failure",
        "error_code": 50126,
        "failure_reason": "wrong user name or password",
        "additional_details": "password",
        "credentials": "wrong",
        "result": "failure",
        "authentication_protocol": "unknown",
        "token_issuer_type": "UnknownFutureValue",
    }


def test_a_log_in() -> None:
    record = records_of("google_workspace/gws_reports_admin.ndjson")[1]
    event = event_of(record)
    assert said(event) == {
        "kind": "SignIn",
        "time": 1665694655833,
        "id": "1665694655833:437744618349:login_success",
        "source": "google workspace",
        "tenant_id": "c046r85ir",
        "user_principal_name": "user1@splunkresearch.com",
        "ip_address": "45.23.129.123",
        "app_display_name": "Google Workspace",
        "operation": "login_success",
        "additional_details": "password",
        "credentials": "ok",
        "authentication_protocol": "google_password",
        "token_issuer_type": "UnknownFutureValue",
    }


def test_lifted_fields_are_read_as_well() -> None:
    record = records_of("google_workspace/google_workspace_apps_marketplace_allowlist.ndjson")[0]
    event = event_of(record)
    assert said(event) == {
        "kind": "DirectoryChange",
        "time": 1672353764467,
        "id": "1672353764467:517500000000000000:recovery_email_edit",
        "source": "google workspace",
        "tenant_id": "c00000000",
        "user_principal_name": "user@example.io",
        "ip_address": "2600:2600:2600:2600:2600:2600:2600:2600",
        "operation": "recovery_email_edit",
        "category": "recovery_info_change",
    }


def activity(name: str, application: str = "login", **parameters: Any) -> dict[str, Any]:
    """Alice does `name`, as the Reports API tells it."""
    return {
        "kind": "admin#reports#activity",
        "id": {
            "time": "2025-03-03T09:00:00.000Z",
            "uniqueQualifier": "1",
            "applicationName": application,
            "customerId": "C1",
        },
        "actor": {"email": "Alice@Contoso.com", "profileId": "11"},
        "ipAddress": "203.0.113.7",
        "events": [
            {
                "type": "login",
                "name": name,
                "parameters": [{"name": key} | value for key, value in parameters.items()],
            }
        ],
    }


METHODS = {"multiValue": ["password", "google_prompt"]}


@pytest.mark.parametrize(
    ("name", "parameters", "expected"),
    [
        ("login_success", {}, ("ok", "success", "")),
        ("login_success", {"login_challenge_method": METHODS}, ("ok", "success", "fresh")),
        ("login_failure", {}, ("wrong", "failure", "")),
        ("login_failure", {"login_challenge_method": METHODS}, ("probable", "failure", "failed")),
        (
            "login_failure",
            {"login_failure_type": {"value": "login_failure_account_disabled"}},
            ("probable", "failure", ""),
        ),
        (
            "login_verification",
            {"login_challenge_status": {"value": "Challenge Failed."}},
            ("probable", "failure", "failed"),
        ),
    ],
)
def test_a_log_ins_outcome(
    name: str, parameters: dict[str, Any], expected: tuple[str, str, str]
) -> None:
    (event,) = events_of(activity(name, **parameters))
    assert isinstance(event, SignIn)
    assert (event.credentials, event.result, event.mfa) == expected


def test_what_google_finds_suspicious_stays_on_the_sign_in() -> None:
    (event,) = events_of(activity("login_success", is_suspicious={"boolValue": True}))
    assert isinstance(event, SignIn)
    assert event.provider_risk_event_types == ("suspiciousLogin",)


def test_an_account_disabled_for_a_leak_is_an_alert_and_a_change() -> None:
    affected: dict[str, Any] = {"affected_email_address": {"value": "Bob@Contoso.com"}}
    alert, change = events_of(activity("account_disabled_password_leak", **affected))[:2]
    assert isinstance(alert, ProductAlert)
    assert (alert.user, alert.risk_event_type) == ("bob@contoso.com", "leakedCredentials")
    assert isinstance(change, AccountChange)
    assert (change.user, change.what) == ("bob@contoso.com", "disabled")


def test_an_alert_is_of_the_time_of_its_log_in() -> None:
    (event, *_) = events_of(
        activity("suspicious_login", login_timestamp={"intValue": "1740992400000000"})
    )
    assert isinstance(event, ProductAlert)
    assert event.time == 1740992400000


def test_an_administrator_sets_a_users_password() -> None:
    change, deed = events_of(
        activity("CHANGE_PASSWORD", "admin", USER_EMAIL={"value": "bob@contoso.com"})
    )
    assert isinstance(change, PasswordChange)
    assert (change.user, change.how) == ("bob@contoso.com", "admin reset")
    assert deed.user == "alice@contoso.com"


def test_forwarding_out_of_the_domain_is_a_mailbox_rule() -> None:
    to = {"email_forwarding_destination_address": {"value": "Eve@Evil.example"}}
    (event,) = events_of(activity("email_forwarding_out_of_domain", "user_accounts", **to))
    assert isinstance(event, MailboxRule)
    assert event.forward_to == ("eve@evil.example",)


def test_other_applications_are_refused_by_name() -> None:
    reading = refusal_of(activity("view", "drive"))
    assert (reading.reason, reading.broken) == (
        "google workspace: activity in drive is not read",
        False,
    )
