"""Who fills the logs is told of, takes bounded room, and hides nobody else."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from risktui.config import Config, Intel
from risktui.detect import Network
from risktui.detect.examples import LONDON, TOKYO, Place, signs_in
from risktui.engine import flood
from risktui.engine.local import LocalEngine
from risktui.engine.setup import assemble
from risktui.logs.batch import Batch, Quarantined
from risktui.model.events import Event
from risktui.store import commit

START = 1_772_366_400_000
TOR = Place("198.51.100.66", LONDON.location, Network())


async def lived(folder: Path, *batches: Batch) -> Path:
    """A database after an engine that knows one Tor exit has taken `batches`."""
    database = folder / "risktui.db"
    (folder / "tor.txt").write_text(f"{TOR.ip_address}\n")
    parts = assemble(Config(intel=[Intel(path=f"{folder}/tor.txt", tag="tor")]))
    async with await LocalEngine.open(database, parts) as engine:
        for batch in batches:
            await engine.take(batch, commit=True)
    return database


def by_tor(who: str, count: int, start: int = START) -> Iterator[Event]:
    return (signs_in(who, TOR, start + number * 1000) for number in range(count))


def rows(database: Path, query: str) -> list[tuple[Any, ...]]:
    with closing(sqlite3.connect(database)) as connection:
        return connection.execute(query).fetchall()


async def test_a_risk_that_goes_on_and_on_is_announced_by_doublings(tmp_path: Path) -> None:
    calm = signs_in("bob", TOR, START + 1_000_000_000)
    database = await lived(tmp_path, Batch(events=[*by_tor("carol", 700), calm]))
    counts = "SELECT subject, count(*) FROM outbox WHERE kind = '{}' GROUP BY 1 ORDER BY 2"
    assert [row[1] for row in rows(database, counts.format("detection"))] == [1, 64 + 3]
    assert [row[1] for row in rows(database, counts.format("user"))] == [1, 64 + 3]
    count = "SELECT json_extract(CAST(detection AS TEXT), '$.count') FROM detections ORDER BY 1"
    assert rows(database, count) == [(1,), (700,)]


async def test_what_changes_after_many_repeats_is_announced(tmp_path: Path) -> None:
    another = signs_in("carol", TOR, START + 800_000, session_id="another")
    database = await lived(tmp_path, Batch(events=[*by_tor("carol", 99)]), Batch(events=[another]))
    told = rows(database, "SELECT count(*) FROM outbox WHERE kind = 'history'")
    assert told == rows(database, "SELECT count(*) FROM history")


async def test_one_persons_traces_do_not_push_out_those_of_others(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(commit, "KEEP_SUPPRESSIONS", 40)
    monkeypatch.setattr(commit, "KEEP_SUPPRESSIONS_OF_ONE", 10)
    first = Batch(events=[*by_tor("bob", 2)])
    database = await lived(tmp_path, first, Batch(events=[*by_tor("carol", 300, START + 10_000)]))
    found = "SELECT user_principal_name, count(*) FROM suppressions JOIN people ON id = user_id"
    kept = sorted(rows(database, f"{found} GROUP BY 1"))
    assert kept == [("bob@contoso.com", 4), ("carol@contoso.com", 10)]


async def test_of_a_file_of_nonsense_the_first_records_are_kept_and_all_counted(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(commit, "KEEP_QUARANTINED_OF_ONE", 5)
    broken = [Quarantined("bad.json", number, "no JSON") for number in range(50)]
    other = Quarantined("other.json", 7, "no JSON")
    database = await lived(
        tmp_path,
        Batch(quarantined=[*broken[:20], other], records={}),
        Batch(quarantined=broken[20:]),
    )
    kept = rows(database, "SELECT path, offset FROM quarantine ORDER BY path, offset")
    assert kept == [*(("bad.json", number) for number in range(5)), ("other.json", 7)]


async def test_a_crowd_and_a_noisy_person_are_told_of_and_others_found(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(flood, "MOST_OF_ONE", 50)
    monkeypatch.setattr(flood, "MOST_STRANGERS", 30)
    monkeypatch.setattr(flood, "COUNTED", 20)
    crowd: list[Event] = [
        signs_in(f"x{n}", TOKYO, START + n, error_code=50034, result="failure") for n in range(40)
    ]
    later = START + 3_600_000
    database = await lived(tmp_path, Batch(events=crowd))
    status = "SELECT value FROM meta WHERE name = 'engine.flood'"
    assert rows(database, status) == [(f"{START} 40 people in an hour who never got in",)]
    database = await lived(
        tmp_path, Batch(events=[*by_tor("carol", 60, later), *by_tor("bob", 1, later + 60_000)])
    )
    assert rows(database, status) == [(f"{later} carol@contoso.com: 60 events in an hour",)]
    found = "SELECT user_principal_name FROM users ORDER BY 1"
    assert rows(database, found) == [("bob@contoso.com",), ("carol@contoso.com",)]
