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
_COUNTRY = re.compile(r", [A-Z]{2}\b")
_BEFORE, _AFTER = re.compile(r"([^\W_]+) $"), re.compile(r" ([^\W_]+)")
_TOKEN = re.compile(r"[\w.@'+-]*\w")
SHORTEST = 3
"""Letters of a part of a name below which it is no name: `de`, `Jr`."""


class Mask:
    """Replaces what could say who somebody is; off, it changes nothing.

    Names are those of everybody whose row was ever read here; principal names and addresses are
    known by their shape. The same name has the same stand-in on every screen, in every export and
    in the next watch. A city stays what it is, though `reception.tokyo` has its name: where one
    was met in a detection, or a country follows, only the whole name of a person is hidden.
    """

    def __init__(self, *, on: bool = False) -> None:
        self.on = on
        self._logins: dict[str, str] = {}
        self._parts: dict[str, str] = {}
        self._kept: dict[str, str] = {}
        self._names = ""
        """All logins and parts of names, one a line; "" where more were learnt."""
        self._learnt: set[str] = set()
        self._cities: set[str] = set()
        """Words of the names of cities."""

    def learn(self, known: Iterable[RiskyUser | Detection]) -> None:
        """These people have names."""
        for one in known:
            if isinstance(one, Detection):
                self._learn_cities(one)
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
            self._names = ""

    def _learn_cities(self, detection: Detection) -> None:
        if detection.id in self._learnt:
            return
        self._learnt.add(detection.id)
        places = (detection.location, *(activity.location for activity in detection.activities))
        for place in places:
            new = {word.casefold() for word in _PART.findall(place.city)} - self._cities
            if new:
                self._cities |= new
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

    def tells(self, word: str) -> bool:
        """Whether a part of `word` that was typed is one of a name: `haru` finds Haruto.

        Of two letters there are too many names.
        """
        if not self.on:
            return False
        if not self._names:
            self._names = "\n".join((*self._logins, *self._parts))
        parts = _PART.findall(word.casefold())
        return any(
            part in self._names for part in parts if len(part) >= SHORTEST or not part.isascii()
        )

    def _masked(self, text: str) -> str:
        text = _MAIL.sub(lambda m: f"{_person(m[0].split('@')[0].casefold())}@masked.example", text)
        text = _ADDRESS.sub(lambda m: _address(m[0]), text)
        if not text.isascii():  # where words are not apart, names stand in the middle of text
            for part, stand_in in self._parts.items():
                if not part.isascii():
                    text = text.replace(part, stand_in)
        return _TOKEN.sub(lambda m: m[0] if self._is_city(m) else self._token(m[0]), text)

    def _is_city(self, found: re.Match[str]) -> bool:
        """Whether a word that is in somebody's name means a city here."""
        word, text, end = found[0].casefold(), found.string, found.end()
        person = self._parts.get(word)
        if person is None or (word not in self._cities and not _COUNTRY.match(text, end)):
            return False
        beside = _BEFORE.search(text[: found.start()]), _AFTER.match(text, end)
        return all(self._parts.get(one[1].casefold()) != person for one in beside if one)

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
