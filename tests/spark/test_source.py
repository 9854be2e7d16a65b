"""A console is opened on what Spark has written to a lake, and decisions find their way back."""

from __future__ import annotations

import asyncio
import json
import os
import signal
import sqlite3
import subprocess
import sys
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

pa = pytest.importorskip("pyarrow", reason="pyarrow is not installed")
pq = pytest.importorskip("pyarrow.parquet", reason="pyarrow is not installed")

from engine.tenant import HOME, TOR, append, log_file, record  # noqa: E402
from risktui import config as configuration  # noqa: E402
from risktui.engine.local import LocalEngine  # noqa: E402
from risktui.engine.opening import EngineRunningError  # noqa: E402
from risktui.engine.run import scan_logs  # noqa: E402
from risktui.engine.setup import Parts, assemble  # noqa: E402
from risktui.engine.spark import packed  # noqa: E402
from risktui.engine.spark.gate import Gate, arrivals  # noqa: E402
from risktui.engine.spark.handed import beside, decided, hand_in  # noqa: E402
from risktui.engine.spark.lake import LakeError  # noqa: E402
from risktui.engine.spark.ordered import Ordered  # noqa: E402
from risktui.engine.spark.packed import ADMINISTRATORS, Item  # noqa: E402
from risktui.engine.spark.people import People  # noqa: E402
from risktui.engine.spark.reading import heard  # noqa: E402
from risktui.engine.spark.rows import DictBlobs  # noqa: E402
from risktui.engine.spark.source import Results, files_of  # noqa: E402
from risktui.engine.spark.table import COLUMNS, Line, lines_of  # noqa: E402
from risktui.logs.batch import Batch  # noqa: E402
from risktui.logs.intake import events_of  # noqa: E402
from risktui.logs.records import Record  # noqa: E402
from risktui.settings import People as Roles  # noqa: E402
from risktui.store import verdicts  # noqa: E402
from risktui.store.database import reader, writer  # noqa: E402

TABLES = {
    "detections": "SELECT id, detection FROM detections ORDER BY id",
    "users": "SELECT id, user FROM users ORDER BY id",
    "history": "SELECT id, item FROM history ORDER BY number",
    "sign-ins": "SELECT id, sign_in FROM sign_ins ORDER BY id",
    "people": "SELECT * FROM people ORDER BY id",
}
Contents = dict[str, list[tuple[Any, ...]]]
RECORDS = [
    *(record(n, "carol", HOME, f"2026-03-02T09:{n:02d}:00") for n in range(5)),
    record(8, "carol", TOR, "2026-03-02T09:20:00"),
    record(9, "alice", TOR, "2026-03-02T09:21:00"),
]


@pytest.fixture
def settings(tmp_path: Path) -> configuration.Config:
    (tmp_path / "tor.txt").write_text(f"{TOR}\n")
    (tmp_path / "risktui.toml").write_text('[[intel]]\npath = "tor.txt"\ntag = "tor"\n')
    return configuration.load(tmp_path / "risktui.toml")


def lines_from(parts: Parts, records: list[dict[str, Any]], *decisions: Item) -> list[Line]:
    """What `results` makes of `records` and `decisions`, without Spark."""
    raw = [Record("frame", 0, json.dumps(each).encode(), 0) for each in records]
    events = [event for _, event in events_of(raw, Batch())]
    for event in events:
        parts.enricher.enrich(event)
    gate = Gate(parts, None, DictBlobs(), DictBlobs(), 0, goes_round=False)
    out = gate.take([*arrivals(events), *decisions, packed.Until(0, None)])
    done = People(parts, DictBlobs(), ADMINISTRATORS).take(item for _, item in out)
    return [line for _, item in done for line in lines_of(item)]


def write(folder: Path, name: str, lines: list[Line]) -> None:
    folder.mkdir(exist_ok=True)
    rows = [line._asdict() for line in lines]
    pq.write_table(pa.Table.from_pylist(rows), folder / f"{name}.parquet")


def contents(database: Path) -> Contents:
    with closing(reader(database)) as connection:
        return {name: connection.execute(query).fetchall() for name, query in TABLES.items()}


