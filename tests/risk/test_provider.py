"""How another product's verdicts join ours."""

from __future__ import annotations

from itertools import permutations
from typing import Any

import pytest

from risk.ledger_stories import HOUR, NOON, Life
from risktui.detect.state import MINUTE
from risktui.model.events import ProductAlert
from risktui.model.risk import Outcome, RiskLevel, RiskState
from risktui.risk.life import live_through


def hear(life: Life, alert_id: str = "m1", *, at: int = NOON, **said: Any) -> Outcome:
    """Microsoft says something of carol's sign-in at noon."""
    updated = said.pop("updated", at + HOUR)
    known: dict[str, Any] = {
        "user_id": "carol-id",
        "user_principal_name": "carol@contoso.com",
        "ip_address": "203.0.113.7",
        "product": "Microsoft Entra ID Protection",
        "severity": "medium",
        "risk_event_type": "passwordSpray",
        "risk_state": "atRisk",
        "request_id": "e1",
        "alert_id": alert_id,
        "last_updated": updated,
    }
    event = ProductAlert(time=at, id=f"{alert_id}@{updated}", **{**known, **said})
    ledger = life.ledger()
    ledger.know(event)
    live_through(ledger, event)
    return life.outcome


def test_a_verdict_of_the_provider_becomes_a_row_with_its_id() -> None:
    life = Life()
    hear(life, severity="high", detected_at=NOON + MINUTE)
    (entry,) = life.risk.entries
    assert (entry.detection.id, entry.detection.origin) == ("m1", "provider")
    assert entry.detection.activity_date_time == NOON
    assert entry.detection.detected_date_time == NOON + MINUTE
    assert entry.detection.last_updated_date_time == NOON + HOUR
    assert entry.detection.provider["riskLevel"] == "high"
    assert (life.level(), life.state()) == (RiskLevel.HIGH, RiskState.AT_RISK)


@pytest.mark.parametrize("ours_first", [True, False])
@pytest.mark.parametrize(
    ("ours", "theirs", "level"), [("low", "high", "high"), ("high", "low", "high")]
)
def test_the_same_found_by_both_is_one_row_with_the_higher_level(
    ours: str, theirs: str, level: str, *, ours_first: bool
) -> None:
    life = Life()
    for by_us in (ours_first, not ours_first):
        if by_us:
            life.finds("e1", RiskLevel(ours))
        else:
            hear(life, severity=theirs)
    (entry,) = life.risk.entries
    assert entry.detection.risk_level == level
    assert entry.detection.origins == ("risktui", "provider")
    assert entry.detection.provider["riskLevel"] == theirs
    assert entry.detection.explanation.headline == "passwordSpray of carol"
    assert life.level() == level


@pytest.mark.parametrize(
    ("said", "rows"),
    [
        ({"request_id": ""}, 1),
        ({"request_id": "other"}, 1),
        ({"request_id": "", "at": NOON + 29 * MINUTE}, 1),
        ({"request_id": "", "at": NOON + 31 * MINUTE}, 2),
        ({"request_id": "", "ip_address": "198.51.100.1"}, 2),
        ({"request_id": "other", "ip_address": "198.51.100.1"}, 2),
        ({"request_id": "e1", "ip_address": "198.51.100.1", "at": NOON + HOUR}, 1),
        ({"risk_event_type": "newCountry"}, 2),
        ({"risk_event_type": "generic"}, 1),
        ({"risk_event_type": "generic", "request_id": ""}, 2),
    ],
)
def test_the_same_is_a_sign_in_or_a_time_and_an_address(said: dict[str, Any], rows: int) -> None:
    for ours_first in (True, False):
        life = Life()
        if ours_first:
            life.finds("e1")
        hear(life, **said)
        if not ours_first:
            life.finds("e1")
        assert len(life.risk.entries) == rows


@pytest.mark.parametrize("state", ["dismissed", "remediated", "confirmedSafe"])
def test_what_the_provider_has_closed_is_not_raised_again(state: str) -> None:
    life = Life()
    hear(life, risk_state=state, risk_detail="aiConfirmedSigninSafe")
    assert life.state() is RiskState.NONE
    outcome = life.finds("e1", RiskLevel.HIGH)
    assert [trace.rule for trace in outcome.suppressions] == ["provider"]
    assert outcome.detections == []
    assert life.state() is RiskState.NONE


def test_closing_it_there_closes_it_here() -> None:
    life = Life()
    life.finds("e1")
    hear(life, risk_state="remediated", risk_detail="userPerformedSecuredPasswordReset")
    (entry,) = life.risk.entries
    assert entry.detection.risk_state is RiskState.REMEDIATED
    assert entry.detection.risk_detail == "userPerformedSecuredPasswordReset"
    assert (life.level(), life.state()) == (RiskLevel.NONE, RiskState.REMEDIATED)


def test_of_several_versions_the_last_one_counts_in_any_order() -> None:
    versions: list[dict[str, Any]] = [
        {"updated": NOON + HOUR, "severity": "medium"},
        {"updated": NOON + 2 * HOUR, "severity": "high"},
        {"updated": NOON + 3 * HOUR, "severity": "high", "risk_state": "dismissed"},
    ]
    for order in permutations(versions):
        life = Life()
        for version in order:
            hear(life, **version)
        (entry,) = life.risk.entries
        assert entry.detection.risk_state is RiskState.DISMISSED
        assert entry.detection.provider["lastUpdated"] == str(NOON + 3 * HOUR)
        assert life.level() is RiskLevel.NONE


def test_it_may_be_opened_again_there_but_not_against_our_own_verdict() -> None:
    for judged, state in ((False, RiskState.AT_RISK), (True, RiskState.DISMISSED)):
        life = Life()
        hear(life)
        if judged:
            life.judged("dismiss", at=NOON + HOUR)
        else:
            hear(life, risk_state="dismissed", updated=NOON + 2 * HOUR)
        hear(life, updated=NOON + 3 * HOUR)
        assert life.state() is state


def person(life: Life, **said: Any) -> Outcome:
    return hear(
        life, "carol-id", about="person", risk_event_type="", request_id="", ip_address="", **said
    )


def test_a_person_who_is_closed_there_has_no_level_whatever_the_record_says() -> None:
    life = Life()
    hear(life, severity="high")
    person(life, at=NOON + HOUR, severity="high", risk_state="dismissed")
    assert (life.level(), life.state()) == (RiskLevel.NONE, RiskState.DISMISSED)


def test_what_only_we_have_found_stays_unless_the_password_was_set_anew() -> None:
    life = Life()
    life.finds("e1")
    person(life, at=NOON + HOUR, risk_state="dismissed")
    assert life.state() is RiskState.AT_RISK
    reset = "userPerformedSecuredPasswordReset"
    person(life, at=NOON + 2 * HOUR, risk_state="remediated", risk_detail=reset)
    assert life.state() is RiskState.REMEDIATED


def test_a_person_at_risk_there_of_whom_nothing_else_is_known_gets_one_row() -> None:
    life = Life()
    person(life, at=NOON, severity="high")
    person(life, at=NOON + HOUR, severity="high")
    (entry,) = life.risk.entries
    assert (entry.detection.risk_event_type, entry.detection.activity) == ("generic", "user")
    assert life.level() is RiskLevel.HIGH


def test_a_late_record_about_what_was_judged_here_stays_closed() -> None:
    life = Life()
    life.finds("e1")
    life.judged("dismiss", at=NOON + HOUR)
    hear(life, "m2", risk_event_type="newCountry", at=NOON - HOUR)
    assert life.state() is RiskState.DISMISSED
