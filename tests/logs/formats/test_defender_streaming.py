from __future__ import annotations

import json
from typing import Any

import pytest

from logs.product_samples import event_of, events_of, owner, records_of, refusal_of, said
from risktui.logs.formats.registry import NotRead, decode
from risktui.model.events import Client, Location, ProductAlert, SignIn


def test_the_title_of_an_alert() -> None:
    record = records_of("defender/defender_detection_passthrough.ndjson")[0]
    event = event_of(record)
    assert said(event) == {
        "kind": "ProductAlert",
        "time": 1745268664058,
        "id": "0000000000-1111-2222-3333-444444444444",
        "source": "defender xdr",
        "tenant_id": "55555555-6666-7777-8888-999999999999",
        "actor": "system",
        "operation": "alert",
        "product": "Microsoft Sentinel",
        "title": "Regsvr32 Rundll32 Image Loads Abnormal Extension",
        "severity": "high",
        "category": "DefenseEvasion",
        "alert_id": "0000000000-1111-2222-3333-444444444444",
        "about": "user",
    }


def test_a_replication_that_was_asked_for() -> None:
    record = records_of("defender/Microsoft365DefenderEvents.json")[5]
    event = event_of(record)
    assert said(event) == {
        "kind": "DirectoryChange",
        "time": 1627909982057,
        "id": ("3ab932f1-c0d9-4c09-bb4d-dfc0852bbdf7_106830890_1627909982057_20940"),
        "source": "defender xdr",
        "user_id": "aead923d-498b-4f64-a66c-2af91447a8b6",
        "user_principal_name": "pgustavo@simulandlabs.com",
        "user_display_name": "Gustavo Pedro",
        "ip_address": "192.168.2.5",
        "network": owner(0, "INTERNAL_NETWORK"),
        "client": Client(device_name="adfs01.simulandlabs.com"),
        "app_display_name": "Active Directory",
        "operation": "Directory Services replication",
        "category": "Active Directory",
        "target_names": ("dc01.simulandlabs.com",),
    }


def test_what_is_inside_is_read_by_its_own_format() -> None:
    record = records_of("defender/Microsoft365DefenderEvents.json")[7]
    event = event_of(record)
    assert said(event) == {
        "kind": "FileAccess",
        "time": 1627911127000,
        "id": "699e0b10-1c53-403e-976f-ce0847a92b44",
        "source": "unified audit",
        "user_principal_name": "pgustavo@simulandlabs.com",
        "ip_address": "1.2.3.4",
        "location": Location(country_or_region="US", city="chicago"),
        "network": owner(0, "Microsoft 365 Common and Office Online server"),
        "client": Client(user_agent="Client=REST;;"),
        "app_id": "5a95e683-08ad-424e-a441-1d1aec52c02c",
        "operation": "MailItemsAccessed",
        "aliases": ("puid:100320015858b802",),
        "coarse": 999,
        "site": "pgustavo@simulandlabs.com",
        "count": 7,
        "workload": "Exchange",
    }


def row(table: str, **columns: Any) -> dict[str, Any]:
    """A streamed row of a table."""
    return {
        "time": "2025-03-03T09:05:00.0000000Z",
        "tenantId": "T-1",
        "operationName": "Publish",
        "category": f"AdvancedHunting-{table}",
        "properties": {"Timestamp": "2025-03-03T09:00:00.1234567Z", **columns},
        "Tenant": "DefaultTenant",
    }


def test_evidence_about_a_user_has_what_the_table_gives_it() -> None:
    evidence = row(
        "AlertEvidence",
        AlertId="da1",
        EntityType="User",
        EvidenceRole="Impacted",
        AccountObjectId="U-1",
        AccountUpn="Alice@Contoso.com",
        DeviceId="D-1",
        RemoteIP="203.0.113.7",
        Categories='["CredentialAccess"]',
    )
    event = event_of(evidence)
    assert isinstance(event, ProductAlert)
    assert (event.user, event.alert_id, event.title) == ("u-1", "da1", "")
    assert (event.id, event.ip_address, event.category) == (
        "da1:u-1:d-1",
        "203.0.113.7",
        "CredentialAccess",
    )


