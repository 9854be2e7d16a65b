"""Follows logs while they are written: what is appended is noticed at once and read once."""

from __future__ import annotations

import asyncio
import os
import stat
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from pathlib import Path

from risktui.logs.batch import Batch, Position, Quarantined
from risktui.logs.clean import clean, storable
from risktui.logs.discover import MISSING, Found, Unfound, discover, is_log_name, is_nothing
from risktui.logs.intake import Elsewhere
from risktui.logs.order import BATCH_EVENTS, LATENESS_MS, Scan
from risktui.logs.source import Memory
from risktui.logs.stream import ExchangedError
from risktui.logs.tail import Tail
from risktui.logs.watch import Alarm

POLLING_SECONDS = 0.25
"""How often files are looked at where the system gives no notice (network drives, WSL)."""

SECOND_LOOK_SECONDS = 0.1
"""After a new directory appeared: files made in it meanwhile are not told of."""

SHARE_FOR_LOOKING = 0.05
"""Looking at all files may take this share of the time; with very many files it is done less."""

UNREADABLE = "cannot be read"

MOST_TROUBLES = 1_000
"""Paths that cannot be read and are told of; whoever writes logs may name as many as they like."""

_A_FILE = (0, 0)
"""Stands for a file among the watched directories: its directory is watched for it."""


