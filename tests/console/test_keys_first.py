"""A key is painted before anything else goes on, but nobody waits for ever."""

from __future__ import annotations

import asyncio
import sqlite3
import time
from contextlib import closing
from pathlib import Path

import pytest

from console.playing import PATIENCE
from risktui.console.keys_first import KeysFirst
from risktui.console.reader import Reader


def test_nobody_waits_where_no_key_was_pressed() -> None:
    keys = KeysFirst()
    assert not keys.waiting


def test_a_key_is_served_by_what_is_painted_after_its_act(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("risktui.console.keys_first.PATIENCE", PATIENCE)
    keys = KeysFirst()
    keys.pressed()
    keys.painted()  # of what went on before
    assert keys.waiting
    keys.acted()
    keys.painted()
    assert not keys.waiting


def test_a_key_that_changes_nothing_holds_nobody_up_for_long() -> None:
    keys = KeysFirst()
    keys.pressed()
    keys.give_way()
    assert not keys.waiting


async def test_the_event_loop_goes_on_while_a_key_waits(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("risktui.console.keys_first.PATIENCE", PATIENCE)
    keys = KeysFirst()
    keys.pressed()
    order: list[str] = []

    async def paint() -> None:
        order.append("paint")
        keys.acted()
        keys.painted()

    async def other() -> None:
        await keys.quiet()
        order.append("other")

    await asyncio.gather(other(), paint())
    assert order == ["paint", "other"]


def test_a_long_question_gives_way_in_its_middle(tmp_path: Path) -> None:
    path = tmp_path / "a.db"
    with closing(sqlite3.connect(path)) as made, made:
        made.execute("CREATE TABLE numbers (number INTEGER)")
        made.executemany("INSERT INTO numbers VALUES (?)", [(n,) for n in range(20_000)])
    keys = KeysFirst()
    asked: list[float] = []

    def give_way() -> None:
        asked.append(time.monotonic())
        keys.give_way()

    reader = Reader(path, give_way=give_way)
    count = reader.begin(lambda c: c.execute("SELECT count(number) FROM numbers").fetchone()[0])
    assert count.result() == 20_000
    assert len(asked) > 3
    reader.close()
