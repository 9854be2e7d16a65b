"""What is deployed with risktui says what risktui does."""

from __future__ import annotations

import re
import shlex
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner

from risktui.cli.main import COMMANDS, cli

ROOT = Path(__file__).parents[1]
PACKAGING = ROOT / "packaging"
UNITS = sorted(PACKAGING.glob("*.service"))


@pytest.mark.parametrize("unit", UNITS, ids=lambda path: path.name)
def test_a_unit_starts_a_command_with_options_that_exist(unit: Path) -> None:
    [started] = re.findall(r"^ExecStart=(.+)$", unit.read_text(), re.MULTILINE)
    _, name, *options = shlex.split(started)
    assert name in COMMANDS
    helped = CliRunner().invoke(cli, [name, "--help"]).stdout
    for option in (each for each in options if each.startswith("--")):
        assert option in helped


@pytest.mark.skipif(shutil.which("systemd-analyze") is None, reason="no systemd here")
@pytest.mark.parametrize("unit", UNITS, ids=lambda path: path.name)
def test_systemd_understands_a_unit(unit: Path, tmp_path: Path) -> None:
    for each in UNITS:
        text = each.read_text().replace("/usr/local/bin/risktui", sys.executable)
        (tmp_path / each.name).write_text(text)
    done = subprocess.run(
        ["systemd-analyze", "verify", "--man=no", str(tmp_path / unit.name)],
        capture_output=True,
        text=True,
        check=False,
    )
    ours = [line for line in done.stderr.splitlines() if "risktui" in line]
    assert ours == []


def test_the_container_copies_and_starts_what_there_is() -> None:
    text = (PACKAGING / "Containerfile").read_text()
    assert re.findall(r'^ENTRYPOINT \["(\w+)"\]', text, re.MULTILINE) == ["risktui"]
    [command] = re.findall(r'^CMD \["(\w+)"', text, re.MULTILINE)
    assert command in COMMANDS
    assert re.search(r"^USER \d+$", text, re.MULTILINE), "not as root"


def test_the_changelog_names_this_version() -> None:
    version = re.search(r'^version = "(.+)"', (ROOT / "pyproject.toml").read_text(), re.MULTILINE)
    assert version
    assert f"## {version[1]}" in (ROOT / "CHANGELOG.md").read_text()
