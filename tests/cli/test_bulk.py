"""Many verdicts at once, verdicts on people who were never at risk, and who may judge at all."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from cli.test_scan import lines, run
from engine.tenant import HOME, TOR, append, configuration, log_file, record
from risktui.store.people import whoami

PEOPLE = 14


@pytest.fixture(scope="module")
def filled(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Fourteen people at risk and one who is not, which nobody changes."""
    folder = tmp_path_factory.mktemp("filled")
    path = log_file(folder / "logs")
    for number in range(PEOPLE):
        append(path, record(number, f"user{number}", TOR, f"2026-03-02T09:{number:02d}:00"))
    append(path, record(99, "quiet", HOME, "2026-03-02T10:00:00"))
    options = ("--config", configuration(folder), "--db", folder / "x.db")
    assert run("scan", folder / "logs", *options).exit_code == 0
    return folder


@pytest.fixture
def database(filled: Path, tmp_path: Path) -> Path:
    shutil.copytree(filled, tmp_path, dirs_exist_ok=True)
    return tmp_path / "x.db"


def _states(database: Path) -> list[str]:
    return sorted(u["riskState"] for u in lines(run("users", "--db", database, "--json")))


def test_everybody_that_a_search_finds_is_judged_with_an_audit_line_each(database: Path) -> None:
    done = run("dismiss", "--where", "user:user1*", "--yes", "--note", "drill", "--db", database)
    assert done.exit_code == 0
    assert _states(database).count("dismissed") == 5
    log = lines(run("audit", "show", "--json", "--db", database))
    assert {line["note"] for line in log} == {"drill"}
    assert len(log) == 5


def test_above_ten_it_asks_twice_and_without_a_terminal_needs_yes(database: Path) -> None:
    asked = run("dismiss", "--where", "state:open", "--db", database)
    assert asked.exit_code == 2
    assert "dismiss 14 people? Say so with --yes" in asked.stderr
    assert set(_states(database)) == {"atRisk"}
    done = run("dismiss", "--where", "state:open", "--yes", "--db", database)
    assert "14 done, 0 not done" in done.stderr
    assert "the password was not changed" in done.stderr
    assert set(_states(database)) == {"dismissed"}
    found = [u["userPrincipalName"] for u in lines(run("users", "--db", database, "--json"))]
    assert found == sorted(found)  # all of one moment, and their ids tell nobody anything


def test_one_that_cannot_be_judged_is_named_and_the_rest_goes_on(database: Path) -> None:
    run("dismiss", "user3@contoso.com", "--db", database)
    done = run("confirm-safe", "--where", "state:any", "--yes", "--db", database)
    assert done.exit_code == 1
    assert "13 done, 1 not done" in done.stderr
    assert "not done: user3@contoso.com: nothing to do, the user is dismissed" in done.stderr


def test_closed_people_are_left_out_unless_asked_for(database: Path) -> None:
    run("dismiss", "user3@contoso.com", "--db", database)
    nobody = run("dismiss", "--where", "user:user3", "--db", database)
    assert nobody.exit_code == 0
    assert "nobody meets this search" in nobody.stderr


def test_a_search_that_makes_no_sense_is_said(database: Path) -> None:
    wrong = run("dismiss", "--where", "lvl:high", "--db", database)
    assert wrong.exit_code == 2
    assert "no field lvl: did you mean level:?" in wrong.stderr
    assert "on whom?" in run("dismiss", "--db", database).stderr
    assert run("dismiss", "x", "--where", "y", "--db", database).exit_code == 2


def test_somebody_who_was_never_at_risk_can_be_confirmed_compromised(database: Path) -> None:
    done = run("confirm-compromised", "Quiet@contoso.com", "--db", database, "--json")
    assert done.exit_code == 0
    assert lines(done)[0]["riskLevel"] == "high"
    assert "reset the password" in done.stderr
    found = lines(run("detections", "--user", "quiet", "--json", "--db", database))
    assert [d["riskEventType"] for d in found] == ["adminConfirmedUserCompromised"]
    assert found[0]["requestId"] is None
    taken_back = run("undo", "quiet@contoso.com", "--db", database)
    assert "confirmed compromised -> no risk" in taken_back.stderr


def test_a_viewer_cannot_judge(database: Path, tmp_path: Path) -> None:
    config = tmp_path / "risktui.toml"
    me = whoami()
    config.write_text(f'[people]\nviewers = ["{me}"]\noperators = ["somebody-else"]\n')
    refused = run("dismiss", "user1@contoso.com", "--db", database, "--config", config)
    assert refused.exit_code == 1
    assert f"{me} is a viewer and cannot judge" in refused.stderr
    assert run("users", "--db", database, "--config", config).exit_code == 0
    config.write_text(f'[people]\noperators = ["{me}"]\n')
    assert run("dismiss", "user1@contoso.com", "--db", database, "--config", config).exit_code == 0


def test_judging_ones_own_account_is_flagged_in_history_and_audit(
    database: Path, tmp_path: Path
) -> None:
    config = tmp_path / "risktui.toml"
    config.write_text(f'[people.accounts]\n"{whoami()}" = "user2@contoso.com"\n')
    run("dismiss", "user2@contoso.com", "--db", database, "--config", config)
    run("dismiss", "user3@contoso.com", "--db", database, "--config", config)
    flags = [
        [
            step["risktui"]["flags"]
            for step in lines(run("history", f"user{n}@contoso.com", "--db", database, "--json"))
            if step["riskState"] == "dismissed"
        ]
        for n in (2, 3)
    ]
    assert flags == [[["own account"]], [[]]]
    assert "NOTE own account" in run("audit", "show", "--db", database).stdout


def test_people_who_are_confirmed_in_one_moment_are_listed_by_name(database: Path) -> None:
    now = "2026-03-02T12:00:00Z"
    names = [f"user{number}@contoso.com" for number in (12, 3, 10, 7, 1, 5)]
    decisions = database.with_name("decisions.jsonl")
    decisions.write_text(
        "".join(
            f'{{"action": "confirmCompromised", "time": "{now}", "userPrincipalName": "{name}"}}\n'
            for name in names
        )
    )
    assert run("apply", decisions, "--db", database).exit_code == 0
    found = [
        each["userPrincipalName"]
        for each in lines(run("detections", "--json", "--db", database))
        if each["riskEventType"] == "adminConfirmedUserCompromised"
    ]
    assert found == sorted(names)
