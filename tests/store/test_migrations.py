"""A database of any released layout becomes one of today, with everything that was in it.

`schemas/N.sql` is the layout as release N wrote it; a new layout adds a file and a migration.
"""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from risktui.store import outbox, queries
from risktui.store.database import SCHEMA_VERSION, DatabaseError, prepare, reader
from risktui.store.lock import EngineLock

SCHEMAS = Path(__file__).parent / "schemas"
RELEASED = sorted(int(path.stem) for path in SCHEMAS.glob("*.sql"))


def _released(path: Path, number: int) -> Path:
    """A database as release `number` left it, with a row where readers keep their place."""
    with closing(sqlite3.connect(path)) as connection:
        connection.executescript((SCHEMAS / f"{number}.sql").read_text())
        connection.execute(f"PRAGMA user_version = {number}")
        connection.execute("INSERT INTO outbox (kind, subject, body) VALUES ('user', 'x', X'7b7d')")
        connection.execute("INSERT INTO cursors (name, number) VALUES ('siem', 1)")
        connection.execute("INSERT INTO not_read (reason, records) VALUES ('why', 7)")
        connection.commit()
    return path


def _layout(path: Path) -> dict[str, list[tuple[object, ...]]]:
    with closing(reader(path)) as connection:
        names = connection.execute("SELECT name FROM sqlite_master ORDER BY name").fetchall()
        return {
            name: connection.execute(
                f"SELECT name, type, pk FROM pragma_{kind}('{name}')"
            ).fetchall()
            for (name,) in names
            for kind in ("table_info",)
        }


def test_every_layout_but_todays_has_a_migration() -> None:
    assert list(range(1, SCHEMA_VERSION)) == RELEASED


@pytest.mark.parametrize("number", RELEASED)
def test_a_released_layout_becomes_todays_and_keeps_its_rows(tmp_path: Path, number: int) -> None:
    old = _released(tmp_path / "old.db", number)
    prepare(old)
    prepare(tmp_path / "new.db")
    assert _layout(old) == _layout(tmp_path / "new.db")
    with closing(reader(old)) as connection:
        assert queries.not_read(connection) == {"why": 7}
        assert outbox.cursor(connection, "siem") == 1
        assert [row.kind for row in outbox.rows(connection, 0, ("user",), 10)] == ["user"]


def test_a_database_under_a_running_engine_is_left_alone(tmp_path: Path) -> None:
    old = _released(tmp_path / "old.db", 1)
    (tmp_path / "old.db.lock").write_text("")
    other = _OtherProcess(old)
    try:
        with pytest.raises(DatabaseError, match=r"process \d+ still runs on it; stop that engine"):
            prepare(old)
    finally:
        other.end()
    prepare(old)


class _OtherProcess:
    """Holds the engine's lock as another process would."""

    def __init__(self, database: Path) -> None:
        self._lock = EngineLock(database)
        assert self._lock.take()
        self._lock._path.write_text("999999")  # not ours

    def end(self) -> None:
        self._lock.release()


def test_a_migration_that_fails_changes_nothing(tmp_path: Path) -> None:
    old = _released(tmp_path / "old.db", 1)
    with closing(sqlite3.connect(old)) as connection:
        connection.execute("ALTER TABLE cursors ADD COLUMN moved INTEGER")  # in its way
        connection.commit()
    before = _layout(old)
    with pytest.raises(DatabaseError, match="duplicate column"):
        prepare(old)
    assert _layout(old) == before
    with closing(reader(old)) as connection:
        assert connection.execute("PRAGMA user_version").fetchone() == (1,)
