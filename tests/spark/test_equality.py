"""Spark comes to what one process comes to, to the last field, also where it dies on the way."""

from __future__ import annotations

import asyncio
import json
import os
import shutil
import signal
import sqlite3
import subprocess
import sys
import time
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import msgspec
import pytest

from risktui.config import Config
from risktui.engine.local import LocalEngine
from risktui.engine.opening import EngineRunningError
from risktui.engine.parallel import ParallelEngine
from risktui.engine.run import scan_logs
from risktui.engine.setup import assemble

ROOT = Path(__file__).resolve().parents[2]
if str(ROOT) not in sys.path:
    sys.path.append(str(ROOT))  # the simulator borrows the record writers of the sample logs

from simulator.disorder import disorder  # noqa: E402
from simulator.logs import write_logs  # noqa: E402
from simulator.tenant import simulate  # noqa: E402

CLUSTER = os.environ.get("RISKTUI_SPARK_MASTER", "local-cluster[2,1,1024]")
"""Two executors of one core, processes of their own: what they are given has to travel."""
BRIEF = "-XX:TieredStopAtLevel=1 -XX:+UseSerialGC"
"""For JVMs that live a minute: their second compiler took a third of the whole run."""
LATENESS_MS = 120_000
BATCH_BYTES = 2_500_000
pytestmark = [
    pytest.mark.skipif(find_spec("pyspark") is None, reason="pyspark is not installed"),
    pytest.mark.skipif(shutil.which("java") is None, reason="there is no java"),
    pytest.mark.timeout(2400),
]
TABLES = {
    "detections": "SELECT id, detection FROM detections ORDER BY id",
    "users": "SELECT id, user FROM users ORDER BY id",
    "history": "SELECT number, item FROM history ORDER BY number",
    "suppressions": "SELECT user_id, event_id, risk_event_type, suppression FROM suppressions"
    " ORDER BY user_id, event_id, risk_event_type",
    "sign-ins": "SELECT id, sign_in FROM sign_ins ORDER BY id",
    "people": "SELECT id, user_principal_name, user_display_name FROM people ORDER BY id",
}
Contents = dict[str, list[tuple[Any, ...]]]


@pytest.fixture(scope="module")
def logs(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A small tenant's days in the disorder of a lake."""
    folder = tmp_path_factory.mktemp("tenant")
    tenant = simulate(7, people=20, days=16, density=0.6)
    write_logs(folder, tenant.events, tenant.company)
    disorder(folder, 11)
    return folder


def contents(database: Path) -> Contents:
    connection = sqlite3.connect(database)
    try:
        return {name: connection.execute(query).fetchall() for name, query in TABLES.items()}
    finally:
        connection.close()


async def _scan(kind: type[LocalEngine], database: Path, logs: Path) -> None:
    parts = msgspec.structs.replace(assemble(Config()), workers=2)
    async with await kind.open(database, parts) as engine:
        await scan_logs(engine, [logs], lateness_ms=LATENESS_MS)


@pytest.fixture(scope="module")
def expected(logs: Path, tmp_path_factory: pytest.TempPathFactory) -> Contents:
    """What one process makes of it."""
    database = tmp_path_factory.mktemp("one") / "one.db"
    asyncio.run(_scan(LocalEngine, database, logs))
    found = contents(database)
    assert len(found["detections"]) > 5
    assert len(found["history"]) > 10
    return found


def command(logs: Path, database: Path, when: str, master: str) -> list[str]:
    """`risktui scan --engine spark`, dying `when` it is told."""
    runs = [sys.executable, str(Path(__file__).with_name("run.py")), str(BATCH_BYTES), when]
    runs += ["scan", str(logs), "--db", str(database), "--engine", "spark"]
    for each in ("driver", "executor"):
        runs += ["--spark-conf", f"spark.{each}.extraJavaOptions={BRIEF}"]
    return [*runs, "--master", master, "--buckets", "4"]


def spark(
    logs: Path, database: Path, *, when: str = "-", master: str = "local[2]"
) -> subprocess.CompletedProcess[str]:
    runs = command(logs, database, when, master)
    return subprocess.run(runs, capture_output=True, text=True, timeout=800, check=False)


def kill_in_a_batch(logs: Path, database: Path) -> None:
    """SIGKILL for the driver, the JVM and its workers, in the middle of a batch."""
    runs = command(logs, database, "-", "local[2]")
    quiet = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
    with subprocess.Popen(runs, start_new_session=True, **quiet) as process:  # type: ignore[call-overload]
        before = batches(database)
        offsets = Path(f"{database}.spark/checkpoint/offsets")
        while process.poll() is None and (
            batches(database) == before or not (offsets / str(batches(database) + 1)).exists()
        ):
            time.sleep(0.05)
        assert process.poll() is None, "it was done before it could be killed"
        os.killpg(process.pid, signal.SIGKILL)


def batches(database: Path) -> int:
    """The number of the last batch that the database has."""
    connection = sqlite3.connect(database)
    try:
        rows = connection.execute("SELECT value FROM meta WHERE name = 'spark.batch'").fetchall()
    finally:
        connection.close()
    return int(rows[0][0]) if rows else -1


def test_three_engines_come_to_the_same(tmp_path: Path, logs: Path, expected: Contents) -> None:
    asyncio.run(_scan(ParallelEngine, tmp_path / "several.db", logs))
    assert contents(tmp_path / "several.db") == expected
    done = spark(logs, tmp_path / "spark.db", master=CLUSTER)
    assert done.returncode == 0, done.stderr[-4000:]
    assert contents(tmp_path / "spark.db") == expected
    with pytest.raises(EngineRunningError, match="--engine spark"):
        asyncio.run(_scan(LocalEngine, tmp_path / "spark.db", logs))


def test_spark_that_dies_goes_on_from_its_checkpoint(
    tmp_path: Path, logs: Path, expected: Contents
) -> None:
    database = tmp_path / "spark.db"
    died = spark(logs, database, when="before:1")
    assert died.returncode == 9, died.stderr[-4000:]
    kill_in_a_batch(logs, database)
    assert len(contents(database)["history"]) < len(expected["history"])
    died = spark(logs, database, when=f"after:{batches(database) + 1}")
    assert died.returncode == 9, died.stderr[-4000:]
    done = spark(logs, database)
    assert done.returncode == 0, done.stderr[-4000:]
    assert contents(database) == expected
    orders = [
        json.loads(line)
        for path in Path(f"{database}.spark/orders").glob("*.json")
        for line in path.read_text().splitlines()
    ]
    files = [order[1] for order in orders if order[0] == "file"]
    assert len(files) == len(set(files))  # each was ordered to be read once, in all runs
