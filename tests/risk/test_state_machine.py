"""The table of docs/life_of_a_risk.md, row by row, and what always holds."""

from __future__ import annotations

import pytest

from risk.ledger_stories import DAY, HOUR, NOON, Life
from risktui.detect.state import MINUTE
from risktui.model.events import AccountChange
from risktui.model.risk import RiskLevel, RiskState
from risktui.risk.aftermath import NEVER_PASSED_BY_MFA
from risktui.risk.rules import Rules
from risktui.settings import Policy

COMPROMISED = RiskState.CONFIRMED_COMPROMISED


def test_none_and_a_new_active_detection_is_at_risk() -> None:
    life = Life()
    life.finds("e1", RiskLevel.LOW)
    assert (life.state(), life.level()) == (RiskState.AT_RISK, RiskLevel.LOW)


def test_at_risk_and_a_further_detection_aggregates_again() -> None:
    life = Life()
    life.finds("e1", RiskLevel.LOW)
    life.finds("e2", RiskLevel.MEDIUM, kind="newCountry")
    assert (life.state(), life.level()) == (RiskState.AT_RISK, RiskLevel.MEDIUM)


@pytest.mark.parametrize("compromised", [False, True])
def test_remediation_closes_all_up_to_its_time_and_later_ones_reopen(compromised: bool) -> None:
    life = Life()
    life.finds("e1")
    life.finds("e2", RiskLevel.HIGH, kind="newCountry", at=NOON + MINUTE)
    if compromised:
        life.judged("confirmCompromised", at=NOON + 2 * MINUTE)
    life.sets_password("admin reset", NOON + HOUR, initiated_by="erin")
    assert (life.state(), life.level()) == (RiskState.REMEDIATED, RiskLevel.NONE)
    assert life.open() == []
    life.finds("e3", RiskLevel.LOW, key="other", at=NOON + 2 * HOUR)
    assert (life.state(), life.level()) == (RiskState.AT_RISK, RiskLevel.LOW)  # from the new only


def test_a_detection_after_the_remediation_stays_open_through_it() -> None:
    life = Life()
    life.finds("e1")
    life.finds("e2", kind="newCountry", at=NOON + 3 * HOUR)
    life.sets_password("admin reset", NOON + HOUR, initiated_by="erin")
    assert [d.risk_event_type for d in life.open()] == ["newCountry"]


def test_an_mfa_that_a_policy_required_remediates_the_sign_in() -> None:
    policy = Policy(name="mfa", applies_to="signIn", levels=["medium"], control="mfa")
    life = Life(Rules(policies=(policy,)))
    life.finds("s-1", kind="newCountry", correlation_id="c1")
    life.signs_in(
        "s-2",
        NOON + MINUTE,
        mfa="fresh",
        correlation_id="c1",
        conditional_access_status="success",
    )
    assert (life.state(), life.level()) == (RiskState.REMEDIATED, RiskLevel.NONE)


@pytest.mark.parametrize("kind", sorted(NEVER_PASSED_BY_MFA))
def test_an_mfa_does_not_answer_what_an_attacker_with_a_token_can_do(kind: str) -> None:
    life = Life()
    life.finds("s-1", kind=kind, correlation_id="c1")
    life.signs_in(
        "s-2", NOON + MINUTE, mfa="fresh", correlation_id="c1", applied_risk_policies=("p",)
    )
    assert life.state() is RiskState.AT_RISK


def test_an_immediate_mfa_without_a_policy_dismisses_within_five_minutes_only() -> None:
    for minutes, state in ((5, RiskState.DISMISSED), (6, RiskState.AT_RISK)):
        life = Life()
        life.finds("s-1", kind="newCountry", correlation_id="c1")
        life.signs_in("s-2", NOON + minutes * MINUTE, mfa="fresh", correlation_id="c1")
        assert life.state() is state


def test_confirm_safe_closes_and_restarts_learning() -> None:
    life = Life()
    life.finds("e1")
    life.judged("confirmSafe")
    assert (life.state(), life.level()) == (RiskState.CONFIRMED_SAFE, RiskLevel.NONE)
    assert life.open() == []
    assert life.profile.learning_since == NOON


def test_dismiss_closes_and_leaves_the_password_as_it_was() -> None:
    life = Life()
    life.finds("e1")
    life.judged("dismiss")
    assert (life.state(), life.level()) == (RiskState.DISMISSED, RiskLevel.NONE)
    assert life.risk.password_changed == 0


