"""Says how long commands take to start, beside a bare interpreter: `python benchmarks/start.py`."""

from __future__ import annotations

import os
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path

RUNS = 7
ENVIRONMENT = {k: v for k, v in os.environ.items() if k != "PYTHONDONTWRITEBYTECODE"}
"""As installed: compiled once, by the first run."""
RECORD = (
    '{"time":"2026-03-02T09:00:00Z","category":"SignInLogs","tenantId":"t","properties":{"id":"1",'
    '"createdDateTime":"2026-03-02T09:00:00Z","userId":"u","userPrincipalName":"a@contoso.com",'
    '"ipAddress":"203.0.113.10","status":{"errorCode":0},"userAgent":"Mozilla/5.0 (Windows '
    'NT 10.0; Win64; x64) Chrome/130.0.0.0 Safari/537.36"}}\n'
)


def best(*arguments: str) -> tuple[float, float]:
    """Milliseconds on the wall and of the processor, of the run that was disturbed least."""
    times = []
    for _ in range(RUNS):
        begin, used = time.perf_counter(), _used()
        subprocess.run(
            [sys.executable, *arguments], check=True, capture_output=True, env=ENVIRONMENT
        )
        times.append(((time.perf_counter() - begin) * 1000, (_used() - used) * 1000))
    return min(wall for wall, _ in times), min(cpu for _, cpu in times)


def _used() -> float:
    children = resource.getrusage(resource.RUSAGE_CHILDREN)
    return children.ru_utime + children.ru_stime


def main() -> None:
    """Measure and print."""
    with tempfile.TemporaryDirectory() as folder:
        log = Path(folder) / "one.json"
        log.write_text(RECORD)
        bare, bare_cpu = best("-c", "pass")
        print(f"{'bare interpreter':24} {bare:6.0f} ms, of the processor {bare_cpu:5.0f}")
        for name, arguments in (
            ("risktui --version", ["--version"]),
            ("risktui --help", ["--help"]),
            ("risktui scan ONE FILE", ["scan", "--json", str(log)]),
        ):
            wall, cpu = best("-m", "risktui", *arguments)
            over = f"{wall - bare:5.0f} and {cpu - bare_cpu:5.0f} over a bare interpreter"
            print(f"{name:24} {wall:6.0f} ms, of the processor {cpu:5.0f}; {over}")


if __name__ == "__main__":
    main()
