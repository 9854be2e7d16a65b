"""What all screens of one console share: where the data is, who sits here, what is filtered."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from contextlib import suppress
from pathlib import Path

from risktui.console import list_words as says
from risktui.console.actions import Place
from risktui.console.judging import Author, Target, whoami
from risktui.console.kept_rows import KeptRows
from risktui.console.keys_first import KeysFirst
from risktui.console.latest import Latest
from risktui.console.mask import Mask
from risktui.console.memory import Diary, Memory
from risktui.console.reader import Reader
from risktui.console.reading import Pulse, Trends
from risktui.console.snoozing import Snoozes
from risktui.console.widgets.ink import Veil
from risktui.engine.clock import now_ms
from risktui.language.choice import tr
from risktui.model.risk import RiskyUser
from risktui.store.search import Search, SearchError, parse
from risktui.store.today import ENDED

CAUGHT_UP = 600_000
"""A replayed past has reached the present when its newest event is younger than this (ms)."""


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
        clock: Callable[[], int] = now_ms,
        author: Author | None = None,
        may_judge: str = "",
        state: Path | None = None,
    ) -> None:
        self.database = database
        self.title, self.label = title, label
        self.read_only = read_only
        self.ascii_only = ascii_only
        self.keymap = dict(keymap or {})
        self.now = clock
        self.author = author or whoami()
        self.keys_first = KeysFirst()
        self.reader = Reader(database, give_way=self.keys_first.give_way)
        self.writer = Reader(database, write=True)
        self.refused = may_judge
        """Why this person may not judge here; "" where they may."""
        self.at: int | None = None
        """The past moment (ms) that is looked at; None for now."""
        self.diary = Diary(state, database)
        memory = self.memory
        self.snoozes = Snoozes(memory.snoozed)
        self.mask = Mask(on=memory.masked)
        Veil.hide, Veil.tells = self.mask, self.mask.tells
        self.trends = Trends()
        self.latest = Latest()
        self.kept_rows = KeptRows()
        self.search = Search()
        with suppress(SearchError):
            self.search = parse(memory.search)
        self.before = self.search
        """What was looked for last; `n` goes from match to match."""
        self._typed: dict[Place, list[str]] = {"overview": self.diary.kept.typed}
        self.pulse = Pulse()
        self.last_judged: tuple[Target, ...] = ()
        """Whom the last verdict of this console was on; what `u` takes back first."""
        self.past: bool | None = None
        """Whether this is a replay of a past whose end is the present; None: not known yet."""

    @property
    def memory(self) -> Memory:
        """What is remembered for this database."""
        return self.diary.memory

    def typed(self, place: Place) -> list[str]:
        """Filters that were typed there, the latest last; those of the overview outlive us."""
        return self._typed.setdefault(place, [])

    def reference(self) -> int:
        """What ages are counted from and days are told by (ms): now, or a replayed past's end.

        Whoever judges old logs does so after their end: going back to such a moment, ages are
        still counted from what had happened by then.
        """
        end = self.pulse.engine.newest if self.replaying() else self.now()
        return end if self.at is None else min(self.at, end)

    def replaying(self) -> bool:
        """Whether a past is replayed whose end stands for the present.

        Decided once, when the backlog is read; were it asked anew at every look, all ages would
        jump by a day while a replay passes midnight.
        """
        engine = self.pulse.engine
        if not engine.newest:
            return False
        behind = self.now() - engine.newest
        if self.past is None and engine.state not in {"", "starting", "reading"}:
            self.past = behind > ENDED
        elif self.past and behind < CAUGHT_UP:
            self.past = False
        return behind > ENDED if self.past is None else self.past

    def refusal(self) -> str:
        """Why nobody can be judged here now; "" where they can."""
        if self.at is not None:
            return tr(says.PAST_NO_VERDICT)
        return tr(says.READ_ONLY) if self.read_only else self.refused

    def close(self) -> None:
        """Let go of the database."""
        self.reader.close()
        self.writer.close()

    def meet(self, users: tuple[RiskyUser, ...]) -> None:
        """Whoever is there when somebody looks for the first time is nothing new."""
        memory = self.memory
        if not memory.looked:
            memory.looked = True
            memory.seen = {user.id: user.risk_last_updated_date_time for user in users}

    def is_new(self, user: RiskyUser) -> bool:
        """Whether something has happened to `user` that was not looked at here."""
        memory = self.memory
        return memory.looked and memory.seen.get(user.id, -1) < user.risk_last_updated_date_time

    def look_at(self, user: RiskyUser) -> None:
        """`user` has been looked at."""
        if self.memory.looked and self.at is None:
            self.memory.seen[user.id] = user.risk_last_updated_date_time
