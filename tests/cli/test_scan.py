from __future__ import annotations

import json
import re
import sqlite3
import time
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from engine.tenant import HOME, TOR, append, configuration, log_file, record
from risktui.cli.main import cli
from risktui.store.database import prepare


def run(*arguments: object) -> Result:
    return CliRunner().invoke(cli, [str(argument) for argument in arguments])


@pytest.fixture
def tenant(tmp_path: Path) -> Path:
    path = log_file(tmp_path / "logs")
    append(path, record(1, "carol", HOME, "2026-03-02T09:00:00"))
    append(path, record(2, "carol", TOR, "2026-03-02T09:05:00"))
    configuration(tmp_path)
    return tmp_path


def scan(tenant: Path, *arguments: object) -> Result:
    return run("scan", tenant / "logs", "--config", tenant / "risktui.toml", *arguments)


def lines(result: Result) -> list[dict[str, Any]]:
    return [json.loads(line) for line in result.stdout.splitlines()]


def test_scan_prints_one_detection_a_line_and_the_rest_on_stderr(tenant: Path) -> None:
    result = scan(tenant, "--json")
    assert result.exit_code == 0
    assert [line["riskEventType"] for line in lines(result)] == ["anonymizedIPAddress"]
    held = "2 records hold 2 events: 2 entra sign-in, 0 duplicates; 0 quarantined\n"
    assert held in result.stderr
    assert "1 detection\n" in result.stderr


def test_what_the_records_hold_adds_up_also_where_they_come_again(tenant: Path) -> None:
    append(log_file(tenant / "logs"), record(2, "carol", TOR, "2026-03-02T09:05:00"))
    beside = tenant / "logs" / "risktui.toml"
    beside.write_text('[sources]\npaths = ["."]\n')
    told = scan(tenant).stderr
    assert f"{beside} is a configuration: not read as a log; to use it: --config {beside}\n" in told
    assert "3 records hold 3 events: 2 entra sign-in, 1 duplicate; 0 quarantined\n" in told


def test_the_files_of_what_was_quarantined_are_named_and_what_shows_each(tenant: Path) -> None:
    for number in range(5):
        bad = tenant / "logs" / f"bad{number}.json"
        bad.write_text('{"time": broken}\n' * (9 - number))
    told = scan(tenant, "--db", tenant / "x.db").stderr
    named = [line for line in told.splitlines() if line.startswith("  in ")]
    folder = tenant / "logs"
    assert named == [
        *(f"  in {folder}/bad{number}.json: {9 - number}" for number in range(3)),
        "  in 2 more files: 11",
    ]
    assert f"  see each with: risktui doctor --db {tenant / 'x.db'}\n" in told
    assert "  see each with: risktui doctor, where --db keeps them\n" in scan(tenant).stderr


