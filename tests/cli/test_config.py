from __future__ import annotations

import re
import tomllib
from pathlib import Path

import msgspec
import pytest

from cli.test_scan import run
from risktui import config as configuration
from risktui.cli.config import template
from risktui.settings import Filter


def test_the_template_of_init_is_a_valid_configuration(tmp_path: Path) -> None:
    path = tmp_path / "risktui.toml"
    assert run("config", "init", path).exit_code == 0
    checked = run("config", "check", "--config", path)
    assert checked.exit_code == 0
    assert ": fine;" in checked.stdout
    assert f"{tmp_path / 'logs'}: no such file or folder yet" in checked.stdout
    (tmp_path / "logs").mkdir()
    assert "no such" not in run("config", "check", "--config", path).stdout
    again = run("config", "init", path)
    assert again.exit_code == 1
    assert "exists already; nothing was written" in again.stderr


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("[sorces]\n", "[sorces]: unknown section; did you mean sources?"),
        ('[tenant]\nlicense = "p2"\n', "[tenant] license: unknown key; did you mean licence?"),
        (
            '[tenant]\nlicence = "e5"\n',
            "[tenant] licence: 'e5' is none of the values allowed here: p2, p1, free",
        ),
        ("[sources\n", "not valid TOML"),
        ("[detectors.newCountr]\n", "did you mean newCountry?"),
        ("[detectors.newCountry]\nlearnin_days = 3\n", "did you mean learning_days?"),
        (
            '[detectors.newCountry]\nlearning_days = "x"\n',
            "[detectors.newCountry] learning_days: expected a whole number, got text",
        ),
        ('[sources]\npaths = "logs"\n', "[sources] paths: expected a list, got text"),
        ("[output]\nkeep_days = 0\n", "[output] keep_days: expected a number > 0.0"),
        ('[[intel]]\ntag = "tor"\n', "[[intel]] number 1: needs a path, a feed or a url"),
        ('[[intel]]\npath = "nowhere.txt"\ntag = "tor"\n', "nowhere.txt"),
        ('[[leaks]]\npath = "leaked.csv"\n', "does not exist; correct [[leaks]] path"),
        (
            '[[intel]]\npath = "x"\ntag = "onion"\n',
            "[intel[0]] tag: 'onion' is none of the values allowed here",
        ),
    ],
)
def test_a_mistake_is_named_with_its_remedy(tmp_path: Path, text: str, words: str) -> None:
    path = tmp_path / "risktui.toml"
    path.write_text(text)
    checked = run("config", "check", "--config", path)
    assert checked.exit_code == 2
    assert words in checked.stderr


def test_paths_count_from_the_file(tmp_path: Path) -> None:
    path = tmp_path / "risktui.toml"
    path.write_text('[sources]\npaths = ["logs"]\n')
    settings = configuration.load(path)
    assert settings.file(settings.sources.paths[0]) == tmp_path / "logs"


def test_a_feed_of_leaks_is_part_of_it(tmp_path: Path) -> None:
    path = tmp_path / "risktui.toml"
    path.write_text("[[leaks]]\npath = 'leaked.csv'\n")
    (tmp_path / "leaked.csv").write_text("username,source,leaked_at,observed_at\n")
    checked = run("config", "check", "--config", path)
    assert checked.exit_code == 0
    assert "not used" not in checked.stderr


@pytest.mark.parametrize(
    ("keys", "words"),
    [
        ('"verdict.dismis" = "D"', "verdict.dismis: no such action"),
        ('"verdict.dismiss" = "c"', "c: verdict.compromised, verdict.dismiss"),
    ],
)
def test_a_key_that_means_nothing_or_two_things_is_refused(
    tmp_path: Path, keys: str, words: str
) -> None:
    path = tmp_path / "risktui.toml"
    path.write_text(f"[console.keys]\n{keys}\n")
    checked = run("config", "check", "--config", path)
    assert checked.exit_code == 2
    assert words in checked.stderr


def test_a_configuration_that_others_may_write_is_not_taken_up_by_itself(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "risktui.toml"
    path.write_text("")
    path.chmod(0o666)
    monkeypatch.chdir(tmp_path)
    refused = run("config", "check")
    assert refused.exit_code == 2
    assert "others may write it, and it was not asked for" in refused.stderr
    assert run("config", "check", "--config", path).exit_code == 0
    assert run("config", "check", path).exit_code == 0
    assert "name the file once" in run("config", "check", path, "--config", path).stderr


@pytest.mark.parametrize("trick", ["import os\n", "from risktui.store import queries\n"])
def test_a_detector_of_ones_own_that_reaches_further_is_not_run(tmp_path: Path, trick: str) -> None:
    file = tmp_path / "mine.py"
    file.write_text(f"{trick}raise RuntimeError('was run')\n")
    refused = run("scan", tmp_path, "--detectors", file)
    assert refused.exit_code == 2
    assert "imports more than risktui.detect" in refused.stderr
    assert "was run" not in refused.stderr


def test_the_template_shows_every_section_and_key_and_each_of_its_examples_is_valid() -> None:
    shown = re.sub(r"^# (?=[\[a-z])", "", template(), flags=re.MULTILINE)
    raw = tomllib.loads(shown)
    for name in set(configuration.Config.__struct_fields__) - set(configuration.OURS):
        assert name in raw, name
    msgspec.convert(raw, configuration.Config)
    once = {"eml", "webhooks"}  # filters are shown with the mail
    for name, struct in configuration.SECTIONS.items():
        filters = set(Filter.__struct_fields__) if name in once else set()
        for key in set(struct.__struct_fields__) - filters:
            assert re.search(rf"^(# )?\[*([a-z]+\.)*{key}\b", template(), re.MULTILINE), (name, key)


def test_lines_of_a_list_that_are_left_out_are_told(tmp_path: Path) -> None:
    path = tmp_path / "risktui.toml"
    path.write_text('[[indicators]]\npath = "ti.jsonl"\n')
    lines = ['{"id": "A", "asn": 64500}', '{"id": "B", "country": "Japan"}', *["no"] * 120]
    (tmp_path / "ti.jsonl").write_text("\n".join(lines))
    checked = run("config", "check", "--config", path)
    assert checked.exit_code == 0
    told = f"{tmp_path / 'ti.jsonl'}: 1 entry; 121 lines left out, each named by risktui doctor\n"
    first = f"  {tmp_path / 'ti.jsonl'}:2: country 'Japan' is no code of two letters like JP: "
    assert f"{told}{first}" in checked.stdout
    looked = run("doctor", "--config", path, "--db", tmp_path / "none.db").stdout
    assert looked.count("ti.jsonl:") == 100
    assert "  100 of 121 lines that are left out shown" in looked
