"""The differential display on a real pty: the picture is right, and it costs little."""

from __future__ import annotations

import asyncio
import random
import re
import time
from pathlib import Path

import pytest
from textual.events import Resize
from textual.geometry import Size

from console.playing import PATIENCE, console
from console.terminal import Terminal, counted, run, wait_for_beats

SIZES = ((100, 30), (80, 24), (120, 40), (60, 20))
BUDGET = 600  # bytes for one more row at 80x24; Textual's own display takes 7 000


def wait_for_bells(terminal: Terminal, count: int) -> None:
    terminal.wait_until(lambda: terminal.bells >= count, f"bell {count}")
    terminal.settle(0.1)


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_after_any_burst_of_changes_the_screen_is_what_a_full_repaint_shows(seed: int) -> None:
    chance = random.Random(seed)
    with run("busy", seed, cols=100, rows=30) as terminal:
        terminal.wait_for("filter")
        for turn in range(3):
            terminal.type("x")
            if seed % 2 == 0:  # a terminal that stops reading in the middle of it
                time.sleep(chance.choice((0.05, 0.2)))
            wait_for_bells(terminal, 2 * turn + 1)
            before = terminal.picture()
            terminal.type("\x0c")
            wait_for_bells(terminal, 2 * turn + 2)
            assert terminal.picture() == before
            terminal.resize(*chance.choice(SIZES))


@pytest.mark.parametrize("follow", ["top", "bottom"])
def test_one_more_row_costs_few_bytes(follow: str) -> None:
    with run("feed", follow) as terminal:
        terminal.wait_for("passwordSpray 99")
        terminal.settle()
        before = len(terminal.output)
        for number in range(10):
            terminal.type("a")
            terminal.wait_for(f"passwordSpray {100 + number}")
        terminal.settle()
        assert (len(terminal.output) - before) / 10 < BUDGET


def test_a_row_that_comes_while_the_feed_holds_costs_next_to_nothing() -> None:
    with run("feed", "top") as terminal:
        terminal.wait_for("passwordSpray 99")
        terminal.type("jj")
        terminal.settle()
        before, picture = len(terminal.output), terminal.picture()
        terminal.type("aaaa")
        terminal.wait_for("added 4")
        terminal.settle()
        assert terminal.picture()[1:] == picture[1:]
        assert len(terminal.output) - before < 4 * 100


def test_a_terminal_that_stops_reading_does_not_stop_the_app(tmp_path: Path) -> None:
    beats = tmp_path / "beats"
    with run("feed", "top", beats) as terminal:
        terminal.wait_for("passwordSpray")
        # Not reading from here on. Each beat repaints 5 kB, so the line is full after a few.
        start = counted(beats)
        wait_for_beats(beats, start + 100)
        # And when it reads again, it sees what is now.
        terminal.wait_until(lambda: shown(terminal) >= start + 100, "the present")


def test_a_slow_line_gets_the_newest_picture_and_not_every_one(tmp_path: Path) -> None:
    beats = tmp_path / "beats"
    with run("feed", "top", beats) as terminal:
        terminal.wait_for("passwordSpray")
        start = counted(beats)
        for number in range(50):  # a beat is worth 5 kB, of which the line takes a tenth
            wait_for_beats(beats, start + number)
            terminal.read(0, 500)
        assert terminal.output.count(b"\x1b[1;1H") < counted(beats) - start
        terminal.wait_until(lambda: shown(terminal) >= start, "the present")


def shown(terminal: Terminal) -> int:
    found = re.search(r"added (\d+)", terminal.text)
    return int(found[1]) if found else -1


def test_no_colour_means_no_colour_in_any_theme() -> None:
    with run("feed", env={"NO_COLOR": "1"}) as terminal:
        terminal.wait_for("passwordSpray 99")
        terminal.type("t")
        terminal.wait_for("theme ")
        terminal.type("a")
        terminal.wait_for("added 1")
        terminal.settle()
        codes = {
            code
            for codes in re.findall(rb"\x1b\[([0-9;:]*)m", terminal.output)
            for code in re.split(rb"[;:]", codes)
        }
    assert b"7" in codes, "the cursor must be seen without colour"
    assert codes <= {b"", b"0", b"1", b"3", b"4", b"7", b"22", b"23", b"24", b"27"}


def test_the_stock_display_can_be_had_instead() -> None:
    with run("feed", env={"RISKTUI_DISPLAY": "stock"}) as stock, run("feed") as ours:
        for terminal in (stock, ours):
            terminal.wait_for("passwordSpray 99")
            terminal.type("aa")
            terminal.wait_for("passwordSpray 101")
            terminal.settle()
        assert stock.picture() == ours.picture()
        assert len(stock.output) > 2 * len(ours.output)


async def test_of_sizes_that_come_faster_than_they_are_drawn_the_last_one_stays(
    database: Path,
) -> None:
    async with console(database, (80, 24)) as playing:
        screen = playing.app.screen
        for height in (25, 30, 24):  # a window that is drawn by its edge
            screen.post_message(Resize(Size(80, height), Size(80, height)))
            screen.call_later(lambda: None)  # two that follow each other become one
        seen = set()
        async with asyncio.timeout(PATIENCE):
            for _ in range(20):
                await playing.pilot.pause(0.005)
                seen.add(screen.size)
        assert seen == {Size(80, 24)}
