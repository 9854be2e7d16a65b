from __future__ import annotations

from pathlib import Path
from typing import Any

import msgspec
import pytest
from click.testing import CliRunner, Result
from rich.cells import cell_len

from risktui.cli.detector_text import POINTS, meanings_of
from risktui.cli.detectors import detectors
from risktui.content import content
from risktui.detect.loader import load, name_of
from risktui.engine.given import built_in

OURS = load([content("detectors")], {}, built_in()).detectors


def shown(folder: Path, name: str, config: str = "", language: str = "en") -> Result:
    file = folder / "risktui.toml"
    file.write_text(config, "utf-8")
    arguments = ["show", name, "--config", str(file), "--lang", language]
    return CliRunner().invoke(detectors, arguments)


def test_a_stranger_learns_what_it_watches_when_it_fires_and_what_to_do(tmp_path: Path) -> None:
    text = shown(tmp_path, "anomalousToken").stdout
    for part in (
        "anomalousToken · Anomalous token (sign-in)",
        "goes on in somebody else's hands",
        "watches  sign-ins, calls to Microsoft Graph",
        "it fires, for instance\n  - a session goes on on a rented server",
        "it stays quiet\n  - a phone leaves the house",
        "  asleep_days = 14  (the default)\n      A session that nobody used for so long",
        "  1. Compare place",
        "risktui detectors test",
        "test_anomalous_token.py",
    ):
        assert part in text, part
    assert max(map(len, text.splitlines())) <= 120  # paths may be long
    assert not any("\u3040" <= letter <= "\u9fff" for letter in text)  # that is for --lang ja


def test_it_says_what_it_lacks_and_where_a_value_comes_from(tmp_path: Path) -> None:
    text = shown(tmp_path, "nationStateIP", "[detectors.nationStateIP]\ngrace_days = 3\n").stdout
    assert "needs    a list of actor addresses" in text
    assert "now      BLIND: no list tagged actor" in text
    assert "grace_days = 3  (from risktui.toml; 14 unless set)" in text
    domains = '[tenant]\naccepted_domains = ["contoso.example"]\n'
    text = shown(tmp_path, "suspiciousInboxForwarding", domains).stdout
    assert 'accepted_domains = ["contoso.example"]  (from the rest of the configuration)' in text


def test_settings_without_words_of_their_own_are_given_nobody_elses(tmp_path: Path) -> None:
    file = tmp_path / "from_lagos.py"
    CliRunner().invoke(detectors, ["new", str(file)])
    options = ["--detectors", str(tmp_path), "--config", str(tmp_path / "risktui.toml")]
    (tmp_path / "risktui.toml").touch()
    text = CliRunner().invoke(detectors, ["show", "x_fromLagos", *options]).stdout
    assert "in risktui.toml\n\n  times = 1  (the default)\n" in text


def test_two_detectors_of_one_type_are_both_told_and_one_by_its_own_name(tmp_path: Path) -> None:
    both = shown(tmp_path, "investigationsThreatIntelligence").stdout
    assert both.count("\nwatches  ") == 2
    assert shown(tmp_path, "investigationsThreatIntelligenceUser").stdout.count("\nwatches  ") == 1


def test_a_wrong_name_is_answered_with_the_nearest(tmp_path: Path) -> None:
    refused = shown(tmp_path, "passwordSpry")
    assert refused.exit_code == 2
    assert "did you mean passwordSpray?" in refused.stderr


@pytest.mark.parametrize("detector", OURS, ids=name_of)
def test_every_setting_says_what_it_means(detector: Any) -> None:
    told = meanings_of(type(detector.settings)).keys() | POINTS.keys()
    fields = {field.name for field in msgspec.structs.fields(detector.settings)}
    assert not fields - told


def test_in_japanese_a_setting_is_explained_within_the_width(tmp_path: Path) -> None:
    text = shown(tmp_path, "passwordSpray", language="ja").stdout
    settings = text.partition("設定 (")[2].partition("テスト\n")[0]
    assert "  fast_ip = 5  (既定値)\n      1 つのアドレスから 1 時間に試される人数。\n" in settings
    assert max(map(cell_len, settings.splitlines())) <= 100
    assert not [line for line in settings.splitlines() if line.strip()[:1] in set("、。）」")]


def test_the_list_has_straight_columns() -> None:
    rows = CliRunner().invoke(detectors, ["list"]).stdout.splitlines()
    titles = {each.title: each for each in OURS}
    begins = {row.index(title) for row in rows for title in titles if f" {title} " in row}
    assert len(rows) == len(OURS)
    assert len(begins) == 1


def test_the_list_calls_each_by_the_name_that_the_other_commands_take() -> None:
    rows = CliRunner().invoke(detectors, ["list"]).stdout.splitlines()
    names = [row.split()[0] for row in rows]
    assert len(set(names)) == len(names)
    assert set(names) == {name_of(each) for each in OURS}
    sprays = next(row for row in rows if row.startswith("passwordSpray"))
    assert sprays.endswith("sign-ins")  # what it watches through its tracker
    blind = CliRunner().invoke(detectors, ["list", "--lang", "ja"]).stdout
    assert "検知不能: tor、proxy、residential、vpn のいずれかの一覧がない" in blind


@pytest.mark.parametrize("kind", ["generic", "adminConfirmedUserCompromised"])
def test_a_type_that_no_detector_finds_says_where_it_comes_from(tmp_path: Path, kind: str) -> None:
    assert f"{kind}: no detector: " in shown(tmp_path, kind).stderr
