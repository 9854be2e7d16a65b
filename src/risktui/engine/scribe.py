"""Writes what an engine has done while it goes on, and clears up behind it."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable
from pathlib import Path

from risktui.engine.clock import Clock
from risktui.engine.directory import Directory
from risktui.engine.patience import SILENT_MS, Patience
from risktui.engine.seen import Seen
from risktui.engine.setup import Parts
from risktui.model.risk import Outcome
from risktui.store.commit import Committer, Work
from risktui.store.database import Writer, fold_in
from risktui.store.lock import EngineLock

TIDY_COMMITS = 200
"""How often old ids and traces are cleared away, at the most."""
TIDY_SECONDS, TIDY_SHARE = 60.0, 0.02
"""And where commits are small: not sooner after the last time, and only so much of all time, since
what comes in waits meanwhile."""


class Scribe:
    """One engine's: one transaction after the other, in the order of the work."""

    def __init__(
        self, connection: Writer, path: Path, clock: Clock, seen: Seen, directory: Directory
    ) -> None:
        """`seen` and `directory` remember what lies in the database, and hear what has gone."""
        self.committer = Committer(connection)
        self.commits = 0
        self.handed = Outcome()
        """What is being written, which the database does not tell of yet."""
        self._connection = connection
        self._path = path
        self._clock = clock
        self._seen = seen
        self._directory = directory
        self._writing: asyncio.Task[None] | None = None
        self._uncleared: tuple[Work, Parts] | None = None
        """What was or is being written, behind which is to be cleared up."""
        self._tidy_at = 0.0
        self._patience: Patience | None = None

    async def be_patient(self, lock: EngineLock, notice: Callable[[str], None]) -> None:
        """From now on outwait a database that cannot be written, and give `notice` of it."""
        self._patience = Patience(lock, self._path, notice)
        await self._connection.execute(f"PRAGMA busy_timeout = {SILENT_MS}")

    def give_up(self) -> None:
        """Wait no longer for a database that cannot be written: raise what is wrong with it."""
        if self._patience is not None:
            self._patience.give_up()

    def begin(self, work: Work, parts: Parts) -> None:
        """Write `work`; nothing is being written. `parts` say how long things are kept."""
        self.handed = work.outcome
        self._uncleared = work, parts
        self._writing = asyncio.create_task(self._write(work))

    async def written(self) -> None:
        """Wait for what is being written; raises what went wrong, then and ever after.

        What is cleared up is so here, between the same two events in every run, and not whenever
        the writing is done: events after it may find less.
        """
        if self._writing is not None:
            await asyncio.shield(self._writing)  # who stops waiting does not stop the writing
            self._writing, self.handed = None, Outcome()
        if self._uncleared is not None:
            (work, parts), self._uncleared = self._uncleared, None
            self._writing = asyncio.create_task(self._clear_up(work, parts))
            await self.written()

    async def rest(self) -> None:
        """Fold the log of the database in; nothing is being written."""
        await self._surely(lambda: fold_in(self._connection, self._path))

    async def end(self) -> None:
        """Wait for what is being written, however it ends."""
        if self._writing is not None:
            await asyncio.gather(self._writing, return_exceptions=True)

    async def _write(self, work: Work) -> None:
        await self._surely(lambda: self.committer.commit(work, self._clock.latest()))

    async def _clear_up(self, work: Work, parts: Parts) -> None:
        """Let go of what somebody can have written without end, and of what is old."""
        await self._surely(lambda: self.committer.bound(work))
        self._forget_strangers()
        self.commits += 1
        if self.commits % TIDY_COMMITS == 0 and time.monotonic() >= self._tidy_at:
            await self._tidy(work, parts)
        if self.commits % TIDY_COMMITS == 1:  # also in runs that end after a few commits
            before = self._clock.earliest() - parts.keep_outbox_ms
            await self._surely(lambda: self.committer.clear_outbox(before))

    async def _tidy(self, work: Work, parts: Parts) -> None:
        begun = time.monotonic()
        await self._surely(lambda: self.committer.tidy(work.newest, parts.retention))
        self._seen.tidied()
        self._forget_strangers()
        ended = time.monotonic()
        self._tidy_at = ended + max(TIDY_SECONDS, (ended - begun) / TIDY_SHARE)

    def _forget_strangers(self) -> None:
        self._directory.forget(self.committer.forgotten)
        self.committer.forgotten.clear()

    async def _surely(self, write: Callable[[], Awaitable[None]]) -> None:
        if self._patience is None:
            await write()
        else:
            await self._patience.outwait(write)
