"""The whole way: a line in a log, a running engine, a mail in a mailbox; and a kill in between."""

from __future__ import annotations

import os
import signal
import sqlite3
import subprocess
import sys
import time
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest

from engine.tenant import TOR, append, configuration, log_file, record

PATIENCE = 60.0


def _start(folder: Path) -> subprocess.Popen[bytes]:
    arguments = ["watch", str(folder / "logs"), "--db", str(folder / "x.db")]
    arguments += ["--config", str(folder / "risktui.toml")]
    return subprocess.Popen(
        [sys.executable, "-m", "risktui", *arguments],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
    )


def _until(met: Callable[[], bool], process: subprocess.Popen[bytes]) -> None:
    deadline = time.monotonic() + PATIENCE
    while not met():
        assert process.poll() is None, process.stderr and process.stderr.read().decode()
        assert time.monotonic() < deadline, "nothing came"
        time.sleep(0.02)


def _stop(process: subprocess.Popen[bytes], number: int = signal.SIGTERM) -> None:
    os.kill(process.pid, number)
    process.communicate(timeout=PATIENCE)


@pytest.fixture
def tenant(tmp_path: Path) -> Path:
    config = configuration(tmp_path)
    config.write_text(
        config.read_text()
        + '[notify]\nbatch_seconds = 0.5\n[notify.eml]\nfolder = "mails"\nlevel = "low"\n'
    )
    log_file(tmp_path / "logs").touch()
    return tmp_path


def _mails(tenant: Path) -> list[str]:
    return sorted(path.read_text() for path in (tenant / "mails").glob("*.eml"))


def test_a_line_in_a_log_becomes_a_mail_while_the_engine_runs(tenant: Path) -> None:
    engine = _start(tenant)
    _until((tenant / "x.db").exists, engine)
    append(log_file(tenant / "logs"), record(1, "carol", TOR, "2026-03-02T09:05:00"))
    _until(lambda: len(_mails(tenant)) == 1, engine)
    _stop(engine)
    assert "carol@contoso.com at" in _mails(tenant)[0]


def test_an_engine_that_is_killed_before_it_could_send_sends_after_its_restart(
    tenant: Path,
) -> None:
    slow = (tenant / "risktui.toml").read_text().replace("0.5", "3600")
    (tenant / "risktui.toml").write_text(slow)  # held for an hour: not sent before the kill
    append(log_file(tenant / "logs"), record(1, "carol", TOR, "2026-03-02T09:05:00"))
    engine = _start(tenant)
    _until(lambda: _waiting(tenant) == 1, engine)
    _stop(engine, signal.SIGKILL)
    assert _mails(tenant) == []
    done = subprocess.run(
        [
            *(sys.executable, "-m", "risktui", "notify", "send"),
            *("--db", str(tenant / "x.db"), "--config", str(tenant / "risktui.toml")),
        ],
        capture_output=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr.decode()
    assert len(_mails(tenant)) == 1


def _waiting(tenant: Path) -> int:
    try:
        with closing(sqlite3.connect(f"file:{tenant}/x.db?mode=ro", uri=True)) as connection:
            rows = connection.execute("SELECT count(*) FROM deliveries WHERE state = 'waiting'")
            return int(rows.fetchone()[0])
    except sqlite3.OperationalError:
        return 0  # not made yet
