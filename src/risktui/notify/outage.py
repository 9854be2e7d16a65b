"""Says that messages have ended while the engine goes on, so that silence is not taken for calm."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

from risktui.engine.local import LocalEngine
from risktui.logs.clean import clean

STATUS_SECONDS = 0.1
"""How often the status is looked at, for as long as it has to say so."""


async def tell_the_end(
    post: asyncio.Task[None], engine: LocalEngine, notice: Callable[[str], None]
) -> None:
    """Should the postman end by itself, give notice once, and say it in the status until cancelled.

    Raises what keeps the engine from writing its status.
    """
    await asyncio.wait({post})
    error = None if post.cancelled() else post.exception()
    why = f"{type(error).__name__}: {error}" if error else "it ended"
    words = clean(f"no messages are sent until a restart: {why}")
    notice(words)
    while True:
        # Each heartbeat makes the status anew; before the first there is none to add to.
        if engine.status and engine.status.get("engine.error") != words:
            engine.status["engine.error"] = words
            await engine.flush()
        await asyncio.sleep(STATUS_SECONDS)
