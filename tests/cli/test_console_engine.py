"""The engine that a console starts: what becomes of it is told where the console can say it."""

from __future__ import annotations

import threading
from contextlib import closing
from pathlib import Path

import pytest

from cli.test_scan import run
from risktui.cli.console import EngineEndedError, EngineProcess
from risktui.store import verdicts
from risktui.store.database import prepare, reader, writer
from risktui.store.lock import EngineLock


def test_an_engine_that_cannot_begin_says_what_to_correct(tmp_path: Path) -> None:
    config = tmp_path / "risktui.toml"
    config.write_text('[tenant]\naccepted_domains = "nowhere.txt"\n')
    engine = EngineProcess(tmp_path / "risktui.db", [tmp_path], config)
    engine.words.write_text("Error: what an engine of yesterday said\n")
    engine.start()
    assert engine._child is not None
    assert engine._child.wait(60) == 2
    with pytest.raises(EngineEndedError, match=r"nowhere\.txt: cannot be read .*accepted_domains"):
        engine.start()
    engine.stop()


def test_what_was_decided_without_an_engine_is_applied_when_it_is_asked_for(tmp_path: Path) -> None:
    database = tmp_path / "risktui.db"
    prepare(database)
    decided = verdicts.Request(action="dismiss", user_id="carol", author="olga", time=1)
    with closing(writer(database)) as connection:
        (made,) = verdicts.append(connection, [decided])
    (tmp_path / "risktui.toml").write_text("")
    applied = run("apply", "--db", database, "--config", tmp_path / "risktui.toml")
    assert applied.exit_code == 0
    assert "not done: carol: nothing to do" in applied.stderr
    with closing(reader(database)) as connection:
        answer = verdicts.answer(connection, made)
    assert answer is not None
    assert "nothing to do" in answer.message
    again = run("apply", "--db", database, "--config", tmp_path / "risktui.toml")
    assert (again.exit_code, again.stderr) == (0, "nothing waits to be applied\n")


def test_what_is_decided_while_another_is_the_engine_for_a_moment_is_not_left(
    tmp_path: Path,
) -> None:
    database, config = tmp_path / "risktui.db", tmp_path / "risktui.toml"
    prepare(database)
    config.write_text("")
    other = EngineLock(database)
    assert other.take()
    decided = verdicts.Request(action="dismiss", user_id="carol", author="olga", time=1)
    with closing(writer(database)) as connection:
        verdicts.append(connection, [decided])
    leaving = threading.Timer(0.1, other.release)  # it has looked for decisions before this one
    leaving.start()
    applied = run("apply", "--db", database, "--config", config)
    leaving.join()
    assert applied.exit_code == 0
    assert "nothing to do" in applied.stderr


def test_a_console_without_logs_hears_why_nothing_could_be_applied(tmp_path: Path) -> None:
    with pytest.raises(EngineEndedError, match=r"none\.db: no database yet"):
        EngineProcess(tmp_path / "none.db", [], None).apply_waiting()
