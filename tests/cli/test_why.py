from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from cli.test_scan import lines, run
from cli.travellers import write_logs
from engine.tenant import HOME, TOR, append, configuration, log_file, record

EVENING = "2026-03-21T23:00:00Z"


@pytest.fixture
def tenant(tmp_path: Path) -> Path:
    """The travellers, and two people who come through Tor on the next day."""
    logs = write_logs(tmp_path)
    for number, who in enumerate(("carol", "bob")):
        when = f"2026-03-22T10:0{number}:00"
        append(log_file(logs), record(90_000 + number, who, TOR, when))
    done = run("scan", logs, *_options(tmp_path))
    assert done.exit_code == 0, done.output
    return tmp_path


def _options(tenant: Path) -> tuple[Any, ...]:
    return "--config", tenant / "risktui.toml", "--db", tenant / "x.db"


def _why_not(tenant: Path, who: str, kind: str, *more: object, at: str = EVENING) -> Any:
    arguments = ("--user", f"{who}@contoso.com", "--type", kind, "--at", at, *more)
    return run("why-not", *arguments, *_options(tenant))


def _id(tenant: Path, who: str) -> str:
    found = lines(run("detections", "--user", who, "--json", *_options(tenant)))
    return str(next(each for each in found if each["riskEventType"] == "anonymizedIPAddress")["id"])


def test_why_explains_and_names_who_else_came_from_there(tenant: Path) -> None:
    told = run("why", _id(tenant, "carol")[:12], *_options(tenant)).stdout
    for words in ("what speaks for it", "what else was looked at", "what to do"):
        assert words in told
    assert "who else, within a day" in told
    assert "bob@contoso.com" in told
    assert "anonymizedIPAddress (the same address)" in told


def test_why_names_whom_else_an_address_has_tried(tmp_path: Path) -> None:
    path = log_file(tmp_path / "logs")
    for number in range(8):
        known = {"userId": f"{number:08}-0000-4000-8000-000000000000"}
        append(path, record(number, f"u{number}", HOME, f"2026-03-01T09:0{number}:00", **known))
        tried = record(50 + number, f"u{number}", TOR, f"2026-03-02T09:0{number}:00", **known)
        if number < 7:
            tried["resultType"], tried["properties"]["status"] = "50126", {"errorCode": 50126}
        append(path, tried)
    configuration(tmp_path)
    assert run("scan", tmp_path / "logs", *_options(tmp_path)).exit_code == 0
    found = lines(run("detections", "--json", *_options(tmp_path)))
    spray = next(each["id"] for each in found if each["riskEventType"] == "passwordSpray")
    told = run("why", spray, *_options(tmp_path)).stdout
    assert "Others tried: u0@contoso.com, u1@contoso.com" in told


def test_why_as_json_is_graphs_object_with_who_else(tenant: Path) -> None:
    shown = json.loads(run("why", _id(tenant, "carol"), "--json", *_options(tenant)).stdout)
    assert shown["@odata.type"] == "#microsoft.graph.riskDetection"
    others = {(each["userPrincipalName"], each["shares"]) for each in shown["risktui"]["whoElse"]}
    assert others == {("bob@contoso.com", "the same address")}


def test_why_wants_a_detection_and_not_a_person(tenant: Path) -> None:
    result = run("why", "carol@contoso.com", *_options(tenant))
    assert result.exit_code == 1
    assert "name one of their detections" in result.stderr


def test_why_not_reads_the_trace_of_what_was_held_back(tenant: Path) -> None:
    result = _why_not(tenant, "traveller4", "newCountry")
    assert "learning   first seen 4.6 days before, 7 needed" in result.stdout
    assert "learning_days = 7" in result.stdout
    assert "living through" not in result.stderr


