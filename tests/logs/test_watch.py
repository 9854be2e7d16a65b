"""Waiting for changes of the logs."""

from __future__ import annotations

import asyncio

import pytest

from risktui.logs.watch import Alarm


@pytest.mark.parametrize("turns", range(4))
async def test_who_is_to_stop_just_when_a_change_is_told_of_stops(turns: int) -> None:
    alarm = Alarm()
    waits = True

    async def listen() -> None:
        while waits:
            await alarm.wait(60)

    listening = asyncio.create_task(listen())
    await asyncio.sleep(0.01)
    alarm.ring()
    for _ in range(turns):
        await asyncio.sleep(0)
    listening.cancel()
    done, _ = await asyncio.wait({listening}, timeout=60)
    waits = False
    alarm.ring()
    assert done == {listening}
