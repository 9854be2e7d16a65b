from __future__ import annotations

from typing import Any

from logs.product_samples import event_of, events_of, records_of, refusal_of, said
from risktui.model.events import Location, ProductAlert


def test_an_alert_about_a_user() -> None:
    record = records_of("graph_security/microsoft_graph_passthrough.ndjson")[0]
    event = event_of(record)
    assert said(event) == {
        "kind": "ProductAlert",
        "time": 1775053908438,
        "id": "abcd12345efghijk6789:011d5ede-0faa-4946-a25e-b2cd0c47a52c",
        "source": "graph security alert",
        "tenant_id": "12345-abcde-a1b2k3",
        "user_id": "011d5ede-0faa-4946-a25e-b2cd0c47a52c",
        "user_principal_name": "homer.simpson@corporation.onmicrosoft.com",
        "ip_address": "185.220.103.6",
        "location": Location(country_or_region="US", radius_km=500.0),
        "operation": "alert",
        "product": "Microsoft Defender for Identity",
        "title": "Anonymous IP address",
        "severity": "medium",
        "category": "AnonymousLogin",
        "alert_id": "abcd12345efghijk6789",
        "detected_at": 1775053908438,
        "last_updated": 1775054096229,
        "about": "user",
    }


def test_an_alert_without_an_address() -> None:
    record = records_of("graph_security/microsoft_graph_passthrough.ndjson")[1]
    event = event_of(record)
    assert said(event) == {
        "kind": "ProductAlert",
        "time": 1775139720698,
        "id": ("abcdefg-123456-hijklmno:homer.simpson@corporation.onmicrosoft.com"),
        "source": "graph security alert",
        "tenant_id": "abcdef-123456-ghijklmn",
        "user_principal_name": "homer.simpson@corporation.onmicrosoft.com",
        "operation": "alert",
        "product": "Microsoft Defender for Identity",
        "title": "Password Spray",
        "severity": "high",
        "category": "PasswordSpray",
        "alert_id": "abcdefg-123456-hijklmno",
        "detected_at": 1775122084767,
        "last_updated": 1775140221979,
        "about": "user",
    }


LEGACY: dict[str, Any] = {
    "id": "a-1",
    "title": "Anonymous IP address",
    "category": "AnonymousLogin",
    "severity": "medium",
    "status": "newAlert",
    "azureTenantId": "T-1",
    "createdDateTime": "2025-03-03T09:05:00Z",
    "eventDateTime": "2025-03-03T09:00:00Z",
    "vendorInformation": {"provider": "IPC", "vendor": "Microsoft"},
    "userStates": [
        {
            "aadUserId": "U-1",
            "userPrincipalName": "Alice@Contoso.com",
            "logonIp": "203.0.113.7",
            "logonId": "r-1",
            "logonLocation": "United States, Chicago",
        },
        {"accountName": "bob", "domainName": "contoso.com"},
    ],
}


def test_an_older_alert_is_one_for_each_user() -> None:
    alice, bob = events_of(LEGACY)
    assert isinstance(alice, ProductAlert)
    assert said(alice) | {"time": 0} == {
        "kind": "ProductAlert",
        "time": 0,
        "id": "a-1:u-1",
        "source": "graph security alert",
        "tenant_id": "t-1",
        "user_id": "u-1",
        "user_principal_name": "alice@contoso.com",
        "ip_address": "203.0.113.7",
        "location": Location(country_or_region="US", city="Chicago", radius_km=50.0),
        "operation": "alert",
        "product": "Microsoft IPC",
        "title": "Anonymous IP address",
        "severity": "medium",
        "category": "AnonymousLogin",
        "risk_event_type": "anonymizedIPAddress",
        "request_id": "r-1",
        "alert_id": "a-1",
        "detected_at": 1740992700000,
        "about": "user",
    }
    assert bob.user == "bob@contoso.com"


def test_an_alert_closed_as_false_is_a_message_of_its_own() -> None:
    record = records_of("graph_security/microsoft_graph_passthrough.ndjson")[0]
    closed = record | {"status": "resolved", "classification": "falsePositive"}
    opened, dismissed = event_of(record), event_of(closed)
    assert isinstance(dismissed, ProductAlert)
    assert dismissed.risk_state == "dismissed"
    assert dismissed.id != opened.id


def test_an_alert_about_devices_is_refused() -> None:
    record = records_of("graph_security/graph_security_alerts_v2_example_trimmed.json")[0]
    assert refusal_of(record).reason == (
        "graph security alert about no user: Microsoft Defender for Endpoint"
    )


def test_the_pattern_of_the_documentation_is_quarantined_for_its_time() -> None:
    assert refusal_of(records_of("graph_security/v1.0__api__alert-get__2.json")[0]).broken
