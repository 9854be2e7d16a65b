"""What an engine that follows logs says of itself while it does."""

from __future__ import annotations

import asyncio
from contextlib import closing
from pathlib import Path

from engine.tenant import HOME, append, log_file, record
from risktui.config import Config
from risktui.engine.local import LocalEngine
from risktui.engine.run import watch_logs
from risktui.engine.setup import assemble
from risktui.store.database import prepare, reader, writer

NOTED = """
CREATE TABLE said (value TEXT);
CREATE TRIGGER says AFTER INSERT ON meta WHEN new.name = 'engine.sources'
BEGIN INSERT INTO said VALUES (new.value); END;
"""


async def test_how_many_files_lie_there_is_said_before_they_are_read_and_not_after(
    tmp_path: Path,
) -> None:
    log = log_file(tmp_path / "logs")
    append(log, record(1, "carol", HOME, "2026-03-02T09:00:00"))
    append(log.with_name("more.json"), record(2, "carol", HOME, "2026-03-02T09:01:00"))
    database, stop = tmp_path / "risktui.db", asyncio.Event()
    prepare(database)
    with closing(writer(database)) as connection:
        connection.executescript(NOTED)

    def until_live() -> None:
        if engine.status["engine.state"] == "live":
            stop.set()

    async with await LocalEngine.open(database, assemble(Config())) as engine:
        following = watch_logs(
            engine, [tmp_path / "logs"], stop=stop, after_commit=until_live, lateness_ms=0
        )
        async with asyncio.timeout(60):
            await following
    with closing(reader(database)) as connection:
        said = [value for (value,) in connection.execute("SELECT value FROM said")]
    assert said[0] == "2"
    assert said[-1] == ""
