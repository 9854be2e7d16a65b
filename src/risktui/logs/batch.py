"""What reading logs hands to the engine, and how far it has come in each file."""

from __future__ import annotations

import msgspec

from risktui.logs.quarantine import Quarantined
from risktui.model.events import Event

__all__ = ["Batch", "Position", "Quarantined"]


class Position(msgspec.Struct, frozen=True):
    """How far a file is read, and how to recognise it again."""

    path: str
    """The path as it was found; bytes that are no UTF-8 are written `\\xe9`."""
    offset: int = 0
    """The first byte not yet taken, of the file on disk."""
    inode: int = 0
    size: int = 0
    mtime_ns: int = 0
    fingerprint: str = ""
    """Of the file's first `fingerprint_length` bytes: another file in its place differs."""
    fingerprint_length: int = 0
    tail: str = ""
    """Of the bytes before `offset` (at most 256): a file written anew differs."""
    whole: bool = False
    """Compressed or recoded: can only be read from its start, and is when it has changed."""


class Batch(msgspec.Struct):
    """Events in order, and what may be committed with them."""

    events: list[Event] = []
    """In total order (`Event.order`)."""
    origins: list[tuple[str, int]] = []
    """For each event its file and its record's offset in the (decompressed) text."""
    positions: list[Position] = []
    """Safe to commit once the events of this batch are processed."""
    quarantined: list[Quarantined] = []
    not_read: dict[str, int] = {}
    """Records in order that no format reads, per reason."""
    records: dict[str, int] = {}
    """Records met per file, whatever became of them."""
    taken: dict[str, int] = {}
    """Records per file that its new position leaves behind: they are never read again."""
    watermark: int | None = None
    """No event before this time comes any more, except late ones; None where nobody can tell."""
    enriched: bool = False
    """What is known of their addresses stands on the events already."""
    caught_up: bool = False
    """Nothing is left to read just now."""

    @property
    def empty(self) -> bool:
        """Whether there is nothing to process, to keep or to commit."""
        return not (self.events or self.positions or self.quarantined or self.not_read)
