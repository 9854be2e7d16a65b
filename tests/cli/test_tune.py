from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from cli.test_scan import lines, run
from cli.travellers import write_logs


@pytest.fixture
def tenant(tmp_path: Path) -> Path:
    logs = write_logs(tmp_path)
    assert run("scan", logs, *_options(tmp_path)).exit_code == 0
    return tmp_path


def _options(tenant: Path) -> tuple[Any, ...]:
    return "--config", tenant / "risktui.toml", "--db", tenant / "x.db"


def test_it_proposes_what_spares_the_false_alarm_and_keeps_the_compromise(tenant: Path) -> None:
    run("confirm-safe", "traveller8", *_options(tenant))
    run("confirm-compromised", "traveller12", *_options(tenant))
    before = (tenant / "risktui.toml").read_text(), _database(tenant)
    told = run("tune", *_options(tenant))
    assert ((tenant / "risktui.toml").read_text(), _database(tenant)) == before
    assert "2 decisions, 1 false alarm; trying" in told.stderr
    assert "[detectors.newCountry]\nlearning_days = 9  # 7 now" in told.stdout
    assert "false alarms 1 -> 0, compromises 1 -> 1, 3 -> 2 detections" in told.stdout
    assert "spares: traveller8@contoso.com was active from ES" in told.stdout
    assert "nothing was changed" in told.stdout


def test_its_proposal_keeps_its_word(tenant: Path) -> None:
    run("confirm-safe", "traveller8", *_options(tenant))
    run("confirm-compromised", "traveller12", *_options(tenant))
    proposals = lines(run("tune", "--json", *_options(tenant)))
    best = next(each for each in proposals if each["setting"] == "learning_days")
    setting = f"detectors.{best['riskEventType']}.{best['setting']}={best['proposed']}"
    *told, summary = lines(run("backtest", *_options(tenant), "--set", setting, "--json"))
    assert {each["detection"]["id"] for each in told} == {*best["spares"], *best["loses"]}
    assert summary["summary"]["after"]["precision"] == best["after"]["precision"] == 1.0


def test_without_false_alarms_there_is_nothing_to_learn_from(tenant: Path) -> None:
    told = run("tune", *_options(tenant))
    assert (told.exit_code, told.stdout) == (0, "")
    assert "nobody has confirmed a false alarm yet" in told.stderr


def _database(tenant: Path) -> list[dict[str, Any]]:
    return lines(run("detections", "--json", *_options(tenant)))