@pytest.mark.parametrize("before", ["none", "atRisk", "dismissed", "remediated", "confirmedSafe"])
def test_confirm_compromised_from_any_state_is_high_until_ended(before: str) -> None:
    life = Life()
    if before != "none":
        life.finds("e1", RiskLevel.LOW)
    if before == "dismissed":
        life.judged("dismiss")
    if before == "confirmedSafe":
        life.judged("confirmSafe")
    if before == "remediated":
        life.sets_password("self-service reset")
    assert life.state() == before
    life.judged("confirmCompromised")
    assert (life.state(), life.level()) == (COMPROMISED, RiskLevel.HIGH)
    life.finds("e2", RiskLevel.LOW, kind="newCountry", at=NOON + DAY, correlation_id="c1")
    life.signs_in("e3", NOON + DAY + MINUTE, mfa="fresh", correlation_id="c1")
    assert (life.state(), life.level()) == (COMPROMISED, RiskLevel.HIGH)


def test_confirmed_compromised_and_dismissed_after_remediation_elsewhere() -> None:
    life = Life()
    life.finds("e1")
    life.judged("confirmCompromised")
    life.judged("dismiss", at=NOON + 2 * HOUR)
    assert (life.state(), life.level()) == (RiskState.DISMISSED, RiskLevel.NONE)
    assert life.open() == []


@pytest.mark.parametrize("ending", ["dismiss", "confirmSafe", "remediation"])
def test_closed_and_a_later_activity_is_at_risk_but_a_late_one_is_covered(ending: str) -> None:
    life = Life()
    life.finds("e1", at=NOON)
    if ending == "remediation":
        life.sets_password("self-service reset", NOON + MINUTE)
    else:
        life.judged(ending, at=NOON + MINUTE)
    closed = life.state()
    late = life.finds("e0", at=NOON - HOUR, kind="newCountry").detections[-1]
    assert late.risk_state is closed  # "late, already covered"
    assert life.state() is closed
    life.finds("e2", RiskLevel.LOW, at=NOON + HOUR, kind="anonymizedIPAddress")
    assert (life.state(), life.level()) == (RiskState.AT_RISK, RiskLevel.LOW)


def test_a_verdict_long_after_the_logs_covers_only_what_was_known_then() -> None:
    """Somebody reads old logs: the operator's clock is months ahead of the events."""
    life = Life()
    life.finds("e1", at=NOON)
    life.judged("dismiss", at=NOON + 250 * DAY)
    life.finds("e2", at=NOON + DAY, kind="newCountry")
    assert life.state() is RiskState.AT_RISK


def test_low_risk_without_elevation_for_six_months_ages_out() -> None:
    life = Life()
    life.finds("e1", RiskLevel.LOW)
    life.days_later(179)
    assert life.state() is RiskState.AT_RISK
    outcome = life.days_later(180)
    assert (life.state(), life.level(), life.risk.detail) == (
        RiskState.NONE,
        RiskLevel.NONE,
        "x_agedOut",
    )
    assert outcome.history[-1].initiator == "system"
    assert outcome.detections[0].risk_detail == "x_agedOut"


def test_a_deleted_user_is_kept_can_be_dismissed_and_is_put_away_after_thirty_days() -> None:
    for dismissed in (True, False):
        life = Life()
        life.finds("e1", RiskLevel.HIGH)
        life.does(AccountChange(time=NOON + HOUR, id="x", user_id="carol-id", what="deleted"))
        assert life.outcome.users[-1].is_deleted
        assert life.state() is RiskState.AT_RISK
        if dismissed:
            assert life.judged("dismiss").verdicts[0].accepted
            assert life.state() is RiskState.DISMISSED
            continue
        life.days_later(30)
        assert life.state() is RiskState.AT_RISK  # an hour is missing
        life.days_later(31)
        assert (life.state(), life.risk.detail) == (RiskState.NONE, "x_accountDeleted")


def test_a_restored_user_goes_on_where_they_were() -> None:
    life = Life()
    life.finds("e1", RiskLevel.HIGH)
    life.does(AccountChange(time=NOON + HOUR, id="x", user_id="carol-id", what="deleted"))
    life.does(AccountChange(time=NOON + 2 * HOUR, id="y", user_id="carol-id", what="restored"))
    life.days_later(60)
    assert (life.state(), life.level()) == (RiskState.AT_RISK, RiskLevel.HIGH)
    assert not life.outcome.users or not life.outcome.users[-1].is_deleted


def test_a_disabled_user_still_gets_detections() -> None:
    life = Life()
    life.does(AccountChange(time=NOON - HOUR, id="x", user_id="carol-id", what="disabled"))
    assert life.finds("e1").detections
    assert life.profile.disabled


def test_medium_and_high_risk_never_ages_out() -> None:
    for level in (RiskLevel.MEDIUM, RiskLevel.HIGH):
        life = Life()
        life.finds("e1", level)
        life.days_later(2_000)
        assert (life.state(), life.level()) == (RiskState.AT_RISK, level)
