from __future__ import annotations

from logs.product_samples import event_of, events_of, records_of, refusal_of, said
from risktui.model.events import AccountChange, SignIn


def test_a_log_in() -> None:
    record = records_of("onelogin/onelogin_active_login_activity.ndjson")[0]
    event = event_of(record | {"created_at": "2023-11-01T08:42:33.314Z", "id": 7})
    assert said(event) == {
        "kind": "SignIn",
        "time": 1698828153314,
        "id": "7",
        "source": "onelogin",
        "user_id": "onelogin:123456",
        "user_principal_name": "bob cat",
        "user_display_name": "Bob Cat",
        "ip_address": "203.0.113.55",
        "app_display_name": "OneLogin",
        "operation": "USER_LOGGED_INTO_ONELOGIN",
        "credentials": "ok",
        "token_issuer_type": "UnknownFutureValue",
    }


def test_somebody_elses_password() -> None:
    record = records_of("onelogin/onelogin_password_changed.ndjson")[1]
    first, second = events_of(record | {"created_at": "2023-11-01T08:42:33.314Z", "id": 8})
    assert said(first) == {
        "kind": "PasswordChange",
        "time": 1698828153314,
        "id": "8",
        "source": "onelogin",
        "user_id": "onelogin:123456",
        "user_principal_name": "bob cat",
        "user_display_name": "Bob Cat",
        "operation": "USER_CHANGED_PASSWORD",
        "how": "admin reset",
        "initiated_by": "mountain lion",
    }
    assert said(second) == {
        "kind": "DirectoryChange",
        "time": 1698828153314,
        "id": "8:by",
        "source": "onelogin",
        "user_id": "onelogin:654321",
        "user_principal_name": "mountain lion",
        "user_display_name": "Mountain Lion",
        "operation": "USER_CHANGED_PASSWORD",
        "category": "OneLogin",
        "target_ids": ("onelogin:123456",),
        "target_names": ("Bob Cat",),
        "target_types": ("User",),
    }


def test_a_failed_log_in_is_a_wrong_password() -> None:
    record = records_of("onelogin/onelogin_login.ndjson")[1]
    event = event_of(record | {"created_at": "2023-11-01T08:42:33.314Z"})
    assert isinstance(event, SignIn)
    assert (event.credentials, event.result) == ("wrong", "failure")


def test_a_deleted_user_is_an_account_change() -> None:
    record = records_of("onelogin/onelogin_threshold_accounts_deleted.ndjson")[1]
    change, deed = events_of(record | {"created_at": "2023-11-01T08:42:33.314Z"})
    assert isinstance(change, AccountChange)
    assert (change.what, change.user) == ("deleted", "onelogin:123456")
    assert deed.user == "onelogin:654321"


def test_other_types_are_refused_by_number_and_missing_times_quarantined() -> None:
    record = records_of("onelogin/onelogin_unauthorized_access.ndjson")
    assert refusal_of(record[1]).reason == "onelogin: event type 90 is not read"
    assert refusal_of(record[0]).broken
