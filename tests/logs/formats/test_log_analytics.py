"""Rows of Log Analytics and Sentinel, in every way in which they are exported."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest

from logs.told import event_of, events_in, refusal, told
from logs.written_logs import START_MS, iso, signed_in
from risktui.logs.formats.registry import decode
from risktui.model.events import (
    AccountChange,
    ApiCall,
    DirectoryChange,
    PasswordChange,
    ProductAlert,
    SignIn,
)

EDGE = (
    "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko)"
    " Chrome/90.0.4430.85 Safari/537.36 Edg/90.0.818.49"
)


def test_a_sign_in_of_the_portals_csv_field_by_field() -> None:
    assert told(events_in("tables/sign-in_adelete.csv")[1]) == {
        "time": 1619620074891,
        "id": "ff7972e5-bd41-4c6a-9cc9-c34dc63e5701",
        "source": "log analytics",
        "tenant_id": "2ad3fc79-1859-42fa-9011-6f8df2251b22",
        "user_id": "9b117c67-170e-4aed-9702-658b3fddc889",
        "user_principal_name": "adelev@m365x816222.onmicrosoft.com",
        "user_display_name": "Adele Vance",
        "user_type": "member",
        "ip_address": "175.45.176.99",
        "location": {
            "country_or_region": "IL",
            "state": "Tel Aviv",
            "city": "Azor",
            "latitude": 32.02956008911133,
            "longitude": 34.79964828491211,
        },
        "client": {
            "user_agent": EDGE,
            "browser": "Edge 90.0.818",
            "operating_system": "Windows 10",
            "client_app": "Browser",
        },
        "correlation_id": "b374c020-b0b2-4295-a9da-74bdd31de68c",
        "app_id": "4345a7b9-9a63-4910-a426-35363201d503",
        "app_display_name": "O365 Suite UX",
        "resource_display_name": "Windows Azure Active Directory",
        "resource_id": "00000002-0000-0000-c000-000000000000",
        "operation": "Sign-in activity",
        "credentials": "ok",
        "authentication_requirement": "singleFactorAuthentication",
        "conditional_access_status": "notApplied",
        "home_tenant_id": "2ad3fc79-1859-42fa-9011-6f8df2251b22",
        "resource_tenant_id": "2ad3fc79-1859-42fa-9011-6f8df2251b22",
        "provider_risk_level": "none",
        "provider_risk_state": "none",
    }


def test_a_sign_in_of_a_query_field_by_field() -> None:
    found = told(events_in("tables/SigninLogs_query_data.csv")[3])
    client = found.pop("client")
    assert found == {
        "time": 1589958370000,
        "id": "10688bfa-255e-4e8c-b2f8-b654b2462800",
        "source": "log analytics",
        "tenant_id": "4b2462a4-bbee-495a-a0e1-f23ae524cc9c",
        "user_id": "bdb72692-2275-412b-8af0-ea21c2ebd174",
        "user_principal_name": "admin2@seccxp.ninja",
        "user_display_name": "Admin",
        "ip_address": "109.88.218.10",
        "location": {
            "country_or_region": "BE",
            "state": "Liege",
            "city": "Liege",
            "latitude": 50.64065170288086,
            "longitude": 5.572050094604492,
        },
        "correlation_id": "2c4a0388-93f8-45cc-ac8c-4f59aa2c37c9",
        "app_id": "89bee1f7-5e6e-4d8a-9f3d-ecd601259da7",
        "app_display_name": "Office365 Shell WCSS-Client",
        "operation": "Sign-in activity",
        "additional_details": "MFA requirement satisfied by claim in the token",
        "credentials": "ok",
        "is_interactive": False,  # whatever the name of the table says
        "mfa": "claim",
        "authentication_requirement": "singleFactorAuthentication",
        "conditional_access_status": "success",
        "provider_risk_level": "none",
        "provider_risk_state": "none",
    }
    assert client["browser"] == "Edge 81.0.416"


def test_the_same_rows_as_json_as_csv_and_as_a_querys_answer_are_the_same_sign_ins() -> None:
    as_csv = list(map(told, events_in("tables/SigninLogs_query_data.csv")))
    assert list(map(told, events_in("tables/SigninLogs.ndjson"))) == as_csv
    assert list(map(told, events_in("tables/query_api_tables.json"))) == as_csv[:6]


def test_an_audit_row_field_by_field() -> None:
    assert told(events_in("others/AADAuditEvents.json")[0]) == {
        "time": 1627910965983,
        "id": "Directory_10065ffb-8199-48bc-8ff5-912cb5b8295a_AUMVX_13992832",
        "source": "log analytics",
        "user_id": "aead923d-498b-4f64-a66c-2af91447a8b6",
        "user_principal_name": "pgustavo@simulandlabs.com",
        "client": {
            "user_agent": "Mozilla/5.0 (Windows NT; Windows NT 10.0; en-US)"
            " WindowsPowerShell/5.1.17763.1971"
        },
        "correlation_id": "10065ffb-8199-48bc-8ff5-912cb5b8295a",
        "operation": "Update application - Certificates and secrets management",
        "category": "ApplicationManagement",
        "target_ids": ("11b49e19-2326-4be6-93cb-7f37439bbd81",),
        "target_names": ("SimuLandApp",),
        "target_types": ("Application",),
        "changes": (
            (
                "KeyDescription",
                "",
                "[KeyIdentifier=59eaeebc-8a6b-44a6-9f24-7d55e64420c9,KeyType=Password,"
                "KeyUsage=Verify,DisplayName=SimuLandCreds]",
            ),
            ("Included Updated Properties", "", "KeyDescription"),
        ),
    }


def row(**changes: Any) -> dict[str, Any]:
    """A row of the table SigninLogs with dynamic columns as objects."""
    return {
        "Type": "SigninLogs",
        "TimeGenerated": iso(60),
        "CreatedDateTime": iso(0),
        "Id": "r1",
        "UserId": "57E4BD36-0000-4000-8000-000000000001",
        "UserPrincipalName": "DebraB@Contoso.com",
        "AppDisplayName": "Office 365",
        "ResultType": "0",
        "IPAddress": "203.0.113.7:4711",
        "Location": "US",
        "AADTenantId": "887C9144-0000-4000-8000-000000000001",
        "TenantId": "the-workspace",
    } | changes


def sign_in(**changes: Any) -> SignIn:
    event = event_of(row(**changes))
    assert isinstance(event, SignIn)
    return event


def test_the_tenant_is_not_the_workspace_and_the_time_not_the_delivery() -> None:
    event = sign_in()
    assert event.tenant_id == "887c9144-0000-4000-8000-000000000001"
    assert event.time == START_MS
    assert event.ip_address == "203.0.113.7"
    assert event.location.country_or_region == "US"


@pytest.mark.parametrize(
    "changes",
    [
        {"DeviceDetail": {"operatingSystem": "Windows 10", "isManaged": True}},
        {"DeviceDetail": '{"operatingSystem":"Windows 10","isManaged":true}'},
        {"DeviceDetail_dynamic": "", "DeviceDetail_string": '{"operatingSystem":"Windows 10",'
         '"isManaged":"true"}'},
        {"DeviceDetail_s": '{\r\n  "operatingSystem": "Windows 10",\r\n  "isManaged": true\r\n}'},
    ],
)  # fmt: skip
def test_dynamic_columns_come_as_objects_as_strings_and_under_other_names(
    changes: dict[str, Any],
) -> None:
    client = sign_in(**changes).client
    assert (client.operating_system, client.is_managed) == ("Windows 10", True)


def test_times_of_the_portal_are_read() -> None:
    changed = row()
    del changed["CreatedDateTime"], changed["TimeGenerated"]
    changed["CreatedDateTime [UTC]"] = "3/3/2025, 9:00:00.000 AM"
    assert event_of(changed).time == START_MS
    changed["CreatedDateTime [UTC]"] = "no time"
    assert refusal(changed) == "sign-in without a readable time"


@pytest.mark.parametrize(
    ("table", "actor", "interactive"),
    [
        ("SigninLogs", "user", True),
        ("AADNonInteractiveUserSignInLogs", "user", False),
        ("AADServicePrincipalSignInLogs", "servicePrincipal", False),
        ("AADManagedIdentitySignInLogs", "managedIdentity", False),
        ("ADFSSignInLogs", "user", True),
    ],
)
def test_the_table_says_who_signs_in(table: str, actor: str, *, interactive: bool) -> None:
    event = sign_in(Type=table)
    assert (event.actor, event.is_interactive) == (actor, interactive)


@pytest.mark.parametrize(
    ("changes", "code", "result"),
    [
        ({"ResultType": "50126"}, 50126, "failure"),
        ({"ResultType": "50140"}, 50140, "interrupt"),
        ({"ResultType": 0, "Status": '{"errorCode":50076}'}, 50076, "interrupt"),
        ({"IsInteractive": "TRUE", "RiskEventTypes_V2": ""}, 0, "success"),
    ],
)
def test_the_result_is_a_text_a_number_or_json(
    changes: dict[str, Any], code: int, result: str
) -> None:
    event = sign_in(**changes)
    assert (event.error_code, event.result) == (code, result)


def test_a_password_reset_of_the_audit_table() -> None:
    event = event_of(
        {
            "Type": "AuditLogs",
            "TimeGenerated": iso(0),
            "OperationName": "Reset password (self-service)",
            "Result": "success",
            "InitiatedBy": '{"user":{"id":"u1","userPrincipalName":"ann@x.example"}}',
            "TargetResources": '[{"id":"u1","type":"User","userPrincipalName":"ann@x.example"}]',
            "Id": "a1",
        }
    )
    assert isinstance(event, PasswordChange)
    assert (event.user_id, event.how, event.time) == ("u1", "self-service reset", START_MS)


def test_the_providers_detections_as_rows() -> None:
    event = event_of(
        {
            "Type": "AADUserRiskEvents",
            "TimeGenerated": iso(90),
            "ActivityDateTime": iso(0),
            "DetectedDateTime": iso(30),
            "LastUpdatedDateTime": iso(60),
            "Id": "d1",
            "IpAddress": "203.0.113.7",
            "Location": {"countryOrRegion": "US", "city": "Seattle"},
            "RequestId": "r1",
            "RiskEventType": "passwordSpray",
            "RiskLevel": "high",
            "RiskState": "atRisk",
            "UserId": "u1",
            "UserPrincipalName": "Ann@x.example",
            "AdditionalInfo": '[{"Key":"riskReasons","Value":["UnfamiliarASN"]}]',
        }
    )
    assert isinstance(event, ProductAlert)
    assert (event.time, event.detected_at) == (START_MS, START_MS + 30_000)
    assert (event.alert_id, event.last_updated) == ("d1", START_MS + 60_000)
    assert (event.risk_event_type, event.severity, event.category) == (
        *("passwordSpray", "high"),
        "UnfamiliarASN",
    )
    assert event.location.city == "Seattle"


def test_a_risky_user_as_a_row() -> None:
    event = event_of(
        {
            "Type": "AADRiskyUsers",
            "TimeGenerated": iso(90),
            "RiskLastUpdatedDateTime": iso(0),
            "Id": "U1",
            "RiskState": "remediated",
            "RiskLevel": "high",
            "UserPrincipalName": "ann@x.example",
        }
    )
    assert isinstance(event, ProductAlert)
    assert (event.about, event.user_id, event.risk_state) == ("person", "u1", "remediated")


def test_a_call_to_graph_as_a_row() -> None:
    event = event_of(
        {
            "Type": "MicrosoftGraphActivityLogs",
            "TimeGenerated": iso(0),
            "AadTenantId": "t1",
            "RequestId": "q1",
            "RequestMethod": "GET",
            "RequestUri": "https://graph.microsoft.com/v1.0/users",
            "ResponseStatusCode": 200,
            "IPAddress": "203.0.113.7",
            "UserId": "u1",
            "Scopes": "User.Read.All Mail.Read",
            "SignInActivityId": "JYpgIpsdtUSw8suU8GstAA",
        }
    )
    assert isinstance(event, ApiCall)
    assert (event.user_id, event.tenant_id, event.response_status_code) == ("u1", "t1", 200)
    assert event.scopes == ("Mail.Read", "User.Read.All")
    assert event.unique_token_identifier == "JYpgIpsdtUSw8suU8GstAA"


def test_a_query_that_picked_columns_is_still_recognised() -> None:
    picked = row()
    for name in ("Type", "Location", "TenantId", "CreatedDateTime"):
        del picked[name]
    assert isinstance(event_of(picked), SignIn)
    audit = {"ActivityDateTime": iso(0), "OperationName": "Add user", "InitiatedBy": "{}"}
    assert isinstance(event_of(audit | {"Category": "UserManagement"}), AccountChange)


def test_graphs_own_objects_are_not_taken_for_rows() -> None:
    (event,) = decode(msgspec.json.encode(signed_in("g1")))  # type: ignore[misc]
    assert event.source == "entra sign-in"


def test_rows_without_any_time_are_refused() -> None:
    assert events_in("tables/AuditLogs_Hunting.csv") == []
    assert refusal(
        {"Type": "AuditLogs", "OperationName": "Add user", "AADOperationType": "Add"}
    ) == ("audit row without a readable time")


def test_an_audit_row_says_who_did_what() -> None:
    event = events_in("others/AADAuditEvents.json")[2]
    assert isinstance(event, DirectoryChange)
    assert event.target_types == ("Application",)
    assert event.changes[0][0] == "RequiredResourceAccess"
