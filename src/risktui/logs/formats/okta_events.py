"""What Okta's event types are about, and what an outcome says of the password and the factor."""

from __future__ import annotations

from typing import Literal

from risktui.logs.formats.elsewhere import (
    BLOCKED,
    BLOCKED_AFTER_PASSWORD,
    FAILED,
    LOCKED,
    MFA_ASKED,
    MFA_DENIED,
    MFA_FAILED,
    MFA_UNANSWERED,
    PASSWORD_EXPIRED,
    SIGNED_IN,
    SIGNED_IN_WITH_MFA,
    WRONG_PASSWORD,
    Outcome,
)
from risktui.logs.formats.fields import text
from risktui.logs.formats.okta_record import RawOkta
from risktui.model.events import Actor

How = Literal["change", "self-service reset", "admin reset", "on-premises"]
What = Literal["created", "disabled", "enabled", "deleted", "restored"]

ACTORS: dict[str, Actor] = {
    "user": "user",
    "systemprincipal": "system",
    "ip address": "system",
    "publicclientapp": "servicePrincipal",
    "confidentialclientapp": "servicePrincipal",
    "oauth2 client": "servicePrincipal",
    "appinstance": "servicePrincipal",
}
"""`actor.type` in lower case."""

SIGN_INS = ("user.session.start", "user.authentication.")
FACTOR = ("user.authentication.auth_via_mfa", "user.mfa.okta_verify")
PUSH_DENIED = {"user.mfa.okta_verify.deny_push", "user.mfa.okta_verify.deny_push_upgrade_needed"}
PUSH_SENT = "system.push.send_factor_verify_push"
POLICY = "policy.evaluate_sign_on"

SILENT = {
    *("user.authentication.slo", "user.authentication.universal_logout"),
    *("user.session.end", "user.session.clear", "user.session.access_admin_app"),
}
"""The end of sessions, and what goes with an event that is read."""

REPORT = "user.account.report_suspicious_activity_by_enduser"

ALERTS: dict[str, tuple[str, str, str]] = {
    "security.threat.detected": ("Okta ThreatInsight", "medium", ""),
    "security.attack.start": ("Okta ThreatInsight", "high", ""),
    "security.breached_credential.detected": ("Okta", "high", "leakedCredentials"),
    "user.risk.detect": ("Okta Identity Threat Protection", "medium", ""),
    "user.risk.change": ("Okta Identity Threat Protection", "medium", ""),
    "policy.entity_risk.evaluate": ("Okta Identity Threat Protection", "medium", ""),
}
"""Okta's own verdicts: product, severity where the entry names none, Microsoft's type."""

PASSWORD_CHANGES: dict[str, tuple[How, How]] = {
    "user.account.update_password": ("change", "admin reset"),
    "user.account.reset_password": ("self-service reset", "admin reset"),
}
"""How, by the person and by somebody else."""

ACCOUNT_CHANGES: dict[str, What] = {
    "user.lifecycle.create": "created",
    "user.lifecycle.activate": "enabled",
    "user.lifecycle.reactivate": "enabled",
    "user.lifecycle.unsuspend": "enabled",
    "user.lifecycle.suspend": "disabled",
    "user.lifecycle.deactivate": "disabled",
    "user.lifecycle.delete.completed": "deleted",
}

CHANGES = (
    *("user.account.", "user.lifecycle.", "user.mfa.", "user.session.impersonation."),
    *("group.", "application.lifecycle.", "application.user_membership.", "policy.lifecycle."),
    *("policy.rule.", "system.api_token.", "system.idp.lifecycle.", "system.mfa.factor."),
    *("zone.", "security.authenticator.", "iam.", "device.lifecycle."),
)
"""Beginnings of the types that tell of a change in the directory."""

REASONS: tuple[tuple[str, Outcome], ...] = (
    ("invalid_credentials", WRONG_PASSWORD),
    ("verification_error", WRONG_PASSWORD),  # what the old sign-in page said of a wrong password
    ("invalid_login", WRONG_PASSWORD),
    ("locked_out", LOCKED),
    ("user_locked", LOCKED),
    ("password_expired", PASSWORD_EXPIRED),
    ("network_zone_blacklist", BLOCKED),
    ("ip_blocked", BLOCKED),
    ("resulted in deny", BLOCKED_AFTER_PASSWORD),
    ("policy", BLOCKED_AFTER_PASSWORD),
)
FACTOR_REASONS: tuple[tuple[str, Outcome], ...] = (
    ("rejected", MFA_DENIED),
    ("denied", MFA_DENIED),
    ("deny_push", MFA_DENIED),
    ("timeout", MFA_UNANSWERED),
    ("timed out", MFA_UNANSWERED),
    ("expired", MFA_UNANSWERED),
)
"""What `outcome.reason` contains, in lower case; the first that fits decides."""


def outcome_of(kind: str, raw: RawOkta) -> Outcome | None:
    """What an entry of this type (lower case) says of a sign-in; None where it tells of none."""
    result = text(raw.outcome.result).casefold() if raw.outcome else ""
    reason = text(raw.outcome.reason).casefold() if raw.outcome else ""
    if kind in PUSH_DENIED:
        return MFA_DENIED
    if kind == PUSH_SENT:
        return MFA_ASKED if result == "success" else None
    if kind == POLICY:  # allowed and challenged ones go on with an entry of their own
        return BLOCKED if result == "deny" else None
    if kind.startswith(FACTOR[0]):
        return _second_factor(result, reason)
    if not kind.startswith(SIGN_INS):
        return None
    if result in {"", "success", "allow"}:
        return SIGNED_IN
    if result == "challenge":
        return MFA_ASKED
    return _first(REASONS, reason, BLOCKED if result == "deny" else FAILED)


def _second_factor(result: str, reason: str) -> Outcome:
    if result in {"success", "allow"}:
        return SIGNED_IN_WITH_MFA
    if result == "challenge":
        return MFA_ASKED
    return _first(FACTOR_REASONS, reason, MFA_FAILED)


def _first(table: tuple[tuple[str, Outcome], ...], reason: str, otherwise: Outcome) -> Outcome:
    return next((outcome for words, outcome in table if words in reason), otherwise)
