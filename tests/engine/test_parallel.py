"""Several processes come to exactly what one comes to, and end cleanly where one of them dies."""

from __future__ import annotations

import asyncio
import os
import random
import signal
import subprocess
import sys
import time
from contextlib import closing, suppress
from pathlib import Path
from typing import Any

import msgspec
import pytest

from engine.tenant import contents
from risktui.config import Config
from risktui.engine import local, mate
from risktui.engine.local import LocalEngine
from risktui.engine.offspring import WorkerDiedError
from risktui.engine.parallel import ParallelEngine
from risktui.engine.run import scan_logs, watch_logs
from risktui.engine.setup import assemble
from risktui.logs import order
from risktui.logs.batch import Batch
from risktui.model.events import Event, SignIn
from risktui.store.database import reader
from simulator.logs import write_logs
from simulator.tenant import simulate

CLUMSY = '''"""Trips over every password that is changed."""
from risktui.detect import Answer, Detector, Event, Facts, KeyedState, PasswordChange


class Clumsy(Detector):
    """Raises."""

    risk_event_type = "x_clumsy"
    title = "Clumsy"
    watches = (PasswordChange,)

    def observe(self, event: Event, state: KeyedState, facts: Facts) -> Answer:
        """Trip."""
        raise KeyError(event.time)
'''
ROOT = str(Path(__file__).resolve().parents[2])
if ROOT not in sys.path:
    sys.path.append(ROOT)  # the simulator borrows the record writers of the sample logs
LATENESS_MS = 120_000
LOW_DAYS = 2
"""After which low risk is old, so that days that begin change something in these weeks."""


