"""The lists that are read once and then only where something was announced are always the same."""

from __future__ import annotations

import itertools
import random
from contextlib import closing
from pathlib import Path

import msgspec
import pytest

from risktui.console import reading
from risktui.console.latest import ALL_EVERY, Latest
from risktui.model.risk import Detection, Outcome, RiskLevel, RiskState, RiskyUser
from risktui.store.commit import Committer, Work
from risktui.store.database import async_writer
from risktui.store.database import reader as opened
from risktui.store.search import Search

NOW = 1_778_838_060_000
ADDRESSES = itertools.count()


@pytest.fixture
def latest() -> Latest:
    return Latest()


async def commit(database: Path, users: list[RiskyUser], found: list[Detection]) -> None:
    connection = await async_writer(database)
    work = Work(
        outcome=Outcome(users=users, detections=found),
        states=[(None, "ip", str(next(ADDRESSES)), NOW, b"x")],  # as nearly every commit brings
    )
    await Committer(connection).commit(work, NOW)
    await connection.close()


def whole(database: Path) -> reading.Lists:
    with closing(opened(database)) as connection:
        return reading.lists(Search(), NOW)(connection)


async def test_what_is_announced_stands_where_a_whole_reading_puts_it(
    database: Path, latest: Latest
) -> None:
    chance = random.Random(7)
    levels = [RiskLevel.LOW, RiskLevel.MEDIUM, RiskLevel.HIGH]
    with closing(opened(database)) as connection:
        before = latest.read(connection, NOW)
        assert before == whole(database)
        for step in range(30):
            user = chance.choice(before.users)
            changed = msgspec.structs.replace(
                user,
                priority=chance.randrange(300),
                risk_last_updated_date_time=NOW + step,
                risk_state=chance.choice([RiskState.AT_RISK, RiskState.DISMISSED]),
            )
            new = msgspec.structs.replace(
                chance.choice(before.detections),
                id=f"new-{chance.randrange(12)}",
                risk_level=chance.choice(levels),
                detected_date_time=NOW + step,
                last_updated_date_time=NOW + step,
            )
            await commit(database, [changed], [new])
            assert latest.read(connection, NOW + step) == whole(database), step


async def test_it_does_not_read_what_has_not_changed(database: Path, latest: Latest) -> None:
    with closing(opened(database)) as connection:
        before = latest.read(connection, NOW)
        first, *rest = before.detections
        await commit(database, [], [msgspec.structs.replace(first, count=9)])
        after = latest.read(connection, NOW)
        known = {one.id: one for one in after.detections}
        assert known[first.id].count == 9
        assert all(known[one.id] is one for one in rest)


async def test_what_detectors_remember_is_no_news(database: Path) -> None:
    with closing(opened(database)) as connection:
        before = reading.pulse(connection)
        await commit(database, [], [])
        assert reading.pulse(connection, before).news == before.news


async def test_what_nobody_announced_is_seen_after_a_while(database: Path, latest: Latest) -> None:
    with closing(opened(database)) as connection:
        before = latest.read(connection, NOW)
        found = await async_writer(database)
        await found.execute("DELETE FROM users WHERE id = ?", (before.users[0].id,))
        await found.commit()
        await found.close()
        await commit(database, [], [before.detections[0]])
        assert latest.read(connection, NOW + ALL_EVERY) == whole(database)


async def test_a_database_that_begins_anew_is_read_anew(database: Path, latest: Latest) -> None:
    with closing(opened(database)) as connection:
        latest.read(connection, NOW)
        found = await async_writer(database)
        for table in ("outbox", "history", "users", "detections", "sqlite_sequence"):
            await found.execute(f"DELETE FROM {table}")
        await found.commit()
        await found.close()
        assert latest.read(connection, NOW) == reading.Lists()
