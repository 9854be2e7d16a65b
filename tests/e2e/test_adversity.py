"""What hosts do to an engine: it says so, goes on, and recovers by itself without loss."""

from __future__ import annotations

import os
import resource
import shutil
import signal
import sqlite3
import subprocess
from collections.abc import Iterator
from contextlib import closing, suppress
from datetime import UTC, datetime
from functools import partial
from pathlib import Path

import pytest

from e2e.adversity import UNLIMITED, Engine, visit, watching
from engine.tenant import TOR, append, contents, log_file, record
from risktui.store import outbox
from risktui.store.database import writer

is_root = os.geteuid() == 0
needs_root = pytest.mark.skipif(not is_root, reason="only root mounts file systems")


@pytest.fixture
def log(tmp_path: Path) -> Path:
    path = log_file(tmp_path / "logs")
    visit(path, 1, "carol")
    return path


def test_a_disk_that_refuses_every_write_is_outwaited(tmp_path: Path, log: Path) -> None:
    with watching(tmp_path, tmp_path / "logs") as engine:
        engine.until(lambda: engine.found() == {"carol"})
        engine.limit(resource.RLIMIT_FSIZE, 0)
        visit(log, 2, "bob")
        engine.says("cannot be written")
        visit(log, 3, "dave")
        assert engine.found() == {"carol"}
        engine.limit(resource.RLIMIT_FSIZE, UNLIMITED)
        engine.until(lambda: engine.found() == {"bob", "carol", "dave"})
        engine.says("the database can be written again")
        assert engine.end() == 0
    assert len(contents(tmp_path / "risktui.db")["detections"]) == 3


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    place = tmp_path / "disk"
    place.mkdir()
    made = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "size=32m", "tmpfs", str(place)], check=False
    )
    if made.returncode:
        pytest.skip("no file system can be mounted here")
    yield place
    subprocess.run(["umount", "-l", str(place)], check=True)


def fill(ballast: Path) -> None:
    with ballast.open("wb", buffering=0) as file, suppress(OSError):
        while True:
            file.write(bytes(4096))


@needs_root
def test_a_full_disk_is_told_by_doctor_and_outwaited(
    tmp_path: Path, log: Path, small_disk: Path
) -> None:
    database = small_disk / "risktui.db"
    with watching(tmp_path, tmp_path / "logs", database=database) as engine:
        engine.until(lambda: engine.found() == {"carol"})
        ballast = small_disk / "ballast"
        fill(ballast)
        for number in range(2, 302):  # more than fits into what the write-ahead log has already
            visit(log, number, f"u{number}")
        engine.says("the disk is full")
        told = engine.command("doctor")
        assert told.returncode == 1
        assert "FAIL           the database cannot be written: the disk is full" in told.stdout
        ballast.unlink()
        engine.until(lambda: len(engine.found()) == 301)
        assert "cannot be written" not in engine.command("doctor").stdout
        assert engine.end() == 0


class FailingDisk:
    """One that its kernel makes read-only on an error; whoever is not root gets a limit instead."""

    def __init__(self, folder: Path) -> None:
        self.place = folder / "disk"
        self.place.mkdir()
        self._image = folder / "image"
        with self._image.open("wb") as file:
            file.truncate(32 * 2**20)
        self.is_one = is_root and self._does("mkfs.ext4", "-q", self._image) and self._mount()

    def _does(self, *command: str | Path) -> bool:
        try:
            return subprocess.run(command, check=False, capture_output=True).returncode <= 1
        except FileNotFoundError:
            return False

    def _mount(self) -> bool:
        return self._does("mount", "-o", "loop", self._image, self.place) and self.place.is_mount()

    def fail(self, engine: Engine) -> str:
        """From now on nothing can be written; the words for it."""
        if self.is_one and self._does("mount", "-o", "remount,abort", self.place):
            return "it is read-only now, or its disk is"
        engine.limit(resource.RLIMIT_FSIZE, 0)
        return "the disk refuses it"

    def repair(self) -> None:
        """As an administrator does it; a limit went with its process."""
        if self.is_one:
            self.unmount()
            assert self._does("e2fsck", "-y", self._image)
            assert self._mount()

    def unmount(self) -> None:
        if self.is_one:
            subprocess.run(["umount", "-l", str(self.place)], check=True)


