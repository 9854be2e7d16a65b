"""One simulated tenant through local, parallel and Spark: seconds, and whether they agree.

python benchmarks/spark.py 200000 ['local[2]'] [ENGINE…]

Lines are late and out of order, files are named by chance. `start` is a scan of one record. Where
others use the machine as well, events for each second of processors say more than those a second.
"""

from __future__ import annotations

import ctypes
import os
import random
import re
import resource
import sqlite3
import subprocess
import sys
import tempfile
import time
from contextlib import suppress
from pathlib import Path
from typing import Any, NamedTuple

ROOT = Path(__file__).resolve().parents[1]
sys.path[:0] = [str(ROOT), str(ROOT / "tests")]

from simulator.disorder import disorder  # noqa: E402
from simulator.logs import write_logs  # noqa: E402
from simulator.tenant import simulate  # noqa: E402

A_DAY = 14
"""Events of one simulated person a day, about."""
DAYS = 22
ENGINES = ("local", "parallel", "spark")
COMPARED = {
    "detections": "SELECT id, detection FROM detections ORDER BY id",
    "users": "SELECT id, user FROM users ORDER BY id",
    "history": "SELECT number, item FROM history ORDER BY number",
    "suppressions": "SELECT user_id, event_id, risk_event_type, suppression FROM suppressions"
    " ORDER BY user_id, event_id, risk_event_type",
    "sign-ins": "SELECT id, sign_in FROM sign_ins ORDER BY id",
    "people": "SELECT id, user_principal_name, user_display_name FROM people ORDER BY id",
    "applications": "SELECT id, detection FROM principal_detections ORDER BY id",
}
SUBREAPER = 36
"""prctl(2): what Spark leaves behind when it ends becomes ours, and its seconds are counted."""
Contents = dict[str, list[tuple[Any, ...]]]


def main() -> None:
    wanted = int(sys.argv[1]) if len(sys.argv) > 1 else 200_000
    master = sys.argv[2] if len(sys.argv) > 2 else "local[2]"
    engines = sys.argv[3:] or ENGINES
    ctypes.CDLL(None).prctl(SUBREAPER, 1)
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        people = max(20, wanted // (A_DAY * DAYS))
        tenant = simulate(7, people=people, days=DAYS, density=0.8)
        write_logs(folder / "logs", tenant.events, tenant.company)
        one = folder / "one"
        one.mkdir()
        first = next(iter(sorted((folder / "logs").rglob("*.json"))))
        (one / "one.json").write_bytes(first.read_bytes().splitlines(keepends=True)[0])
        disorder(folder / "logs", 11)
        size = sum(path.stat().st_size for path in (folder / "logs").iterdir())
        print(
            f"{len(tenant.events):,} events of {people:,} people and their attackers, "
            f"{size / 1e6:,.0f} MB in {len(list((folder / 'logs').iterdir()))} files",
            flush=True,
        )
        expected: Contents = {}
        for engine in engines:
            start = scan(one, folder / f"{engine}-one.db", engine, master)
            database = folder / f"{engine}.db"
            whole = scan(folder / "logs", database, engine, master)
            found = contents(database)
            expected = expected or found
            tell(engine, len(tenant.events), start, whole, cores(engine, master))
            compare(expected, found)


class Spent(NamedTuple):
    """What a run took."""

    seconds: float
    processor: float
    """Seconds of processors."""


def scan(logs: Path, database: Path, engine: str, master: str) -> Spent:
    """Read `logs` with an engine."""
    command = [sys.executable, "-m", "risktui", "scan", str(logs), "--db", str(database)]
    command += ["--engine", engine]
    command += ["--master", master] if engine == "spark" else []
    before, start = _processor(), time.perf_counter()
    done = subprocess.run(command, check=False, capture_output=True, text=True)
    if done.returncode:
        sys.exit(done.stderr[-4000:])
    seconds = time.perf_counter() - start
    return Spent(seconds, _processor() - before)


def _processor() -> float:
    with suppress(ChildProcessError):
        while True:
            os.wait()
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def cores(engine: str, master: str) -> int:
    """How many the engine may use."""
    if engine == "local":
        return 1
    numbers = [int(number) for number in re.findall(r"\d+", master)]
    if engine == "parallel" or not numbers:
        return os.cpu_count() or 1
    return numbers[0] * (numbers[1] if "cluster" in master else 1)


def tell(engine: str, events: int, start: Spent, whole: Spent, used: int) -> None:
    """One line of the table."""
    rate = events / max(0.001, whole.seconds - start.seconds)
    each = events / max(0.001, whole.processor - start.processor)
    print(
        f"{engine:9} {whole.seconds:7.1f} s, start {start.seconds:5.1f} s; then {rate:7,.0f} events"
        f" a second on {used} cores; processors {whole.processor:7.1f} s, start"
        f" {start.processor:5.1f} s; then {each:7,.0f} for each of their seconds",
        flush=True,
    )


def compare(expected: Contents, found: Contents) -> None:
    """Say what agrees, and of what does not show one thing."""
    for name, rows in expected.items():
        if found[name] == rows:
            print(f"          {len(rows):7,} {name}: equal")
            continue
        known = set(rows)
        others = [row for row in found[name] if row not in known]
        missing = len(known - set(found[name]))
        print(f"          {len(rows):7,} {name}: DIFFER, {len(others)} others, {missing} missing")
        for row in random.Random(1).sample(others, min(2, len(others))):
            print(f"            {row}"[:2000])
    sys.stdout.flush()


def contents(database: Path) -> Contents:
    connection = sqlite3.connect(database)
    try:
        return {name: connection.execute(query).fetchall() for name, query in COMPARED.items()}
    finally:
        connection.close()


if __name__ == "__main__":
    main()
