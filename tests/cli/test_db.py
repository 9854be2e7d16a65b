"""`risktui db`: as an operator uses it, on a real database."""

from __future__ import annotations

import re
import resource
import shutil
import signal
from pathlib import Path
from typing import Any

import pytest

from cli.test_scan import lines, run
from engine.tenant import TOR, append, configuration, contents, log_file, record
from risktui.store.database import prepare
from risktui.store.lock import EngineLock

PEOPLE = ("alice", "bob", "carol", "dave")


@pytest.fixture
def tenant(tmp_path: Path) -> Path:
    for number, who in enumerate(PEOPLE, 1):
        append(log_file(tmp_path / "logs"), record(number, who, TOR, f"2026-03-02T09:0{number}:00"))
    configuration(tmp_path)
    assert run("scan", tmp_path / "logs", *_options(tmp_path)).exit_code == 0
    return tmp_path


def _options(tenant: Path) -> tuple[Any, ...]:
    return "--config", tenant / "risktui.toml", "--db", tenant / "x.db"


def _states(tenant: Path) -> dict[str, str]:
    found = lines(run("users", "--json", *_options(tenant)))
    return {each["userDisplayName"].lower(): each["riskState"] for each in found}


def test_a_backup_is_used_like_any_database_and_overwrites_nothing_unasked(tenant: Path) -> None:
    target, source = tenant / "backup.db", ("--db", tenant / "x.db")
    assert "checked" in run("db", "backup", target, *source).stderr
    assert contents(target) == contents(tenant / "x.db")
    again = run("db", "backup", target, *source)
    assert again.exit_code == 1
    assert "--force overwrites it" in again.stderr
    assert run("db", "backup", target, "--force", *source).exit_code == 0
    itself = run("db", "backup", tenant / "x.db", "--force", *source)
    assert itself.exit_code == 2
    (tenant / "letter.txt").write_text("dear diary")
    other = run("db", "backup", tenant / "letter.txt", "--force", *source)
    assert other.exit_code == 1
    assert (tenant / "letter.txt").read_text() == "dear diary"


def test_a_backup_is_one_file_until_an_engine_takes_it(tenant: Path) -> None:
    target = tenant / "backup.db"
    assert run("db", "backup", target, "--db", tenant / "x.db").exit_code == 0
    assert run("users", "--db", target).exit_code == 0
    assert list(tenant.glob("backup.db*")) == [target]
    append(log_file(tenant / "logs"), record(9, "erin", TOR, "2026-03-02T09:09:00"))
    more = run("scan", tenant / "logs", "--config", tenant / "risktui.toml", "--db", target)
    assert more.exit_code == 0
    assert len(lines(run("users", "--json", "--db", target))) == len(PEOPLE) + 1


def test_a_backup_does_not_overwrite_a_database_under_a_running_engine(tenant: Path) -> None:
    source = ("--db", tenant / "x.db")
    assert run("db", "backup", tenant / "y.db", *source).exit_code == 0
    lock = EngineLock(tenant / "y.db")
    assert lock.take()
    try:
        refused = run("db", "backup", tenant / "y.db", "--force", *source)
    finally:
        lock.release()
    assert refused.exit_code == 1
    assert "is its engine; stop it first" in refused.stderr


def test_a_backup_for_which_there_is_no_room_names_the_backup(tenant: Path) -> None:
    limit = resource.getrlimit(resource.RLIMIT_FSIZE)
    before = signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_FSIZE, (64 * 1024, limit[1]))
    try:
        full = run("db", "backup", tenant / "full.db", "--db", tenant / "x.db")
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, limit)
        signal.signal(signal.SIGXFSZ, before)
    assert full.exit_code == 1
    assert "full.db: not written: " in full.stderr
    assert "is there room on the disk?" in full.stderr
    assert not list(tenant.glob("full*"))


def test_check_says_what_is_wrong_and_what_to_do(tenant: Path) -> None:
    from contextlib import closing

    from risktui.store.database import writer

    assert run("db", "check", "--db", tenant / "x.db").exit_code == 0
    with closing(writer(tenant / "x.db")) as connection:
        connection.execute("UPDATE states SET blob = x'c1' WHERE rowid = 1")
    wrong = run("db", "check", "--db", tenant / "x.db")
    assert wrong.exit_code == 1
    assert wrong.stdout.startswith("state: ")
    assert "restore a backup, or: risktui db rebuild LOGS" in wrong.stderr


