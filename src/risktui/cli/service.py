"""What makes `risktui watch` a good service: systemd's notices, signals, reloading."""

from __future__ import annotations

import asyncio
import os
import signal
import socket
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path
from typing import Self

import msgspec

from risktui import config as configuration
from risktui.cli.options import say
from risktui.cli.table import counted
from risktui.config import Config
from risktui.detect import Indicator
from risktui.detect.loader import DetectorError
from risktui.engine.local import LocalEngine
from risktui.engine.setup import Parts, assemble, enricher_of
from risktui.enrich.networks import Feed
from risktui.enrich.sources import SourceError

NAMED = 12
"""Patterns that are named of those that changed."""


def notify(*words: str) -> bool:
    """Tell systemd, where it listens: READY=1, STATUS=… (sd_notify(3)). False where it does not."""
    address = os.environ.get("NOTIFY_SOCKET", "")
    if not address:
        return False
    if address.startswith("@"):
        address = "\0" + address[1:]
    with suppress(OSError), socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as connection:
        connection.sendto("\n".join(words).encode(), address)
        return True
    return False


def watchdog_seconds() -> float | None:
    """How often systemd wants to hear that we live; None where it does not."""
    for_us = os.environ.get("WATCHDOG_PID", str(os.getpid())) == str(os.getpid())
    microseconds = os.environ.get("WATCHDOG_USEC", "")
    return int(microseconds) / 2_000_000 if for_us and microseconds.isdigit() else None


async def keep_the_watchdog_quiet() -> None:
    """Say twice in its interval that the event loop turns; for ever."""
    every = watchdog_seconds()
    while every is not None:
        notify("WATCHDOG=1")
        await asyncio.sleep(every)


def has_terminal() -> bool:
    """Whether this process hangs on a terminal: then SIGHUP means that it was closed."""
    try:
        os.close(os.open("/dev/tty", os.O_RDONLY | os.O_NOCTTY))
    except OSError:
        return False
    return True


class Signals:
    """What signals mean while a service runs: SIGTERM and SIGINT end it, SIGHUP reloads.

    A process that hung on a terminal and has lost it ends, too.
    """

    def __init__(self, stop: asyncio.Event, reloader: Reloader | None) -> None:
        self._stop = stop
        self._reloader = reloader
        self._had_terminal = has_terminal()
        self._loop = asyncio.get_running_loop()
        self._tasks: set[asyncio.Task[None]] = set()

    def __enter__(self) -> Self:
        for number in (signal.SIGTERM, signal.SIGINT):
            self._loop.add_signal_handler(number, self._stop.set)
        self._loop.add_signal_handler(signal.SIGHUP, self._hang_up)
        return self

    def __exit__(self, *_: object) -> None:
        for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
            self._loop.remove_signal_handler(number)

    def _hang_up(self) -> None:
        if self._reloader is None or (self._had_terminal and not has_terminal()):
            self._stop.set()
            return
        task = asyncio.create_task(self._reloader.reload())
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)


class Reloader:
    """Reads the configuration again while an engine runs."""

    def __init__(
        self,
        engine: LocalEngine,
        settings: Config,
        folders: tuple[Path, ...],
        heed: Callable[[Config], None] = lambda _: None,
    ) -> None:
        self._engine = engine
        self._heed = heed
        self._folders = folders
        self._turn = asyncio.Lock()
        self.settings = settings
        """The configuration in force."""

    async def reload(self) -> None:
        """Let the engine judge by the configuration as it is now, and say what changed.

        One that cannot be used changes nothing; the old one stays in force.
        """
        async with self._turn:
            notify("RELOADING=1", f"MONOTONIC_USEC={time.monotonic_ns() // 1000}")
            try:
                settings = configuration.load(self.settings.path)
                parts = await asyncio.to_thread(assemble, settings, self._folders)
            except (configuration.ConfigError, DetectorError, SourceError) as error:
                say(f"configuration not reloaded, the old one stays in force: {error}")
            else:
                told = list(changes(self.settings, settings, self._engine.parts, parts))
                await self._engine.replace(parts)
                self.settings = settings
                self._heed(settings)
                say(f"configuration reloaded: {settings.path or 'defaults'}")
                for line in told or ["nothing changed"]:
                    say(f"  {line}")
            notify("READY=1")

    async def relist(self) -> None:
        """Let the engine judge by the lists as they are now; the configuration stays as it is."""
        async with self._turn:
            try:
                enricher = await asyncio.to_thread(enricher_of, self.settings)
            except SourceError as error:
                say(f"lists not read, the old ones stay in force: {error}")
                return
            before = self._engine.parts
            await self._engine.relist(enricher)
            for line in _feeds(before, self._engine.parts):
                say(f"{line}; the last seven days are looked at again")


