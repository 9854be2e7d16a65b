from __future__ import annotations

from typing import Any

import msgspec
import pytest

from logs.written_logs import START_MS, sign_in, signed_in
from risktui.logs.formats.registry import NotRead, decode
from risktui.model.events import NO_NETWORK, NOWHERE, Location, ProductAlert, SignIn


def read(record: dict[str, Any]) -> SignIn:
    events = decode(msgspec.json.encode(record))
    assert isinstance(events, list), events
    event, *_ = events
    assert isinstance(event, SignIn)
    return event


@pytest.mark.parametrize(
    ("state", "kinds"),
    [
        ("atRisk", ["anonymizedIPAddress", "unfamiliarFeatures"]),
        ("dismissed", ["anonymizedIPAddress", "unfamiliarFeatures"]),
        ("none", []),
        (None, []),
    ],
)
def test_what_microsoft_found_in_a_sign_in_are_alerts_of_its_own(
    state: str | None, kinds: list[str]
) -> None:
    record = sign_in(
        "r1",
        riskState=state,
        riskLevelDuringSignIn="medium",
        riskDetail="none",
        riskEventTypes=["unfamiliarFeatures"],
        riskEventTypes_v2=["unfamiliarFeatures", "anonymizedIPAddress"],
    )
    events = decode(msgspec.json.encode(record))
    assert isinstance(events, list)
    alerts = [event for event in events[1:] if isinstance(event, ProductAlert)]
    assert [alert.risk_event_type for alert in alerts] == kinds
    assert {alert.request_id for alert in alerts} <= {"r1"}
    assert {(alert.severity, alert.risk_state) for alert in alerts} <= {("medium", state)}


def test_a_diagnostic_record_becomes_a_sign_in() -> None:
    event = read(
        sign_in(
            "22608a25-1d9b-44b5-b0f2-cb94f06b2d00",
            5.25,
            userAgent="Mozilla/5.0 (X11; Linux x86_64)",
            clientAppUsed="Browser",
            deviceDetail={
                "deviceId": "ABCD",
                "displayName": "LAPTOP-1",
                "operatingSystem": "Windows 10",
                "browser": "Edge 120",
                "isCompliant": True,
                "isManaged": None,
                "trustType": "Azure AD joined",
            },
            autonomousSystemNumber=64500,
            networkLocationDetails=[
                {"networkType": "namedNetwork", "networkNames": ["Office"]},
                {"networkType": "trustedNamedLocation", "networkNames": ["HQ", "Any"]},
            ],
            sessionId="session-1",
            correlationId="correlation-1",
            resourceDisplayName="Microsoft Graph",
            conditionalAccessStatus="success",
            authenticationRequirement="singleFactorAuthentication",
            authenticationProtocol="ropc",
            incomingTokenType="primaryRefreshToken",
            tokenIssuerType="AzureAD",
            tokenIssuerName="sts",
            uniqueTokenIdentifier="JYpgIpsdtUSw8suU8GstAA",
            userType="Guest",
            homeTenantId="AAAA",
            resourceTenantId="BBBB",
            crossTenantAccessType="b2bCollaboration",
            riskLevelDuringSignIn="medium",
            riskState="atRisk",
            riskEventTypes=["unfamiliarFeatures"],
            riskEventTypes_v2=["unfamiliarFeatures", "anonymizedIPAddress"],
        )
    )
    assert event.time == START_MS + 5_250  # when it happened, not when it was delivered
    assert event.id == "22608a25-1d9b-44b5-b0f2-cb94f06b2d00"
    assert event.source == "entra sign-in"
    assert event.actor == "user"
    assert event.tenant_id == "887c9144-0000-4000-8000-000000000001"
    assert event.user_id == "57e4bd36-0000-4000-8000-000000000001"
    assert event.user_principal_name == "debrab@contoso.com"
    assert event.user_display_name == "Debra Berger"
    assert event.user_type == "guest"
    assert event.ip_address == "203.0.113.7"
    assert event.location == Location("US", "New York", "Rochester", 43.15, -77.61, 50.0)
    assert (event.network.asn, event.network.trusted) == (64500, True)
    assert event.network.named_location == "HQ"
    assert event.client.user_agent.startswith("Mozilla/5.0")
    assert event.client.device_id == "abcd"
    assert event.client.managed
    assert event.client.client_app == "Browser"
    assert (event.session_id, event.correlation_id) == ("session-1", "correlation-1")
    assert event.app_display_name == "Office 365"
    assert event.operation == "Sign-in activity"
    assert (event.credentials, event.result, event.mfa) == ("ok", "success", "")
    assert event.failure_reason == ""
    assert event.is_interactive
    assert event.authentication_protocol == "ropc"
    assert event.incoming_token_type == "primaryRefreshToken"
    assert event.unique_token_identifier == "JYpgIpsdtUSw8suU8GstAA"
    assert (event.home_tenant_id, event.resource_tenant_id) == ("aaaa", "bbbb")
    assert event.cross_tenant_access_type == "b2bCollaboration"
    assert (event.provider_risk_level, event.provider_risk_state) == ("medium", "atRisk")
    assert event.provider_risk_event_types == ("anonymizedIPAddress", "unfamiliarFeatures")


