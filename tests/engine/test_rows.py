"""Rows in memory take no more room than they are given, and come back as they were."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from engine.tenant import TOR, append, configuration, contents, log_file, record
from risktui import config
from risktui.detect.examples import TOKYO, signs_in
from risktui.detect.state import KeyedState
from risktui.engine.local import LocalEngine
from risktui.engine.row import Row
from risktui.engine.rows import BASE_MB, UNKNOWN_BYTES, StoredRows
from risktui.engine.run import scan_logs
from risktui.engine.setup import assemble
from risktui.logs.batch import Batch, Position
from risktui.model.events import Event
from risktui.store import many
from risktui.store.commit import Work, _statements
from risktui.store.database import prepare, reader


class Note(KeyedState):
    """Something large."""

    text: str = ""


def _kept(database: Path, memory_mb: int) -> int:
    """How many of 100 rows of 40 KB are in memory after each was changed and committed."""
    with closing(reader(database)) as look, closing(sqlite3.connect(database)) as connection:
        rows = StoredRows(look, memory_mb)
        for number in range(100):
            rows.row("user", f"u{number}").part("note", Note).text = "x" * 40_000
            _commit(connection, rows)
        assert rows.row("user", "u0").part("note", Note).text == "x" * 40_000
        return sum(map(len, rows._stages.values()))


def test_with_little_memory_few_rows_stay_and_none_is_lost(tmp_path: Path) -> None:
    database = tmp_path / "risktui.db"
    prepare(database)
    assert _kept(database, BASE_MB + 1) < 20
    assert _kept(database, BASE_MB + 100) == 100


def test_rows_fetched_together_are_those_that_are_read_one_by_one(tmp_path: Path) -> None:
    database = tmp_path / "risktui.db"
    prepare(database)
    with closing(sqlite3.connect(database)) as write:
        for number in range(3):
            row = Row()
            row.part("note", Note).text = f"{number}"
            state = (f"u{number}", row.dump())
            write.execute(
                "INSERT INTO states (stage, key, last, blob) VALUES ('user', ?, 7, ?)", state
            )
        write.commit()
    with closing(reader(database)) as look:
        rows = StoredRows(look)
        rows.row("user", "u1").part("note", Note).text = "changed"
        rows.fetch(("user", "risk"), ["u2", "u0", "u1", "u0", "nobody"])
        assert set(rows._stages["user"]) == {"u0", "u1", "u2"}
        assert rows.row("user", "u1").part("note", Note).text == "changed", "it is not read again"
        assert rows.row("user", "u2").part("note", Note).text == "2"
        assert rows.row("user", "u2").last == 7
        assert rows.row("risk", "nobody").names() == set()
        assert [number for number, *_ in rows.changes()] == [None, 2, 3]


def test_a_commit_is_due_before_rows_take_more_than_their_room(tmp_path: Path) -> None:
    database = tmp_path / "risktui.db"
    prepare(database)
    with closing(reader(database)) as look:
        rows = StoredRows(look, BASE_MB + 1)
        for number in range(100):
            rows.row("user", f"u{number}").part("note", Note).text = "x"
        assert rows.is_full  # as long as nobody knows how small they are
        rows.changes()
        rows.settle()
        assert not rows.is_full
        for number in range(100):
            rows.row("user", f"u{number}").part("note", Note).text = "x" * 10_000
        rows.changes()
        assert rows.is_full


def test_rows_are_let_go_of_where_that_makes_much_room(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("risktui.engine.rows.HOLD", 100)
    database = tmp_path / "risktui.db"
    prepare(database)
    with closing(reader(database)) as look:
        rows = StoredRows(look)
        nearly = []
        for number in range(80):
            rows.row("user", f"u{number}").part("note", Note).text = "x"
            nearly.append(rows.is_nearly_full)
    assert (nearly[60], nearly[-1]) == (False, True)


async def _scanned(folder: Path, room: int | None) -> Path:
    """The database after one batch of 25 sign-ins of as many people was read."""
    database, log = folder / "risktui.db", log_file(folder)
    records = (record(n, f"u{n}", TOR, "2026-03-02T09:05:00") for n in range(25))
    append(log, *records)
    parts = assemble(config.load(configuration(folder)))
    async with await LocalEngine.open(database, parts) as engine:
        if room is not None:
            engine._rows._room = room
        await scan_logs(engine, [log], lateness_ms=120_000)
        assert room is None or len(engine._rows._stages["user"]) < 20
    return database


async def test_in_the_middle_of_a_batch_rows_make_room_and_it_comes_to_the_same(
    tmp_path: Path,
) -> None:
    found = []
    for name, room in (("plenty", None), ("little", 4 * UNKNOWN_BYTES)):
        log_file(tmp_path / name)
        found.append(contents(await _scanned(tmp_path / name, room)))
    assert found[0]["detections"]
    assert found[0] == found[1]


async def test_rows_that_are_smaller_than_was_thought_are_kept(tmp_path: Path) -> None:
    people = 25
    signs: list[Event] = [
        signs_in(f"u{number}", TOKYO, 1_772_442_000_000 + number) for number in range(people)
    ]
    parts = assemble(config.Config())
    async with await LocalEngine.open(tmp_path / "risktui.db", parts) as engine:
        engine._rows._room = people * UNKNOWN_BYTES  # the people and their addresses need less
        await engine.take(Batch(events=signs))
        await engine.flush()
        assert engine._scribe.commits > 1, "nobody knew"
        assert len(engine._rows._stages["user"]) == people


async def test_a_position_is_not_written_before_all_that_lies_before_it_is_judged(
    tmp_path: Path,
) -> None:
    database = tmp_path / "risktui.db"
    signs: list[Event] = [
        signs_in(f"u{number}", TOKYO, 1_772_442_000_000 + number) for number in range(9)
    ]
    del signs[-1].user_id  # it cannot be judged
    batch = Batch(
        events=signs, positions=[Position("a.json", 700)], origins=[("a.json", 0)] * len(signs)
    )
    parts = assemble(config.Config())
    async with await LocalEngine.open(database, parts) as engine:
        engine._rows._room = 2 * UNKNOWN_BYTES
        with pytest.raises(AttributeError):
            await engine.take(batch)
    async with await LocalEngine.open(database, parts) as engine:
        assert engine.positions() == {}
        assert engine._seen.repeats(signs[0]), "room was made on the way"
        counted = engine._reader.execute("SELECT count(*) FROM source_formats").fetchone()
        assert counted == (0,), "what is read again would be counted again"


def test_a_row_that_was_forgotten_takes_nobody_elses_place(tmp_path: Path) -> None:
    database = tmp_path / "risktui.db"
    prepare(database)
    with closing(reader(database)) as look, closing(sqlite3.connect(database)) as connection:
        for user in ("ann", "bob"):
            rows = StoredRows(look)
            rows.row("user", user).part("note", Note).text = user
            _commit(connection, rows)
        kept = StoredRows(look)
        kept.row("user", "bob").part("note", Note).text = "met again"
        connection.execute("DELETE FROM states WHERE key = 'bob'")
        anew = StoredRows(look)
        anew.row("user", "cyd").part("note", Note).text = "cyd"
        _commit(connection, anew)
        _commit(connection, kept)
        found = StoredRows(look)
        texts = [found.row("user", user).part("note", Note).text for user in ("ann", "bob", "cyd")]
        assert texts == ["ann", "met again", "cyd"]


def test_a_row_that_was_looked_for_in_vain_is_found_once_there_is_one(tmp_path: Path) -> None:
    database = tmp_path / "risktui.db"
    prepare(database)
    with closing(reader(database)) as look, closing(sqlite3.connect(database)) as connection:
        rows = StoredRows(look)
        assert rows.peek("user", "ann") is rows.peek("user", "bob") is None
        rows.row("user", "ann").part("note", Note).text = "ann"
        rows.take_back("user", "bob", Row(), changed=True)
        assert rows.peek("user", "bob") is not None
        _commit(connection, rows)
        rows.forget()
        assert rows.row("user", "ann").part("note", Note).text == "ann"


def _commit(connection: sqlite3.Connection, rows: StoredRows) -> None:
    states = _statements(Work(states=rows.changes()), now=0)[0]
    many.execute(connection, *states)
    connection.commit()
    rows.settle()
