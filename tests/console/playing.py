"""Plays an operator: a console on a prepared database, keys, and the screen as text."""

from __future__ import annotations

import difflib
import os
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from functools import partial
from pathlib import Path
from typing import Any

from textual.pilot import Pilot

from risktui.console.app import Console
from risktui.console.judging import Author

NOW = 1_778_838_060_000
"""2026-05-15 09:41 UTC."""
OPERATOR = Author("olga", "olga@desk-7")
GOLDENS = Path(__file__).parent / "goldens"


def screen_text(app: Console) -> str:
    """What stands on the screen, line by line."""
    lines = app.screen._compositor.render_strips()
    return "\n".join("".join(segment.text for segment in line).rstrip() for line in lines)


class Playing:
    """A console under way."""

    def __init__(self, app: Console, pilot: Pilot[None]) -> None:
        self.app, self.pilot = app, pilot

    @property
    def text(self) -> str:
        return screen_text(self.app)

    async def press(self, *keys: str) -> None:
        await self.pilot.press(*keys)
        await self.pilot.pause()

    async def type(self, text: str) -> None:
        names = {" ": "space", ":": "colon", "/": "slash", ".": "full_stop", "*": "asterisk"}
        await self.press(*(names.get(letter, letter) for letter in text))

    async def until(self, told: Callable[[], object], what: str = "it") -> None:
        end = time.monotonic() + 15
        while not told():
            assert time.monotonic() < end, f"waited in vain for {what}:\n{self.text}"
            await self.pilot.pause(0.02)

    async def sees(self, *texts: str) -> None:
        for text in texts:
            await self.until(partial(self._shows, text), repr(text))

    async def is_told(self, text: str) -> None:
        """Waits for a message, wherever its lines break."""
        await self.until(lambda: text in self.app.here.said.words, repr(text))

    async def looks_like(self, name: str) -> None:
        """Waits for what stands in goldens/NAME.txt; UPDATE_GOLDENS=1 writes it instead."""
        path = GOLDENS / f"{name}.txt"
        if os.environ.get("UPDATE_GOLDENS"):
            await self.pilot.pause(1.0)
            path.write_text(self.text + "\n", "utf-8")
        wanted = path.read_text("utf-8").rstrip("\n")
        end = time.monotonic() + 10
        while self.text != wanted and time.monotonic() < end:
            await self.pilot.pause(0.02)
        sides = wanted.splitlines(), self.text.splitlines()
        assert self.text == wanted, "\n".join(difflib.unified_diff(*sides, "golden", "now"))

    def _shows(self, text: str) -> bool:
        return text in self.text

    async def sees_no_more(self, text: str) -> None:
        await self.until(lambda: text not in self.text, f"{text!r} to go")


@asynccontextmanager
async def console(
    database: Path, size: tuple[int, int] = (80, 24), *, live: bool = False, **options: Any
) -> AsyncIterator[Playing]:
    """A console on `database`, at rest on its overview; its clock stands unless it is `live`."""
    if not live:
        options.setdefault("clock", lambda: NOW)
    options.setdefault("author", OPERATOR)
    app = Console(database, title="contoso", **options)
    async with app.run_test(size=size) as pilot:
        playing = Playing(app, pilot)
        await playing.until(lambda: app._told[1], "the first look")
        await pilot.pause()
        yield playing
