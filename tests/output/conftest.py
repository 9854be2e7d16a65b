"""The sample tenant's worst month, read once for all tests of what is printed."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import closing
from pathlib import Path

import pytest
from click.testing import CliRunner

from risktui.cli.main import cli
from risktui.content import content
from risktui.model.risk import Detection, RiskyUser, RiskyUserHistoryItem
from risktui.store import queries
from risktui.store.database import reader


@pytest.fixture(scope="session")
def month(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A database with the sample logs in it, and a verdict of each kind."""
    database = tmp_path_factory.mktemp("month") / "x.db"
    samples = content("sample_logs")
    common = ["--config", str(samples / "risktui.toml"), "--db", str(database)]
    _done("scan", str(samples / "logs"), *common)
    with closing(reader(database)) as connection:
        names = [user.user_principal_name for user in queries.users(connection)]
    for verb, name in zip(("confirm-compromised", "confirm-safe", "dismiss"), names, strict=False):
        _done(verb, name, *common)
    _done("undo", names[0], *common)
    return database


def _done(*arguments: str) -> None:
    result = CliRunner().invoke(cli, arguments)
    assert result.exit_code == 0, result.output


@pytest.fixture(scope="session")
def detections(month: Path) -> Sequence[Detection]:
    with closing(reader(month)) as connection:
        return queries.detections(connection)


@pytest.fixture(scope="session")
def users(month: Path) -> Sequence[RiskyUser]:
    with closing(reader(month)) as connection:
        return queries.users(connection)


@pytest.fixture(scope="session")
def history(month: Path) -> Sequence[RiskyUserHistoryItem]:
    with closing(reader(month)) as connection:
        return queries.history(connection)
