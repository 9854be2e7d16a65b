"""Answers in Graph's form, and its form of errors."""

from __future__ import annotations

import secrets
from typing import Any

import msgspec
from starlette.requests import Request
from starlette.responses import Response

from risktui.engine.clock import now_ms
from risktui.model.risk import Json
from risktui.output.graph import iso
from risktui.serve.odata import ODataError

_encode = msgspec.json.Encoder().encode


class GraphError(Exception):
    """An answer that is an error, in Graph's words."""

    def __init__(self, status: int, code: str, message: str) -> None:
        super().__init__(message)
        self.status, self.code, self.message = status, code, message


def json(thing: Json, status: int = 200) -> Response:
    """An object."""
    return Response(_encode(thing), status, media_type="application/json")


def not_found(what: str) -> GraphError:
    """Nothing has this id."""
    return GraphError(404, "ResourceNotFound", f"{what[:100]}: no such object")


async def failed(_: Request, error: GraphError) -> Response:
    """An endpoint said no."""
    return error_answer(error.status, error.code, error.message)


async def not_understood(_: Request, error: ODataError) -> Response:
    """A query option makes no sense."""
    return error_answer(400, "BadRequest", str(error))


async def no_such_place(request: Request, error: Any) -> Response:
    """There is no such path, or not with this method."""
    asked = f"{request.method} {request.url.path}"[:200]
    if int(error.status_code) == 404:
        return error_answer(404, "ResourceNotFound", f"{asked}: no such resource")
    return error_answer(int(error.status_code), "BadRequest", f"{asked}: not with this method")


def error_answer(status: int, code: str, message: str) -> Response:
    """Graph's error object."""
    inner = {"date": iso(now_ms()), "request-id": secrets.token_hex(16)}
    return json({"error": {"code": code, "message": message, "innerError": inner}}, status)
