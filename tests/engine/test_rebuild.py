"""A database that is made anew loses nothing that people do meanwhile, and mends what is broken."""

from __future__ import annotations

import sqlite3
import threading
from contextlib import closing
from pathlib import Path

import pytest

from engine.tenant import TOR, append, configuration, contents, log_file, record
from risktui import config
from risktui.engine.local import LocalEngine
from risktui.engine.rebuild import Rebuilt, rebuild
from risktui.engine.run import scan_logs
from risktui.engine.setup import assemble
from risktui.model.ids import stable_id
from risktui.store import upkeep, verdicts
from risktui.store.database import reader, writer

NOON = 1_772_452_800_000


@pytest.fixture
async def database(tmp_path: Path) -> Path:
    for number in range(60):
        when = f"2026-03-02T09:{number:02d}:00"
        append(log_file(tmp_path / "logs"), record(number, f"u{number}", TOR, when))
    path = tmp_path / "risktui.db"
    parts = assemble(config.load(configuration(tmp_path)))
    async with await LocalEngine.open(path, parts) as engine:
        await scan_logs(engine, [tmp_path / "logs"], lateness_ms=0)
    return path


async def rebuilt(database: Path) -> Rebuilt:
    return await rebuild(
        database,
        assemble(config.load(database.with_name("risktui.toml"))),
        [database.with_name("logs")],
        lateness_ms=0,
        author="olga",
        now=NOON,
        progress=lambda _: None,
    )


async def test_what_is_decided_while_a_database_is_made_anew_is_not_lost(database: Path) -> None:
    before = contents(database)
    stop, given = threading.Event(), list[str]()

    def decide() -> None:
        with closing(writer(database, any_thread=True)) as connection:
            while not stop.wait(0.002):
                number = len(given)
                wish = verdicts.Request(
                    action="dismiss",
                    user_id=stable_id(f"u{number % 60}")[:36],
                    author="erin",
                    time=NOON + number,
                )
                given.extend(verdicts.append(connection, [wish]))

    deciding = threading.Thread(target=decide)
    deciding.start()
    try:
        came = await rebuilt(database)
    finally:
        stop.set()
        deciding.join()
    with closing(reader(database)) as connection:
        kept = {verdict.id for verdict in verdicts.waiting(connection)}
    assert given
    assert set(given) == kept
    assert (came.before, came.gone, came.made) == (60, 0, 0)
    assert contents(database) == before


async def test_a_damaged_file_is_made_whole(database: Path) -> None:
    before = contents(database)
    with closing(sqlite3.connect(database)) as connection:
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        size = connection.execute("PRAGMA page_size").fetchone()[0]
        query = "SELECT rootpage FROM sqlite_master WHERE name = 'states'"
        page = connection.execute(query).fetchone()[0]
    with database.open("r+b") as file:
        file.seek((page - 1) * size)
        file.write(b"\xa5" * size)
    assert list(upkeep.examine(database))
    await rebuilt(database)
    assert list(upkeep.examine(database)) == []
    assert contents(database) == before
