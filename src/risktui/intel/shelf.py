"""Where fetched lists are kept: the list itself, and beside it when and how it came.

A list is replaced at once or not at all. Logins are never written.
"""

from __future__ import annotations

import os
import tempfile
from contextlib import suppress
from pathlib import Path

import msgspec

from risktui.intel.entries import Entry


class Card(msgspec.Struct, kw_only=True, omit_defaults=True, rename="camel"):
    """What is known of a fetched list."""

    url: str = ""
    etag: str = ""
    last_modified: str = ""
    tried: int = 0
    """Wall clock of the latest attempt (ms)."""
    fetched: int = 0
    """Wall clock of the latest answer that was good (ms): how old the list is at the most."""
    changed: int = 0
    """Wall clock of the latest change of the list (ms)."""
    entries: int = 0
    left_out: int = 0
    error: str = ""
    """Why the latest attempt failed; "" where it did not."""
    added_after: str = ""
    """How far a TAXII collection was read."""


class Pieces(msgspec.Struct, kw_only=True, omit_defaults=True):
    """What a feed that comes in pieces has given so far."""

    events: dict[str, tuple[int, list[Entry]]] = {}
    """MISP: when an event was changed (s), and its entries."""
    objects: dict[str, bytes] = {}
    """STIX objects by id, as JSON, trimmed to what is looked at."""


class Shelf:
    """The place of one fetched list."""

    def __init__(self, path: Path) -> None:
        self.path = path
        """The list."""
        self._card = path.with_name(f"{path.name}.json")
        self._pieces = path.with_name(f"{path.name}.pieces")

    def card(self) -> Card:
        """What is known; nothing where there is no list yet or it cannot be read."""
        with suppress(OSError, msgspec.MsgspecError):
            return msgspec.json.decode(self._card.read_bytes(), type=Card)
        return Card()

    def text(self) -> str:
        """The list as it is; "" where there is none."""
        with suppress(OSError, UnicodeDecodeError):
            return self.path.read_text("utf-8")
        return ""

    def pieces(self) -> Pieces:
        """What came so far; nothing where that cannot be read."""
        with suppress(OSError, msgspec.MsgspecError):
            return msgspec.msgpack.decode(self._pieces.read_bytes(), type=Pieces)
        return Pieces()

    def keep(self, text: str) -> None:
        """Replace the list."""
        _replace(self.path, text.encode())

    def keep_card(self, card: Card) -> None:
        """Write down what is known."""
        _replace(self._card, msgspec.json.format(msgspec.json.encode(card)) + b"\n")

    def keep_pieces(self, pieces: Pieces) -> None:
        """Write down what came so far."""
        _replace(self._pieces, msgspec.msgpack.encode(pieces))


def _replace(path: Path, content: bytes) -> None:
    """The whole of `content`, or what was there before."""
    path.parent.mkdir(parents=True, exist_ok=True)
    number, name = tempfile.mkstemp(prefix=f".{path.name}.", dir=path.parent)
    try:
        with os.fdopen(number, "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        Path(name).replace(path)
    except BaseException:
        with suppress(OSError):
            Path(name).unlink()
        raise
