"""Leaks that come while the engine follows logs."""

from __future__ import annotations

import asyncio
from pathlib import Path

from engine.tenant import HOME, append, log_file, record
from risktui import config
from risktui.engine.local import LocalEngine
from risktui.engine.run import watch_logs
from risktui.engine.setup import assemble
from risktui.store.database import reader

TYPES = "SELECT risk_event_type FROM detections"


async def test_a_dump_that_is_dropped_into_the_folder_is_found_and_announced(
    tmp_path: Path,
) -> None:
    append(log_file(tmp_path / "logs"), record(1, "carol", HOME, "2026-03-02T09:00:00"))
    (tmp_path / "dumps").mkdir()
    (tmp_path / "risktui.toml").write_text('[[leaks]]\npath = "dumps"\n')
    database = tmp_path / "risktui.db"
    stop, announced = asyncio.Event(), list[list[str]]()

    def after_commit() -> None:
        connection = reader(database)
        announced.append([row[0] for row in connection.execute(TYPES)])
        connection.close()
        files = {path.name: path.read_bytes() for path in tmp_path.glob("risktui.db*")}
        assert files["risktui.db-wal"]
        assert not [name for name, content in files.items() if b"hunter2" in content]
        if engine.status.get("engine.state") == "live" and not any((tmp_path / "dumps").iterdir()):
            (tmp_path / "dumps" / "new.txt").write_text("carol@contoso.com:hunter2\n")
        if announced[-1]:
            stop.set()

    parts = assemble(config.load(tmp_path / "risktui.toml"))
    async with await LocalEngine.open(database, parts) as engine:
        logs = [tmp_path / "logs"]
        following = watch_logs(
            engine, logs, stop=stop, after_commit=after_commit, lateness_ms=120_000
        )
        async with asyncio.timeout(60):
            await following
    assert announced[-1] == ["leakedCredentials"]
