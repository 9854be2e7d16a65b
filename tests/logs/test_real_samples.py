"""What becomes of real and vendor-published records, file by file."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import pytest

from risktui.logs.containers import Record, read
from risktui.logs.formats.registry import NotRead, decode

DATA = Path(__file__).parent / "data"

# file: what its records become
EXPECTED: dict[str, dict[str, int]] = {
    "azure_audit/azure_auth_methods_policy_oidc_change.ndjson": {"DirectoryChange": 2},
    "azure_audit/azure_domain_trust_settings_modified.ndjson": {"DirectoryChange": 2},
    "azure_audit/azure_failed_signins.ndjson": {"SignIn": 2},
    "azure_audit/azure_graph_session_multiple_ips.ndjson": {"SignIn": 3},
    "azure_audit/azure_high_risk_signin.ndjson": {"SignIn": 2, "ProductAlert": 2},
    "azure_audit/azure_invite_external_users.ndjson": {"DirectoryChange": 4},
    "azure_audit/azure_mfa_disabled.ndjson": {"DirectoryChange": 3},
    "azure_audit/azure_policy_changed.ndjson": {"DirectoryChange": 3},
    "azure_audit/azure_role_changed_pim.ndjson": {"DirectoryChange": 3},
    "azure_audit/azure_ropc_login_no_mfa.ndjson": {"SignIn": 2},
    "azure_audit/azure_service_principal_credentials_added.ndjson": {"DirectoryChange": 2},
    "graph_api/beta__api__anonymousipriskevent-get__2.json": {"ProductAlert": 1},
    "graph_api/beta__api__anonymousipriskevent-list__2.json": {"ProductAlert": 1},
    "graph_api/beta__api__directoryaudit-get__2.json": {"DirectoryChange": 1},
    "graph_api/beta__api__directoryaudit-list__2.json": {"DirectoryChange": 1},
    "graph_api/beta__api__identityriskevent-get__2.json": {"ProductAlert": 1},
    "graph_api/beta__api__identityriskevent-list__2.json": {"ProductAlert": 2},
    "graph_api/beta__api__impossibletravelriskevent-get__2.json": {"ProductAlert": 1},
    "graph_api/beta__api__impossibletravelriskevent-list__2.json": {"ProductAlert": 1},
    "graph_api/beta__api__leakedcredentialsriskevent-get__2.json": {"ProductAlert": 1},
    "graph_api/beta__api__leakedcredentialsriskevent-list__2.json": {"ProductAlert": 1},
    "graph_api/beta__api__locatedriskevent-get__2.json": {"ProductAlert": 1},
    "graph_api/beta__api__malwareriskevent-get__2.json": {"ProductAlert": 1},
    "graph_api/beta__api__malwareriskevent-list__2.json": {"ProductAlert": 1},
    "graph_api/beta__api__riskdetection-get__2.json": {"ProductAlert": 1},
    "graph_api/beta__api__riskdetection-list__2.json": {"ProductAlert": 1},
    "graph_api/beta__api__riskdetection-list__6.json": {"ProductAlert": 1},
    "graph_api/beta__api__riskyuser-list-history__2.json": {"ProductAlert": 3},
    "graph_api/beta__api__riskyuser-list-history__4.json": {"ProductAlert": 3},
    "graph_api/beta__api__riskyuserhistoryitem-get__2.json": {"ProductAlert": 1},
    "graph_api/beta__api__riskyusers-get__2.json": {"ProductAlert": 1},
    "graph_api/beta__api__riskyusers-get__4.json": {"ProductAlert": 1},
    "graph_api/beta__api__riskyusers-list__2.json": {"ProductAlert": 1},
    "graph_api/beta__api__riskyusers-list__4.json": {"ProductAlert": 1},
    "graph_api/beta__api__signin-get__2.json": {"SignIn": 1},
    "graph_api/beta__api__signin-list__2.json": {"SignIn": 1},
    "graph_api/beta__api__signin-list__4.json": {"SignIn": 1},
    "graph_api/beta__api__suspiciousipriskevent-get__2.json": {"ProductAlert": 1},
    "graph_api/beta__api__suspiciousipriskevent-list__2.json": {"ProductAlert": 1},
    "graph_api/beta__api__unfamiliarlocationriskevent-get__2.json": {"ProductAlert": 1},
    "graph_api/beta__api__unfamiliarlocationriskevent-list__2.json": {"ProductAlert": 1},
    "graph_api/v1.0__api__directoryaudit-get__2.json": {"DirectoryChange": 1},
    "graph_api/v1.0__api__directoryaudit-list__2.json": {"DirectoryChange": 1},
    "graph_api/v1.0__api__riskdetection-get__2.json": {"ProductAlert": 1},
    "graph_api/v1.0__api__riskyuser-get-riskyuserhistoryitem__2.json": {"ProductAlert": 1},
    "graph_api/v1.0__api__riskyuser-get__2.json": {"broken": 1},
    "graph_api/v1.0__api__riskyuser-list-history__2.json": {"broken": 1},
    "graph_api/v1.0__api__signin-get__2.json": {"SignIn": 1},
    "graph_api/v1.0__api__signin-list__2.json": {"SignIn": 1},
    "graph_api/v1.0__api__signin-list__4.json": {"SignIn": 1},
    "microsoftdocs/sign_in_log_schema_example.json": {"SignIn": 1},
    "others/AADAuditEvents.json": {"DirectoryChange": 4},
    "others/cloudtrail_consolelogin_s3.json": {"SignIn": 2, "not read": 11},
    "others/documented.ndjson": {"ProductAlert": 6, "SignIn": 2},
    "others/diag_graph_activity.ndjson": {"ApiCall": 6},
    "others/diag_identity_protection.ndjson": {"ProductAlert": 6},
    "others/microsoft_audit_log.jsonl": {"DirectoryChange": 3, "SignIn": 1},
    "others/okta_potentially_stolen_session.ndjson": {"broken": 4},
    "splunk/azure_monitor_aad.ndjson": {
        "DirectoryChange": 15,
        "AccountChange": 1,
        "PasswordChange": 1,
        "SignIn": 1,
    },
    "tables/AuditLogs_Hunting.csv": {"broken": 5},
    "tables/InteractiveSignIns_portal_export.csv": {"SignIn": 12},
    "tables/SigninLogs.ndjson": {"SignIn": 8},
    "tables/SigninLogs_query_data.csv": {"SignIn": 8},
    "tables/query_api_tables.json": {"SignIn": 6},
    "tables/sign-in_adelete.csv": {"SignIn": 8},
    "unified_audit/OfficeActivityEvents.json": {"FileAccess": 1},
    "unified_audit/Search-UnifiedAuditLog_powershell.csv": {
        "DirectoryChange": 14,
        "FileAccess": 1,
        "MailboxRule": 1,
        "SignIn": 2,
    },
    "unified_audit/microsoft365_brute_force_login_by_user.ndjson": {"SignIn": 2},
    "unified_audit/microsoft365_external_sharing.ndjson": {"FileAccess": 5},
    "unified_audit/microsoft_exchange_external_forwarding.ndjson": {"MailboxRule": 10},
    "unified_audit/o365_management_activity.ndjson": {
        "DirectoryChange": 14,
        "FileAccess": 1,
        "MailboxRule": 1,
        "SignIn": 1,
        "broken": 1,
    },
    "unified_audit/o365_management_api_content_blob.json": {
        "DirectoryChange": 14,
        "FileAccess": 1,
        "MailboxRule": 1,
        "SignIn": 1,
        "broken": 1,
    },
    "unified_audit/office_activity_inbox_rule.csv": {"MailboxRule": 2},
    "unified_audit/purview_AuditLog_iso_dates.csv": {
        "FileAccess": 1,
        "DirectoryChange": 5,
        "MailboxRule": 1,
        "SignIn": 1,
        "broken": 1,
    },
    "unified_audit/purview_AuditLog_us_dates.csv": {"DirectoryChange": 9},
    "wrappers/eventhub_records_wrapper.json": {
        "DirectoryChange": 15,
        "AccountChange": 1,
        "PasswordChange": 1,
        "SignIn": 1,
    },
    "wrappers/logzio_mixed_records_array.json": {"not read": 5},
}


def test_every_sample_is_accounted_for() -> None:
    files = [path for path in DATA.rglob("*") if path.is_file() and path.name != "SOURCES.md"]
    files = [path for path in files if not path.is_relative_to(DATA / "products")]
    assert sorted(str(path.relative_to(DATA)) for path in files) == sorted(EXPECTED)


@pytest.mark.parametrize("name", EXPECTED)
def test_records_become_what_they_are(name: str) -> None:
    counts: Counter[str] = Counter()
    for piece in read(DATA / name):
        reading = decode(piece.raw) if isinstance(piece, Record) else NotRead("broken", broken=True)
        if isinstance(reading, NotRead):
            counts["broken" if reading.broken else "not read"] += 1
        else:
            counts.update(type(event).__name__ for event in reading)
    assert dict(counts) == EXPECTED[name]
