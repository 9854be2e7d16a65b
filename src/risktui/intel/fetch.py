"""Asks a web server for a document: within bounds, only again where it has changed.

Nothing of the user's surroundings takes part (proxies of the environment, ~/.netrc); what a feed
needs stands in the configuration. Errors are one sentence each, for people.
"""

from __future__ import annotations

import base64
import ssl
import zlib
from collections.abc import Collection, Mapping
from types import TracebackType
from typing import Self
from urllib.parse import urljoin, urlsplit

import aiohttp
import msgspec

from risktui.intel.resolving import PrivateServerError, Resolver, host_of, is_ours
from risktui.logs.clean import clean
from risktui.model.addresses import canonical_address

MOST_BYTES = 64 * 1024 * 1024
"""Of one document, unpacked; the largest public lists have a tenth of it."""
MOST_REDIRECTS = 5
SECONDS = 120.0
"""For one document in all."""
CONNECT_SECONDS = 15.0
STALL_SECONDS = 30.0
"""Without a byte."""
AGENT = "risktui"
GZIP = b"\x1f\x8b"
LOCAL = frozenset({"127.0.0.1", "::1", "localhost"})


class FetchError(Exception):
    """The document could not be had; says why, and what to do where that is known."""


class Login(msgspec.Struct, frozen=True):
    """What a server wants to know; never written anywhere."""

    user: str = ""
    """With a user it is HTTP's basic login, without a bearer token."""
    secret: str = ""

    def headers(self) -> dict[str, str]:
        """What says it in a request."""
        if not self.secret:
            return {}
        if self.user:
            login = base64.b64encode(f"{self.user}:{self.secret}".encode()).decode("ascii")
            return {"Authorization": f"Basic {login}"}
        return {"Authorization": f"Bearer {self.secret}"}


class Answer(msgspec.Struct, frozen=True, kw_only=True):
    """A document, or that it is the one we have."""

    url: str
    """Where it was in the end."""
    unchanged: bool = False
    body: bytes = b""
    etag: str = ""
    last_modified: str = ""
    headers: dict[str, str] = {}


class Limits(msgspec.Struct, frozen=True, kw_only=True):
    """How much and how long."""

    most_bytes: int = MOST_BYTES
    seconds: float = SECONDS
    connect_seconds: float = CONNECT_SECONDS
    stall_seconds: float = STALL_SECONDS


class Fetcher:
    """Asks for one feed's documents; an asynchronous context manager."""

    def __init__(
        self,
        login: Login | None = None,
        *,
        trust: ssl.SSLContext | None = None,
        proxy: str = "",
        private: Collection[str] = (),
        limits: Limits | None = None,
    ) -> None:
        """`private` are hosts that may be in a private network."""
        self._login = login or Login()
        self._private = frozenset(private) | LOCAL
        self._trust = trust
        self._proxy = proxy or None
        self._limits = limits or Limits()
        self._session: aiohttp.ClientSession | None = None

    async def __aenter__(self) -> Self:
        limits = self._limits
        timeout = aiohttp.ClientTimeout(
            total=limits.seconds,
            sock_connect=limits.connect_seconds,
            sock_read=limits.stall_seconds,
        )
        meant = {*self._private, host_of(self._proxy or "")}
        connector = aiohttp.TCPConnector(resolver=Resolver(meant))
        self._session = aiohttp.ClientSession(connector=connector, timeout=timeout, trust_env=False)
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if self._session is not None:
            await self._session.close()

    async def get(
        self, url: str, *, etag: str = "", last_modified: str = "", accept: str = "*/*"
    ) -> Answer:
        """The document at `url`, unless it is the one with `etag` or of `last_modified`.

        Raises `FetchError`.
        """
        asked = {"User-Agent": AGENT, "Accept": accept}
        if etag:
            asked["If-None-Match"] = etag
        if last_modified:
            asked["If-Modified-Since"] = last_modified
        try:
            return await self._follow(url, asked)
        except PrivateServerError as error:
            raise FetchError(str(error)) from error
        except TimeoutError as error:
            raise FetchError(f"{_host(url)}: no answer in time") from error
        except aiohttp.InvalidURL as error:
            raise FetchError(f"{_host(url)}: no address of a web server") from error
        except aiohttp.ClientPayloadError as error:
            raise FetchError(f"{_host(url)}: the answer ended early") from error
        except aiohttp.ClientConnectorError as error:
            raise FetchError(f"{_host(url)}: cannot be reached ({_reason(error)})") from error
        except aiohttp.ClientResponseError as error:  # its own words hold the whole url
            said = clean(error.message.strip().partition("\n")[0], 100)
            raise FetchError(f"{_host(url)}: answers what is no HTTP ({said})") from error
        except (aiohttp.ClientError, OSError) as error:
            said = clean(str(error), 100) or type(error).__name__
            raise FetchError(f"{_host(url)}: {said}") from error
        except ValueError as error:  # of a proxy, a port: its own words may hold a login
            raise FetchError(f"{_host(url)}: url or proxy is no address") from error

    async def _follow(self, url: str, asked: Mapping[str, str]) -> Answer:
        start = url
        for _ in range(MOST_REDIRECTS + 1):
            headers = dict(asked)
            if _origin(url) == _origin(start):  # a login is for nobody else
                headers |= self._login.headers()
            _refuse_open_login(url, headers)
            assert self._session is not None
            async with self._session.get(
                url,
                headers=headers,
                allow_redirects=False,
                ssl=self._trust if self._trust is not None else True,
                proxy=self._proxy,
            ) as response:
                if response.status in {301, 302, 303, 307, 308}:  # HTTP's redirects
                    url = self._next(url, response.headers.get("Location", ""))
                    continue
                return await self._read(url, response)
        raise FetchError(f"{_host(start)}: redirects more than {MOST_REDIRECTS} times")

    def _next(self, url: str, location: str) -> str:
        """Where a redirect leads. Raises `FetchError` where nobody should go."""
        try:
            there = urljoin(url, location)
            parts = urlsplit(there)
            known = parts.port != 0  # a ValueError where it is no number of a port
        except ValueError as error:
            raise FetchError(f"{_host(url)}: redirects to nowhere") from error
        if not (location and known and parts.hostname) or parts.scheme not in {"http", "https"}:
            raise FetchError(f"{_host(url)}: redirects to nowhere")
        host = parts.hostname
        if host not in {urlsplit(url).hostname, *self._private - LOCAL} and _is_private(host):
            raise FetchError(
                f"{_host(url)}: redirects into a private network; name that url itself"
            )
        if urlsplit(url).scheme == "https" and parts.scheme == "http":
            raise FetchError(f"{_host(url)}: redirects from https to http, which is not followed")
        return there

    async def _read(self, url: str, response: aiohttp.ClientResponse) -> Answer:
        if response.status == 304:  # HTTP's "not modified"
            return Answer(url=url, unchanged=True)
        _refuse(url, response.status)
        most = self._limits.most_bytes
        if (response.content_length or 0) > most:
            raise FetchError(_too_large(url, most))
        body = bytearray()
        async for chunk in response.content.iter_chunked(65_536):
            body += chunk
            if len(body) > most:
                raise FetchError(_too_large(url, most))
        return Answer(
            url=url,
            body=_unpacked(url, bytes(body), most),
            etag=response.headers.get("ETag", ""),
            last_modified=response.headers.get("Last-Modified", ""),
            headers={name.casefold(): value for name, value in response.headers.items()},
        )


