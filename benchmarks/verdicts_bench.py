"""How long 10,000 verdicts in bulk take, and how long an engine holds its breath meanwhile."""

from __future__ import annotations

import asyncio
import sys
import tempfile
import time
from contextlib import closing
from pathlib import Path

from risktui.config import Config, Intel
from risktui.detect import Network
from risktui.detect.examples import LONDON, Place, signs_in
from risktui.engine.local import LocalEngine
from risktui.engine.setup import assemble
from risktui.logs.batch import Batch
from risktui.store import verdicts
from risktui.store.database import reader, writer

PEOPLE = int(sys.argv[1]) if len(sys.argv) > 1 else 10_000


TOR = "198.51.100.66"


def people() -> list[object]:
    """One sign-in from a Tor exit for each person, so that each has an open detection."""
    place = Place(TOR, LONDON.location, Network())
    return [
        signs_in(f"person{number}", place, 1_772_366_400_000 + number) for number in range(PEOPLE)
    ]


async def main() -> None:
    with tempfile.TemporaryDirectory() as folder:
        database = Path(folder) / "bench.db"
        (Path(folder) / "tor.txt").write_text(TOR + "\n")
        config = Config(intel=[Intel(path=f"{folder}/tor.txt", tag="tor")])
        async with await LocalEngine.open(database, assemble(config)) as engine:
            started = time.perf_counter()
            await engine.take(Batch(events=people()), commit=True)  # type: ignore[arg-type]
            print(f"{PEOPLE:,} people at risk in {time.perf_counter() - started:.2f} s")
            with closing(reader(database)) as connection:
                at_risk = [
                    row[0]
                    for row in connection.execute("SELECT id FROM users WHERE risk_state='atRisk'")
                ]
            print(f"{len(at_risk):,} of them open")
            requests = [
                verdicts.Request(
                    action="dismiss", user_id=user, author="root", time=1_772_400_000_000
                )
                for user in at_risk
            ]
            started = time.perf_counter()
            with closing(writer(database)) as connection:
                verdicts.append(connection, requests)
            print(f"handed in within {time.perf_counter() - started:.2f} s")
            longest = 0.0

            async def breathe() -> None:
                nonlocal longest
                while True:
                    before = time.perf_counter()
                    await asyncio.sleep(0.005)
                    longest = max(longest, time.perf_counter() - before - 0.005)

            breath = asyncio.create_task(breathe())
            started, worked = time.perf_counter(), time.process_time()
            applied = await engine.apply_verdicts()
            passed, worked = time.perf_counter() - started, time.process_time() - worked
            breath.cancel()
            print(f"{applied:,} applied in {passed:.2f} s ({worked:.2f} s of processor)")
            print(f"longest without a turn {longest * 1000:.0f} ms")


asyncio.run(main())
