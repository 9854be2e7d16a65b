"""How long from a line appended to a watched log to its detection on stdout.

Run: .venv/bin/python benchmarks/append_to_stdout.py [APPENDS]
"""

from __future__ import annotations

import json
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1] / "tests"))

from engine.tenant import TOR, append, configuration, log_file, record


def main() -> None:
    appends = int(sys.argv[1]) if len(sys.argv) > 1 else 50
    with tempfile.TemporaryDirectory() as folder:
        logs = Path(folder) / "logs"
        path = log_file(logs)
        append(path, record(0, "first", TOR, "2026-03-02T09:00:00"))
        engine = subprocess.Popen(
            [
                *(sys.executable, "-m", "risktui", "watch", str(logs), "--json"),
                *("--db", f"{folder}/risktui.db", "--config", str(configuration(Path(folder)))),
            ],
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
        )
        assert engine.stdout is not None
        engine.stdout.readline()  # what was there at the start
        took = []
        for number in range(1, appends + 1):
            time.sleep(0.15)
            begun = time.perf_counter()
            append(
                path, record(number, f"user{number}", TOR, f"2026-03-02T09:{number % 60:02d}:00")
            )
            found = json.loads(engine.stdout.readline())
            took.append((time.perf_counter() - begun) * 1000)
            assert found["userPrincipalName"] == f"user{number}@contoso.com"
        engine.terminate()
        engine.wait()
    took.sort()
    print(
        f"{appends} appends: median {statistics.median(took):.0f} ms,"
        f" p95 {took[int(len(took) * 0.95) - 1]:.0f} ms, worst {took[-1]:.0f} ms"
    )


if __name__ == "__main__":
    main()
