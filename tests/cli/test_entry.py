from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from cli.test_scan import run
from risktui.store.database import prepare


def test_ctrl_c_while_it_is_still_being_loaded_ends_it_without_a_word(tmp_path: Path) -> None:
    (tmp_path / "click.py").write_text("import os, signal; os.kill(os.getpid(), signal.SIGINT)")
    # Tests that run in the background ignore ctrl+c, and so would whatever they start.
    ours = signal.signal(signal.SIGINT, signal.default_int_handler)
    ended = subprocess.run(
        [sys.executable, "-m", "risktui", "--version"],
        env={**os.environ, "PYTHONPATH": os.pathsep.join((str(tmp_path), *sys.path))},
        capture_output=True,
        check=False,
    )
    signal.signal(signal.SIGINT, ours)
    assert (ended.returncode, ended.stdout, ended.stderr) == (130, b"", b"")


@pytest.mark.parametrize(
    "argv", [("detectors", "test", "own.py"), ("scan", ".", "--detectors", ".")]
)
def test_ctrl_c_before_there_is_anything_to_tell_of_is_answered(
    argv: tuple[str, ...], tmp_path: Path
) -> None:
    (tmp_path / "own.py").write_text('__import__("signal").raise_signal(2)\n')
    ours = signal.signal(signal.SIGINT, signal.default_int_handler)
    ended = subprocess.run(
        [sys.executable, "-m", "risktui", *argv],
        cwd=tmp_path,
        env={**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)},
        capture_output=True,
        check=False,
    )
    signal.signal(signal.SIGINT, ours)
    assert (ended.returncode, ended.stderr) == (130, b"\nended by ctrl+c\n")


def test_sigterm_ends_any_command_quietly_and_with_all_it_would_clear_away(tmp_path: Path) -> None:
    own = tmp_path / "own.py"
    own.write_text('__import__("signal").raise_signal(15)\n')  # met while detectors are loaded
    ended = subprocess.run(
        [sys.executable, "-m", "risktui", "detectors", "test", own],
        env={**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)},
        capture_output=True,
        check=False,
    )
    assert (ended.returncode, ended.stderr) == (143, b""), "not killed by it"


def test_a_database_may_be_named_before_what_is_done_with_it(tmp_path: Path) -> None:
    database = tmp_path / "x.db"
    prepare(database)
    for words in (
        ("--db", database, "users"),
        (f"--db={database}", "--lang", "en", "users"),
        ("audit", "--db", database, "--expect", "", "verify"),
        ("principals", "--json", "--db", database, "list"),
    ):
        assert run(*words).exit_code == 0, words
    refused = run("formats", "--db", database, "list")
    assert refused.exit_code == 2
    assert "No such option '--db'" in refused.stderr
    assert "audit what? show, verify" in run("audit", "--db", database).stderr
    assert "Show and verify the log" in run("--db", database, "audit", "--help").stdout
