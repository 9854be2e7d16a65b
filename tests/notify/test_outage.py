"""A postman that ends is missed."""

from __future__ import annotations

import asyncio
from contextlib import closing
from pathlib import Path

from risktui import config as configuration
from risktui.engine.local import LocalEngine
from risktui.engine.run import watch_logs
from risktui.engine.setup import assemble
from risktui.notify.outage import tell_the_end
from risktui.notify.postman import Postman
from risktui.store import queries
from risktui.store.database import reader


async def test_the_end_of_the_postman_is_said_once_and_stays_in_the_status(tmp_path: Path) -> None:
    settings = configuration.Config()
    (tmp_path / "logs").mkdir()
    database, stop, said = tmp_path / "x.db", asyncio.Event(), list[str]()
    async with await LocalEngine.open(database, assemble(settings)) as engine:
        lost = Postman(tmp_path / "nowhere" / "x.db", settings)
        post = asyncio.create_task(lost.run())
        telling = asyncio.create_task(tell_the_end(post, engine, said.append))
        watching = asyncio.create_task(
            watch_logs(
                engine, [tmp_path / "logs"], stop=stop, after_commit=lambda: None, lateness_ms=0
            )
        )
        seen: list[dict[str, str]] = []
        with closing(reader(database)) as connection:
            while len({values["engine.heartbeat"] for values in seen}) < 4:
                await asyncio.sleep(0.05)
                values = queries.status(connection)
                if values.get("engine.error") and values not in seen:
                    seen.append(values)
        stop.set()
        await watching
        telling.cancel()
        await asyncio.gather(telling, return_exceptions=True)
    assert len(said) == 1
    assert said[0].startswith("no messages are sent until a restart: OperationalError")
    assert {values["engine.error"] for values in seen} == {said[0]}
    assert all(values["engine.pid"] for values in seen)
