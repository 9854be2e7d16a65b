"""`--lang ja` on a terminal: what arrives is what is meant, however wide the letters are."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from console.playing import NOW
from console.prepared import prepared
from e2e.pty_harness import Terminal

PLACES = {
    "": "資格情報の漏洩",
    "jjj": "hanako",
    "?": "キー操作",
    "\x1b": "開く",
    "c": "判定できません",
    "\x1b\r": "既知の特徴",
    "\t\t\t": "把握期間",
    "q\tzjj": "検出 一時停止中",
}
"""Keys, and what is seen after them."""
PROGRAM = f"""
import time
time.time_ns = lambda: {NOW} * 1_000_000
from risktui.cli.main import main
main()
"""
"""The command line on a day that stands still, so that no age grows between two pictures."""


@pytest.fixture
async def database(tmp_path: Path) -> Path:
    path = tmp_path / "risk.db"
    await prepared(path, NOW)
    return path


def command(database: Path, *more: str) -> list[str]:
    where = ["--db", str(database), "--read-only"]
    return [sys.executable, "-c", PROGRAM, "console", *where, *more]


def surroundings(database: Path, **more: str | None) -> dict[str, str | None]:
    return {"XDG_STATE_HOME": str(database.parent / "state"), "LC_ALL": None, **more}


@pytest.mark.parametrize(("cols", "rows"), [(80, 24), (120, 40)])
def test_every_picture_is_what_a_full_repaint_shows(database: Path, cols: int, rows: int) -> None:
    env = surroundings(database, LANG="C.UTF-8")
    with Terminal(command(database, "--lang", "ja"), cols=cols, rows=rows, env=env) as console:
        for keys, seen in PLACES.items():
            for key in keys:
                console.type(key)
                if key == "\x1b":
                    console.settle()  # a key that comes at once would belong to it
            console.wait_for(seen)
            console.settle(0.4)  # longer than it takes until it looks at the database again
            before, written = console.picture()[1:], len(console.output)  # a clock comes first
            console.type("\x0c")
            console.wait_until(lambda: len(console.output) > written, "the picture")  # noqa: B023
            console.settle()
            assert console.picture()[1:] == before, f"after {keys!r}"
        console.type("Q")
        assert console.wait_exit() == 0


@pytest.mark.parametrize(
    ("asked", "locale", "term", "seen"),
    [
        ((), "ja_JP.UTF-8", "xterm", "危険なユーザー"),
        (("--lang", "en"), "ja_JP.UTF-8", "xterm", "Users at risk"),
        ((), "ja_JP.UTF-8", "linux", "Users at risk"),
        ((), "de_DE.UTF-8", "xterm", "Users at risk"),
    ],
)
def test_the_locale_speaks_unless_somebody_asks_or_the_terminal_cannot(
    database: Path, asked: tuple[str, ...], locale: str, term: str, seen: str
) -> None:
    env = surroundings(database, LANG=locale, TERM=term)
    with Terminal(command(database, *asked), env=env) as console:
        console.wait_for(seen)
        console.type("Q")
        assert console.wait_exit() == 0


def test_a_configuration_can_choose_it(database: Path) -> None:
    config = database.parent / "risktui.toml"
    config.write_text('[console]\nlanguage = "ja"\n', "utf-8")
    env = surroundings(database, LANG="en_GB.UTF-8")
    with Terminal(command(database, "--config", str(config)), env=env) as console:
        console.wait_for("危険なユーザー")
        console.type("Q")
        assert console.wait_exit() == 0
