"""Microsoft 365's unified audit log: one record in every container, and every kind of record."""

from __future__ import annotations

import csv
import io
import json
from typing import Any

import pytest

from logs.told import event_of, events_in, events_of, refusal, told
from risktui.logs.containers import Record, Splitter
from risktui.logs.formats.registry import NotRead, decode
from risktui.model.events import (
    DirectoryChange,
    Event,
    FileAccess,
    MailboxRule,
    MailSent,
    PasswordChange,
    ProductAlert,
    SignIn,
)

CHROME = (
    "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko)"
    " Chrome/104.0.0.0 Safari/537.36"
)


def test_a_sign_in_field_by_field() -> None:
    success, failure = events_in("unified_audit/Search-UnifiedAuditLog_powershell.csv")[16:]
    assert told(success) == {
        "time": 1701722525000,
        "coarse": 999,
        "id": "52d72a62-132b-487b-bb7f-c4c119f90700",
        "source": "unified audit",
        "tenant_id": "75243ab2-44f8-435c-a7a6-b479385df6d4",
        "user_id": "2d2f9e2c-8350-4d98-852e-3f06daaf7185",
        "user_principal_name": "user15@splunkresearch.onmicrosoft.com",
        "ip_address": "54.68.231.63",
        "client": {
            "user_agent": "Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:120.0) Gecko/20100101"
            " Firefox/120.0",
            "browser": "Firefox",
            "operating_system": "Windows10",
        },
        "session_id": "15e27956-79a0-45b2-9d02-60f48349f692",
        "correlation_id": "6463a6ad-27ec-b311-dc52-ecdde38d9492",
        "app_id": "00000002-0000-0ff1-ce00-000000000000",
        "operation": "UserLoggedIn",
        "credentials": "ok",
        "home_tenant_id": "75243ab2-44f8-435c-a7a6-b479385df6d4",
        "resource_tenant_id": "75243ab2-44f8-435c-a7a6-b479385df6d4",
        "resource_id": "00000002-0000-0ff1-ce00-000000000000",
    }
    assert told(failure) == {
        "time": 1696957745000,  # the record's own time has 65 seconds; the column's is taken
        "coarse": 999,
        "id": "4593aac8-855f-4341-9d2a-4289146eb800",
        "source": "unified audit",
        "tenant_id": "d541aae6-6b73-4a7c-aaf0-a4de30c872bc",
        "user_id": "57e4bd36-9722-4a4a-9729-7203d8e00b72",
        "user_principal_name": "user30@contoso.onmicrosoft.com",
        "ip_address": "52.3.21.4",
        "client": {
            "user_agent": CHROME,
            "browser": "Chrome",
            "operating_system": "Windows10",
        },
        "correlation_id": "97e59adc-b4be-4ea6-8f17-b46677242190",
        "app_id": "9ba1a5c7-f17a-4de9-a1f1-6178c8d51223",
        "operation": "UserLoginFailed",
        "error_code": 50126,
        "failure_reason": "wrong user name or password",
        "additional_details": "InvalidUserNameOrPassword",
        "credentials": "wrong",
        "result": "failure",
        "home_tenant_id": "d541aae6-6b73-4a7c-aaf0-a4de30c872bc",
        "resource_tenant_id": "d541aae6-6b73-4a7c-aaf0-a4de30c872bc",
    }


def test_a_change_in_the_directory_field_by_field() -> None:
    event = events_in("unified_audit/o365_management_activity.ndjson")[3]
    assert told(event) == {
        "time": 1697820646000,
        "coarse": 999,
        "id": "30a8b107-b190-406c-9b80-c3f5c3a29129",
        "source": "unified audit",
        "tenant_id": "d8211c86-3244-409b-8c4f-ae27ed34b4a5",
        "user_id": "e4c722ac-3b83-478d-8f52-c388885dc30f",
        "user_principal_name": "attacker@splunkresearch.onmicrosoft.com",
        "aliases": ("puid:1003bffd98415b4e",),
        "correlation_id": "6a6b4dfe-8b77-49db-9999-510115d1f3dd",
        "operation": "Add member to role",
        "category": "Role",
        "target_ids": ("57e4bd36-9722-4a4a-9729-7203d8e00b72",),
        "target_names": ("lowpriv@splunkresearch.onmicrosoft.com",),
        "target_types": ("User",),
        "changes": (
            ("Role.ObjectID", "", "0ee19da2-ee3d-4743-ae53-8cb79599c384"),
            ("Role.DisplayName", "", "Company Administrator"),
            ("Role.TemplateId", "", "62e90394-69f5-4237-9190-012177145e10"),
            ("Role.WellKnownObjectName", "", "TenantAdmins"),
        ),
    }


