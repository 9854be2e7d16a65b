"""The line that says how far a scan is leaves the terminal as it found it."""

from __future__ import annotations

import io
import os
import sys
from pathlib import Path

import pytest

from engine.tenant import HOME, append, configuration, log_file, record
from risktui import config
from risktui.cli.summary import Progress
from risktui.engine.local import LocalEngine
from risktui.engine.setup import assemble
from risktui.logs.batch import Batch, Position


async def test_of_the_file_that_is_read_the_end_of_its_path_is_shown(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("risktui.cli.summary.EVERY_SECONDS", 0.0)
    monkeypatch.setenv("COLUMNS", "80")
    monkeypatch.setattr("sys.stdout", io.TextIOWrapper(io.BytesIO(), "utf-8"))
    log = log_file(tmp_path / "logs")
    append(log, record(1, "carol", HOME, "2026-03-02T09:00:00"))
    parts = assemble(config.load(configuration(tmp_path)))
    ours, its = os.openpty()
    with os.fdopen(its, "w", encoding="utf-8") as terminal:
        async with await LocalEngine.open(tmp_path / "risktui.db", parts) as engine:
            monkeypatch.setattr(sys, "stderr", terminal)
            with Progress(engine, [tmp_path / "logs"]) as progress:
                progress.show(Batch(origins=[(str(log), 0)], positions=[Position(str(log), 1)]))
    said = os.read(ours, 1_000).decode()
    os.close(ours)
    shown = next(line for line in said.split("\r\x1b[K") if "/s" in line)
    assert shown.endswith("h=09/m=00/PT1H.json")
    assert len(shown) <= 77


async def test_ctrl_c_leaves_nothing_of_the_line(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    logs = tmp_path / "logs"
    log_file(logs).write_text("{}\n")
    parts = assemble(config.load(configuration(tmp_path)))
    ours, its = os.openpty()
    with os.fdopen(its, "w") as terminal:
        async with await LocalEngine.open(tmp_path / "risktui.db", parts) as engine:
            monkeypatch.setattr(sys, "stderr", terminal)
            with pytest.raises(KeyboardInterrupt), Progress(engine, [logs]):
                raise KeyboardInterrupt
    said = os.read(ours, 1_000)
    os.close(ours)
    assert b"looking at 1 file" in said
    assert said.endswith(b"\r\x1b[K")
