from __future__ import annotations

import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest

from cli.test_scan import run
from engine.tenant import TOR, append, configuration, contents, log_file, record
from risktui.store.database import writer
from risktui.store.upkeep import compact, copy, examine


@pytest.fixture(scope="module")
def scanned(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("upkeep")
    for number, who in enumerate(("alice", "bob", "carol"), 1):
        append(log_file(folder / "logs"), record(number, who, TOR, f"2026-03-02T09:0{number}:00"))
    config = configuration(folder)
    done = run("scan", folder / "logs", "--config", config, "--db", folder / "x.db")
    assert done.exit_code == 0, done.output
    assert run("dismiss", "bob", "--db", folder / "x.db", "--config", config).exit_code == 0
    return folder / "x.db"


@pytest.fixture
def database(scanned: Path, tmp_path: Path) -> Path:
    copy(scanned, tmp_path / "x.db")
    return tmp_path / "x.db"


def test_what_an_engine_wrote_is_whole(scanned: Path) -> None:
    assert list(examine(scanned)) == []


def test_only_open_risk_needs_a_user_at_risk(database: Path) -> None:
    with closing(writer(database)) as connection:
        for who in ("bob", "alice"):
            user = "(SELECT id FROM people WHERE user_principal_name LIKE ?)"
            for query in (
                f"DELETE FROM history WHERE user_id = {user}",
                f"DELETE FROM users WHERE id = {user}",
            ):
                connection.execute(query, (f"{who}@%",))
            found = list(examine(database))
            assert len(found) == (who == "alice"), found  # bob's was dismissed


def test_a_copy_holds_the_same_and_is_nobody_elses_business(scanned: Path, tmp_path: Path) -> None:
    target = tmp_path / "copy.db"
    copy(scanned, target)
    assert contents(target) == contents(scanned)
    assert target.stat().st_mode & 0o077 == 0
    assert [each.name for each in tmp_path.iterdir()] == ["copy.db"]


def test_a_copy_is_of_one_moment_though_somebody_writes(scanned: Path, tmp_path: Path) -> None:
    database = tmp_path / "x.db"
    copy(scanned, database)
    with closing(writer(database)) as writing:
        writing.execute("BEGIN IMMEDIATE")
        writing.execute("DELETE FROM detections")
        copy(database, tmp_path / "copy.db")
        writing.execute("ROLLBACK")
    assert contents(tmp_path / "copy.db") == contents(scanned)


def test_compacting_gives_room_back_and_changes_nothing(database: Path) -> None:
    with closing(writer(database)) as writing:
        writing.execute("CREATE TABLE big AS SELECT randomblob(4000000) AS stuff")
        writing.execute("DROP TABLE big")
    known = contents(database)
    before, after = compact(database)
    assert after < before - 3_000_000
    assert contents(database) == known


def _spoil(statement: str) -> Callable[[sqlite3.Connection], object]:
    return lambda connection: connection.execute(statement)


@pytest.mark.parametrize(
    ("spoil", "words"),
    [
        (_spoil("UPDATE detections SET detection = 'x' WHERE rowid = 1"), "detection: "),
        (_spoil("UPDATE states SET blob = x'ff' WHERE rowid = 1"), "state: "),
        (
            _spoil("UPDATE users SET risk_level = 'none' WHERE risk_state = 'atRisk'"),
            "user with a level and no open risk, or the other way round: ",
        ),
        (_spoil("DELETE FROM users"), "detection of nobody who is known: "),
        (
            _spoil("UPDATE detections SET risk_level = 'low'"),
            "detection whose columns say something else than itself: ",
        ),
        (
            _spoil("UPDATE audit SET line = line || ' '"),
            "audit log, line 1: the line or one",
        ),
        (
            _spoil("INSERT INTO cursors (name, number) VALUES ('siem', 999999)"),
            "reader that is ahead of everything written: siem",
        ),
    ],
)
def test_whatever_is_wrong_is_named(
    database: Path, spoil: Callable[[sqlite3.Connection], object], words: str
) -> None:
    with closing(writer(database)) as connection:
        spoil(connection)
    assert any(trouble.startswith(words) for trouble in examine(database))


def test_torn_pages_are_found(database: Path) -> None:
    compact(database)
    with database.open("r+b") as file:
        file.seek(database.stat().st_size // 2)
        file.write(b"\xff" * 8192)
    assert any(trouble.startswith("file: ") for trouble in examine(database))


@pytest.mark.parametrize(
    ("statement", "words"),
    [
        ("INSERT INTO principals VALUES ('a', '', '', 'none', 'none', 0, 'x')", "application: a: "),
        (
            "INSERT INTO principal_detections VALUES ('d', 'a', 'low', 'atRisk', 0, 0, 'x')",
            "detection of an application: d: ",
        ),
        (
            "INSERT INTO principal_history VALUES (1, 'h', 'a', '[]')",
            "history of an application: h: ",
        ),
        ("INSERT INTO look_back VALUES ('1.2.3.4', 1, 'a', 'success', x'c1')", "sign-in kept for"),
        ("INSERT INTO sign_ins VALUES ('s', 'a', '', '', '', 0, 0, '{')", "risky sign-in: s: "),
        ("INSERT INTO policy_results VALUES ('r', 'p', 'a', '', 0, 0, '{')", "policy result: r: "),
    ],
)
def test_rows_of_every_table_that_commands_read_are_examined(
    database: Path, statement: str, words: str
) -> None:
    with closing(writer(database)) as writing:
        writing.execute(statement)
    found = list(examine(database))
    assert any(each.startswith(words) for each in found), found
