from __future__ import annotations

import msgspec
import pytest

from risktui.detect import Detector, RiskLevel
from risktui.detect.loader import Catalogue
from risktui.engine.compare import Label, changes, labels, precision
from risktui.engine.tuning import Candidate, best_first, candidates, judge
from risktui.model.risk import Detection, Explanation, LevelAlgebra, RiskState, Threshold


class _Settings(msgspec.Struct, frozen=True):
    learning_days: int = 7
    fire_at: float = 0.5
    scope: str = "org"
    strict: bool = True


class _NewCountry(Detector):
    risk_event_type = "newCountry"
    title = "x"
    Settings = _Settings


CATALOGUE = Catalogue([_NewCountry()], [])
TRY = Candidate("newCountry", "learning_days", 7, 9)


def _made(key: str, days: int = 8, level: RiskLevel = RiskLevel.MEDIUM) -> Detection:
    return Detection(
        id=key,
        risk_event_type="newCountry",
        risk_level=level,
        activity_date_time=0,
        detected_date_time=0,
        last_updated_date_time=0,
        user_id=key,
        explanation=Explanation(
            headline=key,
            level=LevelAlgebra(base=level, final=level),
            thresholds=(Threshold(name="learning_days", value=7, actual=days),),
        ),
    )


def _all(*keys: str) -> dict[str, Detection]:
    return {key: _made(key) for key in keys}


def test_the_number_a_false_alarm_hung_on_is_tried_first() -> None:
    tried = candidates(CATALOGUE, _all("alarm"), {"alarm": "false"})
    assert tried[0] == TRY
    assert {each.setting for each in tried} == {"learning_days", "fire_at"}  # numbers only


def test_without_false_alarms_nothing_is_tried() -> None:
    assert candidates(CATALOGUE, _all("attack"), {"attack": "true"}) == []


@pytest.mark.parametrize(
    ("after", "proposed"),
    [
        (("attack",), True),
        (("alarm", "attack"), False),  # spares nothing
        ((), False),  # loses the compromise
        (("attack", "new"), True),
    ],
)
def test_a_proposal_spares_a_false_alarm_and_loses_no_compromise(
    after: tuple[str, ...], proposed: bool
) -> None:
    said: dict[str, Label] = {"alarm": "false", "attack": "true"}
    found = judge(TRY, _all("alarm", "attack"), _all(*after), said)
    assert (found is not None) == proposed


def test_the_proposal_that_spares_most_and_moves_least_comes_first() -> None:
    said: dict[str, Label] = {"a": "false", "b": "false"}
    before = _all("a", "b", "c")
    one = judge(TRY, before, _all("b", "c"), said)
    both = judge(Candidate("newCountry", "fire_at", 0.5, 0.9), before, _all("c"), said)
    worse = judge(Candidate("newCountry", "fire_at", 0.5, 1.0), before, _all(), said)
    assert one
    assert both
    assert worse
    assert best_first([one, worse, both]) == [both, one]  # one for each setting


def test_what_people_said_is_a_label_and_what_machines_closed_is_not() -> None:
    judged = []
    for key, state, detail in (
        ("a", RiskState.CONFIRMED_COMPROMISED, "adminConfirmedUserCompromised"),
        ("b", RiskState.CONFIRMED_SAFE, "adminConfirmedSigninSafe"),
        ("c", RiskState.DISMISSED, "adminDismissedAllRiskForUser"),
        ("d", RiskState.DISMISSED, "aiConfirmedSigninSafe"),
        ("e", RiskState.AT_RISK, "none"),
    ):
        made = _made(key)
        made.risk_state, made.risk_detail = state, detail
        judged.append(made)
    said = labels(judged)
    assert said == {"a": "true", "b": "false", "c": "harmless"}
    assert precision({each.id: each for each in judged}, said).share == 0.5


def test_a_level_counts_as_it_was_made_not_as_a_verdict_left_it() -> None:
    closed = _made("a")
    closed.risk_state, closed.risk_level = RiskState.DISMISSED, RiskLevel.NONE
    assert changes({"a": closed}, _all("a"), {}) == []
    [change] = changes(_all("a"), {"a": _made("a", level=RiskLevel.HIGH)}, {})
    assert (change.kind, change.before, change.after) == ("level", "medium", "high")
