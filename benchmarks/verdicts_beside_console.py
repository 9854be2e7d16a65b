"""How soon a console answers keys while an engine applies 10,000 verdicts in bulk.

Three real processes: an engine that watches an empty folder, a console on a pty, and this one,
which hands the decisions in and presses keys until the last of them is applied.
"""

from __future__ import annotations

import asyncio
import random
import statistics
import subprocess
import sys
import tempfile
import time
from contextlib import closing
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
sys.path[:1] = [str(ROOT / "tests")]

from e2e.pty_harness import Terminal  # noqa: E402  # found by the line above
from risktui.config import Config, Intel  # noqa: E402
from risktui.detect import Network  # noqa: E402
from risktui.detect.examples import LONDON, Place, signs_in  # noqa: E402
from risktui.engine.local import LocalEngine  # noqa: E402
from risktui.engine.setup import assemble  # noqa: E402
from risktui.logs.batch import Batch  # noqa: E402
from risktui.store import verdicts  # noqa: E402
from risktui.store.database import reader, writer  # noqa: E402

PEOPLE = int(sys.argv[1]) if len(sys.argv) > 1 else 10_000
TOR = "198.51.100.66"
OPEN, CLOSED = "(esc closes)", "enter open"


async def fill(database: Path, folder: Path) -> list[str]:
    """Ids of as many people at risk."""
    config = Config(intel=[Intel(path=str(folder / "tor.txt"), tag="tor")])
    place, start = Place(TOR, LONDON.location, Network()), 1_772_366_400_000
    signs = [signs_in(f"person{n}", place, start + n) for n in range(PEOPLE)]
    async with await LocalEngine.open(database, assemble(config)) as engine:
        await engine.take(Batch(events=list(signs)), commit=True)
    return at_risk(database)


def at_risk(database: Path) -> list[str]:
    """Who is, by now."""
    with closing(reader(database)) as connection:
        rows = connection.execute("SELECT id FROM users WHERE risk_state = 'atRisk'")
        return [str(row[0]) for row in rows]


def press(terminal: Terminal, took: list[float], chance: random.Random) -> None:
    """Help comes and goes, at an odd moment."""
    for key, text in (("?", OPEN), ("\x1b", CLOSED)):
        end = time.monotonic() + chance.uniform(0.03, 0.12)
        while time.monotonic() < end:
            terminal.read(max(0.0, end - time.monotonic()))
        begun = time.perf_counter()
        terminal.type(key)
        showing = text == OPEN
        terminal.wait_until(lambda showing=showing: (OPEN in terminal.text) == showing, key)  # type: ignore[misc]
        took.append((time.perf_counter() - begun) * 1000)


def report(what: str, took: list[float]) -> None:
    """Half and nearly all of them."""
    took = sorted(took)
    half, most = statistics.median(took), took[int(len(took) * 0.95)]
    print(
        f"{what}: {len(took)} keys, half within {half:.0f} ms, 95 of 100 {most:.0f} ms,"
        f" the slowest {took[-1]:.0f} ms"
    )


def main() -> None:
    """Measure and print."""
    chance = random.Random(7)
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        database, logs = folder / "bench.db", folder / "logs"
        logs.mkdir()
        (folder / "tor.txt").write_text(TOR + "\n")
        open_ones = asyncio.run(fill(database, folder))
        run = [sys.executable, "-m", "risktui"]
        engine = subprocess.Popen(
            [*run, "watch", str(logs), "--db", str(database)],
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        try:
            with Terminal([*run, "console", "--db", str(database)]) as terminal:
                terminal.wait_for("person")
                terminal.settle(1.0)
                before: list[float] = []
                for _ in range(15):
                    press(terminal, before, chance)
                with closing(writer(database)) as connection:
                    verdicts.append(
                        connection,
                        [
                            verdicts.Request(
                                action="dismiss",
                                user_id=user,
                                author="root",
                                time=1_772_400_000_000,
                            )
                            for user in open_ones
                        ],
                    )
                begun, during = time.monotonic(), list[float]()
                while at_risk(database):
                    press(terminal, during, chance)
                print(f"{len(open_ones):,} decisions applied in {time.monotonic() - begun:.1f} s")
                report("before", before)
                report("meanwhile", during)
        finally:
            engine.terminate()
            engine.wait()


if __name__ == "__main__":
    main()
