"""Ids of long ago are packed, and found again."""

from __future__ import annotations

import asyncio
import sqlite3
from contextlib import closing
from pathlib import Path

from hypothesis import given
from hypothesis import strategies as st

from risktui.detect.state import DAY, HOUR
from risktui.store.commit import Committer
from risktui.store.database import async_writer, prepare
from risktui.store.seen import SEEN_BEFORE_FOR, SEEN_FOR, WIDTH, holds, load, packed

HASHES = st.integers(-(2**63), 2**63 - 1)
NOON = 20_000 * DAY


def tidied(database: Path, newest: int, *rows: tuple[int, int]) -> sqlite3.Connection:
    """The database with (hash, time) `rows` more, after old ones were packed."""
    prepare(database)

    async def tidy() -> None:
        connection = await async_writer(database)
        await connection.executemany("INSERT INTO seen VALUES (?, ?)", rows)
        await Committer(connection).tidy(newest)
        await connection.close()

    asyncio.run(tidy())
    return sqlite3.connect(database)


@given(st.sets(HASHES, max_size=50), st.sets(HASHES, max_size=50))
def test_a_pack_holds_what_was_packed_in_one_step_or_two(first: set[int], second: set[int]) -> None:
    pack = packed(second, packed(first))
    assert pack == packed(first | second)
    assert all(holds(pack, each) for each in first | second)
    assert len(pack) <= WIDTH * len(first | second)


@given(st.sets(HASHES, max_size=50), HASHES)
def test_a_pack_holds_nothing_else(packed_: set[int], other: int) -> None:
    pack = packed(packed_)
    same = {each >> 24 for each in packed_}
    assert holds(pack, other) == ((other >> 24) in same)


def test_what_leaves_the_window_is_packed_by_the_hour(tmp_path: Path) -> None:
    old = NOON - SEEN_FOR - 2 * HOUR
    rows = [(1 << 60, old), (2 << 60, old + 1), (3 << 60, old + HOUR), (-(1 << 60), NOON)]
    with closing(tidied(tmp_path / "risktui.db", NOON, *rows)) as connection:
        assert connection.execute("SELECT hash FROM seen").fetchall() == [(-(1 << 60),)]
        assert len(load(connection, old // HOUR)) == 2 * WIDTH
        assert holds(load(connection, (old + HOUR) // HOUR), 3 << 60)
        assert load(connection, NOON // HOUR) == b""


def test_an_hour_that_is_packed_takes_up_more(tmp_path: Path) -> None:
    old = NOON - SEEN_FOR - 2 * HOUR
    database = tmp_path / "risktui.db"
    tidied(database, NOON, (1 << 60, old)).close()
    with closing(tidied(database, NOON, (2 << 60, old))) as connection:
        pack = load(connection, old // HOUR)
        assert holds(pack, 1 << 60)
        assert holds(pack, 2 << 60)


def test_ids_are_forgotten_with_what_they_led_to(tmp_path: Path) -> None:
    database = tmp_path / "risktui.db"
    tidied(database, NOON, (1 << 60, NOON - SEEN_FOR - 2 * HOUR)).close()
    with closing(tidied(database, NOON + SEEN_BEFORE_FOR)) as connection:
        assert connection.execute("SELECT count(*) FROM seen_before").fetchone() == (0,)