def judge(database: Path, user: str, action: verdicts.Action = "dismiss") -> str:
    request = verdicts.Request(
        action=action, user_id=user, author="dora", note="a trip", time=1_772_445_600_000
    )
    with closing(writer(database)) as connection:
        return verdicts.append(connection, [request])[0]


def answer(database: Path, verdict: str) -> verdicts.Answer | None:
    with closing(reader(database)) as connection:
        return verdicts.answer(connection, verdict)


def users(database: Path) -> dict[str, tuple[str, str]]:
    with closing(reader(database)) as connection:
        rows = connection.execute("SELECT user_principal_name, id, risk_state FROM users")
        return {name.partition("@")[0]: (key, state) for name, key, state in rows}


def test_a_console_sees_what_a_local_engine_would_have_shown(
    tmp_path: Path, settings: configuration.Config
) -> None:
    append(log_file(tmp_path / "logs"), *RECORDS)

    async def scan() -> None:
        async with await LocalEngine.open(tmp_path / "local.db", assemble(settings)) as engine:
            await scan_logs(engine, [tmp_path / "logs"], lateness_ms=0)

    asyncio.run(scan())
    write(tmp_path / "lake", "all", lines_from(assemble(settings), RECORDS))
    with Results(tmp_path / "own.db", tmp_path / "lake", Roles()) as results:
        assert results.refresh() > 0
        assert results.refresh() == 0
    expected = contents(tmp_path / "local.db")
    assert len(expected["detections"]) >= 2
    assert contents(tmp_path / "own.db") == expected


def test_a_decision_goes_to_the_next_run_and_its_answer_comes_back(
    tmp_path: Path, settings: configuration.Config
) -> None:
    lake, database, parts = tmp_path / "lake", tmp_path / "own.db", assemble(settings)
    write(lake, "all", lines_from(parts, RECORDS))
    with Results(database, lake, Roles()) as results:
        results.refresh()
        carol, state = users(database)["carol"]
        assert state == "atRisk"
        verdict = judge(database, carol)
        assert results.pass_on() == 1
        assert results.pass_on() == 0
        handed = answer(database, verdict)
        assert handed is not None
        assert "next run" in handed.message
        (path,) = beside(lake).iterdir()
        decisions = list(heard([path.read_text()], Roles(), live=False))
        again = lines_from(parts, RECORDS, *decisions)
        write(lake, "all", again)
        assert results.refresh() == len(again)
        assert users(database)["carol"] == (carol, "dismissed")
        assert users(database)["alice"][1] == "atRisk"
        heard_of = answer(database, verdict)
    assert heard_of is not None
    assert heard_of.accepted
    assert "dismissed" in heard_of.message


def test_what_is_no_more_in_the_lake_leaves_the_console(
    tmp_path: Path, settings: configuration.Config
) -> None:
    lake, parts = tmp_path / "lake", assemble(settings)
    write(lake, "one", lines_from(parts, RECORDS))
    with Results(tmp_path / "own.db", lake, Roles()) as results:
        results.refresh()
        assert set(users(tmp_path / "own.db")) == {"alice", "carol"}
        announced = outbox(tmp_path / "own.db")
        (lake / "one.parquet").unlink()
        write(lake, "two", lines_from(parts, RECORDS[:-1]))
        results.refresh()
        assert set(users(tmp_path / "own.db")) == {"carol"}
    assert outbox(tmp_path / "own.db") == announced  # nothing about carol is news


def outbox(database: Path) -> int:
    with closing(reader(database)) as connection:
        (count,) = connection.execute("SELECT count(*) FROM outbox").fetchone()
    return int(count)


def test_while_a_run_writes_the_lake_anew_the_console_keeps_what_it_has(
    tmp_path: Path, settings: configuration.Config
) -> None:
    lake, parts = tmp_path / "lake", assemble(settings)
    write(lake, "one", lines_from(parts, RECORDS))
    with Results(tmp_path / "own.db", lake, Roles()) as results:
        results.refresh()
        (lake / "one.parquet").unlink()
        assert results.refresh() == 0
        (lake / "_temporary").mkdir()
        write(lake, "two", lines_from(parts, RECORDS[:-1]))
        with pytest.raises(LakeError, match="a run is writing it"):
            results.refresh()
        assert set(users(tmp_path / "own.db")) == {"alice", "carol"}


