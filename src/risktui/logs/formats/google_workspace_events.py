"""What Google Workspace's events are about, and what an outcome says of password and factor."""

from __future__ import annotations

from typing import Literal

import msgspec

from risktui.logs.formats.elsewhere import (
    DISABLED,
    FAILED,
    MFA_FAILED,
    SIGNED_IN,
    SIGNED_IN_WITH_MFA,
    WRONG_PASSWORD,
    Outcome,
)
from risktui.logs.formats.google_workspace_record import Parameters

How = Literal["change", "self-service reset", "admin reset", "on-premises"]
What = Literal["created", "disabled", "enabled", "deleted", "restored"]


class Alert(msgspec.Struct, frozen=True):
    """A verdict of Google's own."""

    title: str
    severity: str
    risk_event_type: str = ""
    """Microsoft's type, where it is the same thing."""


ALERTS = {
    "suspicious_login": Alert("Suspicious login", "medium"),
    "suspicious_login_less_secure_app": Alert("Suspicious login, less secure app", "medium"),
    "suspicious_programmatic_login": Alert("Suspicious programmatic login", "medium"),
    "user_signed_out_due_to_suspicious_session_cookie": Alert("Suspicious session cookie", "high"),
    "gov_attack_warning": Alert("Government-backed attack warning", "high"),
    "account_disabled_password_leak": Alert("Leaked password", "high", "leakedCredentials"),
    "account_disabled_hijacked": Alert("Account disabled: hijacked", "high"),
    "account_disabled_spamming": Alert("Account disabled: spamming", "medium"),
    "account_disabled_spamming_through_relay": Alert(
        "Account disabled: spamming through relay", "medium"
    ),
}
ACCOUNT_CHANGES: dict[str, What] = {
    "account_disabled_password_leak": "disabled",
    "account_disabled_hijacked": "disabled",
    "account_disabled_spamming": "disabled",
    "account_disabled_spamming_through_relay": "disabled",
    "account_disabled_generic": "disabled",
    "create_user": "created",
    "delete_user": "deleted",
    "undelete_user": "restored",
    "suspend_user": "disabled",
    "unsuspend_user": "enabled",
}
PASSWORD_CHANGES: dict[str, How] = {"password_edit": "change"}
ADMIN_PASSWORDS = {"change_password"}
FORWARDING = "email_forwarding_out_of_domain"

SILENT = {"logout", "risky_sensitive_action_allowed", "risky_sensitive_action_blocked"}

SECOND_FACTORS = {
    *("security_key", "security_key_otp", "google_authenticator", "google_prompt", "backup_code"),
    *("idv_any_phone", "idv_preregistered_phone", "offline_otp", "internal_two_factor", "passkey"),
    *("idv_any_email", "assistant_id", "rescue_code", "access_to_preregistered_email"),
}
"""Values of login_challenge_method besides password, none, other, saml and the like."""

REASONS = {
    "login_failure_account_disabled": DISABLED,
    "login_failure_invalid_second_factor": MFA_FAILED,
    "login_failure_access_code_disallowed": MFA_FAILED,
    "login_failure_invalid_password": WRONG_PASSWORD,
}


def outcome_of(kind: str, parameters: Parameters) -> Outcome | None:
    """What the event called `kind` says of a log-in; None where it tells of none."""
    factors = SECOND_FACTORS.intersection(parameters.words("login_challenge_method"))
    if kind == "login_success":
        return SIGNED_IN_WITH_MFA if factors else SIGNED_IN
    if kind == "login_failure":
        reason = REASONS.get(parameters.text("login_failure_type").casefold())
        if reason is not None:
            return reason
        if parameters.text("saml_status_code") or parameters.text("saml_second_level_status_code"):
            return FAILED
        return MFA_FAILED if factors else WRONG_PASSWORD
    if kind in {"login_challenge", "login_verification"}:
        failed = "failed" in parameters.text("login_challenge_status").casefold()
        return MFA_FAILED if failed else None
    return None
