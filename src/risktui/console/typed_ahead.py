"""Gives the keys of a burst one by one, each to the place that the ones before it have led to."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Awaitable, Callable, Iterable
from typing import Any

from textual.app import App
from textual.dom import DOMNode
from textual.events import Event
from textual.message_pump import MessagePump

PATIENCE = 3.0
"""Seconds that keys wait at most for the answer of the place they were typed for."""
LONGEST = 1.0
"""Seconds that a key may take until the next one no longer waits for it."""


class TypedAhead:
    """A key is forwarded to what has the focus when its turn comes, not when it arrives.

    A key that opens a place does so in several steps: the table says that a row was chosen, its
    screen asks for a place, the app opens it, the database answers. Whoever types `enter c` in one
    burst means the second key for the place that the first one opens.
    """

    def __init__(self, app: App[Any], act: Callable[[Event], Awaitable[None]]) -> None:
        self._app, self._act = app, act
        self._typed: asyncio.Queue[Event] = asyncio.Queue()
        self._answered = asyncio.Event()

    def typed(self, event: Event) -> None:
        """A key or a paste has come."""
        self._typed.put_nowait(event)

    def expect_answer(self) -> None:
        """Another place was opened: what comes next is meant for what it will show."""
        self._answered.clear()

    def answered(self) -> None:
        """The place shows what it was opened for, or never will."""
        self._answered.set()

    async def give(self) -> None:
        """Goes on until the app ends."""
        while True:
            event = await self._typed.get()
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(PATIENCE):
                    await self._answered.wait()
            self._answered.set()
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(LONGEST):
                    await self._give(event)

    async def _give(self, event: Event) -> None:
        """Returns when everything that the event leads to at once has been done."""
        app = self._app
        screen = app.screen
        way = (app.focused or screen).ancestors_with_self
        app.call_later(self._act, event)
        await _done(way)  # a key goes all the way up before what is bound to it is done
        await _done(one for each in way for one in (each, each))  # and says so all the way up
        if app.screen is not screen:
            await _done([app.screen, app.screen])  # it has its panes, and one of them the keys


async def _done(pumps: Iterable[DOMNode | MessagePump]) -> None:
    """Returns when each of `pumps`, one after the other, has done what it had been told."""
    for pump in pumps:
        done = asyncio.Event()
        if pump.call_later(done.set):
            await done.wait()
