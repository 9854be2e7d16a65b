"""The console: screens on a database that somebody else fills."""

from __future__ import annotations

import asyncio
import sqlite3
import sys
from collections.abc import Callable, Iterable, Mapping
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

from textual import work
from textual.app import SystemCommand
from textual.screen import Screen

from risktui.console import actions, answering, keyboard, theme
from risktui.console import list_words as says
from risktui.console.driver import set_mouse
from risktui.console.judging import Author, Prospect
from risktui.console.machinery import Machinery
from risktui.console.marks import ascii_only
from risktui.console.memory import usual_folder
from risktui.console.screens.overview import Overview
from risktui.console.screens.place import Place
from risktui.console.session import Session
from risktui.console.watching import Watching
from risktui.console.words import joined
from risktui.engine.clock import now_ms
from risktui.language import choice
from risktui.language.choice import tr
from risktui.model.risk import RiskLevel
from risktui.store import verdicts
from risktui.store.verdicts import Answer

if TYPE_CHECKING:
    from risktui.config import Config

SLOW_ANSWER = 2.0
"""Seconds after which an operator is told that the engine has not answered yet."""
GIVEN_UP = 60.0
"""Seconds after which a verdict's answer is no longer waited for; it stays recorded."""
LATER = 1.0
"""Seconds after which themes that nobody wears yet are read, and what is wrong with them told."""
SWITCH = 0.001
"""Seconds after which the thread that reads the database lets a key have its turn."""


class Console(Watching):
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
        apply_waiting: Callable[[], None] | None = None,
        keymap: Mapping[str, str] | None = None,
        clock: Callable[[], int] = now_ms,
        author: Author | None = None,
        may_judge: str = "",
        state: Path | None = None,
        alert: RiskLevel | None = None,
        config: Config | None = None,
        captions: Callable[[], str] | None = None,
        seconds: float | None = None,
    ) -> None:
        session = Session(
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
        super().__init__(
            session,
            start_engine=start_engine,
            apply_waiting=apply_waiting,
            alert=alert,
            captions=captions,
        )
        self.animation_level = "none"
        self._forward: list[tuple[actions.Place, str]] = []
        self._been: list[tuple[actions.Place, str]] = []
        wanted = theme_name or theme.DEFAULT
        worn = theme.put_on_first(self, wanted)
        self._problems = [] if worn else theme.install(self, wanted)
        self._colours = self.get_css_variables()
        self.stylesheet.set_variables(self._colours)
        self._machinery = Machinery(config)
        self._seconds = seconds
        self.set_keymap(keyboard.rebound(self.session.keymap))

    @cached_property
    def themes(self) -> list[str]:
        """Names of our themes and of the user's; from now on all of them can be worn."""
        found, self._problems = theme.load_themes(theme.theme_folders())
        for one in found.values():
            self.register_theme(one)
        return sorted(found)

    def get_theme_variable_defaults(self) -> dict[str, str]:
        """Our own variables, in themes that do not know them."""
        return theme.VARIABLES

    def refresh_css(self, animate: bool = True) -> None:
        """Parses all style sheets again, but not at the start, when they have the right colours."""
        colours = self.get_css_variables()
        if colours != self._colours:
            self._colours = colours
            super().refresh_css(animate=animate)

    def get_default_screen(self) -> Screen[Any]:
        """Where one starts."""
        self._here = Overview(self.session)
        self.ask_ahead(self._here)
        return self._here

    async def on_mount(self) -> None:
        """Begins to look at the database."""
        self._watch()
        self._give_keys()
        if self._seconds is not None:
            self.set_timer(self._seconds, self.exit)
        unknown = keyboard.unknown_ids(self.session.keymap)
        if unknown:
            said = tr(says.NO_ACTION).format(names=joined(unknown))
            self.call_after_refresh(self.say, said, "warn")
        elif self._problems:
            self.call_after_refresh(self.say, str(self._problems[0]), "warn")
        else:
            self.set_timer(LATER, self._read_other_themes)

    def _read_other_themes(self) -> None:
        if self.themes and self._problems:
            self.say(str(self._problems[0]), "warn")

    def on_unmount(self) -> None:
        """Writes down where one was, and lets go of the database."""
        session = self.session
        session.memory.been = list(self._been)
        session.memory.search = session.search.text
        session.memory.masked = session.mask.on
        session.diary.write()
        self._tell_terminal(self._window_title.leave())
        self._tidying.end()
        self.look_away()
        session.close()

    def first_look(self) -> None:
        """To where the last watch was left."""
        for place, key in list(self.session.memory.been):
            if place in actions.PLACES:
                self._open(place, key)

    # Verdicts

    def on_place_written(self, event: Place.Written) -> None:
        """Waits for what the engine makes of it."""
        proposed = event.prospect
        self.session.last_judged = () if proposed.action == "undo" else proposed.targets
        self._wait_for_answers(proposed, event.ids)

    @work(group="answers")
    async def _wait_for_answers(self, proposed: Prospect, ids: list[str]) -> None:
        waiting, answers = list(ids), dict[str, Answer]()
        passed, problem = 0.0, ""
        late = self.set_timer(SLOW_ANSWER, lambda: self.say(tr(says.NOT_APPLIED_YET), "warn"))
        while waiting and passed < GIVEN_UP:
            for verdict_id in tuple(waiting):
                if (found := await self._answer(verdict_id)) is not None:
                    answers[verdict_id] = found
                    waiting.remove(verdict_id)
            if waiting:
                if problem:  # and nobody else has applied them meanwhile
                    late.stop()
                    self.say(problem, "bad")
                    return
                problem = await self._engine.stand_in()
                await asyncio.sleep(0.1)
                passed += 0.1
        late.stop()
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
        self.expect_answer()
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
            self.push_screen(palette(ascii_only=self.session.ascii_only))

    def speak(self, language: str) -> None:
        """Says everything in another language from now on."""
        choice.choose(language)
        for screen in self.screen_stack:
            if isinstance(screen, Place):
                screen.speak()
        self.look_again()

    def wear(self, name: str) -> None:
        """Wears another of our themes, or of the user's."""
        if name in self.themes:  # by now they have been read
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
    apply_waiting: Callable[[], None] | None = None,
    keymap: Mapping[str, str] | None = None,
    may_judge: str = "",
    remember: bool = True,
    alert: RiskLevel | None = None,
    config: Config | None = None,
    captions: Callable[[], str] | None = None,
    seconds: float | None = None,
) -> int:
    """Show `database` until somebody leaves; the exit code of the process.

    `start_engine` is called, in a thread, whenever no process is the engine of the database;
    `apply_waiting`, where there is no such call, once somebody has judged.
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
        apply_waiting=apply_waiting,
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
