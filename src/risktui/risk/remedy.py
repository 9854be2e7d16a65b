"""What ends a risk without a verdict: a new password, and what becomes of deleted accounts."""

from __future__ import annotations

from risktui.detect import PasswordChange
from risktui.detect.state import MINUTE
from risktui.model.events import AccountChange
from risktui.model.risk import RiskState
from risktui.risk.ledger import Ledger

SECURED_WINDOW = 15 * MINUTE
"""A password change counts as secured with MFA this long before it (4.4)."""


def remediate(ledger: Ledger, event: PasswordChange) -> None:
    """A new password ends the risk where Microsoft counts it as secure (4.4)."""
    detail = _remediation_detail(ledger, event)
    if not event.succeeded or detail is None or not ledger.risk.state.active:
        return
    covered = [
        e.detection for e in ledger.risk.active() if e.detection.activity_date_time <= event.time
    ]
    by = event.initiated_by or "system"
    ledger.risk.closed_through = max(ledger.risk.closed_through, event.time)
    if ledger.risk.state is RiskState.CONFIRMED_COMPROMISED:
        ledger.risk.state = RiskState.AT_RISK
    ledger.profile.frozen = False
    ledger.close(covered, RiskState.REMEDIATED, detail, event.time, by)


def _remediation_detail(ledger: Ledger, event: PasswordChange) -> str | None:
    if event.how == "admin reset":
        return "adminGeneratedTemporaryPassword"
    if event.how == "self-service reset":
        return "userPerformedSecuredPasswordReset"
    secured = 0 <= event.time - ledger.profile.last_mfa <= SECURED_WINDOW
    if event.how == "change" and secured:
        return "userPerformedSecuredPasswordChange"
    return None


def account(ledger: Ledger, event: AccountChange) -> None:
    """Deleted users make no detections (G2), disabled ones do (G3)."""
    if not event.succeeded:
        return
    if event.what in {"deleted", "restored"}:
        ledger.risk.is_deleted = ledger.profile.deleted = event.what == "deleted"
        if ledger.risk.state is not RiskState.NONE:
            ledger.outcome.users.append(ledger.user())
    if event.what in {"disabled", "enabled"}:
        ledger.profile.disabled = event.what == "disabled"
