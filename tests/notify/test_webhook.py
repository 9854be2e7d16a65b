"""Webhooks against a real web server on loopback that fails in all the usual ways."""

from __future__ import annotations

import asyncio
import hashlib
import hmac
import json
import ssl
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import trustme
from aiohttp import web

from notify.office import Desk
from risk.ledger_stories import HOUR
from risktui.notify import deliveries
from risktui.notify.webhook import payload

MINUTES = 120_000


class Server:
    """Answers as it is told, in a thread of its own, and remembers what it got."""

    def __init__(self, context: ssl.SSLContext | None = None) -> None:
        self.answer: str | int = 200
        self.headers: dict[str, str] = {}
        self.got: list[tuple[dict[str, str], bytes]] = []
        self.port = 0
        self._context = context
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever)
        self._thread.start()
        asyncio.run_coroutine_threadsafe(self._start(), self._loop).result(60)

    async def _start(self) -> None:
        app = web.Application()
        app.router.add_post("/{tail:.*}", self._handle)
        self._runner = web.AppRunner(app, shutdown_timeout=0.1)
        await self._runner.setup()
        site = web.TCPSite(self._runner, "127.0.0.1", 0, ssl_context=self._context)
        await site.start()
        self.port = self._runner.addresses[0][1]

    async def _handle(self, request: web.Request) -> web.StreamResponse:
        body = await request.read()
        if self.answer == "slow":
            await asyncio.sleep(30)
        if self.answer == "reset":
            assert request.transport is not None
            request.transport.abort()
            await asyncio.sleep(1)
        self.got.append((dict(request.headers), body))
        return web.Response(status=int(self.answer), headers=self.headers, text="<b>said</b>")

    def stop(self) -> None:
        asyncio.run_coroutine_threadsafe(self._end(), self._loop).result(60)
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(60)
        self._loop.close()

    async def _end(self) -> None:
        """Nobody is left who would still answer somebody that has gone."""
        await self._runner.cleanup()
        left = asyncio.all_tasks() - {asyncio.current_task()}
        for each in left:
            each.cancel()
        await asyncio.gather(*left, return_exceptions=True)

    def desk(
        self, folder: Path, extra: str = "", scheme: str = "http", patience: float = 60
    ) -> Desk:
        url = f"{scheme}://127.0.0.1:{self.port}/hook"
        hook = f'[[notify.webhooks]]\nname = "siem"\nurl = "{url}"\ntimeout_seconds = {patience}\n'
        hook += extra
        desk = Desk(folder, hook)
        desk.finds("carol", "e1")
        return desk


@pytest.fixture
def server() -> Iterator[Server]:
    made = Server()
    yield made
    made.stop()


def test_the_body_is_signed_json_under_a_stable_id(server: Server, tmp_path: Path) -> None:
    (tmp_path / "key").write_text("s3cret\n")
    desk = server.desk(tmp_path, 'secret_file = "key"\n')
    desk.send()
    headers, body = server.got[0]
    seconds, _, signed = headers["X-Risktui-Signature"].partition(",v1=")
    seconds = seconds.removeprefix("t=")
    expected = hmac.new(b"s3cret", f"{seconds}.".encode() + body, hashlib.sha256).hexdigest()
    assert signed == expected
    assert int(seconds) == desk.now // 1000
    assert headers["Idempotency-Key"] == desk.sent()[0].id
    said = json.loads(body)
    assert said["users"][0]["userPrincipalName"] == "carol@contoso.com"
    assert said["users"][0]["activityDateTime"] == "2026-03-01T12:00:00.000Z"


def test_a_netrc_and_a_proxy_of_who_runs_it_are_left_alone(
    server: Server, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "netrc").write_text("machine 127.0.0.1 login corp password hunter2\n")
    monkeypatch.setenv("NETRC", str(tmp_path / "netrc"))
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:1/")
    desk = server.desk(tmp_path)
    desk.send()
    assert len(desk.sent()) == 1
    assert "Authorization" not in server.got[0][0]


def test_a_server_error_is_tried_again_with_growing_patience(
    server: Server, tmp_path: Path
) -> None:
    desk = server.desk(tmp_path)
    server.answer = 500
    waits = []
    for _ in range(3):
        desk.send(after=HOUR)
        waits.append(desk.waiting()[0].due - desk.now)
    assert waits == [15_000, 30_000, 60_000]
    server.answer = 204
    desk.send(after=HOUR)
    assert desk.sent()[0].attempts == 4
    assert len({headers["Idempotency-Key"] for headers, _ in server.got}) == 1


