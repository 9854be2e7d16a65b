"""Applications at risk, as Graph serves them."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path

import msgspec

from risktui.model.risk import Outcome, RiskLevel, RiskState, RiskyServicePrincipal
from risktui.output.specimens import SPECIMENS
from risktui.store import principals
from serve.calling import Api


def _with_applications(database: Path) -> None:
    backup = RiskyServicePrincipal(
        id="sp-1",
        app_id="app-1",
        display_name="Backup",
        risk_level=RiskLevel.MEDIUM,
        risk_state=RiskState.AT_RISK,
    )
    report = msgspec.structs.replace(backup, id="sp-2", display_name="Report")
    found = msgspec.structs.replace(SPECIMENS["detection"], id="d-1", user_id="sp-1")
    outcome = Outcome(principals=[backup, report], principal_detections=[found])  # type: ignore[list-item]
    with closing(sqlite3.connect(database)) as connection:
        for statement, rows in principals.statements(outcome):
            connection.executemany(statement, rows)
        connection.commit()


def test_they_have_lists_of_their_own(deciding: Api, tenant: Path) -> None:
    _with_applications(tenant / "x.db")
    listed = deciding.get("riskyServicePrincipals", filter="displayName eq 'Backup'").value
    assert [each["id"] for each in listed] == ["sp-1"]
    assert deciding.get("riskyServicePrincipals/sp-2").json["displayName"] == "Report"
    (found,) = deciding.get("servicePrincipalRiskDetections").value
    assert (found["id"], found["servicePrincipalId"]) == ("d-1", "sp-1")
    assert deciding.get("servicePrincipalRiskDetections/d-1").json["id"] == "d-1"
    assert deciding.get("servicePrincipalRiskDetections/x").status == 404
    assert "sp-1" not in {user["id"] for user in deciding.get("riskyUsers").value}
