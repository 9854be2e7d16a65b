"""The worker processes of a parallel engine: who does what, and whose rows are whose."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import BinaryIO
from zlib import crc32

from risktui.detect import KEYS
from risktui.engine import principals, wire
from risktui.engine.mate import Mate
from risktui.engine.offspring import Copied, Spawned, can_copy
from risktui.engine.setup import Parts
from risktui.engine.worker import serve, worker_on

OF_PEOPLE = frozenset({"user", "risk"})
"""Stages whose rows can be divided by people."""
OF_APPLICATIONS = frozenset({principals.STAGE, principals.RISK})
"""Stages that look at people's rows as well: kept by a worker if that has all of these."""
OF_ALL = OF_PEOPLE | OF_APPLICATIONS | frozenset(KEYS)
"""All stages: kept by a worker that takes events through all of them."""


class Crew:
    """Those who read records, and those who keep rows; each person has one keeper.

    A single worker reads nothing and judges: half of all work, and an event is passed on once. Of
    several a third read and the others keep people's rows.
    """

    def __init__(self, parts: Parts, database: Path) -> None:
        """Start as many as `parts` say. ValueError where nobody knows what these are made of."""
        if parts.recipe is None:
            raise ValueError("workers cannot make these parts: nobody knows what they are made of")
        self.is_single = parts.workers <= 1
        """Whether its only worker takes events through all stages."""
        kind = wire.Judge if self.is_single else wire.Steps
        hello = wire.Hello(parts.recipe, database)
        mates = []
        for _ in range(max(1, parts.workers)):
            copied = _copied(parts, database)
            mates.append(Mate(copied or Spawned(), kind))
            if copied is None:
                mates[-1].tell(hello)
        reading = 0 if self.is_single else max(1, len(mates) // 3)
        self.readers: Sequence[Mate] = mates[:reading]
        self.keepers: Sequence[Mate] = mates[reading:]

    @property
    def kept(self) -> frozenset[str]:
        """The stages whose rows the keepers have."""
        if self.is_single:
            return OF_ALL
        return OF_PEOPLE | OF_APPLICATIONS if len(self.keepers) == 1 else OF_PEOPLE

    def keeper_of(self, user: str) -> Mate:
        """Who keeps the rows of a person; the same for as long as the crew is together."""
        return self.keepers[crc32(user.encode("utf-8", "replace")) % len(self.keepers)]

    def end(self) -> None:
        """Let everybody go."""
        for mate in (*self.readers, *self.keepers):
            mate.end()


def _copied(parts: Parts, database: Path) -> Copied | None:
    """A copy of this process, where one can be made, that judges by `parts` as they are here."""
    if not can_copy(database):
        return None

    def obey(orders: BinaryIO, answers: BinaryIO) -> None:
        serve(orders, answers, lambda: worker_on(database, parts))

    return Copied(obey)
