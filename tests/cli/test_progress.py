"""The line that says how far a scan is leaves the terminal as it found it."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import pytest

from engine.tenant import configuration, log_file
from risktui import config
from risktui.cli.summary import Progress
from risktui.engine.local import LocalEngine
from risktui.engine.setup import assemble


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