def _refuse(url: str, status: int) -> None:
    """Raise `FetchError` unless the server gave what was asked for."""
    if status == 200:  # HTTP's success with a document
        return
    host = _host(url)
    if status in {401, 403}:
        raise FetchError(f"{host}: refuses the login ({status}); see user, secret_file, secret_env")
    if status in {404, 410}:
        raise FetchError(f"{host}: nothing there ({status}); correct the url")
    if status == 429:
        raise FetchError(f"{host}: was asked too often (429); raise every_hours")
    raise FetchError(f"{host}: answers {status}")


def _is_private(host: str) -> bool:
    """Whether a host is known to be private without looking its name up."""
    bare = host.partition("%")[0]
    return host in LOCAL or (bool(canonical_address(bare)) and is_ours(bare))


def _refuse_open_login(url: str, headers: Mapping[str, str]) -> None:
    parts = urlsplit(url)
    if "Authorization" in headers and parts.scheme != "https" and parts.hostname not in LOCAL:
        raise FetchError(f"{_host(url)}: a login over http could be read by anybody; use https")


def _unpacked(url: str, body: bytes, most: int) -> bytes:
    """A file that is itself a .gz, of one member or several, within the same bound."""
    if body[:2] != GZIP:
        return body
    plain, rest = bytearray(), body
    while rest[:2] == GZIP:
        try:
            reader = zlib.decompressobj(wbits=zlib.MAX_WBITS | 16)
            plain += reader.decompress(rest, most + 1 - len(plain))
        except zlib.error as error:
            raise FetchError(f"{_host(url)}: cannot be unpacked ({error})") from error
        if len(plain) > most:
            raise FetchError(_too_large(url, most))
        if not reader.eof:
            raise FetchError(f"{_host(url)}: the answer ended early")
        rest = reader.unused_data
    return bytes(plain)


def _too_large(url: str, most: int) -> str:
    return f"{_host(url)}: larger than {most // 1024 // 1024} MB, which no list should be"


def _origin(url: str) -> tuple[str, str | None, int | None]:
    parts = urlsplit(url)
    return parts.scheme, parts.hostname, parts.port


def _host(url: str) -> str:
    """What an error names; a url may hold a key."""
    return urlsplit(url).netloc.rpartition("@")[2] or url.partition("?")[0]


def _reason(error: aiohttp.ClientConnectorError) -> str:
    return error.os_error.strerror or str(error.os_error) or "no connection"
