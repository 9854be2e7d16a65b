"""From the first screen to a verdict with a note, on the terminals that people really have."""

from __future__ import annotations

import asyncio
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from console.prepared import prepared, wall_clock
from e2e.pty_harness import Terminal
from risktui.model.risk import RiskState
from risktui.store import queries
from risktui.store.database import reader

TESTS = Path(__file__).parents[1]
RUN = """
import sys
from pathlib import Path
from risktui.console.app import run_console
sys.exit(run_console(Path(sys.argv[1]), title="contoso"))
"""
TRUECOLOUR = re.compile(rb"\x1b\[[0-9;]*?[34]8;2;")
MANY_COLOURS = re.compile(rb"\x1b\[[0-9;]*?[34]8;5;")
COMMANDS = re.compile(rb"\x1b\]")
COLOUR = re.compile(rb"\x1b\[[0-9;]*?(?:3[0-7]|4[0-7]|38|48|9[0-7]|10[0-7])[0-9;]*m")


@pytest.fixture(scope="module")
def found(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A prepared database, which nobody changes."""
    path = tmp_path_factory.mktemp("found") / "risk.db"
    asyncio.run(prepared(path, wall_clock()))
    return path


@pytest.fixture
def database(found: Path, tmp_path: Path) -> Iterator[Path]:
    """A copy of it with a small engine in a process of its own."""
    path = tmp_path / "risk.db"
    shutil.copy(found, path)
    engine = subprocess.Popen([sys.executable, "-m", "console.prepared", path], cwd=TESTS)
    yield path
    engine.kill()
    engine.wait()


def to_a_verdict(database: Path, env: dict[str, str | None], high: str) -> bytes:
    """Why in no key, a verdict with a note in three and the note; what was written meanwhile."""
    state = {"XDG_STATE_HOME": str(database.parent / "state"), "COLORTERM": None}
    argv = [sys.executable, "-c", RUN, str(database)]
    with Terminal(argv, env={**state, **env}) as console:
        console.wait_for("Password right on 3rd try")
        console.wait_for(f"{high}   carol")
        console.type("c")
        console.wait_for("Confirm compromised carol@contoso.com")
        console.type("called her\r")
        console.wait_for("compromised: ")
        console.type("Q")
        assert console.wait_exit() == 0
        written = bytes(console.output)
    with closing(reader(database)) as connection:
        carol = queries.user(connection, "carol")
        assert carol is not None
        assert carol.risk_state is RiskState.CONFIRMED_COMPROMISED
        assert queries.history(connection, user_id="carol")[-1].note == "called her"
    return written


@pytest.mark.parametrize("term", ["screen", "xterm", "xterm-256color", "tmux-256color"])
def test_a_verdict_in_three_keys_and_a_note(database: Path, term: str) -> None:
    written = to_a_verdict(database, {"TERM": term}, "▲ HIGH")
    assert not TRUECOLOUR.search(written), "a terminal that did not say it can"
    if "256" not in term:
        assert not MANY_COLOURS.search(written)


def test_the_bare_console_gets_ascii_sixteen_colours_and_no_commands(database: Path) -> None:
    written = to_a_verdict(database, {"TERM": "linux"}, "! HIGH")
    assert not TRUECOLOUR.search(written)
    assert not MANY_COLOURS.search(written)
    assert not COMMANDS.search(written)
    assert COLOUR.search(written)


def test_without_colour_and_where_the_environment_has_another_size(database: Path) -> None:
    env: dict[str, str | None] = {"NO_COLOR": "1", "COLUMNS": "100", "LINES": "30"}
    assert not COLOUR.search(to_a_verdict(database, env, "▲ HIGH"))


def test_without_unicode(database: Path) -> None:
    env: dict[str, str | None] = {"LANG": "C", "LC_ALL": "C"}
    assert to_a_verdict(database, env, "! HIGH").isascii()


def test_a_dumb_terminal_is_told_so_instead_of_being_drawn_on_for_ever(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "risktui", "--db", str(tmp_path / "x.db"), str(tmp_path)]
    with Terminal(command, env={"TERM": "dumb"}) as terminal:
        assert terminal.wait_exit() == 1
        assert "TERM=dumb cannot be drawn on" in terminal.text
    assert not (tmp_path / "x.db").exists()
