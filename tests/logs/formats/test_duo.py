from __future__ import annotations

import pytest

from logs.product_samples import event_of, events_of, records_of, refusal_of, said
from risktui.model.events import Client, SignIn


def test_fraud_is_a_refused_factor_and_a_report() -> None:
    record = records_of("duo/duo_user_action_fraudulent.ndjson")[0]
    first, second = events_of(
        record | {"isotimestamp": "2023-11-01T08:42:33.314482+00:00", "txid": "t-1"}
    )
    assert said(first) == {
        "kind": "SignIn",
        "time": 1698828153314,
        "id": "t-1",
        "source": "duo",
        "user_principal_name": "example@example.io",
        "ip_address": "12.12.112.25",
        "client": Client(operating_system="Mac OS X"),
        "app_id": "d12345",
        "app_display_name": "Slack",
        "operation": "authentication",
        "error_code": 500121,
        "failure_reason": "user_marked_fraud",
        "additional_details": "duo_push",
        "credentials": "probable",
        "result": "failure",
        "mfa": "fraud",
        "authentication_requirement": "multiFactorAuthentication",
        "token_issuer_type": "UnknownFutureValue",
    }
    assert said(second) == {
        "kind": "UserReport",
        "time": 1698828153314,
        "id": "t-1:report",
        "source": "duo",
        "user_principal_name": "example@example.io",
        "ip_address": "12.12.112.25",
        "client": Client(operating_system="Mac OS X"),
        "operation": "authentication",
        "text": "marked as fraud: Slack",
    }


def test_a_device_that_is_out_of_date() -> None:
    record = records_of("duo/duo_user_bypass_code_used.ndjson")[2]
    event = event_of(record | {"timestamp": 1698828153, "txid": "t-2"})
    assert said(event) == {
        "kind": "SignIn",
        "time": 1698828153000,
        "id": "t-2",
        "source": "duo",
        "user_principal_name": "example@example.io",
        "ip_address": "12.12.112.25",
        "client": Client(operating_system="Mac OS X"),
        "app_id": "d12345",
        "app_display_name": "Slack",
        "operation": "authentication",
        "error_code": 53000,
        "failure_reason": "out_of_date",
        "additional_details": "duo_push",
        "credentials": "probable",
        "result": "failure",
        "authentication_requirement": "multiFactorAuthentication",
        "token_issuer_type": "UnknownFutureValue",
    }


def test_an_administrators_look_at_a_bypass_code() -> None:
    record = records_of("duo/duo_admin_bypass_code_viewed.ndjson")[0]
    event = event_of(record)
    assert said(event) == {
        "kind": "DirectoryChange",
        "time": 1671052674000,
        "id": "record-d69224726b97fce3553d1c77ed3beadf",
        "source": "duo",
        "user_principal_name": "homer simpson",
        "user_display_name": "Homer Simpson",
        "operation": "bypass_view",
        "category": "Duo administration",
        "target_names": ("target@example.io",),
        "changes": (("bypass_code_id", "", "D5678"), ("user_id", "", "D1234")),
    }


def test_an_administrators_own_log_in() -> None:
    record = records_of("duo/duo_admin_policy_updated.ndjson")[1]
    event = event_of(record)
    assert said(event) == {
        "kind": "SignIn",
        "time": 1625250685000,
        "id": "record-6910a8120ca2ced036db490ca50ab4db",
        "source": "duo",
        "user_principal_name": "homer simpson",
        "user_display_name": "Homer Simpson",
        "ip_address": "1.2.3.4",
        "app_display_name": "Duo Admin Panel",
        "operation": "admin_login",
        "credentials": "ok",
        "mfa": "fresh",
        "token_issuer_type": "UnknownFutureValue",
    }


@pytest.mark.parametrize(
    ("result", "reason", "expected"),
    [
        ("success", "user_approved", ("ok", "success", "fresh")),
        ("success", "bypass_user", ("ok", "success", "")),
        ("success", "remembered_device", ("ok", "success", "claim")),
        ("denied", "user_mistake", ("probable", "failure", "denied")),
        ("denied", "no_response", ("probable", "failure", "unanswered")),
        ("denied", "invalid_passcode", ("probable", "failure", "failed")),
        ("denied", "locked_out", ("unknown", "failure", "")),
        ("denied", "anonymous_ip", ("probable", "failure", "")),
        ("failure", "something new", ("probable", "failure", "failed")),
        ("error", "error", ("unknown", "failure", "")),
    ],
)
def test_result_and_reason_tell_of_the_factor(
    result: str, reason: str, expected: tuple[str, str, str]
) -> None:
    record = records_of("duo/duo_user_bypass_code_used.ndjson")[0]
    event = event_of(record | {"timestamp": 1698828153, "result": result, "reason": reason})
    assert isinstance(event, SignIn)
    assert (event.credentials, event.result, event.mfa) == expected


def test_the_address_is_the_browsers_and_the_place_its_own() -> None:
    record = records_of("duo/duo_user_bypass_code_used.ndjson")[0] | {"timestamp": 1698828153}
    where = {"city": "Ann Arbor", "state": "Michigan", "country": "United States"}
    record["access_device"] = {"ip": "198.51.100.7", "location": where}
    event = event_of(record)
    assert event.ip_address == "198.51.100.7"
    assert event.location.country_or_region == "US"
    assert event.location.city == "Ann Arbor"


def test_a_short_name_gives_way_to_the_address_of_the_user() -> None:
    record = records_of("duo/duo_user_bypass_code_used.ndjson")[0] | {"timestamp": 1698828153}
    event = event_of(record | {"user": {"name": "alice"}, "email": "Alice@Contoso.com"})
    assert event.user == "alice@contoso.com"


def test_as_published_without_a_time_it_is_quarantined() -> None:
    assert refusal_of(records_of("duo/duo_user_bypass_code_used.ndjson")[0]).broken
