from __future__ import annotations

import asyncio
import sqlite3
from contextlib import closing
from pathlib import Path

from notify.office import Desk
from risk.ledger_stories import DAY, NOON
from risktui.settings import Retention
from risktui.store.commit import Committer
from risktui.store.database import async_writer


async def _tidy(desk: Desk, retention: Retention, days: int) -> tuple[int, int]:
    """How many detections and sign-ins are left after so many days."""
    connection = await async_writer(desk.database)
    await Committer(connection).tidy(NOON + days * DAY, retention)
    await connection.close()
    with closing(sqlite3.connect(desk.database)) as reading:
        found = [
            reading.execute(f"SELECT count(*) FROM {table}").fetchone()[0]
            for table in ("detections", "sign_ins")
        ]
    return found[0], found[1]


def _desk(tmp_path: Path) -> Desk:
    desk = Desk(tmp_path, "")
    for who in ("carol", "dave"):
        desk.person(who).risky_sign_in(f"s-{who}")
        desk.commit(desk.person(who))
    desk.person("carol").judged("dismiss")
    desk.commit(desk.person("carol"))
    return desk


def test_closed_detections_go_after_the_configured_days_and_open_ones_never(
    tmp_path: Path,
) -> None:
    desk = _desk(tmp_path)
    assert asyncio.run(_tidy(desk, Retention(closed_days=90), 89)) == (2, 2)
    assert asyncio.run(_tidy(desk, Retention(closed_days=90), 91)) == (1, 1)
    assert asyncio.run(_tidy(desk, Retention(closed_days=90), 9_000)) == (1, 1)


def test_by_default_everything_is_kept(tmp_path: Path) -> None:
    desk = _desk(tmp_path)
    assert asyncio.run(_tidy(desk, Retention(), 9_000)) == (2, 2)


def test_closed_detections_of_applications_go_as_well(tmp_path: Path) -> None:
    desk = _desk(tmp_path)
    rows = [(state, "sp", "low", state, NOON, NOON, b"{}") for state in ("atRisk", "dismissed")]
    with closing(sqlite3.connect(desk.database)) as connection:
        connection.executemany("INSERT INTO principal_detections VALUES (?,?,?,?,?,?,?)", rows)
        connection.commit()
    asyncio.run(_tidy(desk, Retention(closed_days=90), 91))
    with closing(sqlite3.connect(desk.database)) as connection:
        left = connection.execute("SELECT id FROM principal_detections").fetchall()
    assert left == [("atRisk",)]
