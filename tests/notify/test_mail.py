"""Mails against a real SMTP server on loopback, with and without what usually goes wrong."""

from __future__ import annotations

import asyncio
import socket
import ssl
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import trustme
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import AuthResult, Envelope, LoginPassword, Session

from notify.office import Desk
from risktui.store import audit

Answer = Callable[[Envelope], str]


class Mailbox:
    """Takes mails, or says what it is told to say."""

    def __init__(self) -> None:
        self.mails: list[Envelope] = []
        self.logins: list[tuple[str, str]] = []
        self.was_secured: list[bool] = []
        self.rcpt = "250 OK"
        self.data = "250 Message accepted"

    async def handle_RCPT(  # noqa: N802  # the server's name for it
        self, server: Any, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        if "refused" in address:
            return "550 no such mailbox"
        if self.rcpt.startswith("250"):
            envelope.rcpt_tos.append(address)
        return self.rcpt

    async def handle_DATA(self, server: Any, session: Session, envelope: Envelope) -> str:  # noqa: N802
        if self.data.startswith("250"):
            self.mails.append(envelope)
            self.was_secured.append(session.ssl is not None)
        return self.data

    def authenticate(
        self, server: Any, session: Any, envelope: Any, mechanism: str, data: Any
    ) -> AuthResult:
        assert isinstance(data, LoginPassword)
        self.logins.append((data.login.decode(), data.password.decode()))
        right = data.password == b"correct horse"
        return AuthResult(success=right, handled=right)


class Served(Controller):
    """A server on a port that nobody else has, with time to start on a machine that has none."""

    def __init__(self, mailbox: Mailbox, *, port: int = 0, **server: Any) -> None:
        super().__init__(mailbox, hostname="127.0.0.1", port=port, ready_timeout=60, **server)
        self.start()

    def _trigger_server(self) -> None:
        assert isinstance(self.server, asyncio.Server)
        self.port = self.server.sockets[0].getsockname()[1]
        super()._trigger_server()  # type: ignore[no-untyped-call]  # the library's


class Post:
    """A server that listens, and the configuration that reaches it."""

    def __init__(self, folder: Path, mailbox: Mailbox, **server: Any) -> None:
        self.folder, self.mailbox = folder, mailbox
        self.controller = Served(mailbox, **server)
        self.port = self.controller.port

    def desk(self, extra: str = "", to: str = '["soc@contoso.com"]') -> Desk:
        settings = (
            f'[notify.mail]\nhost = "127.0.0.1"\nport = {self.port}\nsender = "r@contoso.com"\n'
            f"to = {to}\ntimeout_seconds = 60\n{extra}"
        )
        return Desk(self.folder, settings)


@pytest.fixture
def certificates(tmp_path: Path) -> ssl.SSLContext:
    """A certificate for 127.0.0.1, and its authority as ca.pem."""
    authority = trustme.CA()
    authority.cert_pem.write_to_path(str(tmp_path / "ca.pem"))
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert("127.0.0.1").configure_cert(context)
    return context


@pytest.fixture
def posts() -> Iterator[list[Post]]:
    started: list[Post] = []
    yield started
    for post in started:
        post.controller.stop()


def _secured(
    posts: list[Post], tmp_path: Path, certificates: ssl.SSLContext, **server: Any
) -> Post:
    mailbox = Mailbox()
    post = Post(
        tmp_path,
        mailbox,
        tls_context=certificates,
        require_starttls=True,
        authenticator=mailbox.authenticate,
        **server,
    )
    posts.append(post)
    return post


def test_starttls_and_login_with_a_password_from_a_file(
    posts: list[Post], tmp_path: Path, certificates: ssl.SSLContext
) -> None:
    post = _secured(posts, tmp_path, certificates, auth_required=True)
    (tmp_path / "secret").write_text("correct horse\n")
    desk = post.desk('ca_file = "ca.pem"\nusername = "risktui"\npassword_file = "secret"\n')
    desk.finds("carol", "e1")
    desk.send()
    assert post.mailbox.was_secured == [True]
    assert post.mailbox.logins[0] == ("risktui", "correct horse")
    assert post.mailbox.mails[0].rcpt_tos == ["soc@contoso.com"]
    content = post.mailbox.mails[0].content
    assert isinstance(content, bytes)
    assert b"carol@contoso.com at high risk" in content
    assert desk.sent()[0].attempts == 1


def test_a_wrong_password_is_tried_again_because_it_may_be_changed(
    posts: list[Post], tmp_path: Path, certificates: ssl.SSLContext
) -> None:
    post = _secured(posts, tmp_path, certificates, auth_required=True)
    (tmp_path / "secret").write_text("battery staple")
    desk = post.desk('ca_file = "ca.pem"\nusername = "risktui"\npassword_file = "secret"\n')
    desk.finds("carol", "e1")
    desk.send()
    assert desk.waiting()[0].error.startswith("535")
    (tmp_path / "secret").write_text("correct horse")
    desk.send(after=60_000)
    assert len(post.mailbox.mails) == 1


def test_tls_from_the_first_byte(
    posts: list[Post], tmp_path: Path, certificates: ssl.SSLContext
) -> None:
    post = Post(tmp_path, Mailbox(), ssl_context=certificates)
    posts.append(post)
    desk = post.desk('security = "tls"\nca_file = "ca.pem"\n')
    desk.finds("carol", "e1")
    desk.send()
    assert len(post.mailbox.mails) == 1


def test_a_certificate_that_nobody_vouches_for_gets_no_mail(
    posts: list[Post], tmp_path: Path, certificates: ssl.SSLContext
) -> None:
    post = _secured(posts, tmp_path, certificates)
    desk = post.desk()
    desk.finds("carol", "e1")
    desk.send()
    assert post.mailbox.mails == []
    assert "certificate" in desk.waiting()[0].error.casefold()


def test_a_server_without_starttls_gets_no_mail_in_the_clear(
    posts: list[Post], tmp_path: Path
) -> None:
    post = Post(tmp_path, Mailbox())
    posts.append(post)
    desk = post.desk()
    desk.finds("carol", "e1")
    desk.send()
    assert post.mailbox.mails == []
    assert "STARTTLS" in desk.waiting()[0].error


def test_a_login_without_tls_is_refused_before_the_password_is_said(
    posts: list[Post], tmp_path: Path
) -> None:
    post = Post(tmp_path, Mailbox())
    posts.append(post)
    desk = post.desk('security = "none"\nusername = "risktui"\n')
    desk.finds("carol", "e1")
    desk.send()
    assert "would show the password" in desk.dead()[0].error


def test_a_server_that_is_busy_is_tried_again_and_one_that_refuses_is_not(
    posts: list[Post], tmp_path: Path
) -> None:
    post = Post(tmp_path, Mailbox())
    posts.append(post)
    desk = post.desk('security = "none"\n')
    post.mailbox.data = "451 try again later"
    desk.finds("carol", "e1")
    desk.send()
    assert desk.waiting()[0].error == "451 try again later"
    post.mailbox.data = "554 this is spam"
    desk.send(after=60_000)
    assert desk.dead()[0].error == "554 this is spam"
    assert desk.dead()[0].attempts == 2


def test_an_answer_that_is_no_utf_8_stops_nothing(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as listening:
        serving = threading.Thread(target=_mumble, args=(listening,))
        serving.start()
        desk = Desk(
            tmp_path,
            f'[notify.mail]\nhost = "127.0.0.1"\nport = {listening.getsockname()[1]}\n'
            'sender = "r@contoso.com"\nto = ["soc@contoso.com"]\nsecurity = "none"\n'
            "timeout_seconds = 60\n",
        )
        desk.finds("carol", "e1")
        desk.send()
        serving.join(10)
    assert [d.attempts for d in desk.sent()] == [1]
    with desk.writing() as connection:
        assert "taken" in audit.read(connection)[0].line.result


def _mumble(listening: socket.socket) -> None:
    """Take one mail, and say so with bytes of another time."""
    with listening.accept()[0] as connection, connection.makefile("rwb") as wire:
        wire.write(b"220 here\r\n")
        wire.flush()
        in_mail = False
        for line in wire:
            if in_mail and line != b".\r\n":
                continue
            in_mail = line.startswith(b"DATA")
            wire.write(b"354 go on\r\n" if in_mail else b"250 \xff\x1b[31mtaken\xe9\r\n")
            wire.flush()
            if line.startswith(b"QUIT"):
                return


def test_one_of_several_recipients_may_be_refused(posts: list[Post], tmp_path: Path) -> None:
    post = Post(tmp_path, Mailbox())
    posts.append(post)
    desk = post.desk('security = "none"\n', to='["soc@contoso.com", "refused@contoso.com"]')
    desk.finds("carol", "e1")
    desk.send()
    assert post.mailbox.mails[0].rcpt_tos == ["soc@contoso.com"]
    assert len(desk.sent()) == 1


def test_nobody_accepted_goes_to_the_dead_letters(posts: list[Post], tmp_path: Path) -> None:
    post = Post(tmp_path, Mailbox())
    posts.append(post)
    desk = post.desk('security = "none"\n', to='["refused@contoso.com"]')
    desk.finds("carol", "e1")
    desk.send()
    assert "refused@contoso.com: 550 no such mailbox" in desk.dead()[0].error


def test_a_server_that_is_down_gets_everything_when_it_is_back(tmp_path: Path) -> None:
    mailbox = Mailbox()
    post = Post(tmp_path, mailbox)
    desk = post.desk('security = "none"\n')
    post.controller.stop()
    desk.finds("carol", "e1")
    desk.send()
    desk.finds("dave", "e2", at=desk.now)
    desk.send()
    assert len(desk.waiting()) == 2
    again = Served(mailbox, port=post.port)
    desk.send(after=3_600_000)
    again.stop()
    assert len(mailbox.mails) == 2
