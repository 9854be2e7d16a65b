"""How much room a database takes, for each person and each event: what to plan a disk by."""

from __future__ import annotations

from contextlib import closing
from pathlib import Path

import msgspec

from risktui.store.database import reader


class Room(msgspec.Struct, frozen=True):
    """Bytes, and what they are for."""

    bytes: int
    """The file, its write-ahead log included."""
    people: int
    kept_of_people: int
    """Bytes of habits and risks, which grow with the number of people."""
    events: int
    """Events read so far."""

    def __str__(self) -> str:
        """In one line, for who plans a disk."""
        told = []
        if self.people:
            each = round(self.kept_of_people / self.people)
            told.append(f"{each:,} for each of {self.people:,} people (habits and risk)")
        if self.events:
            rest = round(max(0, self.bytes - self.kept_of_people) / self.events)
            told.append(f"{rest:,} for each of {self.events:,} events read (everything else)")
        return f"{self.bytes:,} bytes" + (f": {', '.join(told)}" if told else "")


def room(path: Path) -> Room:
    """What the database at `path` takes. Reads every person's row; raises `sqlite3.Error`."""
    files = path, path.with_name(f"{path.name}-wal")
    with closing(reader(path)) as connection:

        def one(query: str) -> int:
            return int(connection.execute(query).fetchone()[0])

        return Room(
            bytes=sum(file.stat().st_size for file in files if file.exists()),
            people=one("SELECT count(*) FROM people"),
            kept_of_people=one(
                "SELECT coalesce(sum(length(blob) + length(key)), 0) FROM states"
                " WHERE stage IN ('user', 'risk', 'alias')"
            ),
            events=one("SELECT coalesce(sum(events), 0) FROM source_formats"),
        )
