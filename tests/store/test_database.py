from __future__ import annotations

import os
import re
import sqlite3
import subprocess
import sys
from concurrent.futures import ProcessPoolExecutor
from contextlib import closing
from pathlib import Path

import pytest

from risktui.model.risk import Detection, Explanation, LevelAlgebra, Outcome, RiskLevel
from risktui.store import database
from risktui.store.commit import Committer, Work
from risktui.store.database import (
    SCHEMA_VERSION,
    DatabaseError,
    async_writer,
    check,
    prepare,
    reader,
    writer,
)
from risktui.store.lock import EngineLock


def _detection(number: int = 1) -> Detection:
    return Detection(
        id=f"d{number}",
        risk_event_type="newCountry",
        risk_level=RiskLevel.LOW,
        activity_date_time=number,
        detected_date_time=number,
        last_updated_date_time=number,
        user_id="carol-id",
        explanation=Explanation(
            headline="x", level=LevelAlgebra(base=RiskLevel.LOW, final=RiskLevel.LOW)
        ),
    )


def test_a_new_database_is_made_with_its_folders_and_opened_again(tmp_path: Path) -> None:
    path = tmp_path / "a" / "b" / "x.db"
    prepare(path)
    prepare(path)
    with closing(reader(path)) as look:
        names = {row[0] for row in look.execute("SELECT name FROM sqlite_master")}
    assert {"detections", "users", "states", "outbox", "verdicts"} <= names


def _prepare(path: Path) -> None:
    prepare(path)


def test_two_processes_that_make_it_at_once_do_not_disturb_each_other(tmp_path: Path) -> None:
    path = tmp_path / "x.db"
    with ProcessPoolExecutor(2) as pool:
        list(pool.map(_prepare, [path] * 8))
    with closing(reader(path)) as look:
        assert look.execute("PRAGMA user_version").fetchone() == (SCHEMA_VERSION,)


def test_a_file_that_is_no_database_is_named_and_left_alone(tmp_path: Path) -> None:
    path = tmp_path / "notes.txt"
    path.write_text("not a database, but precious " * 100)
    with pytest.raises(DatabaseError, match=r"cannot be used as a database.*--db"):
        prepare(path)
    assert path.read_text().startswith("not a database")


