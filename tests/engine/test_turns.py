"""One thing at a time, and what one left to be done before the next."""

from __future__ import annotations

import asyncio

import pytest

from risktui.engine.turns import Turn


async def test_what_a_turn_leaves_is_done_once_before_the_next() -> None:
    turn, done = Turn(), list[str]()

    async def left() -> None:
        await asyncio.sleep(0)
        done.append("left")

    async def take(name: str) -> None:
        async with turn:
            done.append(name)
            await asyncio.sleep(0)

    async with turn:
        turn.leave(left)
        waiting = [asyncio.create_task(take("second")), asyncio.create_task(take("third"))]
        await asyncio.sleep(0)
        done.append("first")
    await asyncio.gather(*waiting)
    assert done == ["first", "left", "second", "third"]


async def test_what_goes_wrong_with_it_is_said_and_the_next_has_its_turn() -> None:
    turn = Turn()

    async def left() -> None:
        raise OSError("disk full")

    turn.leave(left)
    with pytest.raises(OSError, match="disk full"):
        async with turn:
            pytest.fail("before what was left is done")
    async with asyncio.timeout(5), turn:
        pass