def test_an_account_by_name_and_domain() -> None:
    evidence = row(
        "AlertEvidence",
        AlertId="da1",
        EntityType="User",
        AccountName="Alice",
        AccountDomain="contoso.com",
    )
    assert event_of(evidence).user == "alice@contoso.com"


def test_rows_of_the_hunting_api_are_the_same_without_an_envelope() -> None:
    wrapped = row("AlertInfo", AlertId="da1", Title="T", Severity="High", Category="C")
    assert said(event_of(wrapped["properties"])) | {"tenant_id": "t-1"} == said(event_of(wrapped))


@pytest.mark.parametrize(
    ("action", "reason", "expected"),
    [
        ("LogonSuccess", None, ("ok", "success", 0)),
        ("LogonFailed", "WrongPassword", ("wrong", "failure", 50126)),
        ("LogonFailed", "Account locked", ("unknown", "failure", 50053)),
        ("LogonFailed", "Something new", ("unknown", "failure", -1)),
    ],
)
def test_logons_are_sign_ins(
    action: str, reason: str | None, expected: tuple[str, str, int]
) -> None:
    logon = row(
        "IdentityLogonEvents",
        ActionType=action,
        Application="Microsoft 365",
        LogonType="OAuth2:Authorize",
        AccountUpn="Alice@Contoso.com",
        AccountObjectId="U-1",
        IPAddress="203.0.113.7",
        Location="FR",
        OSPlatform="Windows 10",
        FailureReason=reason,
        ReportId="r",
        AdditionalFields='{"Request ID": "22608A25-1d9b-44b5-b0f2-cb94f06b2d00"}',
    )
    event = event_of(logon)
    assert isinstance(event, SignIn)
    assert (event.credentials, event.result, event.error_code) == expected
    assert event.id == "22608a25-1d9b-44b5-b0f2-cb94f06b2d00"
    assert event.location.country_or_region == "FR"


def test_a_computers_account_is_no_person() -> None:
    logon = row(
        "IdentityLogonEvents",
        ActionType="LogonSuccess",
        Application="Active Directory",
        LogonType="Resource access",
        Protocol="Kerberos",
        AccountName="WS01$",
        ReportId="r",
    )
    event = event_of(logon)
    assert event.actor == "system"
    assert isinstance(event, SignIn)
    assert not event.is_interactive


def test_clicks_and_what_devices_do_are_refused_by_table() -> None:
    clicks = row("UrlClickEvents", AccountUpn="a@b.c", Url="https://x")
    assert refusal_of(clicks).reason == "defender xdr: UrlClickEvents is not read"
    searched = records_of("defender/Microsoft365DefenderEvents.json")[0]
    assert refusal_of(searched).reason == "defender xdr: a row of LdapSearch is not read"


def test_several_people_of_one_alert_are_several_events() -> None:
    rows = [
        row("AlertEvidence", AlertId="da1", EntityType="User", AccountUpn=f"{name}@contoso.com")
        for name in ("alice", "bob")
    ]
    assert [event.id for each in rows for event in events_of(each)] == [
        "da1:alice@contoso.com",
        "da1:bob@contoso.com",
    ]


def test_the_program_that_hands_out_tokens_and_who_started_it() -> None:
    row = {
        "Timestamp": "2026-03-02T09:00:00Z",
        "DeviceId": "d1",
        "DeviceName": "laptop-1",
        "FileName": "BrowserCore.exe",
        "ProcessCommandLine": "BrowserCore.exe",
        "InitiatingProcessFileName": "powershell.exe",
        "InitiatingProcessAccountUpn": "ada@contoso.com",
    }
    category = "AdvancedHunting-DeviceProcessEvents"
    record = {"time": row["Timestamp"], "category": category, "properties": row}
    (event,) = decode(json.dumps(record).encode())  # type: ignore[misc]
    assert isinstance(event, ProductAlert)
    assert event.title == "BrowserCore.exe started by powershell.exe: BrowserCore.exe"
    assert (event.user_principal_name, event.category) == ("ada@contoso.com", "DeviceProcessEvents")
    record["properties"] = row | {"FileName": "calc.exe", "ProcessCommandLine": "calc"}
    assert isinstance(decode(json.dumps(record).encode()), NotRead)
