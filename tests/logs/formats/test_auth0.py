from __future__ import annotations

import pytest

from logs.product_samples import event_of, place, records_of, refusal_of, said
from risktui.model.events import Client, PasswordChange, ProductAlert, SignIn


def test_an_account_that_is_blocked() -> None:
    record = records_of("auth0/auth0_limits.ndjson")[0]
    event = event_of(record)
    assert said(event) == {
        "kind": "SignIn",
        "time": 1759267429689,
        "id": "90020250930212349746493000000000000001223372122436618809",
        "source": "auth0",
        "tenant_id": "auth.clientdomain.com",
        "user_principal_name": "john@justice.org",
        "ip_address": "1.2.3.4",
        "client": Client(
            user_agent=(
                "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) "
                "AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0.0.0 "
                "Safari/537.36"
            )
        ),
        "app_id": "11qpq1o8fbggnzufjnqcyjuc1ll8yft0",
        "operation": "limit_wc",
        "error_code": 50053,
        "failure_reason": (
            "User (john@justice.org) attempted 10 consecutive logins "
            "unsuccessfully. Brute force protection is enabled for this "
            "connection, further attempts are blocked from this IP "
            "address for this user."
        ),
        "result": "failure",
        "token_issuer_type": "UnknownFutureValue",
    }


def test_a_prompt_that_was_sent() -> None:
    record = records_of("auth0/auth0_push_notification_fatigue.ndjson")[0]
    event = event_of(record)
    assert said(event) == {
        "kind": "SignIn",
        "time": 1759500572149,
        "id": "90020230523204756343781000000000000001223372037583230452",
        "source": "auth0",
        "user_principal_name": "denethor@lotr.com",
        "user_display_name": "Homer Simpson",
        "ip_address": "12.12.12.12",
        "client": Client(
            user_agent=(
                "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) "
                "AppleWebKit/537.36 (KHTML, like Gecko) Chrome/1.2.3.4 "
                "Safari/537.36"
            )
        ),
        "app_id": "1hxwwgkk1zj3jf8gvmrncsirccds4qvr",
        "operation": "gd_send_pn",
        "error_code": 50074,
        "failure_reason": "Push notification for MFA successfully sent",
        "credentials": "probable",
        "result": "interrupt",
        "token_issuer_type": "UnknownFutureValue",
    }


def test_a_second_factor_that_was_enrolled() -> None:
    record = records_of("auth0/auth0_same_phone_mfa_multiple_users.ndjson")[2]
    event = event_of(record)
    assert said(event) == {
        "kind": "DirectoryChange",
        "time": 1759500572149,
        "id": "record-22e68bebabc40b6009ae556ff1b1427d",
        "source": "auth0",
        "user_principal_name": "denethor@lotr.com",
        "ip_address": "10.10.10.10",
        "app_id": "1hxwwgkk1zj3jf8gvmrncsirccds4qvr",
        "operation": "Guardian - Enrollment complete (sms)",
        "category": "gd_enrollment_complete",
    }


def entry(kind: str, **more: object) -> dict[str, object]:
    """An entry as the management API gives it."""
    return {
        "_id": "5e",
        "log_id": "900",
        "date": "2025-03-03T09:00:00.000Z",
        "type": kind,
        "client_id": "abc",
        "client_name": "Shop",
        "ip": "203.0.113.7",
        "user_id": "auth0|1",
        "user_name": "Alice@Contoso.com",
    } | more


@pytest.mark.parametrize(
    ("kind", "expected"),
    [
        ("s", ("ok", "success", "")),
        ("f", ("unknown", "failure", "")),
        ("fp", ("wrong", "failure", "")),
        ("fu", ("wrong", "failure", "")),
        ("limit_wc", ("unknown", "failure", "")),
        ("gd_auth_succeed", ("ok", "success", "fresh")),
        ("gd_auth_rejected", ("probable", "failure", "denied")),
        ("gd_auth_failed", ("probable", "failure", "failed")),
        ("feacft", ("none", "failure", "")),
    ],
)
def test_the_type_tells_of_password_and_factor(kind: str, expected: tuple[str, str, str]) -> None:
    event = event_of(entry(kind))
    assert isinstance(event, SignIn)
    assert (event.credentials, event.result, event.mfa) == expected
    assert event.user == "alice@contoso.com"


def test_a_breached_password_is_a_leak_only_where_it_was_used_to_log_in() -> None:
    leak, sign_up = event_of(entry("pwd_leak")), event_of(entry("signup_pwd_leak"))
    assert isinstance(leak, ProductAlert)
    assert isinstance(sign_up, ProductAlert)
    assert (leak.risk_event_type, sign_up.risk_event_type) == ("leakedCredentials", "")


def test_a_changed_password() -> None:
    assert isinstance(event_of(entry("scp")), PasswordChange)


def test_where_it_was() -> None:
    info = {"country_code": "DE", "city_name": "Berlin", "latitude": 52.5, "longitude": 13.4}
    event = event_of(entry("s", location_info=info))
    assert event.location == place("DE", "", "Berlin", 52.5, 13.4)


def test_other_types_are_refused_by_name() -> None:
    assert refusal_of(entry("api_limit")).reason == "auth0: api_limit is not read"
    assert refusal_of(entry("s", date="soon")).broken
