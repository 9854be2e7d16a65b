"""Names and addresses replaced, always by the same stand-ins: for screenshots and demos."""

from __future__ import annotations

import re
from collections.abc import Iterable
from hashlib import blake2b
from ipaddress import ip_address

from risktui.model.risk import Detection, RiskyUser

_MAIL = re.compile(r"(?<![\w.+'-])[\w.+'-]+@[\w-]+(?:\.[\w-]+)+")
_ADDRESS = re.compile(
    r"(?<![\w:.])(?:\d{1,3}(?:\.\d{1,3}){3}|[0-9a-fA-F:]{2,}:[0-9a-fA-F:.]*)(?![\w:])"
)
_PART = re.compile(r"[^\W_]+")
_TOKEN = re.compile(r"[\w.@'+-]*\w")
SHORTEST = 3
"""Letters of a part of a name below which it is no name: `de`, `Jr`."""


class Mask:
    """Replaces what could say who somebody is; off, it changes nothing.

    Names are those of everybody whose row was ever read here; principal names and addresses are
    known by their shape. The same name has the same stand-in on every screen, in every export and
    in the next watch.
    """

    def __init__(self, *, on: bool = False) -> None:
        self.on = on
        self._logins: dict[str, str] = {}
        self._parts: dict[str, str] = {}
        self._kept: dict[str, str] = {}
        self._learnt: set[str] = set()

    def learn(self, known: Iterable[RiskyUser | Detection]) -> None:
        """These people have names."""
        for one in known:
            key = one.user_principal_name or one.id
            if key in self._learnt:
                continue  # four times a second they are the same
            self._learnt.add(key)
            login = key.split("@", maxsplit=1)[0].casefold()
            if not login or login in self._logins:
                continue
            stand_in = _person(login)
            self._logins[login] = stand_in
            for part in _PART.findall(f"{login} {one.user_display_name}"):
                if len(part) >= SHORTEST or not part.isascii():
                    self._parts.setdefault(part.casefold(), stand_in)
            self._kept.clear()

    def __call__(self, text: str) -> str:
        """`text` without names and addresses."""
        if not self.on or not text:
            return text
        found = self._kept.get(text)
        if found is None:
            if len(self._kept) > 20_000:  # texts; the same ones are drawn at every look
                self._kept.clear()
            found = self._kept[text] = self._masked(text)
        return found

    def _masked(self, text: str) -> str:
        text = _MAIL.sub(lambda m: f"{_person(m[0].split('@')[0].casefold())}@masked.example", text)
        text = _ADDRESS.sub(lambda m: _address(m[0]), text)
        if not text.isascii():  # where words are not apart, names stand in the middle of text
            for part, stand_in in self._parts.items():
                if not part.isascii():
                    text = text.replace(part, stand_in)
        return _TOKEN.sub(lambda m: self._token(m[0]), text)

    def _token(self, token: str) -> str:
        if "@masked.example" in token:
            return token
        if (stand_in := self._logins.get(token.casefold())) is not None:
            return stand_in
        joined = _PART.fullmatch(token) is None

        def part(match: re.Match[str]) -> str:
            # A word in small letters is a word: `mark`, `will`; a name is Mark, or part of a login.
            if match[0].islower() and match[0].isascii() and not joined:
                return match[0]
            return self._parts.get(match[0].casefold(), match[0])

        return _PART.sub(part, token)


def _person(login: str) -> str:
    return f"user-{blake2b(login.encode(), digest_size=2).hexdigest()}"


def _address(text: str) -> str:
    """An address of the same family, in the ranges for examples; anything else as it is."""
    try:
        address = ip_address(text)
    except ValueError:
        return text
    digest = blake2b(address.packed, digest_size=2).digest()
    if address.version == 4:
        return f"192.0.2.{digest[0]}" if digest[1] % 2 else f"198.51.100.{digest[0]}"
    return f"2001:db8::{digest.hex()}"