def test_too_many_requests_waits_as_long_as_it_is_told(server: Server, tmp_path: Path) -> None:
    desk = server.desk(tmp_path)
    server.answer, server.headers = 429, {"Retry-After": "600"}
    desk.send()
    assert desk.waiting()[0].due - desk.now == 600_000


@pytest.mark.parametrize(("answer", "patience"), [("slow", 0.5), ("reset", 60)])
def test_a_server_that_hangs_or_hangs_up_is_tried_again(
    server: Server, tmp_path: Path, answer: str, patience: float
) -> None:
    desk = server.desk(tmp_path, patience=patience)
    server.answer = answer
    desk.send()
    assert desk.waiting()[0].attempts == 1
    server.answer = 200
    server.desk(tmp_path).send(after=MINUTES)
    assert len(desk.sent()) == 1


def test_a_server_that_is_not_there_is_tried_again(server: Server, tmp_path: Path) -> None:
    server.port = 1
    desk = server.desk(tmp_path)
    desk.send()
    assert "127.0.0.1:1 cannot be reached: [Errno" in desk.waiting()[0].error
    assert " object at " not in desk.waiting()[0].error


def test_a_redirect_is_not_followed(server: Server, tmp_path: Path) -> None:
    desk = server.desk(tmp_path)
    server.answer, server.headers = 302, {"Location": "http://169.254.169.254/"}
    desk.send()
    assert "redirects to http://169.254.169.254/" in desk.dead()[0].error
    assert len(server.got) == 1


def test_a_refusal_is_final(server: Server, tmp_path: Path) -> None:
    desk = server.desk(tmp_path)
    server.answer = 403
    desk.send()
    assert desk.dead()[0].error == "the server answers 403"


def test_after_enough_attempts_it_is_a_dead_letter_that_can_be_revived(
    server: Server, tmp_path: Path
) -> None:
    desk = server.desk(tmp_path)
    server.answer = 503
    for _ in range(8):
        desk.send(after=2 * HOUR)
    assert desk.dead()[0].error == "the server answers 503 (8 attempts)"
    assert desk.send(after=HOUR) == 0
    server.answer = 200
    with desk.writing() as connection:
        assert deliveries.revive(connection, [], desk.now) == 1
    desk.send()
    assert len(desk.sent()) == 1


def test_a_certificate_that_nobody_vouches_for_gets_nothing(tmp_path: Path) -> None:
    authority = trustme.CA()
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert("127.0.0.1").configure_cert(context)
    server = Server(context)
    desk = server.desk(tmp_path, scheme="https")
    desk.send()
    assert "no good certificate: " in desk.waiting()[0].error
    assert " object at " not in desk.waiting()[0].error
    assert server.got == []
    authority.cert_pem.write_to_path(str(tmp_path / "ca.pem"))
    text = (tmp_path / "risktui.toml").read_text()
    desk = Desk(tmp_path, text + 'ca_file = "ca.pem"\n')
    desk.now += 2 * HOUR
    desk.send()
    assert len(desk.sent()) == 1
    server.stop()


def test_one_way_out_that_fails_does_not_hold_up_the_other(server: Server, tmp_path: Path) -> None:
    desk = server.desk(tmp_path, '[notify.eml]\nfolder = "mails"\n')
    server.answer = 500
    desk.send()
    assert [d.channel for d in desk.sent()] == ["eml"]
    assert [d.channel for d in desk.waiting()] == ["webhook siem"]


@pytest.mark.parametrize("style", ["slack", "teams"])
def test_slack_and_teams_get_plain_text_only(style: Any, tmp_path: Path) -> None:
    desk = Desk(tmp_path, '[notify.eml]\nfolder = "mails"\n')
    desk.person("carol").user_principal_name = "*c*@<!channel>.example"
    desk.finds("carol", "e1")
    desk.plan()
    body = payload(desk.waiting()[0].message, style)
    if style == "slack":
        assert body["text"].endswith("*c*@&lt;!channel&gt;.example at high risk")
        kinds = {block["text"]["type"] for block in body["blocks"] if "text" in block}
        assert kinds == {"plain_text"}
    else:
        card = body["attachments"][0]["content"]
        assert {block["type"] for block in card["body"]} == {"RichTextBlock"}
