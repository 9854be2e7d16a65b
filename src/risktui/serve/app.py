"""The Graph-compatible API: what `risktui serve` answers."""

from __future__ import annotations

import asyncio
import sqlite3
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import AbstractAsyncContextManager, asynccontextmanager, closing
from pathlib import Path
from typing import Any, TypeAlias
from urllib.parse import quote, urlencode

import msgspec
from starlette.applications import Starlette
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Mount, Route
from starlette.types import ASGIApp

from risktui.engine.clock import now_ms
from risktui.model.refusal import in_words, place_of
from risktui.model.risk import Json, RiskState
from risktui.serve.access import Token
from risktui.serve.answers import GraphError, failed, json, no_such_place, not_found, not_understood
from risktui.serve.guard import CALLER, Guard
from risktui.serve.listing import (
    Page,
    Query,
    count_of,
    read_page,
    read_query,
    selected,
    take_page,
)
from risktui.serve.metrics import metrics
from risktui.serve.odata import ODataError
from risktui.serve.principal_lists import (
    RiskyServicePrincipals,
    ServicePrincipalRiskDetections,
)
from risktui.serve.risk_lists import History, RiskDetections, RiskyUsers, in_order
from risktui.store import queries, verdicts
from risktui.store.database import reader
from risktui.store.lock import EngineLock

VERSIONS = ("v1.0", "beta")
MOST_USERS = 60
"""People judged in one call; Graph's limit."""
MOST_BYTES = 64 * 1024
BODY_SECONDS = 20
"""How long the body of a request may take to come."""
"""Of a request's body."""

Listed: TypeAlias = (
    RiskDetections | RiskyUsers | History | RiskyServicePrincipals | ServicePrincipalRiskDetections
)
Decide: TypeAlias = Callable[[list[verdicts.Request]], list[verdicts.Answer | None]]

ACTIONS: dict[str, tuple[verdicts.Action, RiskState]] = {
    "confirmCompromised": ("confirmCompromised", RiskState.CONFIRMED_COMPROMISED),
    "confirmSafe": ("confirmSafe", RiskState.CONFIRMED_SAFE),
    "dismiss": ("dismiss", RiskState.DISMISSED),
}


class Judged(msgspec.Struct, rename="camel", forbid_unknown_fields=True):
    """The body of confirmCompromised, confirmSafe and dismiss."""

    user_ids: list[str]
    note: str = ""
    """Ours: why; stands in the history."""


class Service(msgspec.Struct, frozen=True, kw_only=True):
    """What the API needs to answer."""

    database: Path
    decide: Decide
    tokens: Sequence[Token] = ()
    """None at all: whoever reaches us may ask, as on a unix socket of ours."""
    licence: str = "p2"
    read_only: bool = False
    loopback: bool = True
    """Only names of this machine are taken for ours, so that no web page reaches us by DNS."""
    started: Callable[[], object] = lambda: None


def make_app(service: Service) -> ASGIApp:
    """The application."""
    api = _Api(service)
    shared = [
        Route("/identityProtection/riskDetections", api.detections),
        Route("/identityProtection/riskDetections/$count", api.count_detections),
        Route("/identityProtection/riskDetections/{id}", api.detection),
        Route("/identityProtection/riskyServicePrincipals", api.principals),
        Route("/identityProtection/riskyServicePrincipals/{id}", api.principal),
        Route("/identityProtection/servicePrincipalRiskDetections", api.principal_detections),
        Route("/identityProtection/servicePrincipalRiskDetections/{id}", api.principal_detection),
        Route("/identityProtection/riskyUsers", api.users),
        Route("/identityProtection/riskyUsers/$count", api.count_users),
        Route("/identityProtection/riskyUsers/{action}", api.judge, methods=["POST"]),
        Route("/identityProtection/riskyUsers/{id}", api.user),
        Route("/identityProtection/riskyUsers/{id}/history", api.history),
        Route("/identityProtection/riskyUsers/{id}/history/{item}", api.step),
    ]
    routes = [
        *(Mount(f"/{version}", routes=shared, name=version) for version in VERSIONS),
        Route("/metrics", api.metrics),
        Route("/healthz", api.health),
    ]
    handlers: Mapping[Any, Any] = {
        GraphError: failed,
        ODataError: not_understood,
        404: no_such_place,
        405: no_such_place,
    }
    app = Starlette(routes=routes, exception_handlers=handlers, lifespan=_lifespan(service))
    return Guard(app, service.tokens, loopback=service.loopback)


