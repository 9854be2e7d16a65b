from __future__ import annotations

from typing import Any

import msgspec
import pytest

from logs.product_samples import event_of, records_of, refusal_of, said
from risktui.model.events import Client, SignIn


def test_a_federated_sign_in_is_its_persons() -> None:
    record = records_of("cloudtrail/aws_console_login_without_saml.ndjson")[0]
    event = event_of(record)
    assert said(event) == {
        "kind": "SignIn",
        "time": 1546300800000,
        "id": "1",
        "source": "aws cloudtrail",
        "tenant_id": "123456789012",
        "user_principal_name": "tester@domain.tld",
        "ip_address": "111.111.111.111",
        "client": Client(user_agent="Mozilla"),
        "app_display_name": "AWS Management Console",
        "operation": "ConsoleLogin",
        "coarse": 999,
        "credentials": "ok",
        "authentication_protocol": "saml",
        "token_issuer_type": "UnknownFutureValue",
    }


def test_an_iam_user_with_a_second_factor() -> None:
    record = records_of("cloudtrail/aws_console_login_without_saml.ndjson")[1]
    event = event_of(record)
    assert said(event) == {
        "kind": "SignIn",
        "time": 1546300800000,
        "id": "1",
        "source": "aws cloudtrail",
        "tenant_id": "123456789012",
        "user_id": "arn:aws:iam::123456789012:user/tester",
        "user_principal_name": "tester",
        "ip_address": "111.111.111.111",
        "client": Client(user_agent="Mozilla"),
        "app_display_name": "AWS Management Console",
        "operation": "ConsoleLogin",
        "coarse": 999,
        "credentials": "ok",
        "mfa": "fresh",
        "token_issuer_type": "UnknownFutureValue",
    }


def test_root_with_a_wrong_password() -> None:
    record = records_of("cloudtrail/aws_console_root_login_failed.ndjson")[0]
    event = event_of(record)
    assert said(event) == {
        "kind": "SignIn",
        "time": 1546300800000,
        "id": "1",
        "source": "aws cloudtrail",
        "tenant_id": "123456789012",
        "user_id": "arn:aws:iam::123456789012:root",
        "user_principal_name": "root",
        "ip_address": "111.111.111.111",
        "client": Client(user_agent="Mozilla"),
        "app_display_name": "AWS Management Console",
        "operation": "ConsoleLogin",
        "coarse": 999,
        "error_code": 50126,
        "failure_reason": "wrong user name or password",
        "credentials": "wrong",
        "result": "failure",
        "token_issuer_type": "UnknownFutureValue",
    }


def test_a_name_that_does_not_exist_is_nobody() -> None:
    record = records_of("cloudtrail/aws_cloudtrail.ndjson")[0]
    event = event_of(record)
    assert said(event) == {
        "kind": "SignIn",
        "time": 1666211618000,
        "id": "9fcfb8c3-3fca-48db-85d2-7b107f9d95d0",
        "source": "aws cloudtrail",
        "tenant_id": "140429656527",
        "ip_address": "142.254.89.27",
        "client": Client(user_agent="Go-http-client/1.1"),
        "app_display_name": "AWS Management Console",
        "operation": "ConsoleLogin",
        "coarse": 999,
        "error_code": 50034,
        "failure_reason": "No username found in supplied account",
        "credentials": "wrong",
        "result": "failure",
        "token_issuer_type": "UnknownFutureValue",
    }


def console_login(result: str = "Success", mfa: str = "No", **more: Any) -> dict[str, Any]:
    """Alice signs in to the console."""
    return {
        "eventID": "e-1",
        "eventTime": "2025-03-03T09:00:00Z",
        "eventSource": "signin.amazonaws.com",
        "eventName": "ConsoleLogin",
        "recipientAccountId": "123456789012",
        "sourceIPAddress": "203.0.113.7",
        "userIdentity": {"type": "IAMUser", "userName": "Alice", "accountId": "123456789012"},
        "responseElements": {"ConsoleLogin": result},
        "additionalEventData": {"MFAUsed": mfa},
    } | more


@pytest.mark.parametrize(
    ("result", "mfa", "expected"),
    [
        ("Success", "No", ("ok", "success", "")),
        ("Success", "Yes", ("ok", "success", "fresh")),
        ("Failure", "No", ("wrong", "failure", "")),
        ("Failure", "Yes", ("probable", "failure", "failed")),
    ],
)
def test_result_and_factor(result: str, mfa: str, expected: tuple[str, str, str]) -> None:
    event = event_of(console_login(result, mfa))
    assert isinstance(event, SignIn)
    assert (event.credentials, event.result, event.mfa) == expected
    assert event.user == "arn:aws:iam::123456789012:user/alice"


def test_the_lookup_form_is_the_record_in_a_string() -> None:
    looked_up = {
        "EventId": "e-1",
        "EventName": "ConsoleLogin",
        "EventTime": "2025-03-03 20:00:00+11:00",
        "Username": "Alice",
        "CloudTrailEvent": msgspec.json.encode(console_login()).decode(),
    }
    assert said(event_of(looked_up)) == said(event_of(console_login()))


def test_an_address_that_is_a_service_or_no_address_is_none() -> None:
    for text in ("cloudformation.amazonaws.com", "225.01.00.16", "AWS Internal"):
        assert event_of(console_login(sourceIPAddress=text)).ip_address == ""


def test_a_user_of_identity_center_with_a_wrong_password() -> None:
    event = event_of(
        console_login(
            eventName="UserAuthentication",
            responseElements=None,
            userIdentity={"type": "Unknown", "userName": "alice@contoso.com"},
            additionalEventData={"CredentialType": "PASSWORD"},
            serviceEventDetails={"UserAuthentication": "Failure"},
        )
    )
    assert isinstance(event, SignIn)
    assert (event.user, event.credentials) == ("alice@contoso.com", "wrong")


def test_calls_are_refused_by_name() -> None:
    reading = refusal_of(console_login(eventSource="iam.amazonaws.com", eventName="GetUser"))
    assert reading.reason == "aws cloudtrail: iam.amazonaws.com GetUser is no sign-in"


def test_without_a_time_it_is_quarantined() -> None:
    assert refusal_of(console_login(eventTime=None)).broken
