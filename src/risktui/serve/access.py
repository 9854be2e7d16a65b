"""Who may ask: bearer tokens, each with a name that stands in the history of what it decides."""

from __future__ import annotations

import hmac
from collections.abc import Sequence
from ipaddress import ip_address
from pathlib import Path

import msgspec

SHORTEST = 16
"""Characters of a token; what is shorter can be guessed."""


class AccessError(ValueError):
    """Tokens or an address that would leave the door open; says what to do."""


class Token(msgspec.Struct, frozen=True):
    """Somebody who may ask."""

    name: str
    secret: str
    may_decide: bool = True
    """False for `NAME TOKEN read`."""


def tokens_in(text: str, where: str) -> list[Token]:
    """The tokens of a file: a line for each, `TOKEN` or `NAME TOKEN` or `NAME TOKEN read`.

    Raises `AccessError` that names the line.
    """
    found = []
    for number, line in enumerate(text.splitlines(), 1):
        words = line.split("#", maxsplit=1)[0].split()
        if not words:
            continue
        if len(words) > 3 or (len(words) == 3 and words[2] != "read"):
            raise AccessError(f"{where}:{number}: write TOKEN, NAME TOKEN or NAME TOKEN read")
        name, secret = ("api", words[0]) if len(words) == 1 else (words[0], words[1])
        if len(secret) < SHORTEST:
            raise AccessError(
                f"{where}:{number}: shorter than {SHORTEST} characters; try: openssl rand -hex 32"
            )
        found.append(Token(name, secret, len(words) < 3))
    if not found:
        raise AccessError(f"{where}: holds no token")
    return found


def read_tokens(path: Path) -> list[Token]:
    """The tokens in a file. Raises `AccessError`."""
    try:
        return tokens_in(path.read_text("utf-8"), str(path))
    except (OSError, UnicodeDecodeError) as error:
        raise AccessError(f"{path}: cannot be read: {error}") from error


def caller(tokens: Sequence[Token], authorization: str) -> Token | None:
    """Whose token an Authorization header carries; takes as long for a wrong one as for a right."""
    scheme, _, secret = authorization.partition(" ")
    found = None
    for token in tokens:
        same = hmac.compare_digest(secret.strip().encode(), token.secret.encode())
        if same and scheme.casefold() == "bearer":
            found = token
    return found


def is_loopback(host: str) -> bool:
    """Whether an address, as `--listen` or a Host header has it, is this machine only."""
    if host.casefold() == "localhost":
        return True
    try:
        return ip_address(host.strip("[]")).is_loopback
    except ValueError:
        return False


def host_of(header: str) -> str:
    """The host of a Host header, without its port."""
    if header.startswith("["):
        return header[: header.find("]") + 1]
    return header.split(":", maxsplit=1)[0]
