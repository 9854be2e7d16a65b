"""What the console costs: its first screen, keys, bytes, a dead line, a day.

    python benchmarks/console.py [first keys bytes idle stalled day rows people]

On real ptys, with a database of 100,000 detections that another process fills. Figures of one
machine are in docs/performance.md; the budget each is held to is printed beside it.
"""

from __future__ import annotations

import asyncio
import gc
import os
import random
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from itertools import pairwise
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
HERE = ROOT / "benchmarks" / "consoles"
# In the place of this folder, whose console.py would be taken for the tests' package.
sys.path[:1] = [str(ROOT / "tests"), str(ROOT / "tests" / "console" / "apps"), str(HERE)]

import feed  # noqa: E402  (found on the path above)
import tenant  # noqa: E402

from e2e.pty_harness import Terminal  # noqa: E402
from risktui.console.app import Console  # noqa: E402

USEFUL = "Password right on 3rd try"
"""The reason of the first person: with it the screen is useful."""
ROWS_A_SECOND, EVENTS_A_SECOND = 4.0, 5_000
SIZES = ((80, 24), (200, 60))
INSTALLED = {"PYTHONDONTWRITEBYTECODE": None}
"""What is installed is compiled: the first run, which is not counted, sees to it."""


def say(what: str, figure: str, budget: str = "") -> None:
    print(f"{what:58s} {figure:>22s}   {budget}", flush=True)


@contextmanager
def console(database: Path, *more: object, cols: int = 80, rows: int = 24) -> Iterator[Terminal]:
    argv = [sys.executable, str(HERE / "watched.py"), str(database), *map(str, more)]
    with Terminal(argv, cols=cols, rows=rows, env=INSTALLED) as terminal:
        yield terminal


@contextmanager
def busy(
    database: Path, rows: float = ROWS_A_SECOND, events: int = EVENTS_A_SECOND
) -> Iterator[None]:
    argv = [sys.executable, str(HERE / "tenant.py"), str(database), str(rows), str(events)]
    engine = subprocess.Popen(argv)
    try:
        yield
    finally:
        engine.kill()
        engine.wait()


def first(database: Path, runs: int = 9) -> None:
    """The first useful screen against an empty Textual app, in turns."""
    ours: list[tuple[float, float]] = []
    empty: list[tuple[float, float]] = []
    for run in range(runs + 1):
        started = time.perf_counter()
        with Terminal([sys.executable, str(HERE / "empty.py")], env=INSTALLED) as terminal:
            terminal.wait_for("nothing else")
            empty.append((time.perf_counter() - started, processor(terminal)))
        started = time.perf_counter()
        with console(database) as terminal:
            terminal.wait_for(USEFUL)
            ours.append((time.perf_counter() - started, processor(terminal)))
        if not run:
            ours.clear(), empty.clear()
    for what, index, budget in (("on the wall", 0, "at most 1.5"), ("of processor", 1, "")):
        mine, theirs = (statistics.median(one[index] for one in each) for each in (ours, empty))
        words = f"empty app {theirs * 1000:.0f} ms"
        say(f"first useful screen, {what}", f"{mine * 1000:.0f} ms", words)
        say("  times an empty Textual app", f"{mine / theirs:.2f}", budget)


def processor(terminal: Terminal) -> float:
    """Seconds of processor that the program on `terminal` has taken so far."""
    stat = Path(f"/proc/{terminal.process.pid}/stat").read_text().rpartition(")")[2].split()
    return (int(stat[11]) + int(stat[12])) / os.sysconf("SC_CLK_TCK")


def keys(database: Path, count: int = 400) -> None:
    """From a key to its paint, at odd moments, while events come in."""
    chance = random.Random(7)
    took: list[float] = []
    with busy(database), console(database) as terminal:
        terminal.wait_for(USEFUL)
        terminal.read(1.0)
        row = 2
        for number in range(count):
            end = time.monotonic() + chance.uniform(0.03, 0.15)
            while time.monotonic() < end:
                terminal.read(max(0.0, end - time.monotonic()))
            row, key = (3, "j") if number % 2 == 0 else (2, "k")
            started = time.perf_counter()
            terminal.type(key)
            terminal.wait_until(lambda row=row: terminal.screen.display[row][0] == "▌", key)  # type: ignore[misc]
            took.append((time.perf_counter() - started) * 1000)
    took.sort()
    say("load of the machine", f"{os.getloadavg()[0]:.1f}")
    say("a key until it is painted, median", f"{statistics.median(took):.1f} ms")
    say("  99 of 100", f"{took[int(len(took) * 0.99)]:.1f} ms", "under 50 ms")


def traffic(database: Path, seconds: float = 20.0) -> None:
    """Bytes on the line while the feed is busy, and for each new row."""
    for cols, rows in SIZES:
        with busy(database, events=200), console(database, cols=cols, rows=rows) as terminal:
            terminal.wait_for(USEFUL)
            start = len(terminal.output)
            settle(terminal, 2.0)
            before = len(terminal.output)
            settle(terminal, seconds)
            each = (len(terminal.output) - before) / seconds
        size = f"{cols}x{rows}"
        budget = ("under 2 000", "under 600") if cols == SIZES[0][0] else ("", "")
        say(f"bytes until the first screen, {size}", f"{start:,}")
        say(
            f"bytes a second, {ROWS_A_SECOND:.0f} new rows a second, {size}",
            f"{each:,.0f}",
            budget[0],
        )
        say(f"  for each new row, {size}", f"{each / ROWS_A_SECOND:,.0f}", budget[1])


