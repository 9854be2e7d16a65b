"""What ends a risk without a verdict: a new password, a second factor, revoked sessions.

And what becomes of accounts that are deleted, restored or disabled (docs/life_of_a_risk.md).
"""

from __future__ import annotations

from risktui.detect import PasswordChange, SignIn
from risktui.detect.state import DAY, HOUR, MINUTE
from risktui.model.events import AccountChange
from risktui.model.risk import Initiator, RiskLevel, RiskState
from risktui.risk.ledger import Ledger

SECURED_WINDOW = 15 * MINUTE
"""A password change counts as secured with MFA this long before it."""
ASKED_WINDOW = HOUR
"""A change this long after the product asked for it belongs to the risk flow (50135, 50142)."""
REVOKED_WINDOW = DAY
"""A sign-in this long after sessions were revoked may complete the remediation."""
PASSWORD_ASKED = frozenset({50135, 50142})
"""Result codes: the password must be changed because of risk or a policy."""
SESSIONS_REVOKED = frozenset({50173})
"""Result code: the grant was revoked, sign in afresh."""


def remediate(ledger: Ledger, event: PasswordChange) -> None:
    """A new password ends the risk where Microsoft counts it as secure."""
    if not event.succeeded:
        return
    risk = ledger.risk
    detail = _remediation_detail(ledger, event)
    risk.password_changed = max(risk.password_changed, event.time)
    if detail is None or not risk.state.active:
        return
    by = event.initiated_by or "system"
    _end(ledger, detail, event.time, by)


def _end(ledger: Ledger, detail: str, time: int, by: str, initiator: Initiator = "system") -> None:
    """Close everything up to `time`; what came later stays open."""
    risk = ledger.risk
    covered = [e.detection for e in risk.active() if e.detection.activity_date_time <= time]
    risk.closed_through = max(risk.closed_through, time)
    if risk.state is RiskState.CONFIRMED_COMPROMISED:
        risk.state = RiskState.AT_RISK
    ledger.profile.frozen = False
    ledger.close(covered, RiskState.REMEDIATED, detail, time, by, initiator)


def _remediation_detail(ledger: Ledger, event: PasswordChange) -> str | None:
    if event.how == "admin reset":
        by_themselves = event.initiated_by in {event.user_id, event.user_principal_name}
        return None if by_themselves else "adminGeneratedTemporaryPassword"
    if event.how == "self-service reset":
        return "userPerformedSecuredPasswordReset"
    if event.how == "on-premises":
        allowed = ledger.rules.on_prem_password_clears_risk
        return "userChangedPasswordOnPremises" if allowed else None
    secured = 0 <= event.time - ledger.profile.last_mfa <= SECURED_WINDOW
    asked = 0 <= event.time - ledger.risk.password_asked <= ASKED_WINDOW
    return "userPerformedSecuredPasswordChange" if secured or asked else None


def sign_in_remedy(ledger: Ledger, event: SignIn) -> None:
    """What a sign-in says about the flow of a remediation."""
    risk = ledger.risk
    if event.error_code in PASSWORD_ASKED or event.applied_user_risk_policies:
        risk.password_asked = max(risk.password_asked, event.time)
    elif event.error_code in SESSIONS_REVOKED:
        risk.revoked = max(risk.revoked, event.time)
        ledger.profile.alert_until = max(ledger.profile.alert_until, event.time + REVOKED_WINDOW)
    elif event.result == "success" and event.mfa == "fresh" and risk.state.active:
        after = 0 <= event.time - risk.revoked <= REVOKED_WINDOW
        if after and _revocation_is_wanted(ledger):
            _end(ledger, "microsoftRevokedSessions", event.time, "risk policy", "policy")


def _revocation_is_wanted(ledger: Ledger) -> bool:
    """Whether a policy remediates by revoking sessions at the person's level."""
    return any(
        policy.control == "riskRemediation"
        and str(ledger.risk.level) in policy.levels
        and ledger.rules.concerns(policy, ledger.risk.user_principal_name)
        for policy in ledger.rules.policies
        if policy.applies_to == "user"
    )


def mfa_was_asked_for_risk(ledger: Ledger, event: SignIn, level: RiskLevel) -> bool:
    """Whether a risk policy asked for the second factor that `event` has passed.

    The record says so itself, or a configured policy matches and Conditional Access was met.
    """
    if event.applied_risk_policies:
        return True
    return event.conditional_access_status == "success" and any(
        policy.control == "mfa"
        and str(level) in policy.levels
        and ledger.rules.concerns(policy, ledger.risk.user_principal_name)
        for policy in ledger.rules.policies
        if policy.applies_to == "signIn"
    )


def account(ledger: Ledger, event: AccountChange) -> None:
    """Deleted users make no detections (G2), disabled ones do (G3)."""
    if not event.succeeded:
        return
    risk = ledger.risk
    if event.what in {"deleted", "restored"}:
        risk.is_deleted = ledger.profile.deleted = event.what == "deleted"
        risk.deleted_at = event.time if risk.is_deleted else 0
        if risk.state is not RiskState.NONE:
            ledger.outcome.users.append(ledger.user())
    if event.what in {"disabled", "enabled"}:
        ledger.profile.disabled = event.what == "disabled"