def test_of_a_stream_only_finished_batches_are_taken(
    tmp_path: Path, settings: configuration.Config
) -> None:
    lake, lines = tmp_path / "lake", lines_from(assemble(settings), RECORDS)
    write(lake, "part-0", lines[:4])
    write(lake, "part-1", lines[4:6])
    write(lake, "part-2", lines[6:])
    log = lake / "_spark_metadata"
    log.mkdir()
    entry = '{{"path":"file:///elsewhere/{}.parquet","size":1,"action":"add"}}'
    (log / "0").write_text("v1\n" + entry.format("part-9"))  # was compacted
    (log / "1.compact").write_text("v1\n" + entry.format("part-0"))
    (log / "2").write_text("v1\n" + entry.format("part-2"))
    assert [Path(name).stem for name in files_of(lake)] == ["part-0", "part-2"]


def test_who_may_not_judge_is_told_so_and_nothing_is_written(
    tmp_path: Path, settings: configuration.Config
) -> None:
    write(tmp_path / "lake", "all", lines_from(assemble(settings), RECORDS))
    roles = Roles(operators=["carol"])
    with Results(tmp_path / "own.db", tmp_path / "lake", roles) as results:
        results.refresh()
        verdict = judge(tmp_path / "own.db", "somebody")
        results.pass_on()
    said = answer(tmp_path / "own.db", verdict)
    assert said is not None
    assert not said.accepted
    assert not beside(tmp_path / "lake").exists()
    event = decided('{"action":"dismiss","userId":"u","author":"dora","time":1,"id":"v1"}')
    (refused,) = heard([_file_of(tmp_path, event)], roles, live=True)
    assert isinstance(refused, packed.Result)
    assert not refused.outcome.verdicts[0].accepted


def _file_of(tmp_path: Path, event: Any) -> str:
    hand_in(tmp_path / "handed", event)
    (path,) = (tmp_path / "handed").iterdir()
    return path.read_text()


@pytest.mark.parametrize(
    "text", ["", "{", "[]", '{"action":"dance","userId":"u","author":"a","time":1,"id":"x"}']
)
def test_a_broken_decision_is_kept_apart_and_stops_nothing(text: str) -> None:
    (note,) = heard([text], Roles(), live=True)
    assert isinstance(note, packed.Note)
    assert note.quarantined[0].reason.startswith("is no decision")


def test_what_others_write_into_the_lake_acts_on_no_terminal(
    tmp_path: Path, settings: configuration.Config
) -> None:
    lines = lines_from(assemble(settings), RECORDS)
    evil = [
        line._replace(body=line.body.replace("carol@", "\\u001b[2Jca\u202erol@")) for line in lines
    ]
    assert evil != lines
    write(tmp_path / "lake", "all", evil)
    write(tmp_path / "clean", "all", lines)
    for name in ("lake", "clean"):
        with Results(tmp_path / f"{name}.db", tmp_path / name, Roles()) as results:
            assert results.refresh() > 0
    assert contents(tmp_path / "lake.db") == contents(tmp_path / "clean.db")


@pytest.mark.parametrize(
    ("number", "body"), [(0, None), (None, "{}"), ("first", "{}"), (0, "{"), (0, '"\\ud800"')]
)
def test_a_row_that_is_no_result_is_refused_in_words(
    tmp_path: Path, number: Any, body: Any
) -> None:
    write(tmp_path / "lake", "all", [Line("user", "a", "a", "", "", number, 0, body)])
    with (
        Results(tmp_path / "own.db", tmp_path / "lake", Roles()) as results,
        pytest.raises(LakeError, match=r"is no result|another version"),
    ):
        results.refresh()


def test_lines_of_any_files_come_in_their_order_some_at_a_time(
    settings: configuration.Config,
) -> None:
    found = lines_from(assemble(settings), RECORDS)[::-1]
    lines = sorted(found, key=lambda line: line[5:7])
    users = [line for line in lines if line.kind == "user"]
    with Ordered(found) as kept:
        batches = list(kept.batches(2))
        assert [line[5:] for some in batches for line in some] == [line[5:] for line in lines]
        assert {len(some) for some in batches[:-1]} == {2}
        assert kept.latest("user", users[-1].id) == users[-1].body
        kept.drop("user", {line.id for line in users})
        assert len(kept) == len(lines) - len(users)
        assert kept.latest("user", users[-1].id) is None


