"""What Auth0's log event type codes are about."""

from __future__ import annotations

from typing import Literal

from risktui.logs.formats.elsewhere import (
    FAILED,
    LOCKED,
    MFA_ASKED,
    MFA_DENIED,
    MFA_FAILED,
    NO_SUCH_USER,
    SIGNED_IN,
    SIGNED_IN_WITH_MFA,
    WRONG_PASSWORD,
    Outcome,
)

TOKENS = {"ssa", "fsa", "seacft", "feacft", "sertft", "fertft"}
"""Codes of sessions and tokens: nobody sits there."""

OUTCOMES: dict[str, Outcome] = {
    "s": SIGNED_IN,
    "ssa": SIGNED_IN,
    "seacft": SIGNED_IN,
    "sertft": SIGNED_IN,
    "f": FAILED,
    "fc": FAILED,
    "fco": FAILED,
    "fcoa": FAILED,
    "fens": FAILED,
    "feacft": Outcome(-1, credentials="none"),
    "fertft": Outcome(-1, credentials="none"),
    "fp": WRONG_PASSWORD,
    "fu": NO_SUCH_USER,
    "limit_wc": LOCKED,
    "limit_mu": LOCKED,
    "limit_sul": LOCKED,
    "gd_auth_succeed": SIGNED_IN_WITH_MFA,
    "gd_auth_failed": MFA_FAILED,
    "gd_auth_rejected": MFA_DENIED,
    "gd_otp_rate_limit_exceed": MFA_FAILED,
    "gd_send_pn": MFA_ASKED,
    "gd_send_sms": MFA_ASKED,
    "gd_send_voice": MFA_ASKED,
    "gd_send_email": MFA_ASKED,
}
ALERTS = {
    "pwd_leak": ("Breached password", "high", "leakedCredentials"),
    "signup_pwd_leak": ("Breached password on sign-up", "medium", ""),
    "reset_pwd_leak": ("Breached password on reset", "medium", ""),
}
"""Title, severity and Microsoft's type; only a log-in shows that the password was valid."""

PASSWORD_CHANGES: dict[str, Literal["change"]] = {"scp": "change"}
"""Not scpr, which only asks for a reset; the change follows."""

ACCOUNT_CHANGES: dict[str, Literal["created", "deleted"]] = {
    "ss": "created",
    "sdu": "deleted",
    "du": "deleted",
}
CHANGES = {
    *("sapi", "fapi", "gd_enrollment_complete", "gd_unenroll", "gd_update_device"),
    *("sce", "scu", "scpn", "gd_recovery_succeed"),
}
"""Acts on the tenant and on people's second factors."""
