"""Looks at the database again and again, and has the place one is at show what it asks for."""

from __future__ import annotations

import asyncio
import contextlib
import secrets
import sqlite3
from collections.abc import Callable
from concurrent.futures import Future
from functools import partial
from typing import Any

import msgspec
from textual import work
from textual.events import Event, Key, Paste

from risktui.console import list_words as says
from risktui.console import theme
from risktui.console.display import DifferentialDisplay
from risktui.console.driver import console_driver
from risktui.console.engine_lookout import EngineLookout
from risktui.console.heralding import TitleOfTerminal, call
from risktui.console.past import counts_at
from risktui.console.reader import Question
from risktui.console.reading import Pulse, glance
from risktui.console.screens.place import Place
from risktui.console.session import Session
from risktui.console.tidying import Tidying
from risktui.console.typed_ahead import TypedAhead
from risktui.console.widgets.status_line import health
from risktui.language.choice import tr
from risktui.model.risk import RiskLevel
from risktui.store import alerts, presence
from risktui.store.lock import EngineLock

PACE = 0.25
"""Seconds between two looks at the database while somebody looks at us."""
PACE_UNFOCUSED = 1.0
PARTING_MS = 200
"""How long a console that ends waits for whoever writes, to say that it looks at nobody."""
LISTS_AGE = 10_000
"""Milliseconds after which lists are drawn again for their ages."""
SETTLED = 2
"""Looks after which everything that the first screen needs is there."""


