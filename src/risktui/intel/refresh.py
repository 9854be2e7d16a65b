"""Keeps lists fresh while an engine runs: fetches those that are due, notices those that changed.

It works beside the engine and never holds it up; what goes wrong is said once and tried again.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from pathlib import Path

from risktui.config import Config
from risktui.intel.shelf import Shelf
from risktui.intel.subscriptions import Subscription, subscriptions
from risktui.intel.update import Update, update
from risktui.logs.clean import clean

LOOK_SECONDS = 5.0
"""How often lists are looked at on the disk, and whether one is due."""
LONGEST = 300
"""Characters of what is said of a failure."""
RETRY_MS = 3_600_000
"""After a failure a server is left alone so long, or as long as its interval is."""

Signature = tuple[int, int, int] | None


class Refresher:
    """One for each engine that watches."""

    def __init__(
        self,
        config: Config,
        *,
        now: Callable[[], int],
        changed: Callable[[], Awaitable[None]],
        notice: Callable[[str], None] = lambda _: None,
        look_seconds: float = LOOK_SECONDS,
    ) -> None:
        """`changed` is awaited whenever a list on the disk is another one than before."""
        self._now = now
        self._changed = changed
        self._notice = notice
        self._look_seconds = look_seconds
        self._said: dict[str, str] = {}
        self._failed: dict[str, int] = {}
        """When a list (by its address) failed last; its card may be what cannot be written."""
        self.heed(config)

    def heed(self, config: Config) -> None:
        """From now on, what `config` says; its lists have been read just now."""
        self._config = config
        self._feeds = subscriptions(config)
        self._signatures = {each.path: _signature(each.path) for each in self._feeds}

    async def run(self) -> None:
        """Work until cancelled."""
        while True:
            for feed in self._feeds:
                if feed.is_fetched and self._is_due(feed):
                    await self._try(feed)
            await self._look()
            await asyncio.sleep(self._look_seconds)

    def _is_due(self, feed: Subscription) -> bool:
        failed = self._failed.get(feed.url)
        if failed is not None and 0 <= self._now() - failed < min(feed.every_ms, RETRY_MS):
            return False
        card = Shelf(feed.path).card()
        if card.url != feed.url or not (card.error or feed.path.is_file()):
            return True
        wait = min(feed.every_ms, RETRY_MS) if card.error else feed.every_ms
        return not 0 <= self._now() - card.tried < wait

    async def _try(self, feed: Subscription) -> None:
        try:
            done = await update(self._config, feed, now=self._now)
        except OSError as error:  # a full disk, a folder that may not be written
            done = Update(name=feed.name, error=f"{error.filename or feed.path}: {error.strerror}")
        except Exception as error:  # noqa: BLE001  # whatever it is, the other lists go on
            said = clean(f"cannot be used ({type(error).__name__}: {error})", LONGEST)
            done = Update(name=feed.name, error=said)
        self._failed.pop(feed.url, None)
        if done.error:
            self._failed[feed.url] = self._now()
        if done.error and done.error != self._said.get(feed.name):
            self._notice(f"list {feed.name}: {done.error}; the old one stays in force")
        elif done.changed:
            self._notice(told(done))
        self._said[feed.name] = done.error

    async def _look(self) -> None:
        """Tell where a list is another one now, whoever has changed it."""
        now = {each.path: _signature(each.path) for each in self._feeds}
        if now != self._signatures:
            self._signatures = now
            try:
                await self._changed()
            except Exception as error:  # noqa: BLE001  # the next change may be a better one
                said = clean(f"({type(error).__name__}: {error})", LONGEST)
                self._notice(f"lists cannot be taken over {said}; the old ones stay")


def told(done: Update) -> str:
    """A change in a line."""
    left = f", {done.left_out:,} left out" if done.left_out else ""
    return f"list {done.name}: {done.entries:,} entries, {done.new:,} new, {done.gone:,} gone{left}"


def _signature(path: Path) -> Signature:
    try:
        state = path.stat()
    except OSError:
        return None
    return state.st_mtime_ns, state.st_size, state.st_ino
