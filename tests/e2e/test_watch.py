"""The engine as a service: follows real files in a process of its own."""

from __future__ import annotations

import json
import os
import queue
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from engine.tenant import HOME, TOR, append, configuration, contents, log_file, record

PATIENCE = 60.0
"""Seconds until a test gives up; what is waited for takes milliseconds."""


class Watch:
    """A running `risktui watch --json` and the lines it prints."""

    def __init__(self, folder: Path, *arguments: str) -> None:
        self.database = folder / "risktui.db"
        self.config = configuration(folder)
        self.process = subprocess.Popen(
            [
                *(sys.executable, "-m", "risktui", "watch", str(folder / "logs"), "--json"),
                *("--db", str(self.database), "--config", str(self.config), *arguments),
            ],
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
        )
        self._lines: queue.Queue[bytes] = queue.Queue()
        threading.Thread(target=self._read, daemon=True).start()

    def _read(self) -> None:
        assert self.process.stdout is not None
        for line in self.process.stdout:
            self._lines.put(line)

    def line(self) -> dict[str, Any]:
        """The next line, waited for."""
        found: dict[str, Any] = json.loads(self._lines.get(timeout=PATIENCE))
        return found

    def stop(self, number: int = signal.SIGTERM) -> str:
        """End it; what it said on stderr comes back."""
        self.process.send_signal(number)
        self.process.wait(PATIENCE)
        assert self.process.stderr is not None
        return self.process.stderr.read().decode()


@pytest.fixture
def log(tmp_path: Path) -> Path:
    path = log_file(tmp_path / "logs")
    append(path, record(1, "carol", HOME, "2026-03-02T09:00:00"))
    return path


@pytest.fixture
def watch(tmp_path: Path, log: Path) -> Iterator[Watch]:
    running = Watch(tmp_path, "--emit", "detections,users,history")
    yield running
    if running.process.poll() is None:
        running.process.kill()
        running.process.wait()
    for pipe in (running.process.stdout, running.process.stderr):
        if pipe is not None:
            pipe.close()


def _command(watch: Watch, *arguments: str) -> subprocess.CompletedProcess[str]:
    options = ["--db", str(watch.database), "--config", str(watch.config)]
    return subprocess.run(
        [sys.executable, "-m", "risktui", *arguments, *options],
        capture_output=True,
        text=True,
        check=False,
        timeout=PATIENCE,
    )


def test_an_appended_line_comes_out_as_a_graph_detection(watch: Watch, log: Path) -> None:
    append(log, record(2, "carol", TOR, "2026-03-02T09:05:00"))
    detection = watch.line()
    assert detection["@odata.type"] == "#microsoft.graph.riskDetection"
    assert detection["riskEventType"] == "anonymizedIPAddress"
    assert detection["userPrincipalName"] == "carol@contoso.com"
    assert detection["activityDateTime"] == "2026-03-02T09:05:00.000Z"
    assert detection["risktui"]["explanation"]["evidence"]
    assert watch.line()["@odata.type"] == "#microsoft.graph.riskyUser"
    assert watch.line()["@odata.type"] == "#microsoft.graph.riskyUserHistoryItem"


def test_a_line_written_in_two_pieces_is_read_when_it_is_whole(watch: Watch, log: Path) -> None:
    whole = json.dumps(record(2, "carol", TOR, "2026-03-02T09:05:00")) + "\n"
    with log.open("a") as file:
        file.write(whole[:200])
        file.flush()
        file.write(whole[200:])
    assert watch.line()["userPrincipalName"] == "carol@contoso.com"
    assert "0 quarantined" in watch.stop()


def test_a_malformed_record_is_quarantined_and_the_run_goes_on(watch: Watch, log: Path) -> None:
    with log.open("a") as file:
        file.write('{"category": "SignInLogs", "properties": {"id":\n')
    append(log, record(3, "bob", TOR, "2026-03-02T09:06:00"))
    assert watch.line()["userPrincipalName"] == "bob@contoso.com"
    assert "1 quarantined" in watch.stop()
    said = _command(watch, "doctor").stdout
    assert "quarantine     1 record" in said
    assert "PT1H.json @" in said


def test_sigterm_ends_it_cleanly_with_everything_committed(watch: Watch, log: Path) -> None:
    append(log, record(2, "carol", TOR, "2026-03-02T09:05:00"))
    watch.line()
    watch.stop()
    assert watch.process.returncode == 0
    assert len(contents(watch.database)["detections"]) == 1


def test_a_second_engine_on_the_same_database_is_refused(watch: Watch, log: Path) -> None:
    append(log, record(2, "carol", TOR, "2026-03-02T09:05:00"))
    watch.line()  # it runs
    refused = _command(watch, "watch", str(log.parent))
    assert refused.returncode == 1
    assert f"process {watch.process.pid} is the engine already" in refused.stderr


def test_a_verdict_from_another_process_is_applied_and_printed(watch: Watch, log: Path) -> None:
    append(log, record(2, "carol", TOR, "2026-03-02T09:05:00"))
    for _ in range(3):
        watch.line()
    done = _command(watch, "dismiss", "carol@contoso.com", "--note", "pen test", "--json")
    assert done.returncode == 0, done.stderr
    assert "at risk -> dismissed" in done.stderr
    assert json.loads(done.stdout)["riskState"] == "dismissed"
    lines = [watch.line() for _ in range(3)]
    assert [line.get("riskState") for line in lines] == ["dismissed"] * 3
    assert lines[2]["risktui"]["note"] == "pen test"


def test_a_reader_that_has_seen_enough_ends_it_without_a_traceback(
    tmp_path: Path, log: Path
) -> None:
    append(log, *(record(n, f"u{n}", TOR, "2026-03-02T09:05:00") for n in range(2, 400)))
    config = configuration(tmp_path)
    command = f"{sys.executable} -m risktui scan {log.parent} --json --config {config} | head -1"
    done = subprocess.run(
        ["bash", "-o", "pipefail", "-c", command],
        capture_output=True,
        text=True,
        check=False,
        timeout=PATIENCE,
        env={**os.environ},
    )
    assert done.stdout.count("\n") == 1
    assert done.returncode == 0  # of the whole pipe
    assert "Traceback" not in done.stderr
    assert "Broken" not in done.stderr