def changes(old: Config, new: Config, before: Parts, after: Parts) -> Iterator[str]:
    """What another configuration changes, a line each, in words of the file."""
    yield from _detectors(before, after)
    yield from _feeds(before, after)
    yield from _patterns(before, after)
    for section in ("tenant", "geo", "output", "console"):
        mine, theirs = getattr(old, section), getattr(new, section)
        for field in mine.__struct_fields__:
            if getattr(mine, field) != getattr(theirs, field):
                was, now = getattr(mine, field), getattr(theirs, field)
                yield f"[{section}] {field}: {was!r} -> {now!r}"
    if old.sources != new.sources:
        yield "[sources] changed: this takes a restart"
    for kind, lack in after.blind:
        if (kind, lack) not in before.blind:
            yield f"{kind} is blind now: {lack}"
    for kind, lack in before.blind:
        if kind not in dict(after.blind):
            yield f"{kind} sees again ({lack} before)"


def _detectors(before: Parts, after: Parts) -> Iterator[str]:
    old = {d.risk_event_type: d.settings for d in before.catalogue.detectors}
    new = {d.risk_event_type: d.settings for d in after.catalogue.detectors}
    for name in sorted({*old, *new}):
        if name not in new:
            yield f"{name}: turned off"
        elif name not in old:
            yield f"{name}: turned on"
        else:
            was, now = msgspec.structs.asdict(old[name]), msgspec.structs.asdict(new[name])
            for key in sorted({*was, *now} - {"indicators"}):
                if was.get(key) != now.get(key):
                    yield f"[detectors.{name}] {key}: {was.get(key)!r} -> {now.get(key)!r}"


def _feeds(before: Parts, after: Parts) -> Iterator[str]:
    old = {feed.path: feed for feed in (*before.enricher.feeds, *before.indicator_feeds)}
    new = {feed.path: feed for feed in (*after.enricher.feeds, *after.indicator_feeds)}
    for path in sorted({*old, *new}):
        if path not in new:
            yield f"list {path.name}: gone"
        elif path not in old:
            yield f"list {path.name}: {_entries(new[path])}"
        elif old[path].name != new[path].name:
            yield f"list {path.name}: {old[path].entries:,} -> {_entries(new[path])}"


def _patterns(before: Parts, after: Parts) -> Iterator[str]:
    """Numbers of patterns, of many the first: lists of others hold thousands."""
    old, new = _by_number(before), _by_number(after)
    both = old.keys() & new.keys()
    changed = {number for number in both if old[number] != new[number]}
    news = {"new": new.keys() - old.keys(), "changed": changed, "gone": old.keys() - new.keys()}
    for how, numbers in news.items():
        if numbers:
            more = f" and {len(numbers) - NAMED:,} more" if len(numbers) > NAMED else ""
            yield f"patterns {how}: {', '.join(sorted(numbers)[:NAMED])}{more}"


def _by_number(parts: Parts) -> dict[str, Indicator]:
    """Every pattern that a detector has, whichever version of its list it comes from."""
    found: dict[str, Indicator] = {}
    for detector in parts.catalogue.detectors:
        for pattern in getattr(detector.settings, "indicators", ()):
            source = "" if pattern.source == pattern.feed else pattern.source
            found[pattern.id] = msgspec.structs.replace(pattern, feed="", source=source)
    return found


def _entries(feed: Feed) -> str:
    return counted(feed.entries, "entry", "entries")
