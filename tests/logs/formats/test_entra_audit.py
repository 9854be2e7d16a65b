from __future__ import annotations

import json
from typing import Any

import msgspec
import pytest

from logs.written_logs import START_MS, iso
from risktui.logs.formats.registry import NotRead, decode
from risktui.model.events import (
    AccountChange,
    DirectoryChange,
    Event,
    PasswordChange,
    UserReport,
    Verdict,
)

ADMIN = {"id": "AD-1", "displayName": "Ada", "userPrincipalName": "Ada@Contoso.com"}
ALICE = {"id": "AL-1", "displayName": "Alice", "userPrincipalName": "Alice@Contoso.com"}


def change(name: str, **changes: Any) -> dict[str, Any]:
    """A Graph `directoryAudit`: Ada does `name` to Alice."""
    return {
        "id": "Directory_1",
        "category": "UserManagement",
        "correlationId": "c-1",
        "result": "success",
        "resultReason": "",
        "activityDisplayName": name,
        "activityDateTime": iso(0),
        "loggedByService": "Core Directory",
        "initiatedBy": {"app": None, "user": ADMIN | {"ipAddress": "203.0.113.7:443"}},
        "targetResources": [ALICE | {"type": "User", "modifiedProperties": []}],
        "additionalDetails": [{"key": "User-Agent", "value": "Mozilla/5.0"}],
    } | changes


def read(record: dict[str, Any]) -> list[Event]:
    events = decode(msgspec.json.encode(record))
    assert isinstance(events, list), events
    return events


def diagnostic(audit: dict[str, Any], **changes: Any) -> dict[str, Any]:
    return {
        "time": iso(300),
        "category": "AuditLogs",
        "tenantId": "T-1",
        "callerIpAddress": "198.51.100.1",
        "operationName": audit["activityDisplayName"],
        "properties": audit,
    } | changes


def test_a_change_names_who_did_what_to_whom() -> None:
    (event,) = read(
        diagnostic(
            change(
                "Update application – Certificates and secrets management ",
                targetResources=[
                    {
                        "id": "APP-1",
                        "displayName": "Payroll",
                        "Type": "Application",
                        "modifiedProperties": [
                            {"displayName": "Kind", "oldValue": '"Member"', "newValue": "[true]"},
                            {"displayName": "Keys", "oldValue": "[]", "newValue": '["a","b"]'},
                            {"displayName": "Long", "oldValue": None, "newValue": "x" * 900},
                        ],
                    },
                    ALICE | {"type": "User"},
                ],
            )
        )
    )
    assert isinstance(event, DirectoryChange)
    assert event.time == START_MS
    assert event.tenant_id == "t-1"
    assert event.operation == "Update application - Certificates and secrets management"
    assert (event.actor, event.user_id, event.user_principal_name) == (
        "user",
        "ad-1",
        "ada@contoso.com",
    )
    assert event.ip_address == "203.0.113.7"
    assert event.client.user_agent == "Mozilla/5.0"
    assert event.category == "UserManagement"
    assert event.succeeded
    assert event.target_ids == ("app-1", "al-1")
    assert event.target_names == ("Payroll", "alice@contoso.com")
    assert event.target_types == ("Application", "User")
    assert event.changes == (
        ("Kind", "Member", "true"),
        ("Keys", "", '["a","b"]'),
        ("Long", "", "x" * 255 + "…"),
    )


@pytest.mark.parametrize(
    ("name", "how"),
    [
        ("Reset user password", "admin reset"),
        ("Reset user password.", "admin reset"),
        ("Reset password (by admin)", "admin reset"),
        ("Change user password", "change"),
    ],
)
def test_a_password_set_by_somebody_else_is_about_both(name: str, how: str) -> None:
    event, deed = read(change(name))
    assert isinstance(event, PasswordChange)
    assert (event.user_id, event.user_principal_name) == ("al-1", "alice@contoso.com")
    assert (event.how, event.initiated_by, event.succeeded) == (how, "ada@contoso.com", True)
    assert isinstance(deed, DirectoryChange)
    assert (deed.user_id, deed.target_ids) == ("ad-1", ("al-1",))
    assert deed.id != event.id


