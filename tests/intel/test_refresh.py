"""Lists are kept fresh beside an engine that runs."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Callable
from pathlib import Path

from intel.publisher import NOW, Publisher, Reader
from risktui import config as configuration
from risktui.intel.refresh import Refresher

HOUR = 3_600_000


class Watch:
    """A refresher with a clock that one can set, and what it told."""

    def __init__(self, config: configuration.Config) -> None:
        self.now = NOW
        self.changes = 0
        self.told: list[str] = []
        self.refresher = Refresher(
            config,
            now=lambda: self.now,
            changed=self._changed,
            notice=self.told.append,
            look_seconds=0.01,
        )

    async def _changed(self) -> None:
        self.changes += 1

    async def until(self, met: Callable[[], bool]) -> None:
        """Let it work until `met`."""
        task = asyncio.create_task(self.refresher.run())
        try:
            async with asyncio.timeout(60):
                while not met():  # noqa: ASYNC110  # told by files and by servers
                    await asyncio.sleep(0.01)
        finally:
            task.cancel()
            await asyncio.gather(task, return_exceptions=True)


async def test_a_list_is_fetched_when_it_is_due_and_told_when_it_changed(
    publisher: Publisher, tmp_path: Path
) -> None:
    reader = Reader(tmp_path, publisher.publish("/exits.txt", "171.25.193.77\n"))
    watch = Watch(reader.config)
    await watch.until(lambda: watch.changes == 1)
    assert watch.told == ["list exits: 1 entries, 1 new, 0 gone"]
    publisher.publish("/exits.txt", "171.25.193.77\n171.25.193.78\n")
    watch.now += 23 * HOUR
    rounds = len(publisher.asked)
    os.utime(tmp_path / "exits.csv", (1, 1))  # somebody else's hand: a change as well
    await watch.until(lambda: watch.changes == 2)
    assert len(publisher.asked) == rounds
    watch.now += 2 * HOUR
    await watch.until(lambda: watch.changes == 3)
    assert watch.told[-1] == "list exits: 2 entries, 1 new, 0 gone"


async def test_a_failure_is_said_once_and_tried_again_after_an_hour(
    publisher: Publisher, tmp_path: Path
) -> None:
    reader = Reader(tmp_path, publisher.publish("/exits.txt", "171.25.193.77\n"))
    publisher.fail = "503"
    watch = Watch(reader.config)
    await watch.until(lambda: len(watch.told) == 1)
    assert "answers 503; the old one stays in force" in watch.told[0]
    for _ in range(3):
        watch.now += HOUR + 1
        asked = len(publisher.asked)
        await watch.until(lambda asked=asked: len(publisher.asked) == asked + 1)  # type: ignore[misc]
    assert len(watch.told) == 1
    publisher.fail = ""
    watch.now += HOUR + 1
    await watch.until(lambda: watch.changes == 1)


async def test_lists_of_ones_own_are_only_looked_at(tmp_path: Path) -> None:
    own = tmp_path / "own.txt"
    own.write_text("171.25.193.77\n")
    path = tmp_path / "risktui.toml"
    path.write_text('[[intel]]\npath = "own.txt"\ntag = "tor"\n')
    watch = Watch(configuration.load(path))
    own.write_text("171.25.193.78\n171.25.193.79\n")
    await watch.until(lambda: watch.changes == 1)
    assert not watch.told


async def test_a_folder_that_may_not_be_written_is_said_and_survived(
    publisher: Publisher, tmp_path: Path
) -> None:
    reader = Reader(tmp_path, publisher.publish("/exits.txt", "171.25.193.77\n"))
    (tmp_path / "exits.csv.json").mkdir()
    watch = Watch(reader.config)
    await watch.until(lambda: len(watch.told) == 1)
    assert "exits.csv" in watch.told[0]
