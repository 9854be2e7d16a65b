"""`risktui watch` as a service among others: slow readers, systemd, a new configuration."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from engine.tenant import HOME, TOR, append, configuration, log_file, record
from risktui.store import outbox
from risktui.store.database import reader

PATIENCE = 60.0
MANY = 200
"""Lines of several KB each: far more than a pipe holds."""


class Service:
    """A running `risktui watch`; nobody reads its stdout unless the test does."""

    def __init__(self, folder: Path, *arguments: str, **environment: str) -> None:
        self.folder = folder
        self.database = folder / "risktui.db"
        self.said = folder / "stderr.txt"
        config = folder / "risktui.toml"
        if not config.exists():
            configuration(folder)
        with self.said.open("wb") as words:
            self.process = subprocess.Popen(
                [
                    *(sys.executable, "-m", "risktui", "watch", *arguments),
                    *("--db", str(self.database), "--config", str(config)),
                ],
                stdout=subprocess.PIPE,
                stderr=words,
                stdin=subprocess.DEVNULL,
                env={**os.environ, **environment},
                start_new_session=True,  # without a terminal, as a service is
            )

    def until(self, what: Callable[[], Any]) -> Any:
        """Wait until `what` is true; its value comes back."""
        deadline = time.monotonic() + PATIENCE
        while time.monotonic() < deadline:
            found = what()
            if found:
                return found
            assert self.process.poll() is None, self.said.read_text()
            time.sleep(0.02)
        raise AssertionError(self.said.read_text())

    def says(self, words: str) -> None:
        self.until(lambda: words in self.said.read_text())

    def committed(self, kind: str = "detection") -> int:
        with closing(reader(self.database)) as connection:
            query = "SELECT count(*) FROM outbox WHERE kind = ?"
            return int(connection.execute(query, (kind,)).fetchone()[0])

    def lines(self, count: int) -> list[dict[str, Any]]:
        assert self.process.stdout is not None
        return [json.loads(self.process.stdout.readline()) for _ in range(count)]

    def end(self, number: int = signal.SIGTERM) -> int:
        self.process.send_signal(number)
        return self.process.wait(PATIENCE)


@pytest.fixture
def start(tmp_path: Path) -> Iterator[Callable[..., Service]]:
    started: list[Service] = []

    def start(*arguments: str, **environment: str) -> Service:
        started.append(Service(tmp_path, *arguments, **environment))
        return started[-1]

    yield start
    for service in started:
        if service.process.poll() is None:
            service.process.kill()
        service.process.wait()
        assert service.process.stdout is not None
        service.process.stdout.close()


@pytest.fixture
def logs(tmp_path: Path) -> str:
    append(log_file(tmp_path / "logs"), record(1, "carol", HOME, "2026-03-02T09:00:00"))
    return str(tmp_path / "logs")


def _incidents(logs: str, first: int, count: int) -> None:
    append(
        log_file(Path(logs)),
        *(record(n, f"u{n}", TOR, "2026-03-02T09:05:00") for n in range(first, first + count)),
    )


def _names(found: list[dict[str, Any]]) -> list[str]:
    return [line["userPrincipalName"].split("@")[0] for line in found]


def _memory(service: Service) -> int:
    """Resident pages."""
    return int(Path(f"/proc/{service.process.pid}/statm").read_text().split()[1])


def test_a_reader_that_sleeps_loses_nothing_and_holds_nobody_up(
    start: Callable[..., Service], logs: str
) -> None:
    service = start(logs, "--json")
    service.says("watching")
    _incidents(logs, 100, MANY)
    service.until(lambda: service.committed() >= MANY)  # though nobody has read a line
    _incidents(logs, 1000, 3)
    service.until(lambda: service.committed() >= MANY + 3)
    assert _names(service.lines(MANY + 3)) == [
        f"u{n}" for n in (*range(100, 100 + MANY), *range(1000, 1003))
    ]
    assert service.end() == 0
    assert "Traceback" not in service.said.read_text()


def test_what_a_sleeping_reader_leaves_lies_on_disk_not_in_memory(
    start: Callable[..., Service], logs: str
) -> None:
    service = start(logs, "--json")
    service.says("watching")
    _incidents(logs, 100, 200)
    service.until(lambda: service.committed() >= 200)
    before = _memory(service)
    _incidents(logs, 1000, 900)
    service.until(lambda: service.committed() >= 1100)
    assert (_memory(service) - before) * os.sysconf("SC_PAGE_SIZE") < 48 * 1024 * 1024


def test_a_killed_reader_comes_back_by_name_and_misses_nothing(
    start: Callable[..., Service], logs: str
) -> None:
    _incidents(logs, 100, MANY)
    first = start(logs, "--resume", "siem")
    seen = _names(first.lines(37))
    first.process.kill()
    first.process.wait()
    _incidents(logs, 1000, 3)
    second = start(logs, "--resume", "siem")
    wanted = {f"u{n}" for n in (*range(100, 100 + MANY), *range(1000, 1003))}
    again: list[str] = []
    while "u1002" not in again:
        again += _names(second.lines(1))
    assert {*seen, *again} == wanted
    assert second.end() == 0


def test_a_reader_that_never_reads_does_not_keep_a_service_from_ending(
    start: Callable[..., Service], logs: str
) -> None:
    service = start(logs, "--resume", "siem")
    service.says("watching")
    _incidents(logs, 100, MANY)
    service.until(lambda: service.committed() >= MANY)
    assert service.end() == 0
    assert "the reader of stdout does not read; --resume siem goes on" in service.said.read_text()


def test_a_reader_that_goes_away_ends_it_quietly(start: Callable[..., Service], logs: str) -> None:
    service = start(logs, "--json")
    _incidents(logs, 100, 3)
    service.lines(1)
    assert service.process.stdout is not None
    service.process.stdout.close()
    _incidents(logs, 200, 3)
    assert service.process.wait(PATIENCE) == 0
    said = service.said.read_text()
    assert "Traceback" not in said
    assert "Broken" not in said


def test_a_second_process_prints_what_the_engine_finds(
    start: Callable[..., Service], logs: str
) -> None:
    engine = start(logs)
    engine.says("watching")
    reading = start("--attach", "--resume", "siem", "-f", "ecs")
    _incidents(logs, 100, 2)
    assert [line["event"]["kind"] for line in reading.lines(2)] == ["alert", "alert"]
    assert reading.end() == 0
    with closing(reader(engine.database)) as connection:
        cursors = {cursor.name: cursor.waiting for cursor in outbox.cursors(connection)}
    assert cursors["siem"] == 0
    assert engine.process.poll() is None


def test_who_attaches_to_nothing_that_runs_is_told(
    start: Callable[..., Service], logs: str
) -> None:
    engine = start(logs)
    engine.says("watching")
    assert engine.end() == 0
    reading = start("--attach", "--json")
    reading.says("no engine runs on it now")
    assert reading.end() == 0


def test_a_reader_without_a_name_is_forgotten_when_it_ends(
    start: Callable[..., Service], logs: str
) -> None:
    service = start(logs, "--json")
    _incidents(logs, 100, 1)
    service.lines(1)
    with closing(reader(service.database)) as connection:
        assert [cursor.name for cursor in outbox.cursors(connection)] == [
            f"stdout of process {service.process.pid}"
        ]
    service.end()
    with closing(reader(service.database)) as connection:
        assert outbox.cursors(connection) == []


def test_a_reader_that_was_killed_is_forgotten_by_the_next(
    start: Callable[..., Service], logs: str
) -> None:
    _incidents(logs, 100, 1)
    killed = start(logs, "--json")
    killed.lines(1)
    killed.process.kill()
    killed.process.wait()
    start(logs, "--json").says("watching")
    with closing(reader(killed.database)) as connection:
        names = [cursor.name for cursor in outbox.cursors(connection)]
    assert f"stdout of process {killed.process.pid}" not in names


def test_a_new_configuration_is_read_on_sighup(
    start: Callable[..., Service], logs: str, tmp_path: Path
) -> None:
    service = start(logs, "--json")
    service.says("watching")
    _incidents(logs, 100, 1)
    assert _names(service.lines(1)) == ["u100"]
    another = "203.0.113.99"
    (tmp_path / "tor.txt").write_text(f"{TOR}\n{another}\n")
    with (tmp_path / "risktui.toml").open("a") as config:
        config.write("[detectors.newCountry]\nlearning_days = 3\n")
    service.process.send_signal(signal.SIGHUP)
    service.says("list tor.txt: 1 -> 2 entries")
    assert "[detectors.newCountry] learning_days: 7 -> 3" in service.said.read_text()
    append(log_file(Path(logs)), record(7, "late", another, "2026-03-02T09:30:00"))
    assert _names(service.lines(1)) == ["late"]


def test_a_broken_configuration_leaves_the_old_one_in_force(
    start: Callable[..., Service], logs: str, tmp_path: Path
) -> None:
    service = start(logs, "--json")
    service.says("watching")
    good = (tmp_path / "risktui.toml").read_text()
    (tmp_path / "risktui.toml").write_text(good + "[detectors.newCountry]\nlearnin_days = 3\n")
    service.process.send_signal(signal.SIGHUP)
    service.says("not reloaded, the old one stays in force")
    assert "did you mean learning_days?" in service.said.read_text()
    _incidents(logs, 100, 1)
    assert _names(service.lines(1)) == ["u100"]


@pytest.fixture
def systemd(tmp_path: Path) -> Iterator[tuple[socket.socket, str]]:
    address = str(tmp_path / "notify")
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as listening:
        listening.bind(address)
        listening.settimeout(PATIENCE)
        yield listening, address


def test_systemd_hears_of_readiness_life_reloading_and_the_end(
    start: Callable[..., Service], logs: str, systemd: tuple[socket.socket, str]
) -> None:
    listening, address = systemd
    service = start(logs, NOTIFY_SOCKET=address, WATCHDOG_USEC="200000")
    assert listening.recv(1000).startswith(b"READY=1\nSTATUS=watching")
    assert listening.recv(1000) == b"WATCHDOG=1"
    assert listening.recv(1000) == b"WATCHDOG=1"
    service.process.send_signal(signal.SIGHUP)
    heard = []
    while b"READY=1" not in heard:
        heard.append(listening.recv(1000))
    assert any(each.startswith(b"RELOADING=1\nMONOTONIC_USEC=") for each in heard)
    service.process.send_signal(signal.SIGTERM)
    while b"STOPPING=1" not in heard:
        heard.append(listening.recv(1000))
    assert service.process.wait(PATIENCE) == 0
