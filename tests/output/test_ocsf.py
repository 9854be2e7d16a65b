"""Our OCSF lines are accepted by the models of py-ocsf-models."""

from __future__ import annotations

from collections.abc import Sequence

import pytest
from py_ocsf_models.events.findings.detection_finding import DetectionFinding

from risk.ledger_stories import HOUR, NOON, Life
from risktui.model.risk import Detection, RiskLevel, RiskState
from risktui.output import ocsf


def test_every_detection_of_a_month_is_a_valid_finding(detections: Sequence[Detection]) -> None:
    for detection in detections:
        finding = ocsf.detection_finding(detection, ingested=NOON)
        read = DetectionFinding.model_validate(finding)
        assert read.type_uid == 2004 * 100 + read.activity_id
        assert read.finding_info.uid == detection.id
        assert read.metadata.version == "1.5.0"
        assert read.time == detection.last_updated_date_time
        assert read.start_time is not None
        assert read.end_time is not None
        assert read.start_time <= read.end_time


@pytest.mark.parametrize(
    ("level", "severity", "risk_level"),
    [(RiskLevel.LOW, 2, 1), (RiskLevel.MEDIUM, 3, 2), (RiskLevel.HIGH, 4, 3)],
)
def test_levels_become_severities(level: RiskLevel, severity: int, risk_level: int) -> None:
    finding = ocsf.detection_finding(Life().finds("e1", level).detections[0])
    assert (finding["severity_id"], finding["risk_level_id"]) == (severity, risk_level)


def test_a_finding_is_created_updated_and_closed() -> None:
    life = Life()
    made = life.finds("e1").detections[0]
    assert ocsf.detection_finding(made)["activity_name"] == "Create"
    dismissed = life.judged("dismiss", at=NOON + HOUR).detections[-1]
    closed = ocsf.detection_finding(dismissed)
    assert (closed["activity_name"], closed["type_uid"]) == ("Close", 200403)
    assert (closed["status"], closed["unmapped"]["riskState"]) == ("Suppressed", "dismissed")


@pytest.mark.parametrize("state", list(RiskState))
def test_every_state_has_a_status(state: RiskState) -> None:
    made = Life().finds("e1").detections[0]
    made.risk_state = state
    DetectionFinding.model_validate(ocsf.detection_finding(made))


def test_a_sub_technique_names_its_technique() -> None:
    attacks = ocsf.detection_finding(Life().finds("e1").detections[0])["finding_info"]["attacks"]
    assert attacks == [
        {
            "technique": {"uid": "T1110", "name": "Brute Force"},
            "sub_technique": {"uid": "T1110.003", "name": "Password Spraying"},
        }
    ]
