"""What somebody at a terminal sees while a scan lasts, and a pipe never does."""

from __future__ import annotations

import os
import pty
import re
import subprocess
import sys
from pathlib import Path

from risktui.content import content

SAMPLES = content("sample_logs")


def _scan(folder: Path, stderr: int) -> subprocess.Popen[bytes]:
    return subprocess.Popen(
        [
            *(sys.executable, "-m", "risktui", "scan", str(SAMPLES / "logs")),
            *("--config", str(SAMPLES / "risktui.toml"), "--db", str(folder / "x.db")),
        ],
        stdout=subprocess.DEVNULL,
        stderr=stderr,
        env={**os.environ, "COLUMNS": "100"},
    )


def test_a_terminal_is_told_how_far_how_fast_and_where(tmp_path: Path) -> None:
    ours, theirs = pty.openpty()
    with _scan(tmp_path, theirs) as process:
        os.close(theirs)
        shown = b""
        while True:
            try:
                piece = os.read(ours, 4096)
            except OSError:  # Linux's way to say that nobody writes any more
                break
            if not piece:
                break
            shown += piece
        assert process.wait(60) == 0
    os.close(ours)
    text = shown.decode()
    assert re.search(r"looking at \d+ files", text)
    assert re.search(r" ?\d+%  [\d,]+ records, [\d,]+/s  \d+ \w+ left  \S+", text), text[-600:]
    lines = [each for each in text.split("\r") if each.startswith("\x1b[K")]
    assert all(len(each.splitlines()[0]) < 110 for each in lines)  # it fits and is written over
    assert text.count("\x1b[K") >= 3


def test_a_pipe_is_not(tmp_path: Path) -> None:
    with _scan(tmp_path, subprocess.PIPE) as process:
        _, said = process.communicate(timeout=60)
    assert b"\r" not in said
    assert b"\x1b" not in said
