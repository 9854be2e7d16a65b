from __future__ import annotations

from risk.ledger_stories import HOUR, NOON, Life
from risktui.model.risk import RiskLevel, RiskState
from risktui.risk.sign_ins import MAX_SIGN_INS


def test_what_was_known_during_a_sign_in_is_frozen_while_the_rest_moves() -> None:
    life = Life()
    life.risky_sign_in("s-1", RiskLevel.LOW, conditional_access_status="success")
    life.finds("s-1", RiskLevel.HIGH, kind="passwordSpray", at=NOON)  # found hours later
    assert _levels(life) == ("low", "high")
    assert life.risk.sign_ins["s-1"].risk_event_types == ("passwordSpray", "unfamiliarFeatures")
    life.judged("dismiss", detection_id=life.risk.entries[1].detection.id)
    assert _levels(life) == ("low", "low")
    life.judged("dismiss")
    assert _levels(life) == ("low", "none")
    assert life.risk.sign_ins["s-1"].conditional_access_status == "success"


def _levels(life: Life) -> tuple[str, str]:
    """During the sign-in and by now."""
    sign_in = life.risk.sign_ins["s-1"]
    return sign_in.risk_level_during_sign_in, sign_in.risk_level_aggregated


def test_a_sign_in_that_was_found_offline_was_not_risky_while_it_happened() -> None:
    life = Life()
    life.risky_sign_in("s-1", RiskLevel.HIGH, timing="offline")
    assert life.risk.sign_ins["s-1"].risk_level_during_sign_in is RiskLevel.NONE
    assert life.risk.sign_ins["s-1"].risk_level_aggregated is RiskLevel.HIGH


def test_the_state_of_a_sign_in_follows_the_gravest_of_its_detections() -> None:
    life = Life()
    life.risky_sign_in("s-1", RiskLevel.LOW)
    life.finds("s-1", RiskLevel.LOW, kind="newCountry", at=NOON)
    life.judged("dismiss", detection_id=life.risk.entries[0].detection.id)
    assert life.risk.sign_ins["s-1"].risk_state == "atRisk"
    life.judged("confirmCompromised", detection_id=life.risk.entries[1].detection.id)
    assert life.risk.sign_ins["s-1"].risk_state is RiskState.CONFIRMED_COMPROMISED


def test_what_is_not_a_sign_in_makes_none() -> None:
    life = Life()
    life.judged("confirmCompromised")
    assert life.risk.sign_ins == {}


def test_a_sign_in_that_a_detection_repeats_on_is_risky_too() -> None:
    life = Life()
    life.risky_sign_in("s-1", RiskLevel.MEDIUM)
    life.risky_sign_in("s-2", RiskLevel.LOW, at=NOON + HOUR)
    assert len(life.risk.entries) == 1
    second = life.risk.sign_ins["s-2"]
    assert (second.risk_level_during_sign_in, second.risk_level_aggregated) == ("low", "medium")
    assert second.created_date_time == NOON + HOUR
    life.judged("dismiss", detection_id="s-2")
    assert {s.risk_state for s in life.risk.sign_ins.values()} == {RiskState.DISMISSED}


def test_a_repeat_sees_what_became_of_detections_that_belong_to_no_sign_in() -> None:
    life = Life()
    life.risky_sign_in("s-1", RiskLevel.LOW)
    life.finds("file", RiskLevel.HIGH, kind="passwordSpray")
    files = life.risk.entries[1]
    files.detection.request_id = ""
    files.sign_ins["s-1"] = RiskLevel.HIGH  # where it has repeated
    life.risky_sign_in("s-2", RiskLevel.LOW, at=NOON + HOUR)
    assert _levels(life) == ("low", "high")
    life.judged("dismiss", detection_id=files.detection.id)
    life.risky_sign_in("s-3", RiskLevel.LOW, at=NOON + 2 * HOUR)
    assert _levels(life) == ("low", "low")


def test_only_the_latest_risky_sign_ins_are_kept() -> None:
    life = Life()
    for number in range(MAX_SIGN_INS + 5):
        life.risky_sign_in(f"s-{number}", at=NOON + number * HOUR)
    assert len(life.risk.sign_ins) <= MAX_SIGN_INS
    assert f"s-{MAX_SIGN_INS + 4}" in life.risk.sign_ins