def test_a_row_of_office_activity_field_by_field() -> None:
    assert told(events_in("unified_audit/office_activity_inbox_rule.csv")[0]) == {
        "time": 1619421430000,
        "coarse": 999,
        "id": "d28096ba-03b1-4c2a-1503-08d908826606",
        "source": "unified audit",
        "tenant_id": "2ad3fc79-1859-42fa-9011-6f8df2251b22",
        "user_principal_name": "adelev@contoso.onmicrosoft.com",
        "aliases": ("puid:10032000c757d25f",),
        "ip_address": "2a01:110:8068:7:9bf8:aa87:e00a:5f1f",
        "app_id": "00000002-0000-0ff1-ce00-000000000000",
        "operation": "New-InboxRule",
        "rule_name": "rule2",
        "move_to_folder": "Junk Email",
        "keywords": ("do not open",),
        "stop_processing": True,
        "conditions": (("SubjectContainsWords", "do not open"),),
    }


def test_mail_that_was_read_field_by_field() -> None:
    assert told(events_in("unified_audit/OfficeActivityEvents.json")[0]) == {
        "time": 1627911676000,
        "coarse": 999,
        "id": "699e0b10-1c53-403e-976f-ce0847a92b44",
        "source": "unified audit",
        "user_principal_name": "pgustavo@simulandlabs.com",
        "aliases": ("puid:100320015858b802",),
        "ip_address": "1.2.3.4",
        "client": {"user_agent": "Client=REST;;"},
        "app_id": "5a95e683-08ad-424e-a441-1d1aec52c02c",
        "operation": "MailItemsAccessed",
        "item": "\\Inbox",
        "path": "\\Inbox",
        "site": "pgustavo@simulandlabs.com",
        "count": 7,
        "workload": "Exchange",
        "item_id": "<00000000-0000-0000-0000-000000000000@az.centralus.production.microsoft.com>",
    }


def test_the_same_records_in_every_container_are_the_same_events() -> None:
    plain = list(map(told, events_in("unified_audit/o365_management_activity.ndjson")))
    listed = list(map(told, events_in("unified_audit/o365_management_api_content_blob.json")))
    assert listed == plain
    rows = list(map(told, events_in("unified_audit/Search-UnifiedAuditLog_powershell.csv")))
    assert rows[:17] == plain
    for name in ("iso", "us"):
        purview = events_in(f"unified_audit/purview_AuditLog_{name}_dates.csv")
        assert all(told(event) in plain for event in purview)


# Records as Microsoft's reference describes them, for what no sample shows.


def record(kind: int, operation: str, **more: Any) -> dict[str, Any]:
    return {
        "CreationTime": "2025-03-03T09:00:00",
        "Id": "9cef02e9-4bfa-4c73-be7d-9dad68b9cea8",
        "Operation": operation,
        "RecordType": kind,
        "OrganizationId": "75243ab2-44f8-435c-a7a6-b479385df6d4",
        "ResultStatus": "Succeeded",
        "UserKey": "10032001020A3408",
        "UserType": 0,
        "Workload": "Exchange",
        "UserId": "Ann@contoso.example",
        "ClientIP": "[2001:db8::7]:4711",
    } | more


def pairs(**values: Any) -> list[dict[str, Any]]:
    return [{"Name": name, "Value": value} for name, value in values.items()]