def test_a_log_of_a_stream_that_is_none_is_refused_in_words(tmp_path: Path) -> None:
    log = tmp_path / "_spark_metadata"
    log.mkdir()
    (log / "notes.txt").write_text("not of the stream")
    assert files_of(tmp_path) == []
    (log / "0").write_text("v1\n{broken")
    with pytest.raises(LakeError, match="no log of a stream"):
        files_of(tmp_path)


def test_a_decision_stays_in_its_folder_and_its_words_are_text(tmp_path: Path) -> None:
    folder = tmp_path / "handed" / "in"
    request = verdicts.Request(
        action="dismiss", user_id="u", author="dora\x1b[2J", note="a\u202etrip", time=1
    )
    hand_in(folder, verdicts.verdict_of(request, "../outside"))
    (only,) = (path for path in tmp_path.rglob("*") if path.is_file())
    assert only.parent == folder
    verdict = decided(only.read_bytes())
    assert (verdict.id, verdict.author, verdict.note) == ("../outside", "dora", "atrip")


def test_a_folder_of_something_else_is_refused_in_words(tmp_path: Path) -> None:
    pq.write_table(pa.table({"userPrincipalName": ["a"]}), tmp_path / "a.parquet")
    with (
        Results(tmp_path / "own.db", tmp_path, Roles()) as results,
        pytest.raises(LakeError, match=r"a\.parquet.*column kind.*results"),
    ):
        results.refresh()
    with (
        Results(tmp_path / "own.db", tmp_path / "gone", Roles()) as results,
        pytest.raises(LakeError, match="no folder"),
    ):
        results.refresh()


def test_a_database_of_something_else_is_refused(
    tmp_path: Path, settings: configuration.Config
) -> None:
    for name in ("a", "b"):
        write(tmp_path / name, "all", lines_from(assemble(settings), RECORDS))
    with Results(tmp_path / "own.db", tmp_path / "a", Roles()) as results:
        results.refresh()
        with pytest.raises(EngineRunningError, match="is the engine already"):
            Results(tmp_path / "own.db", tmp_path / "a", Roles())
    with pytest.raises(EngineRunningError, match="something else"):
        Results(tmp_path / "own.db", tmp_path / "b", Roles())


def test_delta_tables_are_opened_too(tmp_path: Path, settings: configuration.Config) -> None:
    deltalake = pytest.importorskip("deltalake", reason="deltalake is not installed")
    rows = [line._asdict() for line in lines_from(assemble(settings), RECORDS)]
    lake = str(tmp_path / "lake")
    for some in (rows[:5], rows[5:]):
        deltalake.write_deltalake(lake, pa.Table.from_pylist(some), mode="append")
    with Results(tmp_path / "own.db", tmp_path / "lake", Roles()) as results:
        assert results.refresh() == len(rows)
    assert set(users(tmp_path / "own.db")) == {"alice", "carol"}


def test_the_command_follows_a_folder_until_told_to_end(
    tmp_path: Path, settings: configuration.Config
) -> None:
    lake, lines = tmp_path / "lake", lines_from(assemble(settings), RECORDS)
    write(lake, "one", lines[:1])
    command = [sys.executable, "-m", "risktui", "watch", "--source", str(lake), "--json"]
    command += ["--db", str(tmp_path / "own.db")]
    with subprocess.Popen(
        command,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        env={**os.environ, "HOME": str(tmp_path)},
    ) as process:
        assert process.stdout is not None
        assert process.stderr is not None
        assert b"following" in process.stderr.readline()
        write(lake, "two", lines[1:])
        first = json.loads(process.stdout.readline())
        process.send_signal(signal.SIGTERM)
        process.communicate(timeout=60)
    assert process.returncode == 0
    assert first["riskEventType"]
    with closing(sqlite3.connect(tmp_path / "own.db")) as connection:
        (state,) = connection.execute("SELECT value FROM meta WHERE name = 'engine.state'")
    assert state == ("stopped",)


def test_columns_are_what_a_line_has() -> None:
    assert tuple(COLUMNS) == Line._fields
