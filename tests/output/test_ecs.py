from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

import pytest

from risktui.model.risk import Detection, RiskyUser, RiskyUserHistoryItem
from risktui.output import ecs
from risktui.output.fields import flat

MOMENT = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z")
FIELDS: dict[str, Any] = {
    "@timestamp": "date",
    "ecs.version": str,
    "message": str,
    "event.action": str,
    "event.category": {"authentication", "iam", "threat", "intrusion_detection"},
    "event.created": "date",
    "event.dataset": str,
    "event.id": str,
    "event.ingested": "date",
    "event.kind": {"alert", "asset", "enrichment", "event", "metric", "state", "signal"},
    "event.module": str,
    "event.provider": str,
    "event.reason": str,
    "event.risk_score": float,
    "event.severity": int,
    "event.start": "date",
    "event.type": {"user", "change", "info", "indicator"},
    "organization.id": str,
    "related.ip": str,
    "related.user": str,
    "rule.category": str,
    "rule.id": str,
    "rule.name": str,
    "rule.version": str,
    "source.as.number": int,
    "source.as.organization.name": str,
    "source.geo.city_name": str,
    "source.geo.country_iso_code": str,
    "source.geo.location.lat": float,
    "source.geo.location.lon": float,
    "source.geo.region_name": str,
    "source.ip": str,
    "threat.framework": str,
    "threat.technique.id": str,
    "threat.technique.name": str,
    "threat.technique.subtechnique.id": str,
    "threat.technique.subtechnique.name": str,
    "user.domain": str,
    "user.email": str,
    "user.full_name": str,
    "user.id": str,
    "user.name": str,
    "user.risk.calculated_level": str,
    "user.risk.calculated_score": float,
    "user_agent.name": str,
    "user_agent.original": str,
    "user_agent.os.full": str,
    "user_agent.version": str,
}
"""Fields of ECS 8.17 that we use: type, or the allowed values."""


def _faults(thing: dict[str, Any]) -> list[str]:
    found = []
    for name, value in flat({k: v for k, v in thing.items() if k != "risktui"}):
        wanted = FIELDS.get(name)
        for each in value if isinstance(value, list) else [value]:
            if wanted is None:
                found.append(f"{name} is no field")
            elif wanted == "date":
                found += [] if MOMENT.fullmatch(each) else [f"{name}: {each!r}"]
            elif isinstance(wanted, set):
                found += [] if each in wanted else [f"{name}: {each!r}"]
            elif not isinstance(each, wanted):
                found.append(f"{name}: {each!r}")
    return found


def test_everything_of_a_month_keeps_to_the_schema(
    detections: Sequence[Detection],
    users: Sequence[RiskyUser],
    history: Sequence[RiskyUserHistoryItem],
) -> None:
    things = [ecs.alert(each, ingested=1) for each in detections]
    things += [ecs.user_state(each) for each in users]
    things += [ecs.change(each) for each in history]
    assert [fault for thing in things for fault in _faults(thing)] == []


def test_what_is_empty_is_left_out(detections: Sequence[Detection]) -> None:
    for thing in (ecs.alert(each) for each in detections):
        assert not [name for name, value in flat(thing) if value in ("", None, [], {})]


@pytest.mark.parametrize("name", ["event.kind", "user.name", "source.ip", "rule.name"])
def test_an_alert_can_be_found_by_what_elastic_looks_for(
    detections: Sequence[Detection], name: str
) -> None:
    signed_in = [each for each in detections if each.ip_address]
    assert all(dict(flat(ecs.alert(each)))[name] for each in signed_in)