def in_purview(body: dict[str, Any]) -> bytes:
    """`body` as a row of a table."""
    text = io.StringIO()
    writer = csv.writer(text)
    writer.writerow(["RecordId", "CreationDate", "RecordType", "Operation", "UserId", "AuditData"])
    when = "3/3/2025 9:00:00 AM"
    writer.writerow(
        [body["Id"], when, body["RecordType"], body["Operation"], "x", json.dumps(body, indent=1)]
    )
    return text.getvalue().encode()


def from_table(table: bytes) -> Event:
    splitter = Splitter("log.csv")
    (row,) = splitter.feed(table) + splitter.finish()
    assert isinstance(row, Record)
    reading = decode(row.raw)
    assert not isinstance(reading, NotRead)
    return reading[0]


def test_a_row_whose_audit_data_is_empty_says_what_its_columns_say() -> None:
    table = (
        b"RecordType,CreationDate,UserIds,Operations,AuditData,Identity\r\n"
        b"AzureActiveDirectoryStsLogon,3/3/2025 9:00:00 AM,ann@contoso.example,UserLoggedIn,,i1\r\n"
    )
    event = from_table(table)
    assert isinstance(event, SignIn)
    assert (event.id, event.user_principal_name, event.result) == (
        *("i1", "ann@contoso.example"),
        "success",
    )


def test_keys_in_lower_case_are_read() -> None:
    lower = {key.lower(): value for key, value in record(15, "UserLoggedIn").items()}
    assert told(event_of(lower)) == told(event_of(record(15, "UserLoggedIn")))


@pytest.mark.parametrize(
    ("operation", "more", "code", "credentials", "result"),
    [
        ("UserLoggedIn", {"ErrorNumber": "0"}, 0, "ok", "success"),
        ("UserLoggedIn", {"ErrorNumber": "50140"}, 50140, "ok", "interrupt"),
        ("UserLoggedIn", {"ResultStatus": "TRUE"}, 0, "ok", "success"),
        ("UserLoginFailed", {"ResultStatus": "Success", "LogonError": "IdsLocked"},
         50053, "unknown", "failure"),
        ("UserLoginFailed", {"ErrorNumber": "0", "LogonError": "InvalidUserNameOrPassword"},
         50126, "wrong", "failure"),
        ("UserLoginFailed", {"LogonError": "UserStrongAuthClientAuthNRequiredInterrupt"},
         50074, "ok", "interrupt"),
        ("UserLoginFailed", {"LogonError": "SomethingNew"}, -1, "unknown", "failure"),
        ("UserLoginFailed", {"ErrorNumber": "500121"}, 500121, "ok", "failure"),
    ],
)  # fmt: skip
def test_what_became_of_a_sign_in_is_not_what_result_status_says(
    operation: str, more: dict[str, Any], code: int, credentials: str, result: str
) -> None:
    event = event_of(record(15, operation, **more))
    assert isinstance(event, SignIn)
    assert (event.error_code, event.credentials, event.result) == (code, credentials, result)


@pytest.mark.parametrize(
    ("user", "more", "actor", "key"),
    [
        ("Ann@Contoso.Example", {}, "user", "ann@contoso.example"),
        ("ann@contoso.example", {"UserType": 2}, "user", "ann@contoso.example"),
        ("NT AUTHORITY\\SYSTEM (w3wp)", {"UserType": 3}, "system", ""),
        ("ServicePrincipal_fc8c8125-bc0c-499d-8344-e53c6e3caa81", {}, "servicePrincipal", ""),
        ("app@sharepoint", {"UserType": 5}, "system", ""),
        ("SHAREPOINT\\system", {}, "system", ""),
        ("S-1-5-18", {}, "system", ""),
        ("fc8c8125-bc0c-499d-8344-e53c6e3caa81", {"UserType": 5}, "servicePrincipal", ""),
        ("NOT-FOUND", {"UserKey": "Not Available"}, "system", ""),
        ("Not Available", {"UserKey": "57e4bd36-9722-4a4a-9729-7203d8e00b72"}, "user",
         "57e4bd36-9722-4a4a-9729-7203d8e00b72"),
        ("urn:spo:anon#0a1b", {}, "system", ""),
        ("Certificate", {}, "system", ""),
    ],
)  # fmt: skip
def test_services_are_kept_apart_from_people(
    user: str, more: dict[str, Any], actor: str, key: str
) -> None:
    event = event_of(record(6, "FileAccessed", Workload="SharePoint", UserId=user, **more))
    assert event.actor == actor
    assert (event.user if event.actor == "user" else "") == key


