from __future__ import annotations

from typing import Any

import pytest

from logs.product_samples import event_of, events_of, owner, place, records_of, refusal_of, said
from risktui.model.events import (
    AccountChange,
    Client,
    PasswordChange,
    ProductAlert,
    SignIn,
    UserReport,
)


def test_a_second_factor_that_was_wrong() -> None:
    record = records_of("okta/okta_idp_signin.ndjson")[0]
    event = event_of(record)
    assert said(event) == {
        "kind": "SignIn",
        "time": 1655921909015,
        "id": "AbC-123-XyZ",
        "source": "okta system log",
        "user_principal_name": "homer.simpson@duff.com",
        "user_display_name": "Homer Simpson",
        "ip_address": "1.3.2.4",
        "location": place("US", "Ohio", "Springfield", 20.0, -25.0),
        "network": owner(701, "verizon"),
        "client": Client(
            user_agent=(
                "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) "
                "AppleWebKit/537.36 (KHTML, like Gecko) Chrome/102.0.0.0 "
                "Safari/537.36"
            ),
            browser="Chrome",
            operating_system="Mac OS X",
        ),
        "session_id": "100-abc-9999",
        "correlation_id": "ABcDeFgG",
        "app_display_name": "Okta",
        "operation": "user.authentication.auth_via_mfa",
        "error_code": 500121,
        "failure_reason": "INVALID_CREDENTIALS",
        "credentials": "probable",
        "result": "failure",
        "mfa": "failed",
        "token_issuer_type": "UnknownFutureValue",
    }


def test_a_change_of_an_application() -> None:
    record = records_of("okta/okta_org2org_creation_modification.ndjson")[0]
    event = event_of(record)
    assert said(event) == {
        "kind": "DirectoryChange",
        "time": 1655921909015,
        "id": "AbC-123-XyZ",
        "source": "okta system log",
        "user_principal_name": "homer.simpson@duff.com",
        "user_display_name": "Homer Simpson",
        "ip_address": "1.3.2.4",
        "location": place("US", "Ohio", "Springfield", 20.0, -25.0),
        "network": owner(701, "verizon"),
        "client": Client(
            user_agent=(
                "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) "
                "AppleWebKit/537.36 (KHTML, like Gecko) Chrome/102.0.0.0 "
                "Safari/537.36"
            ),
            browser="Chrome",
            operating_system="Mac OS X",
            device_name="Evil Computer",
        ),
        "session_id": "100-abc-9999",
        "correlation_id": "ABcDeFgG",
        "operation": "application.lifecycle.update",
        "category": "application.lifecycle",
        "succeeded": False,
        "target_ids": ("", "0002222AAAA"),
        "target_names": ("Okta Org2Org", "peter.griffin@company.com"),
        "target_types": ("AppInstance", "User"),
    }


def test_an_address_that_attacks_is_nobodys_alert() -> None:
    record = records_of("okta/okta_threatinsight_security_threat_detected.ndjson")[1]
    event = event_of(record)
    assert said(event) == {
        "kind": "ProductAlert",
        "time": 1671045392015,
        "id": "asdfa-1234-asdfdas",
        "source": "okta system log",
        "actor": "system",
        "ip_address": "1.2.3.4",
        "location": place("US", "Texas", "Dallas", 32.7908, -96.8336),
        "network": owner(62240, "packethub s.a."),
        "client": Client(
            user_agent=(
                "Mozilla/5.0 (Windows NT 10.0; Win64; x64) "
                "AppleWebKit/537.36 (KHTML, like Gecko) Chrome/108.0.0.0 "
                "Safari/537.36"
            ),
            browser="Chrome",
            operating_system="Windows 10",
        ),
        "correlation_id": "asdfjaslf",
        "operation": "security.threat.detected",
        "product": "Okta ThreatInsight",
        "title": ("Password Spray, Login failures with high unknown users count, Login Failures"),
        "severity": "medium",
        "category": "security.threat.detected",
        "about": "user",
    }


def test_keys_in_the_original_casing() -> None:
    record = records_of("okta/okta_admin_role_assigned.ndjson")[0]
    event = event_of(record)
    assert said(event) == {
        "kind": "DirectoryChange",
        "time": 1606339623496,
        "id": "2a992f80-d1ad-4f62-900e-8c68bb72a21b",
        "source": "okta system log",
        "user_principal_name": "jack@acme.io",
        "user_display_name": "Jack Naglieri",
        "ip_address": "136.24.229.58",
        "location": place("US", "California", "San Francisco", 37.7852, -122.3874),
        "client": Client(
            user_agent=(
                "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) "
                "AppleWebKit/537.36 (KHTML, like Gecko) "
                "Chrome/86.0.4240.198 Safari/537.36"
            ),
            browser="Chrome",
            operating_system="Mac OS X",
        ),
        "operation": "user.account.privilege.grant",
        "category": "user.account",
        "target_ids": ("00u6eup97mAJZWYmP357",),
        "target_names": ("alice@acme.io",),
        "target_types": ("User",),
    }


ALICE = {"id": "00u1", "type": "User", "alternateId": "Alice@Contoso.com", "displayName": "Alice"}
ADMIN = {"id": "00u2", "type": "User", "alternateId": "ada@contoso.com", "displayName": "Ada"}