def test_who_is_stopped_while_the_disk_is_read_only_ends_and_reads_it_again_next_time(
    tmp_path: Path, log: Path
) -> None:
    disk = FailingDisk(tmp_path)
    database = disk.place / "risktui.db"
    try:
        with watching(tmp_path, tmp_path / "logs", database=database) as engine:
            engine.until(lambda: engine.found() == {"carol"})
            words = disk.fail(engine)
            visit(log, 2, "bob")
            engine.says(f"cannot be written: {words}")
            assert engine.end() == 1
            assert "Traceback" not in engine.words
        disk.repair()
        with watching(tmp_path, tmp_path / "logs", database=database) as engine:
            engine.until(lambda: engine.found() == {"bob", "carol"})
            assert engine.end() == 0
    finally:
        disk.unmount()


def test_a_database_that_somebody_else_holds_is_waited_for(tmp_path: Path, log: Path) -> None:
    with watching(tmp_path, tmp_path / "logs") as engine:
        engine.until(lambda: engine.found() == {"carol"})
        with closing(sqlite3.connect(engine.database, isolation_level=None)) as somebody:
            somebody.execute("BEGIN IMMEDIATE")
            visit(log, 2, "bob")
            engine.says("another process holds it")
            visit(log, 3, "dave")
            told = engine.command("doctor")
            assert "FAIL           the database cannot be written: another process" in told.stdout
            assert engine.found() == {"carol"}
            somebody.execute("ROLLBACK")
        engine.until(lambda: engine.found() == {"bob", "carol", "dave"})
        assert engine.end() == 0


@needs_root
def test_a_folder_that_is_read_only_is_refused_with_words(tmp_path: Path, log: Path) -> None:
    place = tmp_path / "disk"
    place.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", "ro,size=1m", "tmpfs", str(place)]
    if subprocess.run(mount, check=False).returncode:
        pytest.skip("no file system can be mounted here")
    try:
        engine = Engine(tmp_path, tmp_path / "logs", database=place / "risktui.db")
        assert engine.process.wait(60) == 1
        words = engine.words
        assert "Read-only file system" in words
        assert "choose another with --db" in words
        assert "Traceback" not in words
    finally:
        subprocess.run(["umount", "-l", str(place)], check=True)


def doctor_says(engine: Engine, words: str) -> None:
    """Wait until `risktui doctor` says `words`."""
    engine.until(lambda: words in engine.command("doctor").stdout)


def test_a_log_folder_that_vanishes_and_returns_is_read_on(tmp_path: Path, log: Path) -> None:
    logs, away = tmp_path / "logs", tmp_path / "away"
    with watching(tmp_path, logs) as engine:
        engine.until(lambda: engine.found() == {"carol"})
        logs.rename(away)
        engine.says("logs: does not exist")
        doctor_says(engine, f"MISSING        {logs}: does not exist")
        visit(away / log.relative_to(logs), 2, "bob")
        away.rename(logs)
        engine.until(lambda: engine.found() == {"bob", "carol"})
        visit(log, 3, "dave")
        engine.until(lambda: engine.found() == {"bob", "carol", "dave"})
        assert engine.end() == 0
    assert "0 quarantined" in engine.words


