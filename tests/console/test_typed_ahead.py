"""Keys that come in one burst, faster than the console and its database can follow."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from textual.events import Key, Paste

from console.playing import Playing, console
from risktui.console.screens.user import UserPlace


def burst(playing: Playing, *keys: str) -> None:
    """All of them at once, as a terminal hands them over that was not read for a while."""
    for key in keys:
        letter = " " if key == "space" else key if len(key) == 1 else None
        playing.app.post_message(Key(key, letter))


@contextmanager
def late(playing: Playing) -> Iterator[None]:
    """A database that answers nothing meanwhile."""
    go_on = threading.Event()
    playing.app.session.reader.begin(lambda _connection: go_on.wait(10))
    try:
        yield
    finally:
        go_on.set()


async def test_a_key_after_enter_is_meant_for_the_place_that_enter_opens(database: Path) -> None:
    async with console(database) as playing:
        with late(playing):
            burst(playing, "enter", "enter", "s")
            await playing.until(lambda: isinstance(playing.app.here, UserPlace), "the person")
            await asyncio.sleep(0.1)
            assert "Evidence" not in playing.text
        await playing.sees("Evidence", "Confirm safe password spray of carol@contoso.com")


async def test_what_is_typed_behind_a_key_that_opens_a_line_stands_in_it(database: Path) -> None:
    async with console(database) as playing:
        burst(playing, "slash", *"level:hi", "tab", "space", *"car", "enter", "j", "k")
        await playing.sees("1 of 12  /level:high car", "enter open")


async def test_a_paste_keeps_its_place_among_the_keys(database: Path) -> None:
    async with console(database) as playing:
        burst(playing, "slash")
        playing.app.post_message(Paste("bob"))
        burst(playing, "enter", "enter", "a")
        await playing.sees("Users /bob › bob@contoso.com", "marked")


async def test_the_palette_gets_what_is_typed_behind_its_key(database: Path) -> None:
    async with console(database) as playing:
        burst(playing, *["enter", "enter", "q", "q"] * 2)  # places that are left at once
        burst(playing, "colon", *"audit")
        await playing.sees("audit log")
        assert playing.app.here.place == "overview"


async def test_a_database_that_does_not_answer_locks_nobody_in(
    database: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("risktui.console.typed_ahead.PATIENCE", 0.1)
    async with console(database) as playing:
        with late(playing):
            burst(playing, "enter", "q")
            await playing.until(lambda: isinstance(playing.app.here, UserPlace), "the person")
            await playing.sees("Users at risk")


async def test_an_answer_that_finds_the_console_ending_is_not_drawn(database: Path) -> None:
    async with console(database) as playing:
        await playing.press("enter", "enter")
        here = playing.app.here
        with late(playing):
            playing.app._told = (None, None), playing.app._told[1]  # it asks again
            playing.app._nudge.set()
            await asyncio.sleep(0.05)
            await here.query("#all").remove()  # as an app that ends takes its screens down
        await playing.until(lambda: playing.app._told[0] != (None, None), "the answer")
        await playing.rest()
        assert playing.app.is_running


async def test_a_key_on_its_way_when_the_console_ends_is_for_nobody(database: Path) -> None:
    async with console(database) as playing:
        key = Key("j", "j")
        key._set_forwarded()
    assert playing.app.screen_stack == []
    await playing.app.on_event(key)