def rule(**parameters: Any) -> MailboxRule:
    event = event_of(record(1, "New-InboxRule", Parameters=pairs(**parameters)))
    assert isinstance(event, MailboxRule)
    return event


def test_a_rule_that_forwards_and_deletes() -> None:
    found = rule(
        Name=".",
        ForwardTo="evil@freemail.example;smtp:two@freemail.example",
        RedirectTo='"Eve" [SMTP:eve@x.example]',
        DeleteMessage="True",
        MarkAsRead="True",
        MoveToFolder="RSS Feeds",
        SubjectOrBodyContainsWords="invoice;payment",
        WithinSizeRangeMinimum="1",
        AlwaysDeleteOutlookRulesBlob="False",
        From=None,
    )
    assert found.forward_to == (
        *("evil@freemail.example", "smtp:two@freemail.example"),
        '"Eve" [SMTP:eve@x.example]',
    )
    assert found.keywords == ("invoice", "payment")
    assert found.conditions == (
        ("SubjectOrBodyContainsWords", "invoice;payment"),
        ("WithinSizeRangeMinimum", "1"),
    )
    assert (found.rule_name, found.move_to_folder) == (".", "RSS Feeds")
    assert found.delete_message
    assert found.mark_as_read
    assert found.redirects
    assert found.is_whole
    assert found.succeeded
    assert found.ip_address == "2001:db8::7"


def test_an_administrator_sets_somebody_elses_forwarding() -> None:
    event = event_of(
        record(
            1,
            "Set-Mailbox",
            UserType=2,
            ResultStatus="True",
            Parameters=pairs(
                Identity="Bob@contoso.example",
                ForwardingSmtpAddress="smtp:x@ext.example",
                DeliverToMailboxAndForward="False",
            ),
        )
    )
    assert isinstance(event, MailboxRule)
    assert (event.user_principal_name, event.initiated_by) == (
        "bob@contoso.example",
        "ann@contoso.example",
    )
    assert event.by_administrator
    assert event.redirects
    assert event.forward_to == ("smtp:x@ext.example",)
    assert event.aliases == ()  # they are those of the administrator


def test_taking_a_forwarding_away_forwards_nothing() -> None:
    event = event_of(record(1, "Set-Mailbox", Parameters=pairs(ForwardingSmtpAddress="")))
    assert isinstance(event, MailboxRule)
    assert event.forward_to == ()
    assert not event.redirects


def test_a_failed_command_has_not_succeeded() -> None:
    event = event_of(record(1, "New-InboxRule", ResultStatus="False", Parameters=pairs(Name="x")))
    assert isinstance(event, MailboxRule)
    assert not event.succeeded


@pytest.mark.parametrize(
    ("operation", "action"),
    [("Set-InboxRule", "set"), ("Disable-InboxRule", "disabled"), ("Remove-InboxRule", "removed")],
)
def test_a_rule_is_named_by_its_path_where_no_parameter_names_it(
    operation: str, action: str
) -> None:
    path = "EURPR01.PROD.OUTLOOK.COM/Hosted/contoso.example/ann\\Tidy up"
    event = event_of(record(1, operation, ObjectId=path))
    assert isinstance(event, MailboxRule)
    assert (event.rule_name, event.action, event.is_whole) == ("Tidy up", action, False)


