"""The worker processes of a parallel engine: who does what, and whose rows are whose."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from zlib import crc32

from risktui.engine import wire
from risktui.engine.mate import Mate
from risktui.engine.setup import Recipe


class Crew:
    """Those who read records, and those who keep people's rows; each person has one keeper."""

    def __init__(self, recipe: Recipe, database: Path, workers: int) -> None:
        hello = wire.Hello(recipe, database)
        mates = [Mate(hello) for _ in range(max(2, workers))]
        reading = max(1, len(mates) // 3)
        self.readers: Sequence[Mate] = mates[:reading]
        self.keepers: Sequence[Mate] = mates[reading:]

    @property
    def is_one_keepers(self) -> bool:
        """Whether one of them keeps the rows of all people, and so of applications as well."""
        return len(self.keepers) == 1

    def keeper_of(self, user: str) -> Mate:
        """Who keeps the rows of a person; the same for as long as the crew is together."""
        return self.keepers[crc32(user.encode("utf-8", "replace")) % len(self.keepers)]

    def end(self) -> None:
        """Let everybody go."""
        for mate in (*self.readers, *self.keepers):
            mate.end()
