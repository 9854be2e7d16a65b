"""Messages and fresh lists beside an engine without an event loop, and its configuration anew."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Self

from risktui import config as configuration
from risktui.cli.options import say
from risktui.cli.service import changes, has_terminal
from risktui.detect.loader import DetectorError
from risktui.engine.clock import now_ms
from risktui.engine.setup import Parts, assemble
from risktui.enrich.sources import SourceError
from risktui.intel.refresh import Refresher
from risktui.notify.postman import Postman


class Renewal:
    """Reads the configuration and its lists again, once somebody has asked for it."""

    def __init__(self, settings: configuration.Config, folders: tuple[Path, ...]) -> None:
        self.settings = settings
        """The configuration in force."""
        self._folders = folders
        self._asked = threading.Event()
        self._had_terminal = has_terminal()

    def ask(self, *, hung_up: Callable[[], None] = lambda: None) -> None:
        """Ask for it. A process that hung on a terminal and has lost it is told to end instead."""
        if self._had_terminal and not has_terminal():
            hung_up()
        else:
            self._asked.set()

    def parts(self, before: Parts, heed: Callable[[configuration.Config], None]) -> Parts | None:
        """What judges from now on, where somebody has asked; says what is different.

        A configuration that cannot be used changes nothing.
        """
        if not self._asked.is_set():
            return None
        self._asked.clear()
        try:
            settings = configuration.load(self.settings.path)
            parts = assemble(settings, self._folders)
        except (configuration.ConfigError, DetectorError, SourceError) as error:
            say(f"configuration not reloaded, the old one stays in force: {error}")
            return None
        told = list(changes(self.settings, settings, before, parts))
        self.settings = settings
        heed(settings)
        say(f"configuration reloaded: {settings.path or 'defaults'}")
        for line in told or ["nothing changed"]:
            say(f"  {line}")
        return parts


class Errands:
    """A thread that sends messages and fetches lists until it is left; a context manager."""

    def __init__(self, database: Path, renewal: Renewal) -> None:
        self._database = database
        self._renewal = renewal
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._run, name="errands", daemon=True)
        settings = renewal.settings
        self._postman = Postman(database, settings, notice=say)
        self._refresher = Refresher(settings, now=now_ms, changed=self._changed, notice=say)
        self._ended = asyncio.Event()

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._loop.call_soon_threadsafe(self._ended.set)
        self._thread.join()

    def heed(self, settings: configuration.Config) -> None:
        """From now on, what `settings` say."""
        self._loop.call_soon_threadsafe(self._postman.heed, settings)
        self._loop.call_soon_threadsafe(self._refresher.heed, settings)

    async def _changed(self) -> None:
        self._renewal.ask()

    def _run(self) -> None:
        with asyncio.Runner(loop_factory=lambda: self._loop) as runner:
            runner.run(self._work())

    async def _work(self) -> None:
        tasks = [
            asyncio.create_task(self._postman.run()),
            asyncio.create_task(self._refresher.run()),
        ]
        for task in tasks:
            task.add_done_callback(_tell)
        await self._ended.wait()
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


def _tell(task: asyncio.Task[None]) -> None:
    """Silence is not to be taken for calm."""
    if not task.cancelled() and (error := task.exception()) is not None:
        say(f"no messages or lists until a restart: {type(error).__name__}: {error}")
