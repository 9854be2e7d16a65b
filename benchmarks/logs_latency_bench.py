"""How soon an appended sign-in is read: run `python benchmarks/logs_latency_bench.py [APPENDS]`."""

from __future__ import annotations

import asyncio
import random
import statistics
import sys
import tempfile
import time
from pathlib import Path

from logs_bench import sign_in

from risktui.logs.follow import Follower

FILES = 50
"""Files that are followed besides."""


async def main() -> None:
    """Appends one record at a time and waits for its event."""
    count = int(sys.argv[1]) if len(sys.argv) > 1 else 200
    rng = random.Random(7)
    with tempfile.TemporaryDirectory() as folder:
        for number in range(FILES):
            (Path(folder) / f"{number}.json").write_bytes(sign_in(number, rng) + b"\n")
        log = Path(folder) / "0.json"
        follower = Follower([Path(folder)], {})
        batches = aiter(follower)
        while not (await anext(batches)).caught_up:
            pass
        await asyncio.sleep(0.3)
        waits = []
        for number in range(FILES, FILES + count):
            await asyncio.sleep(rng.uniform(0.005, 0.05))
            begin = time.perf_counter()
            with log.open("ab") as file:
                file.write(sign_in(number, rng) + b"\n")
            while not (await anext(batches)).events:
                pass
            waits.append((time.perf_counter() - begin) * 1000)
        await follower.close()
        await batches.aclose()  # type: ignore[attr-defined]
    waits.sort()
    print(
        f"{count} appends among {FILES} files: median {statistics.median(waits):.1f} ms, "
        f"95 % within {waits[int(count * 0.95)]:.1f} ms, longest {waits[-1]:.1f} ms"
    )


if __name__ == "__main__":
    asyncio.run(main())
