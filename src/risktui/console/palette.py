"""Everything there is, by name: actions of a place, views, languages, themes."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import partial
from typing import TYPE_CHECKING

from textual.app import SystemCommand
from textual.command import CommandPalette, Hit, Hits
from textual.content import Content
from textual.system_commands import SystemCommandsProvider

from risktui.console import actions, keyboard
from risktui.console import list_words as says
from risktui.console.display import OneSize
from risktui.console.screens.overview import Overview
from risktui.language import choice
from risktui.language.choice import tr

if TYPE_CHECKING:
    from risktui.console.app import Console

NOT_LISTED = frozenset({"app.palette", "go.anywhere"})
"""Actions that lead to where one is already, or nowhere without another key."""
LEAST = 0.01
"""How well what only a sentence says fits: worse than any name."""
NAMES = {"en": "English", "ja": "日本語"}


class Palette(OneSize, CommandPalette):
    """Textual's, in a terminal whose size changes."""


class Commands(SystemCommandsProvider):
    """Textual's, that finds an action also by words of what it does."""

    async def search(self, query: str) -> Hits:
        """What is called like `query`, and below it what has all words of it in its sentence."""
        matcher, words = self.matcher(query), query.casefold().split()
        for name, told, run, _ in self.app.get_system_commands(self.screen):
            match = matcher.match(name)
            if match > 0:
                yield Hit(match, matcher.highlight(name), run, help=told)
            elif all(word in told.casefold() for word in words):
                yield Hit(LEAST, Content(name), run, help=told)


def palette(*, ascii_only: bool) -> CommandPalette:
    """The list to choose from."""
    return Palette(
        providers=[Commands],
        placeholder=tr(says.PALETTE_HINT),
        id="--command-palette",
        classes="-ascii" if ascii_only else "",
    )


def commands(console: Console) -> Iterator[SystemCommand]:
    """What can be done where the console is."""
    session, here = console.session, console.here
    for action in actions.actions_of(here.place):
        if action.function and action.id not in NOT_LISTED:
            keys = " ".join(keyboard.keys_of(action, session.keymap))
            # Whoever types without an input method finds it by its id.
            keys += "" if choice.chosen() == "en" else f"  {action.id}"
            title = f"{tr(action.words)}  {keys}"
            yield SystemCommand(title, tr(action.help), _runs(console, action.function))
    if isinstance(here, Overview):
        for name in sorted(session.diary.kept.views):
            title = tr(says.VIEW_COMMAND).format(name=name)
            yield SystemCommand(title, tr(says.VIEW_HELP), partial(here.wear, name))
    for code in choice.LANGUAGES:
        if code != choice.chosen() and not session.ascii_only:
            title = f"{tr(says.LANGUAGE).format(name=NAMES[code])}  {code}"
            yield SystemCommand(title, tr(says.LANGUAGE_HELP), partial(console.speak, code))
    for name in console.themes:
        title = tr(says.THEME).format(name=name)
        yield SystemCommand(title, tr(says.THEME_HELP), partial(console.wear, name))


def _runs(console: Console, function: str) -> Callable[[], None]:
    def run() -> None:
        console.call_later(console.run_action, function, console.here)

    return run
