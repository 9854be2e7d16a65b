"""Every riskDetail there is (docs/life_of_a_risk.md): from which state to which, and by what."""

from __future__ import annotations

import pytest

from risk.ledger_stories import HOUR, NOON, Life
from risktui.detect.state import MINUTE
from risktui.model.events import ProductAlert
from risktui.model.risk import RiskLevel, RiskState
from risktui.risk.rules import Rules
from risktui.settings import Policy

MFA_POLICY = Policy(
    name="MFA for risky sign-ins", applies_to="signIn", levels=["medium", "high"], control="mfa"
)
REMEDIATION = Policy(
    name="remediate", applies_to="user", levels=["medium", "high"], control="riskRemediation"
)


@pytest.fixture
def life() -> Life:
    """Carol, with one open medium detection on the sign-in s-1."""
    made = Life()
    made.risky_sign_in("s-1")
    return made


def _ended(life: Life, state: RiskState, detail: str) -> None:
    assert (life.level(), life.state(), life.risk.detail) == (RiskLevel.NONE, state, detail)
    assert {e.detection.risk_detail for e in life.risk.entries} == {detail}
    assert life.risk.sign_ins["s-1"].risk_detail == detail
    assert life.risk.sign_ins["s-1"].risk_level_aggregated is RiskLevel.NONE


def test_none_a_detection_was_created(life: Life) -> None:
    assert life.state() is RiskState.AT_RISK
    assert life.risk.detail == "none"
    assert life.open()[0].risk_detail == "none"
    assert life.risk.sign_ins["s-1"].risk_detail == "none"


def test_admin_generated_temporary_password(life: Life) -> None:
    life.sets_password("admin reset", initiated_by="erin@contoso.com")
    _ended(life, RiskState.REMEDIATED, "adminGeneratedTemporaryPassword")


def test_admin_generated_temporary_password_is_not_what_one_gives_oneself(life: Life) -> None:
    life.sets_password("admin reset", initiated_by="carol@contoso.com")
    assert life.state() is RiskState.AT_RISK


def test_user_performed_secured_password_change_with_mfa_before_it(life: Life) -> None:
    life.profile.last_mfa = NOON + 50 * MINUTE
    life.sets_password("change")
    _ended(life, RiskState.REMEDIATED, "userPerformedSecuredPasswordChange")


@pytest.mark.parametrize("code", [50135, 50142])
def test_user_performed_secured_password_change_after_being_asked_to(life: Life, code: int) -> None:
    life.signs_in("s-2", NOON + 55 * MINUTE, error_code=code, result="interrupt")
    life.sets_password("change")
    _ended(life, RiskState.REMEDIATED, "userPerformedSecuredPasswordChange")


def test_a_plain_voluntary_change_outside_the_risk_flow_does_not_count(life: Life) -> None:
    life.profile.last_mfa = NOON - HOUR
    life.sets_password("change")
    assert life.state() is RiskState.AT_RISK
    assert life.risk.password_changed == NOON + HOUR


def test_user_performed_secured_password_reset(life: Life) -> None:
    life.sets_password("self-service reset")
    _ended(life, RiskState.REMEDIATED, "userPerformedSecuredPasswordReset")


def test_a_reset_that_failed_remediates_nothing(life: Life) -> None:
    life.sets_password("self-service reset", succeeded=False)
    assert life.state() is RiskState.AT_RISK


def test_user_changed_password_on_premises_only_where_the_option_is_on() -> None:
    for allowed, state in ((False, RiskState.AT_RISK), (True, RiskState.REMEDIATED)):
        life = Life(Rules(on_prem_password_clears_risk=allowed))
        life.risky_sign_in("s-1")
        life.sets_password("on-premises")
        assert life.state() is state
    _ended(life, RiskState.REMEDIATED, "userChangedPasswordOnPremises")


def test_user_passed_mfa_driven_by_risk_based_policy_as_the_record_says(life: Life) -> None:
    life.finds("s-2", kind="newCountry", at=NOON + MINUTE, correlation_id="c1")
    life.signs_in(
        "s-3",
        NOON + 2 * MINUTE,
        mfa="fresh",
        correlation_id="c1",
        applied_risk_policies=("risky sign-ins",),
    )
    closed = life.risk.entries[-1].detection
    assert closed.risk_state is RiskState.REMEDIATED
    assert closed.risk_detail == "userPassedMFADrivenByRiskBasedPolicy"


def test_user_passed_mfa_driven_by_risk_based_policy_in_the_same_sign_in() -> None:
    life = Life(Rules(policies=(MFA_POLICY,)))
    life.risky_sign_in("s-1", mfa="fresh", conditional_access_status="success")
    detection = life.risk.entries[0].detection
    assert detection.risk_detail == "userPassedMFADrivenByRiskBasedPolicy"
    assert detection.risk_state is RiskState.REMEDIATED
    assert life.state() is RiskState.NONE


def test_ai_confirmed_signin_safe_where_no_policy_asked() -> None:
    life = Life()
    life.finds("s-1", kind="newCountry", correlation_id="c1")
    life.signs_in("s-2", NOON + 4 * MINUTE, mfa="fresh", correlation_id="c1")
    assert life.state() is RiskState.DISMISSED
    assert life.risk.entries[0].detection.risk_detail == "aiConfirmedSigninSafe"


