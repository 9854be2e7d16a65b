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
    "azure_audit/azure_high_risk_signin.ndjson": {"SignIn": 2},
    "azure_audit/azure_invite_external_users.ndjson": {"DirectoryChange": 4},
    "azure_audit/azure_mfa_disabled.ndjson": {"DirectoryChange": 3},
    "azure_audit/azure_policy_changed.ndjson": {"DirectoryChange": 3},
    "azure_audit/azure_role_changed_pim.ndjson": {"DirectoryChange": 3},
    "azure_audit/azure_ropc_login_no_mfa.ndjson": {"SignIn": 2},
    "azure_audit/azure_service_principal_credentials_added.ndjson": {"DirectoryChange": 2},
    "graph_api/beta__api__directoryaudit-get__2.json": {"DirectoryChange": 1},
    "graph_api/beta__api__directoryaudit-list__2.json": {"DirectoryChange": 1},
    "graph_api/beta__api__impossibletravelriskevent-list__2.json": {"not read": 1},
    "graph_api/beta__api__riskyuser-list-history__2.json": {"not read": 3},
    "graph_api/beta__api__signin-get__2.json": {"SignIn": 1},
    "graph_api/beta__api__signin-list__2.json": {"SignIn": 1},
    "graph_api/beta__api__signin-list__4.json": {"SignIn": 1},
    "graph_api/v1.0__api__directoryaudit-get__2.json": {"DirectoryChange": 1},
    "graph_api/v1.0__api__directoryaudit-list__2.json": {"DirectoryChange": 1},
    "graph_api/v1.0__api__riskdetection-get__2.json": {"not read": 1},
    "graph_api/v1.0__api__riskyuser-get-riskyuserhistoryitem__2.json": {"not read": 1},
    "graph_api/v1.0__api__signin-get__2.json": {"SignIn": 1},
    "graph_api/v1.0__api__signin-list__2.json": {"SignIn": 1},
    "graph_api/v1.0__api__signin-list__4.json": {"SignIn": 1},
    "microsoftdocs/sign_in_log_schema_example.json": {"SignIn": 1},
    "others/AADAuditEvents.json": {"not read": 4},
    "others/cloudtrail_consolelogin_s3.json": {"SignIn": 2, "not read": 11},
    "others/diag_graph_activity.ndjson": {"not read": 6},
    "others/diag_identity_protection.ndjson": {"not read": 6},
    "others/microsoft_audit_log.jsonl": {"not read": 4},
    "others/okta_potentially_stolen_session.ndjson": {"broken": 4},
    "splunk/azure_monitor_aad.ndjson": {
        "DirectoryChange": 15,  # one of them is the administrator's side of each of the next two
        "AccountChange": 1,
        "PasswordChange": 1,
        "SignIn": 1,
    },
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
