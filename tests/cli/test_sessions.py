"""An attack in real records of four logs, told as one story from the command line."""

from __future__ import annotations

import base64
import json
import uuid
from pathlib import Path
from typing import Any

import pytest

from cli.test_scan import lines, run
from engine.tenant import HOME, TENANT, TOR, append, configuration, log_file, record
from risktui.model.ids import stable_id

REQUEST = "00000000-0000-4000-8000-000000000002"
TOKEN = base64.urlsafe_b64encode(uuid.UUID(REQUEST).bytes_le).decode().rstrip("=")
SESSION = "0bde4b4e-6f0a-4e0c-9f4a-2f1f8e0e5a11"
CAROL = stable_id("carol")[:36]


def _call(when: str, uri: str) -> dict[str, Any]:
    return {
        "time": f"{when}Z",
        "category": "MicrosoftGraphActivityLogs",
        "tenantId": TENANT,
        "properties": {
            "timeGenerated": f"{when}Z",
            "requestId": f"call-{when}",
            "requestMethod": "GET",
            "requestUri": uri,
            "responseStatusCode": 200,
            "ipAddress": TOR,
            "userId": CAROL,
            "signInActivityId": TOKEN,
        },
    }


def _rule(when: str) -> dict[str, Any]:
    return {
        "CreationTime": when,
        "Id": f"rule-{when}",
        "Operation": "New-InboxRule",
        "RecordType": 1,
        "ResultStatus": "True",
        "OrganizationId": TENANT,
        "UserType": 2,
        "UserId": "carol@contoso.com",
        "UserKey": "carol@contoso.com",
        "Workload": "Exchange",
        "ClientIP": f"{TOR}:4321",
        "AppAccessContext": {"AADSessionId": SESSION, "UniqueTokenId": TOKEN},
        "Parameters": [
            {"Name": "Name", "Value": ".."},
            {"Name": "ForwardTo", "Value": "drop@evil.example"},
        ],
    }


@pytest.fixture
def database(tmp_path: Path) -> Path:
    append(
        log_file(tmp_path / "logs"),
        record(1, "carol", HOME, "2026-03-02T07:00:00", sessionId="of the morning"),
        record(
            2,
            "carol",
            TOR,
            "2026-03-02T09:00:00",
            sessionId=SESSION,
            uniqueTokenIdentifier=TOKEN,
        ),
    )
    (tmp_path / "logs" / "calls.json").write_text(
        json.dumps(_call("2026-03-02T09:05:00", "https://graph.microsoft.com/v1.0/me/messages"))
        + "\n"
    )
    (tmp_path / "logs" / "audit.json").write_text(json.dumps(_rule("2026-03-02T09:10:00")) + "\n")
    made = tmp_path / "x.db"
    config = configuration(tmp_path)
    assert run("scan", tmp_path / "logs", "--config", config, "--db", made).exit_code == 0
    return made


@pytest.mark.parametrize(
    "whence", [SESSION, REQUEST, "call-2026-03-02T09:05:00", "carol@contoso.com"]
)
def test_any_part_of_an_attack_leads_to_the_whole(database: Path, whence: str) -> None:
    told = run("story", whence, "--db", database)
    assert told.exit_code == 0, told.stderr
    assert [line[30:38].strip() for line in told.stdout.splitlines() if "T09" in line[:30]] == [
        "sign-in",
        "api",
        "rule",
    ]
    assert "anonymizedIPAddress" in told.stdout
    assert "GET graph.microsoft.com/v1.0/me/messages" in told.stdout
    assert "forwards to drop@evil.example" in told.stdout
    assert told.stderr.startswith("1 session of carol@contoso.com\n! is a step in which")


def test_a_detection_leads_to_its_session_too_and_show_tells_it(database: Path) -> None:
    (first, *_) = lines(run("detections", "--db", database, "--json"))
    (story,) = lines(run("story", first["id"][:12], "--db", database, "--json"))
    assert story["sessionId"] == SESSION
    assert [step["kind"] for step in story["steps"]] == ["sign-in", "api", "rule"]
    for what in ("carol@contoso.com", first["id"]):
        assert f"session {SESSION}" in run("show", what, "--db", database).stdout
        assert lines(run("show", what, "--db", database, "--json"))[-1] == story


def test_without_p2_the_acts_are_told_and_the_types_are_not(database: Path) -> None:
    told = run("story", SESSION, "--db", database, "--licence", "free").stdout
    assert "suspiciousInboxForwarding" not in told
    assert "generic" in told
    assert "drop@evil.example" in told


def test_sessions_without_risk_are_told_on_demand(database: Path) -> None:
    told = run("story", "carol@contoso.com", "--all", "--db", database)
    assert "session of the morning" in told.stdout
    assert told.stderr.startswith("2 sessions of carol@contoso.com\n")


def test_who_asks_for_nobody_is_told_so(database: Path) -> None:
    told = run("story", "no-such-thing", "--db", database)
    assert told.exit_code == 1
    assert "no-such-thing" in told.stderr