def test_a_machine_whose_clock_is_years_off_finds_the_same(
    tenant: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Logs of 2026, read in 2030 and in 2026; only how late it was found is the machine's word."""
    told = []
    for year, seconds in (("2030", 1_900_000_000), ("2026", 1_772_500_000)):
        monkeypatch.setattr(time, "time_ns", lambda now=seconds: now * 1_000_000_000)
        found = scan(tenant, "--json", "--db", tmp_path / f"{year}.db").stdout
        told.append(re.sub(r'"(computedLagSeconds|ingestedDateTime)":("[^"]*"|[^,}]+)', "", found))
    assert told[0]
    assert told[0] == told[1]


def test_a_spray_that_found_no_password_is_no_detection_and_yet_told(tmp_path: Path) -> None:
    path = log_file(tmp_path / "logs")
    for number in range(7):
        guess = record(number, f"u{number}", HOME, f"2026-03-02T09:0{number}:00")
        guess["resultType"], guess["properties"]["status"] = "50126", {"errorCode": 50126}
        append(path, guess)
    configuration(tmp_path)
    told = scan(tmp_path, "--json")
    assert lines(told) == []
    assert "password spray: 7 people tried from" in told.stderr
    assert "since 2026-03-02 09:00 UTC, whose passwords held" in told.stderr


@pytest.mark.parametrize("licence", ["p1", "free"])
def test_scan_emits_generic_where_the_licence_shows_no_more(tmp_path: Path, licence: str) -> None:
    """Card S02, P4: the premium types, without what was found out about them."""
    path = log_file(tmp_path / "logs")
    for number in range(8):
        guess = record(number, f"u{number}", HOME, f"2026-03-02T09:0{number}:00")
        if number < 7:
            guess["resultType"], guess["properties"]["status"] = "50126", {"errorCode": 50126}
        append(path, guess)
    configuration(tmp_path)
    told = lines(scan(tmp_path, "--json", "--licence", licence))
    assert {line["riskEventType"] for line in told} == {"generic"}
    assert {line["riskLevel"] for line in told} == {"hidden"}
    assert "passwordSpray" not in json.dumps(told)
    assert "passwordSpray" in {line["riskEventType"] for line in lines(scan(tmp_path, "--json"))}


def test_scan_without_a_database_gives_the_same_lines_every_time(tenant: Path) -> None:
    def without_timing(result: Result) -> list[dict[str, Any]]:
        found = lines(result)
        for line in found:
            del line["risktui"]["timing"]
        return found

    assert without_timing(scan(tenant, "--json")) == without_timing(scan(tenant, "--json"))


def test_a_scan_that_prints_nothing_says_where_to_see_it(tenant: Path) -> None:
    database = tenant / "x.db"
    assert f"see them with: risktui users --db {database}" in scan(tenant, "--db", database).stderr
    assert "carol@contoso.com" in run("users", "--db", database).stdout
    kept_by = "nothing was kept; `risktui scan LOGS --db NAME.db` keeps it"  # a demo takes no --db
    assert kept_by in scan(tenant).stderr


def test_a_second_scan_into_a_database_prints_only_what_is_new(tenant: Path) -> None:
    database = tenant / "x.db"
    assert len(lines(scan(tenant, "--json", "--db", database))) == 1
    assert lines(scan(tenant, "--json", "--db", database)) == []
    append(log_file(tenant / "logs"), record(3, "bob", TOR, "2026-03-02T09:07:00"))
    again = lines(scan(tenant, "--json", "--db", database))
    assert [line["userPrincipalName"] for line in again] == ["bob@contoso.com"]


def test_a_scan_leaves_all_it_knows_in_one_file(tenant: Path) -> None:
    scan(tenant, "--db", tenant / "x.db")
    assert (tenant / "x.db").exists()
    assert not (tenant / "x.db-wal").exists()


def test_each_kind_is_printed_when_asked_for(tenant: Path) -> None:
    result = scan(tenant, "--json", "--emit", "users,history")
    kinds = [line["@odata.type"] for line in lines(result)]
    assert kinds == ["#microsoft.graph.riskyUser", "#microsoft.graph.riskyUserHistoryItem"]


def test_fail_on_says_with_its_exit_code_that_something_was_found(tenant: Path) -> None:
    assert scan(tenant, "--fail-on", "low").exit_code == 3
    append(log_file(tenant / "logs"), record(3, "bob", HOME, "2026-03-02T09:07:00"))
    assert run("scan", tenant / "logs", "--fail-on", "high").exit_code == 0


def test_min_level_and_since_leave_lines_out(tenant: Path) -> None:
    level = lines(scan(tenant, "--json"))[0]["riskLevel"]
    above = {"low": "medium", "medium": "high"}[level]
    assert lines(scan(tenant, "--json", "--min-level", above)) == []
    assert lines(scan(tenant, "--json", "--since", "2026-03-02T09:06:00Z")) == []
    assert len(lines(scan(tenant, "--json", "--until", "2026-03-02T09:06:00Z"))) == 1


SPANS = "the newest event is of 2026-03-02 09:05 UTC: time is counted back from there, not from now"


def test_in_old_logs_spans_count_back_from_their_newest_event(tenant: Path) -> None:
    recent, none = scan(tenant, "--json", "--since", "1h"), scan(tenant, "--json", "--until", "1h")
    assert (len(lines(recent)), len(lines(none))) == (1, 0)
    assert SPANS in recent.stderr
    database = tenant / "x.db"
    assert SPANS not in scan(tenant, "--db", database).stderr
    for command in (["detections", "--since", "1h"], ["users", "--where", "since:1h"]):
        told = run(*command, "--json", "--db", database)
        assert len(lines(told)) == 1
        assert SPANS in told.stderr
    fixed = run("detections", "--since", "2026-03-02", "--json", "--db", database)
    assert len(lines(fixed)) == 1
    assert SPANS not in fixed.stderr
    # What is listed is what is judged.
    assert run("dismiss", "--where", "since:1h", "--db", database).exit_code == 0
    assert lines(run("users", "--json", "--db", database))[0]["riskState"] == "dismissed"


def test_where_logs_go_on_spans_count_back_from_now(
    tenant: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    database = tenant / "x.db"
    scan(tenant, "--db", database)
    evening = 1_772_483_700  # 2026-03-02T20:35:00Z
    monkeypatch.setattr(time, "time_ns", lambda: evening * 1_000_000_000)
    told = run("detections", "--since", "1h", "--json", "--db", database)
    assert (told.stdout, SPANS in told.stderr) == ("", False)
    assert len(lines(run("detections", "--since", "12h", "--json", "--db", database))) == 1


def test_without_p2_a_premium_detection_is_generic_and_hidden(tmp_path: Path) -> None:
    from risk.ledger_stories import Life
    from risktui.model.risk import RiskLevel
    from risktui.risk.licence import project

    made = Life().finds("e1", RiskLevel.HIGH).detections[0]
    seen = project(made, "p1")
    assert (seen.risk_event_type, seen.risk_level, seen.id) == ("generic", "hidden", made.id)
    assert made.risk_event_type == "passwordSpray"


def test_without_a_feed_the_detector_says_it_is_blind(tenant: Path) -> None:
    result = run("scan", tenant / "logs", "--json")
    assert result.stdout == ""
    assert "anonymizedIPAddress is blind: no list tagged tor" in result.stderr
    assert "[[intel]] in risktui.toml; see: risktui intel status\n" in result.stderr


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("scan", "/nowhere"), "/nowhere: no such file or folder"),
        (("scan",), "no logs named"),
        (
            ("usres",),
            "usres: neither a command nor a file or folder; did you mean `risktui users`?",
        ),
        (("scan", ".", "--since", "yesterday"), "'yesterday' is no time; write 24h"),
        (("scan", ".", "--emit", "everything"), "'everything' is none of detections, users"),
        (("users", "--db", "/nowhere/x.db"), "/nowhere/x.db: no database yet"),
    ],
)
def test_mistakes_are_answered_with_what_to_do(
    arguments: tuple[str, ...], words: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path))
    result = run(*arguments)
    assert result.exit_code == (1 if "no database" in words else 2)
    assert words in result.stderr


