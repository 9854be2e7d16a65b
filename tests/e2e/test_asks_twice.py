"""At a terminal a verdict on many is asked for twice, and both answers count."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from cli.test_bulk import database as judged_database
from cli.test_bulk import filled as filled_with_people
from cli.test_scan import lines, run
from e2e.pty_harness import Terminal

database, filled = judged_database, filled_with_people


def _dismiss(database: Path) -> Terminal:
    words = ["dismiss", "--where", "state:open", "--db", str(database)]
    return Terminal([sys.executable, "-m", "risktui", *words], cwd=database.parent)


def _states(database: Path) -> set[str]:
    return {user["riskState"] for user in lines(run("users", "--db", database, "--json"))}


@pytest.mark.parametrize("answers", [("n\r",), ("y\r", "13\r")])
def test_no_or_another_number_dismisses_nobody(database: Path, answers: tuple[str, ...]) -> None:
    with _dismiss(database) as terminal:
        for question, answer in zip(
            ("dismiss 14 people?", "type 14 to go on"), answers, strict=False
        ):
            terminal.wait_for(question)
            terminal.type(answer)
        assert terminal.wait_exit() == 130
    assert _states(database) == {"atRisk"}


def test_yes_and_the_right_number_dismiss_all(database: Path) -> None:
    with _dismiss(database) as terminal:
        terminal.wait_for("dismiss 14 people?")
        terminal.type("y\r")
        terminal.wait_for("type 14 to go on")
        terminal.type("14\r")
        terminal.wait_for("14 done, 0 not done")
        assert terminal.wait_exit() == 0
    assert _states(database) == {"dismissed"}
