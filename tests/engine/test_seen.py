"""A record that comes again counts once, whenever it comes; a later state of it is news."""

from __future__ import annotations

import asyncio
from contextlib import closing
from itertools import permutations
from pathlib import Path
from typing import Any

import pytest

from engine.tenant import TOR, append, configuration, log_file, record
from risktui import config
from risktui.detect.state import DAY, HOUR
from risktui.engine import seen
from risktui.engine.local import LocalEngine
from risktui.engine.run import scan_logs
from risktui.engine.seen import Seen
from risktui.engine.setup import assemble
from risktui.model.events import FileAccess, SignIn
from risktui.store.commit import Committer
from risktui.store.database import async_writer, prepare, reader
from risktui.store.seen import SEEN_FOR

GUID = "22608a25-0000-4000-8000-000000000001"
NOON = 20_000 * DAY


def attempt(result: Any = "success", *, at: int = NOON, id: str = GUID) -> SignIn:
    return SignIn(time=at, id=id, result=result, tenant_id="t")


def news(*events: Any, database: Path) -> list[bool]:
    """Which of `events`, in the order given, are not repeats."""
    prepare(database)
    with closing(reader(database)) as connection:
        known, found = Seen(connection), []
        for event in events:
            found.append(not known.repeats(event))
            if found[-1]:
                known.note(event)
    return found


def test_a_record_counts_once_in_every_tenant_and_source(tmp_path: Path) -> None:
    elsewhere = attempt()
    elsewhere.tenant_id, elsewhere.source = "u", "another"
    other_kind = FileAccess(time=NOON, id=GUID)
    found = news(attempt(), attempt(), elsewhere, other_kind, database=tmp_path / "r.db")
    assert found == [True, False, False, True]


def test_ids_that_are_no_guids_mean_something_else_in_another_tenant(tmp_path: Path) -> None:
    elsewhere = attempt(id="1")
    elsewhere.tenant_id = "u"
    assert news(attempt(id="1"), elsewhere, database=tmp_path / "r.db") == [True, True]


@pytest.mark.parametrize("before", ["interrupt", "failure"])
def test_the_success_of_an_interrupted_sign_in_is_news_and_not_the_other_way_round(
    before: str, tmp_path: Path
) -> None:
    first, last = attempt(before), attempt()
    assert news(first, first, last, last, first, database=tmp_path / "a.db") == [
        *(True, False, True, False, False)
    ]
    assert news(last, first, database=tmp_path / "b.db") == [True, False]


def test_of_two_states_before_the_success_one_counts(tmp_path: Path) -> None:
    for number, order in enumerate(permutations(("interrupt", "failure"))):
        events = map(attempt, order)
        assert news(*events, database=tmp_path / f"{number}.db") == [True, False]


def test_ids_beyond_what_memory_holds_are_looked_up(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(seen, "MOST", 3)
    database = tmp_path / "r.db"
    prepare(database)
    events = [attempt(at=NOON + number, id=f"{number}") for number in range(9)]

    async def store() -> None:
        connection = await async_writer(database)
        rows = [(seen.digest_of(event), event.time) for event in events]
        await connection.executemany("INSERT INTO seen VALUES (?, ?)", rows)
        await connection.close()

    asyncio.run(store())
    with closing(reader(database)) as connection:
        known = Seen(connection)
        assert all(known.repeats(event) for event in events)
        late = attempt(at=NOON + 1, id="late")
        assert not known.repeats(late)


def test_ids_older_than_the_window_are_known_after_a_restart(tmp_path: Path) -> None:
    database = tmp_path / "r.db"
    prepare(database)
    old, older = attempt(at=NOON - SEEN_FOR - 2 * HOUR), attempt("failure", at=NOON - 50 * DAY)

    async def store(known: Seen) -> None:
        connection = await async_writer(database)
        rows = [(each, event.time) for event in (old, older) for each in known.note(event)]
        await connection.executemany("INSERT INTO seen VALUES (?, ?)", rows)
        await Committer(connection).tidy(NOON)
        await connection.close()

    with closing(reader(database)) as connection:
        asyncio.run(store(Seen(connection)))
        known = Seen(connection)
        assert known.repeats(old)
        assert known.repeats(older)
        assert not known.repeats(attempt(at=older.time))
        assert not known.repeats(attempt(at=old.time, id="another"))


def scanned(folder: Path, *deliveries: list[dict[str, Any]]) -> list[tuple[str, int]]:
    """What the engine counted after each of `deliveries`, which come as files of their own."""
    settings = config.load(configuration(folder))
    counted = []

    async def run(path: Path) -> tuple[str, int]:
        async with await LocalEngine.open(folder / "r.db", assemble(settings)) as engine:
            await scan_logs(engine, [path], lateness_ms=120_000)
            await engine._scribe.committer.tidy(engine.totals.newest)  # else every 200 commits
        return f"{engine.totals.events} new", engine.totals.duplicates

    for number, records in enumerate(deliveries):
        path = log_file(folder / str(number))
        append(path, *records)
        counted.append(asyncio.run(run(path)))
    return counted


def test_a_file_of_last_month_that_is_delivered_again_changes_nothing(tmp_path: Path) -> None:
    month = [
        record(
            number,
            "alice",
            TOR if number == 3 else "203.0.113.10",
            f"2026-03-{number:02d}T09:00:00",
        )
        for number in range(1, 29)
    ]
    assert scanned(tmp_path, month, month, month[::-1], month[5:9], month[1:]) == [
        ("28 new", 0),
        ("0 new", 0),  # the same file under another name is where it was
        *(("0 new", 28), ("0 new", 4), ("0 new", 27)),
    ]


def test_old_records_that_never_came_are_read(tmp_path: Path) -> None:
    old, new = (
        record(1, "alice", TOR, "2026-02-02T09:00:00"),
        record(2, "bob", TOR, "2026-03-02T09:00:00"),
    )
    assert scanned(tmp_path, [new], [old, new], [old]) == [("1 new", 0), ("1 new", 1), ("0 new", 1)]


@pytest.mark.parametrize("order", [(0, 1), (1, 0)])
def test_in_one_delivery_the_order_of_two_states_does_not_matter(
    order: tuple[int, ...], tmp_path: Path
) -> None:
    done = record(1, "alice", TOR, "2026-03-02T09:00:00")
    going_on = record(1, "alice", TOR, "2026-03-02T09:00:00", status={"errorCode": 50140})
    states = [going_on, done]
    assert scanned(tmp_path, [states[number] for number in order]) == [("1 new", 1)]


def test_a_success_that_comes_later_is_not_lost(tmp_path: Path) -> None:
    done = record(1, "alice", TOR, "2026-03-02T09:00:00")
    going_on = record(1, "alice", TOR, "2026-03-02T09:00:00", status={"errorCode": 50140})
    counts = scanned(tmp_path, [going_on], [done], [going_on, done])
    assert counts == [("1 new", 0), ("1 new", 0), ("0 new", 2)]
    with closing(reader(tmp_path / "r.db")) as connection:
        assert connection.execute("SELECT count(*) FROM detections").fetchone() == (1,)
