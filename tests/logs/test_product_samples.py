"""What becomes of published records of other products, file by file; and of hostile ones."""

from __future__ import annotations

from collections import Counter
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from logs.product_samples import PRODUCTS, records_of
from risktui.logs.containers import Record, read
from risktui.logs.formats.registry import NotRead, decode

# file: what its records become; quarantined ones were published without their time
EXPECTED: dict[str, dict[str, int]] = {
    "auth0/auth0_attack_protection_disabled.ndjson": {"DirectoryChange": 8},
    "auth0/auth0_cic_credential_stuffing.ndjson": {"SignIn": 1},
    "auth0/auth0_delete_tenant_member.ndjson": {"ProductAlert": 2},
    "auth0/auth0_integration_installed.ndjson": {"DirectoryChange": 2},
    "auth0/auth0_limits.ndjson": {"SignIn": 1},
    "auth0/auth0_mfa_policy_disabled.ndjson": {"DirectoryChange": 2},
    "auth0/auth0_mfa_risk_assessment_disabled.ndjson": {"DirectoryChange": 2},
    "auth0/auth0_new_admin_invited.ndjson": {"ProductAlert": 2},
    "auth0/auth0_push_notification_fatigue.ndjson": {"SignIn": 1, "DirectoryChange": 1},
    "auth0/auth0_same_phone_mfa_multiple_users.ndjson": {"DirectoryChange": 3},
    "auth0/auth0_user_invitation_created.ndjson": {"DirectoryChange": 5},
    "cloud_app_activities/user_related_activities.json": {"DirectoryChange": 2, "SignIn": 2},
    "cloudtrail/aws_cloudtrail.ndjson": {"SignIn": 1},
    "cloudtrail/aws_cloudtrail_password_spraying.ndjson": {"quarantined": 3, "not read": 1},
    "cloudtrail/aws_console_getsignintoken.ndjson": {"not read": 2, "SignIn": 1},
    "cloudtrail/aws_console_login_without_saml.ndjson": {"SignIn": 2},
    "cloudtrail/aws_console_root_login_failed.ndjson": {"SignIn": 2, "not read": 1},
    "cloudtrail/console-login-without-mfa.json": {"SignIn": 1},
    "defender/Microsoft365DefenderEvents.json": {
        "not read": 5,
        "DirectoryChange": 3,
        "FileAccess": 1,
    },
    "defender/defender_detection_passthrough.ndjson": {"ProductAlert": 1, "not read": 1},
    "defender/mscs_azure_eventhub_defender_advancedhunting.ndjson": {"not read": 1},
    "duo/duo_admin_app_integration_secret_key_viewed.ndjson": {"DirectoryChange": 2},
    "duo/duo_admin_bypass_code_viewed.ndjson": {"DirectoryChange": 2},
    "duo/duo_admin_lockout.ndjson": {"DirectoryChange": 3},
    "duo/duo_admin_mfa_restrictions_updated.ndjson": {"DirectoryChange": 1, "SignIn": 1},
    "duo/duo_admin_policy_updated.ndjson": {"DirectoryChange": 1, "SignIn": 1},
    "duo/duo_admin_user_mfa_bypass_enabled.ndjson": {"DirectoryChange": 4},
    "duo/duo_user_action_fraudulent.ndjson": {"quarantined": 1},
    "duo/duo_user_bypass_code_used.ndjson": {"quarantined": 3},
    "ecs/elasticsearch_cloud_logins.json": {"SignIn": 12, "not read": 3},
    "google_workspace/google_workspace_admin_custom_role.ndjson": {
        "DirectoryChange": 2,
        "not read": 1,
    },
    "google_workspace/google_workspace_apps_marketplace_allowlist.ndjson": {
        "DirectoryChange": 4,
        "not read": 1,
    },
    "google_workspace/google_workspace_apps_new_mobile_app_installed.ndjson": {
        "DirectoryChange": 2,
        "not read": 1,
    },
    "google_workspace/gsuite_advanced_protection.ndjson": {"quarantined": 2},
    "google_workspace/gsuite_bypass_spam_filter_email.ndjson": {"not read": 2},
    "google_workspace/gsuite_doc_ownership_transfer.ndjson": {"not read": 3},
    "google_workspace/gsuite_drive_json.ndjson": {"not read": 1},
    "google_workspace/gsuite_external_forwarding.ndjson": {"quarantined": 3, "not read": 1},
    "google_workspace/gsuite_gmail_bigquery.ndjson": {"not read": 1},
    "google_workspace/gsuite_gov_attack.ndjson": {"quarantined": 2},
    "google_workspace/gsuite_is_suspicious_tag.ndjson": {"quarantined": 2},
    "google_workspace/gsuite_links_clicked_in_spam_email.ndjson": {"not read": 2},
    "google_workspace/gsuite_malicious_smtp_response.ndjson": {"not read": 3},
    "google_workspace/gsuite_mobile_device_compromise.ndjson": {"not read": 3},
    "google_workspace/gsuite_mobile_device_suspicious_activity.ndjson": {"not read": 2},
    "google_workspace/gsuite_passthrough_rule.ndjson": {"not read": 5},
    "google_workspace/gsuite_spam_email.ndjson": {"not read": 2},
    "google_workspace/gsuite_two_step_verification.ndjson": {"quarantined": 2},
    "google_workspace/gsuite_workspace_calendar_external_sharing.ndjson": {
        "DirectoryChange": 4,
        "not read": 1,
    },
    "google_workspace/gsuite_workspace_gmail_default_routing_rule.ndjson": {
        "DirectoryChange": 3,
        "not read": 1,
    },
    "google_workspace/gsuite_workspace_gmail_security_sandbox_disabled.ndjson": {
        "DirectoryChange": 2,
        "not read": 1,
    },
    "google_workspace/gsuite_workspace_password_reuse_enabled.ndjson": {
        "DirectoryChange": 2,
        "not read": 1,
    },
    "google_workspace/gws_reports_admin.ndjson": {"SignIn": 2},
    "graph_security/beta__api__alert-list__2.json": {"not read": 1},
    "graph_security/graph_security_alerts_v2_example_trimmed.json": {"not read": 1},
    "graph_security/microsoft_graph_passthrough.ndjson": {"ProductAlert": 2, "not read": 2},
    "graph_security/v1.0__api__alert-get__2.json": {"quarantined": 1},
    "ocsf/aws_cloudtrail_account_change.json": {"AccountChange": 1, "DirectoryChange": 1},
    "ocsf/windows_4625.json": {"SignIn": 1},
    "okta/okta_account_support_access.ndjson": {"DirectoryChange": 1, "SignIn": 1},
    "okta/okta_admin_role_assigned.ndjson": {"DirectoryChange": 2},
    "okta/okta_api_key_created.ndjson": {"DirectoryChange": 1},
    "okta/okta_app_refresh_access_token_reuse.ndjson": {"not read": 2},
    "okta/okta_group_admin_role_assigned.ndjson": {"DirectoryChange": 1, "not read": 1},
    "okta/okta_idp_signin.ndjson": {"SignIn": 2},
    "okta/okta_login_without_push_marker.ndjson": {"not read": 2},
    "okta/okta_org2org_creation_modification.ndjson": {"DirectoryChange": 2, "not read": 1},
    "okta/okta_password_extraction_via_scim.ndjson": {"SignIn": 1, "DirectoryChange": 1},
    "okta/okta_sso_to_aws.ndjson": {"quarantined": 2},
    "okta/okta_threatinsight_security_threat_detected.ndjson": {"not read": 1, "ProductAlert": 2},
    "okta/okta_user_mfa_factor_suspend.ndjson": {"DirectoryChange": 2},
    "okta/okta_user_mfa_reset_all.ndjson": {"DirectoryChange": 1, "not read": 1},
    "onelogin/onelogin_active_login_activity.ndjson": {"quarantined": 3},
    "onelogin/onelogin_login.ndjson": {"quarantined": 2},
    "onelogin/onelogin_password_changed.ndjson": {"quarantined": 2, "not read": 1},
    "onelogin/onelogin_threshold_accounts_deleted.ndjson": {"not read": 1, "quarantined": 1},
    "onelogin/onelogin_unauthorized_access.ndjson": {"quarantined": 1, "not read": 1},
    "onelogin/onelogin_user_assumed.ndjson": {"not read": 1, "quarantined": 1},
}

