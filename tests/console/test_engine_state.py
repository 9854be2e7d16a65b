"""What the console says of the engine, and what it does where there is none."""

from __future__ import annotations

import asyncio
import os
import threading
from pathlib import Path

import msgspec
import pytest

from console.playing import NOW, console
from console.prepared import status
from risktui.console import app
from risktui.console.engine_lookout import START_AGAIN, EngineLookout
from risktui.console.reading import Engine, Pulse, engine_of
from risktui.console.widgets.status_line import health, status_content
from risktui.store.commit import Committer, Work
from risktui.store.database import async_writer
from risktui.store.lock import EngineLock
from risktui.store.queries import Counts

ALIVE = Engine(state="live", heartbeat=NOW, rate=42.0, lag_ms=3000, newest=NOW, pid=4711)


def spoil(database: Path) -> None:
    database.write_bytes(b"not a database at all" * 1000)
    for extra in ("-wal", "-shm"):
        database.with_name(database.name + extra).unlink(missing_ok=True)


async def say(database: Path, **values: str) -> None:
    connection = await async_writer(database)
    await Committer(connection).commit(Work(status=status(NOW, **values)), NOW)
    await connection.close()


@pytest.mark.parametrize(
    ("engine", "later", "held", "words"),
    [
        (ALIVE, 0, True, "● live 42/s"),
        (ALIVE, 1_999, None, "● live 42/s"),
        (ALIVE, 14_000, True, "! 14s old: engine 4711 is silent"),
        (ALIVE, 180_000, False, "× no engine, data 3m old"),
        (Engine(), 0, False, "× no engine"),
        (Engine(state="reading", heartbeat=NOW), 0, True, "… reading backlog"),
        (
            Engine(state="reading", heartbeat=NOW, backlog=0.343, newest=NOW - 1_740_000),
            9_000,
            True,
            "… reading backlog 34 %, newest 09:12",
        ),
        (
            Engine(state="reading", heartbeat=NOW, pid=4711),
            40_000,
            True,
            "! 40s old: engine 4711 is silent",
        ),
        (Engine(state="starting", heartbeat=NOW), 0, True, "… engine starts"),
        (Engine(state="live", heartbeat=NOW, error="disk full"), 0, True, "× disk full"),
    ],
)
def test_the_state_of_the_engine_is_one_sentence(
    engine: Engine, later: int, held: bool | None, words: str
) -> None:
    assert health(engine, NOW + later, held=held).words == words


def test_an_engine_that_was_just_called_for_is_not_missed() -> None:
    assert health(Engine(), NOW, held=False, starting=True).words == "… engine starts"
    old = health(ALIVE, NOW + 180_000, held=False, starting=True)
    assert old.words == "× no engine, data 3m old"
    ended = Engine(state="stopped", heartbeat=NOW)
    for later in (0, 180_000):
        told = health(ended, NOW + later, held=False, starting=True)
        assert told.words == "… engine starts"
    assert health(ended, NOW, held=False).words == "× engine stopped"


async def test_an_engine_that_has_ended_is_followed_by_another_at_once(tmp_path: Path) -> None:
    called = asyncio.Event()
    lookout = EngineLookout(EngineLock(tmp_path / "risktui.db"), called.set)
    await lookout.look(NOW, NOW + 100)
    assert not called.is_set()
    await lookout.look(NOW, NOW + 100, ended=True)
    assert called.is_set()


async def test_only_the_first_engine_is_waited_for(tmp_path: Path) -> None:
    lookout = EngineLookout(EngineLock(tmp_path / "risktui.db"), lambda: None)
    assert not lookout.is_starting(NOW)
    await lookout.look(0, NOW)
    assert lookout.is_starting(NOW + START_AGAIN - 1)
    await lookout.look(0, NOW + START_AGAIN)
    assert not lookout.is_starting(NOW + START_AGAIN)


def test_what_matters_least_is_left_out_first() -> None:
    pulse = Pulse(ALIVE, Counts(3, 7, 12))
    state = health(ALIVE, NOW, held=True)
    lines = {
        width: status_content(pulse, state, NOW, width, title="contoso").plain
        for width in (120, 80, 60, 50, 40, 20)
    }
    assert lines[80].startswith(" risktui  contoso  ● live 42/s  lag 3s   ▲ 3 high")
    assert "lag" not in lines[60]
    assert "● live 42/s" in lines[40]
    assert "▲ 3" in lines[40]
    assert all(len(text) <= width for width, text in lines.items())