def test_graph_and_diagnostic_records_say_the_same() -> None:
    graph = read(signed_in("x", 3))
    diagnostic = read(sign_in("x", 3))
    diagnostic.tenant_id = ""
    assert graph == diagnostic


@pytest.mark.parametrize(
    ("category", "actor", "interactive"),
    [
        ("SignInLogs", "user", True),
        ("NonInteractiveUserSignInLogs", "user", False),
        ("ServicePrincipalSignInLogs", "servicePrincipal", False),
        ("ManagedIdentitySignInLogs", "managedIdentity", False),
        ("ADFSSignInLogs", "user", True),
    ],
)
def test_the_category_says_who_signs_in(category: str, actor: str, interactive: bool) -> None:
    event = read(sign_in("x", isInteractive=None) | {"category": category})
    assert (event.actor, event.is_interactive) == (actor, interactive)


def test_the_default_risk_of_a_service_principal_is_no_risk() -> None:
    record = sign_in(
        "x",
        userId=None,
        userPrincipalName="",
        servicePrincipalId="ABC",
        servicePrincipalName="Backup",
        riskLevelDuringSignIn="low",
        riskLevelAggregated="low",
        location={
            "city": "",
            "state": "",
            "countryOrRegion": "",
            "geoCoordinates": {"latitude": 0.0, "longitude": 0.0},
        },
    )
    event = read(record | {"category": "ServicePrincipalSignInLogs"})
    assert event.provider_risk_level == ""
    assert (event.service_principal_id, event.service_principal_name) == ("abc", "Backup")
    assert event.user == ""
    assert event.location == NOWHERE


def test_an_adfs_record_is_read_despite_its_odd_types() -> None:
    record = sign_in(
        "x",
        ipAddress="10.1.2.3",
        tokenIssuerType="ADFederationServices",
        riskLevelDuringSignIn="hidden",
        deviceDetail={"deviceId": "", "operatingSystem": ""},
    )
    event = read(
        record
        | {"category": "ADFSSignInLogs", "time": "12/12/2025 3:03:58 PM", "durationMs": "0"}
        | {"level": "4"}
    )
    assert event.token_issuer_type == "ADFederationServices"
    assert event.of_federation
    assert not read(record).of_federation
    assert event.provider_risk_level == "hidden"
    assert event.ip_address == "10.1.2.3"


def test_a_record_whose_types_drift_is_read_field_by_field() -> None:
    event = read(
        sign_in(
            "x",
            isInteractive="TRUE",
            autonomousSystemNumber="64500",
            status='{"errorCode": "50126", "failureReason": 7}',
            deviceDetail='{"browser": "Edge 90", "isManaged": "true"}',
            location='{"city": "Azor", "countryOrRegion": "il", "geoCoordinates": '
            '{"latitude": "32.02", "longitude": "34.79"}}',
            authenticationDetails='[{"authenticationStepResultDetail": "Correct password"}]',
            riskEventTypes="[]",
            riskEventTypes_v2='["unfamiliarFeatures"]',
            userDisplayName=12,
            sessionId={"unexpected": 1},
        )
    )
    assert event.is_interactive
    assert event.network.asn == 64500
    assert (event.error_code, event.failure_reason) == (50126, "7")
    assert event.client.browser == "Edge 90"
    assert event.client.is_managed
    assert event.location == Location("IL", "", "Azor", 32.02, 34.79, 50.0)
    assert event.provider_risk_event_types == ("unfamiliarFeatures",)
    assert event.user_display_name == "12"
    assert event.session_id == ""


def test_keys_in_pascal_case_are_read() -> None:
    record = sign_in("x", 4)
    properties = {key[0].upper() + key[1:]: value for key, value in record["properties"].items()}
    event = read({"Category": "SignInLogs", "TenantId": "T", "Properties": properties})
    assert (event.id, event.tenant_id, event.app_display_name) == ("x", "t", "Office 365")


