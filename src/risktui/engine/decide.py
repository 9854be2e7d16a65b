"""Hands in decisions and waits for what becomes of them.

Where no engine runs, this process is it for the moment the decisions take.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Sequence
from contextlib import closing
from pathlib import Path

from risktui.engine.local import LocalEngine
from risktui.engine.opening import EngineRunningError
from risktui.engine.setup import Parts
from risktui.model.events import Verdict
from risktui.store import verdicts
from risktui.store.database import reader, writer
from risktui.store.lock import EngineLock

PATIENCE_SECONDS = 10.0
"""How long a running engine is waited for."""
LOOK_SECONDS = 0.02


def decide(
    database: Path, requests: Sequence[verdicts.Request], parts: Callable[[], Parts]
) -> list[verdicts.Answer | None]:
    """Append `requests` and wait for their answers, in order; None where none came in time.

    `parts` makes an engine's parts and is only called where no engine runs. Blocks; not for an
    event loop.
    """
    with closing(writer(database)) as connection:
        ids = verdicts.append(connection, list(requests))
    found = _answers(database, ids, parts)
    return [found.get(verdict_id) for verdict_id in ids]


def apply_waiting(
    database: Path, parts: Callable[[], Parts]
) -> list[tuple[Verdict, verdicts.Answer | None]]:
    """Have decisions applied that wait, each with its answer; None where none came in time.

    By whoever is the engine, and by this process where nobody is: see `decide`.
    """
    with closing(reader(database)) as connection:
        waiting = verdicts.waiting(connection)
    answers = _answers(database, [verdict.id for verdict in waiting], parts)
    return [(verdict, answers.get(verdict.id)) for verdict in waiting]


def _answers(
    database: Path, ids: Sequence[str], parts: Callable[[], Parts]
) -> dict[str, verdicts.Answer]:
    deadline = time.monotonic() + PATIENCE_SECONDS
    found: dict[str, verdicts.Answer] = {}
    with closing(reader(database)) as connection:
        while len(found) < len(ids) and time.monotonic() < deadline:
            if EngineLock(database).holder() is not None or not _be_the_engine(database, parts):
                time.sleep(LOOK_SECONDS)
            new = verdicts.answers(connection, [one for one in ids if one not in found])
            if new:  # many take a while: whoever gets some waits for the rest
                deadline = time.monotonic() + PATIENCE_SECONDS
            found |= new
    return found


def _be_the_engine(database: Path, parts: Callable[[], Parts]) -> bool:
    """Apply what waits, unless another process is the engine and will."""

    async def work() -> None:
        async with await LocalEngine.open(database, parts()) as engine:
            await engine.apply_verdicts()

    try:
        asyncio.run(work())
    except EngineRunningError:
        return False
    return True
