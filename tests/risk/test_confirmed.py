"""Card S03: the detection that a confirmed compromise makes of itself."""

from __future__ import annotations

from risk.ledger_stories import HOUR, NOON, Life
from risktui.model.events import AccountChange
from risktui.model.risk import Detection, RiskLevel, RiskState
from risktui.risk.confirmed import TYPE


def _made(life: Life) -> list[Detection]:
    return [e.detection for e in life.risk.entries if e.detection.risk_event_type == TYPE]


def test_p1_confirming_a_low_user_makes_high_with_the_detection_and_its_author() -> None:
    life = Life()
    low = life.finds("e1", RiskLevel.LOW).detections[0]
    outcome = life.judged("confirmCompromised", note="saw it in the mailbox")
    assert life.level() is RiskLevel.HIGH
    made = _made(life)[0]
    assert (made.activity, made.request_id, made.risk_level) == ("user", "", RiskLevel.HIGH)
    assert outcome.history[-1].initiator == "operator"
    told = {line.label: line.observed for line in made.explanation.evidence}
    assert told["confirmed by"] == "erin (desk)"
    assert told["reason given"] == "saw it in the mailbox"
    assert told["open at that moment"] == f"passwordSpray low, {low.id[:12]}"
    assert made.event_ids == ("v1",)
    assert made.explanation.mitre == ("T1078.004",)


def test_p2_the_providers_administrators_make_one_of_the_providers() -> None:
    life = Life()
    life.judged("confirmCompromised", author_kind="provider", author="admin@contoso.com")
    assert _made(life)[0].origin == "provider"


def test_p3_confirming_a_sign_in_makes_none() -> None:
    life = Life()
    life.risky_sign_in("s-1", RiskLevel.LOW)
    life.judged("confirmCompromised", detection_id="s-1")
    assert _made(life) == []
    assert life.risk.sign_ins["s-1"].risk_level_during_sign_in is RiskLevel.LOW
    assert life.risk.sign_ins["s-1"].risk_level_aggregated is RiskLevel.HIGH
    assert life.level() is RiskLevel.HIGH


def test_p4_a_user_without_any_risk_is_high_all_the_same() -> None:
    life = Life()
    outcome = life.judged("confirmCompromised")
    assert outcome.verdicts[0].accepted
    assert (life.level(), life.state()) == (RiskLevel.HIGH, RiskState.CONFIRMED_COMPROMISED)
    assert len(_made(life)) == 1


def test_n1_a_second_confirmation_within_the_same_risk_makes_no_second_one() -> None:
    life = Life()
    life.judged("confirmCompromised")
    assert not life.judged("confirmCompromised").verdicts[0].accepted
    life.finds("e2", RiskLevel.LOW, at=NOON + HOUR)
    again = life.judged("confirmCompromised", at=NOON + 2 * HOUR)
    assert again.verdicts[0].accepted  # there was something new to confirm
    assert len(_made(life)) == 1


def test_n2_dismissing_makes_none() -> None:
    life = Life()
    life.finds("e1")
    life.judged("dismiss", author_kind="provider")
    assert _made(life) == []


def test_n3_a_deleted_account_is_refused_with_the_reason() -> None:
    life = Life()
    life.does(AccountChange(time=NOON, id="x", user_id="carol-id", what="deleted"))
    refused = life.judged("confirmCompromised").verdicts[0]
    assert not refused.accepted
    assert "the account is deleted" in refused.message


def test_the_providers_verdict_on_a_sign_in_that_we_saw_nothing_in_is_taken_over() -> None:
    life = Life()
    outcome = life.judged(
        "confirmCompromised", detection_id="s-unknown", author_kind="provider", author="a@x"
    )
    assert outcome.sign_ins[-1].risk_detail == "adminConfirmedSigninCompromised"
    assert life.level() is RiskLevel.HIGH
    life.judged("undo")
    assert (life.level(), life.state()) == (RiskLevel.NONE, RiskState.NONE)
    assert life.outcome.sign_ins[-1].risk_state is RiskState.NONE


def test_undo_takes_the_detection_back_and_leaves_its_row_closed() -> None:
    life = Life()
    life.finds("e1", RiskLevel.LOW)
    life.judged("confirmCompromised")
    outcome = life.judged("undo")
    assert _made(life) == []
    assert (life.level(), life.state()) == (RiskLevel.LOW, RiskState.AT_RISK)
    row = next(d for d in outcome.detections if d.risk_event_type == TYPE)
    assert (row.risk_state, row.risk_detail) == (RiskState.DISMISSED, "x_takenBack")
    told = row.explanation
    assert told.headline.startswith("taken back: ")
    assert told.headline.endswith(" confirmed that carol@contoso.com was compromised")
    assert (told.tips, told.what_would_change) == ((), ())  # nobody is to reset a password now
    assert told.timeline[-1].text == "taken back"


def test_who_judges_their_own_account_is_seen() -> None:
    life = Life()
    life.finds("e1")
    for author in ("carol", "CAROL@contoso.com", "carol-id"):
        outcome = life.judged("dismiss", author=author)
        assert outcome.history[-1].flags == ("own account",)
        assert outcome.verdicts[0].flags == ("own account",)
        assert life.judged("undo").history[-1].flags == ()


def test_what_was_seen_is_the_reason_and_not_the_decision_on_it_whatever_its_id() -> None:
    told = set()
    for number in range(8):
        life = Life()
        life.verdicts = number
        life.finds("e1", RiskLevel.HIGH)
        carol = life.judged("confirmCompromised").users[-1]
        told.add((carol.reason, carol.risk_event_types))
    assert told == {("passwordSpray of carol", ("passwordSpray", TYPE))}
