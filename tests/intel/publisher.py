"""A web server on loopback that publishes lists, and fails in all the usual ways."""

from __future__ import annotations

import asyncio
import gzip
import hashlib
import json
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

from aiohttp import web

from risktui import config as configuration
from risktui.intel.fetch import Limits
from risktui.intel.subscriptions import Subscription, subscriptions
from risktui.intel.update import Update, update

NOW = 1_772_366_400_000
"""2026-03-01T12:00Z, the clock of these tests."""
QUICK = Limits(seconds=3, connect_seconds=1, stall_seconds=0.5, most_bytes=200_000)

Reply = Callable[[web.Request], web.StreamResponse]


class Publisher:
    """Documents by path; `fail` is how the next answers go wrong. Knows what it was asked."""

    def __init__(self) -> None:
        self.documents: dict[str, bytes] = {}
        self.replies: dict[str, Reply] = {}
        self.fail: str = ""
        self.login = ""
        self.types: dict[str, str] = {}
        self.asked: list[tuple[str, dict[str, str]]] = []
        self.answers: list[int] = []
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever)
        self._thread.start()
        asyncio.run_coroutine_threadsafe(self._start(), self._loop).result(60)

    def publish(self, path: str, content: str | bytes | dict[str, Any]) -> str:
        """Put a document there; its address comes back."""
        if isinstance(content, dict):
            content = json.dumps(content)
        self.documents[path] = content.encode() if isinstance(content, str) else content
        return f"{self.url}{path}"

    async def _start(self) -> None:
        app = web.Application()
        app.router.add_get("/{tail:.*}", self._handle)
        self._runner = web.AppRunner(app, shutdown_timeout=0.1)
        await self._runner.setup()
        site = web.TCPSite(self._runner, "127.0.0.1", 0)
        await site.start()
        self.url = f"http://127.0.0.1:{self._runner.addresses[0][1]}"

    async def _handle(self, request: web.Request) -> web.StreamResponse:
        answer = await self._answer(request)
        self.answers.append(answer.status)
        return answer

    async def _answer(self, request: web.Request) -> web.StreamResponse:
        self.asked.append((request.path_qs, dict(request.headers)))
        if self.fail.isdecimal():
            return web.Response(status=int(self.fail), text="no")
        if self.fail == "slow":
            await asyncio.sleep(5)
        if self.login and request.headers.get("Authorization") != self.login:
            return web.Response(status=401)
        if request.path in self.replies:
            return self.replies[request.path](request)
        body = self.documents.get(request.path)
        if body is None:
            return web.Response(status=404)
        if self.fail in {"truncated", "reset"}:
            return await self._broken(request, body)
        tag = f'"{hashlib.blake2b(body, digest_size=6).hexdigest()}"'
        if request.headers.get("If-None-Match") == tag:
            return web.Response(status=304)
        headers = {"ETag": tag, "Last-Modified": "Sun, 01 Mar 2026 10:00:00 GMT"}
        if self.fail == "gzip":
            headers["Content-Encoding"], body = "gzip", gzip.compress(body)
        kind = self.types.get(request.path, "text/plain")
        return web.Response(body=body, headers=headers, content_type=kind)

    async def _broken(self, request: web.Request, body: bytes) -> web.StreamResponse:
        answer = web.StreamResponse(headers={"Content-Length": str(len(body) + 1000)})
        await answer.prepare(request)
        await answer.write(body[: len(body) // 2])
        assert request.transport is not None
        request.transport.close()
        return answer

    async def _end(self) -> None:
        await self._runner.cleanup()
        left = asyncio.all_tasks() - {asyncio.current_task()}
        for answer in left:  # to those who no longer wait for it
            answer.cancel()
        await asyncio.gather(*left, return_exceptions=True)

    def stop(self) -> None:
        asyncio.run_coroutine_threadsafe(self._end(), self._loop).result(60)
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(60)
        self._loop.close()


class Reader:
    """A configuration with one feed, and a clock that one can set."""

    def __init__(self, folder: Path, url: str, extra: str = "", tag: str = "tor") -> None:
        path = folder / "risktui.toml"
        path.write_text(
            f'[[intel]]\nname = "exits"\nurl = "{url}"\npath = "exits.csv"\ntag = "{tag}"\n{extra}'
        )
        self.config = configuration.load(path)
        self.now = NOW

    @property
    def feed(self) -> Subscription:
        return subscriptions(self.config)[0]

    def update(self, *, force: bool = False) -> Update:
        self.now += 60_000
        return asyncio.run(
            update(self.config, self.feed, now=lambda: self.now, force=force, limits=QUICK)
        )

    @property
    def text(self) -> str:
        return self.feed.path.read_text()

    @property
    def networks(self) -> list[str]:
        rows = [line.partition(",")[0] for line in self.text.splitlines() if line[0] != "#"]
        return rows[1:]
