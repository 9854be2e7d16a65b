from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import pytest
import uvicorn

from risktui.serve.patience import PatientProtocol


class Hasty(PatientProtocol):
    patience = 0.3
    most = 5


async def _slow_answer(scope: Any, receive: Any, send: Any) -> None:
    await asyncio.sleep(1.0)  # longer than a connection may idle
    await send({"type": "http.response.start", "status": 200, "headers": []})
    await send({"type": "http.response.body", "body": b"late, but there"})


@pytest.fixture
async def port() -> AsyncIterator[int]:
    config = uvicorn.Config(
        _slow_answer, port=0, http=Hasty, ws="none", lifespan="off", log_level="critical"
    )
    server = uvicorn.Server(config)
    running = asyncio.create_task(server.serve())
    while not server.started:  # noqa: ASYNC110  # uvicorn has no event for it
        await asyncio.sleep(0.01)
    yield server.servers[0].sockets[0].getsockname()[1]
    server.should_exit = True
    await running


@pytest.mark.parametrize("beginning", [b"", b"GET / HTTP/1.1\r\nHost: loc"])
async def test_who_asks_nothing_or_half_of_something_is_let_go(port: int, beginning: bytes) -> None:
    reading, writing = await asyncio.open_connection("127.0.0.1", port)
    writing.write(beginning)
    async with asyncio.timeout(60):
        assert await reading.read() == b""
    writing.close()


async def test_an_answer_under_way_has_its_time(port: int) -> None:
    reading, writing = await asyncio.open_connection("127.0.0.1", port)
    writing.write(b"GET / HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n")
    async with asyncio.timeout(60):
        assert (await reading.read()).endswith(b"late, but there\r\n0\r\n\r\n")
    writing.close()


async def test_a_crowd_that_asks_for_nothing_keeps_nobody_out(port: int) -> None:
    crowd = [await asyncio.open_connection("127.0.0.1", port) for _ in range(40)]
    for _, writing in crowd:
        writing.write(b"GET / HTTP/1.1\r\nHost: loc")
    reading, writing = await asyncio.open_connection("127.0.0.1", port)
    writing.write(b"GET / HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n")
    late = [await asyncio.open_connection("127.0.0.1", port) for _ in range(40)]
    async with asyncio.timeout(60):
        assert (await reading.read()).endswith(b"late, but there\r\n0\r\n\r\n")
    for each, closing in [*crowd, *late, (reading, writing)]:
        async with asyncio.timeout(60):
            await each.read()
        closing.close()