class Follower:
    """An async iterator of batches: first what is there, merged as `scan` does, then what comes."""

    def __init__(
        self,
        paths: Sequence[Path],
        positions: Mapping[str, Position] | None = None,
        *,
        poll_seconds: float = 1.0,
        lateness_ms: int = LATENESS_MS,
        apart: Callable[[str], bool] = is_nothing,
        elsewhere: Elsewhere | None = None,
    ) -> None:
        """Files that `apart` names are no logs and are not opened.

        `elsewhere` makes events of the records that are there already; of what comes it is done
        here, at once.
        """
        self.polling = False
        """The system gives no notice of changes; files are looked at instead."""
        self.notices: list[str] = []
        """What somebody should know: a path that is missing or unreadable, polling."""
        self.troubles: dict[str, str] = {}
        """What cannot be read now, and why: the paths that were named, and files below them."""
        self._paths = list(paths)
        self._memory = Memory(positions or {})
        self._poll_seconds = poll_seconds
        self._lateness_ms = lateness_ms
        self._apart = apart
        self._elsewhere = elsewhere
        self._alarm: Alarm | None = None
        self._watched: dict[str, tuple[int, int]] = {}
        self._tails: dict[str, Tail] = {}
        self._exchanged = False
        """A file went or was exchanged after it was looked at: something else is to be found."""
        self._closed = False

    async def __aiter__(self) -> AsyncIterator[Batch]:
        """The batches; ends after `close`."""
        self._alarm = Alarm()
        try:
            await self._watch()
            async for batch in self._backlog():
                yield batch
            async for batch in self._live(self._alarm):
                yield batch
        finally:
            await self._alarm.stop()

    async def close(self) -> None:
        """Ends the iteration; files are not held open in the meantime."""
        self._closed = True
        if self._alarm is not None:
            self._alarm.ring()
            await self._alarm.stop()

    async def _backlog(self) -> AsyncIterator[Batch]:
        scan = Scan(
            self._paths,
            self._memory,
            lateness_ms=self._lateness_ms,
            goes_on=True,
            apart=self._apart,
            elsewhere=self._elsewhere,
        )
        for batch in scan.batches():
            if batch.caught_up:
                for unfound in scan.unfound:
                    self._tell(unfound, batch)
            yield batch
            await asyncio.sleep(0)
            if self._closed:
                return
        self._tails = scan.tails
        for tail in self._tails.values():
            self._memory.add(tail.position)

    async def _live(self, alarm: Alarm) -> AsyncIterator[Batch]:
        clock = asyncio.get_running_loop().time
        look_at = clock()  # of all files; what was written during the backlog is found now
        while not self._closed:
            changed = await alarm.wait(max(0.0, look_at - clock()))
            if self._closed:
                return
            if alarm.untold or clock() >= look_at:
                alarm.untold = False
                begun = clock()
                if self._roots() != self._watched:
                    await self._watch()
                self._heed_failure(alarm)
                found = list(discover(self._paths))
                every = POLLING_SECONDS if self.polling else self._poll_seconds
                look_at = clock() + max(every, (clock() - begun) / SHARE_FOR_LOOKING)
                gone = self._tails.keys() - {each.name for each in found}
                self._look_for_recovery(found)
            else:
                found, more = self._look_at(changed)
                gone = {each.name for each in found if isinstance(each, Unfound)}
                found = [each for each in found if isinstance(each, Found)]
                if more:
                    look_at = min(look_at, clock() + SECOND_LOOK_SECONDS)
            async for batch in self._read(found, gone):
                yield batch
            if self._exchanged:
                self._exchanged = False
                look_at = min(look_at, clock() + SECOND_LOOK_SECONDS)

    async def _read(self, found: list[Found | Unfound], gone: set[str]) -> AsyncIterator[Batch]:
        """Reads what is new in `found`."""
        for name in sorted(gone & self._tails.keys()):
            del self._tails[name]  # the memory has it, should it come back under another name
        batch = Batch()
        logs = [each for each in found if not self._apart(each.name)]
        waiting = [each for each in logs if self._is_new(each, batch)]
        while waiting:
            tail = self._tails.get(waiting[-1].name)
            if tail is None:  # exchanged, and looked at twice
                waiting.pop()
                continue
            try:
                if tail.read_into(batch):
                    waiting.pop()
                else:
                    await asyncio.sleep(0)  # a long file holds up nobody else
                self._memory.add(tail.position)
                self._is_well(tail.name)
            except (ExchangedError, FileNotFoundError):
                waiting.pop()
                del self._tails[tail.name]  # the memory has it, wherever it is now
                self._exchanged = True
            except OSError as error:
                waiting.pop()
                tail.forget_look()
                reason = f"{UNREADABLE}: {(error.strerror or str(error)).lower()}"
                self._tell(Unfound(tail.name, reason), batch)
            if len(batch.events) >= BATCH_EVENTS:
                yield self._ordered(batch, caught_up=not waiting)
                batch = Batch()
                await asyncio.sleep(0)
        if not batch.empty:
            yield self._ordered(batch, caught_up=True)

    def _is_new(self, found: Found | Unfound, batch: Batch) -> bool:
        """Whether there is something to read; makes sure that the file has a tail."""
        if isinstance(found, Unfound):
            self._tell(found, batch)
            return False
        tail = self._tails.get(found.name)
        if tail is not None and tail.seen(found):
            return False
        if tail is not None and not tail.continues(found):
            tail = None  # the memory has it, should it live on under another name
        if tail is None:
            tail = Tail.start(found, self._memory.recall(found.name, found.inode))
            self._tails[found.name] = tail
        tail.look(found)
        return True

    def _look_at(self, changed: set[str]) -> tuple[list[Found | Unfound], bool]:
        """The files among what changed, and whether there may be more of them than was told."""
        names = {name for each in changed if (name := self._named(each)) is not None}
        found: list[Found | Unfound] = []
        more = False
        for name in sorted(names):
            known = name in self._tails
            more = more or (not known and Path(name).is_dir())
            below = discover([Path(name)], self._paths)
            found.extend(each for each in below if known or isinstance(each, Found))
        return found, more

    def _named(self, changed: str) -> str | None:
        """`changed` as it is called below the paths given; None where it is none of ours."""
        for path in self._paths:
            root = os.fsdecode(path)
            for prefix in (root, os.path.abspath(root)):  # noqa: PTH100 - must not touch the disk
                if changed == prefix:
                    return root
                if changed.startswith(prefix.rstrip("/") + "/"):
                    inner = changed[len(prefix.rstrip("/")) + 1 :]
                    if not all(map(is_log_name, inner.split("/"))):
                        return None
                    return os.path.join(root, inner)  # noqa: PTH118 - names may not be text
        return None

    def _ordered(self, batch: Batch, *, caught_up: bool) -> Batch:
        pairs = zip(batch.events, batch.origins, strict=True)
        ordered = sorted(pairs, key=lambda pair: pair[0].order)
        batch.events = [event for event, _ in ordered]
        batch.origins = [origin for _, origin in ordered]
        touched = {position.path: position for position in batch.positions}
        batch.positions = list(touched.values())
        batch.caught_up = caught_up
        return batch

    async def _watch(self) -> None:
        """(Re)starts the system's notices for the directories that exist now."""
        self._watched = self._roots()
        trees = [name for name, directory in self._watched.items() if directory != _A_FILE]
        files = self._watched.keys() - set(trees)
        directories = sorted({os.path.dirname(name) or "." for name in files})  # noqa: PTH120
        if self._alarm is not None:
            await self._alarm.watch(trees, directories)

    def _roots(self) -> dict[str, tuple[int, int]]:
        roots: dict[str, tuple[int, int]] = {}
        for path in self._paths:
            try:
                status = path.stat()
            except OSError:
                continue
            is_directory = stat.S_ISDIR(status.st_mode)
            identity = (status.st_dev, status.st_ino) if is_directory else _A_FILE
            roots[os.fsdecode(path)] = identity
        return roots

    def _heed_failure(self, alarm: Alarm) -> None:
        if alarm.failed and not self.polling:
            self.polling = True
            self._note(f"the system gives no notice of changes, files are polled: {alarm.failed}")

    def _tell(self, unfound: Unfound, batch: Batch) -> None:
        """Says once that a path cannot be read; one that is only missing may still come."""
        missing = unfound.reason == MISSING
        named = unfound.name in map(os.fsdecode, self._paths)
        if self.troubles.get(unfound.name) == unfound.reason or (missing and not named):
            return
        if unfound.name not in self.troubles and len(self.troubles) >= MOST_TROUBLES:
            return
        self.troubles[unfound.name] = unfound.reason
        self._note(f"{clean(storable(unfound.name))}: {unfound.reason}")
        if not missing:
            batch.quarantined.append(Quarantined(storable(unfound.name), 0, unfound.reason))

    def _look_for_recovery(self, found: Sequence[Found | Unfound]) -> None:
        """After a look at everything; what could not be read is well when it has been read."""
        still = {each.name for each in found if isinstance(each, Unfound)}
        for name, reason in list(self.troubles.items()):
            if name not in still and not reason.startswith(UNREADABLE):
                self._is_well(name)

    def _is_well(self, name: str) -> None:
        if self.troubles.pop(name, None) is not None and os.path.exists(name):  # noqa: PTH110
            self._note(f"{clean(storable(name))}: can be read again")

    def _note(self, line: str) -> None:
        self.notices.append(line)
