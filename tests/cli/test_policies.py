from __future__ import annotations

from pathlib import Path

import pytest

from cli.test_scan import lines, run
from engine.tenant import TOR, append, configuration, log_file, record

POLICIES = """
[[policies]]
name = "block anonymous"
applies_to = "signIn"
levels = ["low", "medium", "high"]
control = "block"
[[policies]]
name = "new password"
applies_to = "user"
levels = ["high"]
control = "passwordChange"
"""


@pytest.fixture
def tenant(tmp_path: Path) -> Path:
    path = log_file(tmp_path / "logs")
    status = {"conditionalAccessStatus": "notApplied"}
    append(path, record(1, "carol", TOR, "2026-03-02T09:05:00", **status))
    blocked = {"status": {"errorCode": 53003}, "conditionalAccessStatus": "failure"}
    append(path, record(2, "dave", TOR, "2026-03-02T09:06:00", **blocked))
    config = configuration(tmp_path)
    config.write_text(config.read_text() + POLICIES)
    scanned = run("scan", tmp_path / "logs", "--config", config, "--db", tmp_path / "x.db")
    assert scanned.exit_code == 0
    return tmp_path


def _policies(tenant: Path, *arguments: str) -> list[str]:
    config, database = tenant / "risktui.toml", tenant / "x.db"
    result = run("policies", "--config", config, "--db", database, *arguments)
    assert result.exit_code == 0
    return result.stdout.splitlines()


def test_each_policy_in_numbers_and_whether_reality_differs(tenant: Path) -> None:
    shown = _policies(tenant)
    assert shown[1].split() == ["block", "anonymous", "reportOnly", "block", "2", "2", "1"]
    assert shown[2].split() == ["new", "password", "reportOnly", "passwordChange", "0", "0", "0"]


def test_the_sign_ins_in_which_more_happened_than_the_policy_allows(tenant: Path) -> None:
    shown = "\n".join(_policies(tenant, "--differs"))
    assert "carol@contoso.com" in shown
    assert "dave@contoso.com" not in shown
    assert "signed in; Conditional Access notApplied" in shown
    both = "\n".join(_policies(tenant, "--name", "block anonymous"))
    assert "blocked by Conditional Access (53003)" in both
    none = run("policies", "--name", "block", "--db", tenant / "x.db")
    assert none.exit_code == 0
    assert "no policy is called 'block'; there are block anonymous" in none.stderr


def test_as_json_and_as_data_of_the_detection(tenant: Path) -> None:
    result = run("policies", "--sign-ins", "--json", "--db", tenant / "x.db")
    assert {line["control"] for line in lines(result)} == {"block"}
    detection = lines(run("detections", "--user", "carol", "--json", "--db", tenant / "x.db"))[0]
    assert detection["risktui"]["policies"][0]["expected"] == "blocked"
    assert detection["risktui"]["policies"][0]["differs"] is True


def test_a_policy_that_was_taken_out_keeps_its_results(tenant: Path) -> None:
    configuration(tenant)
    assert "removed" in _policies(tenant)[1]


def test_without_policies_it_says_where_to_begin(tmp_path: Path) -> None:
    log = log_file(tmp_path / "logs")
    append(log, record(1, "carol", TOR, "2026-03-02T09:05:00"))
    run("scan", tmp_path / "logs", "--config", configuration(tmp_path), "--db", tmp_path / "x.db")
    assert "docs/policies.md" in run("policies", "--db", tmp_path / "x.db").stderr


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ('name = "a"\napplies_to = "user"\nlevels = ["severe"]\ncontrol = "block"', "severe"),
        (
            'name = "a"\napplies_to = "user"\nlevels = ["high"]\ncontrol = "block"\n'
            'include_groups = ["vip"]',
            "'vip' is none of [groups]",
        ),
        (
            'name = "a"\napplies_to = "user"\nlevels = ["high"]\ncontrol = "block"\n'
            '[policies.action]\ncommand = ["revoke", "{user}"]',
            "{user} is none of id, policy",
        ),
        (
            'name = "a"\napplies = "user"\nlevels = []\ncontrol = "block"',
            "did you mean applies_to?",
        ),
    ],
)
def test_mistakes_in_policies_are_named(tmp_path: Path, text: str, words: str) -> None:
    (tmp_path / "risktui.toml").write_text(f"[[policies]]\n{text}\n")
    checked = run("config", "check", "--config", tmp_path / "risktui.toml")
    assert checked.exit_code == 2
    assert words in checked.stderr
