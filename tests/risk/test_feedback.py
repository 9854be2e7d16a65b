"""What feedback does to learning and to other open detections, row by row."""

from __future__ import annotations

from risk.ledger_stories import DAY, HOUR, NOON, Life
from risktui.detect.learning import SAFE_COUNT
from risktui.detect.notes import note
from risktui.model.events import ReputationChange
from risktui.model.risk import RiskLevel, RiskState
from risktui.risk.feedback import REPUTATION_FOR

ADDRESS = "203.0.113.7"


def test_confirm_sign_in_compromised_unlearns_what_the_session_taught() -> None:
    life = Life()
    own = life.event("own", NOON - 30 * DAY, ip_address="198.51.100.7", session_id="home")
    life.profile.learn(own)
    detection = life.finds("e1", at=NOON).detections[0]
    later = life.event("e2", NOON + HOUR, ip_address="192.0.2.9")
    later.location = type(later.location)(country_or_region="NG")
    note(life.profile, later)
    life.profile.suspects.clear()
    life.profile.learn(later)
    life.judged("confirmCompromised", detection_id=detection.id)
    assert ADDRESS not in life.profile.recent("ip")
    assert "192.0.2.9" not in life.profile.recent("ip")  # the same session, later
    assert "198.51.100.7" in life.profile.recent("ip")  # the victim's own habits survive


def test_confirm_sign_in_safe_makes_it_familiar_at_once_and_quiet_for_thirty_days() -> None:
    life = Life()
    detection = life.finds("e1", key="k").detections[0]
    life.judged("confirmSafe", detection_id=detection.id)
    seen = life.profile.recent("ip").get(ADDRESS)
    assert seen is not None
    assert seen.count == SAFE_COUNT
    assert life.profile.familiar("ip", ADDRESS, NOON + HOUR)
    assert life.finds("e2", key="k", at=NOON + 29 * DAY).suppressions[0].rule == "safe"
    assert life.finds("e3", key="k", at=NOON + 31 * DAY).detections


def test_confirm_sign_in_safe_settles_open_detections_like_it_and_undo_opens_them_again() -> None:
    life = Life()
    life.finds("e0", key="k", at=NOON - 3 * DAY)
    latest = life.finds("e1", key="k").detections[0]
    other = life.finds("e2", key="another").detections[0]
    outcome = life.judged("confirmSafe", detection_id=latest.id)
    assert [d.id for d in life.open()] == [other.id]
    assert "1 like it too" in outcome.verdicts[0].message
    life.judged("undo")
    assert len(life.open()) == 3


def test_dismiss_learns_nothing_and_similar_keep_being_evaluated() -> None:
    life = Life()
    life.finds("e1", key="k")
    life.judged("dismiss")
    assert not life.profile.familiar("ip", ADDRESS, NOON + HOUR)
    assert life.finds("e2", key="k", at=NOON + DAY).detections


def test_confirm_user_safe_learns_the_closed_detections_and_begins_to_learn_afresh() -> None:
    life = Life()
    life.finds("e1")
    life.finds("e2", kind="newCountry", at=NOON + HOUR)
    life.judged("confirmSafe")
    assert life.profile.familiar("ip", ADDRESS, NOON + HOUR)
    assert life.profile.learning_since == NOON + HOUR
    assert life.profile.days_learning(NOON + HOUR + 4 * DAY) < 5


def test_confirm_user_compromised_freezes_learning_until_remediation() -> None:
    life = Life()
    life.finds("e1")
    life.judged("confirmCompromised")
    life.profile.learn(life.event("e2", NOON + 2 * HOUR))
    assert ADDRESS not in life.profile.recent("ip")
    life.sets_password("self-service reset", NOON + 3 * HOUR)
    life.profile.learn(life.event("e3", NOON + 4 * HOUR))
    assert ADDRESS in life.profile.recent("ip")


def test_reset_password_is_remembered() -> None:
    life = Life()
    life.finds("e1")
    life.sets_password("admin reset", NOON + HOUR, initiated_by="erin")
    assert life.risk.password_changed == NOON + HOUR


def _elsewhere(life: Life, *, withdrawn: bool = False, at: int = NOON) -> None:
    life.does(
        ReputationChange(
            time=NOON + HOUR,
            id="v9:carol-id",
            user_id="carol-id",
            verdict_id="v9",
            judged_address=ADDRESS,
            judged_time=at,
            who="dave@contoso.com",
            withdrawn=withdrawn,
        )
    )


def test_a_compromise_from_the_same_address_elsewhere_raises_what_is_open_here() -> None:
    life = Life()
    life.finds("e1", RiskLevel.MEDIUM)
    _elsewhere(life)
    raised = life.open()[0]
    assert raised.risk_level is RiskLevel.HIGH
    assert raised.explanation.counter_evidence[-1].reason == (
        f"dave@contoso.com was compromised from {ADDRESS}"
    )
    _elsewhere(life)
    assert len(life.risk.entries[0].echoes) == 1  # once for one verdict


def test_taking_that_compromise_back_puts_everything_back_here_too() -> None:
    life = Life()
    before = life.finds("e1", RiskLevel.MEDIUM).detections[0].explanation
    _elsewhere(life)
    _elsewhere(life, withdrawn=True)
    assert (life.level(), life.state()) == (RiskLevel.MEDIUM, RiskState.AT_RISK)
    assert life.open()[0].explanation == before


def test_a_compromise_weeks_apart_says_nothing_about_this_one() -> None:
    life = Life()
    life.finds("e1", RiskLevel.MEDIUM)
    _elsewhere(life, at=NOON - REPUTATION_FOR - 1)
    assert life.level() is RiskLevel.MEDIUM
