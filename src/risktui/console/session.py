"""What all screens of one console share: where the data is, who sits here, what is filtered."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from pathlib import Path

from risktui.console.judging import Author, Target, whoami
from risktui.console.reading import Pulse, Reader
from risktui.model.risk import RiskyUser
from risktui.store.search import Search


def wall_clock() -> int:
    """Now, in milliseconds UTC."""
    return time.time_ns() // 1_000_000


class Session:
    """One person at one console."""

    def __init__(
        self,
        database: Path,
        *,
        title: str = "",
        label: str = "",
        read_only: bool = False,
        ascii_only: bool = False,
        keymap: Mapping[str, str] | None = None,
        clock: Callable[[], int] = wall_clock,
        author: Author | None = None,
    ) -> None:
        self.database = database
        self.title, self.label = title, label
        self.read_only = read_only
        self.ascii_only = ascii_only
        self.keymap = dict(keymap or {})
        self.now = clock
        self.author = author or whoami()
        self.reader = Reader(database)
        self.writer = Reader(database, write=True)
        self.search = Search()
        self.pulse = Pulse()
        self.last_judged: tuple[Target, ...] = ()
        """Whom the last verdict of this console was on; what `u` takes back first."""
        self._seen: dict[str, int] | None = None

    def close(self) -> None:
        """Let go of the database."""
        self.reader.close()
        self.writer.close()

    def meet(self, users: tuple[RiskyUser, ...]) -> None:
        """Whoever is there at the start is nothing new."""
        if self._seen is None:
            self._seen = {user.id: user.risk_last_updated_date_time for user in users}

    def is_new(self, user: RiskyUser) -> bool:
        """Whether something has happened to `user` that was not looked at here."""
        return (
            self._seen is not None
            and self._seen.get(user.id, -1) < user.risk_last_updated_date_time
        )

    def look_at(self, user: RiskyUser) -> None:
        """`user` has been looked at."""
        if self._seen is not None:
            self._seen[user.id] = user.risk_last_updated_date_time
