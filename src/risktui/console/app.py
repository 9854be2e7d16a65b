"""The console: screens on a database that somebody else fills."""

from __future__ import annotations

import asyncio
import contextlib
import secrets
import sqlite3
import sys
from collections.abc import Callable, Iterable, Mapping
from functools import cached_property
from pathlib import Path
from typing import Any

import msgspec
from textual import work
from textual.app import SystemCommand
from textual.screen import Screen

from risktui.config import Config
from risktui.console import actions, answering, theme
from risktui.console import list_words as says
from risktui.console.display import DifferentialDisplay
from risktui.console.driver import console_driver, set_mouse
from risktui.console.heralding import TitleOfTerminal, call
from risktui.console.judging import Author, Prospect
from risktui.console.machinery import Machinery
from risktui.console.marks import ascii_only
from risktui.console.memory import usual_folder
from risktui.console.past import counts_at
from risktui.console.reading import Pulse, Question, pulse
from risktui.console.screens.overview import Overview
from risktui.console.screens.place import Place
from risktui.console.session import Session, wall_clock
from risktui.console.widgets.status_line import STALE, health
from risktui.console.words import joined
from risktui.language import choice
from risktui.language.choice import tr
from risktui.model.risk import RiskLevel
from risktui.store import alerts, presence, queries, verdicts
from risktui.store.lock import EngineLock
from risktui.store.verdicts import Answer

PACE = 0.25
"""Seconds between two looks at the database while somebody looks at us."""
PACE_UNFOCUSED = 1.0
SLOW_ANSWER = 2.0
"""Seconds after which an operator is told that the engine has not answered yet."""
GIVEN_UP = 60.0
"""Seconds after which a verdict's answer is no longer waited for; it stays recorded."""
SWITCH = 0.001
"""Seconds after which the thread that reads the database lets a key have its turn."""
LISTS_AGE = 10_000
"""Milliseconds after which lists are drawn again for their ages."""
START_AGAIN = 5_000
"""Milliseconds between two attempts to start an engine."""