def test_that_nobody_can_judge_is_seen_whatever_else_is_to_be_said() -> None:
    blind = msgspec.structs.replace(ALIVE, blind=(("nationStateIP", "no list"),), quarantined=9)
    pulse, state = Pulse(blind, Counts(3, 7, 12)), health(blind, NOW, held=True)
    for width in (120, 80, 60, 44):
        line = status_content(pulse, state, NOW, width, title="contoso", read_only=True).plain
        assert "read-only" in line, width
        assert len(line) <= width


def test_a_status_that_cannot_be_read_is_as_if_not_said() -> None:
    engine = engine_of({"engine.rate": "fast", "engine.blind": "{", "engine.state": "live"})
    assert engine == Engine(state="live")


async def test_old_data_says_that_it_is_old_and_why(database: Path) -> None:
    lock = EngineLock(database)
    assert lock.take()
    async with console(database, clock=lambda: NOW + 14_000) as playing:
        await playing.sees(f"! 14s old: engine {os.getpid()} is silent")
    lock.release()


async def test_where_nobody_is_the_engine_one_is_started(database: Path) -> None:
    started = asyncio.Event()
    loop = asyncio.get_running_loop()

    def start() -> None:
        loop.call_soon_threadsafe(started.set)

    async with console(database, clock=lambda: NOW + 60_000, start_engine=start) as playing:
        await playing.sees("× no engine, data 1m old")
        async with asyncio.timeout(60):
            await started.wait()


async def test_where_no_engine_may_be_started_decisions_are_applied_all_the_same(
    database: Path,
) -> None:
    called = asyncio.Event()
    loop = asyncio.get_running_loop()

    def apply_waiting() -> None:
        loop.call_soon_threadsafe(called.set)
        raise OSError("no such program")

    async with console(
        database, clock=lambda: NOW + 60_000, apply_waiting=apply_waiting
    ) as playing:
        await playing.sees("× no engine, data 1m old")
        await playing.press("d")
        await playing.sees("enter write")
        assert not called.is_set()
        await playing.press("enter")
        await playing.is_told("recorded, and not applied: no such program")
        assert called.is_set()


async def test_a_decision_that_waits_for_a_locked_database_is_not_passed_over_in_silence(
    database: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(app, "SLOW_ANSWER", 0.1)
    unlocked = threading.Event()

    def apply_waiting() -> None:
        unlocked.wait(60)

    async with console(
        database, clock=lambda: NOW + 60_000, apply_waiting=apply_waiting
    ) as playing:
        await playing.sees("× no engine, data 1m old")
        await playing.press("d")
        await playing.sees("enter write")
        await playing.press("enter")
        await playing.is_told("recorded, the engine has not applied it yet")
        unlocked.set()


async def test_an_engine_that_cannot_be_started_is_said(database: Path) -> None:
    def start() -> None:
        raise OSError("no such program")

    async with console(database, clock=lambda: NOW + 60_000, start_engine=start) as playing:
        await playing.is_told("the engine could not be started: no such program")


async def test_an_error_of_the_engine_is_shown(database: Path) -> None:
    async with console(database) as playing:
        await say(database, error="logs/a.json: permission denied")
        await playing.sees("× logs/a.json: permission denied")


async def test_a_database_that_is_gone_is_said_and_does_not_end_the_console(
    database: Path,
) -> None:
    async with console(database) as playing:
        spoil(database)
        playing.app.look_again()
        await playing.sees("× database:")
        await playing.press("j")
        assert playing.app.is_running


def test_a_quiet_night_is_not_late() -> None:
    state = health(ALIVE, NOW, held=True)
    quiet = msgspec.structs.replace(ALIVE, rate=0.0, lag_ms=3_600_000)
    late = msgspec.structs.replace(ALIVE, lag_ms=3_600_000)
    assert "lag" not in status_content(Pulse(quiet), state, NOW, 120).plain
    assert "lag 1h" in status_content(Pulse(late), state, NOW, 120).plain


def test_a_past_moment_stands_where_the_engine_would() -> None:
    state = health(ALIVE, NOW, held=True)
    line = status_content(Pulse(ALIVE), state, NOW, 80, at=NOW - 3_600_000).plain
    assert "AS OF 2026-05-15 08:41:00" in line
    assert "live" not in line
