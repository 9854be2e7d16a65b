"""The two halves of a Defender alert, from the log to a detector of the person."""

from __future__ import annotations

from itertools import permutations
from typing import Any

import pytest

from logs.product_samples import events_of
from risktui.detect import (
    Detector,
    Evidence,
    Facts,
    Finding,
    ProductAlert,
    RiskLevel,
    activity_of,
)
from risktui.detect.loader import Catalogue
from risktui.engine.memory import MemoryRows, latest, run
from risktui.engine.stages import Pipeline
from risktui.model.events import Event
from risktui.model.risk import LevelAlgebra


class _Attacked(Detector):
    """Whatever an endpoint alert says about a person."""

    risk_event_type = "attemptedPrtAccess"
    title = "Possible attempt to access Primary Refresh Token"
    watches = (ProductAlert,)

    def observe(self, event: ProductAlert, state: Any, facts: Facts) -> Finding | None:
        if "primary refresh token" not in event.title.casefold():
            return None
        return Finding(
            risk_level=RiskLevel.HIGH,
            headline=event.title,
            about=activity_of(event),
            algebra=LevelAlgebra(base=RiskLevel.HIGH, final=RiskLevel.HIGH),
            evidence=(Evidence(label="alert", observed=event.title, weight=1.0),),
            cooldown_key=event.alert_id,
        )


def _row(table: str, minute: int, **columns: Any) -> dict[str, Any]:
    return {
        "time": "2025-03-03T11:00:00Z",
        "tenantId": "T-1",
        "category": f"AdvancedHunting-{table}",
        "properties": {"Timestamp": f"2025-03-03T09:{minute:02}:00Z", "AlertId": "da1", **columns},
    }


INFO = _row(
    "AlertInfo",
    0,
    Title="Possible attempt to access Primary Refresh Token (PRT)",
    Severity="High",
    ServiceSource="Microsoft Defender for Endpoint",
)
PEOPLE = [
    _row("AlertEvidence", minute, EntityType="User", AccountUpn=f"{name}@contoso.com")
    for minute, name in ((10, "alice"), (20, "bob"))
]


def _detected(events: list[Event], *, restarts: bool) -> dict[str, str]:
    pipeline, rows = Pipeline(Catalogue([_Attacked()], [])), MemoryRows()
    found: dict[str, str] = {}
    for event in events:
        outcome = run(pipeline, [event], rows)
        found |= {id_: d.user_principal_name for id_, d in latest(outcome).items()}
        if restarts:
            rows.restart()
    return found


@pytest.mark.parametrize("restarts", [False, True])
def test_every_order_gives_the_same_detections(restarts: bool) -> None:
    told = [event for record in (INFO, *PEOPLE) for event in events_of(record)]
    expected = _detected(told, restarts=False)
    assert sorted(expected.values()) == ["alice@contoso.com", "bob@contoso.com"]
    for order in permutations(told):
        assert _detected(list(order), restarts=restarts) == expected


def test_a_title_alone_is_nobodys_risk() -> None:
    assert _detected(events_of(INFO), restarts=False) == {}


def test_evidence_that_brings_its_title_needs_nothing_else() -> None:
    whole = PEOPLE[0] | {
        "properties": PEOPLE[0]["properties"] | {"Title": INFO["properties"]["Title"]}
    }
    both = [*events_of(INFO), *events_of(whole)]
    assert len(_detected(both, restarts=False)) == 1
