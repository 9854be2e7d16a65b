"""A database with a dozen people at risk, and an engine that does nothing but apply verdicts."""

from __future__ import annotations

import asyncio
import os
import sys
import time
from contextlib import closing
from pathlib import Path
from typing import Self

from console.people import DAY, HOME, LAPTOP, MINUTE, Person, people
from risktui.detect import Profile
from risktui.detect.loader import Catalogue
from risktui.detect.notes import note
from risktui.engine.memory import MemoryRows
from risktui.engine.rows import StoredRows
from risktui.engine.stages import Pipeline
from risktui.model.events import SignIn
from risktui.model.ids import stable_id
from risktui.model.risk import Outcome, Suppression
from risktui.risk.ledger import Ledger, UserRisk
from risktui.risk.raising import Raised, raise_risk
from risktui.store import verdicts
from risktui.store.commit import Committer, Work
from risktui.store.database import async_writer, prepare, reader
from risktui.store.lock import EngineLock

NOTED = 12  # days whose activity is remembered one by one
RULE = {"version": "1", "config_hash": "5d41402a"}


def wall_clock() -> int:
    return time.time_ns() // 1_000_000


async def prepared(path: Path, now: int, who: list[Person] | None = None) -> None:
    """Make the database at `path` and put everybody in it, with an engine alive at `now`."""
    prepare(path)
    await more(path, now, people(now) if who is None else who)


async def more(path: Path, now: int, who: list[Person]) -> None:
    """Let further people be found, in one commit."""
    rows = MemoryRows()
    outcome = Outcome()
    for person in who:
        live(person, now, rows, outcome)
    work = Work(
        outcome=outcome,
        states=[
            (None, stage, key, row.last, row.dump()) for (stage, key), row in rows.rows.items()
        ],
        status=status(now),
        newest=now,
    )
    connection = await async_writer(path)
    await Committer(connection).commit(work, now)
    await connection.close()


def live(person: Person, now: int, rows: MemoryRows, outcome: Outcome) -> None:
    """Let one person's habits and findings happen."""
    key = person.upn.split("@")[0]
    profile = rows.row("user", key).part("profile", Profile)
    for day in range(60, 1, -1):
        event = usual(person, key, now - day * DAY)
        profile.learn(event)
        if day <= NOTED:
            note(profile, event)
    ledger = Ledger(rows.row("risk", key).part("risk", UserRisk), profile, outcome)
    for detector, found in person.findings:
        event = SignIn(
            time=found.about.time,
            id=found.about.id,
            tenant_id="contoso",
            user_id=key,
            user_principal_name=person.upn,
            user_display_name=person.name,
            ip_address=found.about.ip_address,
            location=found.about.location,
            app_display_name=found.about.app_display_name,
        )
        note(profile, event)
        ledger.know(event)
        rule = {"id": detector.risk_event_type, **RULE}
        raise_risk(ledger, Raised(found, detector(), rule, event))
    for number, (kind, rule_id, reason) in enumerate(person.suppressed):
        outcome.suppressions.append(
            Suppression(
                time=now - (number + 1) * 5 * MINUTE,
                user_id=key,
                user_principal_name=person.upn,
                risk_event_type=kind,
                event_id=f"{key}-held-{number}",
                rule=rule_id,
                reason=reason,
                ip_address="203.0.113.9",
            )
        )


def usual(person: Person, key: str, time: int) -> SignIn:
    """What this person does every day."""
    return SignIn(
        time=time,
        id=stable_id(key, time),
        user_id=key,
        user_principal_name=person.upn,
        ip_address="198.51.100.20",
        location=person.home,
        network=HOME,
        client=LAPTOP,
        app_display_name="Office 365 Exchange Online",
        credentials="ok",
    )


def status(now: int, **more: str) -> dict[str, str]:
    """What a healthy engine says of itself."""
    return {
        "engine.state": "live",
        "engine.heartbeat": str(now),
        "engine.rate": "42.0",
        "engine.lag_ms": "3000",
        "engine.newest": str(now),
        "engine.events": "80412",
        "engine.quarantined": "3",
        "engine.blind": '[["nationStateIP", "no list tagged actor"]]',
        "engine.error": "",
        "engine.pid": str(os.getpid()),
        **{f"engine.{name}": value for name, value in more.items()},
    }


class SmallEngine:
    """Applies verdicts with the real ledger and keeps the heartbeat going."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._task: asyncio.Task[None] | None = None
        self.lock = EngineLock(path)

    async def __aenter__(self) -> Self:
        assert self.lock.take()
        self._task = asyncio.create_task(self.run())
        return self

    async def __aexit__(self, *_: object) -> None:
        assert self._task
        self._task.cancel()
        await asyncio.gather(self._task, return_exceptions=True)
        self.lock.release()

    async def run(self) -> None:
        pipeline = Pipeline(Catalogue((), ()))
        connection = await async_writer(self._path)
        beat = 0
        try:
            with closing(reader(self._path)) as look:
                rows = StoredRows(look)
                while True:
                    now = wall_clock()
                    waiting = verdicts.waiting(look)
                    work = Work(status=status(now))
                    for verdict in waiting:
                        outcome = pipeline.process(verdict, rows)
                        work.verdicts_done += outcome.verdicts
                        work.outcome.detections += outcome.detections
                        work.outcome.users += outcome.users
                        work.outcome.history += outcome.history
                    if waiting or now - beat > 500:
                        beat = now
                        work.states = rows.changes()
                        await Committer(connection).commit(work, now)
                        rows.settle()
                    await asyncio.sleep(0.05)
        finally:
            await connection.close()


async def main(path: Path) -> None:
    """For looking at it by hand: `python -m console.prepared DATABASE`."""
    if not path.exists():  # noqa: ASYNC240  (before anything runs)
        await prepared(path, wall_clock())
    async with SmallEngine(path):
        await asyncio.Event().wait()


if __name__ == "__main__":
    asyncio.run(main(Path(sys.argv[1])))