WORDS = st.none() | st.booleans() | st.integers(-(2**70), 2**70) | st.floats() | st.text()
JSON = st.recursive(
    WORDS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner),
    max_leaves=8,
)
"""Any value, large numbers among them."""
TIMES = {
    "isotimestamp": "2025-03-03T09:00:00Z",
    "created_at": "2025-03-03T09:00:00Z",
    "published": "2025-03-03T09:00:00Z",
    "eventTime": "2025-03-03T09:00:00Z",
    "time": 1740992400000,
}
"""For the records that were published without."""
SAMPLES = [
    records_of(name)[0] | TIMES
    for name in (
        *("okta/okta_idp_signin.ndjson", "okta/okta_sso_to_aws.ndjson"),
        *("google_workspace/gws_reports_admin.ndjson", "google_workspace/gsuite_gov_attack.ndjson"),
        *("cloudtrail/aws_cloudtrail.ndjson", "auth0/auth0_limits.ndjson"),
        *("duo/duo_user_action_fraudulent.ndjson", "duo/duo_admin_lockout.ndjson"),
        *("onelogin/onelogin_login.ndjson", "ecs/elasticsearch_cloud_logins.json"),
        "cloud_app_activities/user_related_activities.json",
        *(
            "defender/defender_detection_passthrough.ndjson",
            "defender/Microsoft365DefenderEvents.json",
        ),
        "graph_security/microsoft_graph_passthrough.ndjson",
    )
]
SAMPLES += [
    {"class_uid": uid, "time": 1740992400000, "user": {"name": "a@b.c"}, "status_id": 1}
    for uid in (2004, 3001, 3002)
]


