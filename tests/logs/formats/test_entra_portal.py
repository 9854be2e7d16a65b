"""Sign-ins as Entra's portal exports them."""

from __future__ import annotations

from typing import Any

import pytest

from logs.told import event_of, events_in, refusal, told
from risktui.model.events import SignIn

AGENT = (
    "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko)"
    " Chrome/81.0.4044.138 Safari/537.36 Edg/81.0.416.77"
)


@pytest.mark.parametrize(
    ("number", "differs"),
    [
        (
            0,
            {
                "time": 1589958361000,
                "id": "eeae5d3b-8132-43bf-8b24-d98f405a2900",
                "correlation_id": "0efa7954-82f9-4172-9622-9a576ecf78a8",
                "app_id": "80ccca67-54bd-44ab-8625-4b79c4dc7775",
                "app_display_name": "Microsoft 365 Security and Compliance Center",
                "resource_display_name": "Windows Azure Active Directory",
                "resource_id": "00000002-0000-0000-c000-000000000000",
                "unique_token_identifier": "O12u7jKBv0OLJNmPQFopAA",
            },
        ),
        (
            8,
            {
                "time": 1589958372000,
                "id": "007ac72c-ea77-4b33-8e2b-ae7394f22800",
                "correlation_id": "e7723a87-e1e0-496c-a3ab-f680d9c84362",
                "app_id": "89bee1f7-5e6e-4d8a-9f3d-ecd601259da7",
                "app_display_name": "Office365 Shell WCSS-Client",
                "resource_display_name": "Microsoft Graph",
                "resource_id": "00000003-0000-0000-c000-000000000000",
                "unique_token_identifier": "LMd6AHfqM0uOK65zlPIoAA",
            },
        ),
    ],
)
def test_a_row_field_by_field(number: int, differs: dict[str, Any]) -> None:
    assert (
        told(events_in("tables/InteractiveSignIns_portal_export.csv")[number])
        == {
            "source": "entra portal export",
            "tenant_id": "4b2462a4-bbee-495a-a0e1-f23ae524cc9c",
            "user_id": "bdb72692-2275-412b-8af0-ea21c2ebd174",
            "user_principal_name": "admin2@seccxp.ninja",
            "user_display_name": "Admin",
            "user_type": "member",
            "ip_address": "109.88.218.10",
            "location": {"country_or_region": "BE", "state": "Liege", "city": "Liege"},
            "client": {
                "user_agent": AGENT,
                "browser": "Edge 81.0.416",
                "operating_system": "Windows 10",
                "client_app": "Browser",
            },
            "operation": "Sign-in activity",
            "additional_details": "MFA requirement satisfied by claim in the token",
            "credentials": "ok",
            "mfa": "claim",
            "authentication_requirement": "singleFactorAuthentication",
            "authentication_protocol": "none",
            "conditional_access_status": "notApplied",
            "incoming_token_type": "none",
            "home_tenant_id": "4b2462a4-bbee-495a-a0e1-f23ae524cc9c",
            "resource_tenant_id": "4b2462a4-bbee-495a-a0e1-f23ae524cc9c",
            "cross_tenant_access_type": "none",
        }
        | differs
    )


def row(**changes: Any) -> dict[str, Any]:
    known = {
        "Date (UTC)": "2025-12-04T08:19:41Z",
        "Request ID": "q1",
        "User ID": "U1",
        "Username": "Ann@x.example",
        "Application": "Office 365",
        "IP address": "203.0.113.7",
        "Location": "Seattle, Washington, US",
        "Status": "Success",
        "Sign-in error code": "",
    }
    return known | {name.replace("_", " "): value for name, value in changes.items()}


def sign_in(**changes: Any) -> SignIn:
    event = event_of(row(**changes))
    assert isinstance(event, SignIn)
    return event


@pytest.mark.parametrize(
    ("changes", "code", "result"),
    [
        ({}, 0, "success"),
        ({"Status": "Failure", "Sign-in error code": "50126"}, 50126, "failure"),
        ({"Status": "Failure"}, -1, "failure"),
        ({"Status": "Interrupted"}, 50140, "interrupt"),
        ({"Status": "Interrupted", "Sign-in error code": "50074"}, 50074, "interrupt"),
    ],
)
def test_the_result_is_a_code_or_a_word(changes: dict[str, Any], code: int, result: str) -> None:
    event = event_of(row() | changes)
    assert isinstance(event, SignIn)
    assert (event.error_code, event.result) == (code, result)


@pytest.mark.parametrize(
    ("sentence", "place"),
    [
        ("Seattle, Washington, US", ("US", "Washington", "Seattle")),
        ("Bern, CH", ("CH", "", "Bern")),
        ("US", ("US", "", "")),
        ("Washington, D.C., District of Columbia, US", ("US", "D.C., District of Columbia",
         "Washington")),
        ("", ("", "", "")),
    ],
)  # fmt: skip
def test_a_place_is_a_sentence(sentence: str, place: tuple[str, str, str]) -> None:
    found = sign_in(Location=sentence).location
    assert (found.country_or_region, found.state, found.city) == place


def test_an_application_signs_in() -> None:
    event = event_of(
        {
            "Date (UTC)": "2025-12-04T08:19:41Z",
            "Request ID": "q2",
            "Service principal ID": "SP1",
            "Service principal name": "backup",
            "IP address": "203.0.113.7",
        }
    )
    assert isinstance(event, SignIn)
    assert (event.actor, event.service_principal_id) == ("servicePrincipal", "sp1")
    assert (event.user, event.service_principal_name) == ("", "backup")


def test_the_older_scripts_export() -> None:
    event = event_of(
        {
            "CreatedDateTime": "3/12/2025 7:22:01 AM",
            "UserPrincipalName": "Ann@x.example",
            "UserDisplayName": "Ann",
            "AppDisplayName": "Office 365",
            "IPAddress": "203.0.113.7",
            "City": "Seattle",
            "Country": "US",
            "Device": "PC-1",
            "Browser": "Edge 120",
            "OS": "Windows 10",
            "Status": "50126",
            "RiskState": "none",
            "RiskLevelDuringSignIn": "none",
            "RiskLevelAggregated": "none",
            "ConditionalAccessStatus": "notApplied",
        }
    )
    found = told(event)
    found.pop("id")
    assert found == {
        "time": 1741764121000,
        "source": "entra portal export",
        "user_principal_name": "ann@x.example",
        "user_display_name": "Ann",
        "ip_address": "203.0.113.7",
        "location": {"country_or_region": "US", "city": "Seattle"},
        "client": {
            "browser": "Edge 120",
            "operating_system": "Windows 10",
            "device_name": "PC-1",
        },
        "app_display_name": "Office 365",
        "operation": "Sign-in activity",
        "error_code": 50126,
        "failure_reason": "wrong user name or password",
        "credentials": "wrong",
        "result": "failure",
        "conditional_access_status": "notApplied",
        "provider_risk_level": "none",
        "provider_risk_state": "none",
    }


def test_a_row_without_a_readable_time_is_refused() -> None:
    assert refusal(row() | {"Date (UTC)": "yesterday"}) == "sign-in without a readable time"
