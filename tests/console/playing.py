"""Plays an operator: a console on a prepared database, keys, and the screen as text."""

from __future__ import annotations

import asyncio
import difflib
import os
import time
import unicodedata
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from functools import partial
from pathlib import Path
from typing import Any

from textual.events import Callback, Key
from textual.keys import REPLACED_KEYS, _character_to_key, _get_unicode_name_from_key
from textual.pilot import Pilot
from textual.worker import WorkerState

from risktui.console.app import Console
from risktui.console.judging import Author

NOW = 1_778_838_060_000
"""2026-05-15 09:41 UTC."""
OPERATOR = Author("olga", "olga@desk-7")
GOLDENS = Path(__file__).parent / "goldens"
PATIENCE = 60
"""Seconds after which what was waited for has not come, however busy the machine is."""
STEP = 0.005
"""Seconds between two looks whether it has come."""
ON_AND_ON = frozenset({"watch", "keys", "answers"})
"""Work that ends with the console, or when an engine answers."""


def screen_text(app: Console) -> str:
    """What stands on the screen, line by line."""
    lines = app.screen._compositor.render_strips()
    return "\n".join("".join(segment.text for segment in line).rstrip() for line in lines)


def key_event(key: str) -> Key:
    """What a terminal would send for the key of this name, or for this letter."""
    name = _character_to_key(key) if len(key) == 1 and not key.isalnum() else key
    letter: str | None
    try:
        letter = unicodedata.lookup(_get_unicode_name_from_key(REPLACED_KEYS.get(name, name)))
    except KeyError:
        letter = name if len(name) == 1 else None
    return Key(name, letter)


class Playing:
    """A console under way."""

    def __init__(self, app: Console, pilot: Pilot[None]) -> None:
        self.app, self.pilot = app, pilot

    @property
    def text(self) -> str:
        return screen_text(self.app)

    async def press(self, *keys: str) -> None:
        """Gives one key after the other, each when all that the one before led to is shown."""
        for key in keys:
            await self.burst(key)

    async def burst(self, *keys: str) -> None:
        """Gives all of them at once, as somebody does who knows the way."""
        done = asyncio.Event()
        for key in keys:
            self.app.post_message(key_event(key))
        self.app.call_later(self.app._keys.typed, Callback(callback=done.set))
        await self._soon(done.is_set, f"{keys} to be done")
        await self.rest()

    async def rest(self) -> None:
        """Waits until nothing is under way: no question, no answer to be shown, no message."""
        app = self.app
        for _ in range(3):  # an answer leads to a layout, a layout to sizes, sizes to pictures
            await self._soon(self._at_rest, "rest")
            await self.pilot._wait_for_screen()
            if not self._ended:
                app.screen._on_timer_update()

    async def _soon(self, done: Callable[[], object], what: str) -> None:
        """Waits for what the app does by itself, or for the app's end."""
        end = time.monotonic() + PATIENCE
        while not (done() or self._ended):
            assert time.monotonic() < end, f"waited in vain for {what}:\n{self.text}"
            await asyncio.sleep(0.001)

    @property
    def _ended(self) -> bool:
        return self.app._exception is not None or not self.app.is_running

    def _at_rest(self) -> bool:
        app = self.app
        asked = app._told == (None, None) and not app._problem
        at_work = any(
            worker.state in {WorkerState.PENDING, WorkerState.RUNNING}
            and worker.group not in ON_AND_ON
            for worker in app.workers
        )
        return not asked and not at_work

    async def type(self, text: str) -> None:
        names = {" ": "space", ":": "colon", "/": "slash", ".": "full_stop", "*": "asterisk"}
        await self.press(*(names.get(letter, letter) for letter in text))

    async def until(self, told: Callable[[], object], what: str = "it") -> None:
        end = time.monotonic() + PATIENCE
        while not (told() or self._ended):
            assert time.monotonic() < end, f"waited in vain for {what}:\n{self.text}"
            await self.pilot.pause(STEP)
        assert told(), f"ended before {what}"

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
        end = time.monotonic() + PATIENCE
        while self.text != wanted and time.monotonic() < end:
            await self.pilot.pause(STEP)
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
        await playing.rest()
        yield playing
