"""The sample logs' story, read by the whole product: what should fire fires, the rest is quiet."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest

from cli.test_scan import lines, run
from risktui.content import content

SAMPLES = content("sample_logs")
SCENES: list[dict[str, Any]] = json.loads((SAMPLES / "story.json").read_text("utf-8"))
LOUD = [scene for scene in SCENES if scene["risk_event_type"] != "quiet"]
QUIET = [scene for scene in SCENES if scene["risk_event_type"] == "quiet"]


@pytest.fixture(scope="module")
def detections() -> list[dict[str, Any]]:
    result = run("scan", SAMPLES / "logs", "--config", SAMPLES / "risktui.toml", "--json")
    assert result.exit_code == 0, result.stderr
    return lines(result)


def _of(scene: dict[str, Any], detections: list[dict[str, Any]]) -> Iterator[str]:
    """Types of the detections that any of the scene's sign-ins led to."""
    ids = set(scene["request_ids"])
    for detection in detections:
        if ids & {detection["requestId"], *detection["risktui"]["eventIds"]}:
            yield detection["riskEventType"]


@pytest.mark.parametrize("scene", LOUD, ids=lambda scene: scene["user_display_name"])
def test_the_attack_is_found(scene: dict[str, Any], detections: list[dict[str, Any]]) -> None:
    assert scene["risk_event_type"] in set(_of(scene, detections))


@pytest.mark.parametrize("scene", QUIET, ids=lambda scene: scene["what"][:40])
def test_the_look_alike_stays_quiet(
    scene: dict[str, Any], detections: list[dict[str, Any]]
) -> None:
    assert set(_of(scene, detections)) == set()


def test_nobody_outside_the_story_is_at_risk_all_month(detections: list[dict[str, Any]]) -> None:
    attacked = {scene["user_principal_name"] for scene in LOUD}
    assert {detection["userPrincipalName"] for detection in detections} == attacked


def test_all_five_types_are_in_it(detections: list[dict[str, Any]]) -> None:
    assert {detection["riskEventType"] for detection in detections} >= {
        "anonymizedIPAddress",
        "mcasImpossibleTravel",
        "newCountry",
        "passwordSpray",
        "unfamiliarFeatures",
    }


def test_every_explanation_names_events_that_are_in_the_logs(
    detections: list[dict[str, Any]],
) -> None:
    for detection in detections:
        explanation = detection["risktui"]["explanation"]
        assert explanation["evidence"]
        assert explanation["tips"]
        assert abs(sum(line.get("weight", 0) for line in explanation["evidence"]) - 1) < 0.01
        if detection["activity"] == "signin":
            assert detection["requestId"] in detection["risktui"]["eventIds"]
