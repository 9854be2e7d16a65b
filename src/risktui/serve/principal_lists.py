"""The lists of applications' identities that are served; there are few, so they are read whole."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator

from risktui.model.risk import Json, RiskLevel, RiskyServicePrincipal
from risktui.output import graph
from risktui.output.specimens import SPECIMENS
from risktui.serve.listing import Order, Query
from risktui.serve.risk_lists import properties_of
from risktui.store import principals


class RiskyServicePrincipals:
    """`riskyServicePrincipals`: applications in every state."""

    type = "riskyServicePrincipal"
    order = Order("riskLastUpdatedDateTime", down=True)

    def __init__(self) -> None:
        specimen = RiskyServicePrincipal(id="x", risk_level=RiskLevel.LOW)
        self.properties = properties_of(graph.risky_principal(specimen))

    def all(
        self, connection: sqlite3.Connection, _query: Query | None = None
    ) -> Iterator[tuple[str, Json]]:
        """(id, object) of every application that was ever at risk."""
        for each in principals.listed(connection):
            yield each.id, graph.risky_principal(each)

    def one(self, connection: sqlite3.Connection, principal_id: str) -> Json | None:
        """The application with exactly this id."""
        return dict(self.all(connection)).get(principal_id)


class ServicePrincipalRiskDetections:
    """`servicePrincipalRiskDetections`."""

    type = "servicePrincipalRiskDetection"
    order = Order("lastUpdatedDateTime", down=True)

    def __init__(self) -> None:
        self.properties = properties_of(graph.principal_detection(SPECIMENS["detection"]))  # type: ignore[arg-type]

    def all(
        self, connection: sqlite3.Connection, _query: Query | None = None
    ) -> Iterator[tuple[str, Json]]:
        """(id, object) of every detection."""
        for each in principals.detections(connection):
            yield each.id, graph.principal_detection(each)

    def one(self, connection: sqlite3.Connection, detection_id: str) -> Json | None:
        """The detection with exactly this id."""
        return dict(self.all(connection)).get(detection_id)
