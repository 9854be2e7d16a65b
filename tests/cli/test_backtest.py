"""What a backtest says would happen is what happens."""

from __future__ import annotations

import json
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from rich.cells import cell_len

from cli.test_fitting import of_80_columns
from cli.test_scan import lines, run
from cli.travellers import write_logs
from risktui.cli.main import cli
from risktui.store.database import prepare, writer

NOISIER = "detectors.newCountry.learning_days=3"
QUIETER = "detectors.newCountry.learning_days=9"
OFF = "detectors.newCountry.enabled=false"


@pytest.fixture
def tenant(tmp_path: Path) -> Path:
    """Logs, a configuration, and a database that knows them."""
    logs = write_logs(tmp_path)
    done = run("scan", logs, "--config", tmp_path / "risktui.toml", "--db", tmp_path / "x.db")
    assert done.exit_code == 0, done.output
    return tmp_path


def _options(tenant: Path) -> tuple[Any, ...]:
    return "--config", tenant / "risktui.toml", "--db", tenant / "x.db"


def _found(database: Path) -> dict[str, tuple[str, str]]:
    """What a real run found: id -> (type, level)."""
    listed = lines(run("detections", "--db", database, "--json"))
    return {each["id"]: (each["riskEventType"], each["riskLevel"]) for each in listed}


@pytest.mark.parametrize(
    ("setting", "appear", "vanish"), [(NOISIER, 2, 0), (QUIETER, 0, 1), (OFF, 0, 3)]
)
def test_it_shows_exactly_what_a_real_run_would_add_and_lose(
    tenant: Path, setting: str, appear: int, vanish: int
) -> None:
    name, _, value = setting.partition("=")
    section, _, key = name.rpartition(".")
    config = tenant / "other.toml"
    text = (tenant / "risktui.toml").read_text()
    config.write_text(f"{text}\n[{section}]\n{key} = {value}\n")
    real = tenant / "real.db"
    assert run("scan", tenant / "logs", "--config", config, "--db", real).exit_code == 0
    before, after = _found(tenant / "x.db"), _found(real)

    *told, summary = lines(run("backtest", *_options(tenant), "--set", setting, "--json"))
    by_kind: dict[str, set[str]] = {"appears": set(), "vanishes": set(), "level": set()}
    for change in told:
        by_kind[change["change"]].add(change["detection"]["id"])
    assert by_kind["appears"] == after.keys() - before.keys()
    assert by_kind["vanishes"] == before.keys() - after.keys()
    assert by_kind["level"] == {k for k in before.keys() & after.keys() if before[k] != after[k]}
    assert (len(by_kind["appears"]), len(by_kind["vanishes"])) == (appear, vanish)
    assert summary["summary"]["before"]["detections"] == len(before)
    assert summary["summary"]["after"]["detections"] == len(after)


def test_verdicts_say_how_right_each_way_is(tenant: Path) -> None:
    options = _options(tenant)
    assert run("confirm-safe", "traveller8", *options).exit_code == 0
    assert run("confirm-compromised", "traveller12", *options).exit_code == 0
    result = run("backtest", *options, "--set", QUIETER)
    assert "2 decisions of people" in result.stderr
    assert "[confirmed safe]" in result.stdout
    words = "precision 50% -> 100% (compromises 1 -> 1, false alarms 1 -> 0; 0 -> 0 dismissed)"
    assert words in result.stdout
    assert len(_found(tenant / "x.db")) == 4  # theirs, and the confirmed compromise: as before


def test_what_people_decided_is_decided_again_at_its_time(tenant: Path) -> None:
    options = _options(tenant)
    verdict = tenant / "verdicts.ndjson"
    user = '"userPrincipalName": "traveller8@contoso.com"'
    verdict.write_text(f'{{"time": "2026-03-21T23:30:00Z", "action": "confirmSafe", {user}}}\n')
    assert run("apply", verdict, *options).exit_code == 0
    told = lines(run("backtest", *options, "--set", QUIETER, "--json"))
    gone = next(each for each in told if each.get("change") == "vanishes")
    assert gone["detection"]["riskState"] == "confirmedSafe"


