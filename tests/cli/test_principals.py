"""Applications at risk: a list of their own, from the logs to Graph's objects and back."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from cli.test_scan import run
from engine.tenant import TENANT
from risktui.logs.formats.registry import decode
from risktui.model.events import DirectoryChange, SignIn

SERVER, LAGOS = "203.0.113.10", "192.0.2.70"
BACKUP = "5f0b0000-0000-4000-8000-00000000000b"
APP = "a1100000-0000-4000-8000-00000000000a"


def app_sign_in(number: int, when: str, address: str = SERVER, **more: Any) -> dict[str, Any]:
    """A sign-in of the backup program, as Azure Monitor writes it."""
    lagos = address == LAGOS
    return {
        "time": f"{when}.0000000Z",
        "category": "ServicePrincipalSignInLogs",
        "tenantId": TENANT,
        "properties": {
            "id": f"00000000-0000-4000-9000-{number:012d}",
            "createdDateTime": f"{when}.0000000Z",
            "userId": "",
            "servicePrincipalId": BACKUP,
            "servicePrincipalName": "Backup",
            "appId": APP,
            "appDisplayName": "Backup",
            "resourceDisplayName": "Microsoft Graph",
            "ipAddress": address,
            "status": {"errorCode": 0},
            "autonomousSystemNumber": 64507 if lagos else 64504,
            "location": {"city": "Lagos" if lagos else "Tokyo"}
            | {"countryOrRegion": "NG" if lagos else "JP"},
            **more,
        },
    }


def write_application(log: Path, **more: Any) -> None:
    """Three weeks of a backup program, and one sign-in from Lagos."""
    days = [(day, hour) for day in range(1, 23) for hour in (2, 14)]
    records = [
        app_sign_in(number, f"2026-03-{day:02d}T{hour:02d}:00:00", **more)
        for number, (day, hour) in enumerate(days)
    ]
    records.append(app_sign_in(99, "2026-03-23T03:00:00", LAGOS, **more))
    log.write_text("".join(json.dumps(record) + "\n" for record in records))


@pytest.fixture
def database(tmp_path: Path) -> Path:
    """With the backup program at risk."""
    log = tmp_path / "logs" / "app.json"
    log.parent.mkdir()
    write_application(log)
    path = tmp_path / "tenant.db"
    result = run("scan", tmp_path / "logs", "--db", path, "--json")
    assert result.exit_code == 0, result.stderr
    assert result.stdout == ""  # nothing is said of people
    return path


def listed(database: Path, *options: str) -> list[dict[str, Any]]:
    result = run("principals", "list", "--db", database, "--json", *options)
    assert result.exit_code == 0, result.stderr
    return [json.loads(line) for line in result.stdout.splitlines()]


def test_lists_for_people_count_in_plain_english(database: Path) -> None:
    result = run("principals", "list", "--db", database)
    assert result.stderr == "1 application\n"
    assert "Backup" in result.stdout
    assert run("principals", "list", "--detections", "--db", database).stderr == "1 detection\n"


def test_an_application_at_risk_is_in_its_own_list_and_not_among_people(database: Path) -> None:
    (backup,) = listed(database)
    assert backup["@odata.type"] == "#microsoft.graph.riskyServicePrincipal"
    assert (backup["id"], backup["appId"], backup["displayName"]) == (BACKUP, APP, "Backup")
    assert (backup["riskState"], backup["servicePrincipalType"]) == ("atRisk", "Application")
    assert run("users", "--db", database, "--json").stdout == ""
    assert run("detections", "--db", database, "--json").stdout == ""


def test_its_detection_is_graphs(database: Path) -> None:
    (found,) = listed(database, "--detections")
    assert found["@odata.type"] == "#microsoft.graph.servicePrincipalRiskDetection"
    assert (found["riskEventType"], found["activity"]) == ("suspiciousSignins", "servicePrincipal")
    assert (found["servicePrincipalId"], found["appId"]) == (BACKUP, APP)
    assert found["requestId"].endswith("99")
    assert "userId" not in found


def test_show_tells_why(database: Path) -> None:
    text = run("principals", "show", "backup", "--db", database).stdout
    assert "suspiciousSignins" in text
    assert "where it never was" in text
    assert run("principals", "show", "nothing", "--db", database).exit_code == 1


def test_who_asks_for_it_among_people_is_sent_to_its_list(database: Path) -> None:
    for command in ("show", "report", "dismiss"):
        told = run(command, "Backup", "--db", database)
        assert told.exit_code == 1
        assert "is an application, not a person; see `risktui principals`" in told.stderr


def test_dismissed_it_is_known_there_and_undone_it_is_at_risk_again(database: Path) -> None:
    result = run("principals", "dismiss", "Backup", "--db", database, "--note", "moved")
    assert result.exit_code == 0, result.stderr
    assert "Backup: at risk -> dismissed" in result.stderr
    assert "its secrets were not changed" in result.stderr
    assert "password" not in result.stderr
    (backup,) = listed(database)
    assert backup["riskState"] == "dismissed"
    assert backup["riskDetail"] == "adminDismissedAllRiskForServicePrincipal"
    assert run("principals", "undo", BACKUP, "--db", database).exit_code == 0
    assert listed(database)[0]["riskState"] == "atRisk"


def test_confirmed_it_is_compromised_in_graphs_words(database: Path) -> None:
    assert run("principals", "confirm-compromised", APP, "--db", database).exit_code == 0
    (backup,) = listed(database)
    assert (backup["riskState"], backup["riskLevel"]) == ("confirmedCompromised", "high")
    types = {found["riskEventType"] for found in listed(database, "--detections")}
    assert types == {"suspiciousSignins", "adminConfirmedServicePrincipalCompromised"}
    again = run("principals", "confirm-compromised", APP, "--db", database)
    assert again.exit_code == 1
    assert "already" in again.stderr


def test_the_logs_say_which_application_and_by_which_secret() -> None:
    record = app_sign_in(1, "2026-03-01T02:00:00", servicePrincipalCredentialKeyId="c0ffee")
    (sign_in,) = decode(json.dumps(record).encode())  # type: ignore[misc]
    assert isinstance(sign_in, SignIn)
    assert (sign_in.service_principal_id, sign_in.credential_key_id) == (BACKUP, "c0ffee")
    by = {"app": {"displayName": "Backup", "servicePrincipalId": BACKUP}}
    properties = {
        "id": "Directory_1",
        "activityDateTime": "2026-03-01T02:00:00Z",
        "activityDisplayName": "Add member to role",
        "initiatedBy": by,
        "result": "success",
    }
    audit = {"category": "AuditLogs", "time": "2026-03-01T02:00:00Z", "properties": properties}
    (change,) = decode(json.dumps(audit).encode())  # type: ignore[misc]
    assert isinstance(change, DirectoryChange)
    assert (change.actor, change.service_principal_id) == ("servicePrincipal", BACKUP)
