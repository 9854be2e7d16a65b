"""Stands before the API: who may ask, and by which name of this host."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from starlette.responses import Response
from starlette.types import ASGIApp, Receive, Scope, Send

from risktui.serve.access import Token, caller, host_of, is_loopback
from risktui.serve.answers import error_answer

CALLER = "risktui.caller"
"""Where in a scope the caller's token is."""


class Guard:
    """Lets through who may ask; everybody may ask for /healthz."""

    def __init__(self, app: ASGIApp, tokens: Sequence[Token], *, loopback: bool) -> None:
        self._app = app
        self._tokens = tokens
        self._loopback = loopback

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """ASGI."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return

        async def private(message: Any) -> None:
            if message["type"] == "http.response.start":
                message["headers"] += [
                    (b"cache-control", b"no-store"),
                    (b"x-content-type-options", b"nosniff"),
                ]
            await send(message)

        refusal = self._refusal(scope)
        await (refusal or self._app)(scope, receive, private)

    def _refusal(self, scope: Scope) -> Response | None:
        headers = {name: value.decode("latin-1") for name, value in scope["headers"]}
        scope[CALLER] = None
        if self._loopback and not is_loopback(host_of(headers.get(b"host", "localhost"))):
            return error_answer(
                421, "MisdirectedRequest", "this is not the host you are looking for"
            )
        if scope["path"] == "/healthz" or not self._tokens:
            return None
        scope[CALLER] = caller(self._tokens, headers.get(b"authorization", ""))
        if scope[CALLER] is None:
            refusal = error_answer(401, "InvalidAuthenticationToken", "send a bearer token")
            refusal.headers["www-authenticate"] = "Bearer"
            return refusal
        return None
