"""One followed file: sees whether it grew, was replaced or was cut, and reads what is new."""

from __future__ import annotations

from risktui.logs.batch import Batch, Position
from risktui.logs.discover import Found
from risktui.logs.intake import events_of
from risktui.logs.source import Source, still_the_same


class Tail:
    """A followed file."""

    def __init__(self, source: Source) -> None:
        self.source = source
        self.identity = source.described(source.taken)
        """What was read of the file, handed on or not: the same bytes must still be there."""
        self.position = source.position()
        """How far it was handed on."""
        self._looked: tuple[int, int, int] | None = None
        if self.identity.size == source.taken:
            self._looked = (self.identity.inode, self.identity.size, self.identity.mtime_ns)

    @classmethod
    def start(cls, found: Found, position: Position | None) -> Tail:
        """A file that was not followed yet, read up to `position` in an earlier life."""
        return cls(Source(found.name, position, goes_on=True))

    @property
    def name(self) -> str:
        """The file's name."""
        return self.source.name

    def seen(self, found: Found) -> bool:
        """Whether nothing has changed since the last look."""
        return self._looked == (found.inode, found.size, found.mtime_ns)

    def look(self, found: Found) -> None:
        """Remembers how the file looks now, before it is read."""
        self._looked = (found.inode, found.size, found.mtime_ns)

    def forget_look(self) -> None:
        """Lets the next look try again, though nothing may have changed that a look can see."""
        self._looked = None

    def continues(self, found: Found) -> bool:
        """Whether the file still begins with what was read; else it was replaced or cut."""
        if self.identity.offset and self.identity.inode != found.inode:
            return False
        return still_the_same(self.identity, self.name)

    def read_into(self, batch: Batch) -> bool:
        """Reads a piece; True where the file holds no more for now.

        Raises OSError where it cannot be read, `ExchangedError` where its name is another file's.
        """
        source = self.source
        before = source.taken
        with source.held():
            records = source.read()
            if source.taken != before or source.at_end:
                self.identity = source.described(source.taken)
                position = source.position()
                if position.offset != self.position.offset:
                    batch.positions.append(position)
                    taken = source.leave_behind(position)
                    batch.taken[position.path] = batch.taken.get(position.path, 0) + taken
                self.position = position
        for record, event in events_of(records, batch):
            batch.events.append(event)
            batch.origins.append((record.path, record.offset))
        return source.at_end
