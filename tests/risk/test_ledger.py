from __future__ import annotations

from risk.ledger_stories import DAY, HOUR, NOON, Life
from risktui.detect.state import MINUTE
from risktui.model.events import AccountChange, DirectoryChange, PasswordChange
from risktui.model.risk import RiskLevel, RiskState
from risktui.risk.aftermath import follow_up
from risktui.risk.ledger import Ledger
from risktui.risk.raising import MAX_ENTRIES
from risktui.risk.remedy import account, remediate
from risktui.risk.rules import Rules


def test_a_first_detection_puts_the_person_at_risk_with_its_level() -> None:
    life = Life()
    outcome = life.finds("e1", RiskLevel.MEDIUM)
    assert (life.level(), life.state()) == (RiskLevel.MEDIUM, RiskState.AT_RISK)
    assert outcome.users[-1].reason == "passwordSpray of carol"
    assert outcome.history[-1].event_types == ("passwordSpray",)


def test_the_level_of_a_person_is_that_of_the_worst_open_detection() -> None:
    life = Life()
    life.finds("e1", RiskLevel.LOW, kind="newCountry")
    life.finds("e2", RiskLevel.HIGH)
    life.finds("e3", RiskLevel.LOW, kind="newCountry", key="other")
    assert life.level() is RiskLevel.HIGH


def test_a_repeat_within_a_day_updates_the_detection_and_may_only_raise_it() -> None:
    life = Life()
    first = life.finds("e1", RiskLevel.MEDIUM).detections[0]
    again = life.finds("e2", RiskLevel.LOW, at=NOON + HOUR).detections[0]
    assert again.id == first.id
    assert (again.count, again.risk_level) == (2, RiskLevel.MEDIUM)
    higher = life.finds("e3", RiskLevel.HIGH, at=NOON + 2 * HOUR).detections[0]
    assert (higher.count, higher.risk_level) == (3, RiskLevel.HIGH)
    assert higher.last_updated_date_time == NOON + 2 * HOUR


def test_a_repeat_after_the_cool_down_or_with_another_key_is_a_detection_of_its_own() -> None:
    life = Life()
    ids = {
        life.finds("e1").detections[0].id,
        life.finds("e2", at=NOON + DAY + 1).detections[0].id,
        life.finds("e3", key="198.51.100.0/24").detections[0].id,
    }
    assert len(ids) == 3


def test_the_same_event_twice_is_one_detection_counted_once() -> None:
    life = Life()
    life.finds("e1")
    assert life.finds("e1").detections == []
    assert life.risk.entries[0].detection.count == 1


def test_a_mailbox_rule_within_the_hour_raises_the_detection_that_waits_for_it() -> None:
    life = Life()
    life.finds("e1", RiskLevel.MEDIUM, raised_by=("A7",))
    consent = DirectoryChange(
        time=NOON + 30 * MINUTE, id="a1", user_id="carol-id", operation="Consent to application"
    )
    ledger = life.ledger()
    follow_up(ledger, consent)
    raised = life.outcome.detections[0]
    assert raised.risk_level is RiskLevel.HIGH
    assert raised.explanation.level.modifiers[-1].startswith("+1 A7 Consent to application 30 min")
    follow_up(life.ledger(), consent)
    assert life.outcome.detections == []  # once is enough


def test_a_sensitive_act_two_hours_later_raises_nothing() -> None:
    life = Life()
    life.finds("e1", RiskLevel.MEDIUM, raised_by=("A7",))
    late = DirectoryChange(
        time=NOON + 2 * HOUR, id="a1", user_id="carol-id", operation="Consent to application"
    )
    follow_up(life.ledger(), late)
    assert life.outcome.detections == []


def test_a_second_factor_passed_right_after_the_interrupt_answers_the_risk() -> None:
    life = Life()
    life.finds("e1", RiskLevel.MEDIUM, correlation_id="c1", kind="unfamiliarFeatures")
    outcome = life.does(
        life.event("e2", NOON + MINUTE, mfa="fresh", correlation_id="c1", session_id="")
    )
    assert outcome.detections[0].risk_detail == "aiConfirmedSigninSafe"
    assert (life.level(), life.state()) == (RiskLevel.NONE, RiskState.DISMISSED)


