from __future__ import annotations

from risk.ledger_stories import DAY, NOON, Life
from risktui.model.risk import RiskLevel, RiskState
from risktui.risk.rules import Rules


def test_an_elevation_gives_low_detections_another_six_months() -> None:
    life = Life()
    life.finds("e1", RiskLevel.LOW)
    life.finds("e2", RiskLevel.MEDIUM, kind="newCountry", at=NOON + 100 * DAY)
    life.days_later(200)
    assert len(life.open()) == 2
    life.days_later(280)
    assert [d.risk_level for d in life.open()] == [RiskLevel.MEDIUM]
    assert life.state() is RiskState.AT_RISK


def test_ageing_is_a_step_of_history_and_takes_nothing_away() -> None:
    life = Life()
    life.finds("e1", RiskLevel.LOW)
    written = life.risk.written
    life.days_later(200)
    assert len(life.risk.entries) == 1
    assert life.risk.written == written + 1
    again = life.days_later(201)
    assert (again.history, again.detections) == ([], [])


def test_the_time_is_a_setting_and_can_be_switched_off() -> None:
    short, never = Life(Rules(low_days=30)), Life(Rules(low_days=0, deleted_days=0))
    for life in (short, never):
        life.finds("e1", RiskLevel.LOW)
        life.days_later(31)
    assert short.state() is RiskState.NONE
    assert never.state() is RiskState.AT_RISK


def test_what_an_operator_confirmed_does_not_age() -> None:
    life = Life()
    life.finds("e1", RiskLevel.LOW)
    life.judged("confirmCompromised")
    life.days_later(900)
    assert life.state() is RiskState.CONFIRMED_COMPROMISED


def test_after_ageing_new_activity_is_at_risk_again() -> None:
    life = Life()
    life.finds("e1", RiskLevel.LOW)
    life.days_later(200)
    life.finds("e2", RiskLevel.LOW, at=NOON + 201 * DAY)
    assert life.state() is RiskState.AT_RISK
