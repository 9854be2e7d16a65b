from __future__ import annotations

from copy import deepcopy
from typing import Any

import msgspec
from hypothesis import given, settings
from hypothesis import strategies as st

from risk.ledger_stories import HOUR, NOON, Life
from risktui.detect.examples import LONDON, TOKYO, signs_in
from risktui.detect.notes import note
from risktui.model.risk import RiskLevel, RiskState


def test_dismissing_a_person_closes_everything_and_says_who_and_why() -> None:
    life = Life()
    life.finds("e1")
    life.finds("e2", kind="newCountry")
    outcome = life.judged("dismiss", note="pen test")
    assert (life.level(), life.state()) == (RiskLevel.NONE, RiskState.DISMISSED)
    assert {d.risk_detail for d in outcome.detections} == {"adminDismissedAllRiskForUser"}
    step = outcome.history[-1]
    assert (step.initiated_by, step.note, step.initiator) == ("erin", "pen test", "operator")
    assert outcome.verdicts[0].message == "carol@contoso.com: at risk -> dismissed; 2 detections"


def test_dismissing_teaches_nothing_and_confirming_safe_makes_the_address_familiar() -> None:
    dismissed, safe = Life(), Life()
    for life, action in ((dismissed, "dismiss"), (safe, "confirmSafe")):
        life.finds("e1")
        life.judged(action)
    assert not dismissed.profile.familiar("ip", "203.0.113.7", NOON + HOUR)
    assert safe.profile.familiar("ip", "203.0.113.7", NOON + HOUR)


def test_what_was_called_safe_stays_quiet_unless_something_aggravates_it() -> None:
    life = Life()
    life.finds("e1", key="k")
    life.judged("confirmSafe")
    quiet = life.finds("e2", key="k", at=NOON + 2 * HOUR)
    assert quiet.detections == []
    assert quiet.suppressions[0].rule == "safe"
    loud = life.finds("e3", key="k", at=NOON + 3 * HOUR, modifiers=("+1 A2 tool user agent",))
    assert loud.detections


def test_a_compromised_person_stays_high_until_somebody_ends_it() -> None:
    life = Life()
    life.finds("e1", RiskLevel.LOW)
    life.judged("confirmCompromised")
    assert (life.level(), life.state()) == (
        RiskLevel.HIGH,
        RiskState.CONFIRMED_COMPROMISED,
    )
    life.finds("e2", RiskLevel.LOW, kind="newCountry", at=NOON + 2 * HOUR)
    assert life.level() is RiskLevel.HIGH
    assert life.profile.frozen
    life.judged("dismiss", at=NOON + 3 * HOUR)
    assert life.level() is RiskLevel.NONE
    assert not life.profile.frozen


def test_judging_one_detection_leaves_the_others_open() -> None:
    life = Life()
    one = life.finds("e1", RiskLevel.HIGH).detections[0]
    life.finds("e2", RiskLevel.LOW, kind="newCountry")
    life.judged("dismiss", detection_id=one.id)
    assert (life.level(), life.state()) == (RiskLevel.LOW, RiskState.AT_RISK)
    assert one.risk_detail == "adminDismissedRiskForSignIn"


def test_verdicts_without_effect_are_refused_with_a_reason() -> None:
    life = Life()
    assert not life.judged("dismiss").verdicts[0].accepted
    life.finds("e1")
    life.judged("dismiss")
    again = life.judged("dismiss").verdicts[0]
    assert not again.accepted
    assert again.message == "carol@contoso.com: nothing to do, the user is dismissed"
    assert not life.judged("undo", detection_id="nope").verdicts[0].accepted


def test_undo_puts_everything_back_and_is_itself_a_line_of_history() -> None:
    life = Life()
    life.finds("e1", RiskLevel.HIGH)
    before = _picture(life)
    life.judged("confirmSafe")
    outcome = life.judged("undo", note="wrong carol")
    assert _picture(life) == before
    assert outcome.history[-1].note == "undo: wrong carol"
    assert outcome.verdicts[0].accepted


def test_the_same_verdict_row_applied_twice_counts_once() -> None:
    life = Life()
    life.finds("e1")
    life.judged("dismiss")
    life.verdicts -= 1
    again = life.judged("dismiss")
    assert again.history == []


steps = st.one_of(
    st.tuples(
        st.just("find"),
        st.sampled_from(["newCountry", "passwordSpray", "unfamiliarFeatures"]),
        st.sampled_from([RiskLevel.LOW, RiskLevel.MEDIUM, RiskLevel.HIGH]),
    ),
    st.tuples(
        st.just("judge"),
        st.sampled_from(["dismiss", "confirmSafe", "confirmCompromised", "undo"]),
        st.booleans(),
    ),
)


@given(st.lists(steps, max_size=25))
@settings(deadline=None, max_examples=80)
def test_whatever_happens_only_open_risk_has_a_level_and_undo_restores_it(
    story: list[tuple[str, Any, Any]],
) -> None:
    life = Life()
    written = 0
    for number, (what, kind, detail) in enumerate(story):
        at = NOON + number * HOUR
        if what == "find":
            life.finds(f"e{number}", detail, kind=kind, at=at, key=str(number % 3))
        else:
            entries = life.risk.entries
            target = entries[-1].detection.id if detail and entries else ""
            before = _picture(life)
            outcome = life.judged(kind, at=at, detection_id=target)
            if kind != "undo" and outcome.verdicts[0].accepted:
                twin = deepcopy(life)
                twin.judged("undo", at=at)
                assert _picture(twin) == before
        assert (life.level() is RiskLevel.NONE) == (not life.state().active)
        assert life.risk.written >= written  # history only grows
        written = life.risk.written


def _picture(life: Life) -> tuple[Any, ...]:
    """Everything a verdict may change, except that time has passed and what only counts up."""
    risk = life.risk
    habits = msgspec.structs.replace(life.profile, moves=0)
    return (
        risk.level,
        risk.state,
        risk.detail,
        risk.closed_through,
        dict(risk.safe_keys),
        [(e.detection.id, e.detection.risk_level, e.detection.risk_state) for e in risk.entries],
        msgspec.msgpack.encode(habits),
    )


def test_undo_gives_no_number_again_by_which_detectors_know_where_somebody_was() -> None:
    life = Life()
    life.finds("e1")
    life.judged("confirmCompromised")
    before = life.profile.moves
    for number, place in enumerate((TOKYO, LONDON)):
        note(life.profile, signs_in("carol", place, NOON + number * HOUR))
    seen = life.profile.moves
    assert seen > before
    life.judged("undo")
    assert life.profile.anchors == []
    assert life.profile.moves > seen
