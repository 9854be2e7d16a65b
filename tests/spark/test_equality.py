"""Spark comes to what one process comes to, to the last field, also where it dies on the way."""

from __future__ import annotations

import asyncio
import json
import os
import random
import shutil
import sqlite3
import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import msgspec
import pytest

from risktui.config import Config
from risktui.engine.local import EngineRunningError, LocalEngine
from risktui.engine.parallel import ParallelEngine
from risktui.engine.run import scan_logs
from risktui.engine.setup import assemble

ROOT = Path(__file__).resolve().parents[2]
if str(ROOT) not in sys.path:
    sys.path.append(str(ROOT))  # the simulator borrows the record writers of the sample logs

from simulator.logs import write_logs  # noqa: E402
from simulator.tenant import simulate  # noqa: E402

MASTER = os.environ.get("RISKTUI_SPARK_MASTER", "local[2]")
"""`local-cluster[2,1,1024]` has executors of their own; it takes a minute longer to start."""
LATENESS_MS = 120_000
pytestmark = [
    pytest.mark.skipif(find_spec("pyspark") is None, reason="pyspark is not installed"),
    pytest.mark.skipif(shutil.which("java") is None, reason="there is no java"),
    pytest.mark.timeout(900),
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
    """A small tenant's days: lines out of order, some in other files, files told backwards."""
    folder = tmp_path_factory.mktemp("tenant")
    tenant = simulate(7, people=20, days=16, density=0.6)
    write_logs(folder, tenant.events, tenant.company)
    chance = random.Random(11)  # variety, not a secret
    late: list[str] = []
    for number, path in enumerate(sorted(folder.rglob("*.json"))):
        lines = path.read_text("utf-8").splitlines(keepends=True)
        late += [lines.pop(chance.randrange(len(lines))) for _ in range(len(lines) // 50)]
        places = sorted(range(len(lines)), key=lambda at: at + chance.uniform(0, 4))
        lines = [lines[at] for at in places]
        path.write_text("".join(reversed(lines) if number % 7 == 0 else lines), "utf-8")
    (folder / "late.json").write_text("".join(late), "utf-8")
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


def spark(
    logs: Path, database: Path, *, size: int, when: str = "-"
) -> subprocess.CompletedProcess[str]:
    """`risktui scan --engine spark`, dying `when` it is told."""
    command = [sys.executable, str(Path(__file__).with_name("run.py")), str(size), when]
    command += ["scan", str(logs), "--db", str(database), "--engine", "spark"]
    command += ["--master", MASTER, "--buckets", "4"]
    return subprocess.run(command, capture_output=True, text=True, timeout=800, check=False)


def test_three_engines_come_to_the_same(tmp_path: Path, logs: Path, expected: Contents) -> None:
    asyncio.run(_scan(ParallelEngine, tmp_path / "several.db", logs))
    assert contents(tmp_path / "several.db") == expected
    done = spark(logs, tmp_path / "spark.db", size=4_000_000)
    assert done.returncode == 0, done.stderr[-4000:]
    assert contents(tmp_path / "spark.db") == expected
    with pytest.raises(EngineRunningError, match="--engine spark"):
        asyncio.run(_scan(LocalEngine, tmp_path / "spark.db", logs))


def test_spark_that_dies_goes_on_from_its_checkpoint(
    tmp_path: Path, logs: Path, expected: Contents
) -> None:
    database = tmp_path / "spark.db"
    for when in ("before:1", "after:2"):
        died = spark(logs, database, size=4_000_000, when=when)
        assert died.returncode == 9, died.stderr[-4000:]
        assert len(contents(database)["history"]) < len(expected["history"])
    done = spark(logs, database, size=4_000_000)
    assert done.returncode == 0, done.stderr[-4000:]
    assert contents(database) == expected
    orders = [
        json.loads(line)
        for path in Path(f"{database}.spark/orders").glob("*.json")
        for line in path.read_text().splitlines()
    ]
    files = [order[1] for order in orders if order[0] == "file"]
    assert len(files) == len(set(files))  # each was ordered to be read once, in three runs
