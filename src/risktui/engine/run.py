"""The two ways to run an engine: read what is there and end, or follow and go on."""

from __future__ import annotations

import asyncio
import itertools
import json
from collections.abc import Awaitable, Callable, Mapping, Sequence
from contextlib import suppress
from pathlib import Path

from risktui.engine.backlog import Backlog, parts
from risktui.engine.clock import now_ms
from risktui.engine.failing import STATUS as FAILING
from risktui.engine.local import LocalEngine, identity
from risktui.logs.batch import Batch
from risktui.logs.clean import clean, storable
from risktui.logs.discover import spelt_out
from risktui.logs.follow import Follower
from risktui.logs.order import scan

VERDICT_SECONDS = 0.1
"""How often decisions are looked for; what a second console waits at the most."""
HEARTBEAT_SECONDS = 1.0
NOTICE_SECONDS = 0.1
UNREAD_NAMED = 20
"""Paths that cannot be read and stand in the status by name."""

AfterCommit = Callable[[], Awaitable[None] | None]


async def scan_logs(
    engine: LocalEngine,
    paths: Sequence[Path],
    *,
    lateness_ms: int,
    progress: Callable[[Batch], None] = lambda _: None,
    ends: Callable[[], bool] = lambda: False,
) -> bool:
    """Read everything below `paths`, merged by event time, and commit it.

    Once it `ends` no more is read, and the answer is False; what was is committed, and the next
    run goes on from there.
    """
    await engine.apply_verdicts()
    while await engine.look_back():
        pass
    paths, whole = spelt_out(paths), True
    positions, elsewhere = engine.positions(), engine.elsewhere
    logs = scan(
        paths, positions, lateness_ms=lateness_ms, apart=engine.is_apart, elsewhere=elsewhere
    )
    for batch in logs:
        _see_who_fails_now(engine, batch)
        await engine.take(batch)
        progress(batch)
        await asyncio.sleep(0)  # signals are heard here, and not only where a commit waits
        whole = batch.caught_up or not ends()
        if not whole:
            break
    await engine.flush()
    return whole


async def watch_logs(
    engine: LocalEngine,
    paths: Sequence[Path],
    *,
    stop: asyncio.Event,
    after_commit: AfterCommit,
    lateness_ms: int,
    notice: Callable[[str], None] = lambda _: None,
) -> None:
    """Follow `paths` until `stop` is set; whatever is committed is announced by `after_commit`."""
    paths = spelt_out(paths)
    await engine.be_patient(notice)
    follower = Follower(
        paths,
        engine.positions(),
        lateness_ms=lateness_ms,
        apart=engine.is_apart,
        elsewhere=engine.elsewhere,
    )
    backlog = Backlog(paths, engine.positions())
    engine.status = _status(engine, "reading", follower)
    engine.status["engine.sources"] = str(backlog.files)
    await engine.flush()
    tasks = [
        asyncio.create_task(_follow(engine, follower, backlog, after_commit)),
        asyncio.create_task(_judge(engine, after_commit)),
        asyncio.create_task(_beat(engine, follower, after_commit)),
        asyncio.create_task(_give_notice(follower, notice)),
        asyncio.create_task(_look_back(engine, after_commit)),
    ]
    stopping = asyncio.create_task(stop.wait())
    try:
        done, _ = await asyncio.wait([*tasks, stopping], return_when=asyncio.FIRST_COMPLETED)
        for task in done - {stopping}:
            task.result()  # raises what ended it
    finally:
        engine.give_up()
        for task in [*tasks, stopping]:
            task.cancel()
        for task in [*tasks, stopping]:
            with suppress(asyncio.CancelledError, Exception):
                await task
        await follower.close()
        engine.status = _status(engine, "stopped", follower)
        await engine.flush()
        await _announce(after_commit)


async def _follow(
    engine: LocalEngine,
    follower: Follower,
    backlog: Backlog,
    after_commit: AfterCommit,
) -> None:
    async for batch in follower:
        if batch.caught_up and engine.status.get("engine.state") != "live":
            engine.status = _status(engine, "live", follower)
        for part in parts(batch):
            if engine.status.get("engine.state") == "reading":
                backlog.take(part)
                engine.status["engine.backlog"] = f"{backlog.share:.4f}"
            _see_who_fails_now(engine, part)
            await engine.take(part, commit=True if part.caught_up else None)
            await asyncio.sleep(0)
        await _announce(after_commit)


def _see_who_fails_now(engine: LocalEngine, batch: Batch) -> None:
    """Which detectors failed before is no news any more once events come: who fails is said anew.

    Somebody may have mended it, or turned it off.
    """
    if batch.events:
        engine.status[FAILING] = ""


async def _give_notice(follower: Follower, notice: Callable[[str], None]) -> None:
    """Whatever the follower has to say, also while nothing comes and nothing can be written."""
    while True:
        while follower.notices:
            notice(follower.notices.pop(0))
        await asyncio.sleep(NOTICE_SECONDS)


async def _judge(engine: LocalEngine, after_commit: AfterCommit) -> None:
    while True:
        if await engine.apply_verdicts():
            await _announce(after_commit)
        await asyncio.sleep(VERDICT_SECONDS)


async def _look_back(engine: LocalEngine, after_commit: AfterCommit) -> None:
    """Whenever lists have changed, little by little: whatever comes in goes first."""
    while True:
        while await engine.look_back():
            await _announce(after_commit)
        await asyncio.sleep(HEARTBEAT_SECONDS)


async def _beat(engine: LocalEngine, follower: Follower, after_commit: AfterCommit) -> None:
    before, at = engine.totals.events, now_ms()
    while True:
        await asyncio.sleep(HEARTBEAT_SECONDS)
        state = engine.status.get("engine.state", "reading")
        engine.status = _status(engine, state, follower)
        passed = max(1, now_ms() - at)
        engine.status["engine.rate"] = f"{(engine.totals.events - before) * 1000 / passed:.1f}"
        before, at = engine.totals.events, now_ms()
        found = state == "live" and await engine.look_for_leaks()
        await engine.flush()
        await engine.rest()
        if found:
            await _announce(after_commit)


async def _announce(after_commit: AfterCommit) -> None:
    waiting = after_commit()
    if waiting is not None:
        await waiting


def _status(engine: LocalEngine, state: str, follower: Follower) -> dict[str, str]:
    """The `engine.*` values that consoles show."""
    totals = engine.totals
    newest = totals.newest
    kept: Mapping[str, str] = engine.status or identity()
    troubles = itertools.islice(follower.troubles.items(), UNREAD_NAMED)
    unread = [f"{clean(storable(name))}: {reason}" for name, reason in troubles]
    return {
        **kept,
        "engine.state": state,
        "engine.events": str(totals.events),
        "engine.quarantined": str(totals.quarantined),
        "engine.newest": str(newest),
        "engine.lag_ms": str(max(0, now_ms() - newest)) if newest else "",
        "engine.blind": json.dumps(engine.parts.blind),
        "engine.sources": kept.get("engine.sources", "") if state != "live" else "",
        "engine.backlog": kept.get("engine.backlog", "") if state == "reading" else "",
        "engine.unread": json.dumps(unread),
        "engine.polling": str(follower.polling).lower(),
        "engine.error": kept.get("engine.error", ""),
    }