class Console(DifferentialDisplay[None]):
    """Reads the database, shows it, and hands in verdicts."""

    CSS_PATH = "console.tcss"
    TITLE = "risktui"
    ENABLE_COMMAND_PALETTE = True
    COMMAND_PALETTE_BINDING = "f24"  # ours are `:` and ctrl+p, from the list of actions
    HORIZONTAL_BREAKPOINTS = [
        (0, "-tiny"),
        (60, "-narrow"),
        (100, "-middle"),
        (160, "-wide"),
    ]
    VERTICAL_BREAKPOINTS = [
        (0, "-flat"),
        (12, "-short"),
        (20, "-tall"),
        (34, "-high"),
    ]

    def __init__(
        self,
        database: Path,
        *,
        title: str = "",
        read_only: bool = False,
        label: str = "",
        theme_name: str | None = None,
        start_engine: Callable[[], None] | None = None,
        keymap: Mapping[str, str] | None = None,
        clock: Callable[[], int] = wall_clock,
        author: Author | None = None,
        may_judge: str = "",
        state: Path | None = None,
        alert: RiskLevel | None = None,
        config: Config | None = None,
        captions: Callable[[], str] | None = None,
        seconds: float | None = None,
    ) -> None:
        super().__init__(driver_class=console_driver(), ansi_color=theme.ansi_colour())
        self.session = Session(
            database,
            title=title,
            label=label,
            read_only=read_only,
            ascii_only=ascii_only(),
            keymap=keymap,
            clock=clock,
            author=author,
            may_judge=may_judge,
            state=state,
        )
        self._alert = alert
        self._heard: int | None = None
        self._window_title = TitleOfTerminal(title, label)
        self._first_look = True
        self.animation_level = "none"
        self._start_engine = start_engine
        self._lock = EngineLock(database)
        self._held: bool | None = None
        self._held_at = self._started_at = 0
        self._noted = ""
        """What the engine says beside a database that it cannot write."""
        self._pace = PACE
        self._nudge = asyncio.Event()
        self._version = -1
        self._told: tuple[object, Pulse | None] = (None, None)
        self._told_at = 0
        self._problem = ""
        self._here: Place
        self._forward: list[tuple[actions.Place, str]] = []
        self._been: list[tuple[actions.Place, str]] = []
        self._problems = theme.install(self, theme_name or theme.DEFAULT)
        self._machinery = Machinery(config)
        self._captions = captions
        self._seconds = seconds
        self._console_id = secrets.token_hex(8)
        self._looked_at = ("", 0)
        self.set_keymap(actions.rebound(self.session.keymap))

    @cached_property
    def themes(self) -> list[str]:
        """Names of our themes and of the user's."""
        return sorted(theme.load_themes(theme.theme_folders())[0])

    def get_theme_variable_defaults(self) -> dict[str, str]:
        """Our own variables, in themes that do not know them."""
        return theme.VARIABLES

    def get_default_screen(self) -> Screen[Any]:
        """Where one starts."""
        self._here = Overview(self.session)
        return self._here

    async def on_mount(self) -> None:
        """Begins to look at the database."""
        self._watch()
        if self._seconds is not None:
            self.set_timer(self._seconds, self.exit)
        unknown = actions.unknown_ids(self.session.keymap)
        if unknown:
            said = tr(says.NO_ACTION).format(names=joined(unknown))
            self.call_after_refresh(self.say, said, "warn")
        elif self._problems:
            self.call_after_refresh(self.say, str(self._problems[0]), "warn")

    def on_unmount(self) -> None:
        """Writes down where one was, and lets go of the database."""
        session = self.session
        session.memory.been = list(self._been)
        session.memory.search = session.search.text
        session.memory.masked = session.mask.on
        session.diary.write()
        self._tell_terminal(self._window_title.leave())
        session.close()

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

    # Looking at the database

    @work(group="watch")
    async def _watch(self) -> None:
        while True:
            try:
                await self._look()
                await self._look_around()
                self._problem = ""
            except sqlite3.Error as error:
                self._problem = tr(says.DATABASE_FAILS).format(error=error)
            self._show_status()
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self._nudge.wait(), self._pace)
            self._nudge.clear()

    async def _look(self) -> None:
        """Asks what is seen now, if anything has changed since it was asked last."""
        here, session = self.here, self.session
        version = await session.reader.ask(queries.data_version)
        if version != self._version:
            session.pulse = await session.reader.ask(pulse)
            self._version = version
            await self._herald()
        if session.at is not None:
            at = session.at
            counts = await session.reader.ask(lambda c: counts_at(c, at))
            session.pulse = msgspec.structs.replace(session.pulse, counts=counts)
        await self._look_for_engine()
        now = session.now()
        told = (here, session.search), session.pulse
        news = self._told[1].news if self._told[1] else None
        if self._told[0] == told[0] and news == session.pulse.news:
            if now - self._told_at < LISTS_AGE:
                return
        else:
            await here.watch_verdict()
        if not here.is_mounted:
            return  # it will ask again in a moment
        found = await session.reader.ask(here.question())
        self._told, self._told_at = told, now
        if here.is_attached:
            here.answer(found)
        if self._first_look:
            self._first_look = False
            self._go_on()

    def _go_on(self) -> None:
        """Where the last watch was left."""
        for place, key in list(self.session.memory.been):
            if place in actions.PLACES:
                self._open(place, key)

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

    async def _look_for_engine(self) -> None:
        """Where the engine is silent: is there one? If not, and we may, a new one is started."""
        now = self.session.now()
        if now - self.session.pulse.engine.heartbeat <= STALE:
            self._held, self._noted = True, ""
            return
        if now - self._held_at < 1_000:
            return
        self._held_at = now
        self._held = await asyncio.to_thread(self._lock.holder) is not None
        self._noted = await asyncio.to_thread(self._lock.noted)
        start = self._start_engine
        if not self._held and start is not None and now - self._started_at >= START_AGAIN:
            self._started_at = now
            try:
                await asyncio.to_thread(start)
            except Exception as error:  # noqa: BLE001  (whatever it is, the operator must read it)
                self.say(tr(says.ENGINE_NOT_STARTED).format(error=error), "bad")

    def _show_status(self) -> None:
        session, now = self.session, self.session.now()
        state = health(
            session.pulse.engine, now, held=self._held, problem=self._problem or self._noted
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
        """Another filter, order or moment."""
        self._version = -1  # a past moment has counts of its own
        self.look_again()

    def on_app_focus(self) -> None:
        """Somebody looks."""
        self._pace = PACE
        self._nudge.set()

    def on_app_blur(self) -> None:
        """Nobody looks: once a second is enough."""
        self._pace = PACE_UNFOCUSED

    # Verdicts

    def on_place_written(self, event: Place.Written) -> None:
        """Waits for what the engine makes of it."""
        proposed = event.prospect
        self.session.last_judged = () if proposed.action == "undo" else proposed.targets
        self._wait_for_answers(proposed, event.ids)

    @work(group="answers")
    async def _wait_for_answers(self, proposed: Prospect, ids: list[str]) -> None:
        waiting, answers = list(ids), dict[str, Answer]()
        passed, told = 0.0, False
        while waiting and passed < GIVEN_UP:
            for verdict_id in tuple(waiting):
                if (found := await self._answer(verdict_id)) is not None:
                    answers[verdict_id] = found
                    waiting.remove(verdict_id)
            if waiting:
                if passed >= SLOW_ANSWER and not told:
                    told = True
                    self.say(tr(says.NOT_APPLIED_YET), "warn")
                await asyncio.sleep(0.1)
                passed += 0.1
        if any(answer.accepted for answer in answers.values()):
            self.here.judged(proposed)
        self.look_again()
        if answers:
            given = [answers[i] for i in ids if i in answers]
            self.say(*answering.in_words(proposed.action, given, self._key("verdict.undo")))

    async def _answer(self, verdict_id: str) -> Answer | None:
        try:
            return await self.session.reader.ask(lambda c: verdicts.answer(c, verdict_id))
        except sqlite3.Error:
            return None  # the status line says what is wrong

    def _key(self, action_id: str) -> str:
        return self.here.key(action_id)

    # From place to place

    def on_place_opened(self, event: Place.Opened) -> None:
        """To a user or a detection."""
        self._forward.clear()
        self.here.said.hush()
        self._open(event.place, event.key)

    def _open(self, place: actions.Place, key: str) -> None:
        if place in actions.BOARDS:
            from risktui.console.screens.board import BOARD_PLACES  # as in `_place`

            self.push_screen(BOARD_PLACES[place](self.session, self._machinery))
        else:
            self.push_screen(_place(place, self.session, key))
        self._been.append((place, key))
        self.look_again()

    def action_go(self, place: actions.Place) -> None:
        """To a screen about the machinery."""
        if self.here.place != place:
            self._forward.clear()
            self._open(place, "")

    def on_place_leaving(self) -> None:
        """Back."""
        self.action_go_back()

    def action_go_back(self) -> None:
        """To where one came from."""
        if not self._been:
            self.say(tr(says.NOWHERE_BACK).format(key=self._key("app.quit")))
            return
        self.here.said.hush()
        self._forward.append(self._been.pop())
        self.pop_screen()
        self.look_again()

    def action_go_forward(self) -> None:
        """To where one was before going back."""
        if self._forward:
            self._open(*self._forward.pop())

    # The rest

    def action_keys_here(self) -> None:
        """The keys of this place."""
        from risktui.console.screens.help import HelpScreen  # nobody waits for it at the start

        session = self.session
        self.push_screen(HelpScreen(self.here.place, session.keymap, ascii_only=session.ascii_only))

    def get_system_commands(self, screen: Screen[Any]) -> Iterable[SystemCommand]:
        """Everything there is, by name."""
        from risktui.console.palette import commands  # as above

        return commands(self)

    def action_command_palette(self) -> None:
        """Everything by name."""
        from risktui.console.palette import palette  # as above

        if self.screen.id != "--command-palette":
            self.push_screen(palette())

    def speak(self, language: str) -> None:
        """Says everything in another language from now on."""
        choice.choose(language)
        for screen in self.screen_stack:
            if isinstance(screen, Place):
                screen.speak()
        self.look_again()

    def wear(self, name: str) -> None:
        """Wears another theme."""
        self.theme = name

    def action_next_theme(self) -> None:
        """The next theme, by name."""
        names = self.themes
        at = names.index(self.theme) if self.theme in names else -1
        self.theme = names[(at + 1) % len(names)]
        self.say(tr(says.THEME).format(name=self.theme))

    def action_mask(self) -> None:
        """Names and addresses, or stand-ins for them."""
        mask = self.session.mask
        mask.on = not mask.on
        text = tr(says.MASK_ON) if mask.on else tr(says.MASK_OFF)
        self.say(text.format(key=self._key("app.mask")))
        self.look_again()

    def action_mouse(self) -> None:
        """Mouse on or off."""
        self._mouse = not getattr(self, "_mouse", False)
        if set_mouse(self, on=self._mouse):
            self.say(tr(says.MOUSE_ON if self._mouse else says.MOUSE_OFF))
        else:
            self.say(tr(says.MOUSE_NOT))

    def action_interrupt(self) -> None:
        """ctrl+c is pressed by habit; it must not end a watch."""
        self.say(tr(says.LEAVES).format(key=self._key("app.quit")))


def _place(place: actions.Place, session: Session, key: str) -> Place:
    """The place, with what it needs: the first screen waits for none of that."""
    if place == "user":
        from risktui.console.screens.user import UserPlace

        return UserPlace(session, key)
    from risktui.console.screens.detection import DetectionPlace

    return DetectionPlace(session, key)


def run_console(
    database: Path,
    *,
    title: str = "",
    read_only: bool = False,
    label: str = "",
    theme: str | None = None,
    mouse: bool = False,
    start_engine: Callable[[], None] | None = None,
    keymap: Mapping[str, str] | None = None,
    may_judge: str = "",
    remember: bool = True,
    alert: RiskLevel | None = None,
    config: Config | None = None,
    captions: Callable[[], str] | None = None,
    seconds: float | None = None,
) -> int:
    """Show `database` until somebody leaves; the exit code of the process.

    `start_engine` is called, in a thread, whenever no process is the engine of the database.
    `may_judge` says why the person at this terminal may not judge. `alert` is the level whose
    reaching rings the bell. `config` is what the screens about the machinery tell of.
    `captions` says what is to be said above the keys; after `seconds` the console ends by itself.
    With `remember`, the next watch begins where this one ended.
    Raises `NoTerminalError` where there is no terminal.
    """
    console = Console(
        database,
        title=title,
        read_only=read_only,
        label=label,
        theme_name=theme,
        start_engine=start_engine,
        keymap=keymap,
        may_judge=may_judge,
        state=usual_folder() if remember else None,
        alert=alert,
        config=config,
        captions=captions,
        seconds=seconds,
    )
    sys.setswitchinterval(SWITCH)
    console.run(mouse=mouse)
    return console.return_code or 0
