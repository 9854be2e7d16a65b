"""A published list changes while `risktui watch` runs, and while it does not."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from cli.test_scan import lines, run
from e2e.test_service import Service
from engine.tenant import HOME, TOR, append, log_file, record
from intel.publisher import Publisher


@pytest.fixture
def publisher() -> Iterator[Publisher]:
    made = Publisher()
    yield made
    made.stop()


@pytest.fixture
def start(tmp_path: Path) -> Iterator[Callable[[], Service]]:
    started: list[Service] = []

    def start() -> Service:
        started.append(Service(tmp_path, str(tmp_path / "logs"), "--json"))
        return started[-1]

    yield start
    for service in started:
        if service.process.poll() is None:
            service.process.kill()
            service.process.wait()
        assert service.process.stdout is not None
        service.process.stdout.close()


def _tenant(folder: Path, url: str) -> None:
    append(
        log_file(folder / "logs"),
        record(1, "carol", TOR, "2026-03-02T09:00:00"),
        record(2, "bob", HOME, "2026-03-03T09:00:00"),
    )
    (folder / "risktui.toml").write_text(
        f'[[intel]]\nname = "exits"\nurl = "{url}"\npath = "exits.csv"\ntag = "tor"\n'
        "every_hours = 0.0002\n"
    )


def test_a_list_is_fetched_and_reaches_back_while_watching(
    publisher: Publisher, tmp_path: Path, start: Callable[[], Service]
) -> None:
    _tenant(tmp_path, publisher.publish("/exits.txt", "203.0.113.77\n"))
    service = start()
    service.says("list exits: 1 entries, 1 new, 0 gone")
    publisher.publish("/exits.txt", f"203.0.113.77\n{TOR}\n")
    (found,) = service.lines(1)
    assert found["riskEventType"] == "anonymizedIPAddress"
    assert found["detectionTimingType"] == "offline"
    assert found["activityDateTime"] == "2026-03-02T09:00:00.000Z"
    assert found["detectedDateTime"] == "2026-03-03T09:00:00.000Z"
    service.says("list exits.csv: 1 -> 2 entries; the last seven days are looked at again")
    assert service.end() == 0
    again = start()
    again.says("watching")
    asked = len(publisher.asked)
    again.until(lambda: len(publisher.asked) > asked)
    assert again.end() == 0
    assert again.process.stdout is not None
    assert again.process.stdout.read() == b""


def test_a_scan_uses_no_network_and_takes_what_update_has_fetched(
    publisher: Publisher, tmp_path: Path
) -> None:
    _tenant(tmp_path, publisher.publish("/exits.txt", TOR))
    config, database = tmp_path / "risktui.toml", tmp_path / "x.db"
    options = ("--config", config, "--db", database, "--json")
    assert run("intel", "status", "--config", config).exit_code == 1
    first = run("scan", tmp_path / "logs", *options)
    assert first.stdout == ""
    assert "anonymizedIPAddress is blind: no list tagged tor" in first.stderr
    assert publisher.asked == []
    fetched = run("intel", "update", "--config", config)
    assert fetched.stdout == "exits: 1 entry, 1 new, 0 gone\n"
    status = run("intel", "status", "--config", config, "--json")
    assert status.exit_code == 0
    (state, *known) = lines(status)
    assert (state["name"], state["entries"], state["on"]) == ("exits", 1, True)
    assert {each["on"] for each in known} == {False}
    (found,) = lines(run("scan", tmp_path / "logs", *options))
    assert found["riskEventType"] == "anonymizedIPAddress"
    assert run("scan", tmp_path / "logs", *options).stdout == ""
    assert len(publisher.asked) == 1


def test_an_update_that_fails_says_so_and_keeps_the_old_list(
    publisher: Publisher, tmp_path: Path
) -> None:
    _tenant(tmp_path, publisher.publish("/exits.txt", TOR))
    config = tmp_path / "risktui.toml"
    assert run("intel", "update", "exits", "--config", config).exit_code == 0
    publisher.fail = "500"
    failed = run("intel", "update", "--config", config)
    assert failed.exit_code == 1
    assert "answers 500; the old list with 1 entry stays" in failed.stdout
    as_json = run("intel", "update", "--json", "--config", config)
    assert json.loads(as_json.stdout)["error"].endswith("answers 500")
    shown = run("intel", "status", "--config", config)
    assert shown.exit_code == 1
    assert "over http, not https" in shown.stdout
    assert "FAIL" in shown.stdout
    told = run("doctor", "--config", config, "--db", tmp_path / "none.db")
    assert told.exit_code == 1
    assert "FAIL           exits: " in told.stdout
    unknown = run("intel", "update", "vpn", "--config", config)
    assert unknown.exit_code == 1
    assert "vpn is not switched on" in unknown.stderr
    assert "no such list is fetched" in run("intel", "update", "x", "--config", config).stderr
