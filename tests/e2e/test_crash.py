"""Kill the engine anywhere: after a restart nothing is lost and nothing is counted twice."""

from __future__ import annotations

import os
import shutil
import signal
import sqlite3
import subprocess
import sys
import time
from pathlib import Path

import pytest

from e2e.crashing import crash
from engine.tenant import contents
from risktui.content import content

SAMPLES = content("sample_logs")
SCAN = (
    "import sys\n"
    "from risktui.engine import local\n"
    "local.COMMIT_EVENTS = 150\n"  # many commits, so that a kill lands between them
    "from risktui.cli.main import main\n"
    "sys.argv = ['risktui', 'scan', *sys.argv[1:]]\n"
    "main()\n"
)


def _start(database: Path) -> subprocess.Popen[bytes]:
    config = SAMPLES / "risktui.toml"
    arguments = [str(SAMPLES / "logs"), "--db", str(database), "--config", str(config)]
    return subprocess.Popen([sys.executable, "-c", SCAN, *arguments], stderr=subprocess.PIPE)


def _finish(database: Path) -> None:
    process = _start(database)
    _, words = process.communicate(timeout=100)
    assert process.returncode == 0, words.decode()


def _events_committed(database: Path) -> int:
    try:
        connection = sqlite3.connect(f"file:{database}?mode=ro", uri=True, timeout=1)
        try:
            return int(connection.execute("SELECT count(*) FROM seen").fetchone()[0])
        finally:
            connection.close()
    except sqlite3.OperationalError:
        return 0  # not made yet


@pytest.fixture(scope="module")
def undisturbed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    database = tmp_path_factory.mktemp("undisturbed") / "risktui.db"
    _finish(database)
    return database


def test_killed_in_mid_ingest_again_and_again_it_comes_to_the_same(
    tmp_path: Path, undisturbed: Path
) -> None:
    database = tmp_path / "risktui.db"
    kills = 0
    for enough in (200, 1500, 3000, 4500, 6000):
        process = _start(database)
        while process.poll() is None and _events_committed(database) < enough:
            time.sleep(0.002)
        if process.poll() is None:
            os.kill(process.pid, signal.SIGKILL)
            kills += 1
        process.communicate()
    _finish(database)
    assert kills >= 3, "the machine was too fast for the test to mean something"
    assert contents(database) == contents(undisturbed)
    assert contents(undisturbed)["detections"]


def test_a_second_scan_of_the_same_logs_finds_nothing_new(
    tmp_path: Path, undisturbed: Path
) -> None:
    database = Path(shutil.copy(undisturbed, tmp_path))
    before = contents(database)
    _finish(database)
    assert contents(database) == before


@pytest.mark.timeout(240)
def test_killed_in_everything_it_does_a_database_comes_to_the_same(tmp_path: Path) -> None:
    kills = crash(tmp_path, kills=1, seed=4, each=1)
    assert {"watch", "console", "engine behind a console"} <= kills.keys()
