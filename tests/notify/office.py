"""A database in which people come to be at risk, and a postman with a clock that one can set."""

from __future__ import annotations

import asyncio
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

from risk.ledger_stories import NOON, Life
from risktui import config as configuration
from risktui.model.risk import RiskLevel
from risktui.notify import deliveries
from risktui.notify.deliveries import Delivery
from risktui.notify.postman import Postman
from risktui.risk.rules import Rules
from risktui.settings import Policy
from risktui.store.commit import Committer, Work
from risktui.store.database import async_writer, prepare, reader, writer

__all__ = ["NOON", "Desk"]


class Desk:
    """What the engine would have committed, and who hears of it."""

    def __init__(self, folder: Path, settings: str, policies: tuple[Policy, ...] = ()) -> None:
        self.database = folder / "x.db"
        prepare(self.database)
        path = folder / "risktui.toml"
        path.write_text(settings)
        self.config = configuration.load(path)
        self.now = NOON
        self.people: dict[str, Life] = {}
        self.rules = Rules(policies=tuple(self.config.policies))
        self.postman = Postman(self.database, self.config, clock=lambda: self.now)

    def person(self, who: str) -> Life:
        return self.people.setdefault(who, Life(self.rules, who))

    def finds(
        self, who: str, event: str, level: str = "high", *, at: int = NOON, **more: Any
    ) -> None:
        """A detection is made and committed."""
        life = self.person(who)
        life.finds(event, RiskLevel(level), at=at, **more)
        self.commit(life)

    def commit(self, life: Life) -> None:
        async def write() -> None:
            connection = await async_writer(self.database)
            await Committer(connection).commit(Work(outcome=life.outcome), self.now)
            await connection.close()

        asyncio.run(write())

    def plan(self) -> None:
        """The postman looks at what is new and sends nothing."""
        with self.writing() as connection:
            self.postman._plan(connection)

    def send(self, *, after: int = 6_000) -> int:
        """The postman's next round, `after` so many ms; how many it tried."""
        self.now += after

        async def go() -> int:
            return await self.postman.once()

        return asyncio.run(go())

    def waiting(self, channel: str = "") -> list[Delivery]:
        found = self._listed("waiting")
        return [d for d in found if channel in ("", d.channel)]

    def _listed(self, *states: str) -> list[Delivery]:
        with closing(reader(self.database)) as connection:
            found = deliveries.listed(connection, states)
        return sorted(found, key=lambda d: (d.start, d.id))

    def sent(self) -> list[Delivery]:
        return self._listed("sent")

    def dead(self) -> list[Delivery]:
        return self._listed("dead")

    def held(self) -> list[Delivery]:
        return self._listed("held")

    @contextmanager
    def writing(self) -> Iterator[sqlite3.Connection]:
        with closing(writer(self.database)) as connection:
            yield connection


def names(delivery: Delivery) -> list[str]:
    """Who is in a message."""
    return [item.user_principal_name.split("@")[0] for item in delivery.message.items]
