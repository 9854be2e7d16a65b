from __future__ import annotations

import csv
import io
import json
from pathlib import Path

import pytest

from cli.test_scan import lines, run
from engine.tenant import TOR, append, configuration, log_file, record


@pytest.fixture
def database(tmp_path: Path) -> Path:
    path = log_file(tmp_path / "logs")
    for number, who in enumerate(("carol", "bob", "dave"), 1):
        append(path, record(number, who, TOR, f"2026-03-02T09:0{number}:00"))
    made = tmp_path / "x.db"
    config = configuration(tmp_path)
    assert run("scan", tmp_path / "logs", "--config", config, "--db", made).exit_code == 0
    return made


def _scan(tenant: Path, *arguments: object) -> list[str]:
    result = run("scan", tenant / "logs", "--config", tenant / "risktui.toml", *arguments)
    assert result.exit_code == 0, result.stderr
    return result.stdout.splitlines()


def test_a_scan_prints_ocsf_and_ecs(database: Path, tmp_path: Path) -> None:
    findings = [json.loads(line) for line in _scan(tmp_path, "-f", "ocsf")]
    assert {finding["class_uid"] for finding in findings} == {2004}
    alerts = [json.loads(line) for line in _scan(tmp_path, "-f", "ecs")]
    assert [a["event"]["action"] for a in alerts] == ["anonymizedIPAddress"] * 3


def test_csv_has_a_header_and_opens_in_a_spreadsheet(database: Path, tmp_path: Path) -> None:
    text = "\n".join(_scan(tmp_path, "-f", "csv"))
    rows = list(csv.DictReader(io.StringIO(text)))
    assert [row["userPrincipalName"] for row in rows] == [
        "carol@contoso.com",
        "bob@contoso.com",
        "dave@contoso.com",
    ]


def test_a_display_name_with_a_formula_is_defused(tmp_path: Path) -> None:
    mean = record(1, "eve", TOR, "2026-03-02T09:00:00", userDisplayName="=1+1|cmd")
    append(log_file(tmp_path / "logs"), mean)
    configuration(tmp_path)
    assert _scan(tmp_path, "-f", "csv", "--fields", "userDisplayName") == [
        "userDisplayName",
        "'=1+1|cmd",
    ]


def test_the_names_of_fields_are_listed_when_they_are_asked_for(database: Path) -> None:
    refused = run("detections", "--db", database, "--fields", "zzz").stderr
    assert refused.endswith("more; `--fields help` lists all\n")
    assert len(refused) < 300
    listed = run("detections", "--db", database, "--fields", "help").stdout.split()
    assert {"userPrincipalName", "location", "location.city"} <= set(listed)
    assert "openDetections" in run("users", "--fields", "help").stdout
    for reads_logs in ("scan", "watch"):
        assert "riskEventType" in run(reads_logs, "--fields", "help").stdout  # no logs named


def test_where_and_fields_choose(database: Path) -> None:
    found = lines(
        run(
            "detections", "--db", database, "--json", "--where", "user:bo*", "--fields", "ipAddress"
        )
    )
    assert found == [{"ipAddress": TOR}]
    table = run(
        "users", "--db", database, "--where", "-user:carol", "--fields", "userPrincipalName"
    )
    assert table.stdout.split() == ["userPrincipalName", "dave@contoso.com", "bob@contoso.com"]
    steps = run("history", "--db", database, "--json", "--where", "user:dave")
    assert [step["userPrincipalName"] for step in lines(steps)] == ["dave@contoso.com"]
    (_, row) = run("history", "--db", database, "--where", "user:dave").stdout.splitlines()
    assert row.endswith(" anonymizedIPAddress")  # which of the steps it is


def test_a_limit_counts_what_was_found(database: Path) -> None:
    found = run("detections", "--db", database, "--json", "--where", "user:carol", "--limit", "1")
    assert [line["userPrincipalName"] for line in lines(found)] == ["carol@contoso.com"]
    last = run("history", "--db", database, "--json", "--limit", "1")
    assert [step["userPrincipalName"] for step in lines(last)] == ["dave@contoso.com"]


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("--where", "levle:high"), "no field levle: did you mean level:?"),
        (("--fields", "riskLevl"), "no field riskLevl: did you mean riskLevel?"),
        (("--json", "-f", "csv"), "--json is --format graph; you asked for csv, too"),
        (("-f", "xml"), "'xml' is not one of"),
    ],
)
def test_mistakes_are_answered(database: Path, arguments: tuple[str, ...], words: str) -> None:
    result = run("detections", "--db", database, *arguments)
    assert result.exit_code == 2
    assert words in result.stderr


def test_users_have_no_class_in_ocsf(database: Path) -> None:
    result = run("users", "--db", database, "-f", "ocsf")
    assert result.exit_code == 2
    assert "ocsf has a class for detections only" in result.stderr


def test_resume_prints_what_was_not_printed_yet(database: Path, tmp_path: Path) -> None:
    options = ("--db", database, "--resume", "siem")
    assert len(_scan(tmp_path, *options)) == 3  # though an earlier scan has found them
    nothing = run("scan", tmp_path / "logs", "--config", tmp_path / "risktui.toml", *options)
    assert nothing.stdout == ""
    assert nothing.stderr.startswith("no new records\n0 detections that siem had not got yet")
    append(log_file(tmp_path / "logs"), record(9, "erin", TOR, "2026-03-02T09:09:00"))
    run("scan", tmp_path / "logs", "--config", tmp_path / "risktui.toml", "--db", database)
    assert [json.loads(line)["userPrincipalName"] for line in _scan(tmp_path, *options)] == [
        "erin@contoso.com"
    ]


def test_doctor_says_how_far_each_reader_is(database: Path, tmp_path: Path) -> None:
    _scan(tmp_path, "--db", database, "--resume", "siem")
    append(log_file(tmp_path / "logs"), record(9, "erin", TOR, "2026-03-02T09:09:00"))
    run("scan", tmp_path / "logs", "--config", tmp_path / "risktui.toml", "--db", database)
    said = run("doctor", "--config", tmp_path / "risktui.toml", "--db", database).stdout
    assert "reader         siem: 3 waiting, moved 20" in said  # a detection, a person, a step


def test_history_is_chosen_by_whose_it_is(database: Path, tmp_path: Path) -> None:
    options = ("--db", database, "--resume", "x", "--emit", "history", "--where", "user:bob")
    found = [json.loads(line)["userPrincipalName"] for line in _scan(tmp_path, *options)]
    assert found == ["bob@contoso.com"]


def test_resume_heads_a_csv_once(database: Path, tmp_path: Path) -> None:
    options = ("--db", database, "--resume", "sheet", "-f", "csv", "--fields", "userPrincipalName")
    assert _scan(tmp_path, *options)[0] == "userPrincipalName"
    append(log_file(tmp_path / "logs"), record(9, "erin", TOR, "2026-03-02T09:09:00"))
    assert _scan(tmp_path, *options) == ["erin@contoso.com"]


def test_resume_without_a_database_has_nowhere_to_keep_its_place(tmp_path: Path) -> None:
    log_file(tmp_path / "logs")
    result = run("scan", tmp_path / "logs", "--resume", "siem")
    assert result.exit_code == 2
    assert "--resume needs a --db" in result.stderr
