"""Messages of a stream come to what the same lines come to in a file, whatever dies on the way."""

from __future__ import annotations

import asyncio
import json
import os
import queue
import shutil
import signal
import subprocess
import sys
import threading
from importlib.util import find_spec
from pathlib import Path
from typing import IO, Any, Self

import pytest

from engine.tenant import HOME, TOR, append, configuration, contents, record
from risktui import config as settings
from risktui.engine.local import LocalEngine
from risktui.engine.run import scan_logs
from risktui.engine.setup import assemble

pytestmark = [
    pytest.mark.skipif(find_spec("pyspark") is None, reason="pyspark is not installed"),
    pytest.mark.skipif(shutil.which("java") is None, reason="there is no java"),
    pytest.mark.timeout(900),
]
PATIENCE = 400
"""Seconds; Spark takes its time on a busy machine."""
OTHER_TOR = "198.51.100.99"
USUAL = [record(n, "carol", HOME, f"2026-03-02T09:{n:02d}:00") for n in range(5)]
FIRST = [*USUAL, record(8, "carol", TOR, "2026-03-02T09:20:00")]
SECOND = [
    FIRST[2],  # once more, which counts once
    record(10, "alice", TOR, "2026-03-02T09:31:00"),
    record(9, "carol", HOME, "2026-03-02T09:30:00"),  # late
]
THIRD = [record(20, "bob", OTHER_TOR, "2026-03-02T10:00:00")]


class Watch:
    """`risktui watch` on a topic, its process and all of Spark's."""

    def __init__(self, folder: Path, *arguments: str) -> None:
        command = [sys.executable, str(Path(__file__).with_name("broker.py")), "watch"]
        command += ["--engine", "spark", "--buckets", "2", "--json", "--db", str(folder / "s.db")]
        command += ["--kafka", f"kafka.bootstrap.servers={folder}", "--kafka", "subscribe=topic"]
        command += ["--config", str(folder / "risktui.toml"), *arguments]
        self._process = subprocess.Popen(
            command,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            start_new_session=True,
            env={**os.environ, "HOME": str(folder)},
        )
        assert self._process.stdout is not None
        assert self._process.stderr is not None
        self.lines = _read(self._process.stdout)
        self.words = _read(self._process.stderr)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        if self._process.poll() is None:
            os.killpg(self._process.pid, signal.SIGKILL)
        self._process.wait()

    def detection(self, who: str) -> dict[str, Any]:
        """The next of theirs."""
        while True:
            line = self.lines.get(timeout=PATIENCE)
            assert line, "".join(self.words.queue)
            found: dict[str, Any] = json.loads(line)
            if str(found["userPrincipalName"]).startswith(who):
                return found

    def says(self, words: str) -> None:
        while words not in (line := self.words.get(timeout=PATIENCE)):
            assert line, f"{words!r} was never said"

    def signal(self, number: int) -> None:
        os.kill(self._process.pid, number)

    def kill(self) -> None:
        os.killpg(self._process.pid, signal.SIGKILL)
        self._process.wait()

    def end(self) -> int:
        self._process.terminate()
        return self._process.wait(PATIENCE)


def _read(pipe: IO[str]) -> queue.Queue[str]:
    lines: queue.Queue[str] = queue.Queue()

    def read() -> None:
        with pipe:
            for line in pipe:
                lines.put(line)
            lines.put("")

    threading.Thread(target=read, daemon=True).start()
    return lines


def test_a_topic_is_judged_once_through_a_kill_and_a_new_configuration(tmp_path: Path) -> None:
    path = configuration(tmp_path)
    path.write_text("[sources]\nlateness_seconds = 1\n" + path.read_text())
    append(tmp_path / "topic", *FIRST)
    with Watch(tmp_path) as watch:
        assert watch.detection("carol")["riskState"] == "atRisk"
        append(tmp_path / "topic", *SECOND)
        watch.kill()
    with Watch(tmp_path) as watch:
        watch.detection("alice")
        found = {**contents(tmp_path / "s.db")}
        (tmp_path / "tor.txt").write_text(f"{TOR}\n{OTHER_TOR}\n")
        watch.signal(signal.SIGHUP)
        watch.says("configuration reloaded")
        append(tmp_path / "topic", *THIRD)
        assert watch.detection("bob")["ipAddress"] == OTHER_TOR
        assert watch.end() == 0
    (tmp_path / "tor.txt").write_text(f"{TOR}\n")
    expected = asyncio.run(_locally(tmp_path))
    for table in ("detections", "users", "history", "suppressions"):
        assert found[table] == expected[table], table


async def _locally(folder: Path) -> dict[str, list[tuple[Any, ...]]]:
    for name, records in (("1", FIRST), ("2", SECOND)):
        (folder / name).mkdir()
        append(folder / name / "log.json", *records)
        async with await LocalEngine.open(
            folder / "local.db", assemble(settings.load(folder / "risktui.toml"))
        ) as engine:
            await scan_logs(engine, [folder / name], lateness_ms=1000)
    return contents(folder / "local.db")


def test_without_the_connector_the_package_to_add_is_named(tmp_path: Path) -> None:
    configuration(tmp_path)
    command = [sys.executable, "-m", "risktui", "watch", "--engine", "spark"]
    command += ["--db", str(tmp_path / "s.db"), "--config", str(tmp_path / "risktui.toml")]
    command += ["--kafka", "kafka.bootstrap.servers=127.0.0.1:9", "--kafka", "subscribe=signins"]
    done = subprocess.run(command, capture_output=True, text=True, timeout=PATIENCE, check=False)
    assert done.returncode == 2, done.stderr
    assert "spark.jars.packages=org.apache.spark:spark-sql-kafka-0-10_2.13:" in done.stderr
