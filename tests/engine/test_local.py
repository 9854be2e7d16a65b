"""An engine that cannot begin leaves nothing behind, and one that is interrupted ends soon."""

from __future__ import annotations

import asyncio
import threading
from contextlib import closing
from pathlib import Path

import pytest

from engine.tenant import TOR, append, configuration, log_file, record
from risktui import config
from risktui.engine.local import LocalEngine
from risktui.engine.run import scan_logs
from risktui.engine.setup import assemble
from risktui.logs import order
from risktui.logs.batch import Batch
from risktui.store.database import prepare, writer
from risktui.store.lock import EngineLock


async def test_a_damaged_database_does_not_keep_the_process_alive(tmp_path: Path) -> None:
    database = tmp_path / "risktui.db"
    prepare(database)
    with closing(writer(database)) as connection:
        connection.execute("INSERT INTO meta (name, value) VALUES ('late.events', 'many')")
    before = set(threading.enumerate())
    with pytest.raises(ValueError, match="invalid literal") as failure:
        await LocalEngine.open(database, assemble(config.load(configuration(tmp_path))))
    # What the failure still refers to is not collected: only what was closed has ended.
    begun = {one for one in threading.enumerate() if "worker" in one.name} - before
    for one in begun:
        one.join(5)
    assert not any(one.is_alive() for one in begun)
    assert "many" in str(failure.value)
    assert EngineLock(database).holder() is None
    assert not [at for at in opened() if at.name.startswith(database.name)]


def opened() -> list[Path]:
    """Files that this process holds open, where the system tells."""
    handles = Path("/proc/self/fd")
    return (
        [at.readlink() for at in handles.iterdir() if at.is_symlink()] if handles.exists() else []
    )


async def test_a_scan_that_is_interrupted_reads_no_further(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(order, "BATCH_EVENTS", 5)
    log = log_file(tmp_path)
    append(log, *(record(n, f"u{n}", TOR, f"2026-03-02T09:{n:02d}:00") for n in range(40)))
    taken: list[Batch] = []

    def interrupt(batch: Batch) -> None:
        taken.append(batch)
        scanning.cancel()  # as ctrl+c does

    parts = assemble(config.load(configuration(tmp_path)))
    async with await LocalEngine.open(tmp_path / "risktui.db", parts) as engine:
        scanning = asyncio.ensure_future(
            scan_logs(engine, [log], lateness_ms=120_000, progress=interrupt)
        )
        with pytest.raises(asyncio.CancelledError):
            await scanning
    assert len(taken) == 1