def test_a_second_factor_does_not_answer_a_stolen_token() -> None:
    life = Life()
    life.finds("e1", RiskLevel.MEDIUM, correlation_id="c1", kind="anomalousToken")
    life.does(life.event("e2", NOON + MINUTE, mfa="fresh", correlation_id="c1"))
    assert life.state() is RiskState.AT_RISK


def test_a_self_service_reset_remediates_what_happened_before_it() -> None:
    life = Life()
    life.finds("e1")
    reset = PasswordChange(
        time=NOON + HOUR, id="p1", user_id="carol-id", how="self-service reset", initiated_by="c"
    )
    remediate(life.ledger(), reset)
    assert life.state() is RiskState.REMEDIATED
    assert life.outcome.detections[0].risk_detail == "userPerformedSecuredPasswordReset"
    late = life.finds("e0", at=NOON - HOUR, key="k").detections[0]
    assert late.risk_state is RiskState.REMEDIATED  # late, already covered
    assert life.state() is RiskState.REMEDIATED
    life.finds("e9", at=NOON + 2 * HOUR, key="k2")
    assert life.state() is RiskState.AT_RISK


def test_a_plain_change_of_password_without_mfa_ends_nothing() -> None:
    life = Life()
    life.finds("e1")
    remediate(life.ledger(), PasswordChange(time=NOON + HOUR, id="p1", user_id="carol-id"))
    assert life.state() is RiskState.AT_RISK


def test_deleted_people_get_no_detections_and_restored_ones_do() -> None:
    life = Life()
    gone = AccountChange(time=NOON, id="x", user_id="carol-id", what="deleted")
    account(life.ledger(), gone)
    outcome = life.finds("e1")
    assert outcome.detections == []
    assert outcome.suppressions[0].rule == "G2"
    account(life.ledger(), AccountChange(time=NOON, id="y", user_id="carol-id", what="restored"))
    assert life.finds("e2").detections


def test_three_different_low_types_in_a_day_make_medium() -> None:
    life = Life()
    for number, kind in enumerate(("newCountry", "unfamiliarFeatures", "anonymizedIPAddress")):
        outcome = life.finds(f"e{number}", RiskLevel.LOW, kind=kind)
    assert life.level() is RiskLevel.MEDIUM
    assert outcome.history[-1].risk_detail == "aiElevatedAccountRisk"
    assert len(outcome.history[-1].detection_ids) == 3


def test_without_compounding_low_stays_low() -> None:
    life = Life(Rules(compound=False))
    for number, kind in enumerate(("newCountry", "unfamiliarFeatures", "anonymizedIPAddress")):
        life.finds(f"e{number}", RiskLevel.LOW, kind=kind)
    assert life.level() is RiskLevel.LOW


def test_two_medium_types_of_one_family_do_not_compound_but_of_two_families_do() -> None:
    life = Life()
    life.finds("e1", kind="newCountry")
    life.finds("e2", kind="passwordSpray")
    assert life.level() is RiskLevel.MEDIUM
    life.finds("e3", kind="suspiciousInboxForwarding", family="mail")
    assert life.level() is RiskLevel.HIGH


def test_the_ledger_keeps_a_bounded_number_of_detections_open_ones_first() -> None:
    life = Life()
    for number in range(MAX_ENTRIES + 20):
        life.finds(f"e{number}", key=f"k{number}", at=NOON + number)
    assert len(life.risk.entries) == MAX_ENTRIES
    assert isinstance(life.ledger(), Ledger)


def test_a_repeat_that_changes_no_level_is_no_step_of_history() -> None:
    life = Life()
    life.finds("e1", RiskLevel.MEDIUM)
    again = life.finds("e2", RiskLevel.MEDIUM, at=NOON + HOUR)
    assert again.history == []
    assert again.users[-1].risk_last_updated_date_time == NOON + HOUR


def test_an_elevated_level_stays_while_more_low_detections_come() -> None:
    life = Life()
    kinds = ("newCountry", "unfamiliarFeatures", "anonymizedIPAddress", "newCountry")
    for number, kind in enumerate(kinds):
        outcome = life.finds(f"e{number}", RiskLevel.LOW, kind=kind, key=str(number))
    assert [step.risk_level for step in outcome.history] == [RiskLevel.MEDIUM]
    assert outcome.history[0].risk_detail == "aiElevatedAccountRisk"