@pytest.fixture(scope="module")
def logs(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A small tenant's weeks; records out of order, some far too late, files told backwards."""
    folder = tmp_path_factory.mktemp("tenant")
    tenant = simulate(7, people=12, days=22, density=0.8)
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


async def _scan(kind: type[LocalEngine], database: Path, logs: Path, workers: int = 2) -> None:
    parts = assemble(Config())
    rules = msgspec.structs.replace(parts.rules, low_days=LOW_DAYS)
    parts = msgspec.structs.replace(parts, workers=workers, rules=rules)
    async with await kind.open(database, parts) as engine:
        await scan_logs(engine, [logs], lateness_ms=LATENESS_MS)


@pytest.fixture(scope="module")
def undisturbed(
    logs: Path, tmp_path_factory: pytest.TempPathFactory
) -> dict[str, list[tuple[Any, ...]]]:
    """What one process makes of it."""
    database = tmp_path_factory.mktemp("one") / "one.db"
    asyncio.run(_scan(LocalEngine, database, logs))
    return contents(database)


@pytest.mark.parametrize("workers", [1, 3])
async def test_several_processes_come_to_what_one_comes_to(
    tmp_path: Path,
    logs: Path,
    undisturbed: dict[str, list[tuple[Any, ...]]],
    workers: int,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(local, "COMMIT_EVENTS", 500)  # written while the next are read and judged
    database = tmp_path / "several.db"
    await _scan(ParallelEngine, database, logs, workers)
    assert len(undisturbed["detections"]) > 5
    assert contents(database) == undisturbed


async def test_an_event_that_cannot_be_passed_on_is_judged_in_its_turn(tmp_path: Path) -> None:
    found = {}
    for kind in (LocalEngine, ParallelEngine):
        events: list[Event] = [
            SignIn(time=1_000 + n, id=f"e{n}", user_id="u", error_code=2**70 if n == 1 else 0)
            for n in range(3)
        ]
        async with await kind.open(tmp_path / f"{kind.__name__}.db", assemble(Config())) as engine:
            await engine.take(Batch(events=events), commit=True)
        found[kind] = contents(tmp_path / f"{kind.__name__}.db")
    assert found[ParallelEngine] == found[LocalEngine]
    assert len(found[LocalEngine]["seen"]) == 3


async def test_people_who_turn_out_to_be_one_are_so_in_a_worker_too(tmp_path: Path) -> None:
    found, name = {}, "ada@contoso.com"
    for kind in (LocalEngine, ParallelEngine):
        events: list[Event] = [
            SignIn(time=1_000 + n, id=f"e{n}", user_id=id_, user_principal_name=name)
            for n, id_ in enumerate(("", "", "u-1", "u-1"))
        ]
        async with await kind.open(tmp_path / f"{kind.__name__}.db", assemble(Config())) as engine:
            await engine.take(Batch(events=events), commit=True)
        found[kind] = contents(tmp_path / f"{kind.__name__}.db")
    assert found[ParallelEngine] == found[LocalEngine]
    kept = {key: blob for stage, key, _, blob in found[LocalEngine]["states"] if stage == "user"}
    assert len(kept["u-1"]) > len(kept[name])  # what was kept under the name has gone over


async def test_a_backlog_is_followed_by_workers_also_by_those_of_a_new_configuration(
    tmp_path: Path,
    logs: Path,
    undisturbed: dict[str, list[tuple[Any, ...]]],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(order, "BATCH_EVENTS", 200)
    stop, pids = asyncio.Event(), set[int]()
    parts = msgspec.structs.replace(assemble(Config()), workers=2)
    async with await ParallelEngine.open(tmp_path / "x.db", parts) as engine:

        async def after_commit() -> None:
            if engine.status["engine.state"] == "live":
                stop.set()
            elif not pids:
                pids.update(engine.worker_pids)
                await engine.replace(assemble(Config()))

        await watch_logs(
            engine, [logs], stop=stop, after_commit=after_commit, lateness_ms=LATENESS_MS
        )
        assert pids
        assert pids.isdisjoint(engine.worker_pids)
    assert contents(tmp_path / "x.db")["detections"] == undisturbed["detections"]


async def test_what_a_strangers_detector_raises_in_a_worker_is_known_to_the_engine(
    tmp_path: Path, logs: Path
) -> None:
    (tmp_path / "clumsy.py").write_text(CLUMSY)
    said = {}
    for kind in (LocalEngine, ParallelEngine):
        parts = assemble(Config(), [tmp_path / "clumsy.py"])
        async with await kind.open(tmp_path / f"{kind.__name__}.db", parts) as engine:
            await scan_logs(engine, [logs], lateness_ms=LATENESS_MS)
        with closing(reader(tmp_path / f"{kind.__name__}.db")) as connection:
            query = "SELECT value FROM meta WHERE name = 'engine.failing'"
            said[kind] = connection.execute(query).fetchone()
    assert said[LocalEngine] is not None
    assert "x_clumsy" in said[LocalEngine][0]
    assert said[ParallelEngine] == said[LocalEngine]


async def test_a_worker_that_hangs_is_not_waited_for_without_end(
    tmp_path: Path, logs: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with await ParallelEngine.open(tmp_path / "x.db", assemble(Config())) as engine:
        monkeypatch.setattr(mate, "PATIENCE_SECONDS", 0.3)
        os.kill(engine.worker_pids[-1], signal.SIGSTOP)
        with pytest.raises(WorkerDiedError, match=r"SIGKILL: it has said nothing for 0 s"):
            await scan_logs(engine, [logs], lateness_ms=LATENESS_MS)


async def test_a_worker_that_is_killed_ends_the_run_and_the_next_one_goes_on(
    tmp_path: Path,
    logs: Path,
    undisturbed: dict[str, list[tuple[Any, ...]]],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(local, "COMMIT_EVENTS", 500)
    monkeypatch.setattr(order, "BATCH_EVENTS", 200)
    database = tmp_path / "x.db"
    parts = assemble(Config())
    taken: list[Batch] = []
    async with await ParallelEngine.open(database, parts) as engine:

        def kill(batch: Batch) -> None:
            taken.append(batch)
            if len(taken) == 8:
                os.kill(engine.worker_pids[-1], signal.SIGKILL)

        with pytest.raises(WorkerDiedError, match=r"was ended by SIGKILL.*read again"):
            await scan_logs(engine, [logs], lateness_ms=LATENESS_MS, progress=kill)
        with pytest.raises(WorkerDiedError):
            await engine.flush()  # never a part of what there is
    assert 0 < len(contents(database)["seen"]) < len(undisturbed["seen"])
    await _scan(LocalEngine, database, logs)
    assert contents(database) == undisturbed


@pytest.mark.skipif(not Path("/proc/self").exists(), reason="looks for processes in /proc")
def test_however_the_engine_is_ended_its_workers_end_and_the_next_run_goes_on(
    tmp_path: Path, logs: Path, undisturbed: dict[str, list[tuple[Any, ...]]]
) -> None:
    database = tmp_path / "x.db"
    command = [sys.executable, "-m", "risktui", "scan", str(logs), "--db", str(database)]
    command += ["--engine", "parallel", "--workers"]
    process, workers = _begun([*command, "3"], 3)
    process.kill()
    process.communicate(timeout=60)
    _await_end(workers)
    process, workers = _begun([*command, "1"], 1)
    os.kill(workers[0], signal.SIGTERM)  # to all at once, as who ends a service does: the engine's
    process.send_signal(signal.SIGINT)
    _, words = process.communicate(timeout=60)
    assert process.returncode == 130, words.decode()
    assert b"Traceback" not in words
    assert not any(Path(f"/proc/{pid}").exists() for pid in workers)
    subprocess.run([*command, "3"], check=True, capture_output=True, timeout=100)
    assert contents(database) == undisturbed


def _begun(command: list[str], workers: int) -> tuple[subprocess.Popen[bytes], list[int]]:
    # Tests that run in the background ignore ctrl+c, and so would whatever they start.
    ours = signal.signal(signal.SIGINT, signal.default_int_handler)
    process = subprocess.Popen(command, stderr=subprocess.PIPE, start_new_session=True)
    signal.signal(signal.SIGINT, ours)
    deadline = time.monotonic() + 60
    while len(found := _children(process.pid)) < workers and time.monotonic() < deadline:
        time.sleep(0.02)
    assert len(found) == workers
    return process, found


def _await_end(pids: list[int]) -> None:
    deadline = time.monotonic() + 60
    while any(Path(f"/proc/{pid}").exists() for pid in pids):
        assert time.monotonic() < deadline
        time.sleep(0.02)


def _children(pid: int) -> list[int]:
    """Processes that were started by `pid`."""
    found = []
    for path in Path("/proc").glob("[0-9]*/stat"):
        with suppress(OSError):
            fields = path.read_text().rpartition(")")[2].split()
            if int(fields[1]) == pid:
                found.append(int(path.parent.name))
    return found
