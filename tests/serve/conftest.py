from __future__ import annotations

import shutil
from pathlib import Path

import pytest
from click.testing import CliRunner

from engine.tenant import TOR, append, configuration, log_file, record
from risktui.cli.main import cli
from serve.calling import Api

PEOPLE = ("alice", "bob", "carol", "dave", "erin", "frank", "grace")


@pytest.fixture(scope="session")
def scanned(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with logs, a configuration, and a database in which seven people are at risk."""
    folder = tmp_path_factory.mktemp("served")
    path = log_file(folder / "logs")
    for number, who in enumerate(PEOPLE, 1):
        append(path, record(number, who, TOR, f"2026-03-02T09:0{number}:00"))
    append(path, record(9, "alice", TOR, "2026-03-04T19:00:00"))
    config, database = configuration(folder), folder / "x.db"
    done = CliRunner().invoke(
        cli, ["scan", str(folder / "logs"), "--config", str(config), "--db", str(database)]
    )
    assert done.exit_code == 0, done.output
    return folder


@pytest.fixture
def tenant(scanned: Path, tmp_path: Path) -> Path:
    """The same for one test alone."""
    return Path(shutil.copytree(scanned, tmp_path / "tenant"))


@pytest.fixture
def api(scanned: Path) -> Api:
    """For tests that only look."""
    return Api(scanned / "x.db", scanned / "risktui.toml")


@pytest.fixture
def deciding(tenant: Path) -> Api:
    """For tests that decide."""
    return Api(tenant / "x.db", tenant / "risktui.toml")
