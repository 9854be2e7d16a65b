"""Looks up hashes of the organisation's own passwords in lists of leaked ones, on this host alone.

The lists are Pwned Passwords', as its downloader writes them: a folder of ranges, each file named
by the first five digits of the hashes in it, or one file in the order of the hashes. NTLM or SHA-1
is told by the length. No hash leaves the functions here, and none is part of a message.
"""

from __future__ import annotations

import csv
import re
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO

import msgspec

from risktui.model.names import name_of

NTLM, SHA1 = 32, 40
"""Digits of the two kinds."""
PREFIX = 5
"""Digits that name a range (k-anonymity as Pwned Passwords has it)."""
LONGEST_LINE = 1_024
SMALL = 32 * 1024 * 1024
"""Bytes of a list that is read as a whole, so that its order does not matter."""
LONGEST_RANGE = 4 * 1024 * 1024
"""Bytes of one range; the largest have 40 KB."""

_HASH = re.compile(r"(?<![0-9A-Fa-f])(?:[0-9A-Fa-f]{40}|[0-9A-Fa-f]{32})(?![0-9A-Fa-f])")
_DUMPED = re.compile(r"^([^\\:]+)\\([^\\:]+):\d+:[0-9a-fA-F]{32}:([0-9a-fA-F]{32}):")
_EMPTY = frozenset(
    {
        "31D6CFE0D16AE931B73C59D7E0C089C0",  # NTLM of no password: accounts that never had one
        "AAD3B435B51404EEAAD3B435B51404EE",  # LM's own nothing
    }
)


class Account(msgspec.Struct, frozen=True):
    """Somebody, and the hash of their password; never kept."""

    name: str
    digest: str

    def __repr__(self) -> str:
        return f"Account({self.name!r})"


class HashList:
    """A list of leaked hashes."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._small: frozenset[str] | None = None
        self._range: tuple[str, frozenset[str]] = ("", frozenset())

    def holds(self, digest: str) -> bool:
        """Whether a hash stands in it; False where the list cannot be read."""
        wanted = digest.upper()
        try:
            if self._path.is_dir():
                return wanted in self._ranged(wanted[:PREFIX])
            if self._path.stat().st_size <= SMALL:
                if self._small is None:
                    self._small = _hashes(self._path.read_bytes())
                return wanted in self._small
            with self._path.open("rb") as file:
                return _found(file, wanted.encode())
        except OSError:
            return False

    def _ranged(self, prefix: str) -> frozenset[str]:
        """The hashes of one range; the last is remembered, since accounts come in any order."""
        if self._range[0] != prefix:
            found: frozenset[str] = frozenset()
            for name in (prefix, f"{prefix}.txt", prefix.lower(), f"{prefix.lower()}.txt"):
                path = self._path / name
                if path.is_file() and path.stat().st_size <= LONGEST_RANGE:
                    found = _hashes(path.read_bytes(), prefix)
                    break
            self._range = prefix, found
        return self._range[1]


def accounts(path: Path) -> Iterator[Account | None]:
    r"""Names and hashes in a file; None for a line without both.

    Understood are `name:hash`, tables with any separator, and `domain\name:id:lm:nt:::`.
    """
    with path.open(encoding="utf-8-sig", errors="replace", newline="") as lines:
        for number, line in enumerate(lines):
            text = line[:LONGEST_LINE].strip()
            if not text or text[0] == "#":
                continue
            found = _dumped(text) or _plain(text)
            if found is None and number == 0:
                continue  # a header
            yield found


def _dumped(text: str) -> Account | None:
    match = _DUMPED.match(text)
    if match is None:
        return None
    domain, name, digest = match.groups()
    upn = name_of(f"{name}@{domain}") if "." in domain else ""
    return _account(upn, digest)


def _plain(text: str) -> Account | None:
    separator = next((sign for sign in "\t;,:|" if sign in text), ":")
    try:
        cells = next(csv.reader([text], delimiter=separator), [])
    except csv.Error:
        return None
    names = [name for cell in cells if (name := name_of(cell.strip()))]
    digests = [cell.strip() for cell in cells if _HASH.fullmatch(cell.strip())]
    return _account(names[0], digests[-1]) if names and digests else None


def _account(name: str, digest: str) -> Account | None:
    upper = digest.upper()
    return Account(name, upper) if name and upper not in _EMPTY else None


def _hashes(content: bytes, prefix: str = "") -> frozenset[str]:
    """The hashes of a document, `HASH` or `HASH:count` a line; a count of 0 is padding."""
    found = set()
    for line in content.decode("ascii", errors="replace").splitlines():
        digest, _, count = line.strip().partition(":")
        whole = prefix + digest.upper()
        if len(whole) in {NTLM, SHA1} and count.strip() != "0":
            found.add(whole)
    return frozenset(found)


def _found(file: BinaryIO, wanted: bytes) -> bool:
    """Halve a file that is in the order of its lines until the one wanted is there or not."""
    low, high = 0, file.seek(0, 2)
    while low < high:
        middle = (low + high) // 2
        file.seek(middle)
        if middle:
            file.readline(LONGEST_LINE)  # the rest of a line that begins before
        begin = file.tell()
        line = file.readline(LONGEST_LINE).strip()
        digest = line.partition(b":")[0].upper()
        if digest == wanted:
            return line.partition(b":")[2] != b"0"
        if not line or digest > wanted:
            high = middle
        else:
            low = max(begin, middle + 1)
    file.seek(low)
    return file.readline(LONGEST_LINE).strip().partition(b":")[0].upper() == wanted
