"""The console in Japanese: every screen is gone through, and nothing may be left in English."""

from __future__ import annotations

import json
import re
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from rich.cells import cell_len

from console.playing import Playing, console
from risktui.console.actions import ACTIONS
from risktui.console.theme import load_themes, theme_folders
from risktui.console.widgets.feed_table import FeedTable
from risktui.language import choice

SIZES = [(80, 24), (120, 40)]
PLACE = re.compile(r"[A-Z][^,]*, [A-Z]{2}")
WORD = re.compile(r"[A-Za-z]{2,}")
NAMES = re.compile(r"user-[0-9a-f]{4}|masked\.example|\w*[a-z][A-Z]\w*…?|\w+_\w+(?: True)?")
"""Stand-ins of the mask, types of risk, settings and their values."""
ALLOWED = frozenset(
    WORD.findall(
        """
        ATT CK API CSV HTML ID IP JSON Lines Markdown MFA NDJSON OS OSC PNG PRT SVG UA UTC VPN km
        risktui toml contoso olga desk intel status config FILE init
        ctrl enter esc space shift tab up down left right home end page fg F2
        level state type user ip country since until id high medium low atRisk dismissed open closed
        any passwordSpray spray al alice ng risk db tmux en English version
        """
    )
)
"""Names of products, of keys, and the language of filters."""