def test_admin_confirmed_signin_safe(life: Life) -> None:
    life.judged("confirmSafe", detection_id=life.open()[0].id)
    _ended(life, RiskState.CONFIRMED_SAFE, "adminConfirmedSigninSafe")


def test_admin_confirmed_account_safe(life: Life) -> None:
    life.judged("confirmSafe")
    _ended(life, RiskState.CONFIRMED_SAFE, "adminConfirmedAccountSafe")
    assert life.profile.learning_reason == "confirmed safe"


def test_admin_confirmed_signin_compromised(life: Life) -> None:
    life.judged("confirmCompromised", detection_id=life.open()[0].id)
    sign_in = life.risk.sign_ins["s-1"]
    assert sign_in.risk_level_aggregated is RiskLevel.HIGH
    assert sign_in.risk_level_during_sign_in is RiskLevel.MEDIUM  # that is what was known then
    assert sign_in.risk_detail == "adminConfirmedSigninCompromised"
    assert (life.level(), life.state()) == (RiskLevel.HIGH, RiskState.CONFIRMED_COMPROMISED)


def test_admin_confirmed_signin_compromised_overrides_a_state_before(life: Life) -> None:
    detection = life.open()[0]
    life.judged("dismiss")
    life.judged("confirmCompromised", detection_id=detection.id)
    assert life.state() is RiskState.CONFIRMED_COMPROMISED


def test_admin_confirmed_user_compromised(life: Life) -> None:
    life.judged("confirmCompromised")
    assert life.risk.detail == "adminConfirmedUserCompromised"
    assert {d.risk_event_type for d in life.open()} == {
        "unfamiliarFeatures",
        "adminConfirmedUserCompromised",
    }


def test_admin_dismissed_all_risk_for_user(life: Life) -> None:
    life.judged("dismiss")
    _ended(life, RiskState.DISMISSED, "adminDismissedAllRiskForUser")


def test_admin_dismissed_risk_for_sign_in_by_its_request_id(life: Life) -> None:
    life.risky_sign_in("s-1", kind="newCountry", timing="offline")
    outcome = life.judged("dismiss", detection_id="s-1")
    assert len(outcome.detections) == 2
    _ended(life, RiskState.DISMISSED, "adminDismissedRiskForSignIn")


def test_m365d_admin_dismissed_detection(life: Life) -> None:
    life.does(
        ProductAlert(
            time=NOON + HOUR,
            id="alert-9",
            user_id="carol-id",
            product="Microsoft Defender XDR",
            risk_event_type="unfamiliarFeatures",
            request_id="s-1",
            risk_state="dismissed",
        )
    )
    _ended(life, RiskState.DISMISSED, "m365DAdminDismissedDetection")


def test_microsoft_revoked_sessions_where_a_policy_remediates_so() -> None:
    life = Life(Rules(policies=(REMEDIATION,)))
    life.risky_sign_in("s-1")
    life.signs_in("s-2", NOON + HOUR, error_code=50173, result="failure", credentials="none")
    assert life.state() is RiskState.AT_RISK
    outcome = life.signs_in("s-3", NOON + 2 * HOUR, mfa="fresh")
    _ended(life, RiskState.REMEDIATED, "microsoftRevokedSessions")
    assert outcome.history[-1].initiator == "policy"


def test_microsoft_revoked_sessions_mean_nothing_without_such_a_policy(life: Life) -> None:
    life.signs_in("s-2", NOON + HOUR, error_code=50173, result="failure", credentials="none")
    life.signs_in("s-3", NOON + 2 * HOUR, mfa="fresh")
    assert life.state() is RiskState.AT_RISK


def test_ai_elevated_account_risk() -> None:
    life = Life()
    life.finds("e1", kind="newCountry")
    outcome = life.finds("e2", kind="suspiciousInboxForwarding", family="mail")
    assert (life.level(), life.risk.detail) == (RiskLevel.HIGH, "aiElevatedAccountRisk")
    assert outcome.history[-1].event_types == ("aiCompoundAccountRisk",)


@pytest.mark.parametrize("detail", ["unknownFutureValue", "somethingMicrosoftInventsNextYear"])
def test_hidden_and_future_values_pass_through(life: Life, detail: str) -> None:
    life.does(
        ProductAlert(
            time=NOON + HOUR,
            id="alert-9",
            user_id="carol-id",
            product="Microsoft",
            risk_event_type="somethingNew",
            severity="veryHigh",
            risk_state="atRisk",
            risk_detail=detail,
        )
    )
    new = next(d for d in life.open() if d.risk_event_type == "somethingNew")
    assert (new.risk_detail, new.risk_level) == (detail, RiskLevel.MEDIUM)


def test_user_performed_secured_password_change_as_the_record_of_the_policy_says(
    life: Life,
) -> None:
    asked = ("risky users",)
    life.signs_in("s-2", NOON + 50 * MINUTE, applied_user_risk_policies=asked)
    life.sets_password("change")
    _ended(life, RiskState.REMEDIATED, "userPerformedSecuredPasswordChange")
