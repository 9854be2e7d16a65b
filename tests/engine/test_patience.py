"""An engine does not go on writing where nobody reads."""

from __future__ import annotations

from contextlib import closing
from pathlib import Path

import pytest

from risktui.engine.patience import Patience
from risktui.store.database import DatabaseError, prepare, writer
from risktui.store.lock import EngineLock


async def test_a_database_in_whose_place_another_lies_is_not_written(tmp_path: Path) -> None:
    path, other = tmp_path / "risktui.db", tmp_path / "backup.db"
    prepare(path)
    prepare(other)
    with closing(writer(path)) as connection:
        patience = Patience(EngineLock(path), path, lambda _: None)

        async def write() -> None:
            connection.execute("INSERT INTO not_read VALUES ('x', 1) ON CONFLICT DO NOTHING")

        await patience.outwait(write)
        path.rename(tmp_path / "away.db")
        await patience.outwait(write)  # it may come back
        other.replace(path)
        with pytest.raises(DatabaseError, match="another file has taken its place"):
            await patience.outwait(write)
