"""Events against the wall clock: what comes from the future changes nothing."""

from __future__ import annotations

from contextlib import closing
from itertools import count
from pathlib import Path
from typing import Any

from engine.tenant import HOME, TOR, append, configuration, log_file, record
from risktui import config
from risktui.detect.state import DAY, HOUR
from risktui.engine.census import Census, past
from risktui.engine.local import LocalEngine
from risktui.engine.run import scan_logs
from risktui.engine.setup import assemble
from risktui.engine.totals import Totals
from risktui.logs.batch import Batch, Position
from risktui.model.events import Event, SignIn
from risktui.store.commit import Work
from risktui.store.database import reader

NOW = 1_772_442_000_000
USUAL = [
    record(number, "alice", "203.0.113.10", f"2026-03-{number:02d}T09:00:00")
    for number in range(1, 9)
]
WRONG = record(50, "alice", TOR, "2150-01-01T00:00:00")
LATER = record(51, "alice", TOR, "2026-03-09T09:00:00")


def _made(folder: Path) -> Path:
    folder.mkdir()
    return folder


def _bytes_at(path: str, offset: int) -> bytes:
    return Path(path).read_bytes()[offset:]


async def _read(folder: Path, *runs: list[dict[str, Any]]) -> Path:
    """The database after each of `runs` was appended and read."""
    database, settings = folder / "risktui.db", config.load(configuration(folder))
    for records in runs:
        append(log_file(folder), *records)
        async with await LocalEngine.open(database, assemble(settings)) as engine:
            await scan_logs(engine, [log_file(folder)], lateness_ms=120_000)
            assert engine.totals.newest < NOW + 30 * DAY
    return database


def _rows(database: Path, query: str) -> list[Any]:
    with closing(reader(database)) as connection:
        return connection.execute(query).fetchall()


async def test_one_record_of_the_year_2150_changes_nothing_that_is_known(tmp_path: Path) -> None:
    without = await _read(_made(tmp_path / "without"), USUAL, [LATER])
    met = await _read(_made(tmp_path / "with"), [*USUAL[:4], WRONG, *USUAL[4:]], [LATER])
    for query in (
        "SELECT stage, key, last, blob FROM states ORDER BY stage, key",
        "SELECT id, risk_level FROM detections ORDER BY id",
        "SELECT hash, time FROM seen ORDER BY hash",
    ):
        assert _rows(met, query) == _rows(without, query) != []


async def test_it_is_set_aside_with_its_place(tmp_path: Path) -> None:
    database = await _read(tmp_path, [*USUAL, WRONG])
    ((path, offset, reason),) = _rows(database, "SELECT path, offset, reason FROM quarantine")
    assert reason == "time in the future"
    assert _bytes_at(path, offset).startswith(b'{"time": "2150')


def test_a_clock_that_is_a_day_ahead_is_believed() -> None:
    near, far = SignIn(id="near", time=NOW + DAY), SignIn(id="far", time=NOW + DAY + 1)
    events, ahead = past(Batch(events=[near, far], origins=[("x", 1), ("x", 7)]), NOW)
    assert events == [near]
    assert [(each.path, each.offset, each.sample) for each in ahead] == [("x", 7, "far")]


def test_events_without_a_place_are_looked_at_too() -> None:
    events, ahead = past(Batch(events=[SignIn(id="far", time=NOW + 2 * DAY)]), NOW)
    assert (list(events), len(ahead)) == ([], 1)


def test_the_census_tells_of_the_clock_and_does_not_believe_it() -> None:
    work = Work()
    events = [SignIn(id="1", time=NOW - HOUR), SignIn(id="2", time=NOW + 9 * DAY)]
    Census().take(Batch(events=list(events), origins=[("x", 0), ("x", 1)]), work, Totals(), NOW)
    (held,) = work.held.values()
    assert (held.newest, held.ahead) == (NOW - HOUR, 9 * DAY)


def _counts(census: Census, position: Position, *offsets: int) -> int:
    """How many events count once those at `offsets` are handed out and `position` is safe."""
    work = Work()
    events: list[Event] = [SignIn(id=str(offset), time=NOW, source="okta") for offset in offsets]
    origins = [("x", offset) for offset in offsets]
    census.take(Batch(events=events, origins=origins, positions=[position]), work, Totals(), NOW)
    return work.held["x", "okta"].events


def test_an_event_counts_once_its_record_is_left_behind() -> None:
    census = Census()
    assert _counts(census, Position("x", 20), 0, 10, 30) == 2
    assert _counts(census, Position("x", 20), 40) == 0
    assert _counts(census, Position("x", 50)) == 2


def test_events_of_a_compressed_file_count_once_all_of_it_is_read() -> None:
    census = Census()
    assert _counts(census, Position("x", 0, whole=True), 0, 1_000) == 0
    assert _counts(census, Position("x", 7, whole=True), 2_000) == 3


async def test_a_backlog_that_was_left_in_the_middle_is_counted_once(tmp_path: Path) -> None:
    """Each twentieth record is late, so that some are handed out ahead of one that is not."""
    seconds = [s for first in range(0, 3_000, 20) for s in (*range(first + 1, first + 20), first)]
    times = [f"2026-03-01T09:{second // 60:02d}:{second % 60:02d}" for second in seconds]
    append(log_file(tmp_path), *[record(n, "alice", HOME, when) for n, when in enumerate(times)])
    settings, batches = config.load(configuration(tmp_path)), count()
    for _ in range(2):
        async with await LocalEngine.open(tmp_path / "risktui.db", assemble(settings)) as engine:
            await scan_logs(
                engine, [log_file(tmp_path)], lateness_ms=10_000, ends=lambda: next(batches) == 0
            )
    counted = _rows(tmp_path / "risktui.db", "SELECT sum(events) FROM source_formats")
    assert counted == _rows(tmp_path / "risktui.db", "SELECT sum(records) FROM sources")