def settle(terminal: Terminal, seconds: float) -> None:
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        terminal.read(max(0.0, end - time.monotonic()))


def idle(database: Path, seconds: float = 20.0) -> None:
    """Bytes while an engine lives and nothing happens."""
    with busy(database, 0.0, 0), console(database) as terminal:
        terminal.wait_for(USEFUL)
        settle(terminal, 8.0)
        for _ in range(5):  # an age or the minute may change meanwhile; then again
            before, seen = len(terminal.output), terminal.text
            settle(terminal, seconds)
            written = len(terminal.output) - before
            if terminal.text == seen:
                break
    say(f"bytes in {seconds:.0f} seconds without an age that changes", f"{written:,}", "0")


def stalled(database: Path) -> None:
    """The longest pause of the loop when the terminal reads nothing, or hardly anything."""
    for what, reading in (("nothing for 12 s", 0), ("1 000 bytes a second", 1_000)):
        beats = database.with_name(f"beats-{reading}")
        with busy(database, 50.0, 500), console(database, beats) as terminal:
            terminal.wait_for(USEFUL)
            settle(terminal, 1.0)
            since = time.monotonic()
            if reading:
                terminal.trickle(reading, 12.0)
            else:
                for number in range(12):
                    terminal.type("jk"[number % 2])
                    time.sleep(1.0)
            times = [float(line) for line in beats.read_text().split()]
        felt = [each for each in times if each >= since]
        gap = max((b - a for a, b in pairwise(felt)), default=99.0)
        say(
            f"longest pause of the loop, a terminal that reads {what}",
            f"{gap:.2f} s",
            "under 0.5 s",
        )


async def day(database: Path, minutes: int = 1_440) -> None:
    """Memory over a day of new rows, one commit a minute, as fast as it goes.

    In real time the console looks for cycles whenever nobody has typed for a while; here, once in
    every minute that passes. What it holds of the database's pages is bounded; so is what the
    filling holds, which happens in this process, too.
    """
    filling = tenant.Busy(database, 8.0, 200)
    clock = [tenant.now_ms()]
    app = Console(database, clock=lambda: clock[0])
    held: list[int] = []
    async with app.run_test(size=(80, 24)) as pilot:
        for minute in range(minutes):
            filling.commit()
            clock[0] += 60_000
            app.look_again()
            if minute % 10 == 0:
                await pilot.press(random.choice(("j", "k", "tab", "o")))
            await pilot.pause(0.01)
            gc.collect()
            if minute % 60 == 59:
                held.append(resident())
                if len(held) % 2 == 0:
                    say(f"memory after {len(held)} simulated hours", f"{held[-1] / 1e6:.1f} MB")
    first_hours, last = statistics.mean(held[2:6]), statistics.mean(held[-4:])
    grown = f"{(last / first_hours - 1) * 100:+.1f} %"
    say("  the last four hours against the third to sixth", grown, "flat: within 5 %")


def resident() -> int:
    """Bytes of this process in memory."""
    pages = int(Path("/proc/self/statm").read_text().split()[1])
    return pages * 4096


async def many_rows(count: int) -> None:
    """Milliseconds until idle again, in a headless app, for a table with `count` rows."""
    app = feed.Feed("top", None)
    async with app.run_test(size=(80, 24)) as pilot:
        rows = [feed.row(number) for number in range(count)]
        newer = [feed.row(count + 1), *rows]

        async def timed(what: str, act: Callable[[], object]) -> None:
            started = time.perf_counter()
            act()
            await pilot.pause()
            took = (time.perf_counter() - started) * 1000
            say(f"{what}, {count:,} rows", f"{took:.1f} ms")

        await timed("show", lambda: app.table.show(rows))
        await timed("show with one more", lambda: app.table.show(newer))
        await timed("append one", lambda: app.table.append([feed.row(count + 3)]))
        await timed("to the end", app.table.action_last)
        await timed("select far away", lambda: app.table.select(rows[count // 2].key))


def people(folder: Path) -> None:
    """The first screen with a million people, 20,000 of them at risk; only where asked for."""
    database = folder / "million.db"
    tenant.make(database, 1_000, 1_000_000)
    first(database)


def rows() -> None:
    """A table alone."""
    for count in (1_000, 100_000):
        asyncio.run(many_rows(count))


def main(wanted: list[str]) -> None:
    with tempfile.TemporaryDirectory() as folder:
        database = Path(folder) / "risk.db"
        tenant.make(database)
        parts: dict[str, Callable[[], object]] = {
            "first": lambda: first(database),
            "keys": lambda: keys(database),
            "bytes": lambda: traffic(database),
            "idle": lambda: idle(database),
            "stalled": lambda: stalled(database),
            "day": lambda: asyncio.run(day(database)),
            "rows": rows,
            "people": lambda: people(Path(folder)),
        }
        for name, part in parts.items():
            if name in wanted or not (wanted or name == "people"):
                part()


if __name__ == "__main__":
    main(sys.argv[1:])