def test_the_envelope_knows_the_country_where_the_properties_know_no_place() -> None:
    assert read(sign_in("x", location=None) | {"location": "JP"}).location == Location(
        "JP", radius_km=500.0
    )


def test_an_envelope_in_lower_case_and_properties_in_a_string_are_read() -> None:
    properties = msgspec.json.encode(signed_in("x") | {"ipAddress": "", "status": {}}).decode()
    event = read(
        {
            "category": "SignInLogs",
            "calleripaddress": "198.51.100.9",
            "resulttype": 50126,
            "tenantid": "T",
            "properties": properties,
            "durationms": [],
        }
    )
    assert event.id == "x"
    assert event.app_display_name == "Office 365"


@pytest.mark.parametrize(
    ("status", "result_type", "code"),
    [
        ({"errorCode": 50126}, "0", 50126),
        ({"errorCode": "50126"}, "0", 50126),
        ({}, "50126", 50126),
        ({}, 50126, 50126),
        (None, "Success", 0),
        (None, "Failure", -1),
    ],
)
def test_the_result_code_is_found_where_it_stands(
    status: object, result_type: object, code: int
) -> None:
    assert read(sign_in("x", status=status) | {"resultType": result_type}).error_code == code


def test_a_failure_without_a_reason_gets_the_meaning_of_its_code() -> None:
    event = read(sign_in("x", status={"errorCode": 50126, "failureReason": "Other."}))
    assert event.failure_reason == "wrong user name or password"
    assert (event.credentials, event.result) == ("wrong", "failure")


def test_the_time_of_delivery_stands_in_where_the_time_is_unreadable() -> None:
    assert read(sign_in("x", 10, createdDateTime="redacted")).time == START_MS + 210_000


def test_without_any_time_it_goes_to_quarantine() -> None:
    record = sign_in("x", createdDateTime=None) | {"time": "String (timestamp)"}
    assert decode(msgspec.json.encode(record)) == NotRead(
        "sign-in without a readable time", broken=True
    )


def test_a_record_without_an_id_gets_one_from_its_bytes() -> None:
    record = msgspec.json.encode(sign_in("x", id=None))
    first, second = decode(record), decode(record)
    assert isinstance(first, list)
    assert isinstance(second, list)
    assert first[0].id == second[0].id
    assert first[0].id.startswith("record-")
    other = decode(msgspec.json.encode(sign_in("x", 1, id=None)))
    assert isinstance(other, list)
    assert other[0].id != first[0].id


def test_what_an_attacker_writes_is_plain_text_afterwards() -> None:
    event = read(
        sign_in(
            "x",
            userAgent="\x1b]0;owned\x07curl/8\u202e",
            userDisplayName="[red]Bob\x1b[2J\r\n",
            userPrincipalName="\u200bBob@contoso.com",
            deviceDetail={"displayName": "a" * 5_000},
        )
    )
    assert event.client.user_agent == "curl/8"
    assert event.user_display_name == "[red]Bob"
    assert event.user_principal_name == "bob@contoso.com"
    assert event.client.device_name == "a" * 511 + "…"


def test_an_unknown_user_has_no_id() -> None:
    event = read(sign_in("x", userId="00000000-0000-0000-0000-000000000000"))
    assert event.user == "debrab@contoso.com"


@pytest.mark.parametrize("nothing", ["00000000-0000-0000-0000-000000000000", "N/A", "-", ""])
def test_sessions_and_tokens_that_nobody_knows_are_not_one(nothing: str) -> None:
    names = ("sessionId", "correlationId", "uniqueTokenIdentifier")
    ids: dict[str, Any] = dict.fromkeys(names, nothing)
    event = read(sign_in("x", **ids))
    assert event.session_id == event.correlation_id == event.unique_token_identifier == ""
    assert read(sign_in("x", sessionId="AbC-1")).session_id == "AbC-1"


def test_nothing_known_of_the_network_is_no_network() -> None:
    assert read(sign_in("x", networkLocationDetails=[])).network is NO_NETWORK


@pytest.mark.parametrize(
    "record",
    [
        {"category": "Provisioning", "properties": {"id": "x", "createdDateTime": "2025-01-01"}},
        {"createdDateTime": "2025-01-01T00:00:00Z", "riskDateTime": "x", "userId": "u"},
        {"createdDateTime": "2025-01-01T00:00:00Z", "title": "an alert", "severity": "high"},
        {"note": "a text with SignInLogs in it"},
    ],
)
def test_other_records_are_not_taken_for_sign_ins(record: dict[str, Any]) -> None:
    reading = decode(msgspec.json.encode(record))
    assert isinstance(reading, NotRead)
    assert not reading.broken