def test_check_says_how_much_room_each_person_and_event_takes(tenant: Path) -> None:
    said = run("db", "check", "--db", tenant / "x.db").stderr
    found = re.search(
        r"x\.db is whole; ([\d,]+) bytes: ([\d,]+) for each of 4 people \(habits and risk\),"
        r" ([\d,]+) for each of 4 events read \(everything else\)",
        said,
    )
    assert found, said
    total, person, event = (int(number.replace(",", "")) for number in found.groups())
    assert total == sum(
        file.stat().st_size
        for file in tenant.glob("x.db*")
        if file.suffix != ".lock" and not file.name.endswith("shm")
    )
    assert 0 < person < 10_000
    assert abs(4 * (person + event) - total) <= 8
    nobody = tenant / "empty.db"
    prepare(nobody)
    assert run("db", "check", "--db", nobody).stderr.endswith(" bytes\n")


def test_a_rebuilt_database_finds_the_same_and_keeps_what_people_decided(tenant: Path) -> None:
    assert run("dismiss", "bob", "--note", "a test", *_options(tenant)).exit_code == 0
    assert run("confirm-safe", "carol", *_options(tenant)).exit_code == 0
    assert run("undo", "carol", *_options(tenant)).exit_code == 0
    states = _states(tenant)
    before = contents(tenant / "x.db")
    printed = run("scan", tenant / "logs", "--resume", "siem", "--json", *_options(tenant))
    assert len(lines(printed)) >= len(PEOPLE)
    done = run("db", "rebuild", *_options(tenant))
    assert done.exit_code == 0, done.output
    assert "4 -> 4 detections: 0 gone, 0 new" in done.stderr
    assert _states(tenant) == states
    after = contents(tenant / "x.db")
    for table in ("detections", "users", "suppressions", "seen"):
        assert after[table] == before[table], table
    history = lines(run("history", "bob", "--json", *_options(tenant)))
    assert history[-1]["risktui"]["note"] == "a test"
    assert run("audit", "verify", "--db", tenant / "x.db").exit_code == 0
    assert "rebuild x.db" in run("audit", "show", "--db", tenant / "x.db").stdout
    assert run("db", "check", "--db", tenant / "x.db").exit_code == 0
    nothing_twice = run("scan", tenant / "logs", "--resume", "siem", "--json", *_options(tenant))
    assert lines(nothing_twice) == []
    assert contents(tenant / "x.db.before-rebuild") == before
    assert run("undo", "bob", *_options(tenant)).exit_code == 0
    assert _states(tenant)["bob"] == "atRisk"


def test_logs_that_are_gone_are_named_before_anything_is_lost(
    tenant: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    shutil.rmtree(tenant / "logs")
    before = contents(tenant / "x.db")
    refused = run("db", "rebuild", *_options(tenant))
    assert refused.exit_code == 1
    assert "logs it has read are gone: " in refused.stderr
    assert "by the defaults" not in refused.stderr
    (tmp_path / "elsewhere").mkdir()
    monkeypatch.chdir(tmp_path / "elsewhere")
    unset = run("db", "rebuild", "--db", tenant / "x.db")
    assert "no risktui.toml found: everything is judged anew by the defaults" in unset.stderr
    assert run("db", "rebuild", "--without-missing", *_options(tenant)).exit_code == 1
    assert contents(tenant / "x.db") == before
    assert not (tenant / "x.db.before-rebuild").exists()


def test_neither_is_rebuilt_nor_compacted_under_an_engine(tenant: Path) -> None:
    lock = EngineLock(tenant / "x.db")
    assert lock.take()
    try:
        for words in (("rebuild",), ("compact",)):
            refused = run("db", *words, "--db", tenant / "x.db")
            assert refused.exit_code == 1
            assert "is the engine; stop it first" in refused.stderr
    finally:
        lock.release()
    assert run("db", "compact", "--db", tenant / "x.db").exit_code == 0