OWN = """'Fires on whoever comes in often.'
import msgspec
from risktui.detect import (
    Detector, Evidence, Example, KeyedState, RiskLevel, SignIn, Weighing, activity_of
)


class Often(Detector):
    risk_event_type = "x_often"
    title = "Often"
    watches = (SignIn,)
    tips = ("Ask.",)

    class Settings(msgspec.Struct, frozen=True):
        times: int = 1_000

    class State(KeyedState):
        count: int = 0

    def observe(self, event, state, facts):
        state.count += 1
        if state.count < self.settings.times:
            return None
        return Weighing(RiskLevel.LOW, "often").result(
            headline="often",
            about=activity_of(event),
            evidence=(Evidence(label="times", observed=f"{state.count}", weight=1.0),),
            what_would_change=("less often",),
            cooldown_key="often",
        )

    examples = (Example(name="once", fires=False, events=[]),)
"""


def test_detectors_of_a_folder_of_ones_own_are_tried_as_well(tenant: Path) -> None:
    own = tenant / "own"
    own.mkdir()
    (own / "often.py").write_text(OWN)
    told = (*_options(tenant), "--detectors", own)
    found = run("backtest", *told, "--set", "detectors.x_often.times=2").stdout
    assert "+ low            x_often" in found
    who, at = ("--user", "traveller8@contoso.com"), ("--at", "2026-03-21T23:04:00Z")
    asked = run("why-not", *told, *who, "--type", "x_often", *at)
    assert asked.exit_code == 0, asked.output
    assert run("tune", *told).exit_code == 0


@pytest.mark.parametrize(
    "asked",
    [
        ("backtest", "--set", OFF),
        ("why-not", "--user", "traveller8", "--type", "newCountry", "--at", "2026-03-21T23:04:00Z"),
    ],
)
def test_what_it_tells_fits_the_terminal(
    tenant: Path, asked: tuple[str, ...], monkeypatch: pytest.MonkeyPatch
) -> None:
    command, *rest = asked
    terminal = of_80_columns(monkeypatch)
    with pytest.raises(SystemExit):
        cli.main([command, *map(str, _options(tenant)), *rest])
    told = terminal.lines()
    assert len(told) > 1
    assert max(map(cell_len, told)) <= 80


def test_since_counts_back_from_the_newest_event(tenant: Path) -> None:
    options = (*_options(tenant), "--set", OFF, "--json", "--since", "1m")
    told = [each for each in lines(run("backtest", *options)) if "detection" in each]
    minutes = [each["detection"]["activityDateTime"][11:16] for each in told]
    assert minutes == ["23:04", "23:05"]


def test_logs_may_be_named_and_need_no_database(
    tenant: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("XDG_DATA_HOME", str(tenant))
    usual = tenant / "risktui" / "risktui.db"
    usual.parent.mkdir()
    prepare(usual)
    with closing(writer(usual)) as connection:
        connection.execute("DROP TABLE verdicts")  # of another build: done without, and said
    result = run(
        *("backtest", tenant / "logs", "--config", tenant / "risktui.toml"),
        *("--set", NOISIER),
    )
    assert "2 appear, 0 vanish, 0 change level\n3 -> 5 detections, 3 -> 5 people" in result.stdout
    assert f"{usual}: lacks the table verdicts" in result.stderr


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ((), "nothing to try: --set"),
        (("--set", "newCountry.learning_days=14"), "write detectors.NAME.SETTING=VALUE"),
        (("--set", "detectors.newCountr.learning_days=14"), "did you mean newCountry?"),
        (("--set", "detectors.newCountry.learnin_days=14"), "did you mean learning_days?"),
        (("--set", "detectors.newCountry.learning_days=soon"), "expected a whole number, got text"),
        (("--set", "detectors.newCountry.learning_days=1", "--since", "soon"), "'soon' is no time"),
    ],
)
def test_mistakes_are_answered(tenant: Path, arguments: tuple[str, ...], words: str) -> None:
    result = run("backtest", *_options(tenant), *arguments)
    assert result.exit_code in {1, 2}
    assert words in result.stderr


def test_text_and_json_tell_the_same(tenant: Path) -> None:
    options = (*_options(tenant), "--set", NOISIER)
    text = run("backtest", *options).stdout.splitlines()
    changes = [json.loads(each) for each in run("backtest", *options, "--json").stdout.splitlines()]
    assert text[0] == "with [detectors.newCountry] learning_days = 3"
    assert sum(line[0] in "+-~" for line in text) == len(changes) - 1 == 2
