"""One object of each kind with something in every field: which fields there are to choose from."""

from __future__ import annotations

from risktui.model.events import Activity, Client, Location, Network
from risktui.model.risk import (
    Detection,
    Explanation,
    LevelAlgebra,
    RiskLevel,
    RiskState,
    RiskyUser,
    RiskyUserHistoryItem,
)

_PLACE = Location("US", "x", "x", 1.0, 1.0)
_HAPPENED = Activity(
    time=0,
    id="x",
    user_id="x",
    ip_address="192.0.2.1",
    location=_PLACE,
    network=Network(asn=1, organisation="x"),
)
SPECIMENS: dict[str, Detection | RiskyUser | RiskyUserHistoryItem] = {
    "detection": Detection(
        id="x",
        risk_event_type="x",
        risk_level=RiskLevel.LOW,
        activity_date_time=0,
        detected_date_time=0,
        last_updated_date_time=0,
        correlation_id="x",
        tenant_id="x",
        user_id="x",
        user_principal_name="x@x",
        user_display_name="x",
        ip_address="192.0.2.1",
        location=_PLACE,
        client=Client("x", "x", "x", "x"),
        event_ids=("x",),
        activities=(_HAPPENED,),
        explanation=Explanation(
            headline="x",
            risk_reasons=("x",),
            level=LevelAlgebra(base=RiskLevel.LOW, final=RiskLevel.LOW),
            mitre=("T1078.004",),
            tips=("x",),
            rule={"id": "x", "version": "x", "configHash": "x"},
        ),
    ),
    "user": RiskyUser(
        id="x",
        user_principal_name="x@x",
        user_display_name="x",
        reason="x",
        tenant_id="x",
        risk_event_types=("x",),
        priority=1,
    ),
    "history": RiskyUserHistoryItem(
        id="x",
        user_id="x",
        user_principal_name="x@x",
        time=0,
        risk_level=RiskLevel.LOW,
        risk_state=RiskState.AT_RISK,
        event_types=("x",),
        note="x",
        place="x",
    ),
}
"""Objects with something everywhere: the fields that --fields may name."""