def test_every_sample_is_accounted_for() -> None:
    files = [path for path in PRODUCTS.rglob("*") if path.is_file() and path.name != "SOURCES.md"]
    assert sorted(str(path.relative_to(PRODUCTS)) for path in files) == sorted(EXPECTED)


@pytest.mark.parametrize("name", EXPECTED)
def test_records_become_what_they_are(name: str) -> None:
    counts: Counter[str] = Counter()
    for piece in read(PRODUCTS / name):
        assert isinstance(piece, Record)
        reading = decode(piece.raw)
        if isinstance(reading, NotRead):
            counts["quarantined" if reading.broken else "not read"] += 1
        else:
            counts.update(type(event).__name__ for event in reading)
    assert dict(counts) == EXPECTED[name]


@given(st.data())
def test_no_value_in_any_field_makes_a_format_fail(data: st.DataObject) -> None:
    record = dict(data.draw(st.sampled_from(SAMPLES)))
    _spoil(record, data)
    reading = decode(msgspec.json.encode(record))
    assert isinstance(reading, list | NotRead)
    for event in reading if isinstance(reading, list) else ():
        again = msgspec.msgpack.decode(msgspec.msgpack.encode(event), type=type(event))
        assert again == event


def _spoil(value: dict[str, Any], data: st.DataObject) -> None:
    """Put anything in the place of one value, at any depth."""
    key = data.draw(st.sampled_from(sorted(value)))
    inner = value[key]
    if isinstance(inner, list) and inner and isinstance(inner[0], dict):
        value[key] = [dict(inner[0]), *inner[1:]]
        inner = value[key][0]
    elif isinstance(inner, dict):
        value[key] = inner = dict(inner)
    if isinstance(inner, dict) and inner and data.draw(st.booleans()):
        _spoil(inner, data)
    else:
        value[key] = data.draw(JSON)