class Watching(DifferentialDisplay[None]):
    """An app with a place one is at, which is shown what the database holds."""

    def __init__(
        self,
        session: Session,
        *,
        start_engine: Callable[[], None] | None = None,
        apply_waiting: Callable[[], None] | None = None,
        alert: RiskLevel | None = None,
        captions: Callable[[], str] | None = None,
    ) -> None:
        super().__init__(driver_class=console_driver(), ansi_color=theme.ansi_colour())
        self.session = session
        self.keys_first = session.keys_first
        self._here: Place
        self._alert = alert
        self._heard: int | None = None
        self._captions = captions
        self._window_title = TitleOfTerminal(session.title, session.label)
        self._engine = EngineLookout(EngineLock(session.database), start_engine, apply_waiting)
        self._tidying = Tidying()
        self._pace = PACE
        self._nudge = asyncio.Event()
        self._keys = TypedAhead(self, self._act)
        self._version = -1
        self._early: Future[tuple[int, Pulse | None]] | None = session.reader.begin(glance)
        """The first look, which goes on while the first screen is made."""
        self._ahead: Future[Any] | None = None
        """The first answer, asked for before the first screen is there."""
        self._pulse = Pulse()
        """As it was read: that of a past moment has counts of its own."""
        self._told: tuple[object, object] = (None, None)
        self._told_at = 0
        self._looks = self._rounds = 0
        self._problem = ""
        self._console_id = secrets.token_hex(8)
        self._looked_at = ("", 0)

    def ask_ahead(self, place: Place) -> None:
        """Asks what `place` will want to know as soon as it is there."""
        self._ahead = self.session.reader.begin(place.question())

    def expect_answer(self) -> None:
        """Another place was opened: what is typed ahead is meant for what it will show."""
        self._keys.expect_answer()

    async def on_event(self, event: Event) -> None:
        """What is typed has its turn after all that was typed before."""
        typed = isinstance(event, Key | Paste)
        if typed and not self.screen_stack:
            return  # the console ends: there is no place that it could be meant for
        if typed and not event.is_forwarded:
            self._keys.typed(event)
        else:
            await super().on_event(event)

    async def _act(self, event: Event) -> None:
        """A key's turn has come."""
        await super().on_event(event)
        if isinstance(event, Key):
            self.keys_first.acted()

    def first_look(self) -> None:
        """The place one starts at has been answered for the first time."""
        raise NotImplementedError

    @property
    def here(self) -> Place:
        """The place one is at, whatever lies over it; the last one when the console ends."""
        for screen in reversed(self.screen_stack):
            if isinstance(screen, Place):
                self._here = screen
                break
        return self._here

    def say(self, text: str, role: str = "") -> None:
        """Says something at the place one is at."""
        self.here.say(text, role)

    @work(group="keys")
    async def _give_keys(self) -> None:
        await self._keys.give()

    @work(group="watch")
    async def _watch(self) -> None:
        """Goes on until the console ends."""
        while True:
            try:
                await self._look()
                await self._look_around()
                self._problem = ""
            except sqlite3.Error as error:
                self._problem = tr(says.DATABASE_FAILS).format(error=error)
                self._keys.answered()
            await self.keys_first.quiet()
            self._show_status()
            self._rounds += 1
            if self._rounds == SETTLED:
                self._tidying.begin()
            self._tidying.tidy(self.keys_first.idle)
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(self._pace):
                    await self._nudge.wait()
            self._nudge.clear()

    async def _look(self) -> None:
        """Asks what is seen now, if anything has changed since it was asked last."""
        here, session = self.here, self.session
        asked = self._early or session.reader.begin(
            partial(glance, version=self._version, before=self._pulse)
        )
        self._early = None
        version, pulse = await asyncio.wrap_future(asked)
        if pulse is not None:
            session.pulse = self._pulse = pulse
            self._version = version
            await self._herald()
        if session.at is not None:
            at = session.at
            counts = await session.reader.ask(lambda c: counts_at(c, at))
            session.pulse = msgspec.structs.replace(session.pulse, counts=counts)
        now = session.now()
        engine = session.pulse.engine
        ended = engine.state == "stopped"
        if problem := await self._engine.look(engine.heartbeat, now, ended=ended):
            self.say(problem, "bad")
        told = (here, session.search), here.heeds(session.pulse)
        if self._told == told:
            if now - self._told_at < LISTS_AGE:
                return
        else:
            await here.watch_verdict()
        ahead, self._ahead = self._ahead, None
        if ahead is None or session.replaying():  # then ages are counted from another moment
            ahead = session.reader.begin(here.question())
        found = await asyncio.wrap_future(ahead)
        try:
            async with asyncio.timeout(PACE_UNFOCUSED):
                await here.has_panes.wait()
        except TimeoutError:
            return  # it is asked again
        self._told, self._told_at = told, now
        await self.keys_first.quiet()
        if here.is_whole:
            here.answer(found)
        if told[0] == (self.here, session.search):  # what keys are meant for now
            self._keys.answered()
        self._looks += 1
        if self._looks == 1:
            self.first_look()

    async def _look_around(self) -> None:
        """Says whom one looks at, where nobody else would know, and asks who else does."""
        session, now, here = self.session, self.session.now(), self.here
        whom = here.looked_at()
        if whom == self._looked_at[0] and now - self._looked_at[1] < presence.EVERY:
            return
        before = self._looked_at[0]
        self._looked_at = whom, now
        if not whom:
            if before:
                await self._tell(lambda c: presence.leave(c, self._console_id))
            return
        looking = presence.Looking(session.author.place, whom, now)
        await self._tell(lambda c: presence.look(c, self._console_id, looking))
        found = await session.reader.ask(lambda c: presence.beside(c, self._console_id, whom, now))
        if here.is_attached:
            here.show_beside(found)

    async def _tell(self, say: Question[None]) -> None:
        """Writes who looks at whom; where that cannot be written, nobody is told."""
        if not self.session.read_only:
            with contextlib.suppress(sqlite3.Error):
                await self.session.writer.ask(say)

    def look_away(self) -> None:
        """Looks at nobody any more, and does not wait long to say so: the console ends."""
        if self._looked_at[0] and not self.session.read_only:

            def leave(connection: sqlite3.Connection) -> None:
                connection.execute(f"PRAGMA busy_timeout = {PARTING_MS}")
                presence.leave(connection, self._console_id)

            self.session.writer.begin(leave)

    def _show_status(self) -> None:
        session, now = self.session, self.session.now()
        engine, problem = self._engine, self._problem or self._engine.noted
        starting = engine.is_starting(now)
        state = health(
            session.pulse.engine, now, held=engine.held, problem=problem, starting=starting
        )
        past = session.at is not None or session.replaying()
        if self._captions is not None:
            self.here.caption(self._captions())
        self.here.status_line.show(session.pulse, state, now, past=past, at=session.at)
        self._tell_terminal(self._window_title.show(session.pulse.counts))

    def _tell_terminal(self, sequence: str) -> bool:
        """Writes what no screen shows, unless the terminal is busy; whether it was written."""
        driver = self._driver
        if not sequence or driver is None or self.is_headless or getattr(driver, "busy", False):
            return False
        driver.write(sequence)
        driver.flush()
        return True

    async def _herald(self) -> None:
        """Rings for whoever has reached the level since this console began, each once."""
        level = self._alert
        if level is None:
            return
        ask, after = self.session.reader.ask, self._heard
        if after is None:
            self._heard = await ask(alerts.latest)
            return
        found, self._heard = await ask(lambda c: alerts.alerts(c, after, level))
        self._tell_terminal(call(found))

    def look_again(self) -> None:
        """Asks at once, changed or not."""
        self._told = (None, None)
        self._nudge.set()

    def on_place_changed(self) -> None:
        """Another filter, order or moment: keys are meant for the rows that it leads to.

        What is typed into an open line is not; it need not wait for the rows of each letter.
        """
        self._version = -1  # a past moment has counts of its own
        if not self.here.typing:
            self.expect_answer()
        self.look_again()

    def on_app_focus(self) -> None:
        """Somebody looks."""
        self._pace = PACE
        self._nudge.set()

    def on_app_blur(self) -> None:
        """Nobody looks: once a second is enough."""
        self._pace = PACE_UNFOCUSED
