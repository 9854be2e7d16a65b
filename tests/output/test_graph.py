from __future__ import annotations

import json
from collections.abc import Sequence

import msgspec

from output.graph_schema import RISK_DETAIL, RISK_DETECTION, faults
from risk.ledger_stories import HOUR, NOON, Life
from risktui.model.risk import Detection, RiskLevel, RiskyUser, RiskyUserHistoryItem
from risktui.output import graph


def test_a_detection_has_exactly_graphs_properties_and_ours_under_one_key() -> None:
    made = Life().finds("e1", RiskLevel.HIGH).detections[0]
    shown = graph.risk_detection(made, ingested=NOON + 1500)
    assert set(shown) == {*RISK_DETECTION, "@odata.type", "risktui"}
    assert shown["activityDateTime"] == "2026-03-01T12:00:00.000Z"
    assert shown["risktui"]["timing"]["computedLagSeconds"] == 1.5
    pairs = {pair["Key"]: pair["Value"] for pair in json.loads(shown["additionalInfo"])}
    assert pairs["mitreTechniques"] == "T1110.003"


def test_the_explanation_has_the_agreed_keys() -> None:
    made = Life().finds("e1", RiskLevel.HIGH).detections[0]
    explanation = graph.risk_detection(made)["risktui"]["explanation"]
    assert set(explanation) == {
        "headline",
        "riskReasons",
        "evidence",
        "counterEvidence",
        "thresholds",
        "timeline",
        "level",
        "whatWouldChange",
        "mitre",
        "tips",
        "feeds",
        "rule",
    }
    assert explanation["timeline"][0]["time"] == "2026-03-01T12:00:00.000Z"
    assert set(explanation["level"]) == {"base", "baseReason", "modifiers", "final"}


def test_a_person_and_a_step_of_history_are_graphs_too() -> None:
    life = Life()
    outcome = life.finds("e1", RiskLevel.HIGH)
    user = graph.risky_user(outcome.users[-1])
    assert {"id", "isDeleted", "isProcessing", "riskState", "riskLastUpdatedDateTime"} <= set(user)
    step = graph.history_item(life.judged("dismiss", at=NOON + HOUR, note="x").history[-1])
    assert step["activity"]["detail"] == "adminDismissedAllRiskForUser"
    assert step["initiatedBy"] == "erin"
    assert isinstance(outcome.history[0], RiskyUserHistoryItem)


def test_an_attackers_line_break_cannot_make_a_second_line() -> None:
    made = Life().finds("e1", RiskLevel.HIGH).detections[0]
    made.user_display_name = 'x\n{"@odata.type": "forged"}'
    line = graph.line(graph.risk_detection(made))
    assert "\n" not in line
    assert json.loads(line)["userDisplayName"] == made.user_display_name


def test_every_object_of_a_month_keeps_graphs_definitions(
    detections: Sequence[Detection],
    users: Sequence[RiskyUser],
    history: Sequence[RiskyUserHistoryItem],
) -> None:
    assert detections
    assert users
    assert history
    objects = [graph.risk_detection(each, ingested=1) for each in detections]
    objects += [graph.risky_user(each) for each in users]
    objects += [graph.history_item(each) for each in history]
    assert [fault for each in objects for fault in faults(each)] == []


def test_a_definition_that_is_not_kept_is_noticed() -> None:
    shown = graph.risk_detection(Life().finds("e1", RiskLevel.HIGH).detections[0])
    assert faults({**shown, "riskLevel": "dreadful"}) == [
        "riskLevel: 'dreadful' is not in the enumeration"
    ]
    assert faults({**shown, "verdict": "?"}) == ["verdict is no property"]
    assert faults({**shown, "activityDateTime": "yesterday"}) == ["activityDateTime: 'yesterday'"]
    del shown["source"]
    assert faults(shown) == ["source is missing"]


def test_a_detail_that_graph_does_not_know_keeps_our_word_under_our_key() -> None:
    assert RISK_DETAIL - {"unknownFutureValue"} == graph.RISK_DETAILS
    made = Life().finds("e1", RiskLevel.HIGH).detections[0]
    shown = graph.risk_detection(msgspec.structs.replace(made, risk_detail="aiElevatedAccountRisk"))
    assert shown["riskDetail"] == "unknownFutureValue"
    assert shown["risktui"]["riskDetail"] == "aiElevatedAccountRisk"
    assert faults(shown) == []


def test_the_brief_of_a_detection_says_the_same(detections: Sequence[Detection]) -> None:
    for detection in detections:
        brief = msgspec.json.decode(msgspec.json.encode(detection), type=graph.Brief)
        whole = graph.risk_detection(detection)
        assert graph.properties(brief) == {key: whole[key] for key in graph.properties(brief)}
        assert whole.keys() - graph.properties(brief).keys() == {"additionalInfo", "risktui"}