@pytest.mark.parametrize(
    ("name", "how"),
    [
        ("Change password (self-service)", "change"),
        ("Reset password (self-service)", "self-service reset"),
    ],
)
def test_a_password_of_ones_own_is_one_event(name: str, how: str) -> None:
    (event,) = read(change(name, initiatedBy={"user": ALICE}, result="failure"))
    assert isinstance(event, PasswordChange)
    assert (event.user_id, event.how, event.succeeded) == ("al-1", how, False)


def test_a_password_from_the_directory_on_premises_is_known_by_its_account() -> None:
    sync = {"id": "S", "userPrincipalName": "Sync_DC1_0123@contoso.onmicrosoft.com"}
    event = read(change("Change user password", initiatedBy={"user": sync}))[0]
    assert isinstance(event, PasswordChange)
    assert event.how == "on-premises"


@pytest.mark.parametrize(
    ("name", "what"),
    [
        ("Add user", "created"),
        ("Delete user", "deleted"),
        ("Hard Delete user", "deleted"),
        ("Restore user", "restored"),
        ("Disable account", "disabled"),
        ("Enable account", "enabled"),
    ],
)
def test_an_account_changes(name: str, what: str) -> None:
    event, deed = read(change(name))
    assert isinstance(event, AccountChange)
    assert (event.user_id, event.what, event.initiated_by) == ("al-1", what, "ada@contoso.com")
    assert isinstance(deed, DirectoryChange)


@pytest.mark.parametrize(
    ("name", "action"),
    [
        ("DismissUser", "dismiss"),
        ("ConfirmAccountCompromised", "confirmCompromised"),
        ("ConfirmCompromised", "confirmCompromised"),
        ("ConfirmSafe", "confirmSafe"),
        ("ConfirmAccountSafe", "confirmSafe"),
    ],
)
def test_the_providers_administrators_give_verdicts(name: str, action: str) -> None:
    (event,) = read(change(name, loggedByService="Identity Protection", resultReason="drill"))
    assert isinstance(event, Verdict)
    assert (event.user_id, event.action, event.detection_id) == ("al-1", action, "")
    assert (event.author, event.author_kind) == ("ada@contoso.com", "provider")
    assert (event.place, event.note) == ("203.0.113.7", "drill")


@pytest.mark.parametrize(
    ("name", "action"),
    [
        ("ConfirmServicePrincipalCompromised", "confirmCompromised"),
        ("DismissServicePrincipal", "dismiss"),
    ],
)
def test_the_providers_administrators_judge_applications_too(name: str, action: str) -> None:
    targets = [
        {"id": f"sp-{number}", "type": "ServicePrincipal", "displayName": f"App {number}"}
        for number in (1, 2)
    ]
    first, second = read(change(name, targetResources=targets))
    for number, event in enumerate((first, second), 1):
        assert isinstance(event, Verdict)
        assert event.actor == "servicePrincipal"
        assert (event.user_id, event.user_principal_name) == (f"sp-{number}", f"App {number}")
        assert (event.action, event.author) == (action, "ada@contoso.com")
    assert first.id != second.id


@pytest.mark.parametrize("name", ["DismissUser", "ConfirmAccountCompromised"])
def test_a_verdict_that_failed_is_none(name: str) -> None:
    (event,) = read(change(name, result="failure"))
    assert isinstance(event, DirectoryChange)
    assert not event.succeeded


@pytest.mark.parametrize(
    "name",
    [
        "Suspicious activity reported",
        "Fraud reported - no action taken",
        "Fraud reported – user is blocked for MFA",
    ],
)
def test_a_user_reports_a_prompt_that_was_not_theirs(name: str) -> None:
    (event,) = read(change(name, initiatedBy={"user": ALICE}, targetResources=[]))
    assert isinstance(event, UserReport)
    assert event.user_id == "al-1"
    assert isinstance(read(change(name, result="failure"))[0], DirectoryChange)


def test_an_application_is_no_user() -> None:
    app = {"appId": "A-1", "displayName": "Sync", "servicePrincipalId": "SP-1"}
    (event,) = read(change("Add member to group", initiatedBy={"app": app, "user": None}))
    assert isinstance(event, DirectoryChange)
    assert (event.actor, event.user, event.app_display_name) == ("servicePrincipal", "", "Sync")
    (event,) = read(change("Delete user", initiatedBy={"app": app, "user": None}))
    assert isinstance(event, AccountChange)
    assert (event.actor, event.user_id, event.initiated_by) == ("user", "al-1", "Sync")