def test_a_rule_set_by_outlook() -> None:
    event = event_of(
        record(
            2,
            "UpdateInboxRules",
            ClientInfoString="Client=MSExchangeRPC",
            OperationProperties=pairs(
                RuleOperation="AddMailboxRule",
                RuleName="x",
                RuleState="Enabled",
                RuleActions='[{"ActionType":"Forward","Recipients":["x@ext.example"]},'
                '{"ActionType":"Delete"},{"ActionType":"MarkAsRead"}]',
                RuleCondition="(subject contains invoice)",
            ),
            MailboxOwnerUPN="ann@contoso.example",
        )
    )
    assert isinstance(event, MailboxRule)
    assert (event.rule_name, event.forward_to) == ("x", ("x@ext.example",))
    assert event.delete_message
    assert event.mark_as_read
    assert event.is_whole
    assert event.conditions == (("RuleCondition", "(subject contains invoice)"),)
    assert event.initiated_by == ""


def test_a_rule_whose_values_are_missing_is_still_a_rule() -> None:
    event = event_of(record(2, "UpdateInboxRules", OperationProperties=[{"Name": "RuleActions"}]))
    assert isinstance(event, MailboxRule)
    assert not event.forward_to


def test_other_commands_of_exchange_are_changes() -> None:
    event = event_of(
        record(1, "Add-MailboxPermission", ObjectId="bob", Parameters=pairs(AccessRights="Full"))
    )
    assert isinstance(event, DirectoryChange)
    assert (event.category, event.operation, event.target_names) == (
        *("Exchange", "Add-MailboxPermission"),
        ("bob",),
    )
    assert event.changes == (("accessrights", "", "Full"),)


def test_mail_is_sent() -> None:
    event = event_of(record(2, "Send", Item={"Subject": "Hello"}, SessionId="s1"))
    assert isinstance(event, MailSent)
    assert (event.subject_hash != "", event.session_id) == (True, "s1")
    same = event_of(record(2, "SendAs", Item={"Subject": "HELLO"}))
    assert isinstance(same, MailSent)
    assert same.subject_hash == event.subject_hash


def test_mail_is_synchronised() -> None:
    event = event_of(
        record(50, "MailItemsAccessed", OperationProperties=pairs(MailAccessType="Sync"))
    )
    assert isinstance(event, FileAccess)
    assert (event.how, event.workload, event.count) == ("sync", "Exchange", 1)


@pytest.mark.parametrize(
    ("operation", "how"),
    [
        ("FileAccessed", "read"),
        ("FilePreviewed", "preview"),
        ("FileDownloaded", "download"),
        ("FileSyncDownloadedFull", "sync"),
        ("FileDeleted", "change"),
    ],
)
def test_a_file_is_used(operation: str, how: str) -> None:
    event = event_of(
        record(
            6,
            operation,
            Workload="SharePoint",
            SiteUrl="https://contoso.example/sites/finance/",
            SourceFileName="payroll.xlsx",
            SourceRelativeUrl="Shared Documents/2025",
            ListItemUniqueId="AA7A9E4E-0000-4000-8000-000000000001",
            SensitivityLabelId="label1",
            MachineId="M1",
            FileSizeBytes=4096,
            UserAgent="Microsoft SkyDriveSync 24",
            UserKey="i:0h.f|membership|10032001020a3408@live.com",
            AppAccessContext={
                "AADSessionId": "s1",
                "UniqueTokenId": "JYpgIpsdtUSw8suU8GstAA",
                "ClientAppId": "APP1",
                "IssuedAtTime": "2025-03-03T08:30:00",
            },
        )
    )
    assert isinstance(event, FileAccess)
    assert (event.how, event.item, event.path) == (how, "payroll.xlsx", "Shared Documents/2025")
    assert (event.label, event.machine_id, event.size) == ("label1", "m1", 4096)
    assert event.item_id == "aa7a9e4e-0000-4000-8000-000000000001"
    assert (event.session_id, event.app_id) == ("s1", "app1")
    assert event.unique_token_identifier == "JYpgIpsdtUSw8suU8GstAA"
    assert event.token_issued_at == event.time - 1_800_000
    assert event.aliases == ("puid:10032001020a3408",)
    assert event.client.user_agent == "Microsoft SkyDriveSync 24"