def test_a_folder_that_is_none_is_said_in_words(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    path = tmp_path / "file" / "x.db"
    with pytest.raises(DatabaseError) as refused:
        prepare(path)
    assert str(refused.value) == (
        f"{path}: cannot be used as a database: Not a directory; choose another with --db"
    )


def test_a_folder_that_must_not_be_written_into_is_no_riddle(tmp_path: Path) -> None:
    path = tmp_path / "locked" / "x.db"
    path.parent.mkdir()
    prepare(path)
    path.parent.chmod(0o500)
    try:
        if os.access(path.parent, os.W_OK):
            pytest.skip("whoever runs this may write everywhere")
        with pytest.raises(DatabaseError, match="nothing may be written into that folder"):
            check(path)
    finally:
        path.parent.chmod(0o700)


def test_a_database_of_a_later_version_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "x.db"
    prepare(path)
    connection = writer(path)
    connection.execute("PRAGMA user_version = 99")
    connection.close()
    for look in (prepare, check):  # neither sends anybody to a command that refuses it again
        with pytest.raises(DatabaseError, match=f"layout 99, this risktui knows {SCHEMA_VERSION}"):
            look(path)


@pytest.mark.parametrize(
    ("change", "lack"),
    [
        ("DROP TABLE steps", "table steps"),
        ("ALTER TABLE sources DROP COLUMN quarantined", "column quarantined of sources"),
    ],
)
def test_a_database_that_lacks_something_is_named_with_what_it_lacks(
    tmp_path: Path, change: str, lack: str
) -> None:
    path = tmp_path / "x.db"
    prepare(path)
    with closing(writer(path)) as connection:
        connection.execute(change)
    for look in (prepare, check):
        with pytest.raises(DatabaseError, match=f"x.db: lacks the {lack}: .* `risktui scan LOGS"):
            look(path)


def test_an_empty_file_is_called_empty_and_becomes_a_database_all_the_same(tmp_path: Path) -> None:
    path = tmp_path / "x.db"
    path.touch()
    with pytest.raises(DatabaseError, match=r"x\.db: is empty, no database yet; `risktui watch"):
        check(path)
    prepare(path)
    check(path)


def test_a_folder_in_the_place_of_a_database_is_called_one(tmp_path: Path) -> None:
    for look in (prepare, check):
        with pytest.raises(DatabaseError, match="is a folder, and no database; move it away, or"):
            look(tmp_path)
    with pytest.raises(DatabaseError, match="null: is no file, and no database"):
        check(Path("/dev/null"))


def test_a_reader_cannot_write(tmp_path: Path) -> None:
    path = tmp_path / "x.db"
    prepare(path)
    with closing(reader(path)) as look, pytest.raises(sqlite3.OperationalError):
        look.execute("DELETE FROM detections")


async def test_a_commit_is_all_or_nothing(tmp_path: Path) -> None:
    path = tmp_path / "x.db"
    prepare(path)
    connection = await async_writer(path)
    try:
        committer = Committer(connection)
        await committer.commit(Work(outcome=Outcome(detections=[_detection(1)])), now=1)
        broken = Work(
            outcome=Outcome(detections=[_detection(2)]),
            status={"engine.x": None},  # type: ignore[dict-item]  # NOT NULL, the last statement
        )
        broken.states = [(None, "user", "carol-id", 1, b"x")]
        with pytest.raises(sqlite3.IntegrityError):
            await committer.commit(broken, now=2)
        look = reader(path)
        assert look.execute("SELECT id FROM detections").fetchall() == [("d1",)]
        assert look.execute("SELECT count(*) FROM states").fetchone() == (0,)
        await committer.commit(Work(outcome=Outcome(detections=[_detection(3)])), now=3)
        assert look.execute("SELECT count(*) FROM detections").fetchone() == (2,)
        look.close()
    finally:
        await connection.close()


async def test_a_detection_seen_again_keeps_when_it_was_first_ingested(tmp_path: Path) -> None:
    path = tmp_path / "x.db"
    prepare(path)
    connection = await async_writer(path)
    try:
        committer = Committer(connection)
        for now in (10, 20):
            await committer.commit(Work(outcome=Outcome(detections=[_detection(1)])), now=now)
        with closing(reader(path)) as look:
            rows = look.execute("SELECT id, ingested FROM detections").fetchall()
        assert rows == [("d1", 10)]
    finally:
        await connection.close()


def test_the_engine_is_one_process_and_dies_with_it(tmp_path: Path) -> None:
    path = tmp_path / "x.db"
    hold = (
        "import sys, pathlib\n"
        "from risktui.store.lock import EngineLock\n"
        "lock = EngineLock(pathlib.Path(sys.argv[1])); print(lock.take(), flush=True)\n"
        "sys.stdin.read()"
    )
    other = subprocess.Popen(
        [sys.executable, "-c", hold, str(path)], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    )
    assert other.stdout is not None
    assert other.stdout.readline() == b"True\n"
    mine = EngineLock(path)
    assert not mine.take()
    assert mine.holder() == other.pid
    other.kill()
    other.communicate()
    assert mine.holder() is None
    assert mine.take()
    mine.release()


async def test_addresses_that_nobody_touched_for_a_season_are_forgotten_and_people_are_not(
    tmp_path: Path,
) -> None:
    path = tmp_path / "x.db"
    prepare(path)
    day = 86_400_000
    connection = await async_writer(path)
    try:
        committer = Committer(connection)
        states = [(None, stage, "k", 1 * day, b"x") for stage in ("ip", "user", "tenant", "risk")]
        await committer.commit(Work(states=[*states, (None, "prefix", "k", 50 * day, b"x")]), now=1)
        await committer.tidy(100 * day)
        with closing(reader(path)) as look:
            kept = look.execute("SELECT stage FROM states ORDER BY stage").fetchall()
        assert [stage for (stage,) in kept] == ["prefix", "risk", "tenant", "user"]
    finally:
        await connection.close()


def test_no_statement_numbers_its_values() -> None:
    """Python 3.12.0 to 3.12.3 take `?` with a number for a name, and warn of a list of values."""
    sources = sorted(Path(database.__file__).parents[1].rglob("*.py"))
    assert len(sources) > 100
    assert [path.name for path in sources if re.search(r"[ (]\?\d", path.read_text("utf-8"))] == []
