"""One simulated tenant through local, parallel and Spark: seconds, and whether they agree.

python benchmarks/spark.py 200000 ['local[2]']
"""

from __future__ import annotations

import sqlite3
import subprocess
import sys
import tempfile
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
sys.path[:0] = [str(ROOT), str(ROOT / "tests")]

from simulator.logs import write_logs  # noqa: E402
from simulator.tenant import simulate  # noqa: E402

A_DAY = 18
"""Events of one simulated person a day, about."""
DAYS = 22
COMPARED = {
    "detections": "SELECT id, detection FROM detections ORDER BY id",
    "users": "SELECT id, user FROM users ORDER BY id",
    "history": "SELECT number, item FROM history ORDER BY number",
}


def main() -> None:
    wanted = int(sys.argv[1]) if len(sys.argv) > 1 else 200_000
    master = sys.argv[2] if len(sys.argv) > 2 else "local[2]"
    with tempfile.TemporaryDirectory() as folder:
        logs = Path(folder) / "logs"
        tenant = simulate(7, people=max(20, wanted // (A_DAY * DAYS)), days=DAYS, density=0.8)
        write_logs(logs, tenant.events, tenant.company)
        print(f"{len(tenant.events):,} events of {len(tenant.company.people):,} people")
        found = {}
        for engine in ("local", "parallel", "spark"):
            database = Path(folder) / f"{engine}.db"
            command = [sys.executable, "-m", "risktui", "scan", str(logs), "--db", str(database)]
            command += ["--engine", engine]
            command += ["--master", master] if engine == "spark" else []
            start = time.perf_counter()
            subprocess.run(command, check=True, stderr=subprocess.DEVNULL)
            seconds = time.perf_counter() - start
            found[engine] = [
                sqlite3.connect(database).execute(query).fetchall() for query in COMPARED.values()
            ]
            same = found[engine] == found["local"]
            rate, word = len(tenant.events) / seconds, "equal" if same else "DIFFERS"
            print(f"{engine:9} {seconds:7.1f} s {rate:9,.0f} events/s  {word}")


if __name__ == "__main__":
    main()
