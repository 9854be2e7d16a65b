"""A notebook's streams and tables come to what a scan comes to, and a console opens them."""

from __future__ import annotations

import asyncio
import json
import shutil
import subprocess
import sys
from contextlib import closing
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import pytest

from engine.tenant import HOME, contents, record
from risktui.config import Config
from risktui.engine.local import LocalEngine
from risktui.engine.run import scan_logs
from risktui.engine.setup import assemble
from risktui.model.events import Verdict
from risktui.settings import People
from risktui.store.database import reader

ROOT = Path(__file__).resolve().parents[2]
if str(ROOT) not in sys.path:
    sys.path.append(str(ROOT))  # the simulator borrows the record writers of the sample logs

from simulator.logs import write_logs  # noqa: E402
from simulator.tenant import simulate  # noqa: E402

pytestmark = [
    pytest.mark.skipif(find_spec("pyspark") is None, reason="pyspark is not installed"),
    pytest.mark.skipif(shutil.which("java") is None, reason="there is no java"),
    pytest.mark.timeout(900),
]
GRAPH = [
    *("id", "requestId", "correlationId", "riskEventType", "riskState", "riskLevel", "riskDetail"),
    *("source", "detectionTimingType", "activity", "tokenIssuerType", "ipAddress", "userId"),
    *("userDisplayName", "userPrincipalName", "additionalInfo", "activityDateTime"),
    *("detectedDateTime", "lastUpdatedDateTime", "location", "risktui"),
]
"""The properties of Graph's riskDetection, and our own."""
Databases = dict[str, dict[str, list[tuple[Any, ...]]]]


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Two halves of a tenant's weeks, what a scan makes of them, and a notebook's doings."""
    folder = tmp_path_factory.mktemp("notebook")
    tenant = simulate(7, people=20, days=16, density=0.6)
    middle = tenant.events[len(tenant.events) // 2].time
    half = len([event for event in tenant.events if event.time < middle])
    write_logs(folder / "first", tenant.events[:half], tenant.company)
    write_logs(folder / "second", tenant.events[half:], tenant.company)
    # What ends a stream waits for later events, so there is a later one.
    last = record(1, "last", HOME, "2031-01-01T00:00:00")
    (folder / "second" / "last.json").write_text(json.dumps(last) + "\n")
    for name in ("first", "second"):  # a folder of the same name holds both in the end
        for path in sorted((folder / name).rglob("P1D.json")):
            path.rename(path.with_name(f"{name}.json"))
    asyncio.run(_scan(folder))
    (folder / "verdicts").mkdir()
    with closing(reader(folder / "local.db")) as connection:
        (user,) = connection.execute(
            "SELECT id FROM users WHERE risk_state = 'atRisk' ORDER BY id LIMIT 1"
        ).fetchone()
    verdict = Verdict(
        time=1_930_000_000_000, id="verdict-1", user_id=user, author="dora", action="dismiss"
    )
    from risktui.engine.spark.handed import hand_in  # it is not for environments without Spark

    hand_in(folder / "verdicts", verdict)
    command = [sys.executable, str(Path(__file__).with_name("notebook.py")), str(folder)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=800, check=False)
    assert done.returncode == 0, done.stderr[-4000:]
    return folder


async def _scan(folder: Path) -> None:
    async with await LocalEngine.open(folder / "local.db", assemble(Config())) as engine:
        await scan_logs(engine, [folder / "first", folder / "second"], lateness_ms=120_000)


def _detections(database: Path) -> dict[str, dict[str, Any]]:
    with closing(reader(database)) as connection:
        rows = connection.execute("SELECT id, detection FROM detections")
        return {key: json.loads(body) for key, body in rows}


def _rows(path: Path) -> dict[str, dict[str, Any]]:
    """The latest row of each detection."""
    rows = [json.loads(line) for line in path.read_text().splitlines()]
    return {row["id"]: row for row in rows}


@pytest.mark.parametrize("name", ["stream", "batch"])
def test_detect_gives_what_a_scan_finds_with_graphs_names(folder: Path, name: str) -> None:
    expected, found = _detections(folder / "local.db"), _rows(folder / f"{name}.jsonl")
    assert len(expected) > 3
    assert set(found) == set(expected)
    for key, row in found.items():
        for field in ("riskEventType", "riskLevel", "riskState", "userId", "ipAddress"):
            assert (row[field] or "") == expected[key].get(field, ""), (key, field)
        assert json.loads(row["risktui"])["count"] == expected[key]["count"]


def test_the_columns_are_graphs(folder: Path) -> None:
    assert json.loads((folder / "columns.json").read_text()) == GRAPH


def test_a_console_sees_of_a_streams_folder_what_a_scan_comes_to(folder: Path) -> None:
    from risktui.engine.spark.source import Results

    with Results(folder / "own.db", folder / "lake", People()) as results:
        results.refresh()
    found, expected = contents(folder / "own.db"), contents(folder / "local.db")
    for table in ("detections", "users", "suppressions"):
        assert found[table] == expected[table], table
    assert sorted(item for _, item in found["history"]) == sorted(
        item for _, item in expected["history"]
    )


def test_a_decision_beside_the_logs_is_heard_by_the_run(folder: Path) -> None:
    from risktui.engine.spark.source import Results

    with Results(folder / "judged.db", folder / "judged", People()) as results:
        results.refresh()
    with closing(reader(folder / "judged.db")) as connection:
        rows = connection.execute("SELECT risk_state FROM users").fetchall()
        items = [json.loads(item) for (item,) in connection.execute("SELECT item FROM history")]
    assert ("dismissed",) in rows
    (heard,) = [item for item in items if item.get("initiatedBy") == "dora"]
    assert heard["riskDetail"] == "adminDismissedAllRiskForUser"
