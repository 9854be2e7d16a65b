"""A file that is exchanged between two looks at it: pieces of two files are never put together."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from logs.written_logs import ids, lines, story
from risktui.logs.batch import Batch
from risktui.logs.discover import Found, discover
from risktui.logs.source import Memory
from risktui.logs.stream import ExchangedError
from risktui.logs.tail import Tail

LONGER = lines(story(10, 19))
"""What takes the place of a log; it goes on where the log ended."""


def rename(log: Path) -> None:
    log.rename(log.with_name("log.json.1"))
    log.write_bytes(LONGER)


def copy_and_truncate(log: Path) -> None:
    shutil.copy(log, log.with_name("log.json.1"))
    os.truncate(log, 0)
    with log.open("ab") as file:
        file.write(LONGER)


def found(log: Path) -> Found:
    return next(each for each in discover([log]) if isinstance(each, Found))


@pytest.mark.parametrize("exchange", [rename, copy_and_truncate])
def test_what_takes_the_place_of_a_log_is_not_read_as_its_end(
    tmp_path: Path, exchange: Callable[[Path], None]
) -> None:
    log = tmp_path / "log.json"
    log.write_bytes(lines(story(1, 2)))
    tail, batch = Tail.start(found(log), None), Batch()
    tail.read_into(batch)
    exchange(log)
    with pytest.raises(ExchangedError):
        tail.read_into(batch)
    assert ids([batch]) == ["s00001", "s00002"]
    assert not batch.quarantined


def test_after_a_renaming_both_files_are_read_to_their_ends(tmp_path: Path) -> None:
    log = tmp_path / "log.json"
    log.write_bytes(lines(story(1, 2)))
    tail, batch, memory = Tail.start(found(log), None), Batch(), Memory({})
    tail.read_into(batch)
    memory.add(tail.position)
    with log.open("ab") as file:
        file.write(lines(story(3, 4)))
    rename(log)
    for name in ("log.json", "log.json.1"):
        each = found(tmp_path / name)
        tail = Tail.start(each, memory.recall(each.name, each.inode))
        while not tail.read_into(batch):
            pass
    assert sorted(ids([batch])) == [*numbers(1, 4), *numbers(10, 19)]


def test_a_log_that_is_exchanged_before_it_is_read_on_is_not_read_from_its_middle(
    tmp_path: Path,
) -> None:
    log = tmp_path / "log.json"
    log.write_bytes(lines(story(1, 2)))
    tail, batch = Tail.start(found(log), None), Batch()
    tail.read_into(batch)
    again = Tail.start(found(log), tail.position)
    rename(log)
    with pytest.raises(ExchangedError):
        again.read_into(Batch())


def numbers(first: int, last: int) -> list[str]:
    return [f"s{number:05d}" for number in range(first, last + 1)]
