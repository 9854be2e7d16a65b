"""Another product's own verdicts (docs/logs.md)."""

from __future__ import annotations

from typing import Any

import pytest

from risk.ledger_stories import HOUR, NOON, Life
from risktui.detect.state import MINUTE
from risktui.model.events import ProductAlert
from risktui.model.risk import RiskLevel, RiskState


def _alert(at: int = NOON, **fields: Any) -> ProductAlert:
    known: dict[str, Any] = {
        "user_id": "carol-id",
        "product": "Microsoft Entra ID Protection",
        "risk_event_type": "unfamiliarFeatures",
        "severity": "high",
        "risk_state": "atRisk",
        "ip_address": "203.0.113.7",
    }
    return ProductAlert(time=at, id="provider-1", **{**known, **fields})


def test_a_record_of_the_provider_is_a_detection_with_its_own_id() -> None:
    life = Life()
    life.does(_alert(request_id="s-9"))
    detection = life.open()[0]
    assert (detection.id, detection.origin) == ("provider-1", "provider")
    assert detection.request_id == "s-9"
    assert life.level() is RiskLevel.HIGH


@pytest.mark.parametrize(
    "fields", [{"request_id": "s-1"}, {"ip_address": "203.0.113.7", "at": NOON + 29 * MINUTE}]
)
def test_the_same_seen_by_both_is_one_row_with_the_higher_level(fields: dict[str, Any]) -> None:
    life = Life()
    life.risky_sign_in("s-1", RiskLevel.LOW)
    life.does(_alert(**fields))
    assert len(life.risk.entries) == 1
    joined = life.open()[0]
    assert joined.risk_level is RiskLevel.HIGH
    assert joined.provider["riskLevel"] == "high"
    assert joined.origin == "risktui"


def test_another_type_address_or_time_is_another_row() -> None:
    for fields in (
        {"risk_event_type": "newCountry"},
        {"ip_address": "192.0.2.1"},
        {"at": NOON + 31 * MINUTE},
    ):
        life = Life()
        life.risky_sign_in("s-1", RiskLevel.LOW)
        life.does(_alert(**fields))
        assert len(life.risk.entries) == 2


@pytest.mark.parametrize("closed", ["dismissed", "remediated", "confirmedSafe"])
def test_what_the_provider_has_closed_is_never_raised_again(closed: str) -> None:
    life = Life()
    life.does(_alert(risk_state=closed))
    assert (life.state(), life.open()) == (RiskState.NONE, [])
    life = Life()
    life.risky_sign_in("s-1")
    life.does(_alert(NOON + HOUR, risk_state=closed, request_id="s-1", risk_detail="theirOwn"))
    assert (life.level(), life.state()) == (RiskLevel.NONE, RiskState(closed))
    assert life.outcome.history[-1].initiator == "provider"
    assert life.risk.entries[0].detection.risk_detail == "theirOwn"


def test_words_of_tomorrow_are_taken_over_and_kept_word_for_word() -> None:
    """Types, details, states and levels that nobody knows yet; unknownFutureValue is Graph's."""
    life = Life()
    life.does(
        _alert(
            risk_event_type="aTypeOfTomorrow",
            risk_detail="aiDecidedSomething",
            risk_state="unknownFutureValue",
            severity="critical",
        )
    )
    (found,) = life.open()
    assert (found.risk_event_type, found.risk_detail) == ("aTypeOfTomorrow", "aiDecidedSomething")
    assert (found.risk_level, found.risk_state) == (RiskLevel.MEDIUM, RiskState.AT_RISK)
    assert (found.provider["riskLevel"], found.provider["riskState"]) == (
        "critical",
        "unknownFutureValue",
    )


def test_hidden_counts_as_medium_for_sorting() -> None:
    life = Life()
    life.does(_alert(risk_event_type="generic", severity="hidden"))
    assert life.level() is RiskLevel.MEDIUM


def test_an_alert_that_names_no_risk_is_left_to_the_detectors() -> None:
    life = Life()
    life.does(_alert(risk_event_type="", risk_state=""))
    assert life.risk.entries == []


def test_an_alert_closed_without_a_type_closes_nothing_that_was_never_open() -> None:
    life = Life()
    life.does(_alert(risk_event_type="", risk_state="dismissed", alert_id="da1"))
    assert life.risk.entries == []