def _lifespan(service: Service) -> Callable[[Starlette], AbstractAsyncContextManager[None]]:
    @asynccontextmanager
    async def live(_: Starlette) -> AsyncIterator[None]:
        service.started()
        yield

    return live


class _Api:
    """The endpoints. They are plain functions: Starlette runs them in threads."""

    def __init__(self, service: Service) -> None:
        self._service = service
        self._detections = RiskDetections(service.licence)
        self._users = RiskyUsers()
        self._history = History()
        self._principals = RiskyServicePrincipals()
        self._of_principals = ServicePrincipalRiskDetections()

    def _connection(self) -> closing[sqlite3.Connection]:
        return closing(reader(self._service.database))

    def detections(self, request: Request) -> Response:
        return self._list(request, self._detections)

    def users(self, request: Request) -> Response:
        return self._list(request, self._users)

    def principals(self, request: Request) -> Response:
        return self._list(request, self._principals)

    def principal_detections(self, request: Request) -> Response:
        return self._list(request, self._of_principals)

    def principal(self, request: Request) -> Response:
        with self._connection() as connection:
            return _one(request, self._principals.one(connection, request.path_params["id"]))

    def principal_detection(self, request: Request) -> Response:
        with self._connection() as connection:
            return _one(request, self._of_principals.one(connection, request.path_params["id"]))

    def count_detections(self, request: Request) -> Response:
        return self._count(request, self._detections)

    def count_users(self, request: Request) -> Response:
        return self._count(request, self._users)

    def detection(self, request: Request) -> Response:
        with self._connection() as connection:
            return _one(request, self._detections.one(connection, request.path_params["id"]))

    def user(self, request: Request) -> Response:
        with self._connection() as connection:
            return _one(request, self._users.one(connection, request.path_params["id"]))

    def history(self, request: Request) -> Response:
        user_id = request.path_params["id"]
        with self._connection() as connection:
            if queries.user(connection, user_id) is None:
                raise not_found(user_id)
        return self._list(request, History(user_id))

    def step(self, request: Request) -> Response:
        steps = History(request.path_params["id"])
        with self._connection() as connection:
            return _one(request, steps.one(connection, request.path_params["item"]))

    def _list(self, request: Request, kind: Listed) -> Response:
        query = read_query(request.query_params, kind.properties, kind.order)
        with self._connection() as connection:
            page = _page(query, kind, connection)
            things = [_at(kind, connection, place[-1]) for place in page.places]
        shown = [selected(thing, query.select) for thing in things if thing is not None]
        return json(_envelope(request, query, page, shown))

    def _count(self, request: Request, kind: RiskDetections | RiskyUsers) -> Response:
        query = read_query(request.query_params, kind.properties, kind.order)
        with self._connection() as connection:
            total = count_of(query, kind.all(connection, query))
        return PlainTextResponse(str(total))

    async def judge(self, request: Request) -> Response:
        name = request.path_params["action"].removeprefix("microsoft.graph.")
        if name not in ACTIONS:
            raise GraphError(404, "ResourceNotFound", f"{name}: no such action")
        token: Token | None = request.scope[CALLER]
        if self._service.read_only or (token is not None and not token.may_decide):
            raise GraphError(403, "Forbidden", "this caller may look, not decide")
        body = await _body(request)
        author = token.name if token else "api"
        place = f"api {request.client.host if request.client else 'unix socket'}"
        return await run_in_threadpool(self._judge, name, body, author, place)

    def _judge(self, name: str, body: Judged, author: str, place: str) -> Response:
        action, goal = ACTIONS[name]
        with self._connection() as connection:
            users = []
            for user_id in dict.fromkeys(body.user_ids):
                user = queries.user(connection, user_id)
                if user is None:
                    raise not_found(user_id)
                users.append(user)
        answers = self._service.decide(
            [
                verdicts.Request(
                    action=action,
                    user_id=user.id,
                    user_principal_name=user.user_principal_name,
                    author=author,
                    place=place,
                    note=body.note,
                    time=now_ms(),
                )
                for user in users
            ]
        )
        with self._connection() as connection:
            for user, answer in zip(users, answers, strict=True):
                if answer is not None and not answer.accepted:
                    now = queries.user(connection, user.id)
                    if now is None or now.risk_state is not goal:  # else it is as was wished
                        raise GraphError(409, "Conflict", answer.message)
        return Response(status_code=202 if None in answers else 204)

    def metrics(self, _: Request) -> Response:
        with self._connection() as connection:
            text = metrics(connection, self._service.database, now_ms())
        return Response(text, media_type="text/plain; version=0.0.4")

    def health(self, _: Request) -> Response:
        """Fine, unless the database is out of reach or an engine has died."""
        try:
            with self._connection() as connection:
                status = queries.status(connection)
        except sqlite3.Error:
            return json({"status": "database out of reach"}, 503)
        running = EngineLock(self._service.database).holder() is not None
        expected = status.get("engine.state") in {"live", "reading"}
        words = "running" if running else "died" if expected else "not running"
        died = words == "died"
        return json({"status": "engine died" if died else "ok", "engine": words}, 503 * died or 200)