@pytest.mark.parametrize(
    ("user_ip", "caller", "expected"),
    [
        ("", "198.51.100.1", "198.51.100.1"),
        ("<null>", "<null>", "192.0.2.9"),
        (None, None, "192.0.2.9"),
        ("[2001:db8::1]:443", "", "2001:db8::1"),
    ],
)
def test_the_address_is_taken_from_where_there_is_one(
    user_ip: str | None, caller: str | None, expected: str
) -> None:
    audit = change(
        "Invite external user",
        initiatedBy={"user": ADMIN | {"ipAddress": user_ip}},
        additionalDetails=[{"key": "ipaddr", "value": "192.0.2.9"}],
    )
    (event,) = read(diagnostic(audit, callerIpAddress=caller))
    assert event.ip_address == expected


def test_other_categories_and_results_at_the_top_are_understood() -> None:
    audit = change("Set domain authentication")
    del audit["result"]
    (event,) = read(diagnostic(audit, category="DirectoryManagement", result="FAILURE"))
    assert isinstance(event, DirectoryChange)
    assert not event.succeeded


def test_json_in_strings_and_drifting_types_are_read() -> None:
    (event,) = read(
        change(
            "Update user",
            initiatedBy=msgspec.json.encode({"user": ADMIN}).decode(),
            targetResources=msgspec.json.encode([ALICE | {"type": "User"}]).decode(),
            additionalDetails=[{"key": "n", "value": 5}],
            correlationId=17,
        )
    )
    assert isinstance(event, DirectoryChange)
    assert (event.user_id, event.target_names) == ("ad-1", ("alice@contoso.com",))
    assert event.correlation_id == "17"


def test_a_flood_of_targets_and_changes_is_bounded() -> None:
    many = [{"displayName": str(n), "oldValue": "a", "newValue": "b"} for n in range(500)]
    targets = [{"id": str(n), "type": "Group", "modifiedProperties": many} for n in range(500)]
    (event,) = read(change("Update group", targetResources=targets))
    assert isinstance(event, DirectoryChange)
    assert len(event.target_ids) == 16
    assert len(event.changes) == 32


def test_without_a_time_it_goes_to_quarantine() -> None:
    reading = decode(msgspec.json.encode(change("Update user", activityDateTime="redacted")))
    assert reading == NotRead("audit record without a readable time", broken=True)


def test_the_permissions_of_a_consent_are_kept_whatever_ids_stand_before_them() -> None:
    grant = (
        "[] => [[Id: r2KtIS6Zn0q2wWeqbIputLSZcc5Sj_NGtUtP2B3pYeI, ClientId: "
        "21ad62af-992e-4a9f-b6c1-67aa6c8a6eb4, PrincipalId: 77ad62af-992e-4a9f-b6c1-67aa6c8a6eb4, "
        "ResourceId: ce7199b4-8f52-46f3-b54b-4fd81de961e2, ConsentType: Principal, Scope: "
        "Mail.ReadWrite offline_access, CreatedDateTime: , LastModifiedDateTime ]]; "
    )
    properties = {
        "id": "Directory_2",
        "activityDateTime": "2026-03-01T02:00:00Z",
        "activityDisplayName": "Consent to application",
        "initiatedBy": {"user": {"id": "a1", "userPrincipalName": "ada@contoso.com"}},
        "result": "success",
        "targetResources": [
            {
                "id": "sp-1",
                "type": "ServicePrincipal",
                "displayName": "Viewer",
                "modifiedProperties": [
                    {
                        "displayName": "ConsentAction.Permissions",
                        "oldValue": "[]",
                        "newValue": json.dumps(grant),
                    }
                ],
            }
        ],
    }
    record = {"category": "AuditLogs", "time": "2026-03-01T02:00:00Z", "properties": properties}
    (change,) = decode(json.dumps(record).encode())  # type: ignore[misc]
    assert isinstance(change, DirectoryChange)
    assert "ConsentType: Principal, Scope: Mail.ReadWrite offline_access" in change.changes[0][2]
