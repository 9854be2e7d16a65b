"""`risktui serve`: the database as a Graph-compatible API on this host."""

from __future__ import annotations

import os
import secrets
import signal
import socket
import sys
from functools import lru_cache
from pathlib import Path
from typing import Any

import click

from risktui.cli.options import (
    config_option,
    database_option,
    existing_database,
    licence_option,
    load_config,
    say,
)
from risktui.cli.service import notify
from risktui.engine.decide import decide
from risktui.engine.setup import assemble
from risktui.serve.access import AccessError, Token, is_loopback, read_tokens, tokens_in
from risktui.store.database import DatabaseError, prepare

PORT = 8790
BACKLOG = 128
GRACE_SECONDS = 5
"""How long open requests may take when the service is told to end."""


@click.command()
@config_option
@database_option
@licence_option
@click.option(
    "--listen",
    default=f"127.0.0.1:{PORT}",
    show_default=True,
    metavar="HOST:PORT",
    help="Where; an address that others can reach needs a token and TLS.",
)
@click.option(
    "--socket",
    "socket_path",
    type=click.Path(path_type=Path, dir_okay=False),
    help="A unix socket instead, for you alone (mode 0600); needs no token.",
)
@click.option(
    "--token-file",
    type=click.Path(path_type=Path, exists=True, dir_okay=False),
    help="Lines `NAME TOKEN` or `NAME TOKEN read`; or one token in RISKTUI_TOKEN.",
)
@click.option(
    "--tls-cert",
    type=click.Path(path_type=Path, exists=True, dir_okay=False),
    help="Certificate chain (PEM).",
)
@click.option(
    "--tls-key",
    type=click.Path(path_type=Path, exists=True, dir_okay=False),
    help="Its key (PEM).",
)
@click.option("--read-only", is_flag=True, help="Nobody decides anything through this API.")
def serve(**options: Any) -> int:
    """Answer as Microsoft Graph does: riskDetections, riskyUsers, history, verdicts.

    Under /v1.0/identityProtection (and /beta), with $filter, $top, $orderby, $select, $count and
    @odata.nextLink; /metrics for Prometheus, /healthz for whoever restarts things. On loopback
    unless told otherwise. It reads the database; the engine is `risktui watch` or a console.
    """
    try:
        import uvicorn  # an extra, and slow to import

        from risktui.serve.app import Service, make_app
        from risktui.serve.patience import MOST_CONNECTIONS, PatientProtocol
    except ImportError as error:
        raise click.ClickException(
            f"{error.name} is not installed; install it with: pip install 'risktui[api]'"
        ) from error
    settings = load_config(options["config_path"])
    database = existing_database(options["database"])
    try:
        prepare(database)
    except DatabaseError as error:
        raise click.ClickException(str(error)) from error
    host, port = _address(options["listen"])
    path = options["socket_path"]
    tokens = _tokens(options)
    _refuse_what_is_open(host, tokens, options)
    if path is None and not tokens:
        tokens = [_token_of_this_run()]

    parts = lru_cache(maxsize=1)(lambda: assemble(settings))
    app = make_app(
        Service(
            database=database,
            decide=lambda requests: decide(database, requests, parts),
            tokens=tokens,
            licence=options["licence"] or settings.tenant.licence,
            read_only=options["read_only"],
            loopback=path is None and is_loopback(host),
            started=lambda: notify("READY=1"),
        )
    )
    listening = _unix_socket(path) if path else _tcp_socket(host, port)
    config = uvicorn.Config(
        app,
        log_level="warning",
        access_log=False,
        server_header=False,
        ws="none",
        http=PatientProtocol,
        limit_concurrency=MOST_CONNECTIONS,
        timeout_graceful_shutdown=GRACE_SECONDS,
        ssl_certfile=options["tls_cert"],
        ssl_keyfile=options["tls_key"],
    )
    scheme = "https" if options["tls_cert"] else "http"
    where = path or f"{scheme}://{_shown(listening)}"
    server = uvicorn.Server(config)

    def stop(*_: object) -> None:
        server.should_exit = True

    # uvicorn takes these over once it runs, and raises them again when it has ended.
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, stop)
    say(f"serving {database} at {where}; ctrl+c ends it")
    try:
        server.run(sockets=[listening])
    finally:
        notify("STOPPING=1")
        if path:
            path.unlink(missing_ok=True)
    return 0


def _address(text: str) -> tuple[str, int]:
    host, _, port = text.rpartition(":")
    if not host or not port.isdigit() or int(port) > 65535:
        raise click.UsageError(f"--listen {text!r}: write HOST:PORT, such as 127.0.0.1:{PORT}")
    return host.strip("[]"), int(port)


def _tokens(options: dict[str, Any]) -> list[Token]:
    try:
        if options["token_file"]:
            path: Path = options["token_file"]
            if path.stat().st_mode & 0o077:
                say(f"{path}: others may read it; chmod 600 {path}")
            return read_tokens(path)
        text = os.environ.get("RISKTUI_TOKEN", "")
        return tokens_in(text, "RISKTUI_TOKEN") if text else []
    except AccessError as error:
        raise click.UsageError(str(error)) from error


def _refuse_what_is_open(host: str, tokens: list[Token], options: dict[str, Any]) -> None:
    if bool(options["tls_cert"]) != bool(options["tls_key"]):
        raise click.UsageError("--tls-cert and --tls-key go together")
    if options["socket_path"] or is_loopback(host):
        return
    lacks = [
        word
        for word, there in (
            ("--token-file or RISKTUI_TOKEN", tokens),
            ("--tls-cert and --tls-key", options["tls_cert"]),
        )
        if not there
    ]
    if lacks:
        raise click.UsageError(f"{host} can be reached from elsewhere: give {' and '.join(lacks)}")


def _token_of_this_run() -> Token:
    """Nobody gave a token: whoever looks at this terminal gets one, nobody else."""
    if not sys.stderr.isatty():
        raise click.UsageError(
            "no token: give --token-file or RISKTUI_TOKEN, or --socket; "
            "openssl rand -hex 32 makes a token"
        )
    token = Token("api", secrets.token_hex(24))
    say(f"token of this run: {token.secret}")
    return token


def _tcp_socket(host: str, port: int) -> socket.socket:
    try:
        family, kind, protocol, _, address = socket.getaddrinfo(
            host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE
        )[0]
        listening = socket.socket(family, kind, protocol)
        listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listening.bind(address)
        listening.listen(BACKLOG)
    except OSError as error:
        raise click.ClickException(f"{host}:{port}: {error.strerror or error}") from error
    return listening


def _unix_socket(path: Path) -> socket.socket:
    """A socket that only its owner may open; one that a dead process left is replaced."""
    listening = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    if path.is_socket():
        with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as probe:
            if probe.connect_ex(str(path)) == 0:
                raise click.ClickException(f"{path}: another process listens there")
        path.unlink()
    before = os.umask(0o177)
    try:
        listening.bind(str(path))
        listening.listen(BACKLOG)
    except OSError as error:
        raise click.ClickException(f"{path}: {error.strerror or error}") from error
    finally:
        os.umask(before)
    return listening


def _shown(listening: socket.socket) -> str:
    host, port = listening.getsockname()[:2]
    return f"[{host}]:{port}" if ":" in host else f"{host}:{port}"