def entry(kind: str, result: str = "SUCCESS", reason: str | None = None, **more: Any) -> Any:
    """Alice does `kind` to herself."""
    return {
        "uuid": "e-1",
        "published": "2025-03-03T09:00:00.000Z",
        "eventType": kind,
        "outcome": {"result": result, "reason": reason},
        "actor": ALICE,
        "target": [ALICE],
        "client": {"ipAddress": "203.0.113.7"},
    } | more


@pytest.mark.parametrize(
    ("kind", "result", "reason", "expected"),
    [
        ("user.session.start", "SUCCESS", None, ("ok", "success", "", 0)),
        ("user.session.start", "FAILURE", "INVALID_CREDENTIALS", ("wrong", "failure", "", 50126)),
        ("user.session.start", "FAILURE", "VERIFICATION_ERROR", ("wrong", "failure", "", 50126)),
        ("user.session.start", "FAILURE", "LOCKED_OUT", ("unknown", "failure", "", 50053)),
        ("user.session.start", "FAILURE", "PASSWORD_EXPIRED", ("ok", "failure", "", 50055)),
        ("user.session.start", "FAILURE", "SOMETHING_NEW", ("unknown", "failure", "", -1)),
        ("user.authentication.auth_via_mfa", "SUCCESS", None, ("ok", "success", "fresh", 0)),
        (
            "user.authentication.auth_via_mfa",
            "FAILURE",
            "User rejected Okta push verify",
            ("probable", "failure", "denied", 500121),
        ),
        (
            "user.authentication.auth_via_mfa",
            "FAILURE",
            "MFA_TIMEOUT",
            ("probable", "failure", "unanswered", 500121),
        ),
        (
            "user.mfa.okta_verify.deny_push",
            "FAILURE",
            None,
            ("probable", "failure", "denied", 500121),
        ),
        ("policy.evaluate_sign_on", "DENY", "resulted in DENY", ("unknown", "failure", "", 53003)),
        (
            "system.push.send_factor_verify_push",
            "SUCCESS",
            None,
            ("probable", "interrupt", "", 50074),
        ),
    ],
)
def test_outcome_and_reason_tell_of_password_and_factor(
    kind: str, result: str, reason: str | None, expected: tuple[str, str, str, int]
) -> None:
    (event,) = events_of(entry(kind, result, reason))
    assert isinstance(event, SignIn)
    assert (event.credentials, event.result, event.mfa, event.error_code) == expected
    assert event.user == "alice@contoso.com"


def test_single_sign_on_is_not_interactive_and_names_the_application() -> None:
    app = {"id": "0oa1", "type": "AppInstance", "alternateId": "AWS", "displayName": "AWS IAM"}
    (event,) = events_of(entry("user.authentication.sso", target=[app]))
    assert isinstance(event, SignIn)
    assert (event.is_interactive, event.app_display_name, event.app_id) == (
        False,
        "AWS IAM",
        "0oa1",
    )


def test_a_user_reports_what_was_not_theirs() -> None:
    (event,) = events_of(entry("user.account.report_suspicious_activity_by_enduser"))
    assert isinstance(event, UserReport)
    assert event.user == "alice@contoso.com"


def test_an_administrators_reset_is_told_of_both() -> None:
    reset, deed = events_of(entry("user.account.reset_password", actor=ADMIN))
    assert isinstance(reset, PasswordChange)
    assert (reset.user, reset.how, reset.initiated_by) == (
        "alice@contoso.com",
        "admin reset",
        "ada@contoso.com",
    )
    assert (deed.user, deed.id) == ("ada@contoso.com", "e-1:by")


def test_ones_own_reset_is_self_service() -> None:
    (event,) = events_of(entry("user.account.reset_password"))
    assert isinstance(event, PasswordChange)
    assert event.how == "self-service reset"


def test_a_suspended_account_is_disabled() -> None:
    event, _ = events_of(entry("user.lifecycle.suspend", actor=ADMIN))
    assert isinstance(event, AccountChange)
    assert (event.user, event.what) == ("alice@contoso.com", "disabled")


def test_a_breached_credential_is_a_leak_by_microsofts_name() -> None:
    (event,) = events_of(entry("security.breached_credential.detected"))
    assert isinstance(event, ProductAlert)
    assert (event.risk_event_type, event.severity) == ("leakedCredentials", "high")


def test_the_risk_is_read_out_of_a_map_that_is_no_json() -> None:
    debug = {"debugData": {"risk": "{reasons=Anomalous Device, level=HIGH}"}}
    (event,) = events_of(entry("user.risk.detect", debugContext=debug))
    assert isinstance(event, ProductAlert)
    assert event.severity == "high"


def test_a_redacted_time_is_quarantined_and_not_guessed() -> None:
    reading = refusal_of(entry("user.session.start", published="redacted"))
    assert (reading.broken, reading.reason) == (
        True,
        "okta system log: no readable time in published",
    )


def test_an_application_that_acts_is_no_person() -> None:
    client = {"id": "c", "type": "PublicClientApp", "alternateId": "svc", "displayName": "S"}
    (event,) = events_of(entry("application.lifecycle.update", actor=client))
    assert event.actor == "servicePrincipal"


def test_a_login_that_is_no_address_is_kept_apart_by_its_id() -> None:
    (event,) = events_of(entry("user.session.start", actor=ALICE | {"alternateId": "admin"}))
    assert (event.user, event.user_principal_name) == ("okta:00u1", "admin")