def test_why_not_knows_a_person_by_the_short_name_in_logs_as_well(tenant: Path) -> None:
    asked = ("why-not", "--user", "Oldhand", "--type", "newCountry")
    result = run(*asked, "--at", "2026-03-15T09:00:00Z", *_options(tenant))
    assert "the detector saw nothing in it" in result.stdout


def test_why_not_shows_settings_as_the_configuration_has_them(tenant: Path) -> None:
    said = _why_not(tenant, "traveller4", "newCountry").stdout
    assert 'scope = "org"' in said
    assert "allowed_countries = []" in said


def test_why_not_names_a_detection_that_there_is(tenant: Path) -> None:
    assert "it was detected: `risktui why" in _why_not(tenant, "traveller12", "newCountry").stdout


def test_why_not_lives_through_the_logs_where_there_is_no_trace(tenant: Path) -> None:
    result = _why_not(tenant, "oldhand", "newCountry", at="2026-03-15T09:00:00Z")
    assert "living through the logs again" in result.stderr
    assert "the detector saw nothing in it" in result.stdout


def test_why_not_replays_named_logs_to_the_same_answer(tenant: Path) -> None:
    result = run(
        *("why-not", "--user", "traveller4@contoso.com", "--type", "newCountry"),
        *("--at", EVENING, "--json", "--config", tenant / "risktui.toml"),
        *("--db", _empty(tenant), tenant / "logs"),
    )
    stored = _why_not(tenant, "traveller4", "newCountry", "--json")
    assert lines(result) == lines(stored)
    assert lines(stored)[0]["rule"] == "learning"


def _empty(tenant: Path) -> Path:
    """A database that knows nothing."""
    folder = tenant / "nothing"
    folder.mkdir()
    run("scan", folder, "--config", tenant / "risktui.toml", "--db", tenant / "empty.db")
    return tenant / "empty.db"


def test_why_not_says_that_nothing_happened(tenant: Path) -> None:
    result = _why_not(tenant, "nobody", "newCountry")
    assert "nothing of nobody@contoso.com is in the logs around that time" in result.stdout


def test_why_not_says_what_a_detector_watches_when_it_was_not_asked(tenant: Path) -> None:
    told = _why_not(tenant, "oldhand", "suspiciousInboxForwarding", at="2026-03-15T09:00:00Z")
    assert "suspiciousInboxForwarding watches mail rules" in told.stdout
    assert "around that time there were: sign-ins (1)" in told.stdout


def test_why_not_says_where_a_detector_judges_what_many_people_do(tenant: Path) -> None:
    told = _why_not(tenant, "oldhand", "passwordSpray", at="2026-03-15T09:00:00Z").stdout
    assert "passwordSpray judges what is found in sign-ins of many people; around that" in told
    assert "nothing was found with oldhand@contoso.com, of whom there were: sign-ins (1)" in told


def test_why_not_proposes_whose_name_has_what_was_typed(tenant: Path) -> None:
    told = run(
        *("why-not", "--user", "dhan", "--type", "newCountry", "--at", "2026-03-15T09:00:00Z"),
        *("--config", tenant / "risktui.toml", "--db", tenant / "x.db"),
    )
    assert (
        "nothing of dhan is in the logs around that time; did you mean oldhand@con" in told.stdout
    )


@pytest.mark.parametrize(
    ("kind", "at", "words"),
    [
        ("newCountr", EVENING, "newCountr: no such detector; did you mean newCountry?"),
        ("newCountry", "yesterday", "'yesterday' is no time"),
    ],
)
def test_mistakes_are_answered(tenant: Path, kind: str, at: str, words: str) -> None:
    result = _why_not(tenant, "oldhand", kind, at=at)
    assert result.exit_code == 2
    assert words in result.stderr


def test_why_of_a_person_names_what_could_be_meant(tenant: Path) -> None:
    asked = run("why", "carol@contoso.com", *_options(tenant))
    assert asked.exit_code == 1
    assert f"risktui why {_id(tenant, 'carol')[:12]}" in asked.stderr
