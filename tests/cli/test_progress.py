"""The line that says how far logs are read leaves the terminal as it found it."""

from __future__ import annotations

import io
import os
import sys
from contextlib import suppress
from pathlib import Path

import pytest

from cli.test_scan import run
from cli.travellers import write_logs
from engine.tenant import HOME, append, log_file, record
from risktui.cli.summary import Progress
from risktui.logs.batch import Batch, Position


def test_of_the_file_that_is_read_the_end_of_its_path_is_shown(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("risktui.cli.summary.EVERY_SECONDS", 0.0)
    monkeypatch.setenv("COLUMNS", "80")
    monkeypatch.setattr("sys.stdout", io.TextIOWrapper(io.BytesIO(), "utf-8"))
    log = log_file(tmp_path / "logs")
    append(log, record(1, "carol", HOME, "2026-03-02T09:00:00"))
    ours, its = os.openpty()
    with os.fdopen(its, "w", encoding="utf-8") as terminal:
        monkeypatch.setattr(sys, "stderr", terminal)
        with Progress([tmp_path / "logs"]) as progress:
            progress.show(Batch(origins=[(str(log), 0)], positions=[Position(str(log), 1)]))
    said = _shown(ours).decode()
    shown = next(line for line in said.split("\r\x1b[K") if "/s" in line)
    assert shown.endswith("h=09/m=00/PT1H.json")
    assert len(shown) <= 77


def test_ctrl_c_leaves_nothing_of_the_line(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    logs = tmp_path / "logs"
    log_file(logs).write_text("{}\n")
    ours, its = os.openpty()
    with os.fdopen(its, "w") as terminal:
        monkeypatch.setattr(sys, "stderr", terminal)
        with pytest.raises(KeyboardInterrupt), Progress([logs]):
            raise KeyboardInterrupt
    said = _shown(ours)
    assert b"looking at 1 file" in said
    assert said.endswith(b"\r\x1b[K")


@pytest.mark.parametrize(
    "command",
    [
        ("backtest", "--set", "detectors.newCountry.learning_days=9"),
        ("tune",),
        ("why-not", "--user", "nobody", "--type", "newCountry", "--at", "2026-03-02"),
        ("db", "rebuild"),
    ],
    ids=lambda command: command[0],
)
def test_whatever_lives_through_logs_again_says_how_far_it_is(
    command: tuple[str, ...], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    logs = write_logs(tmp_path)
    options = ("--config", tmp_path / "risktui.toml", "--db", tmp_path / "x.db")
    run("scan", logs, *options)
    run("confirm-safe", "traveller8", *options)
    monkeypatch.setattr("risktui.cli.summary.EVERY_SECONDS", 0.0)
    monkeypatch.setattr("click.testing._NamedTextIOWrapper.isatty", lambda _: True, raising=False)
    said = run(*command, *options)
    assert said.exit_code == 0, said.stderr
    assert "\r\x1b[Klooking at 1 file\r\x1b[K" in said.stderr
    assert "/s" in said.stderr


def _shown(terminal: int) -> bytes:
    """All that was written to a terminal that is closed by now: one read may get less."""
    said = b""
    with suppress(OSError):  # the end of a terminal is an error
        while piece := os.read(terminal, 1_000):
            said += piece
    os.close(terminal)
    return said