def test_a_log_folder_that_is_replaced_by_a_copy_is_read_on(tmp_path: Path, log: Path) -> None:
    logs, copy = tmp_path / "logs", tmp_path / "copy"
    with watching(tmp_path, logs) as engine:
        engine.until(lambda: engine.found() == {"carol"})
        shutil.copytree(logs, copy)
        shutil.rmtree(logs)
        visit(copy / log.relative_to(logs), 2, "bob")
        copy.rename(logs)
        engine.until(lambda: engine.found() == {"bob", "carol"})
        visit(log, 3, "dave")
        engine.until(lambda: engine.found() == {"bob", "carol", "dave"})
        assert engine.end() == 0
    assert len(contents(engine.database)["detections"]) == 3


@needs_root
def test_a_log_share_that_is_unmounted_and_comes_back_is_read_on(
    tmp_path: Path, small_disk: Path
) -> None:
    log = log_file(small_disk)
    visit(log, 1, "carol")
    with watching(tmp_path, small_disk) as engine:
        engine.until(lambda: engine.found() == {"carol"})
        kept = tmp_path / "kept"
        shutil.copytree(small_disk, kept)
        subprocess.run(["umount", "-l", str(small_disk)], check=True)
        shutil.copytree(kept, small_disk, dirs_exist_ok=True)  # another device, other inodes
        visit(log, 2, "bob")
        engine.until(lambda: engine.found() == {"bob", "carol"})
        subprocess.run(["mount", "-t", "tmpfs", "tmpfs", str(small_disk)], check=True)
        shutil.copytree(kept, small_disk, dirs_exist_ok=True)
        visit(log, 3, "dave")
        engine.until(lambda: engine.found() == {"bob", "carol", "dave"})
        assert engine.end() == 0
    assert len(contents(engine.database)["detections"]) == 3


def test_without_file_handles_it_waits_and_says_so(tmp_path: Path, log: Path) -> None:
    with watching(tmp_path, tmp_path / "logs") as engine:
        engine.until(lambda: engine.found() == {"carol"})
        engine.limit(resource.RLIMIT_NOFILE, 3)
        visit(log, 2, "bob")
        engine.says("too many open files")
        doctor_says(engine, f"FAIL           {tmp_path / 'logs'}")
        assert engine.found() == {"carol"}
        engine.limit(resource.RLIMIT_NOFILE, UNLIMITED)
        engine.until(lambda: engine.found() == {"bob", "carol"})
        visit(log, 3, "dave")
        engine.until(lambda: engine.found() == {"bob", "carol", "dave"})
        assert engine.end(signal.SIGINT) == 0
    assert "Traceback" not in engine.words


def test_a_clock_that_is_set_back_and_forth_loses_no_event_and_no_line(tmp_path: Path) -> None:
    log = log_file(tmp_path / "logs")
    visit_now(log, 1, "carol")
    with watching(tmp_path, tmp_path / "logs") as engine:
        engine.until(lambda: engine.found() == {"carol"})
        with closing(writer(engine.database)) as connection:
            outbox.move(connection, "siem", 0, 0)  # a reader that has read nothing yet
        settings = ((-20_000, "bob"), (4_000, "dave"), (0, "erin"))
        for number, (days, who) in enumerate(settings, 2):
            engine.set_clock(days)
            visit_now(log, number, who)
            engine.until(partial(_is_found, engine, who))
        assert engine.end() == 0
    with watching(tmp_path, tmp_path / "logs") as engine:  # a first commit clears the outbox away
        visit_now(log, 9, "frank")
        engine.until(lambda: "frank" in engine.found())
        assert engine.end() == 0
    with closing(sqlite3.connect(engine.database)) as database:
        assert database.execute("SELECT count(*) FROM quarantine").fetchone() == (0,)
        lines = database.execute("SELECT body FROM outbox WHERE kind = 'detection'").fetchall()
    assert sum(b"anonymizedIPAddress" in line for (line,) in lines) >= 5


def _is_found(engine: Engine, who: str) -> bool:
    return who in engine.found()


def visit_now(log: Path, number: int, who: str) -> None:
    append(log, record(number, who, TOR, f"{datetime.now(UTC):%Y-%m-%dT%H:%M:%S}"))
