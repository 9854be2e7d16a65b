"""An engine that cannot begin leaves nothing behind."""

from __future__ import annotations

import sqlite3
import threading
from contextlib import closing
from pathlib import Path

import pytest

from engine.tenant import configuration
from risktui import config
from risktui.engine.local import LocalEngine
from risktui.engine.setup import assemble
from risktui.store.database import prepare, writer
from risktui.store.lock import EngineLock


async def test_a_damaged_database_does_not_keep_the_process_alive(tmp_path: Path) -> None:
    database = tmp_path / "risktui.db"
    prepare(database)
    with closing(writer(database)) as connection:
        connection.execute("DROP TABLE seen_before")
    before = set(threading.enumerate())
    with pytest.raises(sqlite3.OperationalError) as failure:
        await LocalEngine.open(database, assemble(config.load(configuration(tmp_path))))
    # What the failure still refers to is not collected: only what was closed has ended.
    begun = {one for one in threading.enumerate() if "worker" in one.name} - before
    for one in begun:
        one.join(5)
    assert not any(one.is_alive() for one in begun)
    assert "seen_before" in str(failure.value)
    assert EngineLock(database).holder() is None