@pytest.fixture(autouse=True)
def japanese(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.chdir(tmp_path)  # exports
    choice.choose("ja")
    yield
    choice.choose("en")


class Tour:
    """Goes everywhere and keeps what it saw."""

    def __init__(self, play: Playing) -> None:
        self.play = play
        self.seen: list[tuple[str, str]] = []

    async def see(self, what: str, *keys: str) -> None:
        await self.play.press(*keys)
        self.seen.append((what, self.play.text))

    async def through_lists(self) -> None:
        play = self.play
        await self.see("overview", "H")
        for key in "oOHpxXPPz":
            await self.see(f"overview {key}", key)
        await play.press("z")
        await self.see("marked", "space", "space")
        for key, what in {"c": "compromised", "d": "dismiss", "s": "safe", "u": "undo"}.items():
            await self.see(what, key)
            await self.see(what, "escape")
        await self.see("going back", "escape", "q")
        await self.see("no next match", "n")
        for question in "ZWT/":
            await self.see(f"question {question}", question)
            await play.press("x")
            await self.see(f"nonsense for {question}", "enter")
            await self.see(f"left {question}", "escape")
        await self.see("snoozed", "Z", "enter")
        await self.see("awake", "U")
        await self.see("prefix", "g")
        await self.see("prefix left", "escape")
        await self.see("exports", "greater_than_sign")
        await self.see("exports left", "escape")
        await self.see("interrupt", "ctrl+c")
        await self.see("feed", "tab", "f")

    async def through_help_and_palette(self) -> None:
        await self.see("help", "question_mark")
        for page in range(8):
            await self.see(f"help {page}", "pagedown")
        await self.play.press("escape")
        await self.see("palette", "colon")
        await self.play.until(lambda: "export.csv" in self.play.text, "the palette")
        for page in range(12):
            await self.see(f"palette {page}", "pagedown")
        await self.play.press("escape", "escape")

    async def through_places(self) -> None:
        play = self.play
        play.app.here.show_pane("users")
        play.app.here.query_one("#users", FeedTable).select("carol")
        await play.press("enter")
        await play.sees("carol@contoso.com")
        for pane in range(7):
            await self.see(f"user {pane}", "tab")
        await self.see("user keys", "question_mark")
        await play.press("escape", "tab", "tab", "tab")
        play.app.here.show_pane("detections")
        await self.see("detection", "enter")
        await play.sees("根拠")
        for page in range(3):
            await self.see(f"detection {page}", "pagedown")
        await self.see("who else", "w")
        await self.see("record", "r")
        await play.sees("0 件のログのどこ")
        await self.see("find in it", "slash")
        await self.see("found nothing", "x", "enter")
        await play.press("escape", "q", "q")
        for key, place in {"s": "ソース", "d": "検出器", "p": "ポリシー", "a": "監査ログ"}.items():
            await play.press("g", key)
            await play.sees(place)
            await self.see(place, "tab")
            await play.press("q")


async def toured(database: Path, size: tuple[int, int]) -> tuple[Tour, set[str]]:
    missed: set[str] = set()
    with choice.listening(missed.add):
        async with console(database, size) as play:
            tour = Tour(play)
            await tour.through_lists()
            await tour.through_help_and_palette()
            await tour.through_places()
    return tour, missed


async def test_wide_letters_break_no_frame_of_boards_map_and_stories(database: Path) -> None:
    async with console(database) as play:
        play.app.here.query_one("#users", FeedTable).select("carol")
        await play.press("enter", "m")
        await play.sees("1→2")
        await is_straight(play)
        for _ in range(7):
            await play.press("tab")
            await is_straight(play)
        for key, place in {"s": "ソース", "d": "検出器", "p": "ポリシー", "a": "監査ログ"}.items():
            await play.press("g", key)
            await play.sees(place)
            await is_straight(play)


async def is_straight(play: Playing) -> None:
    """Every line is as wide as the terminal, and frames stand in the first and the last column."""
    await play.rest()
    framed = 0
    for strip in play.app.screen._compositor.render_strips():
        text = strip.text
        assert strip.cell_length == cell_len(text) == 80, text
        assert (text[0] in "│╭╰") == (text[-1] in "│╮╯"), text
        framed += text[0] == "│"
    assert framed > 10


@pytest.mark.parametrize("size", SIZES)
async def test_no_screen_says_anything_in_english(database: Path, size: tuple[int, int]) -> None:
    tour, missed = await toured(database, size)
    data = texts_in(database)
    unknown = sorted(
        text
        for text in missed
        if WORD.search(text) and text not in data and not PLACE.fullmatch(text)
    )
    known = {*data, *ALLOWED, *(action.id for action in ACTIONS), *load_themes(theme_folders())[0]}
    words = frozenset(word.casefold() for text in known for word in WORD.findall(text))
    left = {
        f"{what}: {line.strip()}"
        for what, screen in tour.seen
        for line in screen.splitlines()
        if not understood(line, words)
    }
    told = ["not in the catalogue:", *unknown, "left in English:", *sorted(left)]
    assert len(told) == 2, "\n".join(told)


def understood(line: str, words: frozenset[str]) -> bool:
    """Whether all of its words are known; of one that is cut or covered, what is left of it."""
    line = NAMES.sub("", line)
    for found in WORD.finditer(line):
        word = found[0].casefold()
        covered = line[: found.start()].endswith("│")
        cut = line[found.end() :].startswith(("…", "│"))
        if not (
            word in words
            or (cut and any(one.startswith(word) for one in words))
            or (covered and any(one.endswith(word) for one in words))
        ):
            return False
    return True


def texts_in(database: Path) -> set[str]:
    """Every text that the database holds: what logs and detectors say is not the console's."""
    found: set[str] = set()
    with closing(sqlite3.connect(database)) as connection:
        names = [row[0] for row in connection.execute("SELECT name FROM sqlite_schema")]
        for name in names:
            if name.startswith("sqlite_") or not re.fullmatch(r"[a-z_]+", name):
                continue
            try:
                rows = connection.execute(f'SELECT * FROM "{name}"').fetchall()
            except sqlite3.Error:  # an index
                continue
            for row in rows:
                for value in row:
                    found |= set(_texts(value))
    return found


def _texts(value: Any) -> Iterator[str]:
    if isinstance(value, bytes):
        try:
            value = json.loads(value)
        except ValueError:
            return
    if isinstance(value, str):
        yield value
        if value.startswith(("{", "[")):
            try:
                yield from _texts(json.loads(value))
            except ValueError:
                return
    elif isinstance(value, dict):
        for part in value.values():
            yield from _texts(part)
    elif isinstance(value, list):
        for part in value:
            yield from _texts(part)


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("place", ["overview", "user", "detection"])
async def test_screens_look_so(database: Path, place: str, size: tuple[int, int]) -> None:
    async with console(database, size) as play:
        if place == "user":
            await play.press("enter")
            await play.sees("carol@contoso.com")
        elif place == "detection":
            await play.press("tab", *(["tab"] if size[0] > 80 else []), "enter")
            await play.sees("根拠")
        await play.looks_like(f"{place}_ja_{size[0]}x{size[1]}")
        for line in play.app.screen._compositor.render_strips():
            assert line.cell_length == size[0]


async def test_another_language_is_spoken_at_once(database: Path) -> None:
    async with console(database) as play:
        await play.sees("危険なユーザー", "開く")
        play.app.speak("en")
        await play.sees("Users at risk", "enter open", "▲ HIGH")
        await play.sees_no_more("危険")
        await play.press("c")
        await play.sees("why (optional)", "enter write")
        await play.press("escape")
        play.app.speak("ja")
        await play.sees("危険なユーザー", "enter 開く", "▲ 高")