def test_a_password_is_reset() -> None:
    body = record(
        8,
        "Reset user password.",
        Workload="AzureActiveDirectory",
        Actor=[
            {"ID": "admin@contoso.example", "Type": 5},
            {"ID": "User_bfb8c366-0406-41a5-b3e3-328f4a3b4484", "Type": 2},
        ],
        UserId="admin@contoso.example",
        Target=[
            {"ID": "User_57e4bd36-9722-4a4a-9729-7203d8e00b72", "Type": 2},
            {"ID": "User", "Type": 2},
            {"ID": "Ann@contoso.example", "Type": 5},
        ],
    )
    change, deed = events_of(body)
    assert isinstance(change, PasswordChange)
    assert (change.user_id, change.user_principal_name, change.how) == (
        *("57e4bd36-9722-4a4a-9729-7203d8e00b72", "ann@contoso.example"),
        "admin reset",
    )
    assert isinstance(deed, DirectoryChange)
    assert deed.user_id == "bfb8c366-0406-41a5-b3e3-328f4a3b4484"


def test_an_alert_of_cloud_apps() -> None:
    event = event_of(
        record(
            98,
            "MCAS_ALERT_ANUBIS_DETECTION_VELOCITY",
            Workload="MCAS",
            UserType=4,
            ClientIP=None,
            AlertDisplayName="Impossible travel activity",
            AlertSeverity="Medium",
            AlertCategory="Threat detection",
            ClientIPs=["203.0.113.7", "198.51.100.1"],
            ActivityStartTime="2025-03-03T08:00:00",
        )
    )
    assert isinstance(event, ProductAlert)
    assert (event.risk_event_type, event.severity) == ("mcasImpossibleTravel", "medium")
    assert (event.user_principal_name, event.ip_address) == ("ann@contoso.example", "203.0.113.7")
    assert event.time == 1740988800000


def test_an_alert_of_the_compliance_portal_is_about_the_person_in_its_data() -> None:
    event = event_of(
        record(
            40,
            "AlertEntityGenerated",
            Workload="SecurityComplianceCenter",
            UserId="SecurityComplianceAlerts",
            UserKey="SecurityComplianceAlerts",
            UserType=4,
            Name="Suspicious Email Forwarding Activity",
            Severity="High",
            Category="ThreatManagement",
            Source="Office 365 Security & Compliance",
            Data='{"f3u":"Ann@contoso.example","ts":"2025-03-03T08:00:00.0000000Z","sip":"203.0.113.7"}',
        )
    )
    assert isinstance(event, ProductAlert)
    assert event.user_principal_name == "ann@contoso.example"
    assert (event.actor, event.risk_event_type) == ("user", "suspiciousInboxForwarding")
    assert (event.time, event.ip_address) == (1740988800000, "203.0.113.7")


def test_a_mailbox_on_the_list_of_outbound_spam_protection_is_an_alert() -> None:
    reason = "OutboundSpamLast24Hours=300;OutboundMailLast24Hours=310"
    said = {"Workload": "Exchange", "UserId": "ann@contoso.example", "Reason": reason}
    event = event_of(record(113, "HygieneTenantEvents", Event="Listed", **said))
    assert isinstance(event, ProductAlert)
    assert (event.user_principal_name, event.category) == ("ann@contoso.example", reason)
    assert event.title == "User restricted from sending email"


def test_a_row_around_a_record_is_the_record() -> None:
    body = record(50, "MailItemsAccessed", UserId="日本@contoso.example")
    assert told(from_table(in_purview(body))) == told(event_of(body))


def test_what_is_not_used_is_said_by_name() -> None:
    assert refusal(record(25, "TeamCreated", Workload="MicrosoftTeams")) == (
        "unified audit record of type 25: TeamCreated"
    )


def test_a_record_without_a_readable_time_is_refused() -> None:
    reason = refusal(record(15, "UserLoggedIn", CreationTime="2023-10-10T17:08:65"))
    assert reason == "unified audit record without a readable time"