def _page(query: Query, kind: Listed, connection: sqlite3.Connection) -> Page:
    """The page; in the database's own order where it knows it, so that only a page is read."""
    if isinstance(kind, RiskDetections | RiskyUsers):
        ids = in_order(connection, kind.table, query)
        if ids is not None:
            page = take_page(query, kind.ordered(connection, query, ids))
            if not query.count:
                return page
            total = count_of(query, kind.all(connection, query))
            return msgspec.structs.replace(page, total=total)
    return read_page(query, kind.all(connection, query))


def _at(kind: Listed, connection: sqlite3.Connection, tie: Any) -> Json | None:
    """The object that a place on a page stands for; None where it went away meanwhile."""
    if isinstance(kind, History):
        return kind.at(connection, int(tie))
    return kind.one(connection, str(tie))


def _envelope(request: Request, query: Query, page: Page, things: list[Json]) -> Json:
    url = request.url
    answer: Json = {
        "@odata.context": f"{_root(request)}/$metadata#{_entity_set(request)}",
        "value": things,
    }
    if query.count:
        answer["@odata.count"] = page.total
    if page.more:
        options = {k: v for k, v in request.query_params.items() if k not in {"$skip", "$count"}}
        options["$skiptoken"] = page.more
        following = urlencode(options, quote_via=quote, safe="$")
        answer["@odata.nextLink"] = str(url.replace(query=following))
    return answer


def _root(request: Request) -> str:
    version = request.url.path.split("/")[1]
    return str(request.url.replace(path=f"/{version}", query=""))


def _entity_set(request: Request) -> str:
    parts = request.url.path.split("/")[2:]
    return "/".join(f"('{part}')" if n == 2 else part for n, part in enumerate(parts))


def _one(request: Request, thing: Json | None) -> Response:
    if thing is None:
        raise not_found(request.path_params.get("item") or request.path_params["id"])
    return json({"@odata.context": f"{_root(request)}/$metadata#identityProtection", **thing})


async def _read(request: Request) -> bytes:
    raw = bytearray()
    async for piece in request.stream():
        raw += piece
        if len(raw) > MOST_BYTES:
            raise GraphError(413, "RequestEntityTooLarge", f"more than {MOST_BYTES:,} bytes")
    return bytes(raw)


async def _body(request: Request) -> Judged:
    if request.headers.get("content-type", "").split(";")[0].strip() != "application/json":
        raise GraphError(415, "UnsupportedMediaType", "send application/json")
    try:
        async with asyncio.timeout(BODY_SECONDS):
            raw = await _read(request)
    except TimeoutError:
        text = f"the body did not come within {BODY_SECONDS} s"
        raise GraphError(408, "RequestTimeout", text) from None
    try:
        body = msgspec.json.decode(raw, type=Judged)
    except msgspec.ValidationError as error:
        where = place_of(error)
        text = f"{where}: {in_words(error)}" if where else in_words(error)
        raise GraphError(400, "BadRequest", text) from error
    except msgspec.DecodeError as error:
        raise GraphError(400, "BadRequest", f"the body is no JSON: {error}") from error
    if not 1 <= len(body.user_ids) <= MOST_USERS:
        raise GraphError(400, "BadRequest", f"userIds: from 1 to {MOST_USERS}")
    return body