def test_another_programs_database_is_refused_and_left_alone(tenant: Path) -> None:
    database = tenant / "other.db"
    other = sqlite3.connect(database)
    other.execute("CREATE TABLE precious (x)")
    other.commit()
    result = scan(tenant, "--db", database)
    assert result.exit_code == 1
    assert "is another program's database; choose another with --db" in result.stderr
    assert other.execute("SELECT name FROM sqlite_master").fetchall() == [("precious",)]
    other.close()


@pytest.mark.parametrize("command", [(), ("scan",), ("watch",)])
def test_a_database_that_is_named_as_a_log_is_not_read_as_one(
    command: tuple[str, ...], tmp_path: Path
) -> None:
    database = tmp_path / "tenant.db"
    prepare(database)
    result = run(*command, database)
    assert result.exit_code == 2
    said = f"{database}: a database, no log; `risktui console --db {database}` opens it"
    assert said in result.stderr


@pytest.mark.parametrize("command", ["users", "detections", "history", "doctor", "policies"])
def test_a_damaged_database_is_named_without_a_traceback(command: str, tmp_path: Path) -> None:
    database = tmp_path / "damaged.db"
    database.write_bytes(b"no database at all" * 100)
    result = run(command, "--db", database)
    assert result.exit_code == 1
    assert "cannot be read as a database" in result.stdout + result.stderr
