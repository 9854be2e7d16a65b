"""Calls the API in this process, as a server would, and reads its answers."""

from __future__ import annotations

import asyncio
import json
from pathlib import Path
from typing import Any
from urllib.parse import urlencode, urlsplit

import msgspec

from risktui import config as configuration
from risktui.engine.decide import decide
from risktui.engine.setup import assemble
from risktui.serve.access import Token
from risktui.serve.app import Service, make_app

PREFIX = "/v1.0/identityProtection"
SECRET = "0123456789abcdef"


class Answer(msgspec.Struct):
    status: int
    headers: dict[str, str]
    raw: bytes

    @property
    def json(self) -> dict[str, Any]:
        found: dict[str, Any] = json.loads(self.raw)
        return found

    @property
    def value(self) -> list[dict[str, Any]]:
        assert self.status == 200, self.raw
        found: list[dict[str, Any]] = self.json["value"]
        return found

    @property
    def error(self) -> str:
        return str(self.json["error"]["message"])


class Api:
    """`risktui serve` without its process."""

    def __init__(self, database: Path, config: Path | None = None, **service: Any) -> None:
        settings = configuration.load(config) if config else configuration.Config()
        self.service = Service(
            database=database,
            decide=lambda requests: decide(database, requests, lambda: assemble(settings)),
            tokens=service.pop("tokens", (Token("soar", SECRET),)),
            **service,
        )
        self._app = make_app(self.service)

    def get(self, path: str, headers: dict[str, str] | None = None, **options: str) -> Answer:
        """`filter=…` is `$filter=…`; paths count from identityProtection unless they begin so."""
        query = urlencode({f"${name}": value for name, value in options.items()})
        return self.call("GET", path, query, headers=headers)

    def post(self, path: str, body: Any, headers: dict[str, str] | None = None) -> Answer:
        raw = body if isinstance(body, bytes) else json.dumps(body).encode()
        return self.call("POST", path, body=raw, headers=headers)

    def follow(self, link: str) -> Answer:
        parts = urlsplit(link)
        return self.call("GET", parts.path, parts.query)

    def call(
        self,
        method: str,
        path: str,
        query: str = "",
        body: bytes = b"",
        headers: dict[str, str] | None = None,
    ) -> Answer:
        sent = {
            "host": "127.0.0.1:8790",
            "authorization": f"Bearer {SECRET}",
            "content-type": "application/json",
            **(headers or {}),
        }
        scope = {
            "type": "http",
            "asgi": {"version": "3.0"},
            "http_version": "1.1",
            "method": method,
            "scheme": "http",
            "path": path if path.startswith("/") else f"{PREFIX}/{path}",
            "root_path": "",
            "query_string": query.encode(),
            "headers": [(name.encode(), value.encode()) for name, value in sent.items()],
            "client": ("127.0.0.1", 50_000),
            "server": ("127.0.0.1", 8790),
        }
        return asyncio.run(self._run(scope, body))

    async def _run(self, scope: dict[str, Any], body: bytes) -> Answer:
        answer = Answer(0, {}, b"")
        ended = asyncio.Event()

        async def receive() -> dict[str, Any]:
            if not sent:
                sent.append(True)
                return {"type": "http.request", "body": body, "more_body": False}
            await ended.wait()
            return {"type": "http.disconnect"}

        async def send(message: Any) -> None:
            if message["type"] == "http.response.start":
                answer.status = message["status"]
                answer.headers = {k.decode(): v.decode() for k, v in message["headers"]}
            else:
                answer.raw += message.get("body", b"")

        sent: list[bool] = []
        await self._app(scope, receive, send)
        ended.set()
        return answer
