"""The console on a real terminal, on a database that another process fills."""

from __future__ import annotations

import asyncio
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from console.prepared import prepared, wall_clock
from e2e.pty_harness import RESTORED, Terminal
from risktui.model.risk import RiskState
from risktui.store import queries
from risktui.store.database import reader

TESTS = Path(__file__).parents[1]
RUN = """
import sys
from pathlib import Path
from typing import Any
from risktui.console.app import run_console
sys.exit(run_console(Path(sys.argv[1]), title="contoso", label=sys.argv[2]))
"""
PATIENT = f"""
from risktui.console.screens import overview
overview.UNANSWERED = 60.0
{RUN}"""
"""The same where nothing is painted before the database has answered, however long that takes."""
COLOUR = re.compile(rb"\x1b\[[0-9;]*?(?:3[0-7]|4[0-7]|38|48|9[0-7])[0-9;]*m")


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


def terminal(
    path: Path,
    label: str = "",
    env: Mapping[str, str | None] | None = None,
    run: str = RUN,
    **options: Any,
) -> Terminal:
    """A console that remembers beside its database, and nothing of this machine's."""
    state = {"XDG_STATE_HOME": str(path.parent / "state"), **(env or {})}
    return Terminal([sys.executable, "-c", run, str(path), label], env=state, **options)


def test_the_first_frame_is_useful_already(database: Path) -> None:
    with terminal(database, run=PATIENT) as console:
        console.wait_for("Password right on 3rd try")
        before = bytes(console.output).partition(b"Password right on 3rd try")[0].decode()
        # A frame goes down the screen: the feed's edge, below the reason, is not painted yet.
        assert len(re.findall("─{20,}", before)) == len(("users", "reason"))


def test_a_theme_that_cannot_be_read_is_told_though_nobody_wears_it(database: Path) -> None:
    themes = database.parent / "config" / "risktui" / "themes"
    themes.mkdir(parents=True)
    (themes / "broken.toml").write_text("nonsense")
    with terminal(database, env={"XDG_CONFIG_HOME": str(database.parent / "config")}) as console:
        console.wait_for("themes/broken.toml: not TOML")


def test_from_the_first_user_to_a_verdict_with_a_note(database: Path) -> None:
    with terminal(database, "PROD") as console:
        console.wait_for("Password right on 3rd try")
        console.wait_for(" PROD ")
        console.type("\r")
        console.wait_for("2 detections")
        console.wait_for("judge the person")
        console.type("d")
        console.wait_for("Dismiss carol@contoso.com: at risk → dismissed")
        console.type("she is in Lagos\r")
        console.wait_for("u undoes it")
        console.wait_for("dismissed  c d s")
        console.type("q")
        console.wait_for("▌▲ HIGH   erin")
        console.type("Q")
        assert console.wait_exit() == 0
        for what, sequence in RESTORED.items():
            assert sequence in console.output, what
    with closing(reader(database)) as connection:
        carol = queries.user(connection, "carol")
        assert carol is not None
        assert carol.risk_state is RiskState.DISMISSED
        assert queries.history(connection, user_id="carol")[-1].note == "she is in Lagos"


def test_no_color_sends_no_colour(database: Path) -> None:
    with terminal(database, env={"NO_COLOR": "1"}) as console:
        console.wait_for("▲ HIGH   carol")
        console.type("j\t\r")
        console.wait_for("Evidence")
        console.type("Q")
        console.wait_exit()
        assert not COLOUR.search(bytes(console.output))


def test_an_idle_console_is_quiet_on_the_line(database: Path) -> None:
    with terminal(database) as console:
        console.wait_for("Password right on 3rd try")
        console.settle(1.0)
        before = len(console.output)
        console.trickle(1_000_000, 2.0)
        assert len(console.output) - before < 600 * 2, bytes(console.output[before:])


def test_what_is_typed_ahead_waits_for_the_screen_it_is_meant_for(
    database: Path, tmp_path: Path
) -> None:
    folder = tmp_path / "exports"
    folder.mkdir()
    with terminal(database, cwd=folder) as console:
        console.wait_for("Password right on 3rd try")
        console.type("gd>c")
        console.wait_for("lines written to")
        assert [path.suffix for path in folder.iterdir()] == [".csv"]


def test_a_database_alone_is_opened_as_it_is(tmp_path: Path) -> None:
    path = tmp_path / "risk.db"
    asyncio.run(prepared(path, wall_clock()))
    state = {"XDG_STATE_HOME": str(tmp_path / "state")}
    argv = [sys.executable, "-m", "risktui", "--db", str(path)]
    with Terminal(argv, env=state) as console:
        console.wait_for("Password right on 3rd try")
        console.type("Q")
        assert console.wait_exit() == 0
    missing = [*argv[:-1], str(tmp_path / "missing.db")]
    with Terminal(missing, env=state) as console:
        console.wait_for("no logs named")
        assert console.wait_exit() == 2


def test_a_resize_storm_leaves_the_screen_as_it_was(database: Path) -> None:
    with terminal(database) as console:
        console.wait_for("Password right on 3rd try")
        console.type("j")
        console.wait_for("erin · inbox rule")
        for cols, rows in ((60, 12), (200, 60), (40, 8), (120, 40), (80, 24)):
            console.resize(cols, rows)
            console.read(0.1)
        console.wait_for("▌▲ HIGH   erin")
        console.wait_for("erin · inbox rule")


def test_nothing_of_what_a_log_says_reaches_the_terminal_as_a_sequence(database: Path) -> None:
    with terminal(database) as console:
        console.wait_for("Password right")
        console.type("jjj")
        console.wait_for("[bold]Not markup[/bold]")
        assert os.fsencode("[bold]Not markup[/bold]") in bytes(console.output)
