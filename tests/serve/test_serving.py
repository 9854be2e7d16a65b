"""Who can reach it, from where, and how it ends."""

from __future__ import annotations

import http.client
import json
import socket
import ssl
import stat
import subprocess
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest

from serve.calling import SECRET
from serve.serving import Serving

PATH = "/v1.0/identityProtection/riskyUsers"


def _get(connection: http.client.HTTPConnection, **headers: str) -> tuple[int, Any]:
    connection.request("GET", PATH, headers=headers)
    answer = connection.getresponse()
    found = answer.status, json.loads(answer.read())
    connection.close()
    return found


class _UnixConnection(http.client.HTTPConnection):
    def __init__(self, path: Path) -> None:
        super().__init__("localhost")
        self._path = path

    def connect(self) -> None:
        self.sock = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        self.sock.connect(str(self._path))


def test_on_loopback_with_a_token(tenant: Path) -> None:
    with Serving(tenant, "--listen", "127.0.0.1:0", RISKTUI_TOKEN=SECRET) as serving:
        place = urlsplit(serving.where)
        assert (place.scheme, place.hostname) == ("http", "127.0.0.1")
        connection = http.client.HTTPConnection("127.0.0.1", place.port or 0, timeout=60)
        status, answer = _get(connection, Authorization=f"Bearer {SECRET}")
        assert (status, len(answer["value"])) == (200, 7)
        assert _get(connection)[0] == 401
    assert serving.process.returncode == 0


def test_on_a_socket_that_only_its_owner_opens(tenant: Path) -> None:
    path = tenant / "api.sock"
    with Serving(tenant, "--socket", str(path)) as serving:
        assert serving.where == str(path)
        assert stat.S_IMODE(path.stat().st_mode) == 0o600
        assert _get(_UnixConnection(path))[0] == 200
        with Serving(tenant, "--socket", str(path)) as second:
            assert second.ends() == 1
            assert "another process listens there" in second.said
    assert not path.exists()


def test_a_socket_that_a_dead_process_left_is_replaced(tenant: Path) -> None:
    path = tenant / "api.sock"
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as dead:
        dead.bind(str(path))
    with Serving(tenant, "--socket", str(path)) as serving:
        assert serving.where
        assert _get(_UnixConnection(path))[0] == 200


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> tuple[str, str]:
    folder = tmp_path_factory.mktemp("tls")
    pair = str(folder / "cert.pem"), str(folder / "key.pem")
    done = subprocess.run(
        [
            *("openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256"),
            *("-nodes", "-days", "2", "-subj", "/CN=localhost"),
            *("-addext", "subjectAltName=DNS:localhost,IP:127.0.0.1"),
            *("-out", pair[0], "-keyout", pair[1]),
        ],
        capture_output=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return pair


def test_with_tls_it_may_leave_this_machine(tenant: Path, certificate: tuple[str, str]) -> None:
    cert, key = certificate
    (tenant / "tokens").write_text(f"wall {SECRET} read  # the screen on the wall\n")
    options = ("--tls-cert", cert, "--tls-key", key, "--token-file", str(tenant / "tokens"))
    with Serving(tenant, "--listen", "0.0.0.0:0", *options) as serving:
        place = urlsplit(serving.where)
        assert place.scheme == "https"
        trust = ssl.create_default_context(cafile=cert)
        connection = http.client.HTTPSConnection("localhost", place.port or 0, context=trust)
        assert _get(connection, Authorization=f"Bearer {SECRET}", Host="risk.example")[0] == 200
        assert f"others may read it; chmod 600 {tenant / 'tokens'}" in serving.said


@pytest.mark.parametrize(
    ("arguments", "token", "words"),
    [
        (("--listen", "0.0.0.0:0"), "", "give --token-file or RISKTUI_TOKEN and --tls-cert"),
        (("--listen", "[::]:0"), SECRET, ":: can be reached from elsewhere: give --tls-cert"),
        (("--listen", "127.0.0.1:0"), "", "no token: give --token-file or RISKTUI_TOKEN"),
        (("--listen", "127.0.0.1:0"), "short", "RISKTUI_TOKEN:1: shorter than 16 characters"),
        (("--listen", "8790"), SECRET, "write HOST:PORT, such as 127.0.0.1:8790"),
        (("--listen", "127.0.0.1:0", "--tls-cert", __file__), SECRET, "go together"),
    ],
)
def test_what_would_be_open_is_refused(
    tenant: Path, arguments: tuple[str, ...], token: str, words: str
) -> None:
    with Serving(tenant, *arguments, RISKTUI_TOKEN=token) as serving:
        assert serving.ends() == 2
        assert words in serving.said


def test_a_port_that_is_taken_is_named(tenant: Path) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        where = f"127.0.0.1:{taken.getsockname()[1]}"
        with Serving(tenant, "--listen", where, RISKTUI_TOKEN=SECRET) as serving:
            assert serving.ends() == 1
            assert f"{where}: Address already in use" in serving.said


def test_told_to_end_before_it_has_quite_begun_it_ends(tenant: Path) -> None:
    with Serving(tenant, "--listen", "127.0.0.1:0", RISKTUI_TOKEN=SECRET) as serving:
        assert serving.where  # it says so just before it accepts connections
        serving.process.terminate()
        assert serving.ends() == 0
