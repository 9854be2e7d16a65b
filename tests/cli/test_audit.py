from __future__ import annotations

import shutil
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from cli.test_bulk import filled as filled_with_people
from cli.test_scan import run

filled = filled_with_people


@pytest.fixture(scope="module")
def decided(filled: Path) -> Path:
    """Four of them were judged."""
    for number in range(4):
        run("dismiss", f"user{number}@contoso.com", "--db", filled / "x.db", "--note", "drill")
    return filled / "x.db"


@pytest.fixture
def judged(decided: Path, tmp_path: Path) -> Path:
    return Path(shutil.copy(decided, tmp_path))


def _tamper(path: Path, *statements: str) -> None:
    with closing(sqlite3.connect(path)) as connection:
        for statement in statements:
            connection.execute(statement)
        connection.commit()


def test_a_whole_log_is_proven_and_its_last_hash_printed(judged: Path) -> None:
    proof = run("audit", "verify", "--db", judged)
    assert proof.exit_code == 0
    assert "whole: 4 lines" in proof.stderr
    assert len(proof.stdout.strip()) == 64


@pytest.mark.parametrize(
    ("statement", "words"),
    [
        ("UPDATE audit SET line = replace(line, 'user1', 'user9') WHERE number = 2", "line 2: the"),
        ("DELETE FROM audit WHERE number = 2", "line 2: the line is missing"),
        ("DELETE FROM audit WHERE number = 4", "line 4: nothing is written of verdict-"),
        ("UPDATE audit SET number = number + 1 WHERE number = 4", "line 4: the line is missing"),
    ],
)
def test_a_line_that_was_changed_removed_or_cut_off_shows(
    judged: Path, statement: str, words: str
) -> None:
    _tamper(judged, statement)
    broken = run("audit", "verify", "--db", judged)
    assert broken.exit_code == 1
    assert words in broken.stderr


def test_a_hash_noted_elsewhere_proves_that_the_end_was_not_cut_off(judged: Path) -> None:
    noted = run("audit", "verify", "--db", judged).stdout.strip()
    _tamper(
        judged,
        "DELETE FROM audit WHERE number = 4",
        "DELETE FROM verdicts WHERE number = 4",
    )
    assert run("audit", "verify", "--db", judged).exit_code == 0  # nothing else shows it
    broken = run("audit", "verify", "--expect", noted, "--db", judged)
    assert broken.exit_code == 1
    assert "the end was cut off" in broken.stderr


def test_a_refused_verdict_leaves_a_line_too(judged: Path) -> None:
    run("dismiss", "user0@contoso.com", "--db", judged)
    shown = run("audit", "show", "--db", judged, "--limit", "1").stdout
    assert "dismiss user0@contoso.com" in shown
    assert "refused: user0@contoso.com: nothing to do" in shown


def test_a_hash_that_is_none_is_no_proof_that_lines_are_missing(judged: Path) -> None:
    refused = run("audit", "verify", "--expect", "4f1c", "--db", judged)
    assert refused.exit_code == 2
    assert "--expect takes a whole hash" in refused.stderr
