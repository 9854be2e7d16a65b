"""What becomes of old risk: it ages out by event time, as a step of history.

Nothing is deleted here. Medium and high risk stays until somebody ends it.
"""

from __future__ import annotations

from risktui.detect.state import DAY
from risktui.model.risk import Detection, RiskLevel, RiskState
from risktui.risk.ledger import Ledger

AGED_OUT = "x_agedOut"
"""riskDetail of low risk that nobody has added to for the configured time; ours, not Graph's."""
ACCOUNT_DELETED = "x_accountDeleted"
"""riskDetail of the risk of an account that is gone for good; ours, not Graph's."""


def age(ledger: Ledger, time: int) -> None:
    """Put away what is too old at `time` (ms of event time)."""
    risk, rules = ledger.risk, ledger.rules
    deleted_for = time - risk.deleted_at
    if risk.is_deleted and rules.deleted_days and deleted_for >= rules.deleted_days * DAY:
        everything = [entry.detection for entry in risk.active()]
        risk.state = RiskState.AT_RISK if risk.state.active else risk.state
        ledger.close(everything, RiskState.NONE, ACCOUNT_DELETED, time)
        return
    expired = time - rules.low_days * DAY
    if rules.low_days and risk.elevated <= expired:
        old = [e.detection for e in risk.active() if _is_expired(e.detection, expired)]
        if old:
            ledger.close(old, RiskState.NONE, AGED_OUT, time)


def _is_expired(detection: Detection, expired: int) -> bool:
    return (
        detection.risk_level is RiskLevel.LOW
        and detection.risk_state is RiskState.AT_RISK
        and detection.activity_date_time <= expired
    )
