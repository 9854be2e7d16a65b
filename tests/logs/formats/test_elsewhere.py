from __future__ import annotations

from risktui.logs.formats.elsewhere import (
    FAILED,
    SIGNED_IN,
    WRONG_PASSWORD,
    known,
    network,
    person,
    program,
    spot,
)
from risktui.model.events import NO_CLIENT, NO_NETWORK, NOWHERE


def test_a_person_is_the_same_in_every_product_that_knows_the_address() -> None:
    okta = person("Alice@Contoso.com", "Alice", "okta", "00u1")
    google = person("alice@contoso.COM", None, "google", "11")
    assert okta["user_principal_name"] == google["user_principal_name"] == "alice@contoso.com"
    assert okta["user_id"] == google["user_id"] == ""


def test_a_login_that_is_no_address_is_somebody_only_within_its_product() -> None:
    assert person("admin", None, "okta", "1")["user_id"] == "okta:1"
    assert person("admin", None, "duo", "1")["user_id"] == "duo:1"
    assert person("unknown", None, "okta", "unknown") == {
        "user_id": "",
        "user_principal_name": "",
        "user_display_name": "",
    }


def test_words_for_nothing_are_nothing() -> None:
    assert [known(word) for word in ("null", "Unknown", "-", "N/A", " x ", None)] == [
        *("", "", "", "", "x", "")
    ]
    assert spot("-", "-", "-") == NOWHERE
    assert program("unknown", "UNKNOWN", "Unknown").browser == ""
    assert program(None) == NO_CLIENT
    assert network(None, "unknown") == network(2**40) == NO_NETWORK


def test_a_country_by_name_is_the_code() -> None:
    assert spot("United States", "Ohio", "Springfield", (39.9, -83.8)).country_or_region == "US"


def test_a_failure_keeps_the_products_own_words() -> None:
    assert WRONG_PASSWORD.fields("INVALID_CREDENTIALS")["failure_reason"] == "INVALID_CREDENTIALS"
    assert WRONG_PASSWORD.fields()["failure_reason"] == "wrong user name or password"
    assert SIGNED_IN.fields("fine")["failure_reason"] == ""
    assert FAILED.fields()["credentials"] == "unknown"
