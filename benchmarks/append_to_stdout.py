"""How long from a line appended to a watched log to its detection on stdout.

Run: .venv/bin/python benchmarks/append_to_stdout.py [APPENDS] [--rate 500]

With a rate so many sign-ins a second of 200 people are appended besides, of which nothing is found.
"""

from __future__ import annotations

import argparse
import json
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1] / "tests"))

from engine.tenant import HOME, TOR, append, configuration, log_file, record

PEOPLE = 200
EVERY = 0.02
"""Seconds between two appends of the others' sign-ins."""
OTHERS = 10_000_000
"""Numbers of the others' records begin here."""


def main() -> None:
    """The command line."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("appends", type=int, nargs="?", default=50)
    parser.add_argument("--rate", type=float, default=0, help="other records a second")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder, watching(Path(folder)) as (path, engine):
        took = measured(path, engine, options.appends, options.rate)
    took.sort()
    print(
        f"{options.appends} appends among {options.rate:g} records/s:"
        f" median {statistics.median(took):.0f} ms,"
        f" p95 {took[int(len(took) * 0.95) - 1]:.0f} ms,"
        f" p99 {took[int(len(took) * 0.99) - 1]:.0f} ms, worst {took[-1]:.0f} ms"
    )


@contextmanager
def watching(folder: Path) -> Iterator[tuple[Path, subprocess.Popen[bytes]]]:
    """A log, and an engine that follows it and has read what lies there."""
    logs = folder / "logs"
    path = log_file(logs)
    append(path, record(0, "first", TOR, "2026-03-02T09:00:00"))
    engine = subprocess.Popen(
        [
            *(sys.executable, "-m", "risktui", "watch", str(logs), "--json"),
            *("--db", f"{folder}/risktui.db", "--config", str(configuration(folder))),
        ],
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
    )
    assert engine.stdout is not None
    engine.stdout.readline()  # what was there at the start
    yield path, engine
    engine.terminate()
    engine.wait()


def measured(path: Path, engine: subprocess.Popen[bytes], appends: int, rate: float) -> list[float]:
    """Milliseconds of each append."""
    done = threading.Event()
    others = threading.Thread(target=append_others, args=(path, rate, done))
    others.start()
    time.sleep(3 if rate else 0)  # until habits are in memory
    took = []
    assert engine.stdout is not None
    try:
        for number in range(1, appends + 1):
            time.sleep(0.15)
            begun = time.perf_counter()
            when = clock(time.monotonic())
            append(path, record(number, f"user{number}", TOR, when))
            found = json.loads(engine.stdout.readline())
            took.append((time.perf_counter() - begun) * 1000)
            assert found["userPrincipalName"] == f"user{number}@contoso.com"
    finally:
        done.set()
        others.join()
    return took


def append_others(path: Path, rate: float, done: threading.Event) -> None:
    """Append ordinary sign-ins until `done`."""
    begun, written = time.monotonic(), 0
    while rate and not done.wait(EVERY):
        now = time.monotonic()
        due = int((now - begun) * rate)
        who = [f"worker{number % PEOPLE}" for number in range(written, due)]
        numbers = range(OTHERS + written, OTHERS + due)
        pairs = zip(numbers, who, strict=True)
        append(path, *(record(number, name, HOME, clock(now)) for number, name in pairs))
        written = due


def clock(now: float) -> str:
    """A time of the logs that goes on as `now` does."""
    hour, rest = divmod(int(now) % 50_400, 3_600)
    minute, second = divmod(rest, 60)
    return f"2026-03-02T{9 + hour:02d}:{minute:02d}:{second:02d}"


if __name__ == "__main__":
    main()
